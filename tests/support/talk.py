"""A flow alone, as a conversation: `talk.starts().hears("intake.area")`, `talk.says("1").hears(…)`.

Nothing is stored and nothing is carried out: requests are collected in `talk.requests`, and each
gets the result a test names (`talk.finds(NotANumber())`) or the first it can have. Between lines all
of it goes through JSON, as it does between turns. `starts()` begins the flow the test file is named for.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import flows
from bot.conversation.state import Frame
from bot.conversation.voice import Voice
from bot.flowkit import Flow, Step
from bot.flowkit.answers import SKIPPED
from bot.flowkit.gather import gather
from bot.flowkit.reading import read
from bot.messages import ChannelName
from bot.requests import (
    CallBackPromised,
    CarerToBeRung,
    DetailsFound,
    HandoffOpened,
    Joined,
    NeedsFound,
    NeedsKept,
    NoTimes,
    PlanRead,
    PlanTold,
    ReferralOpened,
    Request,
    Result,
    ServicesFound,
    SlotsFound,
)
from bot.settings import Settings
from bot.words.languages import Languages
from bot.words.prompts import Prompts

ROOT = Path(__file__).parent.parent.parent
TUESDAY_5PM = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)

#: A plan with every line there can be.
PLAN_LINES = [
    "matters", "going-well", "enjoys", "around", "five_ways", "practical", "barrier", "help", "meeting",
    "when", "with-whom", "step", "importance", "why-important", "confidence", "why-confident", "access",
]  # fmt: skip

#: What comes of a request when a test says nothing else. The others come to their first result.
RESULTS: tuple[Result, ...] = (
    ReferralOpened(by=TUESDAY_5PM),
    CallBackPromised(by=TUESDAY_5PM),
    CarerToBeRung(by=TUESDAY_5PM),
    HandoffOpened(open_now=True, by=TUESDAY_5PM),
    DetailsFound(name="Ray", agreed=True, waiting=True),
    Joined(conversation_id=1),
    PlanTold(words="I know nobody here"),
    NeedsFound(words=""),
    NeedsKept(ids=[]),
    PlanRead(lines='1 What matters: "I know nobody here"', questions=PLAN_LINES),
    ServicesFound([], []),
    SlotsFound([]),
    NoTimes(by=TUESDAY_5PM),
)


@cache
def voice() -> Voice:
    """Every word as people hear it."""
    prompts = Prompts(ROOT / "templates" / "prompts", ROOT / "locales")
    return Voice(prompts, Languages.load(ROOT / "locales"), gather(flows), Settings.load(_env_file=None))


class Talk:
    """One flow, from line to line."""

    def __init__(self, flow: str = ""):
        self.flow = flow
        self.channel = ChannelName.SMS
        self.language = "en"
        self.frame: Frame | None = None
        self.requests: list[Request] = []
        self.heard: list[str] = []
        self._results: list[Result] = []

    # -- what a test does -----------------------------------------------------------------------

    def starts(self, flow: str = "", channel: ChannelName | str = ChannelName.SMS, **answers: Any) -> Talk:
        """The flow begins, on this channel."""
        self.flow, self.channel = flow or self.flow, ChannelName(channel)
        self.frame = Frame(1, self.flow, self._kind.starts_at, dict(answers), path=list(answers))
        self.heard = []
        if _comes_by_itself(self._kind.step(self.frame.step)):
            self._move("start")
        else:
            self.heard.append(f"{self.flow}.{self.frame.step}")
        return self

    def at(self, key: str, channel: ChannelName | str = ChannelName.SMS, **answers: Any) -> Talk:
        """They have come to this question, by these answers."""
        self.flow, _, step = key.rpartition(".")
        self.channel = ChannelName(channel)
        self.frame = Frame(1, self.flow, step, dict(answers), path=list(answers))
        self.heard = [key]
        return self

    def finds(self, *results: Result) -> Talk:
        """What comes of the next requests that can have these results."""
        self._results += results
        return self

    def says(self, text: str) -> Talk:
        """They say this. What does not fit leaves everything as it was, and is heard as a second try."""
        self._save_and_load()
        step = self._step
        assert step.expects is not None, f"{self.flow}.{step.name} asks nothing"
        offered = voice().offers(self.flow, step.name, self.frame.found, self.language, self.channel)
        value = read(step.expects, text, offered, voice().vocabulary(self.language))
        self.heard = []
        if value is None:
            self.heard.append(f"{self.flow}.{step.name} again")
            return self
        self.frame.answers[step.name] = None if value is SKIPPED else value
        self.frame.path = [s for s in self.frame.path if s != step.name] + [step.name]
        flow = self._made()
        if value is SKIPPED:
            trigger = "skip" if flow.can("skip") else "answer"
        else:
            choice = step.expects.choice(value)
            trigger = choice if choice is not None and flow.can(choice) else "answer"
        self._move(trigger)
        return self

    def hears(self, *keys: str) -> Talk:
        """Exactly this was asked or said since the last line; a second try has " again" behind it."""
        assert self.heard == list(keys)
        return self

    # -- what a test looks at -------------------------------------------------------------------

    @property
    def answers(self) -> dict[str, Any]:
        """What they answered, on the way they took."""
        return self.frame.given

    @property
    def ended(self) -> str | None:
        """How it ended; None while a question waits."""
        return self._step.ends

    # -- inside -----------------------------------------------------------------------------------

    @property
    def _kind(self) -> type[Flow]:
        return voice().flows[self.flow]

    @property
    def _step(self) -> Step:
        return self._kind.step(self.frame.step)

    def _made(self) -> Flow:
        return self._kind(self.frame.step, self.frame.given, self.frame.found, self.channel)

    def _save_and_load(self) -> None:
        self.frame = Frame.from_json(json.loads(json.dumps(self.frame.to_json())))

    def _move(self, trigger: str) -> None:
        while True:
            flow = self._made()
            assert flow.fire(trigger), f"{self.flow}.{self.frame.step} has no way on by {trigger!r}"
            self.frame.step = flow.state
            self.requests += flow.requests
            step = self._step
            if step.awaits is not None:
                (asked,) = [r for r in flow.requests if isinstance(r, step.awaits)]
                result = self._result_of(asked)
                self.frame.found[result.trigger()] = result
                trigger = result.trigger()
            elif _comes_by_itself(step):
                trigger = "start"
            else:
                self.heard.append(f"{self.flow}.{step.name}")
                return

    def _result_of(self, request: Request) -> Result:
        for result in self._results:
            if isinstance(result, type(request).results):
                self._results.remove(result)
                return result
        usual = next((r for r in RESULTS if isinstance(r, type(request).results)), None)
        return usual or type(request).results[0]()


def _comes_by_itself(step: Step) -> bool:
    return step.expects is None and step.ends is None and step.awaits is None


@pytest.fixture
def talk(request: pytest.FixtureRequest) -> Talk:
    """The flow this test file is named for, alone."""
    return Talk(request.module.__name__.rpartition("test_flow_")[2])
