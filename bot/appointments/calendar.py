"""When each link worker is there: hours, places, lengths, gaps, limits, and a private feed.

Everything booked with one worker goes through `lock_calendar`, one at a time, so that no time is given
to two people however many ask at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.appointments.kinds import kind_of
from bot.appointments.zones import Clock, local
from bot.clock import LONDON
from bot.store.prepared import Prepared
from bot.store.tables import staff, worker_calendar, working_hours
from bot.store.unit_of_work import Reading, UnitOfWork

MIDNIGHT = time()


class NoSuchWorker(LookupError):
    """There is nobody on the team with this id."""


@dataclass(frozen=True, slots=True)
class Hours:
    """They are there on this weekday (Monday is 0) from `opens` to `closes`, local and naive.

    Closing at midnight is `time(0)`. `places` are the ids of where they can be met then; none: by phone.
    """

    weekday: int
    opens: time
    closes: time
    places: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkerCalendar:
    """How one link worker can be booked. `lengths` has the minutes of a kind where they differ.

    `notice_minutes` and `ahead_days` are how soon and how far ahead people may book, and `open_to_people`
    whether they may at all; staff may always. `version` grows with each change of what is booked.
    """

    staff_id: int
    zone: ZoneInfo
    hours: tuple[Hours, ...]
    lengths: dict[str, int]
    gap_minutes: int
    most_a_day: int | None
    most_a_week: int | None
    notice_minutes: int
    ahead_days: int
    open_to_people: bool
    version: int

    def minutes(self, kind: str) -> int:
        """How long an appointment of this kind takes with them. Raises NoSuchKind."""
        return self.lengths.get(kind) or kind_of(kind).minutes

    @property
    def gap(self) -> timedelta:
        """What they need between two, to write and to travel."""
        return timedelta(minutes=self.gap_minutes)

    def day_of(self, at: datetime) -> date:
        """Which of their days this instant is in."""
        return at.astimezone(self.zone).date()


_calendars = select(worker_calendar).join(staff, staff.c.id == worker_calendar.c.staff_id)
_mine = select(worker_calendar).where(worker_calendar.c.staff_id == bindparam("staff"))
_HOURS = select(working_hours).order_by(working_hours.c.weekday, working_hours.c.opens)
_ONE, _LOCKED = Prepared(_mine), Prepared(_mine.with_for_update(key_share=True))
_CHANGED = Prepared(
    update(worker_calendar)
    .where(worker_calendar.c.staff_id == bindparam("staff"))
    .values(version=worker_calendar.c.version + 1)
)
_HOURS_OF = Prepared(_HOURS.where(working_hours.c.staff_id == bindparam("staff")))


def calendar_of(reading: Reading, staff_id: int) -> WorkerCalendar | None:
    """This worker's calendar; None where they never had one."""
    row = _ONE.first(reading.connection, {"staff": staff_id})
    return _opened(row, _HOURS_OF.all(reading.connection, {"staff": staff_id})) if row else None


def calendars(
    reading: Reading, *, open_to_people: bool = False, staff_ids: Collection[int] = ()
) -> list[WorkerCalendar]:
    """Those of everyone at work, or of these; only those people may book where `open_to_people` is asked."""
    query = _calendars.where(staff.c.active).order_by(worker_calendar.c.staff_id)
    if open_to_people:
        query = query.where(worker_calendar.c.open_to_people)
    if staff_ids:
        query = query.where(worker_calendar.c.staff_id.in_(staff_ids))
    rows = reading.execute(query).all()
    theirs: dict[int, list[Any]] = {row.staff_id: [] for row in rows}
    for one in reading.execute(_HOURS.where(working_hours.c.staff_id.in_(theirs))):
        theirs[one.staff_id].append(one)
    return [_opened(row, theirs[row.staff_id]) for row in rows]


def set_calendar(
    unit: UnitOfWork,
    staff_id: int,
    *,
    zone: ZoneInfo | str = LONDON,
    hours: Iterable[Hours] = (),
    lengths: Mapping[str, int] | None = None,
    gap_minutes: int = 10,
    most_a_day: int | None = None,
    most_a_week: int | None = None,
    notice_minutes: int = 120,
    ahead_days: int = 42,
    open_to_people: bool = False,
) -> None:
    """How they can be booked from now on. What is booked already stands.

    Raises ValueError with a plain sentence where something is wrong, NoSuchWorker.
    """
    hours = tuple(sorted(hours, key=lambda h: (h.weekday, h.opens)))
    lengths = dict(lengths or {})
    limits = {"most_a_day": most_a_day, "most_a_week": most_a_week}
    _check_hours(hours)
    _check_numbers(lengths, gap_minutes, notice_minutes, ahead_days, limits)
    lock_calendar(unit, staff_id)
    unit.execute(
        update(worker_calendar)
        .where(worker_calendar.c.staff_id == staff_id)
        .values(
            zone=str(zone), lengths=lengths, gap_minutes=gap_minutes, notice_minutes=notice_minutes,
            ahead_days=ahead_days, open_to_people=open_to_people, **limits,
        )
    )  # fmt: skip
    unit.execute(delete(working_hours).where(working_hours.c.staff_id == staff_id))
    for one in hours:
        unit.insert(
            working_hours, staff_id=staff_id, weekday=one.weekday, opens=f"{one.opens:%H:%M}",
            closes=f"{one.closes:%H:%M}", places=list(one.places),
        )  # fmt: skip
    unit.audit("calendar set", f"staff:{staff_id}", open_to_people=open_to_people, hours=len(hours))
    unit.tell("calendar")


def lock_calendar(unit: UnitOfWork, staff_id: int) -> WorkerCalendar:
    """Their calendar, held until the unit commits: nobody else books with them meanwhile.

    Made with nothing in it where they have none. On SQLite the one writer is the lock already. Where two
    are wanted, take them in the order of their ids; a conversation is locked before any calendar. Raises
    NoSuchWorker.
    """
    row = _LOCKED.first(unit.connection, {"staff": staff_id})
    if row is None:
        if unit.execute(select(staff.c.id).where(staff.c.id == staff_id)).first() is None:
            raise NoSuchWorker(staff_id)
        add = sqlite.insert if unit.connection.dialect.name == "sqlite" else postgresql.insert
        new = add(worker_calendar).values(staff_id=staff_id, zone=str(LONDON))
        unit.execute(new.on_conflict_do_nothing(index_elements=["staff_id"]))
        row = _LOCKED.first(unit.connection, {"staff": staff_id})
    return _opened(row, _HOURS_OF.all(unit.connection, {"staff": staff_id}))


def changed(unit: UnitOfWork, staff_id: int) -> None:
    """What is booked with them is not what it was."""
    _CHANGED.do(unit.connection, {"staff": staff_id})
    unit.tell("calendar")


# -- the private feed ----------------------------------------------------------------------


def new_feed_token(unit: UnitOfWork, staff_id: int) -> str:
    """A new token for their private feed, told once; the one before works no longer."""
    token = secrets.token_urlsafe(24)
    lock_calendar(unit, staff_id)
    unit.execute(
        update(worker_calendar)
        .where(worker_calendar.c.staff_id == staff_id)
        .values(feed_token=unit.sealer.lookup("calendar feed", token))
    )
    unit.audit("feed opened", f"staff:{staff_id}")
    return token


def feed_of(reading: Reading, token: str) -> int | None:
    """Whose feed this token opens; None when nobody's, or they are not at work any more."""
    return reading.execute(
        select(worker_calendar.c.staff_id)
        .join(staff, staff.c.id == worker_calendar.c.staff_id)
        .where(worker_calendar.c.feed_token == reading.sealer.lookup("calendar feed", token), staff.c.active)
    ).scalar_one_or_none()


def end_feed(unit: UnitOfWork, staff_id: int) -> None:
    """Their feed is shut: no token opens it."""
    unit.execute(
        update(worker_calendar).where(worker_calendar.c.staff_id == staff_id).values(feed_token=None)
    )
    unit.audit("feed ended", f"staff:{staff_id}")


# -- the hours of a day --------------------------------------------------------------------


def hours_on(
    calendar: WorkerCalendar, day: date, holidays: Container[date]
) -> list[tuple[datetime, datetime, Hours]]:
    """When they are there on one of their days, as aware UTC, with which of their hours it is.

    None on a holiday. Where the clocks skip an hour it is not there; one that comes twice is the first.
    """
    if day in holidays:
        return []
    found = []
    for one in calendar.hours:
        if one.weekday == day.weekday():
            closing = day + timedelta(days=1) if one.closes == MIDNIGHT else day
            opens, closes = (
                instant(day, one.opens, calendar.zone),
                instant(closing, one.closes, calendar.zone),
            )
            if opens < closes:
                found.append((opens, closes, one))
    return found


def free_hours(
    calendar: WorkerCalendar, day: date, holidays: Container[date]
) -> list[tuple[datetime, datetime]]:
    """When they are there on one of their days, whatever is booked: (start, end) in order, aware UTC."""
    return [(opens, closes) for opens, closes, _ in hours_on(calendar, day, holidays)]


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time as an instant, aware UTC; one the clocks skip is when they go forward."""
    there = local(day, at, zone)
    if there.clock is not Clock.SKIPPED:
        return there.at.astimezone(UTC)
    # What the clocks skip is gone in one moment: the hour before it and the hour after it meet there.
    early, late = (datetime.combine(day, at, zone).replace(fold=n) for n in (0, 1))
    return early.astimezone(UTC) - _past_the_change(early, late)


def _past_the_change(early: datetime, late: datetime) -> timedelta:
    """How long after the change a skipped time's instant lies, counted in the offset before it."""
    zone = early.tzinfo
    at = early.astimezone(UTC)
    offset = late.utcoffset()  # fold 1 of a gap has the offset from after the change
    step = timedelta(minutes=1)
    past = timedelta()
    while past < timedelta(hours=3) and (at - past - step).astimezone(zone).utcoffset() == offset:
        past += step
    return past


def _check_hours(hours: Iterable[Hours]) -> None:
    over: dict[int, time] = {}
    for one in hours:
        if not 0 <= one.weekday <= 6:
            raise ValueError("A day of the week is one from Monday to Sunday.")
        if one.closes != MIDNIGHT and one.closes <= one.opens:
            raise ValueError("Hours must end after they begin.")
        before = over.get(one.weekday)
        if before is not None and (before == MIDNIGHT or one.opens < before):
            raise ValueError("Two lots of hours on one day overlap.")
        over[one.weekday] = one.closes


def _check_numbers(
    lengths: Mapping[str, int], gap: int, notice: int, ahead: int, limits: Mapping[str, int | None]
) -> None:
    for kind, minutes in lengths.items():
        kind_of(kind)
        if not 5 <= minutes <= 480:
            raise ValueError("An appointment takes from 5 minutes to 8 hours.")
    if not 0 <= gap <= 240:
        raise ValueError("The gap between two is from 0 to 240 minutes.")
    if not 0 <= notice <= 14 * 24 * 60:
        raise ValueError("People book at most 14 days before.")
    if not 1 <= ahead <= 366:
        raise ValueError("People book from 1 day to a year ahead.")
    if any(most is not None and most < 1 for most in limits.values()):
        raise ValueError("A limit is 1 or more, or none.")


def _opened(row: Any, hours: Iterable[Any]) -> WorkerCalendar:
    """A row of each table's."""
    return WorkerCalendar(
        row.staff_id, ZoneInfo(row.zone), tuple(map(_hours, hours)), dict(row.lengths), row.gap_minutes,
        row.most_a_day, row.most_a_week, row.notice_minutes, row.ahead_days, row.open_to_people, row.version,
    )  # fmt: skip


def _hours(row: Any) -> Hours:
    opens, closes = time.fromisoformat(row.opens), time.fromisoformat(row.closes)
    return Hours(row.weekday, opens, closes, tuple(row.places))
