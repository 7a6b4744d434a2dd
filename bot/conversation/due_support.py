"""What falls due about services: an idea of a link worker's, whether they got there, a place that is free.

Each is a turn of that person's own conversation. A conversation a link worker holds is left alone; so
is somebody with an open concern, and then a link worker has it. Quiet hours and safe contact hold.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.casework.staffing import staff_of
from bot.casework.tasks import open_task
from bot.conversation.cards import card_of
from bot.conversation.carrying_out.services import ask_at
from bot.conversation.quiet import quiet_until
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.conversation.told import short_name
from bot.conversation.voice import Voice
from bot.directory import outcomes, suggestions, waiting
from bot.directory.checking import trusted
from bot.directory.outcomes import OnwardReferral
from bot.directory.services import Service, service_of
from bot.directory.sessions import meets_on, next_session
from bot.people.contact_points import of_person
from bot.people.conversations import conversation_of
from bot.people.for_a_human import has_open_concern, open_case_id
from bot.people.persons import person_of
from bot.people.safe_contact import Purpose, Way, why_not
from bot.requests import OnTheWay, PlaceOffered, Result, ServiceShown
from bot.store import timers
from bot.store.tables import Outcome, SuggestionStatus
from bot.store.timers import Timer
from bot.store.unit_of_work import UnitOfWork

#: Asked twice, and then a link worker.
ASKED_AT_MOST = 2

#: Somebody who wrote this lately is in the middle of something else.
IN_THE_MIDDLE = timedelta(minutes=15)

#: Two questions of ours are this far apart.
APART = timedelta(hours=20)

#: A conversation held by staff for as many days: then whoever holds it is asked to find out.
HELD_AT_MOST = 14

#: What a service said by its link, and what a link worker is asked to do about it.
_SAID = {"not-reached": "service-could-not-reach", "no-place": "service-is-full"}

Happens = Callable[[UnitOfWork, Voice, Timer], str]


# -- did you get there? --------------------------------------------------------------------------


def _got_there(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """Asked after the first session; once more; then a link worker finds out. It always ends."""
    onward_id = int(timer.subject.partition(":")[2])
    try:
        person_id = outcomes.onward_by_id(unit, onward_id).person_id
    except outcomes.NoSuchOnward:
        return "erased"
    conversation_id = conversation_of(unit, person_id)
    talk = Talk(unit, voice, conversation_id) if conversation_id is not None else None
    going = outcomes.onward_by_id(unit, onward_id)  # as it is under the conversation's lock
    if going.version != timer.version or going.outcome is not None:
        return "moved on"
    if kind := _SAID.get(timer.details.get("said", "")):
        outcomes.give_to_link_worker(unit, onward_id, voice.settings.hours, by="provider", kind=kind)
        return "for a human"
    if talk is None or has_open_concern(unit, person_id) or not _somewhere_safe(talk):
        return _for_a_human(talk, unit, voice, going)
    if talk.held_by is not None and timer.tries < HELD_AT_MOST:
        timers.put_off(unit, timer.id, unit.now + timedelta(days=1))
        return "put off"
    if talk.held_by is not None or going.asked >= ASKED_AT_MOST:
        return _for_a_human(talk, unit, voice, going)
    one = service_of(unit, going.service_id)
    if one.may_be_suggested and (moved := _moved(unit, talk, going, one)):
        return moved
    if _put_off(talk, timer, going.id):
        return "put off"
    return _ask(talk, going, one)


def _ask(talk: Talk, going: OnwardReferral, one: Service) -> str:
    unit, settings = talk.unit, talk.voice.settings
    _take_away(talk, "got_there", going.id)
    if not one.may_be_suggested:
        # Whatever they answer, or if they never do, this is where it ended; "I went" puts that right.
        outcomes.record_outcome(unit, going.id, Outcome.NOT_ATTENDED, by="timer", why=outcomes.STOPPED)
        _ask_by(talk, "got_there", "stopped", OnTheWay(going.id, one.name, stopped=True))
        return "told it has stopped"
    nth = outcomes.asked(unit, going.id)
    _ask_by(talk, "got_there", "asked", OnTheWay(going.id, one.name, nth=nth))
    outcomes.ask_whether_there(unit, going.id, unit.now + timedelta(days=settings.got_there_again_days))
    return "asked"


def _moved(unit: UnitOfWork, talk: Talk, going: OnwardReferral, one: Service) -> str:
    """The session they were going to is on another day by now: we ask after that one."""
    zone = talk.voice.settings.hours.zone
    if going.first_session_at is None or going.asked:
        return ""
    if meets_on(one.schedules, going.first_session_at.astimezone(zone).date()) is not False:
        return ""
    session = next_session(one.schedules, unit.now, zone)
    if session is None:
        return ""
    outcomes.session_moved(unit, going.id, session, ask_at(talk, session))
    return "moved"


def _for_a_human(talk: Talk | None, unit: UnitOfWork, voice: Voice, going: OnwardReferral) -> str:
    outcomes.give_to_link_worker(unit, going.id, voice.settings.hours, by="timer")
    if talk is not None and _take_away(talk, "got_there", going.id):
        talk.finish()
    return "for a human"


# -- a link worker's idea ------------------------------------------------------------------------


def _suggest(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """A service a link worker chose for them, told with the same choices as any other."""
    suggested = suggestions.suggestion_of(unit, int(timer.subject.partition(":")[2]))
    if suggested is None or suggested.status is not SuggestionStatus.OFFERED:
        return "answered"
    talk = Talk(unit, voice, conversation_of(unit, suggested.person_id) or 0)
    one = service_of(unit, suggested.service_id)
    if not one.may_be_suggested:
        suggestions.answer_suggestion(unit, suggested.id, SuggestionStatus.PASSED_OVER)
        return "it has stopped"
    if has_open_concern(unit, talk.person_id) or not _somewhere_safe(talk):
        return _task(talk, "tell-them-of", one.name)
    if _put_off(talk, timer, one.id):
        return "put off"
    _take_away(talk, "find_support", one.id)
    worker = staff_of(unit, int(by)) if (by := suggested.offered_by.partition(":")[2]).isdigit() else None
    outward = person_of(unit, talk.person_id).contact_plan.get("outward")
    card = card_of(trusted(unit, one), unit.now, voice.settings, outward=outward)
    _ask_by(talk, "find_support", "one", ServiceShown(card, by=worker.first_name if worker else ""))
    return "told"


# -- a place is free -----------------------------------------------------------------------------


def _place_free(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """Look whether a place is free at a service; or tell one person of it, or that it has gone."""
    about, _, id_ = timer.subject.partition(":")
    if about == "service":
        timers.done(unit, timer.id, "looked")
        return f"{len(waiting.offer_places(unit, int(id_)))} told"
    one = waiting.waited_by_id(unit, int(id_))
    if one is None:
        return "gone"
    talk = Talk(unit, voice, conversation_of(unit, one.person_id) or 0)
    one = waiting.waited_by_id(unit, one.id)
    assert one is not None
    return _TELL[timer.details.get("what", "free")](talk, timer, one)


def _tell_free(talk: Talk, timer: Timer, one: waiting.Waiting) -> str:
    unit = talk.unit
    if not one.waits or one.offered_until is None or one.offered_until <= unit.now:
        return "too late"
    if has_open_concern(unit, talk.person_id) or not _somewhere_safe(talk):
        return _task(talk, "place-free", one.service_name)
    if _put_off(talk, timer, one.id):
        return "put off"
    card = card_of(trusted(unit, service_of(unit, one.service_id)), unit.now, talk.voice.settings)
    _take_away(talk, "place_free", one.id)
    _ask_by(talk, "place_free", "offered", PlaceOffered(one.id, card, one.offered_until.isoformat()))
    return "told"


def _tell_gone(talk: Talk, timer: Timer, one: waiting.Waiting) -> str:
    """Somebody else was first. Only who heard of the place hears that it has gone."""
    if not one.waits or one.offered_at is not None:
        return "moved on"
    if not any(_is_about(frame, "place_free", one.id) for frame in talk.state.stack):
        return "never told"
    if not _somewhere_safe(talk):
        return "not safe to"
    if _put_off(talk, timer, one.id):
        return "put off"
    _take_away(talk, "place_free", one.id)
    told = "gone_first" if talk.may_repeat_words else "discreet__gone_first"
    talk.say(
        f"place_free.{told}",
        purpose=Purpose.SUPPORT,
        found={"name": short_name(one.service_name, talk.channel)},
    )
    talk.finish()
    return "told"


def _tell_stopped(talk: Talk, timer: Timer, one: waiting.Waiting) -> str:
    """There will be no place: it has stopped. Something else is looked for if they wish."""
    if not one.waits:
        return "moved on"
    if has_open_concern(talk.unit, talk.person_id) or not _somewhere_safe(talk):
        waiting.leave_list(talk.unit, one.id)
        return _task(talk, "find-something", one.service_name)
    if _put_off(talk, timer, one.id):
        return "put off"
    waiting.leave_list(talk.unit, one.id)
    card = card_of(trusted(talk.unit, service_of(talk.unit, one.service_id)), talk.now, talk.voice.settings)
    _take_away(talk, "place_free", one.id)
    _ask_by(talk, "place_free", "stopped", PlaceOffered(one.id, card, talk.now.isoformat()))
    return "told"


_TELL = {"free": _tell_free, "gone": _tell_gone, "stopped": _tell_stopped}


# -- a service changed ---------------------------------------------------------------------------


def _service_changed(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """Whoever is on the way there or waits for a place hears of it, each in a turn of their own."""
    one = service_of(unit, int(timer.subject.partition(":")[2]))
    if one.may_be_suggested:
        waiting.offer_places(unit, one.id)
        return "looked"
    for going in outcomes.still_open(unit, one.id):
        outcomes.ask_whether_there(unit, going.id, unit.now)
    for waits in waiting.waiting_for(unit, one.id):
        waiting.tell(unit, waits, "stopped")
    return "told it has stopped"


# -- inside --------------------------------------------------------------------------------------


def _ask_by(talk: Talk, flow: str, step: str, found: Result) -> None:
    """Begin a flow at a step that is about something, and ask it."""
    frame = Frame(talk.state.next(), flow, step, found={found.trigger(): found})
    talk.state.stack.append(frame)
    talk.ask(frame, purpose=Purpose.SUPPORT)
    talk.finish()


def _is_about(frame: Frame, flow: str, about: int) -> bool:
    return frame.flow == flow and any(getattr(r, "about", None) == about for r in frame.found.values())


def _take_away(talk: Talk, flow: str, about: int) -> bool:
    """The same asked before and not answered; whether there was one."""
    before = [frame for frame in talk.state.stack if _is_about(frame, flow, about)]
    for frame in before:
        talk.state.stack.remove(frame)
    return bool(before)


def _somewhere_safe(talk: Talk) -> bool:
    """Where they wrote last, if that is safe; else another way of theirs that is."""
    if talk.point_id is not None and why_not(talk.way, Purpose.SUPPORT, now=talk.now) is None:
        return True
    for point in of_person(talk.unit, talk.person_id):
        way = Way(point.channel, point.safe, point.opted_out_at, point.unreachable_at, point.last_inbound_at)
        if point.id != talk.point_id and why_not(way, Purpose.SUPPORT, now=talk.now) is None:
            talk.move_to(point.id)
            return True
    return False


def _put_off(talk: Talk, timer: Timer, about: int) -> bool:
    """Not now: it is night, a link worker speaks, they are in the middle of something, we just asked.

    What we asked about the very same is no reason to wait.
    """
    now, heard = talk.now, talk.row.heard_at
    ours = {f.id for f in talk.state.stack if f.flow in _OURS and not _is_about(f, f.flow, about)}
    lately = [q.at for q in talk.state.questions if q.frame in ours and talk.state.is_open(q, now)]
    if talk.held_by is not None or (heard is not None and now - heard < IN_THE_MIDDLE):
        later = now + IN_THE_MIDDLE
    elif lately and now - max(lately) < APART:
        later = max(lately) + APART
    else:
        later = now
    later = quiet_until(later, ZoneInfo(talk.zone)) or later
    if later <= now:
        return False
    timers.put_off(talk.unit, timer.id, later)
    return True


#: The flows whose questions we ask of our own accord, and not two of them at once.
_OURS = frozenset({"got_there", "place_free"})


def _task(talk: Talk, kind: str, details: str) -> str:
    due = talk.voice.settings.hours.working_days_after(talk.now, 1)
    open_task(talk.unit, talk.person_id, kind, due, details, open_case_id(talk.unit, talk.person_id))
    return "for a human"


HAPPENS: dict[str, Happens] = {
    "suggest": _suggest,
    "got-there": _got_there,
    "place-free": _place_free,
    "service-changed": _service_changed,
}
