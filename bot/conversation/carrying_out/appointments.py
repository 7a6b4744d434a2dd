"""A time with a link worker: found, held, booked, moved, called off; and where it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.appointments import booking, outcomes, reminders, short_notice
from bot.appointments.appointment import Appointment, maybe, subject
from bot.appointments.icalendar import FILE_NAME, MEDIA_TYPE, calendar_file
from bot.conversation.appointment_words import (
    FLOW,
    AppointmentWords,
    slot_of,
    told_of,
)
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.carrying_out.times import (
    REMINDERS,
    ahead,
    ask_link_worker,
    asked_for_discreet,
    held_for,
    theirs,
)
from bot.conversation.finding_times import Wish, kind_for
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.messages import WITH_BUTTONS, File
from bot.people.discreet import DISCREET, discreet_for
from bot.people.persons import person_of, plan_contact
from bot.requests import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentsFound,
    BookAppointment,
    BookedByAPerson,
    CancelAppointment,
    HaveAppointment,
    HoldSlot,
    KeepAppointment,
    LetSlotGo,
    Looked,
    NoAppointment,
    Noted,
    Result,
    SayWhere,
    ShowAppointment,
    SlotHeld,
    SlotTaken,
    WishEarlier,
    WishReminders,
)
from bot.store.tables import Meeting, Safe
from bot.words.prompts import DISCREET as DISCREET_FORM

#: A time further off than this may come sooner: who books one is asked whether they would.
FAR_OFF = timedelta(days=7)

#: What they wish before an appointment, in their contact plan, and which of it they were asked.
TWO_HOURS, ASKED = "two_hours", "asked"


# -- what they have ----------------------------------------------------------------------------


def _show(talk: Talk, frame: Frame, request: ShowAppointment) -> Result:
    """What lies ahead; whoever may not book alone yet is told how they can."""
    if request.appointment_id is not None:
        one = theirs(talk, request.appointment_id)
        return _have(talk, one) if one else NoAppointment()
    booked = ahead(talk)
    if len(booked) == 1:
        return _have(talk, booked[0])
    if booked:
        return AppointmentsFound([_told(talk, one) for one in booked])
    if talk.row.under_age:
        return BookedByAPerson(ask_link_worker(talk, "book-appointment"))
    return NoAppointment() if talk.row.agreed_at is not None else BookedByAPerson()


def _keep(talk: Talk, frame: Frame, request: KeepAppointment) -> Result:
    one = theirs(talk, request.appointment_id)
    if one is None:
        return NoAppointment()
    outcomes.said_coming(talk.unit, one.id)
    return _have(talk, one)


def _say_where(talk: Talk, frame: Frame, request: SayWhere) -> Result:
    one = theirs(talk, request.appointment_id)
    if one is None:
        return NoAppointment()
    talk.with_next(about=subject(one.id), file=_file(talk, one))
    return _have(talk, one)


def _cancel(talk: Talk, frame: Frame, request: CancelAppointment) -> Result:
    """Off at once, so that somebody else may have the time."""
    one = theirs(talk, request.appointment_id)
    if one is None:
        return NoAppointment()
    booking.cancel(talk.unit, one.id, why=request.why)
    return AppointmentCancelled(_told(talk, one))


# -- a yes to it -------------------------------------------------------------------------------


def _hold(talk: Talk, frame: Frame, request: HoldSlot) -> Result:
    """Kept for ten minutes; of two who choose the same time one gets it."""
    slot, looked = slot_of(request.key), frame.found.get("looked")
    offered = looked.shown if isinstance(looked, Looked) else []
    if slot is None or request.key not in offered:
        return SlotTaken()
    # The one they chose last is the one that is left out when it is gone.
    frame.found["looked"] = Looked(looked.wish, [*(k for k in offered if k != request.key), request.key])
    moving = theirs(talk, request.moving)
    held = booking.hold(
        talk.unit, talk.person_id, slot, kind_for(talk, moving),
        moving=moving.id if moving else None, nation=talk.voice.settings.nation,
    )  # fmt: skip
    if not isinstance(held, Appointment):
        return SlotTaken()
    instead_of = _told(talk, moving) if moving else None
    return SlotHeld(_told(talk, held), instead_of, asked_for_discreet(talk))


def _book(talk: Talk, frame: Frame, request: BookAppointment) -> Result:
    """Booked if it is held for them still, or free still; and they hear all they need."""
    held, moving = maybe(talk.unit, request.held_id), theirs(talk, request.moving)
    if held is None or held.person_id != talk.person_id:
        return SlotTaken()
    nation = talk.voice.settings.nation
    if moving is not None and moving.id != held.id:
        booking.let_go(talk.unit, held.id)
        booked = booking.move(
            talk.unit, moving.id, held.starts_at, minutes=held.minutes, staff_id=held.staff_id,
            meeting=held.meeting, place_id=held.place.id if held.place else None, nation=nation,
        )  # fmt: skip
    else:
        booked = booking.confirm(talk.unit, held.id, nation=nation)  # type: ignore[assignment]
    if not isinstance(booked, Appointment):
        return SlotTaken()
    told = _told(talk, booked)
    confirm_in_words(talk, booked, moved=moving is not None)
    return AppointmentBooked(told, _asks(talk, booked))


def confirm_in_words(talk: Talk, booked: Appointment, *, moved: bool) -> None:
    """What, when, with whom, where and how to get there, how long, what to bring; and for their calendar."""
    words = AppointmentWords(talk.voice.prompts, talk.language, talk.channel, _told(talk, booked))
    discreet = "" if talk.may_repeat_words and not asked_for_discreet(talk) else DISCREET_FORM
    talk.with_next(about=subject(booked.id), file=_file(talk, booked))
    booked_words = words.said("plain", "where_plain") if discreet else words.said("told", "where", "bring")
    talk.say(f"{FLOW}.{discreet}confirmed", found={"booked": booked_words, "moved": moved})
    if booked.meeting is Meeting.HOME and not booked.where:
        if not person_of(talk.unit, talk.person_id).contact_plan.get("visit_where"):
            ask_link_worker(talk, "ask-address")
            talk.say(f"{FLOW}.home_asked")


def _file(talk: Talk, one: Appointment) -> File | None:
    """For their own calendar, where the channel carries one."""
    if talk.channel not in WITH_BUTTONS:
        return None
    settings = talk.voice.settings
    content = calendar_file(
        one,
        service_name=settings.service_name,
        site=settings.base_url,
        language=talk.language,
        now=talk.now,
        discreet=discreet_for(talk.unit, talk.person_id),
    )
    return File(FILE_NAME, MEDIA_TYPE, content)


def _let_go(talk: Talk, frame: Frame, request: LetSlotGo) -> Result:
    if (held := held_for(talk, frame)) and held.id == request.held_id:
        booking.let_go(talk.unit, held.id)
    return Noted()


# -- what else they wish -----------------------------------------------------------------------


def _asks(talk: Talk, booked: Appointment) -> str:
    """What is still to be asked, each once in their life with us, and one thing at a time."""
    plan = person_of(talk.unit, talk.person_id).contact_plan
    asked = str(plan.get(ASKED) or "").split()
    if booked.starts_at - talk.now < timedelta(hours=4):
        return ""
    if talk.safe is Safe.SHARED:
        return "" if plan.get(REMINDERS) else DISCREET
    if talk.safe is Safe.NO_MESSAGE or plan.get(REMINDERS) == reminders.NONE:
        return ""
    two_hours = TWO_HOURS not in asked and not plan.get(TWO_HOURS)
    sooner = "sooner" not in asked and booked.starts_at - talk.now > FAR_OFF
    if two_hours and sooner:
        return "both"
    return TWO_HOURS if two_hours else "sooner" if sooner else ""


def _wish_reminders(talk: Talk, frame: Frame, request: WishReminders) -> Result:
    """Kept in their contact plan; what is set already is set anew by it."""
    wishes: dict[str, Any] = {}
    if request.two_hours is not None:
        _was_asked(talk, TWO_HOURS)
        wishes[TWO_HOURS] = request.two_hours
    if request.discreet is not None:
        wishes[REMINDERS] = reminders.DISCREET if request.discreet else reminders.NONE
    plan_contact(talk.unit, talk.person_id, **wishes)
    for one in ahead(talk):
        reminders.set_again(talk.unit, one)
    return Noted()


def _wish_earlier(talk: Talk, frame: Frame, request: WishEarlier) -> Result:
    """They hear of times that come free before the one they have."""
    _was_asked(talk, "sooner")
    one = theirs(talk, request.appointment_id)
    if one is None or not request.wished:
        return Noted()
    said = frame.found.get("looked")
    wish = Wish(talk, said.wish) if isinstance(said, Looked) and said.wish else None
    times = str(person_of(talk.unit, talk.person_id).contact_plan.get("times") or "")
    meetings = wish.meetings if wish and not wish.usual else ()
    short_notice.wait_for_earlier(
        talk.unit, talk.person_id, times="" if times == "any" else times, meetings=meetings,
        until=one.starts_at,
    )  # fmt: skip
    return Noted()


def _was_asked(talk: Talk, what: str) -> None:
    plan = person_of(talk.unit, talk.person_id).contact_plan
    asked = dict.fromkeys([*str(plan.get(ASKED) or "").split(), what])
    plan_contact(talk.unit, talk.person_id, **{ASKED: " ".join(asked)})


# -- inside ------------------------------------------------------------------------------------


def _told(talk: Talk, one: Appointment) -> dict[str, Any]:
    return told_of(one, talk.zone)


def _have(talk: Talk, one: Appointment) -> HaveAppointment:
    return HaveAppointment(_told(talk, one), asked_for_discreet(talk))


HOW: dict[type, CarryingOut] = {
    ShowAppointment: _show,
    KeepAppointment: _keep,
    SayWhere: _say_where,
    CancelAppointment: _cancel,
    HoldSlot: _hold,
    BookAppointment: _book,
    LetSlotGo: _let_go,
    WishReminders: _wish_reminders,
    WishEarlier: _wish_earlier,
}
