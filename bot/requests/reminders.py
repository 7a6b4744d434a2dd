"""What is asked because of a reminder, and what somebody may say to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.requests.appointments import NoAppointment, Told
from bot.requests.base import Request, Result


@dataclass(frozen=True, slots=True)
class AppointmentDue(Result):
    """The appointment a reminder is about. `discreet` leaves out names, the service and what it is.

    `ends_at` is aware UTC. `wording` is the arm of a trial, "" for the plain words.
    """

    appointment: Told
    ends_at: datetime
    discreet: bool = False
    wording: str = ""

    @property
    def about(self) -> int:
        """The appointment this is about."""
        return self.appointment["id"]

    @property
    def open_until(self) -> datetime:
        """Until when what was asked about it may be answered (aware UTC)."""
        return self.ends_at


@dataclass(frozen=True, slots=True)
class AppointmentOff(Result):
    """An appointment that is off, or that they did not come to, as they hear of it."""

    appointment: Told
    discreet: bool = False

    @property
    def about(self) -> int:
        """The appointment this is about."""
        return self.appointment["id"]


@dataclass(frozen=True, slots=True)
class ReplyHeard(Result):
    """What they said about it, beside what it means: how late they run, or their own words."""

    words: str = ""
    late_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class TimeTakenBack(Result):
    """It is theirs again, as a new appointment at the same time."""

    about: int


@dataclass(frozen=True, slots=True)
class TimeTaken(Result):
    """Somebody else has it by now, or it is too late."""


@dataclass(frozen=True, slots=True)
class TakeTimeBack(Request):
    """They can come after all to what they just gave up."""

    appointment_id: int
    results: ClassVar = (TimeTakenBack, TimeTaken)


@dataclass(frozen=True, slots=True)
class LateNoted(Result):
    """Their link worker is told."""


@dataclass(frozen=True, slots=True)
class SayLate(Request):
    """They run late, by so many minutes, or do not say by how many."""

    appointment_id: int
    minutes: int | None = None
    results: ClassVar = (LateNoted, NoAppointment)


@dataclass(frozen=True, slots=True)
class NeedsNoted(Result):
    """What they will need stands with the appointment."""


@dataclass(frozen=True, slots=True)
class SayNeeds(Request):
    """What they will need, in their words: for their link worker alone."""

    appointment_id: int
    words: str
    results: ClassVar = (NeedsNoted, NoAppointment)
