"""What providers refuse, over the real service: what staff see, what is not tried again, and order kept."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from benchmarks.proofs import Figure, Size, must
from benchmarks.proofs.walkers import Walker, Walking
from benchmarks.proofs.world import World, world
from bot.casework.tasks import open_tasks
from bot.messages import RANK, ChannelName, Status
from bot.people.contact_points import ContactPoint, known
from bot.store.engines import Store
from bot.store.tables import handoff, handoff_event, outbox

TOKEN = "for-the-queue"
#: Seconds the provider asks us to wait; and how many are said meanwhile, to see that order is kept.
WAIT, MEANWHILE = 2, {Size.SMALL: 3, Size.FULL: 12}
PATIENCE = 60.0


@dataclass(frozen=True)
class Refusal:
    """One way a provider says no, and what must follow for a person whom staff know."""

    by_text: bool
    trouble: str
    status: Status
    opted_out: bool = False
    unreachable: bool = False


REFUSALS = (
    Refusal(True, "21610", Status.PERMANENT_FAILURE, opted_out=True),
    Refusal(True, "30006", Status.PERMANENT_FAILURE, unreachable=True),
    Refusal(True, "30003", Status.TEMPORARY_FAILURE),
    Refusal(False, "403", Status.PERMANENT_FAILURE, unreachable=True),
)


def prove(size: Size, seed: int) -> list[Figure]:
    """Have the providers refuse. Raises Violated."""
    return asyncio.run(_prove(size))


async def _prove(size: Size) -> list[Figure]:
    async with world(staff_token=TOKEN) as at:
        await at.start()
        store = at.store()
        try:
            codes = _Codes(at, store)
            ways = [r.by_text for r in REFUSALS] + [True, False]
            *refused, by_text, by_telegram = await asyncio.gather(*(codes.walking.walk(w) for w in ways))
            for refusal, walker in zip(REFUSALS, refused, strict=True):
                await codes.refused(refusal, walker)
            await codes.stays_stopped(refused[0])
            waits = [await codes.asked_to_wait(w, MEANWHILE[size]) for w in (by_text, by_telegram)]
        finally:
            store.close()
        at.stop()
    return [
        Figure("codes, each with its status, its task for staff, and no second try", _named()),
        Figure("after 21610", "nothing more is tried; what they write is in the queue, without a word of it"),
        Figure(f"429 asking for {WAIT} s, by text and by Telegram", ", ".join(f"{w:.1f} s" for w in waits)),
        Figure("replies to what was said meanwhile, each once and in order", str(2 * MEANWHILE[size])),
    ]


def _named() -> str:
    return ", ".join(f"{'Twilio' if r.by_text else 'Telegram'} {r.trouble}" for r in REFUSALS)


class _Codes:
    """One world, and what its store says of a person."""

    def __init__(self, at: World, store: Store):
        self.at, self.store, self.walking = at, store, Walking(at)

    async def refused(self, refusal: Refusal, walker: Walker) -> None:
        """Their next reply is refused: it says so, a human is to see to it, and it is not tried again."""
        before = self._replies(walker)
        self._trouble(walker, refusal.trouble)
        await self.walking.say(walker, "I need an interpreter")
        await _until(
            lambda: [r.status for r in self._replies(walker)[len(before) :]] == [refusal.status],
            f"the reply to end as {refusal.status} after {refusal.trouble}",
        )
        await _until(
            lambda: self._tasks(walker) == ["cannot-reach"], f"a task for staff after {refusal.trouble}"
        )
        point = self._point(walker)
        must((point.opted_out_at is not None) == refusal.opted_out, f"{refusal.trouble}: stopped or not")
        must(
            (point.unreachable_at is not None) == refusal.unreachable,
            f"{refusal.trouble}: within reach or not",
        )
        (reply,) = self._replies(walker)[len(before) :]
        must(reply.tries == 1, f"after {refusal.trouble} it was tried {reply.tries} times")
        must(reply.reason == refusal.trouble, f"the reason kept is {reply.reason}, not {refusal.trouble}")

    async def stays_stopped(self, walker: Walker) -> None:
        """Whoever stopped us at the carrier writes again: no text is tried, and a human sees it."""
        asked = len(self.at.twilio.carrier.refused)
        self.at.twilio.carrier.trouble_for.clear()
        waiting = await asyncio.to_thread(self._queue)
        await self.walking.say(walker, "Are you still there?")
        await _until(
            lambda: len(self._queue()) > len(waiting) or self._raised(walker), "it to be in the queue"
        )
        await asyncio.sleep(1)
        must(len(self.at.twilio.carrier.refused) == asked, "a text was tried after STOP")
        said = json.dumps(self._queue())
        must(walker.name not in said and "still there" not in said, "the queue says who, or what")

    async def asked_to_wait(self, walker: Walker, meanwhile: int) -> float:
        """The provider asks for time: it is given, nothing is lost or overtakes; the seconds it took."""
        before, had = self._replies(walker), len(self.walking.thread(walker))
        troubles = self.at.twilio.carrier.troubles if walker.by_text else self.at.telegram.chats.troubles
        troubles.append(f"429:{WAIT}")
        began = time.monotonic()
        for n in range(meanwhile):
            await self.walking.say(walker, f"I need help number {n}")
        await _until(lambda: len(self.walking.thread(walker)) > had, "the first reply after the pause")
        took = time.monotonic() - began
        must(took >= WAIT, f"it waited {took:.1f} s where {WAIT} were asked for")
        await _until(lambda: len(self.walking.thread(walker)) - had == meanwhile, "every reply")
        await asyncio.sleep(1)
        must(len(self.walking.thread(walker)) - had == meanwhile, "a reply came twice")
        rows = self._replies(walker)[len(before) :]
        must(
            all(row.rank >= RANK[Status.SENT] for row in rows), "a reply came, and is not known to have left"
        )
        must([r.provider_id for r in rows] == self._in_order(walker, meanwhile), "a reply overtook another")
        must(self._tasks(walker) == [], "staff were asked to see to what went of itself")
        return took

    def _trouble(self, walker: Walker, trouble: str) -> None:
        if walker.by_text:
            self.at.twilio.carrier.trouble_for[walker.address] = trouble
        else:
            self.at.telegram.chats.trouble_for[int(walker.address)] = trouble

    def _in_order(self, walker: Walker, last: int) -> list[str]:
        """The provider's names for the newest messages to this person, as it took them."""
        if walker.by_text:
            thread = self.at.twilio.carrier.thread(walker.address)
            return [t.sid for t in thread if t.direction != "inbound"][-last:]
        return [
            str(m.message_id)
            for m in self.at.telegram.chats.messages
            if m.from_bot and m.chat == int(walker.address)
        ][-last:]

    def _point(self, walker: Walker) -> ContactPoint:
        channel = ChannelName.SMS if walker.by_text else ChannelName.TELEGRAM
        with self.store.reading() as reading:
            point = known(reading, channel, walker.address)
        assert point is not None
        return point

    def _replies(self, walker: Walker) -> list[Any]:
        point = self._point(walker)
        with self.store.reading() as reading:
            query = select(outbox).where(outbox.c.contact_point_id == point.id).order_by(outbox.c.id)
            return list(reading.execute(query).all())

    def _tasks(self, walker: Walker) -> list[str]:
        """What staff are asked to do about this person."""
        person_id = self._point(walker).person_id
        with self.store.reading() as reading:
            return [t.kind for t in open_tasks(reading, person_id=person_id)]

    def _raised(self, walker: Walker) -> bool:
        conversation_id = self._point(walker).conversation_id
        with self.store.reading() as reading:
            found = reading.execute(
                select(handoff_event.c.what)
                .join(handoff, handoff.c.id == handoff_event.c.handoff_id)
                .where(handoff.c.conversation_id == conversation_id)
            )
            return any("wrote-after-stop" in row.what for row in found)

    def _queue(self) -> list[dict[str, Any]]:
        asked = urllib.request.Request(
            f"{self.at.url}/staff/queue.json", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return list(json.load(answer)["handoffs"])


async def _until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(holds):
        must(time.monotonic() < end, f"waited in vain for {what}")
        await asyncio.sleep(0.05)
