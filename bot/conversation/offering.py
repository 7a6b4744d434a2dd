"""Offering somebody a conversation of our own accord: what matters to them, things near them, a time."""

from __future__ import annotations

from sqlalchemy import select

from bot.conversation import engine
from bot.conversation.talk import Talk
from bot.conversation.voice import Voice
from bot.people.for_a_human import has_open_concern
from bot.people.safe_contact import Purpose
from bot.store.tables import concern
from bot.store.unit_of_work import Reading

#: What can be offered; each has a flow of its own that asks first.
WHAT_MATTERS, FIND_SUPPORT, APPOINTMENT = "what_matters", "find_support", "appointment"
CAN_BE_OFFERED = (WHAT_MATTERS, FIND_SUPPORT, APPOINTMENT)

HELD = "held"
NO_AGREEMENT = "no agreement"
UNDER_AGE = "under age"
CONCERN_OPEN = "a concern is open"
IN_THE_MIDDLE = "in the middle of it"


def why_not_now(talk: Talk, flow: str) -> str | None:
    """Why this cannot be offered, whatever the channel; None when it can.

    Held by staff, no agreement, under age, a concern is open, or it is going on already.
    """
    if talk.held_by is not None:
        return HELD
    if talk.row.agreed_at is None:
        return NO_AGREEMENT
    if talk.row.under_age:
        return UNDER_AGE
    if talk.in_concern or has_open_concern(talk.unit, talk.person_id):
        return CONCERN_OPEN
    if any(frame.flow in (flow, asks_for(talk.voice, flow)) for frame in talk.state.stack):
        waits = (f for f in talk.state.stack if f.flow in (flow, asks_for(talk.voice, flow)))
        if any(talk.state.waits(frame, talk.now) for frame in waits):
            return IN_THE_MIDDLE
    return None


def asks_for(voice: Voice, flow: str) -> str:
    """The flow that asks whether they wish for it."""
    return f"offer_{flow}" if f"offer_{flow}" in voice.flows else flow


def offer(talk: Talk, flow: str, purpose: Purpose) -> None:
    """Ask whether they wish for it. From now on the questions speak again, and not a link worker."""
    talk.state.with_worker = False
    frame = engine.begin(talk, asks_for(talk.voice, flow))
    talk.ask(frame, purpose=purpose)


def had_a_concern(reading: Reading, conversation_id: int) -> bool:
    """Whether a concern was ever noticed here that was not found to be none."""
    return (
        reading.execute(
            select(concern.c.id)
            .where(concern.c.conversation_id == conversation_id, concern.c.not_a_concern_at.is_(None))
            .limit(1)
        ).first()
        is not None
    )
