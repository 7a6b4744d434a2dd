"""One person's phone, or one open page, as the tests hold it: what they say, and what they hear."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bot.casework.handoffs import Handoff, open_handoff_of
from bot.conversation.state import Frame, State
from bot.messages import ChannelName, Choice, InboundMessage, Kind, Status
from bot.people.contact_points import known
from bot.people.persons import Person, person_of
from bot.store.tables import conversation as conversation_table
from bot.store.tables import outbox
from bot.store.unit_of_work import Reading

if TYPE_CHECKING:
    from tests.support.conversation import Conversation

#: Between one line and the next somebody reads, thinks and types.
THINKING = timedelta(seconds=20)

_IDS = itertools.count(1)


@dataclass(frozen=True)
class Message:
    """One message as it reached a phone."""

    id: int
    prompt: str
    text: str
    choices: tuple[Choice, ...]
    segments: int
    purpose: str
    status: Status
    reason: str | None


@dataclass
class Line:
    """One line of what went on: who, on which phone, what."""

    who: str  # "them", "us", "worker", "time"
    text: str
    phone: Phone | None = None
    choices: tuple[Choice, ...] = ()
    segments: int = 0
    status: Status = Status.QUEUED
    reason: str | None = None


@dataclass
class Phone:
    """A person's way to us, on one channel. Each thing done gives the phone back, to say what it hears."""

    conversation: Conversation
    channel: ChannelName
    address: str
    heard: list[Message] = field(default_factory=list)  # since the last line
    everything: list[Message] = field(default_factory=list)
    last_id: str = ""

    # -- what they do -------------------------------------------------------------------------

    def says(self, text: str = "", **more: Any) -> Phone:
        """They write this."""
        return self._send(InboundMessage(self.channel, self._next(), self.address, text, **more), text)

    def sends(self, what: str, text: str = "") -> Phone:
        """They send a "voice", a "photo", a "sticker"."""
        message = InboundMessage(
            self.channel, self._next(), self.address, text, kind=Kind.UNREADABLE, unreadable=what
        )
        return self._send(message, f"[{what}] {text}".strip())

    def presses(self, label: str, *, of: Message | None = None) -> Phone:
        """They press a button that is there, by its label; the newest one unless a message is named."""
        shown = [of] if of else list(reversed(self.everything))
        choice = next((c for m in shown for c in m.choices if c.label == label), None)
        assert choice is not None, f"there is no button {label!r}"
        return self.presses_again(choice)

    def presses_again(self, choice: Choice) -> Phone:
        """They press exactly this button."""
        message = InboundMessage(self.channel, self._next(), self.address, kind=Kind.BUTTON, choice=choice.id)
        return self._send(message, f"[{choice.label}]")

    def edits(self, text: str, of: str | None = None) -> Phone:
        """They correct what they sent last, or what was sent under this id."""
        original = of or self.last_id
        when = int(self.conversation.clock.now().timestamp())
        message = InboundMessage(self.channel, f"{original}:{when}", self.address, text, kind=Kind.EDIT)
        return self._send(message, f"(corrects it to) {text}")

    def opens(self, source: str | None = None, **more: Any) -> Phone:
        """They open the chat by a link."""
        message = InboundMessage(
            self.channel, self._next(), self.address, kind=Kind.START, source=source, **more
        )
        return self._send(message, "(opens the chat)")

    def carrier(self, kind: Kind, text: str) -> Phone:
        """A word the carrier acts on and answers by itself."""
        return self._send(InboundMessage(self.channel, self._next(), self.address, text, kind=kind), text)

    def says_at_once(self, *texts: str) -> Phone:
        """They send these before any of them is answered."""
        self._before()
        for text in texts:
            self.conversation.lines.append(Line("them", text, self))
            received = self.conversation.inbox.receive(
                InboundMessage(self.channel, self._next(), self.address, text)
            ).result(timeout=30)
            self.conversation.clock.forward(seconds=1)
        self.conversation.take_turns(received.conversation_id)
        self.conversation.hear()
        return self

    def _next(self) -> str:
        self.last_id = f"SM{next(_IDS):032x}"
        return self.last_id

    def _before(self) -> None:
        self.conversation.clock.forward(seconds=THINKING.total_seconds())
        self.conversation.next_line()

    def _send(self, message: InboundMessage, shown: str) -> Phone:
        self._before()
        self.conversation.lines.append(Line("them", shown, self))
        self.conversation.receive(message)
        self.conversation.hear()
        return self

    # -- what they hear -----------------------------------------------------------------------

    def hear(self) -> None:
        """What was said to this phone since it last listened."""
        with self.conversation.reading() as reading:
            point = known(reading, self.channel, self.address)
            if point is None:
                return
            after = self.everything[-1].id if self.everything else 0
            rows = reading.execute(
                select(outbox)
                .where(outbox.c.contact_point_id == point.id, outbox.c.id > after)
                .order_by(outbox.c.id)
            ).all()
            new = [self._message(reading, row) for row in rows]
        self.everything += new
        self.heard += [m for m in new if m.status is not Status.NOT_SENT]
        self.conversation.lines += [
            Line("us", m.text, self, m.choices, m.segments, m.status, m.reason) for m in new
        ]

    def _message(self, reading: Reading, row: Any) -> Message:
        choices = reading.sealer.open_json(row.choices) if row.choices else ()
        return Message(
            row.id, row.prompt, reading.sealer.open(row.text), tuple(Choice(*c) for c in choices),
            row.segments, row.purpose, row.status, row.reason,
        )  # fmt: skip

    def hears(self, *prompts: str) -> Phone:
        """Exactly these prompts reached them, in this order."""
        self.conversation.hear()
        assert [m.prompt for m in self.heard] == list(prompts)
        return self

    def hears_words(self, *words: str) -> Phone:
        """All of these words are in what reached them."""
        text = self.words
        missing = [w for w in words if w not in text]
        assert not missing, f"{missing} not in {text!r}"
        return self

    def hears_no_words(self, *words: str) -> Phone:
        """None of these words are in what reached them."""
        there = [w for w in words if w.casefold() in self.words.casefold()]
        assert not there, f"{there} in {self.words!r}"
        return self

    def hears_nothing(self) -> Phone:
        """Nothing reached them."""
        return self.hears()

    @property
    def words(self) -> str:
        """All that reached them since the last line."""
        self.conversation.hear()
        return "\n".join(m.text for m in self.heard)

    # -- what we know of them -----------------------------------------------------------------

    @property
    def conversation_id(self) -> int:
        with self.conversation.reading() as reading:
            point = known(reading, self.channel, self.address)
        assert point is not None
        return point.conversation_id

    @property
    def person(self) -> Person:
        with self.conversation.reading() as reading:
            point = known(reading, self.channel, self.address)
            assert point is not None
            return person_of(reading, point.person_id)

    @property
    def state(self) -> State:
        """Where the conversation has got to, as it is stored."""
        with self.conversation.reading() as reading:
            sealed = reading.execute(
                select(conversation_table.c.state).where(conversation_table.c.id == self.conversation_id)
            ).scalar_one()
            return State.from_json(reading.sealer.open_json(sealed) if sealed is not None else None)

    @property
    def asked(self) -> str:
        """The question that waits, such as "intake.safe"; nothing when none does."""
        open_ = self.state.open_questions(self.conversation.clock.now())
        return f"{open_[0].flow}.{open_[0].step}" if open_ else ""

    def frame(self, flow: str) -> Frame | None:
        """A flow that waits on the stack."""
        return next((f for f in self.state.stack if f.flow == flow), None)

    @property
    def answers(self) -> dict[str, Any]:
        """What they answered, in every flow that waits."""
        return {f"{f.flow}.{step}": value for f in self.state.stack for step, value in f.answers.items()}

    @property
    def handoff(self) -> Handoff | None:
        """What waits for a link worker here."""
        with self.conversation.reading() as reading:
            return open_handoff_of(reading, self.conversation_id)

    @property
    def segments_heard(self) -> int:
        """All the segments we sent here."""
        return sum(m.segments for m in self.everything if m.status is not Status.NOT_SENT)
