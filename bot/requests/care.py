"""What is asked of people: a handoff, a closing, a complaint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.requests.base import Request, Result
from bot.requests.people import Noted


@dataclass(frozen=True, slots=True)
class HandoffOpened(Result):
    """A person will see it. `open_now` when someone is there; else `by` (UTC) is when they are back."""

    open_now: bool
    by: datetime


@dataclass(frozen=True, slots=True)
class OpenHandoff(Request):
    """Put this conversation before a link worker. `reason` is a short word such as "person"."""

    reason: str
    worse: bool = False
    results: ClassVar = (HandoffOpened,)


@dataclass(frozen=True, slots=True)
class CloseAsNotNeeded(Request):
    """They no longer need it; the link worker sees it and closes the case."""

    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class RecordHelped(Request):
    """Was it any help, 0 to 10, as they left."""

    score: int
    results: ClassVar = (Noted,)
