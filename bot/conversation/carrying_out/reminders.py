"""What somebody says to a reminder, done: they run late, will need something, or can come after all."""

from __future__ import annotations

from bot.appointments import outcomes
from bot.appointments.appointment import Appointment, maybe
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.reminding import ask_link_worker, due_of
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.requests import (
    LateNoted,
    NeedsNoted,
    NoAppointment,
    Result,
    SayLate,
    SayNeeds,
    TakeTimeBack,
    TimeTaken,
    TimeTakenBack,
)


def _late(talk: Talk, frame: Frame, request: SayLate) -> Result:
    """Noted in the calendar, and the link worker has a task before it begins."""
    one = _booked(talk, request.appointment_id)
    if one is None:
        return NoAppointment()
    outcomes.said_late(talk.unit, one.id, request.minutes)
    ask_link_worker(talk, "runs-late", one, max(talk.now, min(one.starts_at, one.ends_at)))
    return LateNoted()


def _needs(talk: Talk, frame: Frame, request: SayNeeds) -> Result:
    """Kept with the appointment, for the link worker; said twice, both are."""
    one = _booked(talk, request.appointment_id)
    if one is None:
        return NoAppointment()
    words = f"{one.needs}\n{request.words}" if one.needs else request.words
    outcomes.said_needs(talk.unit, one.id, words)
    return NeedsNoted()


def _take_back(talk: Talk, frame: Frame, request: TakeTimeBack) -> Result:
    """As it was, if nobody else has the time by now."""
    one = maybe(talk.unit, request.appointment_id)
    if one is None or one.person_id != talk.person_id or not one.ahead(talk.now):
        return TimeTaken()
    kept = outcomes.outcome_back(talk.unit, one.id)
    if not isinstance(kept, Appointment):
        return TimeTaken()
    outcomes.said_coming(talk.unit, kept.id)
    frame.found["appointment_due"] = due_of(talk, kept)
    return TimeTakenBack(kept.id)


def _booked(talk: Talk, appointment_id: int) -> Appointment | None:
    """This appointment of theirs, if it stands and is not over."""
    one = maybe(talk.unit, appointment_id)
    if one is None or one.person_id != talk.person_id or not one.stands or one.over(talk.now):
        return None
    return one


HOW: dict[type, CarryingOut] = {SayLate: _late, SayNeeds: _needs, TakeTimeBack: _take_back}
