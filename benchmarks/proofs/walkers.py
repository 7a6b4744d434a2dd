"""People walking the whole way in, by text and by Telegram, in words nobody else says."""

from __future__ import annotations

import asyncio
import time

from benchmarks.proofs import Violated
from benchmarks.proofs.world import CALLS_AGAIN_AFTER, World

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
    """Walkers in one world. Each waits for our reply before going on, as people do."""

    def __init__(self, at: World):
        self.at = at
        self.walkers: list[Walker] = []
        self.enough = False

    async def lane(self, by_text: bool) -> None:
        """One person after another."""
        while not self.enough:
            await self.walk(by_text)

    async def walk(self, by_text: bool) -> Walker:
        """Somebody new walks the whole way."""
        walker = Walker(len(self.walkers) + 1, by_text)
        self.walkers.append(walker)
        for text, expected in walker.steps:
            await self.say(walker, walker.says(text))
            await self.hear(walker, expected)
        return walker

    async def say(self, walker: Walker, text: str) -> None:
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

    async def hear(self, walker: Walker, expected: str) -> None:
        """Wait for the reply. A person whose reply never comes is what this proof is about.

        They are patient for as long as the service is left alone: one killed every second or two
        need not get round to everybody between two kills, but to everybody in the end.
        """
        said = time.monotonic()
        while not any(expected in text for text in self.thread(walker)):
            if time.monotonic() > max(said, self.at.started) + PATIENCE:
                raise Violated(
                    f"walker {walker.n} never heard back after {len(walker.sids)} messages: "
                    + await asyncio.to_thread(self.at.what_became_of, walker.address)
                )
            await asyncio.sleep(0.05)

    def thread(self, walker: Walker) -> list[str]:
        """What they have had from us."""
        if walker.by_text:
            thread = self.at.twilio.carrier.thread(walker.address)
            return [t.body for t in thread if t.direction != "inbound"]
        return [
            m.text for m in self.at.telegram.chats.messages if m.from_bot and m.chat == int(walker.address)
        ]


def _chat_of(update: dict) -> int | None:  # type: ignore[type-arg]
    return update.get("message", {}).get("chat", {}).get("id")
