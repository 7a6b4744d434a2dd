"""Group sessions: planned once or every week, who comes, people asked in, and called off for everybody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from bot.appointments import groups
from bot.appointments.appointment import in_session
from bot.appointments.diary import Clash
from bot.appointments.groups import Full, Heard, NoSuchSession, Planned, Session
from bot.appointments.places import places
from bot.casework import staffing
from bot.people import persons
from bot.people.persons import Person, by_token
from bot.staff import calendar_words
from bot.staff.calendar_entries import Entry, entries_of, not_seen_lately, record_seen
from bot.staff.calendar_times import WrongTime, length_in, number_in, typed, why_not
from bot.staff.hours_form import BARE
from bot.staff.pages import BASE, Ask, NotAllowed, NotFound, Refused
from bot.staff.people import found_one
from bot.staff.ways_to_meet import told
from bot.store.tables import AppointmentStatus
from bot.store.unit_of_work import Reading, UnitOfWork

#: The list reaches so far back and ahead.
BACK, AHEAD = timedelta(days=28), timedelta(days=120)
FIELDS = ("name", "on", "time", "minutes", "place", "most", "bring", "weeks", "who")
#: What a worker reads of each way somebody came to know that it is off.
HEARD = {
    Heard.NOT_REACHED: "Could not be reached",
    Heard.WAITING: "Waits for a time that is safe for them",
    Heard.ON_ITS_WAY: "On its way",
    Heard.TOLD: "Told",
}


def sessions_page(ask: Ask) -> Response:
    """What is coming, and what was lately."""
    with ask.reading() as reading:
        found = groups.sessions(reading, ask.now - BACK, ask.now + AHEAD)
    return ask.page(
        "sessions.html", coming=[one for one in found if one.ends_at > ask.now],
        past=[one for one in reversed(found) if one.ends_at <= ask.now], c=calendar_words,
    )  # fmt: skip


# -- planning, putting right ---------------------------------------------------------------


def plan_page(
    ask: Ask,
    wrong: dict[str, str] | None = None,
    status: int = 200,
    clash: Clash | None = None,
    why: str = "",
) -> Response:
    """The form for a new session, or for the same every week."""
    filled = {name: ask.sent(name, 200) or str(ask.query.get(name, "")) for name in FIELDS}
    filled = {"minutes": "60", "weeks": "1", "who": str(ask.me.staff_id)} | {
        k: v for k, v in filled.items() if v
    }
    return _form(ask, None, filled, wrong, status, clash, why)


def plan(ask: Ask) -> Response:
    """Plan it. Weeks in which the worker cannot are left out, and said."""
    with ask.reading() as reading:
        staff_id = _for_whom(ask, reading)
    details, starts_at, wrong = _read(ask)
    weeks = number_in(ask.sent("weeks", 3) or "1")
    if weeks is None or not 1 <= weeks <= groups.MOST_WEEKS:
        wrong["weeks"] = f"Write how many weeks, from 1 to {groups.MOST_WEEKS}."
    if wrong or starts_at is None or weeks is None:
        return plan_page(ask, wrong, 422)
    more: dict[str, Any] = {"anyway": ask.sent("anyway") == "yes", "nation": ask.parts.settings.nation}
    minutes = details.pop("minutes")

    def work(unit: UnitOfWork) -> Planned:
        return groups.plan_weekly(
            unit, details.pop("name"), staff_id, starts_at, weeks=weeks, minutes=minutes, **details, **more
        )

    try:
        made = ask.write(work)
    except ValueError as error:
        return plan_page(ask, _beside(error), 422)
    if not made.ids:
        at, clash = made.not_planned[0]
        return plan_page(ask, status=409, clash=clash, why=_why(ask, clash, staff_id, at, minutes))
    said = "Planned." if weeks == 1 else f"Planned {len(made.ids)} times."
    left_out = [
        f"Not {ask.times.day(at, ask.now)}: {_why(ask, clash, staff_id, at, minutes)}"
        for at, clash in made.not_planned
    ]
    return ask.go(f"sessions/{made.ids[0]}", " ".join([said, *left_out]))


def correct_page(
    ask: Ask,
    wrong: dict[str, str] | None = None,
    status: int = 200,
    clash: Clash | None = None,
    why: str = "",
) -> Response:
    """The form with what is planned."""
    one = _session(ask)
    if wrong is not None or clash is not None:
        filled = {name: ask.sent(name, 200) for name in FIELDS}
    else:
        filled = {
            "name": one.name, "on": ask.times.for_input(one.starts_at), "minutes": str(one.minutes),
            "time": ask.times.time_for_input(one.starts_at), "place": str(one.place.id) if one.place else "",
            "most": str(one.most or ""), "bring": one.bring, "who": str(one.staff_id),
        }  # fmt: skip
    return _form(ask, one, filled, wrong, status, clash, why)


def correct(ask: Ask) -> Response:
    """Put it right. Whoever has a place moves with it, and is told."""
    one = _session(ask)
    details, starts_at, wrong = _read(ask)
    if wrong or starts_at is None:
        return correct_page(ask, wrong, 422)
    minutes = details.pop("minutes")
    anyway, nation = ask.sent("anyway") == "yes", ask.parts.settings.nation
    try:
        after = ask.write(
            lambda unit: groups.correct_session(
                unit, one.id, starts_at=starts_at, minutes=minutes, anyway=anyway, nation=nation, **details
            )
        )
    except ValueError as error:
        return correct_page(ask, _beside(error), 422)
    if isinstance(after, Clash):
        why = _why(ask, after, one.staff_id, starts_at, minutes)
        return correct_page(ask, status=409, clash=after, why=why)
    moved = (one.starts_at, one.minutes, one.place) != (after.starts_at, after.minutes, after.place)
    said = " Everybody who comes is told." if moved and after.coming else ""
    return ask.go(f"sessions/{one.id}", f"Put right.{said}")


# -- one session ---------------------------------------------------------------------------


def session_page(ask: Ask, wrong: dict[str, str] | None = None, status: int = 200) -> Response:
    """Who comes, a search for who else could, and calling it off; or who knows that it is off."""
    one = _session(ask)
    words = ask.query.get("q", "").strip()[:100]
    with ask.reading() as reading:
        entries = entries_of(reading, in_session(reading, one.id))
        coming = [e for e in entries if e.appointment.status is not AppointmentStatus.CANCELLED]
        off = [] if not one.stands else [e for e in entries if e not in coming]
        heard = groups.told_of(reading, one.id) if not one.stands else []
        who = {e.appointment.id: e.who for e in entries}
        new = not_seen_lately(reading, ask.me.staff_id, entries)
        have = {e.appointment.person_id for e in coming}
        found = [found_one(reading, p) for p in persons.search(reading, words)] if words else []
    found = [f for f in found if f.person.agreed_at is not None]
    if new or words:
        ask.write(lambda unit: _seen(unit, ask, new, len(found) if words else None))
    return ask.page(
        "session.html", status, one=one, coming=_by_name(coming), off=_by_name(off), c=calendar_words,
        told=heard, people=who, heard=HEARD, unsettled=any(h.heard in _UNSETTLED for h in heard),
        not_reached=sum(h.heard is Heard.NOT_REACHED for h in heard), words=words, have=have,
        found=found, wrong=wrong or {}, form=ask.form, begun=one.starts_at <= ask.now,
        over=one.ends_at <= ask.now,
    )  # fmt: skip


def invite(ask: Ask) -> Response:
    """They have a place: they are told, and reminded before it."""
    one = _session(ask)
    person = _person(ask)
    anyway = ask.sent("anyway") == "yes"
    made = ask.write(lambda unit: groups.invite(unit, one.id, person.id, anyway=anyway))
    name = calendar_words.called(person.name) or "They"
    if isinstance(made, Full):
        raise Refused(f"All {made.most} places are taken. Put the number right first if there is room.")
    if isinstance(made, Clash):
        raise Refused(_not_asked_in(made, name))
    return ask.go(
        f"sessions/{one.id}#who", f"{name} has a place. {told(ask, person)}",
        undo=(f"{BASE}/sessions/{one.id}/leave", {"person": person.token, "why": "mistake"}),
    )  # fmt: skip


def leave(ask: Ask) -> Response:
    """They do not come to it: their place is free."""
    one = _session(ask)
    person = _person(ask)
    why = "mistake" if ask.sent("why", 20) == "mistake" else "cannot-come"
    left = ask.write(lambda unit: groups.leave(unit, one.id, person.id, why))
    name = calendar_words.called(person.name) or "They"
    if not left:
        return ask.go(f"sessions/{one.id}#who", f"{name} had no place.")
    said = f"{name} does not come. {told(ask, person)}"
    undo = (f"{BASE}/sessions/{one.id}/invite", {"person": person.token})
    return ask.go(f"sessions/{one.id}#who", said, undo=undo)


def cancel(ask: Ask) -> Response:
    """It is off: everybody who had a place is told by their own channel, and the page lists who was."""
    one = _session(ask)
    if not one.stands:
        return ask.go(f"sessions/{one.id}", "It was off already.")
    if one.ends_at <= ask.now:
        raise Refused("It is over.")
    if ask.sent("sure") != "yes":
        return session_page(
            ask, {"sure": "Tick the box: everybody is told at once, and that cannot be undone."}, 422
        )
    try:
        heard = ask.write(lambda unit: groups.cancel_session(unit, one.id, ask.sent("why", 400)))
    except ValueError as error:
        return session_page(ask, {"why": str(error)}, 422)
    number = len(heard)
    said = (
        "Nobody had a place."
        if not number
        else f"{number} {'person is' if number == 1 else 'people are'} told."
    )
    return ask.go(f"sessions/{one.id}", f"It is off. {said}")


# -- inside --------------------------------------------------------------------------------

_UNSETTLED = (Heard.WAITING, Heard.ON_ITS_WAY)


def _form(
    ask: Ask, one: Session | None, filled: dict[str, str], wrong: dict[str, str] | None, status: int,
    clash: Clash | None, why: str,
) -> Response:  # fmt: skip
    with ask.reading() as reading:
        there = [place for place in places(reading) if place.meeting not in BARE]
        if one and one.place and one.place.id not in {place.id for place in there}:
            there.append(one.place)  # retired since
        team = staffing.all_staff(reading, active_only=True) if ask.me.leads and not one else []
    return ask.page(
        "session_form.html", status, one=one, filled=filled, wrong=wrong or {}, clash=clash, why=why,
        places=there, team=team, most_weeks=groups.MOST_WEEKS, c=calendar_words,
    )  # fmt: skip


def _read(ask: Ask) -> tuple[dict[str, Any], datetime | None, dict[str, str]]:
    """What was typed: details, the start (aware UTC), and what is wrong by field."""
    wrong: dict[str, str] = {}
    starts_at = None
    try:
        starts_at = typed(ask, ask.sent("on", 10), ask.sent("time", 5))
    except WrongTime as error:
        wrong["time" if "time" in str(error).casefold() else "on"] = str(error)
    if not ask.sent("name", 200):
        wrong["name"] = "Give the session a name, as people know it."
    minutes = length_in(ask.sent("minutes", 5))
    if minutes is None:
        wrong["minutes"] = "Write how many minutes it takes, from 5 to 480."
    most = number_in(ask.sent("most", 5)) if ask.sent("most", 5) else None
    if ask.sent("most", 5) and not most:
        wrong["most"] = "Write how many places there are, or leave it empty for no limit."
    place = number_in(ask.sent("place", 18))
    if place is None:
        wrong["place"] = "Choose where it is. Add the place first if it is not there."
    details = {
        "name": ask.sent("name", 200), "minutes": minutes, "place_id": place, "most": most,
        "bring": ask.sent("bring", 400),
    }  # fmt: skip
    return details, starts_at, wrong


def _beside(error: ValueError) -> dict[str, str]:
    """A sentence of the domain, beside the field it is about."""
    said = str(error)
    for field, words in (
        ("weeks", "weeks"),
        ("most", "place already"),
        ("most", "places"),
        ("place", "such place"),
    ):
        if words in said:
            return {field: said}
    if "have a place" in said:
        return {"most": said}
    return {"bring" if "letters at most" in said and "160" in said else "name": said}


def _why(ask: Ask, clash: Clash, staff_id: int, at: datetime, minutes: int) -> str:
    with ask.reading() as reading:
        return why_not(ask, reading, clash, staff_id, at, at + timedelta(minutes=minutes))


def _not_asked_in(clash: Clash, name: str) -> str:
    return {
        "theirs": f"{name} has another appointment with us then. Move that first.",
        "past": "It has begun already.",
        "off": "It is off.",
    }.get(clash.reason, "That cannot be booked just now.")


def _for_whom(ask: Ask, reading: Reading) -> int:
    """Whose session it is: one's own; a lead plans for anybody at work."""
    staff_id = number_in(ask.sent("who", 18)) or ask.me.staff_id
    if staff_id != ask.me.staff_id:
        if not ask.me.leads:
            raise NotAllowed("A lead plans sessions for somebody else.")
        if staff_id not in {one.id for one in staffing.all_staff(reading, active_only=True)}:
            raise NotFound
    return staff_id


def _session(ask: Ask) -> Session:
    number = number_in(ask.path("session_id"))
    if number is None:
        raise NotFound
    with ask.reading() as reading:
        try:
            return groups.session_of(reading, number)
        except NoSuchSession:
            raise NotFound from None


def _person(ask: Ask) -> Person:
    with ask.reading() as reading:
        person = by_token(reading, ask.sent("person", 64))
    if person is None or person.agreed_at is None:
        raise NotFound
    return person


def _by_name(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda e: (e.who.name.casefold(), e.appointment.id))


def _seen(unit: UnitOfWork, ask: Ask, new: dict[int, list[int]], found: int | None) -> None:
    record_seen(unit, new, "session")
    if found is not None:
        unit.audit("people searched", f"staff:{ask.me.staff_id}", found=found)
