"""What somebody says to a time that came free: yes, not this time, or do not ask me again."""

from __future__ import annotations

from dataclasses import dataclass

from bot.appointments import freed_time
from bot.appointments.appointment import Appointment, maybe, next_appointment
from bot.appointments.booking import Clash, book, move
from bot.appointments.calendar import lock_calendar
from bot.appointments.freed_time import Answer, FreedTime, Offer, answered, ask_again, offer_of, time_of
from bot.appointments.short_notice import Fit, wait_no_longer
from bot.store.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class Taken:
    """The time is theirs. `before` is what they had instead until now, where it was moved."""

    appointment: Appointment
    before: Appointment | None = None


@dataclass(frozen=True, slots=True)
class TooLate:
    """Somebody else has it, or it is not to be had any more. `own` is what they have booked, if anything."""

    own: Appointment | None


def take(unit: UnitOfWork, offer_id: int) -> Taken | TooLate:
    """Yes to a freed time: the first has it, and a yes said twice is one.

    Their later appointment moves there, which frees its own time in turn; or a new one is booked. Whoever
    comes too late keeps what they have, and waits on. One that has passed may still be free: the calendar
    decides.
    """
    offer, time = _about(unit, offer_id)
    if offer is None or time is None:
        return TooLate(None)
    if (mine := _theirs_already(unit, offer, time)) is not None:
        return mine
    if time.taken or time.starts_at <= unit.now:
        return _too_late(unit, offer)
    lock_calendar(unit, time.staff_id)  # from here on nobody else can
    time = time_of(unit, time.id)
    fits = freed_time.still_fits(unit, offer, time) if time is not None and not time.taken else None
    if time is None or fits is None:
        return _too_late(unit, offer)
    had = _booked(unit, offer.person_id, time, fits)
    if isinstance(had, Clash):
        if had.reason not in ("held", "theirs"):
            freed_time.passed(unit, time.id)
        return _too_late(unit, offer)
    freed_time.taken_by(unit, time.id, had)
    answered(unit, offer.id, Answer.YES)
    wait_no_longer(unit, offer.person_id)
    return Taken(had, fits.moves)


def let_go(unit: UnitOfWork, offer_id: int) -> Appointment | None:
    """Not this time: they wait on, and another is asked. What they have booked, if it is this very time.

    Nobody loses a time that is theirs by pressing an old button.
    """
    offer, time = _about(unit, offer_id)
    if offer is None or time is None:
        return None
    mine = _theirs_already(unit, offer, time)
    if mine is not None:
        return mine.appointment
    if answered(unit, offer_id, Answer.NO) and time.offered:
        ask_again(unit, time.id)
    return None


def ask_no_more(unit: UnitOfWork, offer_id: int) -> Appointment | None:
    """Not this time, and none after it. What they have booked, if it is this very time."""
    offer = offer_of(unit, offer_id)
    if offer is not None:
        wait_no_longer(unit, offer.person_id)
    return let_go(unit, offer_id)


# -- inside --------------------------------------------------------------------------------


def _about(reading: Reading, offer_id: int) -> tuple[Offer | None, FreedTime | None]:
    offer = offer_of(reading, offer_id)
    return offer, time_of(reading, offer.freed_id) if offer is not None else None


def _theirs_already(reading: Reading, offer: Offer, time: FreedTime) -> Taken | None:
    """They have it: they said yes before, or booked it another way."""
    had = maybe(reading, time.taken_by) if time.taken_by is not None else None
    if had is None or had.person_id != offer.person_id or not had.stands:
        return None
    return Taken(had) if had.starts_at == time.starts_at else None


def _booked(unit: UnitOfWork, person_id: int, time: FreedTime, fits: Fit) -> Appointment | Clash:
    if fits.moves is None:
        return book(
            unit, person_id, time.staff_id, time.starts_at, minutes=fits.minutes, kind=fits.kind,
            meeting=fits.meeting, place_id=fits.place_id,
        )  # fmt: skip
    if fits.keeps_place:
        return move(unit, fits.moves.id, time.starts_at)
    return move(unit, fits.moves.id, time.starts_at, meeting=fits.meeting, place_id=fits.place_id)


def _too_late(unit: UnitOfWork, offer: Offer) -> TooLate:
    answered(unit, offer.id, Answer.TOO_LATE)
    return TooLate(next_appointment(unit, offer.person_id))
