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
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select

import flows
from bot.casework.handoffs import Handoff, PickedUp, handoffs_of, undo_close, waiting
from bot.casework.staffing import add_staff
from bot.clock import LONDON, SetClock
from bot.conversation.due import Due
from bot.conversation.inbox import Inbox, Received
from bot.conversation.staff_turns import CannotReply, Replied, StaffTurns
from bot.conversation.turns import TurnFailed, Turns
from bot.conversation.voice import Voice
from bot.flowkit import Flow
from bot.flowkit.gather import gather
from bot.messages import ChannelName, InboundMessage
from bot.settings import Settings
from bot.store.engines import Store
from bot.store.tables import timer
from bot.words.languages import Languages
from bot.words.prompts import Prompts
from tests.support.phone import THINKING, Line, Phone

ROOT = Path(__file__).parent.parent.parent
LOCALES = ROOT / "locales"

_IDS = itertools.count(1)

ADDRESSES = {
    ChannelName.SMS: "+447700900101",
    ChannelName.WHATSAPP: "+447700900102",
    ChannelName.TELEGRAM: "900103",
    ChannelName.WEB: "visitor-104",
}


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

    def offers(self, phone: Phone, flow: str) -> Worker:
        """They offer a conversation, with one tap; the page says why where it cannot be."""
        self._does(f"offers {flow.replace('_', ' ')}")
        made = self._wait(self.conversation.staff.offer(phone.conversation_id, flow, self.id))
        if isinstance(made, CannotReply):
            self.conversation.lines.append(Line("worker", f"it cannot be offered: {made.why}"))
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
