"""Who would come sooner: those who said they could at short notice, and whether a time suits them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from bot.appointments.appointment import TAKES_TIME, Appointment, appointments_of
from bot.appointments.calendar import WorkerCalendar
from bot.appointments.kinds import kind_of
from bot.appointments.reminders import DISCREET, Wishes, wishes_of
from bot.appointments.safe_hours import is_safe, when_to_send
from bot.appointments.when import understand
from bot.appointments.windows import Exact, Meaning, Understood
from bot.people.contact_points import of_person
from bot.people.for_a_human import has_open_concern
from bot.people.persons import NoSuchPerson, person_of
from bot.people.safe_contact import HOLDING, Purpose, Way, why_not
from bot.store.sealed import maybe_open
from bot.store.tables import (
    AppointmentStatus,
    CaseStatus,
    FreedStatus,
    Meeting,
    appointment,
    cases,
    conversation,
    freed_offer,
    freed_time,
    person,
    short_notice,
)
from bot.store.unit_of_work import Reading, UnitOfWork

if TYPE_CHECKING:
    from bot.appointments.freed_time import FreedTime

#: Nobody is asked to turn up sooner than this unless they said less.
NOTICE_MINUTES = 120

#: Nobody is asked about more times than this in a day.
MOST_A_DAY = 3

#: Whoever is in the middle of something, or was asked enough, is looked at again after this.
A_WHILE = timedelta(minutes=15)

#: Why somebody is not asked: there is no way, or a link worker has it.
NEVER, CONCERN = "never", "concern"

#: What somebody comes for the first time is this kind of appointment.
FIRST = "first"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody's wish to hear of an earlier time. Instants are aware UTC.

    `times` are their own words for when they can, as they said them at `since`; empty is any time.
    `meetings` is empty where any way of meeting will do. They come only with `notice_minutes` of notice,
    and not for a time after `until`.
    """

    id: int
    person_id: int
    since: datetime
    until: datetime | None
    notice_minutes: int
    meetings: tuple[Meeting, ...]
    times: str
    language: str
    zone: ZoneInfo

    def __repr__(self) -> str:
        return f"Waiting(id={self.id})"


@dataclass(frozen=True, slots=True)
class Fit:
    """What somebody would have at a free time: the appointment that moves there, or a new one.

    `place_id` None keeps where they meet now: at their home, or by phone.
    """

    moves: Appointment | None
    kind: str
    minutes: int
    meeting: Meeting
    place_id: int | None
    keeps_place: bool


# -- the list ------------------------------------------------------------------------------


def wait_for_earlier(
    unit: UnitOfWork,
    person_id: int,
    *,
    times: str = "",
    meetings: Collection[Meeting | str] = (),
    notice_minutes: int = NOTICE_MINUTES,
    until: datetime | None = None,
) -> int:
    """They wish to hear of an earlier time; their wait's id. Said again, it is one wait with the new wishes.

    `times` are their own words ("afternoons", "not Wednesdays"), kept sealed. `until` is aware UTC. The
    wait ends by itself with the appointment they wait to have sooner. Raises ValueError for a way of
    meeting that is none, or a notice below nought.
    """
    if notice_minutes < 0:
        raise ValueError("nobody can be told of a time after it has begun")
    values = {
        "since": unit.now,
        "until": until,
        "notice_minutes": notice_minutes,
        "meetings": [Meeting(one).value for one in meetings],
        "times": unit.sealer.seal(times.strip()) if times.strip() else None,
    }
    there = unit.execute(
        select(short_notice.c.id)
        .where(short_notice.c.person_id == person_id, short_notice.c.left_at.is_(None))
        .order_by(short_notice.c.id)
        .limit(1)
    ).scalar()
    if there is None:
        there = unit.insert(short_notice, person_id=person_id, **values)
    else:
        unit.change(short_notice, there, **values)
    unit.audit("waits for an earlier time", f"person:{person_id}", wait=there)
    return there


def wait_no_longer(unit: UnitOfWork, person_id: int) -> bool:
    """They are not asked any more; False when they did not wait."""
    left = unit.execute(
        update(short_notice)
        .where(short_notice.c.person_id == person_id, short_notice.c.left_at.is_(None))
        .values(left_at=unit.now)
    ).rowcount
    if left:
        unit.audit("waits no longer for an earlier time", f"person:{person_id}")
    return bool(left)


def wait_of(reading: Reading, person_id: int) -> Waiting | None:
    """This person's wait, if they would come sooner."""
    row = reading.execute(_all(reading).where(short_notice.c.person_id == person_id).limit(1)).first()
    return _opened(reading, row) if row else None


def waiting(reading: Reading) -> list[Waiting]:
    """Everybody who would come sooner, the longest waiting first."""
    return [_opened(reading, row) for row in reading.execute(_all(reading).order_by(short_notice.c.since))]


# -- whom a time may suit ------------------------------------------------------------------


def who_may_come(reading: Reading, time: FreedTime) -> Iterator[Waiting]:
    """Those a free time may suit, who were asked least lately first; `fit` says whether it does.

    Nobody who was asked about it already, nor whose own time it was; those who have a later appointment
    with the same worker, or none at all and no other worker.
    """
    asked_about_it = select(freed_offer.c.person_id).where(freed_offer.c.freed_id == time.id)
    whose_it_was = select(appointment.c.person_id).where(appointment.c.id == time.from_appointment_id)
    asked_last = (
        select(func.max(freed_offer.c.offered_at))
        .where(freed_offer.c.person_id == short_notice.c.person_id)
        .correlate(short_notice)
        .scalar_subquery()
    )
    left = int((time.starts_at - reading.now).total_seconds() // 60)
    query = (
        _all(reading)
        .where(
            short_notice.c.notice_minutes <= left,
            or_(short_notice.c.until.is_(None), short_notice.c.until >= time.starts_at),
            short_notice.c.person_id.not_in(asked_about_it),
            short_notice.c.person_id.not_in(whose_it_was),
            or_(_theirs(time), _free_to_come(reading, time.staff_id)),
        )
        .order_by(asked_last.asc().nulls_first(), short_notice.c.since, short_notice.c.id)
    )
    for row in reading.execute(query).all():
        yield _opened(reading, row)


def fit(reading: Reading, one: Waiting, time: FreedTime, calendar: WorkerCalendar) -> Fit | None:
    """What this person would have at a free time, or None where it is not one they can or wish to come to."""
    if one.meetings and time.meeting not in one.meetings:
        return None
    if not _said(one, time.starts_at, time.ends_at):
        return None
    found = fit_of(reading, one.person_id, time, calendar)
    if found is not None and found.moves is not None:
        if calendar.day_of(found.moves.starts_at) == calendar.day_of(time.starts_at):
            return None  # an hour sooner on the same day is not worth a question
    return found


def fit_of(reading: Reading, person_id: int, time: FreedTime, calendar: WorkerCalendar) -> Fit | None:
    """The same for somebody who said yes to it: whatever they once wished, it must still be possible."""
    theirs = appointments_of(reading, person_id)
    ahead = [one for one in reversed(theirs) if one.stands and not one.over(reading.now)]
    own = next((one for one in ahead if one.session_id is None), None)
    if own is not None and (own.staff_id != time.staff_id or own.starts_at <= time.starts_at):
        return None
    if any(one.starts_at < time.ends_at and time.starts_at < one.ends_at for one in ahead if one is not own):
        return None
    if own is not None:
        kind, minutes = own.kind, own.minutes
    else:
        met = any(one.status is AppointmentStatus.ATTENDED for one in theirs)
        kind = time.kind if met else FIRST
        minutes = calendar.minutes(kind)
    if minutes > time.minutes:
        return None
    # A place that is not on the list is somebody's own, such as their home: nobody else is told of it.
    private = time.place_id is None and time.meeting is not Meeting.PHONE
    if private and (own is None or own.meeting is not time.meeting):
        return None
    if not private and not kind_of(kind).may_be(time.meeting):
        return None
    return Fit(own, kind, minutes, time.meeting, time.place_id, private)


def _said(one: Waiting, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether it is a time they said. Words that are no time leave any: they can still say no."""
    if not one.times:
        return True
    meant = _meant(one.times, one.since, one.zone, one.language)
    if isinstance(meant, Understood):
        return meant.suits(starts_at, ends_at, one.zone)
    return meant.at == starts_at if isinstance(meant, Exact) else True


@lru_cache(maxsize=2048)
def _meant(times: str, since: datetime, zone: ZoneInfo, language: str) -> Meaning:
    return understand(times, since, zone, language)


# -- whether somebody may be asked now -----------------------------------------------------


def purpose_of(wishes: Wishes) -> Purpose:
    """In which words they are written to about appointments."""
    return Purpose.DISCREET if wishes.words == DISCREET else Purpose.APPOINTMENT


def why_not_now(reading: Reading, person_id: int, starts_at: datetime) -> str | datetime | None:
    """Why this person cannot be asked now about a time at `starts_at`; None when they can.

    NEVER, CONCERN, or the instant (aware UTC) at which to look again: they are asleep, at no time they
    called safe, in the middle of something, or were asked enough.
    """
    try:
        who = person_of(reading, person_id)
    except NoSuchPerson:
        return NEVER
    if has_open_concern(reading, person_id):
        return CONCERN
    wishes = wishes_of(who)
    row = reading.execute(
        select(conversation.c.held_by, conversation.c.last_inbound_at, conversation.c.contact_point_id).where(
            conversation.c.id == who.conversation_id
        )
    ).one()
    if not _somewhere_safe(reading, person_id, purpose_of(wishes), row.contact_point_id):
        return NEVER
    now = reading.now
    if not is_safe(now, wishes.zone, wishes.hours):
        return when_to_send(now, now, starts_at, zone=wishes.zone, hours=wishes.hours) or NEVER
    if (
        row.held_by is not None
        or in_the_middle(row.last_inbound_at, now)
        or _asked_enough(reading, person_id)
    ):
        return now + A_WHILE
    return None


def in_the_middle(heard_at: datetime | None, now: datetime) -> bool:
    """Whether they wrote so lately that what they type next answers something else (both aware)."""
    return heard_at is not None and now - heard_at < HOLDING


def _somewhere_safe(reading: Reading, person_id: int, purpose: Purpose, here: int | None) -> bool:
    """Where they wrote last (`here`), or another way that is theirs alone."""
    return any(
        why_not(
            Way(p.channel, p.safe, p.opted_out_at, p.unreachable_at, p.last_inbound_at), purpose,
            now=reading.now, elsewhere=p.id != here,
        ) is None
        for p in of_person(reading, person_id)
    )  # fmt: skip


def _asked_enough(reading: Reading, person_id: int) -> bool:
    """Another time waits for their answer, one has just gone or been answered, or it is enough for a day."""
    now = reading.now
    asked = (
        freed_offer.c.person_id == person_id,
        func.coalesce(freed_offer.c.answer, "").not_in(("passed-over", CONCERN)),
    )
    another = (freed_offer.c.answered_at.is_(None)) & (freed_time.c.status == FreedStatus.OFFERED)
    lately = select(freed_offer.c.id).join(freed_time, freed_time.c.id == freed_offer.c.freed_id)
    lately = lately.where(*asked, or_(another, freed_offer.c.answered_at > now - A_WHILE))
    if reading.execute(lately.limit(1)).first() is not None:
        return True
    today = select(func.count()).select_from(freed_offer)
    today = today.where(*asked, freed_offer.c.offered_at > now - timedelta(days=1))
    return reading.execute(today).scalar_one() >= MOST_A_DAY


# -- rows ----------------------------------------------------------------------------------


def _all(reading: Reading) -> Select[tuple]:  # type: ignore[type-arg]
    """Waits that stand: the person is there, and what they wait to have sooner has not been."""
    has_been = select(appointment.c.id).where(
        appointment.c.person_id == short_notice.c.person_id,
        appointment.c.session_id.is_(None),
        appointment.c.status.in_(TAKES_TIME),
        appointment.c.starts_at > short_notice.c.since,
        appointment.c.starts_at <= reading.now,
    )
    return (
        select(short_notice, person.c.language, person.c.zone)
        .join(person, person.c.id == short_notice.c.person_id)
        .where(
            short_notice.c.left_at.is_(None),
            or_(short_notice.c.until.is_(None), short_notice.c.until > reading.now),
            person.c.joined_into.is_(None),
            person.c.erased_at.is_(None),
            ~has_been.exists(),
        )
    )


def _theirs(time: FreedTime) -> ColumnElement[bool]:
    """They have an appointment with this worker that is later."""
    later = select(appointment.c.person_id).where(
        appointment.c.staff_id == time.staff_id,
        appointment.c.session_id.is_(None),
        appointment.c.status == AppointmentStatus.BOOKED,
        appointment.c.starts_at > time.starts_at,
    )
    return short_notice.c.person_id.in_(later)


def _free_to_come(reading: Reading, staff_id: int) -> ColumnElement[bool]:
    """They have no appointment ahead, and no other link worker: people keep their own."""
    ahead = select(appointment.c.id).where(
        appointment.c.person_id == short_notice.c.person_id,
        appointment.c.session_id.is_(None),
        appointment.c.status == AppointmentStatus.BOOKED,
        appointment.c.starts_at > reading.now,
    )
    with_another = select(cases.c.id).where(
        cases.c.person_id == short_notice.c.person_id, cases.c.status == CaseStatus.OPEN,
        cases.c.owner_id.is_not(None), cases.c.owner_id != staff_id,
    )  # fmt: skip
    return and_(~ahead.exists(), ~with_another.exists())


def _opened(reading: Reading, row) -> Waiting:  # type: ignore[no-untyped-def]
    return Waiting(
        row.id, row.person_id, row.since, row.until, row.notice_minutes,
        tuple(Meeting(one) for one in row.meetings), maybe_open(reading.sealer, row.times), row.language,
        ZoneInfo(row.zone),
    )  # fmt: skip
