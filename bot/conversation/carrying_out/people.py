"""What is kept about a person: safety of contact, name, needs, agreement, language, joining."""

from __future__ import annotations

import hmac

from bot.appointments import reminders
from bot.casework.cases import case_of, close_case
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.flowkit.answers import plain
from bot.messages import ChannelName
from bot.people import access_needs, consents, contact_points, joining, persons
from bot.people.for_a_human import ask_a_human, has_open_concern, open_case_id
from bot.people.numbers import number_in
from bot.people.safe_contact import THEIRS_ALONE
from bot.requests import (
    AskToJoin,
    CheckWord,
    CodeSent,
    DetailsFound,
    FindMyDetails,
    Joined,
    NoMoreNudges,
    NoMoreTries,
    Noted,
    NotShown,
    OfferChanges,
    RecordAccessNeed,
    RecordAnswer,
    RecordContactPlan,
    RecordName,
    RecordSafeContact,
    RecordUnderAge,
    Result,
    SetLanguage,
    StopMessages,
    TryCode,
    WordNeeded,
    WordRight,
    WrongCode,
)
from bot.store import timers
from bot.store.tables import CaseStatus, Ledger, Safe

#: Below a service's age of 18 or less is a child; below 55 is not.
ADULT_AT = 18

#: Half-way through an intake they hear from us a day later, then a week later, then not again.
NUDGE_AFTER_HOURS = 24

#: What the agreement to tell our link workers is called in the ledger.
PASS_ON = "pass-on"

#: What they answered about this phone, and what it means for every later message.
_SAFE = {
    "only_me": Safe.ONLY_ME,
    "text_only": Safe.TEXT_ONLY,
    "no_message": Safe.NO_MESSAGE,
    "others_see": Safe.SHARED,
    "not_now": Safe.NOT_NOW,
}


def _record_safe_contact(talk: Talk, frame: Frame, request: RecordSafeContact) -> Result:
    talk.safe = _SAFE[request.safe]
    here = not _about_another_phone(frame)
    if talk.point_id is not None and here:
        contact_points.set_safe(talk.unit, talk.point_id, talk.safe)
        _expect_them_back(talk)
    # Answered anew, it undoes what followed from the answer before; what still holds is said again.
    undone = {"times": None, "how": None, "word": None} if frame.again else {}
    if undone and here:
        undone["number"] = None
    persons.plan_contact(talk.unit, talk.person_id, safe=talk.safe.value, **undone)
    return Noted()


def _expect_them_back(talk: Talk) -> None:
    """Now that a message may come: if they stop half-way they hear from us a day later, and once more."""
    timers.clear(talk.unit, "nudge", conversation_id=talk.id)
    if talk.safe in THEIRS_ALONE and talk.channel is not ChannelName.WEB and talk.row.agreed_at is None:
        due = timers.in_(talk.unit, hours=NUDGE_AFTER_HOURS)
        timers.set_timer(talk.unit, "nudge", due, conversation_id=talk.id, nth=1)


def _about_another_phone(frame: Frame) -> bool:
    """Asked in a chat about a phone they gave: the answer is that phone's, not the chat's."""
    return frame.answers.get("way") == "phone"


def _record_contact_plan(talk: Talk, frame: Frame, request: RecordContactPlan) -> Result:
    wishes = {k: v for k, v in (("times", request.times), ("how", request.how), ("word", request.word)) if v}
    if wishes:
        persons.plan_contact(talk.unit, talk.person_id, **wishes)
    if "times" in wishes:
        reminders.set_all_again(talk.unit, talk.person_id)
    return Noted()


def _record_name(talk: Talk, frame: Frame, request: RecordName) -> Result:
    persons.call(talk.unit, talk.person_id, request.name)
    talk.name = " ".join(request.name.split())
    return Noted()


def _record_access_need(talk: Talk, frame: Frame, request: RecordAccessNeed) -> Result:
    if talk.corrects is not None:
        access_needs.end_what_was_said(talk.unit, talk.person_id, talk.corrects)
    access_needs.record_need(talk.unit, talk.person_id, request.need, kind="other", inbox_id=talk.inbox_id)
    return Noted()


def _record_answer(talk: Talk, frame: Frame, request: RecordAnswer) -> Result:
    prompt = f"{frame.flow}.{frame.path[-1]}" if frame.path else frame.flow
    words = talk.voice.prompts.say(
        prompt, talk.language, channel=talk.channel, service=talk.voice.service(talk.language, talk.now),
        **talk._values(frame),
    )  # fmt: skip
    consents.record(
        talk.unit,
        talk.person_id,
        Ledger(request.kind),
        request.purpose,
        request.given,
        prompt=prompt,
        words=words,
        language=talk.language,
        inbox_id=talk.inbox_id,
    )
    if request.purpose == PASS_ON and not request.given and talk.row.agreed_at is not None:
        _take_back_agreement(talk)
    return Noted()


def _take_back_agreement(talk: Talk) -> None:
    """A no stops the sharing from now. While a concern is open a human decides what becomes of the case."""
    persons.no_longer_agreed(talk.unit, talk.person_id)
    case_id = open_case_id(talk.unit, talk.person_id)
    if case_id is None:
        return
    if has_open_concern(talk.unit, talk.person_id):
        hours = talk.voice.settings.hours
        ask_a_human(talk.unit, talk.person_id, "not-needed", hours.closing(talk.now), case_id=case_id)
    else:
        close_case(talk.unit, case_id, None, "declined")


def _record_under_age(talk: Talk, frame: Frame, request: RecordUnderAge) -> Result:
    if talk.voice.settings.minimum_age <= ADULT_AT:
        persons.set_under_age(talk.unit, talk.person_id)
    return Noted()


def _set_language(talk: Talk, frame: Frame, request: SetLanguage) -> Result:
    persons.set_language(talk.unit, talk.person_id, request.language)
    talk.language = request.language
    return Noted()


def _no_more_nudges(talk: Talk, frame: Frame, request: NoMoreNudges) -> Result:
    timers.clear(talk.unit, "nudge", conversation_id=talk.id)
    return Noted()


def _stop_messages(talk: Talk, frame: Frame, request: StopMessages) -> Result:
    talk.stop_after("words")
    return Noted()


def _ask_to_join(talk: Talk, frame: Frame, request: AskToJoin) -> Result:
    """Whether that number is known is never said: the code is made in the known one's own turn."""
    joining.pretend_to_send(talk.unit, talk.person_id)
    number = number_in(request.number)
    for channel in (ChannelName.SMS, ChannelName.WHATSAPP):
        point = contact_points.known(talk.unit, channel, number) if number else None
        if point is not None and point.person_id != talk.person_id:
            timers.set_timer(
                talk.unit, "join-code", talk.now, conversation_id=point.conversation_id,
                asking_person_id=talk.person_id, contact_point_id=point.id,
            )  # fmt: skip
            talk.unit.tell("timers")
            break
    return CodeSent()


def _try_code(talk: Talk, frame: Frame, request: TryCode) -> Result:
    digits = "".join(c for c in request.code if c.isdigit())
    tried = joining.try_code(talk.unit, talk.person_id, digits)
    if isinstance(tried, joining.WrongCode):
        return WrongCode()
    if isinstance(tried, joining.Joined):
        return Joined(conversation_id=tried.conversation_id)
    return NoMoreTries()


def _word_said(talk: Talk, who: persons.Person, said: str | None) -> Result:
    """Where others may hold the phone, the short word they chose tells us who it is."""
    word = plain(who.contact_plan.get("word") or "")
    if talk.may_repeat_words:
        return WordRight()
    if not word:
        return NotShown()
    if said is None:
        return WordNeeded()
    return WordRight() if hmac.compare_digest(plain(said).encode(), word.encode()) else NotShown()


def _check_word(talk: Talk, frame: Frame, request: CheckWord) -> Result:
    return _word_said(talk, persons.person_of(talk.unit, talk.person_id), request.word)


def _offer_changes(talk: Talk, frame: Frame, request: OfferChanges) -> Result:
    if (found := talk.changeable()) is not None:
        talk.ask_which_to_change(*found)
    return Noted()


def _find_my_details(talk: Talk, frame: Frame, request: FindMyDetails) -> Result:
    who = persons.person_of(talk.unit, talk.person_id)
    said = _word_said(talk, who, request.word)
    if not isinstance(said, WordRight):
        return said
    case = case_of(talk.unit, talk.person_id)
    return DetailsFound(
        name=who.name,
        agreed=who.agreed_at is not None,
        waiting=case is not None and case.status is CaseStatus.OPEN,
    )


HOW: dict[type, CarryingOut] = {
    RecordSafeContact: _record_safe_contact,
    RecordContactPlan: _record_contact_plan,
    RecordName: _record_name,
    RecordAccessNeed: _record_access_need,
    RecordAnswer: _record_answer,
    RecordUnderAge: _record_under_age,
    SetLanguage: _set_language,
    NoMoreNudges: _no_more_nudges,
    StopMessages: _stop_messages,
    AskToJoin: _ask_to_join,
    TryCode: _try_code,
    FindMyDetails: _find_my_details,
    CheckWord: _check_word,
    OfferChanges: _offer_changes,
}
