"""A hundred thousand reminders due in one minute, and people who write meanwhile, on a simulated clock.

Half go by text and half by Telegram, each channel under its limit, through the real outbox and the real
delivery to a stand-in that takes a moment for each. What must come of it is computed beforehand by a
model that knows only the limits: who leaves when, in which order, and when the last has left. People who
write are answered by real turns, and do not wait for the rest.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time as stopwatch
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from benchmarks.proofs import Figure, Size, must
from benchmarks.simulated import Simulated
from bot.app import ROOT, make_voice
from bot.conversation.inbox import Inbox
from bot.conversation.turns import Turns
from bot.delivery.deliver import Deliverer
from bot.delivery.throttle import Throttle, rates
from bot.messages import ChannelName, InboundMessage, OutboundMessage, Outcome, Sent
from bot.outbox.queue import queue_message
from bot.people import contact_points
from bot.people.safe_contact import Purpose
from bot.settings import Settings
from bot.store import migrations
from bot.store.engines import Store, make_engine
from bot.store.sealed import Sealer
from bot.store.tables import Safe
from bot.store.unit_of_work import UnitOfWork
from bot.words.languages import Languages

REMINDERS = {Size.SMALL: 10_000, Size.FULL: 100_000}
#: What the operator's number may send a second, in segments; Telegram's limit is its own.
SEGMENTS_A_SECOND = 20
BEGINS = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
MINUTE = 60.0
#: How long the stand-ins take over a message.
TAKES = 0.15
#: People who write, a second on each channel.
WRITE_A_SECOND = {ChannelName.SMS: 0.5, ChannelName.TELEGRAM: 1.0}
#: An answer leaves this soon; where a reminder must go before it in the same chat, that rests first.
SOON = 1.0
#: The model and what happens may differ by so many seconds: delivery looks at the clock every second.
NEAR = 1.5
#: A reminder by text is one, two or three segments.
TEXTS = ("Hello. You see Sam at 10am tomorrow. ", "Bring what you wish. " * 8, "Turn left at the shop. " * 14)
_A_PIECE = 500


@dataclass(eq=False)
class Message:
    """One thing to leave, as the model sees it. Seconds since the beginning."""

    chat: int
    cost: int
    at: float
    answer: bool
    left: float | None = None


def computed(
    reminders: list[Message], answers: list[Message], a_second: float, rests: float
) -> list[Message]:
    """Beforehand: when each leaves. Everything, in the order in which it leaves.

    Answers first; a reminder that waits for whoever writes goes right before the answer; the others in
    their order, each only when an answer would still find room after it.
    """
    most, room, now = max(a_second, 1.0), max(a_second, 1.0), 0.0
    bulk, coming = deque(reminders), deque(answers)
    waiting = {one.chat: one for one in reminders}
    hurried: list[Message] = []  # reminders of people who wrote
    answered: list[Message] = []
    rested: dict[int, float] = {}
    gone: list[Message] = []
    while bulk or coming or hurried or answered:
        while coming and coming[0].at <= now:
            answer = coming.popleft()
            earlier = waiting.get(answer.chat)
            if earlier is not None and earlier.at <= now and not earlier.answer:
                earlier.answer = True
                hurried.append(earlier)
            answered.append(answer)
        while bulk and (bulk[0].answer or bulk[0].left is not None):
            bulk.popleft()
        held = {one.chat for one in hurried}
        ahead = hurried + [one for one in answered if one.chat not in held]
        one = next((one for one in ahead if rested.get(one.chat, 0.0) <= now), None)
        needed = 1.0
        if one is None:
            due = takewhile(lambda one, now=now: one.at <= now, bulk)
            one = next((one for one in due if rested.get(one.chat, 0.0) <= now), None)
            needed = min(one.cost + 1.0, most) if one is not None else needed
        if one is not None and room >= needed - 1e-6:
            (hurried if one in hurried else answered if one in answered else bulk).remove(one)
            waiting.pop(one.chat, None)
            one.left, rested[one.chat] = now, now + rests
            room -= one.cost
            gone.append(one)
            continue
        then = [rested[other.chat] for other in ahead if rested.get(other.chat, 0.0) > now]
        then += [now + (needed - room) / a_second] if one is not None else []
        then += [coming[0].at] if coming else []
        if one is None:
            then += [rested[other.chat] for other in takewhile(lambda one, now=now: one.at <= now, bulk)]
            then += islice((other.at for other in bulk if other.at > now), 1)
        if not then:
            break
        later = max(min(then), now + 1e-9)
        room, now = min(most, room + (later - now) * a_second), later
    return gone


class StandIn:
    """A provider that takes everything, after a moment, and remembers when it was handed it."""

    def __init__(self, clock: Simulated):
        self._clock, self.handed = clock, dict[int, float]()

    async def send(self, message: OutboundMessage) -> Outcome:
        must(message.id not in self.handed, f"message {message.id} was sent twice")
        self.handed[message.id] = self._clock.seconds
        await asyncio.sleep(TAKES)
        return Sent(f"stand-in-{message.id}")

    async def look_for(self, message: OutboundMessage, since: datetime) -> Sent | None:
        return None

    async def close(self) -> None:
        pass


class Watched(Deliverer):
    """The real deliverer; simulated time waits while the store is at work for it."""

    simulated: Simulated

    async def _do(self, work: Callable[[UnitOfWork], Any]) -> Any:
        with self.simulated.busy():
            return await super()._do(work)

    async def _see(self, look: Callable[[Any], Any]) -> Any:
        with self.simulated.busy():
            return await super()._see(look)


def prove(size: Size, seed: int) -> list[Figure]:
    """Live through the minute and what follows. Raises Violated."""
    with tempfile.TemporaryDirectory(prefix="linkline-minute-") as folder:
        minute = Minute(Path(folder), REMINDERS[size], random.Random(seed))
        try:
            return minute.lived()
        finally:
            minute.store.close()


class Minute:
    """The reminders, the people who write, and what becomes of both."""

    def __init__(self, folder: Path, reminders: int, chance: random.Random):
        url = f"sqlite:///{folder / 'minute.db'}"
        engine = make_engine(url)
        migrations.upgrade(engine)
        engine.dispose()
        self.chance, self.clock = chance, Simulated(BEGINS)
        self.store = Store(
            url, Sealer(("bWludXRlLW9ubHktbWludXRlLW9ubHktbWludXRlLW8=",), "proofs only"), self.clock
        )
        self.settings = Settings.load(
            _env_file=None, languages="en", twilio_segments_a_second=SEGMENTS_A_SECOND
        )
        languages = Languages.load(ROOT / "locales", only=["en"])
        voice = make_voice(self.settings, languages, self.clock)
        self.inbox, self.turns = (
            Inbox(self.store, languages, self.settings),
            Turns(self.store, voice),
        )
        self.rates = rates(self.settings)
        self.ids: dict[int, Message] = {}
        self.reminders: dict[ChannelName, list[Message]] = {}
        self.answers: dict[ChannelName, list[Message]] = {}
        self.written: dict[ChannelName, list[tuple[Message, int]]] = {}
        for channel in WRITE_A_SECOND:
            self.reminders[channel] = self._queued(channel, reminders // len(WRITE_A_SECOND))
            self.answers[channel] = self._written(channel)
            self.written[channel] = []

    def _queued(self, channel: ChannelName, many: int) -> list[Message]:
        """As many reminders, each for somebody else, due over the minute."""
        made = []
        for start in range(0, many, _A_PIECE):
            some = [
                Message(n, self._cost(channel), MINUTE * n / many, answer=False)
                for n in range(start, min(many, start + _A_PIECE))
            ]
            ids = self.store.run(
                lambda unit, some=some: [_queue(unit, channel, one) for one in some], acting="proof"
            ).result(timeout=600)
            self.ids |= dict(zip(ids, some, strict=True))
            made += some
        return made

    def _cost(self, channel: ChannelName) -> int:
        return self.chance.choice((1, 2, 2, 3)) if channel is ChannelName.SMS else 1

    def _written(self, channel: ChannelName) -> list[Message]:
        """Who writes, and when: most of them have a reminder coming, some have none."""
        reminders = self.reminders[channel]
        lasts = sum(one.cost for one in reminders) / self.rates[channel].a_second
        some = self.chance.sample(
            range(len(reminders)), int(min(len(reminders), lasts * WRITE_A_SECOND[channel]))
        )
        at = sorted(self.chance.uniform(0, lasts) for _ in some)
        strangers = [n if self.chance.random() < 0.7 else len(reminders) + n for n in some]
        return [
            Message(chat, 2 if channel is ChannelName.SMS else 1, when, answer=True)
            for chat, when in zip(strangers, at, strict=True)
        ]

    def lived(self) -> list[Figure]:
        """First what must come of it, then what does."""
        expected = {
            channel: computed(self.reminders[channel], self.answers[channel], rate.a_second, rate.chat_rests)
            for channel, rate in self.rates.items()
            if channel in self.reminders
        }
        began = stopwatch.monotonic()
        channels = {channel: StandIn(self.clock) for channel in self.reminders}
        self.clock.run(lambda: self._live(channels, sum(map(len, expected.values()))))
        took = stopwatch.monotonic() - began
        figures = [Figure("reminders due in one minute", f"{sum(map(len, self.reminders.values())):,}")]
        for channel, standin in channels.items():
            figures += self._as_computed(channel, standin, expected[channel])
        return [*figures, Figure("in", f"{took:.0f} s for {self.clock.seconds / 3600:.1f} simulated hours")]

    async def _live(self, channels: dict[ChannelName, StandIn], many: int) -> None:
        throttle = Throttle(self.rates, lambda: self.clock.seconds)
        deliverer = Watched(self.store, channels, self.settings, self.clock, throttle=throttle)
        deliverer.simulated = self.clock
        delivers = asyncio.create_task(deliverer.run())
        await asyncio.gather(*(self._people_write(channel) for channel in channels))
        while sum(len(standin.handed) for standin in channels.values()) < many:
            must(self.clock.seconds < 10 * 3600 * 10, "something never left")
            await asyncio.sleep(1)
        delivers.cancel()
        await asyncio.gather(delivers, return_exceptions=True)

    async def _people_write(self, channel: ChannelName) -> None:
        """Each message is stored and has its turn at once; the answer is in the outbox then."""
        for one in self.answers[channel]:
            await asyncio.sleep(max(0.0, one.at - self.clock.seconds))
            message = InboundMessage(channel, f"{channel}-{one.chat}", _address(channel, one.chat), "HELLO")
            with self.clock.busy():
                received = await _here(self.inbox.receive(message))
                await _here(self.turns.take(received.conversation_id))
                self.written[channel].append((one, received.conversation_id))

    # -- what came of it --------------------------------------------------------------------------

    def _as_computed(self, channel: ChannelName, standin: StandIn, expected: list[Message]) -> list[Figure]:
        with self.store.reading() as reading:
            rows = reading.connection.exec_driver_sql(
                "SELECT outbox.id, outbox.conversation_id FROM outbox "
                "WHERE channel = ? AND purpose = 'reply' ORDER BY id",
                (channel.value,),
            ).all()
        answered = {conversation: id_ for id_, conversation in rows}
        ids = {id(one): id_ for id_, one in self.ids.items()}
        ids |= {id(one): answered[conversation] for one, conversation in self.written[channel]}
        must(len(rows) == len(self.answers[channel]), f"{channel}: {len(rows)} answers")
        off = 0.0
        for one in expected:
            left = standin.handed[ids[id(one)]]
            off = max(off, abs(left - one.left))
            must(abs(left - one.left) <= NEAR, f"{channel}: {one} left at {left:.2f}")
        wrote = {one.chat for one in self.answers[channel]}
        in_order = [ids[id(one)] for one in self.reminders[channel] if one.chat not in wrote]
        must(
            sorted(in_order, key=standin.handed.__getitem__) == in_order,
            f"{channel}: reminders did not leave in their order",
        )
        behind = {one.chat for one in self.reminders[channel] if one.answer}
        waits: dict[bool, list[float]] = {True: [0.0], False: [0.0]}
        for one in self.answers[channel]:
            waits[one.chat in behind].append(standin.handed[ids[id(one)]] - one.at)
        rests = self.rates[channel].chat_rests
        must(max(waits[False]) < SOON + rests, f"{channel}: an answer waited {max(waits[False]):.2f} s")
        must(max(waits[True]) < SOON + rests, f"{channel}: an answer waited {max(waits[True]):.2f} s")
        last = max(standin.handed.values())
        return [
            Figure(f"{channel}: reminders", f"{len(self.reminders[channel]):,}"),
            Figure(f"{channel}: the last left", f"after {last:,.1f} s; computed {expected[-1].left:,.1f} s"),
            Figure(f"{channel}: none left further from its computed instant than", f"{off:.2f} s"),
            Figure(f"{channel}: people who wrote meanwhile", f"{len(self.answers[channel]):,}"),
            Figure(f"{channel}: their slowest answer", f"{max(waits[False]):.2f} s"),
            Figure(
                f"{channel}: slowest where a reminder of theirs went first",
                f"{max(waits[True]):.2f} s, of {len(behind):,}",
            ),
        ]  # fmt: skip


def _queue(unit: UnitOfWork, channel: ChannelName, one: Message) -> int:
    point = contact_points.first_contact(
        unit, channel, _address(channel, one.chat), language="en", zone="Europe/London"
    )
    contact_points.set_safe(unit, point.id, Safe.ONLY_ME)
    contact_points.heard_from(unit, point.id)
    return queue_message(
        unit, conversation_id=point.conversation_id, contact_point_id=point.id, channel=channel,
        purpose=Purpose.APPOINTMENT, text=TEXTS[one.cost - 1], language="en",
        due_at=BEGINS + timedelta(seconds=one.at),
    )  # fmt: skip


def _address(channel: ChannelName, chat: int) -> str:
    return f"+447{chat:09d}" if channel is ChannelName.SMS else str(900_000 + chat)


def _here(future: Future[Any]) -> Awaitable[Any]:
    return asyncio.wrap_future(future)
