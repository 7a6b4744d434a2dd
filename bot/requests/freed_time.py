"""What is asked about a time that came free: to have it, or to let it go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.requests.appointments import Told
from bot.requests.base import Request, Result


@dataclass(frozen=True, slots=True)
class TimeFreed(Result):
    """A time has come free. `appointment` is what they would have then, `instead_of` what would move there.

    `offer_id` is this one's offer to them. `discreet`: they asked for words that give nothing away.
    """

    offer_id: int
    appointment: Told
    instead_of: Told | None = None
    discreet: bool = False

    @property
    def about(self) -> int:
        """The offer this is about."""
        return self.offer_id

    @property
    def open_until(self) -> datetime:
        """Until when it may be answered (aware UTC): until it begins."""
        return datetime.fromisoformat(self.appointment["starts_at"])


@dataclass(frozen=True, slots=True)
class TimeYours(Result):
    """The time is theirs, and they have been told all they need."""

    appointment: Told


@dataclass(frozen=True, slots=True)
class TimeGone(Result):
    """Somebody else has it, or it is not to be had any more. `appointment` is what they keep, if anything."""

    appointment: Told | None = None

    @property
    def short(self) -> str:
        """They have nothing else booked."""
        return ""


@dataclass(frozen=True, slots=True)
class TimeLetGo(Result):
    """Not this time. `appointment` is what they keep, if anything."""

    appointment: Told | None = None

    @property
    def short(self) -> str:
        """They have nothing else booked."""
        return ""


@dataclass(frozen=True, slots=True)
class TakeFreedTime(Request):
    """Yes to it: the first has it."""

    offer_id: int
    results: ClassVar = (TimeYours, TimeGone)


@dataclass(frozen=True, slots=True)
class LetFreedTimeGo(Request):
    """Not this one. `for_good`: do not ask them again. What is theirs already stays so."""

    offer_id: int
    for_good: bool = False
    results: ClassVar = (TimeLetGo, TimeYours)
