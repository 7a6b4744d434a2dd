"""Killed at random moments under load: nothing the provider got a 200 for is lost or done twice.

People walk the whole way in by text and by Telegram while the service is killed and started again.
Each waits for our reply before going on, as people do; the providers call again what was not
answered with 200. Afterwards the store and what the providers took are compared line by line.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from benchmarks.proofs import Figure, Size, Violated, must
from benchmarks.proofs.world import CALLS_AGAIN_AFTER, World, world
from bot.messages import ChannelName, Status
from bot.store.tables import Handling, inbox, outbox, person, referral

KILLS = {Size.SMALL: 15, Size.FULL: 200}
AT_ONCE_BY_TEXT, AT_ONCE_BY_TELEGRAM = 12, 3

#: A crash between the provider's yes and our commit is cleared up within a minute and a half.
PATIENCE = 240.0

#: What each says, and the words our reply to it must hold.
STEPS = (
    ("HELLO", "Who is it for?"),
    ("1", "Do you live in"),
    ("1", "Is it safe"),
    ("1", "When is a good time"),
    ("1", "What matters to you"),
    ("{words}", "What name shall we call you"),
    ("{name}", "May I pass this"),
    ("1", "Done"),
)
TELEGRAM_STEPS = (
    ("HELLO", "Who is it for?"),
    ("1", "Do you live in"),
    ("1", "How shall a link worker contact you"),
    ("2", "Is it safe"),
    ("1", "What matters to you"),
    ("{words}", "What name shall we call you"),
    ("{name}", "May I pass this"),
    ("1", "Done"),
)


class Walker:
    """Someone walking the way in, in words nobody else says."""

    def __init__(self, n: int, by_text: bool):
        self.n, self.by_text = n, by_text
        # Drama numbers end at 999; a proof on loopback needs more than that, so 07700 9 and six digits.
        self.address = f"+4477009{n:05d}" if by_text else str(700000 + n)
        self.steps = STEPS if by_text else TELEGRAM_STEPS
        self.words = f"Walker {n} would like company on walk {n * 7}"
        self.name = f"Ray {n}"
        self.sids: list[str] = []
        self.heard: list[str] = []

    def says(self, text: str) -> str:
        return text.format(words=self.words, name=self.name)


class Walking:
    """Walkers, for as long as there is killing to be done."""

    def __init__(self, at: World, rng: random.Random):
        self.at, self.rng = at, rng
        self.walkers: list[Walker] = []
        self.enough = False

    async def lane(self, by_text: bool) -> None:
        """One person after another."""
        while not self.enough:
            walker = Walker(len(self.walkers) + 1, by_text)
            self.walkers.append(walker)
            for text, expected in walker.steps:
                await self._say(walker, walker.says(text))
                await self._hear(walker, expected)

    async def _say(self, walker: Walker, text: str) -> None:
        """The provider calls until it gets its 200."""
        if walker.by_text:
            heard, _ = self.at.twilio.carrier.hear(walker.address, text)
            walker.sids.append(heard.sid)
            form = self.at.twilio.form(heard)
            while await self.at.twilio._call("/webhooks/twilio/messages", form, "received") != 200:
                await asyncio.sleep(CALLS_AGAIN_AFTER)
        else:
            self.at.telegram.target = f"{self.at.url}/webhooks/telegram"
            answered = await self.at.telegram.says(int(walker.address), text)
            while answered != 200:
                await asyncio.sleep(CALLS_AGAIN_AFTER)
                update = next(
                    (u for u in self.at.telegram.waiting if _chat_of(u) == int(walker.address)), None
                )
                if update is None:
                    break
                self.at.telegram.waiting.remove(update)
                answered = await self.at.telegram.call(update)

    async def _hear(self, walker: Walker, expected: str) -> None:
        """Wait for the reply. A person whose reply never comes is what this proof is about."""
        until = time.monotonic() + PATIENCE
        while not any(expected in text for text in self._thread(walker)):
            if time.monotonic() > until:
                raise Violated(f"walker {walker.n} never heard back after {len(walker.sids)} messages")
            await asyncio.sleep(0.05)

    def _thread(self, walker: Walker) -> list[str]:
        if walker.by_text:
            thread = self.at.twilio.carrier.thread(walker.address)
            return [t.body for t in thread if t.direction != "inbound"]
        return [
            m.text for m in self.at.telegram.chats.messages if m.from_bot and m.chat == int(walker.address)
        ]


def _chat_of(update: dict) -> int | None:  # type: ignore[type-arg]
    return update.get("message", {}).get("chat", {}).get("id")


def prove(size: Size, seed: int) -> list[Figure]:
    """Kill it, and look. Raises Violated."""
    return asyncio.run(_prove(size, seed))


async def _prove(size: Size, seed: int) -> list[Figure]:
    rng = random.Random(seed)
    async with world() as at:
        await at.start()
        walking = Walking(at, rng)
        lanes = [
            asyncio.create_task(walking.lane(by_text))
            for by_text in (True,) * AT_ONCE_BY_TEXT + (False,) * AT_ONCE_BY_TELEGRAM
        ]
        starts = []
        for _ in range(KILLS[size]):
            await asyncio.sleep(rng.uniform(0.05, 1.5))
            at.kill()
            starts.append(await at.start())
            for lane in lanes:
                if lane.done():
                    lane.result()
        walking.enough = True
        await asyncio.gather(*lanes)
        await asyncio.sleep(2)
        at.stop()
        return [
            Figure("kills", str(KILLS[size])),
            Figure("people who walked the whole way", str(len(walking.walkers))),
            Figure("seconds to be up again, median", f"{sorted(starts)[len(starts) // 2]:.1f}"),
            *_look(at, walking.walkers),
        ]


def _look(at: World, walkers: list[Walker]) -> list[Figure]:
    store = at.store()
    try:
        with store.reading() as reading:
            came = reading.execute(select(inbox)).all()
            went = reading.execute(select(outbox)).all()
            referrals = [
                reading.sealer.open_json(row.content) for row in reading.execute(select(referral.c.content))
            ]
            people = reading.execute(select(person.c.id)).all()
    finally:
        store.close()
    _every_turn_once(came, referrals, people, walkers)
    repeats = _every_reply_once(at, went)
    return [
        Figure("messages with a 200", str(len(came))),
        Figure("of them had their turn exactly once", str(len(came))),
        Figure("replies", str(len(went))),
        Figure("replies lost", "0"),
        Figure("sent twice, and recorded as a possible repeat", str(repeats)),
        Figure("sent twice and not recorded", "0"),
    ]


def _every_turn_once(came, referrals, people, walkers: list[Walker]) -> None:  # type: ignore[no-untyped-def]
    must(
        len(came) == sum(len(w.steps) for w in walkers),
        f"{len(came)} messages stored of {sum(len(w.steps) for w in walkers)}",
    )
    for row in came:
        must(row.handling == Handling.HANDLED, f"inbox {row.id} is {row.handling}")
    must(len(people) == len(walkers), f"{len(people)} people of {len(walkers)}")
    said = Counter((content["matters"]["words"], content["name"]["words"]) for content in referrals)
    for walker in walkers:
        times = said.pop((walker.words, walker.name), 0)
        must(times == 1, f"walker {walker.n} has {times} referrals in their own words")
    must(not said, f"{len(said)} referrals that nobody asked for")


def _every_reply_once(at: World, went) -> int:  # type: ignore[no-untyped-def]
    """Each reply left once; how many left twice and say so."""
    taken: Counter[int] = Counter()
    for text in at.twilio.carrier.texts.values():
        if text.direction != "inbound" and text.status_callback:
            taken[int(parse_qs(urlsplit(text.status_callback).query)["m"][0])] += 1
    repeats = 0
    sent = (Status.SENT, Status.DELIVERED)
    for row in (r for r in went if r.channel == ChannelName.SMS):
        must(row.status in sent, f"outbox {row.id} ended as {row.status} ({row.reason})")
        must(taken[row.id] >= 1, f"outbox {row.id} says it was sent and was not")
        if taken[row.id] > 1:
            must(row.possible_repeat, f"outbox {row.id} left {taken[row.id]} times and does not say so")
            repeats += 1
    by_telegram = [r for r in went if r.channel == ChannelName.TELEGRAM]
    ours = sum(m.from_bot for m in at.telegram.chats.messages)
    may = sum(r.possible_repeat for r in by_telegram)
    for row in by_telegram:
        must(row.status in sent, f"outbox {row.id} ended as {row.status} ({row.reason})")
    must(len(by_telegram) <= ours <= len(by_telegram) + may, f"Telegram took {ours} of {len(by_telegram)}")
    return repeats + (ours - len(by_telegram))
