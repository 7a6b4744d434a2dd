"""Looking through link workers' diaries for times that suit, quick enough for a turn.

Times are whole minutes since 1970 (UTC) here: hundreds are weighed for one question.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    bindparam,
    cast,
    extract,
    null,
    or_,
    select,
    union_all,
)

from bot.appointments.appointment import LONGEST, TAKES_TIME
from bot.appointments.calendar import Hours, WorkerCalendar, instant
from bot.appointments.kinds import Kind, kind_of
from bot.appointments.places import places
from bot.appointments.wishes import Slot, Wishes
from bot.clock import bank_holidays
from bot.store.tables import AppointmentStatus, Meeting, SessionStatus, appointment, group_session, time_off
from bot.store.unit_of_work import Reading

#: Slots begin on a quarter of an hour.
QUARTER = 15
#: Diaries are read a week at first, which answers most questions, then two weeks, then four at a time.
WEEK, MOST_READ = timedelta(days=7), timedelta(days=28)
DAY = timedelta(days=1)
_MIDNIGHT = time()
_LONGEST = int(LONGEST.total_seconds() // 60)


def _epoch(column: Column[Any]) -> ColumnElement[int]:
    """An instant as seconds since 1970, on either engine."""
    return cast(extract("epoch", column), BigInteger)


#: What stands in these diaries: what is booked or held singly, and whole group sessions. Which session one
#: is part of is looked at afterwards: a query for none would go by the index of sessions.
_TAKEN = union_all(
    select(
        appointment.c.staff_id, _epoch(appointment.c.starts_at), _epoch(appointment.c.ends_at),
        appointment.c.session_id, appointment.c.id,
    ).where(
        appointment.c.staff_id.in_(bindparam("staff", expanding=True)),
        appointment.c.starts_at > bindparam("begun"),
        appointment.c.starts_at < bindparam("until"),
        or_(
            appointment.c.status.in_(TAKES_TIME),
            (appointment.c.status == AppointmentStatus.HELD)
            & (appointment.c.held_until > bindparam("now"))
            & (appointment.c.person_id != bindparam("person")),
        ),
    ),
    select(
        group_session.c.staff_id, _epoch(group_session.c.starts_at), _epoch(group_session.c.ends_at),
        null(), null(),
    ).where(
        group_session.c.staff_id.in_(bindparam("staff", expanding=True)),
        group_session.c.starts_at > bindparam("begun"),
        group_session.c.starts_at < bindparam("until"),
        group_session.c.status != SessionStatus.CANCELLED,
    ),
)  # fmt: skip
_AWAY = select(time_off.c.staff_id, _epoch(time_off.c.starts_at), _epoch(time_off.c.ends_at)).where(
    time_off.c.staff_id.in_(bindparam("staff", expanding=True)),
    time_off.c.ends_at > bindparam("from"),
    time_off.c.starts_at < bindparam("until"),
    time_off.c.ended_at.is_(None),
)
_THEIRS = select(_epoch(appointment.c.starts_at), _epoch(appointment.c.ends_at), appointment.c.id).where(
    appointment.c.person_id == bindparam("person"),
    appointment.c.status == AppointmentStatus.BOOKED,
    appointment.c.starts_at < bindparam("until"),
    appointment.c.ends_at > bindparam("from"),
)

#: How they would meet, and the id of the place if at one.
_Way = tuple[Meeting, int | None]


@dataclass(frozen=True, slots=True)
class Free:
    """A free time: the minute it begins, the person's own day and half of it, with whom and how."""

    at: int
    day: date
    morning: bool
    calendar: WorkerCalendar
    way: _Way


@dataclass(slots=True)
class _Busy:
    """What one worker has on, (from, until) in order, and when they are away."""

    taken: list[tuple[int, int]] = field(default_factory=list)
    away: list[tuple[int, int]] = field(default_factory=list)

    def count(self, from_: int, until: int) -> int:
        """How many begin between two minutes."""
        return bisect_left(self.taken, (until,)) - bisect_left(self.taken, (from_,))

    def starts(self, opens: int, closes: int, length: int, gap: int) -> Iterator[int]:
        """Every quarter of an hour from `opens` at which so many minutes are free until `closes`."""
        first = bisect_left(self.taken, (opens - gap - _LONGEST,))
        last = bisect_right(self.taken, (closes + gap,))
        in_the_way = [(start - gap, end + gap) for start, end in self.taken[first:last]]
        if away := [one for one in self.away if one[0] < closes and opens < one[1]]:
            in_the_way = sorted(in_the_way + away)
        at = opens
        for start, end in in_the_way:
            while at + length <= min(start, closes):
                yield at
                at += QUARTER
            at = max(at, _quarter(end))
        while at + length <= closes:
            yield at
            at += QUARTER


class Look:
    """One look through the diaries, some weeks' pages at a time."""

    def __init__(
        self,
        reading: Reading,
        wishes: Wishes,
        workers: list[WorkerCalendar],
        nation: str,
        after: datetime | None,
        without: Collection[Slot | datetime],
        ignoring: Collection[int],
    ):
        self.reading, self.wishes, self.workers, self.ignoring = reading, wishes, workers, ignoring
        self.kind: Kind = kind_of(wishes.kind)
        self.holidays: Container[date] = bank_holidays(nation)
        self.places = {place.id: place.meeting for place in places(reading)}
        self.now = _minute(reading.now)
        self.after = max(_minute(after), self.now) if after else self.now
        self.without = {_minute(one.starts_at if isinstance(one, Slot) else one) for one in without}
        self.busy: dict[int, _Busy] = {}
        self.read_until: date | None = None
        self.page = WEEK
        self.hours = {c.staff_id: self._hours(c) for c in workers}
        today = {zone: reading.now.astimezone(zone).date() for zone in {c.zone for c in workers}}
        self.last_day = {c.staff_id: today[c.zone] + timedelta(days=c.ahead_days) for c in workers}
        # Where everyone is in one zone, a day of theirs is a day of the person's.
        self.one_zone = all(c.zone == wishes.zone for c in workers)

    def days(self) -> tuple[date, date]:
        """The workers' first and last day that it can be on."""
        after = _instant(self.after)
        first = min(c.day_of(after) for c in self.workers)
        last = max(self.last_day.values())
        windows = self.wishes.windows
        if windows:
            beside = timedelta() if self.one_zone else DAY
            first = max(first, min(w.first for w in windows) - beside)
            last = min(last, max(w.last for w in windows) + beside)
        return first, last

    def on(self, day: date) -> list[Free]:
        """What is free on one of the workers' days: each time once, with whom it is wished for most."""
        said = self.wishes.span(day) if self.one_zone else (_MIDNIGHT, None)
        if said is None or day in self.holidays:
            return []
        there = {c.staff_id: spans for c in self.workers if (spans := self._there(c, day, *said))}
        if there and (self.read_until is None or day >= self.read_until):
            self._read(day - timedelta(days=day.weekday()))
        found: dict[int, Free] = {}
        local: dict[tuple[int, int], tuple[date, bool] | None] = {}
        for calendar in self.workers:
            busy, length = self.busy.get(calendar.staff_id), calendar.minutes(self.wishes.kind)
            if calendar.staff_id not in there or busy is None or _full(calendar, busy, day):
                continue
            for opens, closes, way in there[calendar.staff_id]:
                for at in busy.starts(opens, closes, length, calendar.gap_minutes):
                    if at in found or at in self.without:
                        continue
                    if (at, length) not in local:
                        local[at, length] = self._suits(at, length)
                    if (theirs := local[at, length]) is not None:
                        found[at] = Free(at, *theirs, calendar, way)
        return sorted(found.values(), key=lambda free: free.at)

    def slot(self, free: Free) -> Slot:
        """As it is offered."""
        starts_at = _instant(free.at)
        ends_at = starts_at + timedelta(minutes=free.calendar.minutes(self.wishes.kind))
        return Slot(free.calendar.staff_id, starts_at, ends_at, *free.way)

    def _there(
        self, calendar: WorkerCalendar, day: date, from_: time, until: time | None
    ) -> list[tuple[int, int, _Way]]:
        """From when until when one worker could be met on one of their days, whatever is booked, and how.

        `from_` and `until` are local, and what was said of that day.
        """
        there = self.hours[calendar.staff_id].get(day.weekday())
        if not there or day > self.last_day[calendar.staff_id]:
            return []
        zone, length = calendar.zone, calendar.minutes(self.wishes.kind)
        begins = _local_minute(day, from_, zone)
        begins = max(begins, self.after, self.now + calendar.notice_minutes)
        ends = _local_minute(day + DAY, _MIDNIGHT, zone)
        if until is not None:
            ends = _local_minute(day, until, zone)
        found = []
        for one, way in there:
            opens = _quarter(max(_local_minute(day, one.opens, zone), begins))
            # Closing at midnight is the end of the day.
            closes = min(_local_minute(day + DAY if one.closes == _MIDNIGHT else day, one.closes, zone), ends)
            if opens + length <= closes:
                found.append((opens, closes, way))
        return found

    def _suits(self, at: int, length: int) -> tuple[date, bool] | None:
        """The person's own day it is on, and whether it is in the morning; None where it does not suit."""
        starts_at = _instant(at)
        if not self.wishes.suit(starts_at, starts_at + timedelta(minutes=length)):
            return None
        start = starts_at.astimezone(self.wishes.zone)
        return start.date(), start.hour < 12

    def _hours(self, calendar: WorkerCalendar) -> dict[int, list[tuple[Hours, _Way]]]:
        """Those of a worker's hours in which they could meet, by weekday, and how they would."""
        found: dict[int, list[tuple[Hours, _Way]]] = {}
        for one in calendar.hours:
            if (way := self._way(one)) is not None:
                found.setdefault(one.weekday, []).append((one, way))
        return found

    def _way(self, hours: Hours) -> _Way | None:
        """How they would meet in these hours: as wished for most, where it fits what it is for."""
        ways: list[_Way] = [(Meeting.PHONE, None)]
        if hours.places:
            ways = [(self.places[n], n) for n in hours.places if n in self.places]
        ways = [way for way in ways if self.kind.may_be(way[0])]
        wished = self.wishes.meetings
        if wished:
            ways = sorted((w for w in ways if w[0] in wished), key=lambda w: wished.index(w[0]))
        return ways[0] if ways else None

    def _read(self, monday: date) -> None:
        """Read everyone's diary from this Monday on."""
        first = self.read_until is None
        self.read_until = monday + self.page
        self.page = min(2 * self.page, MOST_READ)
        self.busy = {c.staff_id: _Busy() for c in self.workers}
        zones = {c.zone for c in self.workers}
        from_ = min(_instant(_local_minute(monday, _MIDNIGHT, zone)) for zone in zones)
        until = max(_instant(_local_minute(self.read_until, _MIDNIGHT, zone)) for zone in zones)
        run, person_id, ids = self.reading.execute, self.wishes.person_id, list(self.busy)
        taken = run(
            _TAKEN, {"staff": ids, "begun": from_ - LONGEST, "until": until, "now": self.reading.now,
                     "person": person_id or 0},
        ).all()  # fmt: skip
        for staff_id, start, end, session_id, id_ in taken:
            if session_id is None and id_ not in self.ignoring:
                self.busy[staff_id].taken.append((start // 60, -(-end // 60)))
        for staff_id, start, end in run(_AWAY, {"staff": ids, "from": from_, "until": until}):
            self.busy[staff_id].away.append((start // 60, -(-end // 60)))
        theirs: list[tuple[int, int]] = []
        if person_id is not None:
            rows = run(_THEIRS, {"person": person_id, "from": from_, "until": until})
            theirs = [(start // 60, -(-end // 60)) for start, end, id_ in rows if id_ not in self.ignoring]
        for one in self.busy.values():
            one.taken.sort()
            one.away += theirs
        if first and not self.wishes.staff_ids:  # with nobody named, who has least on is offered first
            self.workers.sort(key=lambda c: (len(self.busy[c.staff_id].taken), c.staff_id))


def _full(calendar: WorkerCalendar, busy: _Busy, day: date) -> bool:
    """Whether they have as much on that day, or in its week, as they want."""

    def begins(one: date) -> int:
        return _local_minute(one, _MIDNIGHT, calendar.zone)

    if calendar.most_a_day is not None:
        if busy.count(begins(day), begins(day + DAY)) >= calendar.most_a_day:
            return True
    if calendar.most_a_week is None:
        return False
    monday = day - timedelta(days=day.weekday())
    return busy.count(begins(monday), begins(monday + 7 * DAY)) >= calendar.most_a_week


# -- minutes -------------------------------------------------------------------------------


def _minute(at: datetime) -> int:
    """The first minute not before this instant."""
    return -int(-at.timestamp() // 60)


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(60 * minute, UTC)


def _quarter(minute: int) -> int:
    """The first quarter of an hour not before this minute."""
    return -(-minute // QUARTER) * QUARTER


@lru_cache(maxsize=16384)
def _local_minute(day: date, at: time, zone: ZoneInfo) -> int:
    return _minute(instant(day, at, zone))
