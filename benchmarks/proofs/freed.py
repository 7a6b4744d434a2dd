"""A time comes free: two hundred say yes at once and one has it; and the first are asked within a minute.

Two hundred people wait to come sooner and have all been asked about one freed time, three at a time as the
service asks. Then all say yes at the same moment, each a turn of their own conversation, on SQLite and, where
it is installed, on PostgreSQL. And many times over somebody cannot come while the service is killed at any
statement and started again: the seconds from their message to the first offers in the outbox are counted on
a simulated clock.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from benchmarks.proofs import Figure, Size, must
from benchmarks.proofs.engines import stores
from bot.appointments import booking, freed_time
from bot.appointments.appointment import Appointment
from bot.appointments.calendar import Hours, set_calendar
from bot.casework.staffing import add_staff
from bot.clock import SetClock
from bot.messages import ChannelName, InboundMessage
from bot.people import persons
from bot.people.contact_points import first_contact
from bot.store.engines import Store
from bot.store.sealed import Sealer
from bot.store.tables import (
    AppointmentStatus,
    FreedStatus,
    Handling,
    Safe,
    appointment,
    contact_point,
    freed_offer,
    inbox,
    outbox,
    timer,
)
from bot.store.tables import freed_time as freed_times
from bot.store.timers import Timer
from bot.store.unit_of_work import UnitOfWork
from tests.support.conversation import Conversation
from tests.support.stores import KEYS, LOOKUP_KEY

YESES = {Size.SMALL: 30, Size.FULL: 200}
ROUNDS_OF_YESES = {Size.SMALL: 1, Size.FULL: 5}
ROUNDS_WITH_CRASHES = {Size.SMALL: 6, Size.FULL: 300}

#: How people say yes.
YES = ("yes", "Yes please", "1", "ok", "I'll take it", "yes!!", "i can come", "Yess")

#: Tuesday 3 March 2026, ten in the morning; the time that comes free is on the Monday after.
MORNING = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
FREE_AT = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
MINUTES = 45

#: Killed at most so often in one round, and back after so many seconds each time.
MOST_KILLS, DOWN = 8, (1.0, 5.0)
#: What one step of the service takes at most, on the simulated clock.
STEP = 0.2
WITHIN = 60.0


class Killed(BaseException):
    """The process is gone in the middle of its work."""


def prove(size: Size, seed: int) -> list[Figure]:
    """All say yes at once; then somebody cannot come, again and again, amid crashes. Raises Violated."""
    rng, figures = random.Random(seed), []
    with stores() as engines:
        for name, fresh in engines.items():
            took = [_all_say_yes(fresh, YESES[size], rng) for _ in range(ROUNDS_OF_YESES[size])]
            yeses = f"{ROUNDS_OF_YESES[size]} times {YESES[size]}"
            figures += [
                Figure(f"yeses at once to one freed time, on {name}", yeses),
                Figure(f"bookings of it, on {name}", "1 each time"),
                Figure(
                    f"kind answers to the others, on {name}", f"{YESES[size] - 1} each time, nobody twice"
                ),
                Figure(f"seconds until the last had an answer, on {name}", f"{max(took):.1f} at most"),
            ]
        fresh, seconds, kills = engines["SQLite"], [], 0
        for _ in range(ROUNDS_WITH_CRASHES[size]):
            waited, killed = _somebody_cannot_come(fresh, rng)
            seconds.append(waited)
            kills += killed
    seconds.sort()
    return [
        *figures,
        Figure("times somebody could not come, amid crashes", f"{len(seconds)}, killed {kills} times"),
        Figure(
            'seconds from "can\'t make it" to the first offers queued (simulated clock)',
            f"median {seconds[len(seconds) // 2]:.1f}, most {seconds[-1]:.1f}",
        ),
    ]


# -- all say yes at once ---------------------------------------------------------------------------


def _all_say_yes(fresh: Callable[[], str], many: int, rng: random.Random) -> float:
    """So many yeses to one time; the seconds until all were answered."""
    clock = SetClock(MORNING)
    store = Store(fresh(), Sealer(KEYS, LOOKUP_KEY), clock)
    try:
        service = Conversation(store, clock, languages="en")
        worker = _do(store, lambda unit: _worker(unit))
        ray = _do(store, lambda unit: _somebody(unit, 0, FREE_AT, worker))
        people = [_do(store, lambda unit, n=n: _waits(unit, n, worker)) for n in range(1, many + 1)]
        _says(service, ray, 0, "APPOINTMENT")
        _says(service, ray, 0, "can't make it")
        _until_all_are_asked(service, store, clock, many)
        return _yes_at_once(service, store, people, rng)
    finally:
        store.close()


def _until_all_are_asked(service: Conversation, store: Store, clock: SetClock, many: int) -> None:
    """Three at a time, a quarter of an hour apart, by day."""
    while True:
        _run_due(service)
        asked = _count(store, freed_offer)
        if asked == many:
            break
        with store.reading() as reading:
            mine = (timer.c.done_at.is_(None), timer.c.kind == freed_time.LOOK)
            soonest = reading.execute(select(func.min(timer.c.due_at)).where(*mine)).scalar()
        must(soonest is not None and soonest < FREE_AT, f"only {asked} of {many} were ever asked")
        clock.set(max(soonest, clock.now()))
    queued = _count(store, outbox, outbox.c.prompt == "freed_time.offered")
    must(queued == many, f"{queued} offers were queued to {many} people")


def _yes_at_once(
    service: Conversation, store: Store, people: list[tuple[int, int]], rng: random.Random
) -> float:
    before = _count(store, outbox)
    rng.shuffle(people)
    stored = [
        service.inbox.receive(InboundMessage(ChannelName.SMS, f"yes-{n}", _number(n), rng.choice(YES)))
        for n, _ in people
    ]
    for one in stored:
        one.result(timeout=60)
    began = time.monotonic()
    turns: list[Future[Any]] = [service.turns.take(conversation_id) for _, conversation_id in people]
    for turn in turns:
        must(turn.result(timeout=120).inbox_id is not None, "somebody's yes had no turn")
    took = time.monotonic() - began
    _run_due(service)
    _one_has_it(store, len(people), before)
    return took


def _one_has_it(store: Store, many: int, before: int) -> None:
    """One booking, a kind answer for everybody else, nobody answered twice or not at all."""
    at_that_time = (appointment.c.starts_at == FREE_AT, appointment.c.status == AppointmentStatus.BOOKED)
    must(_count(store, appointment, *at_that_time) == 1, "it was not booked by exactly one")
    with store.reading() as reading:
        handled = reading.execute(
            select(func.count()).select_from(inbox).where(inbox.c.handling != Handling.HANDLED)
        ).scalar_one()
        said = reading.execute(
            select(outbox.c.conversation_id, outbox.c.prompt).order_by(outbox.c.id).offset(before)
        ).all()
        (time_,) = reading.execute(select(freed_times).where(freed_times.c.starts_at == FREE_AT)).all()
    must(handled == 0, f"{handled} messages had no turn")
    answers = [prompt for _, prompt in said]
    must(answers.count("appointment.confirmed") == 1, "not exactly one heard that it is theirs")
    must(answers.count("freed_time.gone") == many - 1, "not all the others heard that it has gone")
    must(len(said) == many, f"{len(said)} answers to {many} people")
    must(len({conversation_id for conversation_id, _ in said}) == many, "somebody was answered twice")
    must(time_.status == FreedStatus.TAKEN and time_.taken_by is not None, "the time is not taken")
    _nobody_double_booked(store)


def _nobody_double_booked(store: Store) -> None:
    with store.reading() as reading:
        rows = reading.execute(
            select(appointment.c.staff_id, appointment.c.starts_at, appointment.c.ends_at)
            .where(appointment.c.status == AppointmentStatus.BOOKED)
            .order_by(appointment.c.staff_id, appointment.c.starts_at)
        ).all()
    for one, after in pairwise(rows):
        must(one.staff_id != after.staff_id or one.ends_at <= after.starts_at, "two have the same time")


# -- amid crashes ----------------------------------------------------------------------------------


def _somebody_cannot_come(fresh: Callable[[], str], rng: random.Random) -> tuple[float, int]:
    """One round; the simulated seconds until the first offers were queued, and how often it was killed."""
    clock = SetClock(MORNING + timedelta(days=rng.randint(0, 2), minutes=rng.randint(0, 9 * 60)))
    crashing = _Crashing(fresh(), clock, rng)
    try:
        worker = _do(crashing.store, lambda unit: _worker(unit))
        ray = _do(crashing.store, lambda unit: _somebody(unit, 0, FREE_AT, worker))
        people = [_do(crashing.store, lambda unit, n=n: _waits(unit, n, worker)) for n in range(1, 8)]
        _says(crashing.service, ray, 0, "APPOINTMENT")
        crashing.hears(ray, 0, "can't make it")
        said_at = clock.now()
        crashing.works_until_quiet()
        waited = _first_queued(crashing.store, said_at)
        must(waited <= WITHIN, f"the first were asked after {waited:.0f} seconds")
        _says_yes(crashing, people, rng)
        return waited, crashing.kills
    finally:
        crashing.store.close()


def _first_queued(store: Store, said_at: datetime) -> float:
    with store.reading() as reading:
        rows = reading.execute(
            select(outbox.c.conversation_id, outbox.c.created_at).where(
                outbox.c.prompt == "freed_time.offered"
            )
        ).all()
    must(len(rows) == freed_time.TOLD_AT_ONCE, f"{len(rows)} were asked at first")
    must(len({row.conversation_id for row in rows}) == len(rows), "somebody was asked twice")
    return (max(row.created_at for row in rows) - said_at).total_seconds()


def _says_yes(crashing: _Crashing, people: list[tuple[int, int]], rng: random.Random) -> None:
    """One of those asked says yes, amid more crashes; each of the others hears once that it has gone."""
    with crashing.store.reading() as reading:
        asked = set(
            reading.execute(
                select(outbox.c.conversation_id).where(outbox.c.prompt == "freed_time.offered")
            ).scalars()
        )
        first = [(n, id_) for n, id_ in people if id_ in asked]
    # As it is once they have left: what is taken back in time is never heard of.
    _do(crashing.store, lambda unit: unit.execute(outbox.update().values(status="sent", rank=30)))
    crashing.clock.forward(seconds=rng.uniform(1, 120))
    n, winner = rng.choice(first)
    crashing.kills_left = MOST_KILLS
    crashing.hears(winner, n, rng.choice(YES))
    crashing.works_until_quiet()
    with crashing.store.reading() as reading:
        said = reading.execute(select(outbox.c.conversation_id, outbox.c.prompt)).all()
    for _, conversation_id in first:
        heard = [prompt for id_, prompt in said if id_ == conversation_id]
        wanted = "appointment.confirmed" if conversation_id == winner else "freed_time.gone_first"
        must(heard.count(wanted) == 1, f"somebody heard {wanted} {heard.count(wanted)} times")
    _nobody_double_booked(crashing.store)


class _Crashing:
    """The service, killed now and then at any statement and started again on what it had written."""

    def __init__(self, url: str, clock: SetClock, rng: random.Random):
        self.url, self.clock, self.rng = url, clock, rng
        self.kills, self.kills_left = 0, MOST_KILLS
        self._start()

    def _start(self) -> None:
        self.store = Store(self.url, Sealer(KEYS, LOOKUP_KEY), self.clock)
        self.service = Conversation(self.store, self.clock, languages="en")

    def hears(self, conversation_id: int, n: int, text: str) -> None:
        """A message is stored; its turn is yet to come."""
        message = InboundMessage(ChannelName.SMS, f"{n}-{text}-{self.clock.now()}", _number(n), text)
        self.service.inbox.receive(message).result(timeout=30)

    def works_until_quiet(self) -> None:
        """Turns and timers, one after another, whatever happens in between."""
        while True:
            waiting = self.service.turns.waiting()
            due = [one for one in self.service.due.waiting() if one.kind in _KINDS]
            if not waiting and not due:
                return
            if waiting:
                self._try(lambda unit, id_=waiting[0]: self.service.turns.turn(unit, id_), "person")
            else:
                self._try(lambda unit, one=due[0]: _due_turn(self.service, unit, one), "timer")

    def _try(self, work: Callable[[UnitOfWork], Any], acting: str) -> None:
        self.clock.forward(seconds=self.rng.uniform(0.01, STEP))
        dies_at = self.rng.randint(1, 40) if self.kills_left and self.rng.random() < 0.5 else 0
        try:
            self.store.run(lambda unit: work(_mortal(unit, dies_at)), acting=acting).result(timeout=60)
        except Killed:
            self.kills += 1
            self.kills_left -= 1
            self.store.close()
            self.clock.forward(seconds=self.rng.uniform(*DOWN))
            self._start()


#: What this proof is about; reminders are another's.
_KINDS = frozenset({freed_time.LOOK, freed_time.TELL})


def _due_turn(service: Conversation, unit: UnitOfWork, one: Timer) -> str:
    return service.due.turn(unit, one.id)


def _mortal(unit: UnitOfWork, dies_at: int) -> UnitOfWork:
    """The same unit, which dies at its so-manyth statement; never where that is nought."""
    if not dies_at:
        return unit
    left = [dies_at]

    def dying(does: Callable[..., Any]) -> Callable[..., Any]:
        def do(*args: Any, **kwargs: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return does(*args, **kwargs)

        return do

    unit.execute, unit.insert = dying(unit.execute), dying(unit.insert)  # type: ignore[method-assign]
    unit.audit, unit.change = dying(unit.audit), dying(unit.change)  # type: ignore[method-assign]
    return unit


# -- who there is ----------------------------------------------------------------------------------


def _worker(unit: UnitOfWork) -> int:
    """Somebody people may book, on any day."""
    staff_id = add_staff(unit, "amina@ashby.example", "Amina Shah", "link-worker")
    nine, five = datetime(2026, 1, 1, 9).time(), datetime(2026, 1, 1, 17).time()
    set_calendar(
        unit, staff_id, hours=[Hours(day, nine, five) for day in range(7)], open_to_people=True, gap_minutes=0
    )
    return staff_id


def _somebody(unit: UnitOfWork, n: int, starts_at: datetime | None, worker: int) -> int:
    """Somebody whose phone is their own, with this time where there is one; their conversation."""
    point = first_contact(unit, ChannelName.SMS, _number(n), language="en", zone="Europe/London")
    unit.change(contact_point, point.id, safe=Safe.ONLY_ME, last_inbound_at=unit.now - timedelta(days=1))
    persons.call(unit, point.person_id, "Ray")
    persons.agreed(unit, point.person_id)
    if starts_at is not None:
        booked = booking.book(
            unit, point.person_id, worker, starts_at, minutes=MINUTES, kind="review", meeting="phone"
        )
        must(isinstance(booked, Appointment), f"person {n} could not be booked")
    return point.conversation_id


def _waits(unit: UnitOfWork, n: int, worker: int) -> tuple[int, int]:
    """They would come sooner; every other one has a later time. Their number, and their conversation."""
    later = FREE_AT + timedelta(days=1 + n // 16, minutes=MINUTES * (n % 16 // 2)) if n % 2 else None
    conversation_id = _somebody(unit, n, later, worker)
    person_id = unit.execute(
        select(contact_point.c.person_id).where(contact_point.c.id == conversation_id)
    ).scalar_one()
    freed_time.wait_for_earlier(unit, person_id)
    return n, conversation_id


def _number(n: int) -> str:
    # Drama numbers end at 999; a proof that texts nobody needs more than that, so 07700 9 and five digits.
    return f"+4477009{n:05d}"


def _says(service: Conversation, conversation_id: int, n: int, text: str) -> None:
    message = InboundMessage(ChannelName.SMS, f"{n}-{text}", _number(n), text)
    service.inbox.receive(message).result(timeout=30)
    service.turns.take(conversation_id).result(timeout=30)


def _run_due(service: Conversation) -> None:
    while due := [one for one in service.due.waiting(1000) if one.kind in _KINDS]:
        for one in due:
            service.due.take(one).result(timeout=60)


def _count(store: Store, table: Any, *where: Any) -> int:
    with store.reading() as reading:
        return reading.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def _do(store: Store, work: Callable[[UnitOfWork], Any]) -> Any:
    return store.run(work, acting="proof").result(timeout=60)
