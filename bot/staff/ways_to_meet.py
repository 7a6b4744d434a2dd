"""How and where people can meet whom, and by which way they hear of it."""

from __future__ import annotations

from bot.appointments.appointment import Appointment
from bot.appointments.calendar import calendars
from bot.appointments.places import Place, places
from bot.casework import staffing
from bot.casework.plans import plan_of
from bot.casework.staffing import Staff
from bot.people import contact_points
from bot.people.persons import Person
from bot.people.safe_contact import Purpose
from bot.people.safe_contact import why_not as why_no_message
from bot.staff import calendar_words, wording
from bot.staff.pages import Ask, Refused
from bot.store.tables import Heading, Meeting
from bot.store.unit_of_work import Reading, UnitOfWork

PLACE = "place:"


def ways(reading: Reading) -> list[tuple[str, str]]:
    """How and where people can meet: the places there are, and what needs none."""
    made: list[tuple[str, str]] = []
    there = places(reading)
    for meeting, words in calendar_words.MEETINGS.items():
        at = [place for place in there if place.meeting is meeting and not _is_bare(place)]
        if meeting in (Meeting.PHONE, Meeting.HOME, Meeting.ELSEWHERE) or not at:
            made.append((meeting.value, words))
        made += [(f"place:{place.id}", f"{words}: {place.name}") for place in at]
    return made


def _is_bare(place: Place) -> bool:
    """A place that is none: "By phone" says nothing that the way of meeting does not."""
    return place.meeting is Meeting.PHONE and not place.address


def way_of(way: str) -> tuple[Meeting | None, int | None]:
    what, _, number = way.partition(":")
    if what == "place" and number.isdecimal():
        return None, int(number)
    return (Meeting(what) if what in set(Meeting) else Meeting.PHONE), None


def meeting_of(unit: UnitOfWork, meeting: Meeting | None, place_id: int | None) -> Meeting:
    if meeting is not None:
        return meeting
    found = next((place for place in places(unit, all_=True) if place.id == place_id), None)
    if found is None:
        raise Refused("That place is not there any more. Choose another.")
    return found.meeting


def likely_way(reading: Reading, person: Person, before: list[Appointment]) -> str:
    """How they met last; else how they said they like to; else by phone."""
    offered = [value for value, _ in ways(reading)]
    if before:
        last = before[0]
        there = there_of(last)
        return there if there in offered else last.meeting.value
    plan = plan_of(reading, person.id)
    said = [line.code for line in plan.under(Heading.MEETING)] if plan else []
    for code in said:
        if code in offered:
            return str(code)
        at = next((p for p in places(reading) if p.meeting == code), None)
        if at is not None:
            return f"place:{at.id}"
    return Meeting.PHONE.value


def team_of(reading: Reading, staff_id: int) -> list[Staff]:
    """With whom it can be: everyone at work who has a calendar, and whoever is asked for."""
    have = {one.staff_id for one in calendars(reading)} | {staff_id}
    return [one for one in staffing.all_staff(reading, active_only=True) if one.id in have]


def there_of(one: Appointment) -> str:
    """Its way of meeting, as a form holds it."""
    return f"{PLACE}{one.place.id}" if one.place and not _is_bare(one.place) else one.meeting.value


def tells_by(ask: Ask, reading: Reading, person_id: int) -> str:
    """How they are told of a change now, such as "by text"; empty where no message may go."""
    for point in contact_points.of_person(reading, person_id):
        for purpose in (Purpose.APPOINTMENT, Purpose.DISCREET):
            if why_no_message(point, purpose, now=ask.now) is None:
                return f"by {wording.CHANNELS[point.channel]}"
    return ""


def told(ask: Ask, person: Person) -> str:
    with ask.reading() as reading:
        way = tells_by(ask, reading, person.id)
    name = calendar_words.called(person.name) or "They"
    if way:
        return f"{name} is told {way}." if person.name else f"They are told {way}."
    return f"A message cannot go to {name if person.name else 'them'} now: tell them yourself."
