"""Referrals and calls back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.casework import tasks
from bot.casework.handoffs import open_handoff
from bot.casework.plans import offer_later
from bot.casework.referrals import open_referral
from bot.casework.tasks import open_task
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.messages import ChannelName
from bot.people.for_a_human import has_open_concern
from bot.people.numbers import number_in
from bot.people.persons import call, person_of, plan_contact
from bot.people.someone_else import someone_else
from bot.requests import (
    AskForCallBack,
    CallBackPromised,
    CarerToBeRung,
    NotANumber,
    Noted,
    NoteNumber,
    NumberNoted,
    OpenReferral,
    ReferralOpened,
    Result,
    SetCallBack,
    TalkToCarerFirst,
)

#: A call back is promised by the end of the working day after next.
CALL_BACK_DAYS = 2

#: What their contact plan says when ringing is not safe.
DO_NOT_RING = "do-not-ring"


def _content(talk: Talk, frame: Frame, content: dict[str, Any]) -> dict[str, Any]:
    """What they said, each line with the message it came from."""
    return {
        step: {"words": value, "inbox_id": frame.said.get(step)}
        for step, value in content.items()
        if value is not None
    }


def _open_referral(talk: Talk, frame: Frame, request: OpenReferral) -> Result:
    settings = talk.voice.settings
    content = _content(talk, frame, request.content)
    if request.made_by == "someone-else":
        who, conversation_id = someone_else(
            talk.unit,
            name=str(request.content.get("their_name") or ""),
            how=str(request.content.get("their_way") or ""),
            language=talk.language,
            zone=talk.zone,
        )
    else:
        who, conversation_id = talk.person_id, talk.id
    opened = open_referral(
        talk.unit,
        who,
        conversation_id,
        by=request.made_by,
        source=person_of(talk.unit, who).source,
        content=content,
        hours=settings.hours,
        within_days=settings.contact_within_days,
    )
    if request.made_by == "self":
        offer_later(talk.unit, talk.id, opened.case_id, settings.hours)
    return ReferralOpened(by=opened.promised_by)


def _talk_to_carer_first(talk: Talk, frame: Frame, request: TalkToCarerFirst) -> Result:
    by = talk.voice.settings.hours.working_days_after(talk.now, CALL_BACK_DAYS)
    if name := request.content.get("carer_name"):
        call(talk.unit, talk.person_id, str(name))
    plan_contact(talk.unit, talk.person_id, how=str(request.content.get("carer_way") or ""))
    open_task(talk.unit, talk.person_id, "ring-carer", by)
    open_handoff(talk.unit, talk.id, reason="carer", due_at=by, sees_from=_earliest(frame))
    return CarerToBeRung(by=by)


def _ask_for_call_back(talk: Talk, frame: Frame, request: AskForCallBack) -> Result:
    by_phone = talk.channel in (ChannelName.SMS, ChannelName.WHATSAPP)
    if request.number is not None or not by_phone:
        number = number_in(request.number or "")
        if number is None:
            return NotANumber()
        plan_contact(talk.unit, talk.person_id, number=number)
    by = _call_back_by(talk)
    open_task(talk.unit, talk.person_id, "ring", by)
    open_handoff(talk.unit, talk.id, reason="call-back", due_at=by, sees_from=talk.inbox_id)
    return CallBackPromised(by=by)


def _set_call_back(talk: Talk, frame: Frame, request: SetCallBack) -> Result:
    """Not safe to ring: nobody is asked to any more, unless a concern is open, when a human decides."""
    was_unsafe = person_of(talk.unit, talk.person_id).contact_plan.get("how") == DO_NOT_RING
    if not request.wanted:
        plan_contact(talk.unit, talk.person_id, how=DO_NOT_RING)
        if not has_open_concern(talk.unit, talk.person_id):
            for task in tasks.open_tasks(talk.unit, person_id=talk.person_id, kind="ring"):
                tasks.done(talk.unit, task.id, None)
    elif was_unsafe:  # they said so before, and think again
        plan_contact(talk.unit, talk.person_id, how=None)
        open_task(talk.unit, talk.person_id, "ring", _call_back_by(talk))
    return Noted()


def _call_back_by(talk: Talk) -> datetime:
    return talk.voice.settings.hours.working_days_after(talk.now, CALL_BACK_DAYS)


def _note_number(talk: Talk, frame: Frame, request: NoteNumber) -> Result:
    number = number_in(request.number)
    if number is None:
        return NotANumber()
    plan_contact(talk.unit, talk.person_id, number=number)
    return NumberNoted()


def _earliest(frame: Frame) -> int | None:
    return min(frame.said.values(), default=None)


HOW: dict[type, CarryingOut] = {
    OpenReferral: _open_referral,
    TalkToCarerFirst: _talk_to_carer_first,
    AskForCallBack: _ask_for_call_back,
    NoteNumber: _note_number,
    SetCallBack: _set_call_back,
}
