"""A time that came free: had by the first yes, or let go."""

from __future__ import annotations

from bot.appointments import freed_answers
from bot.appointments.appointment import next_appointment
from bot.appointments.freed_answers import Taken
from bot.conversation.appointment_words import told_of
from bot.conversation.carrying_out.appointments import confirm_in_words
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.requests import LetFreedTimeGo, Result, TakeFreedTime, TimeGone, TimeLetGo, TimeYours


def _take(talk: Talk, frame: Frame, request: TakeFreedTime) -> Result:
    """The first yes has it, and hears all they need; whoever comes too late hears what they keep."""
    got = freed_answers.take(talk.unit, request.offer_id)
    if not isinstance(got, Taken):
        return TimeGone(told_of(got.own, talk.zone) if got.own is not None else None)
    confirm_in_words(talk, got.appointment, moved=got.before is not None)
    return TimeYours(told_of(got.appointment, talk.zone))


def _let_go(talk: Talk, frame: Frame, request: LetFreedTimeGo) -> Result:
    answer = freed_answers.ask_no_more if request.for_good else freed_answers.let_go
    theirs = answer(talk.unit, request.offer_id)
    if theirs is not None:
        return TimeYours(told_of(theirs, talk.zone))
    keeps = next_appointment(talk.unit, talk.person_id)
    return TimeLetGo(told_of(keeps, talk.zone) if keeps is not None else None)


HOW: dict[type, CarryingOut] = {TakeFreedTime: _take, LetFreedTimeGo: _let_go}
