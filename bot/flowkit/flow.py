"""A flow: steps, and rows that say what leads where. The rows are the `transitions` library's own."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from transitions import Machine

from bot.flowkit.answers import Expects
from bot.flowkit.when import When
from bot.requests import Request, Result

# The library tells every step it takes, several lines a turn; ours is in the store already.
logging.getLogger("transitions").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Step:
    """One place in a flow.

    `expects` an answer, `awaits` the results of a request, or `ends` the flow (saying how).
    A step with none of these is left at once by the trigger "start": a flow begins there
    when where it begins depends on something. After an end the question it interrupted is asked
    again, unless `returns` says that they want peace now; it is still open. At an end that `keeps`,
    all they answered before their last word is taken as it was should they begin once more.
    An `aside` asks nothing about them ("shall we rest?", "is this right?"): going back passes over it.
    What is answered where it `binds`, an agreement or a time others keep, is asked again before it changes.
    """

    name: str
    expects: Expects | None = None
    ends: str | None = None
    awaits: type[Request] | None = None
    returns: bool = True
    keeps: bool = False
    aside: bool = False
    binds: bool = False


@dataclass(frozen=True, slots=True)
class StartFlow(Request):
    """Begin another flow. `instead` leaves this one for good; else it waits beneath.

    `found` are results the other begins with: what it is about, and what they have said already.
    """

    flow: str
    instead: bool = False
    found: tuple[Result, ...] = ()


class BadFlow(Exception):
    """A flow that cannot work, found when it is defined."""


class Flow:
    """A conversation about one thing. Pure: state and one trigger in; next step and requests out.

    An instance is made for one turn and is the machine's model; the machine is shared, made
    once for the class, and never keeps it.
    """

    __slots__ = ("answers", "channel", "found", "requests", "state")

    name: ClassVar[str] = ""
    starts_at: ClassVar[str] = ""
    steps: ClassVar[list[Step]] = []
    transitions: ClassVar[list[Any]] = []
    renamed: ClassVar[dict[str, str]] = {}  # steps once shipped under another name

    machine: ClassVar[Machine]
    _steps: ClassVar[dict[str, Step]]

    def __init__(
        self,
        state: str,
        answers: dict[str, Any] | None = None,
        found: dict[str, Any] | None = None,
        channel: str = "",
    ):
        self.state = self.renamed.get(state, state)
        self.answers = answers if answers is not None else {}
        self.found = found if found is not None else {}
        self.requests: list[Request] = []
        self.channel = channel

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._steps = {step.name: step for step in cls.steps}
        rows = cls.rows()
        cls._check(rows)
        cls.machine = Machine(
            model=None,
            states=list(cls._steps),
            initial=cls.starts_at,
            transitions=rows,
            auto_transitions=False,
            send_event=False,
            queued=False,
        )

    @classmethod
    def rows(cls) -> list[dict[str, Any]]:
        """Every row as the library's dictionary."""
        return [cls._row(row) for row in cls.transitions]

    @classmethod
    def _row(cls, row: Any) -> dict[str, Any]:
        """A row as the library's dictionary, with guards as methods of the flow."""
        if not isinstance(row, dict):
            row = dict(zip(("trigger", "source", "dest", "conditions", "before"), row, strict=False))
        conditions = row.get("conditions", [])
        names = []
        for guard in conditions if isinstance(conditions, (list, tuple)) else [conditions]:
            if isinstance(guard, When):
                setattr(cls, guard.name, guard.holds)
                guard = guard.name
            names.append(guard)
        return {**row, "conditions": names}

    @classmethod
    def _check(cls, rows: Iterable[dict[str, Any]]) -> None:
        """Refuse what could strand somebody: unknown steps, missing callbacks, results without a row."""
        rows = list(rows)
        where = f"flow {cls.name!r}"
        if cls.starts_at not in cls._steps:
            raise BadFlow(f"{where} starts at {cls.starts_at!r}, which is no step")
        for row in rows:
            sources = row["source"] if isinstance(row["source"], list) else [row["source"]]
            for step in [*sources, row["dest"]]:
                if step not in cls._steps:
                    raise BadFlow(f"{where} has a row with {step!r}, which is no step")
            befores = row.get("before") or []
            for callback in [*row["conditions"], *(befores if isinstance(befores, list) else [befores])]:
                if not callable(getattr(cls, callback, None)):
                    raise BadFlow(f"{where} names {callback!r}, which it does not have")
        left = {
            s for row in rows for s in (row["source"] if isinstance(row["source"], list) else [row["source"]])
        }
        for step in cls._steps.values():
            if step.ends and step.name in left:
                raise BadFlow(f"{where}: {step.name!r} ends it, yet a row leaves it")
            if not step.ends and step.name not in left:
                raise BadFlow(f"{where}: nothing leaves {step.name!r}, and it does not end the flow")
            if step.awaits:
                have = {row["trigger"] for row in rows if row["source"] == step.name}
                for result in step.awaits.results:
                    if result.trigger() not in have:
                        raise BadFlow(f"{where}: {step.name!r} has no row for {result.trigger()!r}")
        for new in cls.renamed.values():
            if new not in cls._steps:
                raise BadFlow(f"{where} renames a step to {new!r}, which is no step")

    @classmethod
    def step(cls, name: str) -> Step:
        """The step of this name, or of the name it was given since. Raises KeyError."""
        return cls._steps[cls.renamed.get(name, name)]

    @classmethod
    def only_keeps(cls, step: str) -> bool:
        """Whether an answer here is kept and nothing is asked for because of it."""
        events = cls.machine.events.values()
        return not any(row.before for event in events for row in event.transitions.get(step, ()))

    def request(self, request: Request) -> None:
        """Ask for something. The engine carries it out in this turn's own transaction."""
        self.requests.append(request)

    def can(self, trigger: str) -> bool:
        """Whether some row answers this trigger here, guards aside."""
        event = self.machine.events.get(trigger)
        return event is not None and self.state in event.transitions

    def fire(self, trigger: str) -> bool:
        """Move by one trigger. False when no row's guard held."""
        return self.machine.events[trigger].trigger(self)
