"""What falls due about a person's own plan: a day after a referral they are offered to begin one, once."""

from __future__ import annotations

from collections.abc import Callable

from bot.casework.plans import OFFER, a_day_after, plan_of
from bot.conversation import engine
from bot.conversation.offering import HELD, WHAT_MATTERS, had_a_concern, offer, why_not_now
from bot.conversation.quiet import quiet_until
from bot.conversation.reminding import FLOW as REMINDER
from bot.conversation.talk import Talk
from bot.conversation.voice import Voice
from bot.people.for_a_human import open_case_id
from bot.people.safe_contact import Purpose, why_not
from bot.store import timers
from bot.store.timers import Timer
from bot.store.unit_of_work import UnitOfWork

#: Somebody in the middle of something else, or talking with a link worker, is asked another day; after
#: as many days not any more.
MOST_TRIES = 5

Happens = Callable[[UnitOfWork, Voice, Timer], str]


def _what_matters(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """Only where nobody else reads, never after a concern, and not when it is closed or begun."""
    talk = Talk(unit, voice, timer.conversation_id)
    held = plan_of(unit, talk.person_id)
    if held is not None and held.lines:
        return "begun already"
    if open_case_id(unit, talk.person_id) is None:
        return "closed"
    if had_a_concern(unit, talk.id):
        return "a concern"
    if later := quiet_until(unit.now, voice.settings.hours.zone):
        timers.put_off(unit, timer.id, later)
        return "put off"
    why = why_not_now(talk, WHAT_MATTERS)
    if why == HELD or (why is None and _busy(talk)):
        if timer.tries >= MOST_TRIES:
            return "no quiet moment"
        timers.put_off(unit, timer.id, a_day_after(unit.now, voice.settings.hours))
        return "put off"
    why = why or why_not(talk.way, Purpose.NUDGE, now=unit.now, concern=talk.concern_until is not None)
    if why is not None:
        return why
    offer(talk, WHAT_MATTERS, Purpose.NUDGE)
    talk.finish()
    return "offered"


def _busy(talk: Talk) -> bool:
    """They owe us an answer, to a reminder too; we owe them one; or a link worker wrote last."""
    waits = any(
        not engine.is_optional(talk, frame) or (frame.flow == REMINDER and talk.state.waits(frame, talk.now))
        for frame in talk.state.stack
    )
    return waits or talk.state.with_worker or bool(talk.row.waiting_for_reply)


HAPPENS: dict[str, Happens] = {OFFER: _what_matters}
