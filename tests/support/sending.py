"""Someone to write to, and channels that remember what they carried and fail when told to.

`post` is all of it together, over the test's own store:

    ann = post.someone()
    post.says(ann, "Hello")
    await post.deliver(ann)
    assert post.sms.words == ["Hello"]
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.clock import SetClock
from bot.delivery.deliver import Deliverer
from bot.delivery.throttle import Throttle
from bot.messages import ChannelName, Kind, OutboundMessage, Outcome, Sent, Status
from bot.outbox.queue import queue_message
from bot.people.contact_points import first_contact, heard_from, set_safe
from bot.people.persons import agreed
from bot.people.safe_contact import Purpose
from bot.settings import Settings
from bot.store.engines import Store
from bot.store.tables import Handling, Safe, contact_point, inbox, outbox, outbox_event, task
from tests.support.stores import Done


class FakeChannel:
    """Carries everything, unless `answers` says what comes of the next ones.

    `carried` is all it was handed, `words` what of it the person has. An answer may be an Outcome,
    or an exception to raise. `finds` is what look_for answers; `gate`, when set, holds every send
    until it is opened.
    """

    def __init__(self, name: ChannelName):
        self.name = name
        self.carried: list[OutboundMessage] = []
        self.words: list[str] = []
        self.answers: deque[Outcome | Exception] = deque()
        self.finds: Sent | Exception | None = None
        self.looked_since: list[datetime] = []
        self.gate: asyncio.Event | None = None
        self._ids = itertools.count(1)

    async def send(self, message: OutboundMessage) -> Outcome:
        self.carried.append(message)
        if self.gate is not None:
            await self.gate.wait()
        outcome = self.answers.popleft() if self.answers else Sent(f"{self.name.value}-{next(self._ids)}")
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Sent):
            self.words.append(message.text)
        return outcome

    async def look_for(self, message: OutboundMessage, since: datetime) -> Sent | None:
        self.looked_since.append(since)
        if isinstance(self.finds, Exception):
            raise self.finds
        return self.finds

    async def close(self) -> None:
        pass


@dataclass
class Someone:
    """A person with one contact point or more."""

    person_id: int
    conversation_id: int
    points: dict[ChannelName, int]


@dataclass
class Post:
    """The outbox, delivery and four fake channels."""

    store: Store
    done: Done
    clock: SetClock
    settings: Settings
    seconds: list[float] = field(default_factory=lambda: [0.0])  # the throttle's own time

    def __post_init__(self) -> None:
        self.channels = {name: FakeChannel(name) for name in ChannelName}
        self.sms = self.channels[ChannelName.SMS]
        self.whatsapp = self.channels[ChannelName.WHATSAPP]
        self.telegram = self.channels[ChannelName.TELEGRAM]
        self.web = self.channels[ChannelName.WEB]
        self.deliverer = self.a_deliverer()
        self._numbers = itertools.count(900100)

    def a_deliverer(self, **given: Any) -> Deliverer:
        """Another process's deliverer, over the same store; its throttle never holds up unless given."""
        given.setdefault("throttle", Throttle({}, lambda: self.seconds[0]))
        given.setdefault("channels", self.channels)
        return Deliverer(self.store, given.pop("channels"), self.settings, self.clock, **given)

    def someone(
        self, channel: ChannelName = ChannelName.SMS, safe: Safe = Safe.ONLY_ME, *, wrote: bool = True
    ) -> Someone:
        """Someone who wrote to us just now, or whose number another gave us."""
        point = self.done(
            lambda unit: first_contact(
                unit, channel, self._address(channel), language="en", zone="Europe/London"
            )
        )
        self.done(lambda unit: set_safe(unit, point.id, safe))
        if wrote:
            self.writes(point.id)
        return Someone(point.person_id, point.conversation_id, {channel: point.id})

    def agrees(self, person: Someone) -> None:
        """They said yes: staff may know of them."""
        self.done(lambda unit: agreed(unit, person.person_id))

    def also_has(self, person: Someone, channel: ChannelName, safe: Safe = Safe.ONLY_ME) -> None:
        """They wrote by another channel too, and the two were joined."""
        other = self.someone(channel, safe)
        point_id = other.points[channel]
        self.done(
            lambda unit: unit.execute(
                update(contact_point).where(contact_point.c.id == point_id).values(person_id=person.person_id)
            )
        )
        person.points[channel] = point_id

    def writes(self, contact_point_id: int) -> None:
        """They write to us now."""
        self.done(lambda unit: heard_from(unit, contact_point_id))

    def message_from(self, person: Someone, channel: ChannelName = ChannelName.SMS) -> int:
        """What they wrote just now, as the inbox has it; its id."""
        n = next(self._numbers)
        return self.done(
            lambda unit: unit.insert(
                inbox,
                channel=channel,
                provider_digest=f"{n:064d}",
                conversation_id=person.conversation_id,
                contact_point_id=person.points[channel],
                received_at=unit.now,
                kind=Kind.WORDS,
                handling=Handling.HANDLED,
            )
        )

    def says(
        self,
        person: Someone,
        text: str,
        purpose: Purpose = Purpose.REPLY,
        channel: ChannelName | None = None,
        **given: Any,
    ) -> int:
        """A turn queues this for them; the message's id."""
        channel = channel or next(iter(person.points))
        return self.done(
            lambda unit: queue_message(
                unit,
                conversation_id=person.conversation_id,
                contact_point_id=person.points[channel],
                channel=channel,
                purpose=purpose,
                text=text,
                language="en",
                **given,
            )
        )

    async def deliver(self, person: Someone) -> int:
        return await self.deliverer.deliver(person.conversation_id)

    async def keep_trying(self, person: Someone, minutes: float = 5) -> None:
        """Time passes and delivery does its work, as it does in the service."""
        for step in range(round(minutes * 3) + 1):
            if step:
                self.forward(seconds=20)
            await self.deliverer.sweep()
            await self.deliver(person)

    def forward(self, **duration: float) -> None:
        """Time passes, for the service and for the throttle."""
        before = self.clock.now()
        self.clock.forward(**duration)
        self.seconds[0] += (self.clock.now() - before).total_seconds()

    # -- what can be seen afterwards ---------------------------------------------------------

    def row(self, message_id: int) -> Any:
        with self.store.reading() as reading:
            return reading.execute(select(outbox).where(outbox.c.id == message_id)).one()

    def rows(self, person: Someone) -> list[Any]:
        with self.store.reading() as reading:
            query = select(outbox).where(outbox.c.conversation_id == person.conversation_id)
            return list(reading.execute(query.order_by(outbox.c.id)))

    def status(self, message_id: int) -> Status:
        return self.row(message_id).status

    def events(self, message_id: int) -> list[tuple[Status, str | None]]:
        with self.store.reading() as reading:
            query = select(outbox_event.c.status, outbox_event.c.code).where(
                outbox_event.c.outbox_id == message_id
            )
            return [tuple(row) for row in reading.execute(query.order_by(outbox_event.c.id))]

    def point(self, person: Someone, channel: ChannelName = ChannelName.SMS) -> Any:
        with self.store.reading() as reading:
            query = select(contact_point).where(contact_point.c.id == person.points[channel])
            return reading.execute(query).one()

    def tasks(self, person: Someone) -> list[str]:
        """The kinds of what a human was asked to do about them."""
        with self.store.reading() as reading:
            query = select(task.c.kind).where(task.c.person_id == person.person_id).order_by(task.c.id)
            return list(reading.execute(query).scalars())

    def opened(self, row: Any) -> str:
        return self.store.sealer.open(row.text)

    def _address(self, channel: ChannelName) -> str:
        n = next(self._numbers)
        phone = channel in (ChannelName.SMS, ChannelName.WHATSAPP)
        return f"+447700{n}" if phone else str(n)


@pytest.fixture
def post(store: Store, done: Done, clock: SetClock) -> Post:
    """Someone to write to, and the way there, on each engine."""
    return Post(store, done, clock, Settings(_env_file=None))


@asynccontextmanager
async def running(deliverer: Deliverer) -> AsyncIterator[asyncio.Task[None]]:
    """A deliverer as the service runs it, until the block ends."""
    task = asyncio.create_task(deliverer.run())
    try:
        yield task
    finally:
        if not task.cancelling():  # a second time would mean: hurry
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(happened: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that a running deliverer brings about. Raises TimeoutError if it does not."""
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.01)
