"""What a referral asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from bot.requests.base import Request, Result
from bot.requests.people import Noted


@dataclass(frozen=True, slots=True)
class ReferralOpened(Result):
    """A referral, a case and a place in the queue exist. They will be contacted by this instant (UTC)."""

    by: datetime


@dataclass(frozen=True, slots=True)
class OpenReferral(Request):
    """Pass this on to the link workers: they agreed."""

    content: dict[str, Any] = field(default_factory=dict)
    made_by: str = "self"
    results: ClassVar = (ReferralOpened,)


@dataclass(frozen=True, slots=True)
class CarerToBeRung(Result):
    """A link worker will talk with the one who asked, by this instant (UTC)."""

    by: datetime


@dataclass(frozen=True, slots=True)
class TalkToCarerFirst(Request):
    """The person spoken of cannot decide for themselves: a link worker talks with the carer."""

    content: dict[str, Any] = field(default_factory=dict)
    results: ClassVar = (CarerToBeRung,)


@dataclass(frozen=True, slots=True)
class CallBackPromised(Result):
    """A task to ring exists; `by` (UTC) is the latest they were told."""

    by: datetime


@dataclass(frozen=True, slots=True)
class NotANumber(Result):
    """What they gave cannot be rung. `why` is a word for the second try."""

    why: str = ""


@dataclass(frozen=True, slots=True)
class AskForCallBack(Request):
    """Ring this person. No number means the one they text from."""

    number: str | None = None
    results: ClassVar = (CallBackPromised, NotANumber)


@dataclass(frozen=True, slots=True)
class SetCallBack(Request):
    """Whether to ring them, now that we asked if it is safe."""

    wanted: bool
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class NumberNoted(Result):
    """A number to reach them on, kept in their contact plan."""


@dataclass(frozen=True, slots=True)
class NoteNumber(Request):
    """Keep a number they gave for a link worker to ring. It is never texted unasked."""

    number: str
    results: ClassVar = (NumberNoted, NotANumber)
