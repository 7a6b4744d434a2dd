"""Whole conversations as people have them: a phone that writes and hears, link workers, time that passes.

`conversation` is the service without its wires, over a real store on each engine: inbox, turns,
timers and staff actions. `sms`, `web_chat`, `telegram` and `whatsapp` are a person's way to it.

    sms.says("HELLO").hears("welcome.who")
    sms.says("1").hears("intake.area").hears_words("Do you live in Ashby?")
    conversation.forward(weeks=3)

What was heard is since the last line. Everything is written down, so that tests/support/transcripts.py
can make a page of it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

import flows
from bot.casework.handoffs import Handoff, PickedUp, handoffs_of, open_handoff_of, undo_close, waiting
from bot.casework.staffing import add_staff
from bot.clock import LONDON, SetClock
from bot.conversation.due import Due
from bot.conversation.inbox import Inbox, Received
from bot.conversation.staff_turns import Replied, StaffTurns
from bot.conversation.state import Frame, State
from bot.conversation.turns import TurnFailed, Turns
from bot.conversation.voice import Voice
from bot.flowkit import Flow
from bot.flowkit.gather import gather
from bot.messages import ChannelName, Choice, InboundMessage, Kind, Status
from bot.people.contact_points import known
from bot.people.persons import Person, person_of
from bot.settings import Settings
from bot.store.engines import Store
from bot.store.tables import conversation as conversation_table
from bot.store.tables import outbox, timer
from bot.store.unit_of_work import Reading
from bot.words.languages import Languages
from bot.words.prompts import Prompts

ROOT = Path(__file__).parent.parent.parent
LOCALES = ROOT / "locales"

#: Between one line and the next somebody reads, thinks and types.
THINKING = timedelta(seconds=20)

ADDRESSES = {
    ChannelName.SMS: "+447700900101",
    ChannelName.WHATSAPP: "+447700900102",
    ChannelName.TELEGRAM: "900103",
    ChannelName.WEB: "visitor-104",
}


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


class _Today:
    """The clock of the test that runs: prompts take longer to read than a test, so all tests share them."""

    clock: SetClock

    def now(self) -> datetime:
        return self.clock.now()


_TODAY = _Today()


@cache
def _prompts() -> Prompts:
    return Prompts(ROOT / "templates" / "prompts", LOCALES, clock=_TODAY)


class Conversation:
    """The service, and everybody who talks with it."""

    def __init__(self, store: Store, clock: SetClock, package: ModuleType | None = None, **settings: Any):
        self.store, self.clock = store, clock
        self.settings = Settings.load(_env_file=None, **settings)
        self.languages = Languages.load(LOCALES)
        _TODAY.clock = clock
        self.prompts = _prompts()
        self.flows: dict[str, type[Flow]] = gather(package or flows)
        self.voice = Voice(self.prompts, self.languages, self.flows, self.settings)
        self.inbox = Inbox(store, self.languages, self.settings)
        self.turns, self.due = Turns(store, self.voice), Due(store, self.voice)
        self.staff = StaffTurns(store, self.voice)
        self.lines: list[Line] = []
        self.phones: list[Phone] = []

    def phone(self, channel: ChannelName | str = ChannelName.SMS, address: str | None = None) -> Phone:
        """Somebody's way to us."""
        channel = ChannelName(channel)
        phone = Phone(self, channel, address or ADDRESSES[channel])
        self.phones.append(phone)
        return phone

    def worker(self, name: str = "Ann Lee", role: str = "link-worker") -> Worker:
        """Somebody who works here."""
        email = f"{name.split()[0].casefold()}.{next(_IDS)}@ashby.example"
        made = self.store.run(lambda unit: add_staff(unit, email, name, role), acting="test")
        return Worker(self, made.result(timeout=30), name)

    def receive(self, message: InboundMessage) -> Received:
        """Store it and let the conversation have its turns."""
        received = self.inbox.receive(message).result(timeout=30)
        self.take_turns(received.conversation_id)
        return received

    def take_turns(self, conversation_id: int) -> None:
        """A turn for everything waiting. Raises what a turn raised."""
        while self.turns.take(conversation_id).result(timeout=30).more:
            pass
        self.run_timers()

    def take_turns_until_set_aside(self, conversation_id: int) -> None:
        """As the worker does when a turn raises: again, later, and then it is set aside."""
        while True:
            try:
                took = self.turns.take(conversation_id).result(timeout=30)
            except TurnFailed as failure:
                self.turns.failed(failure).result(timeout=30)
                continue
            if took.try_at is not None:
                self.clock.set(took.try_at)
            elif not took.more:
                return

    def run_timers(self) -> list[str]:
        """Let everything due have its turn; what came of each."""
        came = []
        while due := self.due.waiting():
            came += [f"{one.kind}: {self.due.take(one).result(timeout=30)}" for one in due]
        return came

    def forward(self, **duration: float) -> None:
        """Time passes; what falls due meanwhile happens when it is due."""
        until = self.clock.now() + timedelta(**duration)
        self.next_line()
        while (soonest := self._soonest()) is not None and soonest <= until:
            self.clock.set(max(soonest, self.clock.now()))
            self.says_when()
            self.run_timers()
            self.hear()
        self.clock.set(until)
        self.says_when()

    def _soonest(self) -> Any:
        with self.reading() as reading:
            soonest = (
                select(timer.c.due_at).where(timer.c.done_at.is_(None)).order_by(timer.c.due_at).limit(1)
            )
            return reading.execute(soonest).scalar()

    def says_when(self) -> None:
        """Write down what day and time it is."""
        local = self.clock.now().astimezone(LONDON)
        when = f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"
        if self.lines and self.lines[-1].who == "time":
            self.lines.pop()
        self.lines.append(Line("time", when))

    def next_line(self) -> None:
        """What was heard until now was heard."""
        self.hear()
        for phone in self.phones:
            phone.heard = []

    def hear(self) -> None:
        """What was said has reached every phone."""
        for phone in self.phones:
            phone.hear()

    def reading(self):  # type: ignore[no-untyped-def]
        """A look at the store."""
        return self.store.reading()

    def waiting(self) -> list[Handoff]:
        """Who waits for a link worker, worst first."""
        with self.reading() as reading:
            return waiting(reading)


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


@dataclass
class Worker:
    """A link worker, on the staff pages."""

    conversation: Conversation
    id: int
    name: str

    def picks_up(self, phone: Phone) -> Worker:
        """They take this person's handoff."""
        self._does("picks it up")
        assert phone.handoff is not None, "nothing waits for a link worker"
        taken = self._wait(self.conversation.staff.pick_up(phone.handoff.id, self.id))
        assert isinstance(taken, PickedUp), taken
        return self

    def writes(self, phone: Phone, text: str) -> Worker:
        """They answer."""
        self._does(f"writes: {text}")
        replied = self._wait(self.conversation.staff.reply(phone.conversation_id, self.id, text))
        assert isinstance(replied, Replied), replied
        return self

    def hands_back(self, phone: Phone) -> Worker:
        """The questions go on."""
        self._does("hands it back")
        assert self._wait(self.conversation.staff.hand_back(phone.handoff.id, self.id))
        return self

    def closes(self, phone: Phone, outcome: str = "helped", note: str = "") -> Worker:
        """They finish it."""
        self._does("closes the case")
        assert self._wait(self.conversation.staff.close(phone.handoff.id, self.id, outcome, note))
        return self

    def undoes_closing(self, phone: Phone) -> bool:
        """They take the closing back."""

        def work(unit: Any) -> bool:
            newest = handoffs_of(unit, phone.conversation_id)[0]
            return undo_close(unit, newest.id, self.id, hours=self.conversation.settings.hours)

        return self._wait(self.conversation.store.run(work, acting=f"staff:{self.id}"))

    def _does(self, what: str) -> None:
        self.conversation.clock.forward(seconds=THINKING.total_seconds())
        self.conversation.next_line()
        self.conversation.lines.append(Line("worker", f"{self.name} {what}"))

    def _wait(self, future: Any) -> Any:
        result = future.result(timeout=30)
        self.conversation.run_timers()
        self.conversation.hear()
        return result


# -- fixtures ------------------------------------------------------------------------------------


@pytest.fixture
def conversation(store: Store, clock: SetClock) -> Conversation:
    """The service, on each engine."""
    return Conversation(store, clock)


@pytest.fixture
def sms(conversation: Conversation) -> Phone:
    """Somebody with a phone and a little credit."""
    return conversation.phone("sms")


@pytest.fixture
def web_chat(conversation: Conversation) -> Phone:
    """Somebody on the web chat's page."""
    return conversation.phone("web")


@pytest.fixture
def telegram(conversation: Conversation) -> Phone:
    """Somebody on Telegram."""
    return conversation.phone("telegram")


@pytest.fixture
def whatsapp(conversation: Conversation) -> Phone:
    """Somebody on WhatsApp."""
    return conversation.phone("whatsapp")
