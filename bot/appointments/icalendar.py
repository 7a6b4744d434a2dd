"""Appointments as calendar files (RFC 5545): one for the person it is with, and a link worker's own feed.

A person's file says what they need to get there, or on a phone that others read the one word
"Appointment". A feed says the least that still helps: an initial, a time, and where to be.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from icalendar import (
    CLASS,
    STATUS,
    TRANSP,
    Calendar,
    Component,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vText,
)
from sqlalchemy import Row, select

from bot.appointments.appointment import Appointment
from bot.clock import LONDON
from bot.store.sealed import maybe_open
from bot.store.tables import appointment, appointment_place, group_session, person, time_off
from bot.store.tables.appointments import AppointmentStatus, Meeting, SessionStatus
from bot.store.unit_of_work import Reading
from bot.words.prompts import Prompts

ROOT = Path(__file__).parents[2]
MEDIA_TYPE = "text/calendar; charset=utf-8"
FILE_NAME = "appointment.ics"
#: RFC 5545, section 3.7.3: who made the file. Said in every one, so it names no service.
PRODUCT = "-//Linkline//Appointments//EN"

#: How much of a link worker's calendar the feed holds.
BACK, AHEAD = timedelta(days=28), timedelta(days=366)
#: How often a calendar program is asked to look again (RFC 7986, section 5.7).
LOOK_AGAIN = "PT15M"

#: What a feed says of how to meet. A home's address is never in it.
HOW = {
    Meeting.PHONE: "Phone",
    Meeting.VIDEO: "Video",
    Meeting.HOME: "Home visit",
    Meeting.CAFE: "Cafe",
    Meeting.SURGERY: "Surgery",
    Meeting.ELSEWHERE: "Elsewhere",
}
#: What became of these does not matter to a calendar: the hour was theirs.
_SHOWN = (AppointmentStatus.BOOKED, AppointmentStatus.ATTENDED, AppointmentStatus.DID_NOT_ATTEND)

_STAMP = re.compile(rb"^DTSTAMP:.*\r\n", re.M)
#: What may not stand in a calendar's text (RFC 5545, section 3.1: CONTROL), a new line apart; and what
#: some readers take for the end of a line.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


# -- one appointment -----------------------------------------------------------------------


def calendar_file(
    about: Appointment,
    *,
    service_name: str,
    site: str,
    language: str,
    now: datetime,
    discreet: bool = False,
) -> bytes:
    """One appointment's file, as a calendar takes it: UTF-8, CRLF, lines of at most 75 octets.

    The same appointment has the same UID for ever and its version as SEQUENCE, so a calendar that
    has it already moves it; a cancelled one says so and is taken out. `site` is our own address
    (the UID is made from it and does not show it). `discreet` leaves only the word "Appointment",
    in their language, and the time. `now` is aware UTC. There is no alarm: the reminders they
    agreed to are ours; and no organiser, so that no calendar writes back by itself.
    """
    starts, ends = _span(about.starts_at, about.ends_at, about.zone)
    event = Event.new(
        uid=uid(site, "appointments", about.id),
        sequence=about.version,
        stamp=now.astimezone(UTC),
        start=starts,
        end=ends,
        status=STATUS.CANCELLED if about.status is AppointmentStatus.CANCELLED else STATUS.CONFIRMED,
        transparency=TRANSP.OPAQUE,
        classification=CLASS.PRIVATE,
    )
    say = _Words(language, about.staff_name, service_name)
    event.add("SUMMARY", say.summary(discreet))
    if not discreet:
        for name, words in (("LOCATION", _where(about, say)), ("DESCRIPTION", _details(about, say))):
            if words:
                event.add(name, words)
        if about.place is not None and about.place.link:
            event.add("URL", about.place.link)
    made = Calendar()
    made.add("VERSION", "2.0")
    made.add("PRODID", PRODUCT)
    made.add("METHOD", "PUBLISH")
    return _written(made, [event], about.zone)


class _Words:
    """What a file says, in one language."""

    def __init__(self, language: str, who: str, service_name: str):
        self._language, self._who = language, who
        self._service = SimpleNamespace(name=service_name)

    def __call__(self, block: str, **found: str) -> str:
        found.setdefault("who", self._who)
        return _words().say(
            f"file.{block}", self._language, found=SimpleNamespace(**found), service=self._service
        )

    def summary(self, discreet: bool) -> str:
        if discreet:
            return self("discreet__summary")
        return self("summary") if self._who else self("discreet__summary")


@lru_cache(maxsize=1)
def _words() -> Prompts:
    return Prompts(ROOT / "templates" / "calendar", ROOT / "locales")


def _where(about: Appointment, say: _Words) -> str:
    if about.where:
        return _plain(about.where)
    if about.place is not None:
        return _plain(", ".join(part for part in (about.place.name, about.place.address) if part))
    where = {Meeting.PHONE: "where_phone", Meeting.VIDEO: "where_video", Meeting.HOME: "where_home"}
    return say(where[about.meeting]) if about.meeting in where else ""


def _details(about: Appointment, say: _Words) -> str:
    lines = []
    if about.meeting is Meeting.PHONE and about.staff_name:
        lines.append(say("rings"))
    if about.place is not None and about.place.link:
        lines.append(say("link", link=about.place.link))
    if about.place is not None and about.place.how_to_get_there:
        lines.append(say("get_there", words=_plain(about.place.how_to_get_there)))
    if about.bring:
        lines.append(say("bring", words=_plain(about.bring)))
    if about.status is not AppointmentStatus.CANCELLED:
        lines.append(say("change"))
    return "\n".join(lines)


# -- a link worker's feed --------------------------------------------------------------------


def feed(reading: Reading, staff_id: int, *, site: str, zone: ZoneInfo = LONDON) -> bytes:
    """A link worker's calendar from four weeks back to a year ahead, as a file.

    Of a person only the initial of the name they wish to be called by; of what is blocked, and of
    leave, only that they are busy. Held slots and cancelled ones are not in it: a calendar that
    subscribes drops what is no longer there.
    """
    since, until = reading.now - BACK, reading.now + AHEAD
    made = Calendar()
    made.add("VERSION", "2.0")
    made.add("PRODID", PRODUCT)
    made.add("METHOD", "PUBLISH")
    for name in ("NAME", "X-WR-CALNAME"):  # RFC 7986, and what was there before it
        made.add(name, "Appointments")
    for name in ("REFRESH-INTERVAL", "X-PUBLISHED-TTL"):
        made.add(name, vText(LOOK_AGAIN), parameters={"VALUE": "DURATION"} if name[0] == "R" else None)
    events = [
        *_appointments(reading, staff_id, since, until, site, zone),
        *_sessions(reading, staff_id, since, until, site, zone),
        *_busy(reading, staff_id, since, until, site, zone),
    ]
    return _written(made, events, zone)


def _appointments(
    reading: Reading, staff_id: int, since: datetime, until: datetime, site: str, zone: ZoneInfo
) -> Iterable[Event]:
    rows = reading.execute(
        select(
            appointment.c.id,
            appointment.c.version,
            appointment.c.starts_at,
            appointment.c.ends_at,
            appointment.c.meeting,
            person.c.name.label("called"),
            appointment_place.c.name.label("place"),
            appointment_place.c.address,
        )
        .join(person, person.c.id == appointment.c.person_id)
        .outerjoin(appointment_place, appointment_place.c.id == appointment.c.place_id)
        .where(
            appointment.c.staff_id == staff_id,
            appointment.c.status.in_(_SHOWN),
            appointment.c.session_id.is_(None),  # a group is one entry, whoever comes
            appointment.c.ends_at > since,
            appointment.c.starts_at < until,
        )
        .order_by(appointment.c.starts_at, appointment.c.id)
    )
    for row in rows:
        called = maybe_open(reading.sealer, row.called).strip()
        summary = f"Appointment, {called[0].upper()}." if called else "Appointment"
        yield _event(reading, row, uid(site, "appointments", row.id), summary, _stands(row), zone)


def _sessions(
    reading: Reading, staff_id: int, since: datetime, until: datetime, site: str, zone: ZoneInfo
) -> Iterable[Event]:
    rows = reading.execute(
        select(
            group_session.c.id,
            group_session.c.version,
            group_session.c.name,
            group_session.c.starts_at,
            group_session.c.ends_at,
            appointment_place.c.meeting,
            appointment_place.c.name.label("place"),
            appointment_place.c.address,
        )
        .outerjoin(appointment_place, appointment_place.c.id == group_session.c.place_id)
        .where(
            group_session.c.staff_id == staff_id,
            group_session.c.status != SessionStatus.CANCELLED,
            group_session.c.ends_at > since,
            group_session.c.starts_at < until,
        )
        .order_by(group_session.c.starts_at, group_session.c.id)
    )
    for row in rows:
        yield _event(reading, row, uid(site, "sessions", row.id), row.name, _stands(row), zone)


def _busy(
    reading: Reading, staff_id: int, since: datetime, until: datetime, site: str, zone: ZoneInfo
) -> Iterable[Event]:
    rows = reading.execute(
        select(time_off.c.id, time_off.c.starts_at, time_off.c.ends_at)
        .where(
            time_off.c.staff_id == staff_id,
            time_off.c.ended_at.is_(None),
            time_off.c.ends_at > since,
            time_off.c.starts_at < until,
        )
        .order_by(time_off.c.starts_at, time_off.c.id)
    )
    for row in rows:
        yield _event(reading, row, uid(site, "busy", row.id), "Busy", "", zone)


def _event(reading: Reading, row: Row, named: str, summary: str, where: str, zone: ZoneInfo) -> Event:
    starts, ends = _span(row.starts_at, row.ends_at, zone)
    return Event.new(
        uid=named,
        sequence=getattr(row, "version", 0),
        stamp=reading.now,
        start=starts,
        end=ends,
        summary=_plain(summary),
        location=_plain(where) or None,
        status=STATUS.CONFIRMED,
        transparency=TRANSP.OPAQUE,
        classification=CLASS.PRIVATE,
    )


def _stands(row: Row) -> str:
    """How and where, as far as a calendar that may lie open should say it."""
    how = HOW.get(row.meeting, "")
    if row.meeting in (Meeting.PHONE, Meeting.VIDEO, Meeting.HOME):
        return how
    return ", ".join(part for part in (row.place, row.address) if part) or how


# -- what every file has -----------------------------------------------------------------------


def uid(site: str, kind: str, number: int) -> str:
    """What a calendar knows this by, for ever: random to look at, so it tells nothing of us."""
    return str(uuid5(NAMESPACE_URL, f"{site.rstrip('/')}/{kind}/{number}"))


def mark_of(made: bytes) -> str:
    """A weak entity tag (RFC 9110, section 8.8.1): the same while a file says the same, whenever made."""
    return f'W/"{hashlib.sha256(_STAMP.sub(b"", made)).hexdigest()[:32]}"'


def _span(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Start and end as the calendar holds them: local in London; anywhere else as UTC, which needs no rules.

    In the hour that comes twice in October a local time means the first (RFC 5545, section 3.3.5), so
    what touches the second is in UTC.
    """
    local = starts_at.astimezone(LONDON), ends_at.astimezone(LONDON)
    if _is_london(zone) and not any(at.fold for at in local):
        return local
    return starts_at.astimezone(UTC), ends_at.astimezone(UTC)


def _is_london(zone: ZoneInfo) -> bool:
    return zone.key == LONDON.key


def _written(made: Calendar, events: Iterable[Component], zone: ZoneInfo) -> bytes:
    if _is_london(zone):
        made.add_component(_london())
    for event in events:
        made.add_component(event)
    return made.to_ical()


@lru_cache(maxsize=1)
def _london() -> Timezone:
    """Summer time as the tz database has it since 1996: the last Sundays of March and October, 1am GMT.

    Written here as the two yearly rules every calendar knows: icalendar 7.3's own `from_tzinfo` lists
    days, and puts the spring change an hour late.
    """
    made = Timezone()
    made.add("TZID", LONDON.key)
    winter, summer = timedelta(0), timedelta(hours=1)
    for kind, name, starts, month, before, after in (
        (TimezoneDaylight, "BST", datetime(1996, 3, 31, 1), 3, winter, summer),
        (TimezoneStandard, "GMT", datetime(1996, 10, 27, 2), 10, summer, winter),
    ):
        change = kind()
        change.DTSTART = starts
        change.TZOFFSETFROM, change.TZOFFSETTO = before, after
        change.add("TZNAME", name)
        change.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"})
        made.add_component(change)
    return made


def _plain(words: str) -> str:
    return _CONTROL.sub(" ", words.replace("\r\n", "\n")).strip()
