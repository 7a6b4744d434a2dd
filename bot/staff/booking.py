"""Booking an appointment: for whom, what, when, how; refused in plain words, with a way to do it anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from bot.appointments import booking
from bot.appointments.appointment import Appointment, appointments_of, maybe
from bot.appointments.calendar import calendar_of
from bot.appointments.diary import Clash
from bot.appointments.kinds import kind_of, kinds
from bot.casework import cases, staffing
from bot.casework.access import may_open
from bot.people import persons
from bot.people.persons import Person, by_token, person_of
from bot.staff import calendar_words
from bot.staff.appointments import day_of, what
from bot.staff.calendar_times import (
    FreeDay,
    WrongTime,
    as_value,
    at_words,
    chosen,
    day_in,
    length_in,
    number_in,
    times_free,
    why_not,
)
from bot.staff.pages import BASE, Ask, NotFound, Refused
from bot.staff.people import Found, found_one
from bot.staff.ways_to_meet import likely_way, meeting_of, team_of, tells_by, told, way_of, ways
from bot.store.tables import CaseStatus, Meeting
from bot.store.unit_of_work import Reading, UnitOfWork

#: As many of a worker's own people as fit on a phone, one tap each.
MOST_OWN = 12
LONGEST_WHERE, LONGEST_BRING, LONGEST_NOTE = 200, 160, 600


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked for so far. `way` is a meeting's code, or "place:3"."""

    staff_id: int
    kind: str
    minutes: int
    length: str  # as it was typed; empty: what this kind takes
    way: str
    where: str
    bring: str
    note: str
    at: str
    on: str
    time: str


def book_page(
    ask: Ask, *, wrong: dict[str, str] | None = None, clash: Clash | None = None, said: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    """First for whom; then the rest, on one page, filled in as far as we can know."""
    given: Mapping[str, Any] = ask.form or ask.query
    with ask.reading() as reading:
        who = _for_whom(ask, reading, str(given.get("for", "")))
        words = ask.query.get("q", "").strip()[:100]
        if who is None:
            found = [found_one(reading, p) for p in persons.search(reading, words)] if words else []
            own = _own_people(ask, reading) if not words else []
            team = staffing.all_staff(reading, active_only=True)
        else:
            person = who
            draft = _draft(ask, reading, given, person)
            page = _filled(ask, reading, draft, person)
    if who is None:
        if words:
            ask.write(
                lambda unit: unit.audit("people searched", f"staff:{ask.me.staff_id}", found=len(found))
            )  # fmt: skip
        asked = {n: str(given.get(n, "")) for n in ("at", "on", "who") if given.get(n)}
        return ask.page(
            "book_who.html", words=words, found=[f for f in found if f.person.agreed_at is not None],
            own=own, asked=asked, at=at_words(ask, asked.get("at", "")), c=calendar_words,
            whose=next((m.name for m in team if str(m.id) == asked.get("who")), ""),
        )  # fmt: skip
    if not ask.form and "HX-Request" not in ask.request.headers:
        ask.write(lambda unit: unit.audit("booking opened", f"person:{person.id}"))
    return ask.page(
        "book.html", status, wrong=wrong or {}, clash=clash, why=said, person=person,
        c=calendar_words, **page,
    )  # fmt: skip


def book(ask: Ask) -> Response:
    """Book it; the person is told in a turn of their own."""
    with ask.reading() as reading:
        who = _for_whom(ask, reading, ask.sent("for", 64))
        if who is None:
            raise NotFound
        person = who
        draft = _draft(ask, reading, ask.form, person)
        wrong, starts_at = _checked(ask, reading, draft)
    if wrong or starts_at is None:
        return book_page(ask, wrong=wrong, status=422)
    meeting, place_id = way_of(draft.way)

    def work(unit: UnitOfWork) -> Appointment | Clash:
        made = booking.book(
            unit, person.id, draft.staff_id, starts_at, minutes=draft.minutes, kind=draft.kind,
            meeting=meeting_of(unit, meeting, place_id), place_id=place_id, where=draft.where,
            bring=draft.bring, note=draft.note, anyway=ask.sent("anyway") == "yes",
            nation=ask.parts.settings.nation,
        )  # fmt: skip
        if isinstance(made, Clash) and made.with_id and (there := maybe(unit, made.with_id)):
            if there.stands and (there.person_id, there.starts_at) == (person.id, starts_at):
                return there  # the same press twice, on a slow line
        return made

    made = ask.write(work)
    if isinstance(made, Clash):
        ends_at = starts_at + timedelta(minutes=draft.minutes)
        with ask.reading() as reading:
            said = why_not(ask, reading, made, draft.staff_id, starts_at, ends_at)
        return book_page(ask, clash=made, said=said, status=409)
    return ask.go(
        day_of(ask, made), f"Booked: {what(ask, made, person)}. {told(ask, person)}",
        undo=(f"{BASE}/appointments/{made.id}/cancel", {"why": "mistake", "back": day_of(ask, made)}),
    )  # fmt: skip


# -- inside --------------------------------------------------------------------------------------


def _for_whom(ask: Ask, reading: Reading, token: str) -> Person | None:
    person = by_token(reading, token) if token else None
    if person is None:
        return None
    if not may_open(reading, ask.me.staff_id, person.id).all:
        raise Refused("They have not said yes to our link workers yet. Ask them first.")
    return person


def _own_people(ask: Ask, reading: Reading) -> list[Found]:
    """Those whose case is this worker's, by name."""
    own = [
        found_one(reading, person_of(reading, case.person_id))
        for case in cases.cases_owned_by(reading, ask.me.staff_id)
        if case.status is CaseStatus.OPEN
    ]
    return sorted((f for f in own if f.name), key=lambda f: f.name.casefold())[:MOST_OWN]


def _draft(ask: Ask, reading: Reading, given: Mapping[str, Any], person: Person) -> Draft:
    """What was given, and what we can know where nothing was."""

    def words(name: str, most: int) -> str:
        return str(given.get(name, "")).strip()[:most]

    before = appointments_of(reading, person.id)
    staff_id = number_in(given.get("who")) or ask.me.staff_id
    team = {one.id for one in team_of(reading, staff_id)}
    staff_id = staff_id if staff_id in team else ask.me.staff_id
    kind = words("kind", 20)
    kind = kind if kind in kinds() else ("review" if before and "review" in kinds() else next(iter(kinds())))
    calendar = calendar_of(reading, staff_id)
    length = words("minutes", 4)
    usual = calendar.minutes(kind) if calendar else kind_of(kind).minutes
    minutes = length_in(length) or usual
    at = words("at", 16)
    day, _, hour = at.partition("T")
    return Draft(
        staff_id, kind, minutes, length, words("way", 30) or likely_way(reading, person, before),
        words("where", LONGEST_WHERE), words("bring", LONGEST_BRING), words("note", LONGEST_NOTE),
        at, words("on", 10) or day, words("time", 5) or hour,
    )  # fmt: skip


def _filled(ask: Ask, reading: Reading, draft: Draft, person: Person) -> dict[str, Any]:
    """What the form shows beside what is in it."""
    calendar = calendar_of(reading, draft.staff_id)
    lengths = {name: calendar.minutes(name) if calendar else kind.minutes for name, kind in kinds().items()}
    days: list[FreeDay] = []
    since = day_in(draft.on)
    if not ask.query.get("at") or ask.form:
        days = times_free(ask, reading, draft.staff_id, draft.minutes, since=since)
    elsewhere = str(person.contact_plan.get("visit_where") or "")
    return {
        "draft": draft, "days": days, "lengths": lengths, "ways": ways(reading), "way": draft.way,
        "team": team_of(reading, draft.staff_id), "value": lambda at: as_value(ask, at),
        "me": ask.me.staff_id,
        "home": elsewhere, "told": tells_by(ask, reading, person.id), "has_hours": calendar is not None,
        "url": f"{BASE}/people/{person.token}", "from_calendar": bool(ask.query.get("at")) and not ask.form,
        "at_words": at_words(ask, draft.at),
    }  # fmt: skip


def _checked(ask: Ask, reading: Reading, draft: Draft) -> tuple[dict[str, str], datetime | None]:
    wrong: dict[str, str] = {}
    at = None
    try:
        at = chosen(ask)
    except WrongTime as error:
        wrong["on"] = str(error)
    if draft.length and length_in(draft.length) is None:
        wrong["minutes"] = "Write how many minutes it takes, from 5 to 480, or leave it empty."
    if draft.way not in {value for value, _ in ways(reading)}:
        wrong["way"] = "Choose how you meet."
    if draft.way == Meeting.ELSEWHERE and not draft.where:
        wrong["where"] = "Write where, so that they find it."
    if draft.staff_id not in {one.id for one in team_of(reading, draft.staff_id)}:
        wrong["who"] = "Choose whom they meet."
    return wrong, at
