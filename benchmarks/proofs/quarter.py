"""A quarter on a fast clock: every suggestion somebody said yes to ends somewhere, whatever happens.

Invented people talk with the real service, through its real turns and timers, over a store on disk. They
answer, are silent, wander off, say stop, are in danger; services move their sessions, close, fill up and
free places; services say by their link whether somebody came; link workers hold conversations; turns and
timers crash after their work and before their commit; the whole service starts anew. At the end each yes
is attended, not attended with a reason, or a task for a link worker.
"""

from __future__ import annotations

import random
import tempfile
import time as stopwatch
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from benchmarks.proofs import Figure, Size, must
from benchmarks.proofs.quarter_people import GOT_THERE, KINDS, REPLIES, WANDERING, Someone
from benchmarks.proofs.quarter_town import BEGINS, DAYS, OUTWARD, WANTS, added, directory
from benchmarks.proofs.shaky import Crash, ShakyDue, ShakyTurns
from bot.app import ROOT, make_voice
from bot.casework.handoffs import open_handoff_of
from bot.casework.staffing import add_staff
from bot.clock import SetClock
from bot.conversation.inbox import Inbox
from bot.conversation.quiet import QUIET_BEFORE, QUIET_FROM
from bot.conversation.staff_turns import StaffTurns
from bot.conversation.turns import TurnFailed
from bot.directory import onward, outcomes, services
from bot.directory.details import Schedule
from bot.messages import ChannelName, InboundMessage, Status
from bot.people import contact_points, persons
from bot.settings import Settings
from bot.store import migrations
from bot.store.engines import Store, make_engine
from bot.store.sealed import Sealer
from bot.store.tables import (
    Outcome,
    Safe,
    SuggestionStatus,
    onward_referral,
    outbox,
    service,
    suggestion,
    task,
    timer,
)
from bot.store.timers import Timer
from bot.store.unit_of_work import UnitOfWork
from bot.words.languages import Languages
from bot.worker.loops import _set_back

PEOPLE = {Size.SMALL: 40, Size.FULL: 1000}
#: A quarter in which people come and talk, and then the time in which the last of them is followed up.
QUARTER, AFTERWARDS = 91, 100


def prove(size: Size, seed: int) -> list[Figure]:
    """Live through a quarter. Raises Violated."""
    with tempfile.TemporaryDirectory(prefix="linkline-quarter-") as folder:
        quarter = Quarter(Path(folder), PEOPLE[size], random.Random(seed))
        try:
            return quarter.lived()
        finally:
            quarter.store.close()


class Quarter:
    """The service, its people, and three months."""

    def __init__(self, folder: Path, people: int, chance: random.Random):
        self.url = f"sqlite:///{folder / 'quarter.db'}"
        engine = make_engine(self.url)
        migrations.upgrade(engine)
        engine.dispose()
        self.chance = chance
        self.clock = SetClock(BEGINS)
        self.settings = Settings.load(_env_file=None, languages="en", opening_hours="Mon-Fri 09:00-17:00")
        self.languages = Languages.load(ROOT / "locales", only=["en"])
        self.voice = make_voice(self.settings, self.languages, self.clock)
        self.counts: Counter[str] = Counter()
        self.shaky = False
        self.open_store()
        self.staff_id = self.run(lambda unit: add_staff(unit, "ann@ashby.example", "Ann Lee", "link-worker"))
        self.services = [self.run(partial(added, details=one)) for one in directory(people, chance)]
        kinds = [kind for kind, share in KINDS.items() for _ in range(share)]
        self.people = [
            Someone(n, chance.choice(kinds), chance.choice([ChannelName.SMS, ChannelName.TELEGRAM]))
            for n in range(1, people + 1)
        ]
        self.by_conversation = {self.comes(one): one for one in self.people}
        self.seen = 0

    # -- the service ------------------------------------------------------------------------------

    def open_store(self) -> None:
        """As the service starts."""
        sealer = Sealer(("dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",), "proofs only")
        self.store = Store(self.url, sealer, self.clock)
        self.inbox = Inbox(self.store, self.languages, self.settings)
        self.turns, self.due = ShakyTurns(self.store, self.voice), ShakyDue(self.store, self.voice)
        self.turns.shake = self.due.shake = self.shake
        self.staff = StaffTurns(self.store, self.voice)

    def shake(self) -> None:
        """One in fifty."""
        if self.shaky and self.chance.random() < 0.02:
            self.counts["crashes"] += 1
            raise Crash

    def run(self, work: Callable[[UnitOfWork], Any], acting: str = "system") -> Any:
        """Some work on disk."""
        return self.store.run(work, acting=acting).result(timeout=60)

    def comes(self, one: Someone) -> int:
        """They were referred some day, and a link worker has been in touch."""

        def work(unit: UnitOfWork) -> tuple[int, int]:
            point = contact_points.first_contact(
                unit, one.channel, one.address, language="en", zone="Europe/London"
            )
            safe = Safe.SHARED if one.kind == "shared" else Safe.ONLY_ME
            contact_points.set_safe(unit, point.id, safe)
            persons.call(unit, point.person_id, f"Ray {one.n}")
            persons.agreed(unit, point.person_id)
            persons.plan_contact(unit, point.person_id, outward=self.chance.choice(OUTWARD))
            return point.person_id, point.conversation_id

        one.person_id, one.conversation_id = self.run(work)
        begins = BEGINS + timedelta(days=self.chance.uniform(0, QUARTER - 25), hours=3)
        one.to_say.append((begins, "", "MENU"))
        return one.conversation_id

    # -- three months -----------------------------------------------------------------------------

    def lived(self) -> list[Figure]:
        """All of it, an hour at a time, and then what became of every yes."""
        began = stopwatch.monotonic()
        self.shaky = True
        for day in range(QUARTER + AFTERWARDS):
            midnight = BEGINS + timedelta(days=day)
            if day < QUARTER:
                self.things_happen()
            if day % 30 == 15:
                self.store.close()
                self.open_store()
                self.counts["starts anew"] += 1
            for hour in range(14) if day < QUARTER + 21 else (2, 4, 8):
                self.clock.set(midnight + timedelta(hours=hour))
                self.timers()
                self.listen()
                if day < QUARTER + 21:
                    self.people_write()
            self.run(outcomes.remember)
        self.shaky = False
        self.timers()
        return self.ends(stopwatch.monotonic() - began)

    def timers(self) -> None:
        """Everything due; what crashes is set back, as the loop does."""
        while waiting := self.due.waiting(200):
            for one in waiting:
                self.take(one)

    def take(self, one: Timer) -> None:
        try:
            self.due.take(one).result(timeout=60)
        except Crash:
            self.run(partial(_set_back, one))

    def listen(self) -> None:
        """What reached people since: each question is answered some time, or never."""
        with self.store.reading() as reading:
            rows = reading.execute(
                select(outbox.c.id, outbox.c.conversation_id, outbox.c.prompt, outbox.c.status)
                .where(outbox.c.id > self.seen)
                .order_by(outbox.c.id)
            ).all()
        for row in rows:
            self.seen = row.id
            who = self.by_conversation.get(row.conversation_id)
            if who is not None and row.status is not Status.NOT_SENT and row.prompt:
                self.hears(who, row.prompt.replace("discreet__", ""))

    def hears(self, who: Someone, prompt: str) -> None:
        chance, now = self.chance, self.clock.now()
        soon = now + timedelta(hours=chance.choice([0, 0, 0, 1, 5, 30]))
        if prompt == "find_support.wants":
            text = chance.choice(WANTS)
        elif prompt == "got_there.asked":
            if who.kind not in GOT_THERE or chance.random() < 0.1:
                self.counts["never answered"] += 1
                return
            text, soon = chance.choice(GOT_THERE[who.kind]), now + timedelta(hours=chance.choice([0, 3, 60]))
        elif prompt in REPLIES:
            text = chance.choice(REPLIES[prompt])
            if who.kind == "silent" and prompt.startswith(("got_there", "place_free")):
                return
        else:
            return
        if who.kind == "wanders" and chance.random() < 0.3:
            who.to_say.append((now, "", chance.choice(WANDERING)))
        who.to_say.append((soon, prompt, text))

    def people_write(self) -> None:
        now = self.clock.now()
        for who in self.people:
            due = [said for said in who.to_say if said[0] <= now]
            for said in due:
                who.to_say.remove(said)
                self.says(who, said[2])
                if said[1].endswith((".tell_or_go", ".may_tell")) and who.kind in ("stops", "in danger"):
                    stop = who.kind == "stops"
                    self.says(who, "please stop" if stop else "I want to kill myself")
                    who.to_say.clear()
                    break

    def says(self, who: Someone, text: str) -> None:
        """One message, stored, and its turns, however often they crash."""
        self.counts["messages"] += 1
        message = InboundMessage(who.channel, f"{who.n}-{self.counts['messages']}", who.address, text)
        received = self.inbox.receive(message).result(timeout=60)
        while True:
            try:
                took = self.turns.take(received.conversation_id).result(timeout=60)
            except TurnFailed as failure:
                again = self.turns.failed(failure).result(timeout=60)
                if again is not None and again > self.clock.now():
                    self.clock.set(again)
                continue
            if took.try_at is not None and took.try_at > self.clock.now():
                self.clock.set(took.try_at)
            elif not took.more:
                return

    # -- the world --------------------------------------------------------------------------------

    def things_happen(self) -> None:
        """A day's share of what services and link workers do."""
        chance = self.chance
        each = [
            (self.a_session_moves, 0.5), (self.one_stops, 0.12), (self.one_reopens, 0.08),
            (self.places_come, 0.6), (self.a_service_says, 0.9), (self.a_worker_holds, 0.4),
        ]  # fmt: skip
        for happens, how_often in each:
            times = len(self.people) / 400 * how_often
            for _ in range(int(times) + (chance.random() < times % 1)):
                happens()

    def a_session_moves(self) -> None:
        moved = (Schedule(byday=self.chance.choice(DAYS), opens_at="14:00"),)
        self.correct(schedules=moved)
        self.counts["sessions moved"] += 1

    def one_stops(self) -> None:
        which = self.chance.choice([services.pause, services.close])
        service_id = self.chance.choice(self.services)
        self.run(lambda unit: which(unit, service_id, self.staff_id))
        self.counts["services stopped"] += 1

    def one_reopens(self) -> None:
        self.run(lambda unit: services.reopen(unit, self.chance.choice(self.services), self.staff_id))

    def places_come(self) -> None:
        self.correct(places_left=self.chance.choice([0, 1, 2, 3]))

    def correct(self, **changed: Any) -> None:
        which = self.chance.choice(self.services)
        self.run(lambda unit: services.correct(unit, which, self.staff_id, **changed), "staff:1")

    def a_service_says(self) -> None:
        with self.store.reading() as reading:
            going = [
                row.id
                for row in reading.execute(
                    select(onward_referral.c.id).where(
                        onward_referral.c.outcome.is_(None), onward_referral.c.kind == "referred"
                    )
                )
            ]
        if going:
            token = self.run(lambda unit: onward.new_link(unit, self.chance.choice(going)))
            what = self.chance.choice(onward.SAYS)
            at = self.clock.now() + timedelta(days=self.chance.randint(1, 9)) if what == "moved" else None
            says = partial(onward.provider_says, token=token, what=what, session_at=at)
            self.counts["services said"] += bool(self.run(says, "provider"))

    def a_worker_holds(self) -> None:
        """Somebody asks for a person; a link worker holds it for days."""
        who = self.chance.choice(self.people)
        if who.kind in ("stops", "in danger"):
            return
        self.says(who, "person")
        with self.store.reading() as reading:
            handoff = open_handoff_of(reading, who.conversation_id)
        if handoff is not None:
            with suppress(Exception):
                self.staff.pick_up(handoff.id, self.staff_id).result(timeout=60)
                self.counts["held by a link worker"] += 1

    # -- what became of it ------------------------------------------------------------------------

    def ends(self, seconds: float) -> list[Figure]:
        """Every yes has an end; nobody was asked who must not be; no place went twice."""
        with self.store.reading() as reading:
            going = reading.execute(select(onward_referral)).all()
            tasks = set(reading.execute(select(task.c.id)).scalars())
            accepted = set(
                reading.execute(
                    select(suggestion.c.id).where(suggestion.c.status == SuggestionStatus.ACCEPTED)
                ).scalars()
            )
            told = reading.execute(
                select(outbox.c.conversation_id, outbox.c.created_at, outbox.c.status, outbox.c.prompt).where(
                    outbox.c.purpose == "support"
                )
            ).all()
            fewest = reading.execute(select(func.min(service.c.places_left))).scalar()
            failed = reading.execute(
                select(func.count()).where(timer.c.result == "failed", timer.c.kind == "got-there")
            ).scalar_one()
        must(len(going) > 0, "nobody said yes to anything")
        for one in going:
            must(one.outcome is not None, f"onward referral {one.id} ended nowhere")
            reason = one.outcome is not Outcome.NOT_ATTENDED or bool(one.why)
            must(reason, f"onward referral {one.id} was not attended, and nobody knows why")
            has_task = one.outcome is not Outcome.TASK or one.task_id in tasks
            must(has_task, f"onward referral {one.id} is nobody's task")
        at = {(one.person_id, one.service_id) for one in going}
        with self.store.reading() as reading:
            lost = [
                row.id
                for row in reading.execute(select(suggestion).where(suggestion.c.id.in_(accepted)))
                if (row.person_id, row.service_id) not in at
            ]
        must(not lost, f"suggestions {lost} were accepted, and nothing followed")
        zone = self.settings.hours.zone
        for one in told:
            hour = one.created_at.astimezone(zone).hour
            must(QUIET_BEFORE <= hour < QUIET_FROM, f"conversation {one.conversation_id} was woken at {hour}")
            who = self.by_conversation[one.conversation_id]
            sent = one.status is not Status.NOT_SENT
            must(not (sent and who.kind == "shared"), f"conversation {one.conversation_id} is shared")
        must(fewest is None or fewest >= 0, "a place was given away twice")
        ended = Counter(one.outcome.value for one in going if one.outcome is not None)
        return [
            Figure("people", str(len(self.people))),
            Figure("said yes to a service", str(len(going))),
            Figure("of those, ended", f"{100 * sum(ended.values()) / len(going):.0f} %"),
            Figure("attended", str(ended["attended"])),
            Figure("not attended, with a reason", str(ended["not-attended"])),
            Figure("a task for a link worker", str(ended["task"])),
            Figure("said by services", str(self.counts["services said"])),
            Figure("questions never answered", str(self.counts["never answered"])),
            Figure("sessions moved", str(self.counts["sessions moved"])),
            Figure("services stopped", str(self.counts["services stopped"])),
            Figure("crashes", f"{self.counts['crashes']}, and {self.counts['starts anew']} starts anew"),
            Figure("timers set aside and remembered", str(failed)),
            Figure("messages", f"{self.counts['messages']} in {seconds:.0f} s"),
        ]
