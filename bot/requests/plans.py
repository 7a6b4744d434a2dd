"""What is asked for about a person's own plan: begun, kept line by line, read back, shared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from bot.requests.base import Request, Result
from bot.requests.people import Noted


@dataclass(frozen=True, slots=True)
class PlanTold(Result):
    """It begins, and they told us what matters already: `words` are theirs."""

    words: str


@dataclass(frozen=True, slots=True)
class PlanBegun(Result):
    """It begins, and nothing is known yet."""


@dataclass(frozen=True, slots=True)
class PlanHeld(Result):
    """They have one; `agreed`: they have read it, and said who may see it."""

    agreed: bool = False


@dataclass(frozen=True, slots=True)
class NotReferred(Result):
    """A plan comes after the referral: nobody may see it yet."""


@dataclass(frozen=True, slots=True)
class OpenPlan(Request):
    """Begin their plan, or take up the one they have."""

    results: ClassVar = (PlanTold, PlanBegun, PlanHeld, NotReferred)


@dataclass(frozen=True, slots=True)
class KeepLines(Request):
    """Let the plan say this under one heading, and nothing else to this question.

    `said` is what they answered at `step`: their own words, a number, or a list of choices' codes with
    their own words last; None when they skipped it. `codes` are the choices there were. `adds` leaves
    what the heading says already.
    """

    heading: str
    step: str
    said: Any
    codes: tuple[str, ...] = ()
    asked: str | None = None
    adds: bool = False
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class NeedsFound(Result):
    """What they told us before about hearing, seeing, reading or talking; empty when nothing."""

    words: str


@dataclass(frozen=True, slots=True)
class FindNeeds(Request):
    """What do we know of their access needs?"""

    results: ClassVar = (NeedsFound,)


@dataclass(frozen=True, slots=True)
class NeedsKept(Result):
    """The needs written down, by their ids."""

    ids: list[int]


@dataclass(frozen=True, slots=True)
class KeepNeeds(Request):
    """Access needs, by the standard's kinds, in their own words (`words`) where they gave some."""

    kinds: tuple[str, ...]
    words: str | None
    step: str
    results: ClassVar = (NeedsKept,)


@dataclass(frozen=True, slots=True)
class PlanRead(Result):
    """The plan as it is read to them: `lines` is the text, or its end where it is long.

    `questions` are those its numbered lines answer, in their order. `changed`: only what was put
    right is read.
    """

    lines: str
    questions: list[str] = field(default_factory=list)
    changed: bool = False


@dataclass(frozen=True, slots=True)
class PlanEmpty(Result):
    """They skipped everything: there is nothing to read."""


@dataclass(frozen=True, slots=True)
class ReadPlan(Request):
    """Read it back to them, where nobody else sees it; of a line just `changed`, only that."""

    changed: str | None = None
    results: ClassVar = (PlanRead, PlanEmpty)


@dataclass(frozen=True, slots=True)
class AgreePlan(Request):
    """They read it, and it is right."""

    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class SharePlan(Request):
    """Who else may see it, beside their link worker: gp, services."""

    who: tuple[str, ...]
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class RestHere(Request):
    """They stop for now. The question stays open, and is not asked again until they write."""

    results: ClassVar = (Noted,)
