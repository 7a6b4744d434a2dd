"""A year of appointments on a fast clock: nobody is forgotten, nobody is reminded of what is off.

Invented people book, or a link worker books for them; appointments are moved, moved again and called off;
people answer their reminders, move abroad, change their language and their wishes, lose a channel, say
stop. All of it goes through the real booking, turns, timers, outbox and the functions delivery is made of,
over a store on disk. Bookings, turns and timers crash after their work and before their commit; the whole
service stops between a commit and the delivery, and in the middle of one, and starts anew.
"""

from __future__ import annotations

import heapq
import random
import tempfile
import time as stopwatch
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.proofs import Figure, Size
from benchmarks.proofs.year_checks import check
from benchmarks.proofs.year_people import (
    LANGUAGES,
    TIMES,
    ZONES,
    Someone,
    comes,
    hired,
    people,
    wishes,
)
from benchmarks.proofs.year_service import BEGINS, Service
from bot.appointments import booking
from bot.appointments.appointment import Appointment
from bot.appointments.slots import Slot
from bot.clock import LONDON
from bot.conversation.turns import TurnFailed
from bot.messages import InboundMessage
from bot.people import contact_points, persons
from bot.store.tables import Meeting, person

PEOPLE = {Size.SMALL: 200, Size.FULL: 10_000}
YEAR = timedelta(days=365)
#: The last appointment is booked so long before the year ends, that what follows it is in the year too.
LAST_BOOKED = YEAR - timedelta(days=32)
EACH_WORKER = 40
KINDS = (
    ("first", Meeting.PHONE),
    ("review", Meeting.PHONE),
    ("visit", Meeting.HOME),
    ("other", Meeting.VIDEO),
)


def prove(size: Size, seed: int) -> list[Figure]:
    """Live through a year. Raises Violated."""
    with tempfile.TemporaryDirectory(prefix="linkline-year-") as folder:
        year = Year(Path(folder), PEOPLE[size], random.Random(seed))
        try:
            return year.lived()
        finally:
            year.store.close()


class Year(Service):
    """The people, and what they and their link workers do in a year."""

    def __init__(self, folder: Path, many: int, chance: random.Random):
        super().__init__(folder, chance)
        self.workers = [self.run(partial(hired, n=n)) for n in range(max(1, many // EACH_WORKER))]
        self.people = people(many, chance)
        for start in range(0, many, 200):
            some = self.people[start : start + 200]
            self.run(lambda unit, some=some: [comes(unit, one) for one in some])
        self.by_conversation = {one.conversation_id: one for one in self.people}
        self.by_person = {one.person_id: one for one in self.people}
        self.by_address = {(c, one.address(c)): one for one in self.people for c in one.channels}
        for one in self.people:
            self.plan(one)

    # -- what people and link workers do ----------------------------------------------------------

    def office_hour(self, day: float) -> datetime:
        """Some working hour, so many days from the beginning."""
        local = (BEGINS + timedelta(days=day)).astimezone(LONDON)
        return local.replace(
            hour=self.chance.randint(9, 16), minute=self.chance.choice((0, 7, 31))
        ).astimezone(UTC)

    def plan(self, one: Someone) -> None:
        """Their year: what they book, and what happens to them."""
        chance, days = self.chance, LAST_BOOKED.days
        for _ in range(chance.randint(1, 3)):
            self.at(self.office_hour(chance.uniform(0, days)), partial(self.books, one))
        for happens, share in (
            (self.goes_abroad, 0.05), (self.changes_language, 0.05), (self.changes_wishes, 0.05),
            (self.loses_a_channel, 0.04), (self.says_stop, 0.03),
        ):  # fmt: skip
            if chance.random() < share:
                self.at(self.office_hour(chance.uniform(0, days)), partial(happens, one))

    def books(self, one: Someone) -> None:
        """By themselves or by a link worker; within the hour or weeks ahead."""
        chance, staff_id = self.chance, self.workers[one.n % len(self.workers)]
        (kind, meeting), by_staff = chance.choice(KINDS), chance.random() < 0.5
        for _ in range(20):
            starts = self.a_time()
            if by_staff:
                work = partial(
                    booking.book, person_id=one.person_id, staff_id=staff_id, starts_at=starts, minutes=30,
                    kind=kind, meeting=meeting, anyway=True,
                )  # fmt: skip
                made = self.run(work, f"staff:{staff_id}")
            else:
                slot = Slot(staff_id, starts, starts + timedelta(minutes=30), meeting, None)
                made = self.run(
                    partial(booking.hold, person_id=one.person_id, slot=slot, kind=kind), "person"
                )
                if isinstance(made, Appointment):
                    made = self.run(partial(booking.confirm, appointment_id=made.id), "person")
            if isinstance(made, Appointment):
                self.counts["booked"] += 1
                return self.what_becomes_of(made)
        self.counts["no time free"] += 1

    def a_time(self) -> datetime:
        """In an hour, tomorrow, or in up to four weeks; on the half hour, when somebody is there."""
        ahead = self.chance.choice((0, 1, 2, self.chance.randint(3, 9), self.chance.randint(3, 28)))
        local = (self.clock.now() + timedelta(days=ahead)).astimezone(LONDON)
        while local.weekday() > 4:
            local += timedelta(days=1)
        hour = self.chance.randint(8, 17) if ahead else min(18, local.hour + 2)
        return local.replace(
            hour=hour, minute=self.chance.choice((0, 30)), second=0, microsecond=0
        ).astimezone(UTC)

    def what_becomes_of(self, made: Appointment) -> None:
        chance, wait = self.chance, made.starts_at - self.clock.now()
        moves = chance.choices((0, 1, 2), weights=(75, 18, 7))[0]
        for _ in range(moves):
            self.later(wait * chance.uniform(0.05, 0.95), partial(self.moves, made.id))
        if chance.random() < 0.12:
            self.later(wait * chance.uniform(0.05, 0.99), partial(self.calls_off, made.id))

    def moves(self, id_: int) -> None:
        by = self.chance.choice(("person", "staff:1"))
        for _ in range(20):
            starts = self.a_time()
            made = self.run(partial(booking.move, appointment_id=id_, starts_at=starts, anyway=True), by)
            if isinstance(made, Appointment):
                self.counts["moved"] += 1
                return
            if made.reason == "off":
                return

    def calls_off(self, id_: int) -> None:
        by = self.chance.choice(("person", "staff:1"))
        self.run(partial(booking.cancel, appointment_id=id_, why="cannot-come"), by)
        self.counts["called off"] += 1

    def goes_abroad(self, one: Someone) -> None:
        one.zone, one.changed = self.chance.choice(ZONES), True
        self.run(lambda unit: unit.change(person, one.person_id, zone=one.zone))
        self.counts["went abroad"] += 1

    def changes_language(self, one: Someone) -> None:
        language = self.chance.choice(LANGUAGES)
        self.run(lambda unit: persons.set_language(unit, one.person_id, language))

    def changes_wishes(self, one: Someone) -> None:
        times, words = self.chance.choice(tuple(TIMES)), self.chance.choice(("plain", "discreet", "none"))
        one.times, one.words, one.changed = times, words, True
        self.run(partial(wishes, one=one))
        self.counts["changed their wishes"] += 1

    def loses_a_channel(self, one: Someone) -> None:
        one.lost.add(one.channels[-1])
        self.counts["lost a channel"] += 1

    def says_stop(self, one: Someone) -> None:
        one.changed = True
        self.run(lambda unit: contact_points.opt_out(unit, one.points[one.channels[-1]], "carrier"))
        self.counts["said stop"] += 1

    def says(self, one: Someone, words: str) -> None:
        """One message, stored, and its turns, however often they crash."""
        self.counts["messages from people"] += 1
        channel = one.channels[-1]
        name = f"{one.n}-{self.counts['messages from people']}"
        received = self.inbox.receive(InboundMessage(channel, name, one.address(channel), words)).result(60)
        while True:
            try:
                took = self.turns.take(received.conversation_id).result(timeout=60)
            except TurnFailed as failure:
                again = self.turns.failed(failure).result(timeout=60)
                if again is not None:
                    self.clock.set(max(again, self.clock.now()))
                continue
            if took.try_at is not None and took.try_at > self.clock.now():
                self.clock.set(took.try_at)
            elif not took.more:
                return

    # -- the year ---------------------------------------------------------------------------------

    def lived(self) -> list[Figure]:
        """All of it, from one thing that happens to the next; and then what became of every reminder."""
        began, self.shaky = stopwatch.monotonic(), True
        ends = BEGINS + YEAR
        while (at := self.next_instant()) <= ends:
            self.clock.set(max(at, self.clock.now()))
            while self.to_come and self.to_come[0][0] <= self.clock.now():
                heapq.heappop(self.to_come)[2]()
            self.timers()
            self.deliver()
        self.shaky = False
        with self.store.reading() as reading:
            figures = check(reading, self.by_person, self.accepted)
        c = self.counts
        moved = f"moved {c['moved']:,} times, {c['called off']:,} called off"
        theirs = ("went abroad", "changed their wishes", "lost a channel", "said stop")
        return [
            Figure("people", f"{len(self.people):,}"),
            Figure("appointments", f"{c['booked']:,}; {moved}"),
            *figures,
            Figure("of the people", ", ".join(f"{c[what]:,} {what}" for what in theirs)),
            Figure("messages from people", f"{c['messages from people']:,}"),
            Figure("crashes before a commit", f"{c['crashes']:,}"),
            Figure("stops, some while sending", f"{c['starts anew']:,}, {c['stopped while sending']:,}"),
            Figure("in", f"{stopwatch.monotonic() - began:.0f} s"),
        ]
