"""What takes up a link worker's time, and why something cannot be booked then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import bindparam, or_, select

from bot.appointments.appointment import LONGEST, TAKES_TIME
from bot.appointments.calendar import WorkerCalendar, hours_on
from bot.appointments.zones import day_begins
from bot.clock import bank_holidays
from bot.store.prepared import Prepared
from bot.store.tables import AppointmentStatus, Away, SessionStatus, appointment, group_session, time_off
from bot.store.unit_of_work import Reading

#: Reasons a link worker may set aside; the others are never set aside by anybody.
MAY_BE_SET_ASIDE = frozenset({"gap", "outside-hours", "holiday", "full-day", "full-week", "theirs"})


@dataclass(frozen=True, slots=True)
class Clash:
    """Why it cannot be booked, and the appointment in the way where one is.

    Reasons: `past`, `booked`, `held`, `leave`, `blocked`, `off` (what was to be moved is not booked any
    more); and those staff may set aside: `theirs` (the person has something else then), `gap`,
    `outside-hours`, `holiday`, `full-day`, `full-week`.
    """

    reason: str
    with_id: int | None = None

    @property
    def may_be_set_aside(self) -> bool:
        """Whether a link worker may book all the same, with `anyway`."""
        return self.reason in MAY_BE_SET_ASIDE


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch of time that is somebody's: an appointment, or a group session where `id` is None."""

    starts_at: datetime
    ends_at: datetime
    id: int | None
    session_id: int | None
    held: bool
    person_id: int | None


@dataclass(slots=True)
class Diary:
    """What one worker has on, soonest first, and when they are away: (from, until, which)."""

    taken: list[Taken] = field(default_factory=list)
    away: list[tuple[datetime, datetime, Away]] = field(default_factory=list)

    def count(self, from_: datetime, until: datetime, besides: int | None = None) -> int:
        """How many begin between two instants; a group session is one, the session `besides` none."""
        singly, sessions = 0, set()
        for one in self.taken:
            if from_ <= one.starts_at < until:
                if one.session_id is None:
                    singly += 1
                elif one.session_id != besides:
                    sessions.add(one.session_id)
        return singly + len(sessions)


# Read for every slot that is held and every time that is booked, with the calendar locked: prepared.
_TAKEN = Prepared(
    select(
        appointment.c.starts_at, appointment.c.ends_at, appointment.c.id, appointment.c.session_id,
        appointment.c.status, appointment.c.person_id,
    )
    .where(
        appointment.c.staff_id == bindparam("staff"),
        appointment.c.starts_at > bindparam("begun"),
        appointment.c.starts_at < bindparam("until"),
        or_(
            *(appointment.c.status == status for status in TAKES_TIME),
            (appointment.c.status == AppointmentStatus.HELD) & (appointment.c.held_until > bindparam("now")),
        ),
    )
    .order_by(appointment.c.starts_at, appointment.c.id)
)  # fmt: skip
_SESSIONS = Prepared(
    select(group_session.c.starts_at, group_session.c.ends_at, group_session.c.id).where(
        group_session.c.staff_id == bindparam("staff"),
        group_session.c.starts_at > bindparam("begun"),
        group_session.c.starts_at < bindparam("until"),
        group_session.c.status != SessionStatus.CANCELLED,
    )
)
_AWAY = Prepared(
    select(time_off.c.starts_at, time_off.c.ends_at, time_off.c.kind)
    .where(
        time_off.c.staff_id == bindparam("staff"),
        time_off.c.ends_at > bindparam("from"),
        time_off.c.starts_at < bindparam("until"),
        time_off.c.ended_at.is_(None),
    )
    .order_by(time_off.c.starts_at)
)
_THEIRS = Prepared(
    select(appointment.c.starts_at, appointment.c.ends_at, appointment.c.id, appointment.c.session_id).where(
        appointment.c.person_id == bindparam("person"),
        appointment.c.status == AppointmentStatus.BOOKED,
        appointment.c.starts_at < bindparam("until"),
        appointment.c.ends_at > bindparam("from"),
    )
)


def diary_of(
    reading: Reading,
    staff_id: int,
    from_: datetime,
    until: datetime,
    *,
    ignoring: Collection[int] = (),
    person_id: int | None = None,
) -> Diary:
    """A worker's diary between two aware instants, without the appointments `ignoring`.

    With `person_id`, a slot held for that person counts for nothing: they may have it, or let it go.
    """
    connection, found = reading.connection, Diary()
    times = {"staff": staff_id, "begun": from_ - LONGEST, "until": until}
    for row in _TAKEN.all(connection, {**times, "now": reading.now}):
        held = row.status is AppointmentStatus.HELD
        if row.id in ignoring or (held and person_id is not None and row.person_id == person_id):
            continue
        found.taken.append(Taken(row.starts_at, row.ends_at, row.id, row.session_id, held, row.person_id))
    # A group session takes the worker's time before anybody is asked in.
    for row in _SESSIONS.all(connection, times):
        found.taken.append(Taken(row.starts_at, row.ends_at, None, row.id, False, None))
    found.taken.sort(key=lambda one: one.starts_at)
    away = _AWAY.all(connection, {"staff": staff_id, "from": from_, "until": until})
    found.away = [(row.starts_at, row.ends_at, row.kind) for row in away]
    return found


def on_their_side(
    reading: Reading, person_id: int, from_: datetime, until: datetime, ignoring: Collection[int] = ()
) -> list[Taken]:
    """What the person has booked, with whomever, between two aware instants."""
    rows = _THEIRS.all(reading.connection, {"person": person_id, "from": from_, "until": until})
    return [
        Taken(row.starts_at, row.ends_at, row.id, row.session_id, False, person_id)
        for row in rows
        if row.id not in ignoring
    ]


def clash_with_theirs(
    reading: Reading,
    person_id: int,
    starts_at: datetime,
    ends_at: datetime,
    ignoring: Collection[int] = (),
) -> Clash | None:
    """What the person has on themselves then, with whomever."""
    theirs = on_their_side(reading, person_id, starts_at, ends_at, ignoring)
    return Clash("theirs", theirs[0].id) if theirs else None


def clash_of(
    reading: Reading,
    calendar: WorkerCalendar,
    starts_at: datetime,
    ends_at: datetime,
    *,
    ignoring: Collection[int] = (),
    session_id: int | None = None,
    person_id: int | None = None,
    nation: str | None = None,
    anyway: bool = False,
) -> Clash | None:
    """Why this cannot be booked with this worker, or None. What nobody may set aside is said first.

    `ignoring` are appointments that count for nothing, `session_id` the group session it is part of. With
    `person_id`, what that person has on as well, and a slot held for them is no hindrance. Bank holidays
    are `nation`'s; without one they are not looked at.
    """
    if starts_at < reading.now:
        return Clash("past")
    week, week_over = week_of(calendar, starts_at)
    from_, until = min(week, starts_at - calendar.gap), max(week_over, ends_at + calendar.gap)
    diary = diary_of(reading, calendar.staff_id, from_, until, ignoring=ignoring, person_id=person_id)
    others = [t for t in diary.taken if session_id is None or t.session_id != session_id]
    hard = _overlap(others, starts_at, ends_at) or _away(diary, starts_at, ends_at)
    if hard is not None or anyway:
        return hard
    theirs = None
    if person_id is not None:
        theirs = clash_with_theirs(reading, person_id, starts_at, ends_at, ignoring)
    return (
        theirs
        or _too_near(others, starts_at, ends_at, calendar.gap)
        or _outside(calendar, starts_at, ends_at, nation)
        or _full(calendar, diary, starts_at, session_id)
    )


def week_of(calendar: WorkerCalendar, at: datetime) -> tuple[datetime, datetime]:
    """The worker's own week, Monday to Monday, in which this instant is; aware UTC."""
    monday = calendar.day_of(at)
    monday -= timedelta(days=monday.weekday())
    return begins(calendar, monday), begins(calendar, monday + timedelta(days=7))


def begins(calendar: WorkerCalendar, day: date) -> datetime:
    """The instant one of their days begins; aware UTC."""
    return day_begins(day, calendar.zone).astimezone(UTC)


def _overlap(taken: list[Taken], starts_at: datetime, ends_at: datetime) -> Clash | None:
    there = [one for one in taken if one.starts_at < ends_at and starts_at < one.ends_at]
    if not there:
        return None
    booked = next((one for one in there if not one.held), None)
    return Clash("booked", booked.id) if booked else Clash("held", there[0].id)


def _away(diary: Diary, starts_at: datetime, ends_at: datetime) -> Clash | None:
    kinds = [kind for from_, until, kind in diary.away if from_ < ends_at and starts_at < until]
    if not kinds:
        return None
    return Clash("blocked" if set(kinds) == {Away.BLOCKED} else "leave")


def _too_near(taken: list[Taken], starts_at: datetime, ends_at: datetime, gap: timedelta) -> Clash | None:
    for one in taken:
        if one.starts_at < ends_at + gap and starts_at < one.ends_at + gap:
            return Clash("gap", one.id)
    return None


def _outside(
    calendar: WorkerCalendar, starts_at: datetime, ends_at: datetime, nation: str | None
) -> Clash | None:
    day = calendar.day_of(starts_at)
    if nation is not None and day in bank_holidays(nation):
        return Clash("holiday")
    if not calendar.hours:  # they never said when they are there: nobody can be outside that
        return None
    at = starts_at
    # Hours that follow on one another, past midnight too, are one stretch.
    for opens, closes, _ in (*hours_on(calendar, day, ()), *hours_on(calendar, day + timedelta(days=1), ())):
        if opens <= at < closes:
            at = closes
    return None if at >= ends_at else Clash("outside-hours")


def _full(
    calendar: WorkerCalendar, diary: Diary, starts_at: datetime, session_id: int | None
) -> Clash | None:
    if calendar.most_a_day is not None:
        day = calendar.day_of(starts_at)
        today, tomorrow = begins(calendar, day), begins(calendar, day + timedelta(days=1))
        if diary.count(today, tomorrow, session_id) >= calendar.most_a_day:
            return Clash("full-day")
    if calendar.most_a_week is not None:
        if diary.count(*week_of(calendar, starts_at), session_id) >= calendar.most_a_week:
            return Clash("full-week")
    return None
