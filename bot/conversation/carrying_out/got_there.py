"""Whether they got there, what mends it, and a place that came up."""

from __future__ import annotations

from datetime import datetime

from bot.casework.tasks import open_task
from bot.conversation.cards import VETTED_COMPANIONS, card_of
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.carrying_out.services import ask_at, refer_on, signpost
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.directory import outcomes, waiting
from bot.directory.checking import trusted
from bot.directory.outcomes import PROMISED, WISHED
from bot.directory.services import Joining, service_of
from bot.directory.sessions import next_session
from bot.requests import (
    AnotherTime,
    AskCompanion,
    AskLinkWorker,
    CompanionAsked,
    ForAPerson,
    LeavePlace,
    Noted,
    PlaceGone,
    PlaceTaken,
    RecordGotThere,
    RecordNotThere,
    Result,
    TakePlace,
    TryAnotherTime,
)
from bot.store.tables import Outcome


def _got_there(talk: Talk, frame: Frame, request: RecordGotThere) -> Result:
    outcomes.record_outcome(talk.unit, request.onward_id, Outcome.ATTENDED, by="person", words=request.words)
    return Noted()


def _not_there(talk: Talk, frame: Frame, request: RecordNotThere) -> Result:
    """With what got in the way; without a reason a link worker has it, since nobody is left at a loss."""
    if request.why is None:
        outcomes.give_to_link_worker(
            talk.unit, request.onward_id, talk.voice.settings.hours, by="person", kind="got-there"
        )
    else:
        outcomes.record_outcome(
            talk.unit,
            request.onward_id,
            Outcome.NOT_ATTENDED,
            by="person",
            why=request.why,
            words=request.words,
        )
    return Noted()


def _try_again(talk: Talk, frame: Frame, request: TryAnotherTime) -> Result:
    outcomes.in_the_way(talk.unit, request.onward_id, request.why, request.words)
    at = _again_at(talk, request.onward_id)
    return ForAPerson() if at is None else AnotherTime(_day(talk, at[0]))


def _ask_along(talk: Talk, frame: Frame, request: AskCompanion) -> Result:
    outcomes.in_the_way(talk.unit, request.onward_id, request.why, request.words)
    at = _again_at(talk, request.onward_id)
    if at is None:
        return ForAPerson()
    going = outcomes.onward_by_id(talk.unit, request.onward_id)
    vetted = VETTED_COMPANIONS in service_of(talk.unit, going.service_id).eases
    outcomes.along(talk.unit, going.id, PROMISED if vetted else WISHED)
    due = talk.voice.settings.hours.working_days_after(talk.now, 1)
    open_task(talk.unit, talk.person_id, "someone-along", due, going.service_name, going.case_id)
    return CompanionAsked(vetted, _day(talk, at[0]))


def _ask_person(talk: Talk, frame: Frame, request: AskLinkWorker) -> Result:
    _to_link_worker(talk, request.onward_id, request.why, request.words)
    return ForAPerson()


def _again_at(talk: Talk, onward_id: int) -> tuple[datetime | None] | None:
    """The next session, in a tuple, with the asking set after it; None when a link worker has it now.

    It has been tried for long, or the service has stopped: then it is no longer for messages.
    """
    going = outcomes.onward_by_id(talk.unit, onward_id)
    one = service_of(talk.unit, going.service_id)
    too_long = talk.now - going.made_at > outcomes.ASKED_AT_MOST_FOR
    if too_long or not one.may_be_suggested or going.outcome is not None:
        if going.outcome is None:
            _to_link_worker(talk, onward_id, going.why, None)
        return None
    session = next_session(one.schedules, talk.now, talk.voice.settings.hours.zone)
    outcomes.session_moved(talk.unit, onward_id, session, ask_at(talk, session))
    return (session,)


def _to_link_worker(talk: Talk, onward_id: int, why: str | None, words: str | None) -> None:
    hours = talk.voice.settings.hours
    outcomes.give_to_link_worker(
        talk.unit, onward_id, hours, by="person", kind="talk-it-over", why=why, words=words
    )


def _day(talk: Talk, at: datetime | None) -> str:
    return at.astimezone(talk.voice.settings.hours.zone).date().isoformat() if at else ""


# -- a place -------------------------------------------------------------------------------------


def _take_place(talk: Talk, frame: Frame, request: TakePlace) -> Result:
    waited = waiting.waited_by_id(talk.unit, request.waited_id)
    assert waited is not None
    if not waiting.take_place(talk.unit, request.waited_id):
        return PlaceGone(waited.service_name)
    one = service_of(talk.unit, waited.service_id)
    themselves = one.joining is Joining.DIRECT
    if waited.taken_at is None:  # said twice, it is one yes
        (signpost if themselves else refer_on)(talk, one)
    card = card_of(trusted(talk.unit, one), talk.now, talk.voice.settings)
    return PlaceTaken(card, themselves=themselves)


def _leave_place(talk: Talk, frame: Frame, request: LeavePlace) -> Result:
    if request.for_good:
        waiting.leave_list(talk.unit, request.waited_id)
    else:
        waiting.not_this_time(talk.unit, request.waited_id)
    return Noted()


HOW: dict[type, CarryingOut] = {
    RecordGotThere: _got_there,
    RecordNotThere: _not_there,
    TryAnotherTime: _try_again,
    AskCompanion: _ask_along,
    AskLinkWorker: _ask_person,
    TakePlace: _take_place,
    LeavePlace: _leave_place,
}
