"""What is asked about a time with a link worker: one that suits, a yes to it, another, or none."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from bot.requests.base import Request, Result
from bot.requests.people import Noted

#: What the key of a free time begins with, and that of something their words may mean.
SLOT, READING = "slot.", "means."

#: An appointment as a message tells it: ids, codes, names, ISO instants (UTC), and the zone it is told in.
Told = dict[str, Any]
#: A free time, so that an old button still means it: `key`, `starts_at`, `zone`, `meeting`, `place`.
Offer = dict[str, Any]


# -- what they have ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AppointmentWish(Result):
    """What somebody said elsewhere they wish for, as a flow that starts this one passes it on.

    `move` is the appointment to be moved; `words` are when they can, as they said it.
    """

    move: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class HaveAppointment(Result):
    """They have one booked, and this is it."""

    appointment: Told
    discreet: bool = False  # they asked for words that give nothing away

    @property
    def about(self) -> int:
        """The appointment this is about."""
        return self.appointment["id"]


@dataclass(frozen=True, slots=True)
class AppointmentsFound(Result):
    """They have several booked, the next first."""

    appointments: list[Told]


@dataclass(frozen=True, slots=True)
class NoAppointment(Result):
    """They have none booked: none at all, not any more, or its time has passed."""


@dataclass(frozen=True, slots=True)
class BookedByAPerson(Result):
    """They are under the service's age, so a link worker books with them, and is in touch `by` then.

    Without `by` we have not their yes yet, and nobody is told.
    """

    by: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShowAppointment(Request):
    """What they have booked: this one, or whatever lies ahead."""

    appointment_id: int | None = None
    results: ClassVar = (NoAppointment, HaveAppointment, AppointmentsFound, BookedByAPerson)


# -- a time that suits -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SlotsFound(Result):
    """Free times, at most three, soonest first.

    `why` says what they are where they are not simply what was asked for: "nearest" (nothing like it is
    free), "far" (it is further ahead than anybody books), "no_more" (all like it was shown), "gone" (the
    one they chose just went). `moving` is the appointment these are instead of; `who` the link worker's
    first name where it is the same for all.
    """

    slots: list[Offer]
    why: str = ""
    moving: int | None = None
    who: str = ""
    discreet: bool = False


@dataclass(frozen=True, slots=True)
class Looked(Result):
    """How far we have looked: what they said would suit, to go on from, and the keys offered so far."""

    wish: dict[str, Any] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SlotChosen(Result):
    """The very time they asked for is free, or the only one that is: nothing need be asked in between."""

    key: str


@dataclass(frozen=True, slots=True)
class NoMoreSlots(Result):
    """All that is free was shown."""


@dataclass(frozen=True, slots=True)
class NoTimes(Result):
    """Nothing is free, or no calendar is open to people. A link worker knows and is in touch `by` then.

    `moving`: they have a time, and it stands until another is found.
    """

    by: datetime
    moving: bool = False
    asked: bool = False  # by them, rather than because nothing is free
    gone: bool = False  # the last one was somebody else's a moment before


@dataclass(frozen=True, slots=True)
class TimeUnclear(Result):
    """A time, but it may mean two things: they are asked. `why` is a code of `windows.Why`.

    `readings` are what it may mean, soonest first, each with its `key`; there may be none.
    """

    why: str
    readings: list[Offer]
    words: str = ""
    ways: list[str] = field(default_factory=list)  # how they would like to meet, if they said


@dataclass(frozen=True, slots=True)
class NotATime(Result):
    """Nothing in what they said is about when or how. What is `held` for them stays so."""

    held: bool = False


@dataclass(frozen=True, slots=True)
class FindSlots(Request):
    """Times that suit. `words` are when and how, as they say it; `reading` one of what it may mean.

    `more`: the next after those shown. `gone`: the one they chose is taken. `moving` is the appointment
    to be moved. Whatever was held for them is let go.
    """

    words: str | None = None
    reading: str | None = None
    more: bool = False
    gone: bool = False
    moving: int | None = None
    results: ClassVar = (SlotsFound, SlotChosen, NoMoreSlots, NoTimes, TimeUnclear, NotATime)


# -- a yes to it -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SlotHeld(Result):
    """The time is kept for them for ten minutes, while they say yes. `instead_of` is what it would move."""

    appointment: Told
    instead_of: Told | None = None
    discreet: bool = False

    @property
    def about(self) -> int:
        """The time held for them."""
        return self.appointment["id"]


@dataclass(frozen=True, slots=True)
class SlotTaken(Result):
    """Somebody else was first, or it is not free any more."""


@dataclass(frozen=True, slots=True)
class HoldSlot(Request):
    """Keep this time while they make up their mind; another held for them is let go."""

    key: str
    moving: int | None = None
    results: ClassVar = (SlotHeld, SlotTaken)


@dataclass(frozen=True, slots=True)
class AppointmentBooked(Result):
    """It is booked, or moved, and they have been told all they need.

    `asks` is the one thing still to ask, at most once in their life with us: "discreet" (may we write to
    this phone that others read), "two_hours", "sooner", "both" of these, or nothing.
    """

    appointment: Told
    asks: str = ""

    @property
    def about(self) -> int:
        """The appointment this is about."""
        return self.appointment["id"]


@dataclass(frozen=True, slots=True)
class BookAppointment(Request):
    """Yes to what is held. `moving` is the appointment it is instead of, which stands until now."""

    held_id: int
    moving: int | None = None
    results: ClassVar = (AppointmentBooked, SlotTaken)


@dataclass(frozen=True, slots=True)
class LetSlotGo(Request):
    """Not this one after all: others may have it."""

    held_id: int
    results: ClassVar = (Noted,)


# -- afterwards --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AppointmentCancelled(Result):
    """It is off, and nobody minds."""

    appointment: Told

    @property
    def about(self) -> int:
        """The appointment this is about."""
        return self.appointment["id"]


@dataclass(frozen=True, slots=True)
class CancelAppointment(Request):
    """They cannot come. `why` is a code."""

    appointment_id: int
    why: str = "cannot-come"
    results: ClassVar = (AppointmentCancelled, NoAppointment)


@dataclass(frozen=True, slots=True)
class KeepAppointment(Request):
    """They will come."""

    appointment_id: int
    results: ClassVar = (HaveAppointment, NoAppointment)


@dataclass(frozen=True, slots=True)
class SayWhere(Request):
    """Where it is, how to get there, with whom, and what to bring: all of it is said."""

    appointment_id: int
    results: ClassVar = (HaveAppointment, NoAppointment)


@dataclass(frozen=True, slots=True)
class WishReminders(Request):
    """What they wish for from now on; None leaves it as it was.

    `two_hours`: a message two hours before. `discreet`: messages to a phone others read, in words that
    give nothing away; a no means none are sent to it.
    """

    two_hours: bool | None = None
    discreet: bool | None = None
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class WishEarlier(Request):
    """They would come sooner than this one if a time comes free; or, with `wished` False, would not."""

    appointment_id: int
    wished: bool = True
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class AskToBook(Request):
    """A link worker is to find a time with them."""

    moving: int | None = None
    results: ClassVar = (NoTimes,)
