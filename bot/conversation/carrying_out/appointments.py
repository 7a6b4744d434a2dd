"""A time with a link worker: found, held, booked, moved, called off; and where it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.appointments import booking, outcomes, reminders, short_notice
from bot.appointments.appointment import Appointment, appointments_of, maybe, subject
from bot.appointments.icalendar import FILE_NAME, MEDIA_TYPE, calendar_file
from bot.appointments.slots import Slot
from bot.appointments.when import Exact, Meaning, NotATime, Understood
from bot.casework.tasks import open_task
from bot.conversation import finding_times
from bot.conversation.appointment_words import (
    FLOW,
    AppointmentWords,
    reading_of,
    readings_of,
    slot_of,
    told_of,
)
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.finding_times import Looking, Wish, times_of
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.messages import WITH_BUTTONS, File
from bot.people.discreet import DISCREET, discreet_for
from bot.people.for_a_human import open_case_id
from bot.people.persons import person_of, plan_contact
from bot.requests import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentsFound,
    AppointmentWish,
    AskToBook,
    BookAppointment,
    BookedByAPerson,
    CancelAppointment,
    FindSlots,
    HaveAppointment,
    HoldSlot,
    KeepAppointment,
    LetSlotGo,
    Looked,
    NoAppointment,
    NoMoreSlots,
    Noted,
    NoTimes,
    Result,
    SayWhere,
    ShowAppointment,
    SlotChosen,
    SlotHeld,
    SlotsFound,
    SlotTaken,
    TimeUnclear,
    WishEarlier,
    WishReminders,
)
from bot.requests import NotATime as SaidNoTime
from bot.store.tables import AppointmentStatus, Meeting, Safe
from bot.words.prompts import DISCREET as DISCREET_FORM

#: A time further off than this may come sooner: who books one is asked whether they would.
FAR_OFF = timedelta(days=7)

#: How they wish to be reminded, in their contact plan, and which of it they were asked.
REMINDERS, TWO_HOURS, ASKED = "reminders", "two_hours", "asked"


# -- what they have ----------------------------------------------------------------------------


def _show(talk: Talk, frame: Frame, request: ShowAppointment) -> Result:
    """What lies ahead; whoever may not book alone yet is told how they can."""
    ahead = _ahead(talk)
    if request.appointment_id is not None:
        ahead = [one for one in ahead if one.id == request.appointment_id]
        return _have(talk, ahead[0]) if ahead else NoAppointment()
    if len(ahead) == 1:
        return _have(talk, ahead[0])
    if ahead:
        return AppointmentsFound([_told(talk, one) for one in ahead])
    if talk.row.under_age:
        return BookedByAPerson(_ask_link_worker(talk, "book-appointment"))
    return NoAppointment() if talk.row.agreed_at is not None else BookedByAPerson()


def _keep(talk: Talk, frame: Frame, request: KeepAppointment) -> Result:
    one = _one(talk, request.appointment_id)
    if one is None:
        return NoAppointment()
    outcomes.said_coming(talk.unit, one.id)
    return _have(talk, one)


def _say_where(talk: Talk, frame: Frame, request: SayWhere) -> Result:
    one = _one(talk, request.appointment_id)
    if one is None:
        return NoAppointment()
    talk.with_next(about=subject(one.id), file=_file(talk, one))
    return _have(talk, one)


def _cancel(talk: Talk, frame: Frame, request: CancelAppointment) -> Result:
    """Off at once, so that somebody else may have the time."""
    one = _one(talk, request.appointment_id)
    if one is None:
        return NoAppointment()
    booking.cancel(talk.unit, one.id, why=request.why)
    return AppointmentCancelled(_told(talk, one))


# -- a time that suits -------------------------------------------------------------------------


def _find(talk: Talk, frame: Frame, request: FindSlots) -> Result:
    """Times that suit what they say now, or said before; else the nearest; else a link worker looks."""
    looked = frame.found.get("looked")
    before = looked if isinstance(looked, Looked) else None
    wish = _wish(talk, frame, request, before)
    if not isinstance(wish, Wish):
        return wish
    if held := _held(talk, frame):
        booking.let_go(talk.unit, held.id)
    moving = _one(talk, request.moving)
    looking = Looking(talk, moving)
    if not looking.open:
        return _no_times(talk, moving)
    shown = before.shown if before else []
    if request.words and (key := finding_times.only_one_that_suits(talk, wish, shown)):
        frame.found["looked"] = Looked(wish.data(), shown)
        return SlotChosen(key)
    slots, why = _looked_for(looking, wish, request, shown)
    if not slots and shown and not request.gone:
        return NoMoreSlots()
    if not slots:
        return _no_times(talk, moving, gone=request.gone)
    offers = looking.offers(slots)
    keys = [offer["key"] for offer in offers]
    frame.found["looked"] = Looked(wish.data(), list(dict.fromkeys([*shown, *keys])))
    if len(keys) == 1 and not why and (request.words or request.reading):
        return SlotChosen(keys[0])
    return SlotsFound(
        offers, why, moving.id if moving else None, looking.who(slots), _asked_for_discreet(talk)
    )


def _looked_for(looking: Looking, wish: Wish, request: FindSlots, shown: list[str]) -> tuple[list[Slot], str]:
    """What to offer, and what to say of it where it is not what they asked for."""
    without = times_of(shown) if request.more else times_of(shown[-1:]) if request.gone else set()
    why = "gone" if request.gone else ""
    if request.more and (slots := looking.suits(wish, finding_times.around(without))):
        return slots, why
    if slots := looking.suits(wish, without):
        return slots, why
    if wish.usual:
        return looking.any(without), why
    if looking.too_far(wish):
        return looking.any(without), why or "far"
    if request.more and (slots := looking.nearest(wish, finding_times.around(without))):
        return slots, "no_more"
    return looking.nearest(wish, without), why or "nearest"


def _wish(talk: Talk, frame: Frame, request: FindSlots, before: Looked | None) -> Wish | Result:
    """What they wish for now. A Result where it must be asked about first, or is about no time at all."""
    said = Wish(talk, before.wish) if before and before.wish else finding_times.usual_wish(talk)
    found = frame.found.get("time_unclear")
    unclear = found if isinstance(found, TimeUnclear) else None
    if request.reading is not None and unclear is not None:
        kept = next((r for r in unclear.readings if r["key"] == request.reading), None)
        if kept is not None:
            meant = finding_times.on_that_day(talk, unclear.words, reading_of(kept))
            return _new(talk, said, meant, _ways(unclear.ways))
    if not request.words:
        return said
    ways, words = finding_times.ways_said(talk, request.words)
    if unclear is None or frame.answers.get("which_time") != request.words:
        meant = finding_times.meaning_of(talk, words, talk.now) if words else NotATime()
    elif not words:
        return replace(unclear, ways=[way.value for way in ways])
    else:  # it was asked what they meant
        ways = ways or _ways(unclear.ways)
        meant, words = finding_times.closing(talk, words, unclear.words, unclear.why)
    ask = finding_times.to_ask(meant)
    if before is None and (isinstance(meant, NotATime) or (ask and not ask.readings)) and not ways:
        wished = frame.found.get("appointment_wish")
        if isinstance(wished, AppointmentWish) and wished.words == request.words:
            return said  # said elsewhere, and perhaps of something else
    if ask is not None:
        readings = readings_of(ask.readings, finding_times.zone_of(talk))
        return TimeUnclear(ask.why.value, readings, words, [way.value for way in ways])
    if not isinstance(meant, NotATime):
        return _new(talk, said, meant, ways, words)
    return _another_way(talk, frame, said, ways) if ways else SaidNoTime(bool(_held(talk, frame)))


def _new(talk: Talk, said: Wish, meant: Meaning, ways: tuple[Meeting, ...], words: str = "") -> Wish:
    """A new time; how they would like to meet stands until they say otherwise.

    Words are kept as they are where they say it; what they meant is kept where it took more to know.
    """
    wish = Wish(talk)
    wish.words = words if isinstance(meant, Understood) else ""
    if not wish.words:
        readings = meant.windows if isinstance(meant, Understood) else [meant]
        wish.kept = readings_of(readings, finding_times.zone_of(talk))  # type: ignore[arg-type]
    wish.meetings = ways or (() if said.usual else said.meetings)
    return wish


def _another_way(talk: Talk, frame: Frame, said: Wish, ways: tuple[Meeting, ...]) -> Wish:
    """Only how they would like to meet: at the time just chosen, else at the times they wished for."""
    wish = Wish(talk, said.data())
    wish.meetings, wish.usual = ways, False
    if held := _held(talk, frame):
        wish.kept = readings_of([Exact(held.starts_at)], finding_times.zone_of(talk))
    return wish


def _ways(kept: list[str]) -> tuple[Meeting, ...]:
    return tuple(Meeting(way) for way in kept)


def _ask_to_book(talk: Talk, frame: Frame, request: AskToBook) -> Result:
    return _no_times(talk, _one(talk, request.moving), asked=True)


# -- a yes to it -------------------------------------------------------------------------------


def _hold(talk: Talk, frame: Frame, request: HoldSlot) -> Result:
    """Kept for ten minutes; of two who choose the same time one gets it."""
    slot, looked = slot_of(request.key), frame.found.get("looked")
    offered = looked.shown if isinstance(looked, Looked) else []
    if slot is None or request.key not in offered:
        return SlotTaken()
    # The one they chose last is the one that is left out when it is gone.
    frame.found["looked"] = Looked(looked.wish, [*(k for k in offered if k != request.key), request.key])
    moving = _one(talk, request.moving)
    held = booking.hold(
        talk.unit, talk.person_id, slot, Looking(talk, moving).kind,
        moving=moving.id if moving else None, nation=talk.voice.settings.nation,
    )  # fmt: skip
    if not isinstance(held, Appointment):
        return SlotTaken()
    instead_of = _told(talk, moving) if moving else None
    return SlotHeld(_told(talk, held), instead_of, _asked_for_discreet(talk))


def _book(talk: Talk, frame: Frame, request: BookAppointment) -> Result:
    """Booked if it is held for them still, or free still; and they hear all they need."""
    held, moving = maybe(talk.unit, request.held_id), _one(talk, request.moving)
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
    discreet = "" if talk.may_repeat_words and not _asked_for_discreet(talk) else DISCREET_FORM
    talk.with_next(about=subject(booked.id), file=_file(talk, booked))
    booked_words = words.said("plain", "where_plain") if discreet else words.said("told", "where", "bring")
    talk.say(f"{FLOW}.{discreet}confirmed", found={"booked": booked_words, "moved": moved})
    if booked.meeting is Meeting.HOME and not booked.where:
        if not person_of(talk.unit, talk.person_id).contact_plan.get("visit_where"):
            _ask_link_worker(talk, "ask-address")
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
    if (held := _held(talk, frame)) and held.id == request.held_id:
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
    for one in _ahead(talk):
        reminders.set_again(talk.unit, one)
    return Noted()


def _wish_earlier(talk: Talk, frame: Frame, request: WishEarlier) -> Result:
    """They hear of times that come free before the one they have."""
    _was_asked(talk, "sooner")
    one = _one(talk, request.appointment_id)
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
    return HaveAppointment(_told(talk, one), _asked_for_discreet(talk))


def _asked_for_discreet(talk: Talk) -> bool:
    return person_of(talk.unit, talk.person_id).contact_plan.get(REMINDERS) == DISCREET


def _ahead(talk: Talk) -> list[Appointment]:
    """What is booked with them and not over, the next first."""
    booked = appointments_of(talk.unit, talk.person_id)
    return [one for one in reversed(booked) if one.stands and not one.over(talk.now)]


def _one(talk: Talk, appointment_id: int | None) -> Appointment | None:
    """This appointment of theirs, if it is booked and not over."""
    return next((one for one in _ahead(talk) if one.id == appointment_id), None)


def _held(talk: Talk, frame: Frame) -> Appointment | None:
    """What this conversation holds for them still."""
    shown = frame.found.get("slot_held")
    held = maybe(talk.unit, shown.about) if isinstance(shown, SlotHeld) else None
    if held is None or held.status is not AppointmentStatus.HELD:
        return None
    return held if held.held_until is not None and held.held_until > talk.now else None


def _no_times(
    talk: Talk, moving: Appointment | None, *, asked: bool = False, gone: bool = False
) -> NoTimes:
    """A link worker finds one, and knows what they said: it is in their messages."""
    by = _ask_link_worker(talk, "move-appointment" if moving else "book-appointment")
    return NoTimes(by, moving is not None, asked, gone)


def _ask_link_worker(talk: Talk, kind: str) -> Any:
    due = talk.voice.settings.hours.working_days_after(talk.now, 1)
    open_task(talk.unit, talk.person_id, kind, due, case_id=open_case_id(talk.unit, talk.person_id))
    return due


HOW: dict[type, CarryingOut] = {
    ShowAppointment: _show,
    KeepAppointment: _keep,
    SayWhere: _say_where,
    CancelAppointment: _cancel,
    FindSlots: _find,
    AskToBook: _ask_to_book,
    HoldSlot: _hold,
    BookAppointment: _book,
    LetSlotGo: _let_go,
    WishReminders: _wish_reminders,
    WishEarlier: _wish_earlier,
}
