"""What flows ask for, done in the turn's own transaction: each request here has one function."""

from __future__ import annotations

from bot.conversation.carrying_out import (
    appointments,
    care,
    freed_time,
    got_there,
    intake,
    people,
    plans,
    reminders,
    services,
    times,
)
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.requests import Request, Result

_HOW: dict[type[Request], CarryingOut] = {
    **intake.HOW, **people.HOW, **care.HOW, **plans.HOW, **services.HOW, **got_there.HOW,
    **appointments.HOW, **times.HOW, **freed_time.HOW, **reminders.HOW,
}  # fmt: skip


def carry_out(talk: Talk, frame: Frame, request: Request) -> Result:
    """Do what was asked and say what came of it. Raises KeyError for a request nobody carries out."""
    result = _HOW[type(request)](talk, frame, request)
    talk.unit.audit(
        "carried out", f"conversation:{talk.id}", request=type(request).__name__, result=type(result).__name__
    )
    return result


def carried_out() -> frozenset[type[Request]]:
    """Every request there is a way of carrying out."""
    return frozenset(_HOW)
