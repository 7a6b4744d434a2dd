"""Where a conversation has got to: the flows waiting, and the questions asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from bot.messages import ChannelName
from bot.requests import Result

#: Old buttons still find their question among this many.
QUESTIONS_KEPT = 40

#: The flows that ended last: a button of theirs may be pressed again, or another one beside it.
ENDED_KEPT = 2

#: Between a step and one of several choices of it: by which message that one was pressed.
OF = "/"

#: How the channels are written in the state.
_CHANNEL = {channel.value: channel for channel in ChannelName}


def _results(kind: type[Result] = Result) -> dict[str, type[Result]]:
    return {sub.trigger(): sub for sub in kind.__subclasses__()}


RESULTS = _results()


@dataclass(slots=True)
class Frame:
    """One flow on the stack: its step, what was answered and found, and by which message."""

    id: int
    flow: str
    step: str
    answers: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Result] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)  # step: the inbox id that answered it
    path: list[str] = field(default_factory=list)  # the steps answered, in order
    again: list[str] = field(default_factory=list)  # answers to take as they were, after a change
    tries: int = 0
    question: int = 0
    by: int = 0  # the flow that began it
    picked: dict[str, int] = field(default_factory=dict)  # pressed so far, of several, each by its message

    @property
    def given(self) -> dict[str, Any]:
        """The answers on the way they took. What they said before a change of mind is kept, and not told."""
        return {step: self.answers[step] for step in self.path if step in self.answers}

    def call_steps(self, names: Mapping[str, str]) -> None:
        """Call every step by the name it has now: `names` maps the old to the new."""
        self.step = names.get(self.step, self.step)
        self.answers = {names.get(step, step): value for step, value in self.answers.items()}
        self.said = {names.get(step, step): id_ for step, id_ in self.said.items()}
        self.path = [names.get(step, step) for step in self.path]
        self.again = [names.get(step, step) for step in self.again]

    def to_json(self) -> dict[str, Any]:
        data = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "found"}
        return data | {"found": {name: _plain(result) for name, result in self.found.items()}}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Frame:
        found = {name: _result(name, values) for name, values in data["found"].items() if name in RESULTS}
        return cls(**{**data, "found": found})


def _plain(result: Result) -> dict[str, Any]:
    return {k: {"at": v.isoformat()} if isinstance(v, datetime) else v for k, v in asdict(result).items()}


def _result(name: str, values: dict[str, Any]) -> Result:
    kind = RESULTS[name]
    known = {f.name for f in fields(kind)}
    return kind(
        **{
            k: datetime.fromisoformat(v["at"]) if isinstance(v, dict) and "at" in v else v
            for k, v in values.items()
            if k in known
        }
    )


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked, and what was offered with it, so that an old button still means what it said."""

    n: int
    frame: int
    flow: str
    step: str
    channel: ChannelName
    offered: tuple[str, ...]
    closed: bool
    at: datetime
    until: datetime | None = None
    change: bool = False  # "which answer shall we change?": the offers are steps

    def called(self, names: Mapping[str, str]) -> Question:
        """The same, with every step by the name it has now."""
        offered = tuple(names.get(step, step) for step in self.offered) if self.change else self.offered
        return replace(self, step=names.get(self.step, self.step), offered=offered)

    def to_json(self) -> list[Any]:
        return [
            self.n, self.frame, self.flow, self.step, self.channel.value, list(self.offered), self.closed,
            self.at.isoformat(), self.until.isoformat() if self.until else None, self.change,
        ]  # fmt: skip

    @classmethod
    def from_json(cls, data: list[Any]) -> Question:
        n, frame, flow, step, channel, offered, closed, at, until, change = data
        return cls(
            n, frame, flow, step, _CHANNEL[channel], tuple(offered), closed, datetime.fromisoformat(at),
            datetime.fromisoformat(until) if until else None, change,
        )  # fmt: skip


@dataclass(slots=True)
class State:
    """The stack of waiting flows, top last, and the questions asked, newest last."""

    stack: list[Frame] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    n: int = 0
    first_words: tuple[str, int] | None = None  # what they opened with, and its inbox id
    lane_said_at: datetime | None = None  # when we last said a person will read this
    ended: list[Frame] = field(default_factory=list)  # the flows that ended last, newest last
    spoke: bool = False  # the last thing we said asked nothing: "ok" is no answer to what we asked before
    with_worker: bool = False  # a link worker spoke last, and has not handed back
    carries_on: bool = False  # they chose our questions while a link worker owes them an answer
    card_n: int = 0  # `n` when the last card went out: what began since, they began themselves
    unreadable_at: datetime | None = None  # when they last sent what we cannot read
    stopped_before: int | None = None  # the appointment that lay ahead when CANCEL stopped our texts

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> State:
        if not data:
            return cls()
        return cls(
            [Frame.from_json(f) for f in data["stack"]],
            [Question.from_json(q) for q in data["questions"]],
            data["n"],
            tuple(data["first_words"]) if data.get("first_words") else None,
            datetime.fromisoformat(data["lane_said_at"]) if data.get("lane_said_at") else None,
            [Frame.from_json(f) for f in data.get("ended", ())],
            data.get("spoke", False),
            data.get("with_worker", False),
            data.get("carries_on", False),
            data.get("card_n", 0),
            datetime.fromisoformat(data["unreadable_at"]) if data.get("unreadable_at") else None,
            data.get("stopped_before"),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "stack": [f.to_json() for f in self.stack],
            "questions": [q.to_json() for q in self.questions[-QUESTIONS_KEPT:]],
            "n": self.n,
            "first_words": self.first_words,
            "lane_said_at": self.lane_said_at.isoformat() if self.lane_said_at else None,
            "ended": [f.to_json() for f in self.ended],
            "spoke": self.spoke,
            "with_worker": self.with_worker,
            "carries_on": self.carries_on,
            "card_n": self.card_n,
            "unreadable_at": self.unreadable_at.isoformat() if self.unreadable_at else None,
            "stopped_before": self.stopped_before,
        }

    def call_steps(self, renamed: Mapping[str, Mapping[str, str]]) -> None:
        """Wake under today's names: `renamed` maps each flow's old step names to the new."""
        for frame in (*self.stack, *self.ended):
            if names := renamed.get(frame.flow):
                frame.call_steps(names)
        self.questions = [q.called(renamed[q.flow]) if q.flow in renamed else q for q in self.questions]

    def next(self) -> int:
        """A number nothing else here has."""
        self.n += 1
        return self.n

    def frame(self, id_: int) -> Frame | None:
        """The frame of this id, if its flow still waits."""
        return next((f for f in self.stack if f.id == id_), None)

    def end(self, frame: Frame) -> None:
        """Take it off the stack, and remember it for a while if they answered anything in it."""
        self.stack.remove(frame)
        if frame.path:
            self.ended = [*self.ended, frame][-ENDED_KEPT:]

    def take_up(self, frame: Frame) -> None:
        """A flow that had ended, or was put aside, goes on; what it had begun is put aside."""
        self.ended.remove(frame)
        for begun in [f for f in self.stack if f.by == frame.id]:
            self.end(begun)
        self.stack.append(frame)

    def question(self, n: int) -> Question | None:
        """The question of this number, open or not."""
        return next((q for q in self.questions if q.n == n), None)

    def is_open(self, question: Question, now: datetime) -> bool:
        """Whether it still waits for its answer."""
        frame = self.frame(question.frame)
        return (
            frame is not None
            and frame.question == question.n
            and (question.until is None or now < question.until)
        )

    def waits(self, frame: Frame, now: datetime) -> bool:
        """Whether this flow's question still waits for its answer."""
        question = self.question(frame.question)
        return question is not None and self.is_open(question, now)

    def open_questions(self, now: datetime) -> list[Question]:
        """The questions still waiting, the one asked last first."""
        return [q for q in reversed(self.questions) if self.is_open(q, now)]

    @property
    def top(self) -> Frame | None:
        """The flow that speaks, if any waits."""
        return self.stack[-1] if self.stack else None
