"""Finding a time for somebody in a turn: what they wish, what is offered, and a link worker where none is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.appointments import booking, reminders
from bot.appointments.appointment import Appointment, appointments_of, maybe
from bot.appointments.slots import Slot
from bot.appointments.when import Exact, Meaning, NotATime, Understood
from bot.casework.tasks import open_task
from bot.conversation import finding_times
from bot.conversation.appointment_words import reading_of, readings_of
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.finding_times import Looking, Wish, times_of
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.people.for_a_human import open_case_id
from bot.people.persons import person_of
from bot.requests import (
    AppointmentWish,
    AskToBook,
    FindSlots,
    Looked,
    NoMoreSlots,
    NoTimes,
    Result,
    SlotChosen,
    SlotHeld,
    SlotsFound,
    TimeUnclear,
)
from bot.requests import NotATime as SaidNoTime
from bot.store.tables import AppointmentStatus, Meeting

#: How they wish to be reminded, in their contact plan.
REMINDERS = "reminders"


def _find(talk: Talk, frame: Frame, request: FindSlots) -> Result:
    """Times that suit what they say now, or said before; else the nearest; else a link worker looks."""
    looked = frame.found.get("looked")
    before = looked if isinstance(looked, Looked) else None
    wish = _wish(talk, frame, request, before)
    if not isinstance(wish, Wish):
        return wish
    frame.found.pop("time_unclear", None)  # it is clear now
    if held := held_for(talk, frame):
        booking.let_go(talk.unit, held.id)
    moving = theirs(talk, request.moving)
    looking = Looking(talk, moving)
    if not looking.open:
        return no_times(talk, moving)
    shown = before.shown if before else []
    if request.words and (key := finding_times.only_one_that_suits(talk, wish, shown)):
        frame.found["looked"] = Looked(wish.data(), shown)
        return SlotChosen(key)
    slots, why = _looked_for(looking, wish, request, shown)
    if not slots and shown and not request.gone:
        return NoMoreSlots()
    if not slots:
        return no_times(talk, moving, gone=request.gone)
    offers = looking.offers(slots)
    keys = [offer["key"] for offer in offers]
    frame.found["looked"] = Looked(wish.data(), list(dict.fromkeys([*shown, *keys])))
    if len(keys) == 1 and not why and (request.words or request.reading):
        return SlotChosen(keys[0])
    return SlotsFound(
        offers, why, moving.id if moving else None, looking.who(slots), asked_for_discreet(talk)
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
    return _another_way(talk, frame, said, ways) if ways else SaidNoTime(bool(held_for(talk, frame)))


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
    if held := held_for(talk, frame):
        wish.kept = readings_of([Exact(held.starts_at)], finding_times.zone_of(talk))
    return wish


def _ways(kept: list[str]) -> tuple[Meeting, ...]:
    return tuple(Meeting(way) for way in kept)


def _ask_to_book(talk: Talk, frame: Frame, request: AskToBook) -> Result:
    return no_times(talk, theirs(talk, request.moving), asked=True)


# -- theirs ------------------------------------------------------------------------------------


def asked_for_discreet(talk: Talk) -> bool:
    """Whether they asked for words that give nothing away, on any phone."""
    return person_of(talk.unit, talk.person_id).contact_plan.get(REMINDERS) == reminders.DISCREET


def ahead(talk: Talk) -> list[Appointment]:
    """What is booked with them and not over, the next first."""
    booked = appointments_of(talk.unit, talk.person_id)
    return [one for one in reversed(booked) if one.stands and not one.over(talk.now)]


def theirs(talk: Talk, appointment_id: int | None) -> Appointment | None:
    """This appointment of theirs, if it is booked and not over."""
    one = maybe(talk.unit, appointment_id) if appointment_id is not None else None
    if one is None or one.person_id != talk.person_id or not one.stands or one.over(talk.now):
        return None
    return one


def held_for(talk: Talk, frame: Frame) -> Appointment | None:
    """What this conversation holds for them still."""
    shown = frame.found.get("slot_held")
    held = maybe(talk.unit, shown.about) if isinstance(shown, SlotHeld) else None
    if held is None or held.status is not AppointmentStatus.HELD:
        return None
    return held if held.held_until is not None and held.held_until > talk.now else None


def no_times(talk: Talk, moving: Appointment | None, *, asked: bool = False, gone: bool = False) -> NoTimes:
    """A link worker finds one, and knows what they said: it is in their messages."""
    by = ask_link_worker(talk, "move-appointment" if moving else "book-appointment")
    return NoTimes(by, moving is not None, asked, gone)


def ask_link_worker(talk: Talk, kind: str) -> datetime:
    """A task for a link worker; by when they are in touch (aware UTC)."""
    due = talk.voice.settings.hours.working_days_after(talk.now, 1)
    open_task(talk.unit, talk.person_id, kind, due, case_id=open_case_id(talk.unit, talk.person_id))
    return due


HOW: dict[type, CarryingOut] = {FindSlots: _find, AskToBook: _ask_to_book}
