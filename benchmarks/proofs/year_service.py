"""The service of a simulated year: its parts over a store on disk, and how it crashes and starts anew."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, select, text

from benchmarks.proofs import must
from benchmarks.proofs.shaky import Crash, ShakyDue, ShakyTurns
from benchmarks.proofs.year_checks import OURS
from benchmarks.proofs.year_people import ANSWERED, ANSWERS, LANGUAGES, Someone
from bot.app import ROOT, make_voice
from bot.appointments.appointment import appointment_of
from bot.clock import SetClock
from bot.conversation.inbox import Inbox
from bot.delivery import fallback, taking
from bot.delivery.deliver import Deliverer
from bot.delivery.settling import settle
from bot.delivery.taking import Taken, Wanted
from bot.delivery.throttle import Room
from bot.messages import ChannelName, OutboundMessage, Outcome, Refused, Sent, Status
from bot.settings import Settings
from bot.store import migrations
from bot.store.engines import Store, make_engine
from bot.store.sealed import Sealer
from bot.store.tables import AppointmentStatus, outbox, timer
from bot.store.unit_of_work import UnitOfWork
from bot.words.languages import Languages
from bot.worker.loops import _set_back

#: The day it all begins.
BEGINS = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
#: Of a hundred units of work, turns and timers so many crash; of deliveries, of a thousand.
CRASH, CRASH_DELIVERING, BUSY = 0.02, 0.004, 0.005
LEASE = timedelta(seconds=60)
_ALL = Room(float("inf"), frozenset())
_SOONEST_TIMER = select(func.min(timer.c.due_at)).where(timer.c.done_at.is_(None))
_SOONEST_MESSAGE = select(func.min(outbox.c.due_at)).where(
    text("rank < 30"), outbox.c.rank == 0, outbox.c.due_at > bindparam("after")
)


class StandIn:
    """Twilio or Telegram: it takes what is handed to it, unless that channel of theirs is lost."""

    def __init__(self, service: Service, channel: ChannelName):
        self.service, self.channel = service, channel

    async def send(self, message: OutboundMessage) -> Outcome:
        return self.service.handed(message)

    async def look_for(self, message: OutboundMessage, since: datetime) -> Sent | None:
        return Sent(f"year-{message.id}") if self.service.accepted[message.id] else None

    async def close(self) -> None:
        pass


class Service:
    """The service, its clock, and the providers it sends through."""

    def __init__(self, folder: Path, chance: random.Random):
        self.url = f"sqlite:///{folder / 'year.db'}"
        engine = make_engine(self.url)
        migrations.upgrade(engine)
        engine.dispose()
        self.chance, self.clock = chance, SetClock(BEGINS)
        self.settings = Settings.load(_env_file=None, opening_hours="Mon-Fri 09:00-17:00")
        self.languages = Languages.load(ROOT / "locales", only=LANGUAGES)
        self.voice = make_voice(self.settings, self.languages, self.clock)
        self.counts: Counter[str] = Counter()
        self.accepted: Counter[int] = Counter()  # how often the provider took each message
        self.to_come: list[tuple[datetime, int, Callable[[], None]]] = []
        self.order, self.shaky, self.queued = itertools.count(), False, False
        self.left_at = BEGINS - timedelta(days=1)  # nothing that was due then is left
        self.by_address: dict[tuple[ChannelName, str], Someone] = {}
        self.by_conversation: dict[int, Someone] = {}
        self.open_store()

    # -- the service ------------------------------------------------------------------------------

    def open_store(self) -> None:
        """As the service starts: it knows what is on disk, and nothing else."""
        sealer = Sealer(("eWVhci1vbmx5LXllYXItb25seS15ZWFyLW9ubHktISE=",), "proofs only")
        self.store = Store(self.url, sealer, self.clock)
        self.store.listen(lambda topics: setattr(self, "queued", self.queued or "outbox" in topics))
        self.inbox = Inbox(self.store, self.languages, self.settings)
        self.turns, self.due = ShakyTurns(self.store, self.voice), ShakyDue(self.store, self.voice)
        self.turns.shake = self.due.shake = self.shake
        self.channels = {c: StandIn(self, c) for c in (ChannelName.SMS, ChannelName.TELEGRAM)}
        self.deliverer = Deliverer(self.store, self.channels, self.settings, self.clock)
        self.setting = fallback.Setting(frozenset(self.channels), self.settings.hours)
        self.queued = True

    def starts_anew(self) -> None:
        """The process is gone, with all it had in memory; a minute later what it left is seen to."""
        self.counts["starts anew"] += 1
        self.store.close()
        self.open_store()
        self.later(timedelta(seconds=61), self.see_to_what_was_left)

    def see_to_what_was_left(self) -> None:
        """What was half-way out of the door: looked for, sent again, or left to a human."""
        asyncio.run(self.deliverer.sweep())
        self.queued = True

    def shake(self) -> None:
        if self.shaky and self.chance.random() < CRASH:
            self.counts["crashes"] += 1
            raise Crash

    def run(self, work: Callable[[UnitOfWork], Any], acting: str = "system") -> Any:
        """Some work on disk, done again when it crashed before its commit."""

        def shaken(unit: UnitOfWork) -> Any:
            came = work(unit)
            self.shake()
            return came

        while True:
            try:
                return self.store.run(shaken, acting=acting).result(timeout=60)
            except Crash:
                continue

    def later(self, wait: timedelta, happens: Callable[[], None]) -> None:
        heapq.heappush(self.to_come, (self.clock.now() + wait, next(self.order), happens))

    def at(self, when: datetime, happens: Callable[[], None]) -> None:
        heapq.heappush(self.to_come, (when, next(self.order), happens))

    def next_instant(self) -> datetime:
        """When the next thing happens: something somebody does, a timer, a message tried again."""
        with self.store.reading() as reading:
            soonest = [
                reading.execute(_SOONEST_TIMER).scalar(),
                reading.execute(_SOONEST_MESSAGE, {"after": self.left_at}).scalar(),
            ]
        if soonest[1] is not None:
            self.queued = True
        instants = [at for at in soonest if at is not None] + ([self.to_come[0][0]] if self.to_come else [])
        return min(instants, default=datetime.max.replace(tzinfo=UTC))

    def timers(self) -> None:
        """Everything due; what crashes is set back, as the loop does."""
        while waiting := self.due.waiting(200):
            for one in waiting:
                try:
                    self.due.take(one).result(timeout=60)
                except Crash:
                    self.store.run(partial(_set_back, one), acting="system").result(timeout=60)

    def deliver(self) -> None:
        """What waits leaves; now and then the process stops before that, or in the middle of it."""
        if not self.queued:
            return
        if self.shaky and self.chance.random() < CRASH_DELIVERING:
            self.starts_anew()
        self.queued = False
        wanted = {channel: Wanted(64, 0, _ALL) for channel in self.channels}
        while True:
            taken, _ = self.store.run(
                lambda unit: taking.take(unit, wanted, LEASE), acting="delivery"
            ).result(timeout=60)
            if not taken:
                # What was due and is there still waits for one before it, which has an instant of its own.
                self.left_at = self.clock.now()
                break
            self.may_go(taken)
            outcomes = []
            for one in taken:
                if self.shaky and self.chance.random() < CRASH_DELIVERING:
                    self.counts["stopped while sending"] += 1
                    if self.chance.random() < 0.5:
                        self.handed(one.opened(self.store.sealer))
                    return self.starts_anew()
                outcomes.append((one, self.handed(one.opened(self.store.sealer))))
            self.store.run(partial(settle, results=outcomes), acting="delivery").result(timeout=60)
        with self.store.reading() as reading:
            left = fallback.to_look_after(reading, None, 1000)
        for id_ in left:
            self.store.run(
                lambda unit, id_=id_: fallback.look_after(unit, id_, self.setting), acting="delivery"
            ).result(timeout=60)
        if left:
            self.queued = True
            self.deliver()

    def handed(self, message: OutboundMessage) -> Outcome:
        """A provider has it in its hands."""
        if self.chance.random() < BUSY:
            return Refused("503", Status.TEMPORARY_FAILURE)
        who = self.by_address[message.channel, message.address]
        if message.channel in who.lost:
            return Refused("403", Status.PERMANENT_FAILURE, unreachable=True)
        self.accepted[message.id] += 1
        self.answers(who, message)
        return Sent(f"year-{message.id}")

    def answers(self, who: Someone, message: OutboundMessage) -> None:
        with self.store.reading() as reading:
            prompt = reading.execute(select(outbox.c.prompt).where(outbox.c.id == message.id)).scalar()
        said = ANSWERS.get((prompt or "").replace("discreet__", ""))
        if said and self.chance.random() < ANSWERED:
            wait = timedelta(minutes=self.chance.choice((2, 30, 300)))
            self.later(wait, partial(self.says, who, self.chance.choice(said)))

    def may_go(self, taken: list[Taken]) -> None:
        """At the moment it leaves: it is about what stands, and comes when they may be written to."""
        now = self.clock.now()
        with self.store.reading() as reading:
            rows = reading.execute(
                select(outbox.c.id, outbox.c.prompt, outbox.c.about, outbox.c.conversation_id).where(
                    outbox.c.id.in_([one.id for one in taken]), outbox.c.about.is_not(None)
                )
            ).all()
            for row in rows:
                if not (row.prompt or "").startswith(OURS):
                    continue
                one = appointment_of(reading, int(row.about.partition(":")[2]))
                about = f"message {row.id} is about {row.about}"
                must(one.status is AppointmentStatus.BOOKED, f"{about}, which is off")
                must(one.starts_at > now, f"{about}, which has begun")
                who = self.by_conversation[row.conversation_id]
                suits = f"which left at {now:%a %H:%M} UTC for {who.zone}, {who.times!r}"
                must(who.may_be_written_to(now), f"{about}, {suits}")
