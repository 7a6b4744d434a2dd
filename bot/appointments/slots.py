"""Which times are free that suit what somebody said, and why a time is not."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from bot.appointments.calendar import Hours, NoSuchWorker, WorkerCalendar, calendar_of, calendars, hours_on
from bot.appointments.diary import Clash, Diary, Taken, begins, clash_of, diaries, on_their_side, week_of
from bot.appointments.kinds import Kind, kind_of
from bot.appointments.places import places
from bot.appointments.windows import Window
from bot.clock import LONDON, bank_holidays
from bot.store.tables import Meeting
from bot.store.unit_of_work import Reading

__all__ = ["Clash", "Slot", "Wishes", "slots_free", "why_not"]

#: Slots begin on a quarter of an hour.
QUARTER = timedelta(minutes=15)
#: How far past the first free day it looks for another day to offer beside it.
LOOK_ON = timedelta(days=7)
#: Two on one half of a day are so far apart, where they can be.
APART = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time with one worker (aware UTC), how they would meet, and at which place if at one."""

    staff_id: int
    starts_at: datetime
    ends_at: datetime
    meeting: Meeting
    place_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody said would suit. None of `windows` is any time, no `meetings` any way, no `staff_ids`
    anyone people may book; where several are named, the first is wished for most.

    `zone` is where they are: windows are as their clock shows it. `excluded` are times that would not do.
    """

    windows: tuple[Window, ...] | None = None
    meetings: tuple[Meeting, ...] = ()
    staff_ids: tuple[int, ...] = ()
    kind: str = "other"
    zone: tzinfo = LONDON
    excluded: tuple[Window, ...] = ()
    person_id: int | None = None

    def suit(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether this is a time they said."""
        if self.windows is None and not self.excluded:
            return True
        start, end = (at.astimezone(self.zone).replace(tzinfo=None) for at in (starts_at, ends_at))
        if self.windows is not None and not any(w.holds(start, end) for w in self.windows):
            return False
        return not any(w.touches(start, end) for w in self.excluded)

    def about(self, day: date) -> bool:
        """Whether anything they said is about this day of theirs."""
        return self.windows is None or any(w.has_day(day) for w in self.windows)


def slots_free(
    reading: Reading,
    wishes: Wishes,
    *,
    nation: str,
    most: int = 3,
    after: datetime | None = None,
    spread: bool = True,
    without: Collection[Slot | datetime] = (),
    ignoring: Collection[int] = (),
) -> list[Slot]:
    """Up to `most` free times that suit, soonest first.

    Spread over days, and over mornings and afternoons, unless only those near each other are left or
    `spread` is False. None begins before `after` (aware), nor at a time among `without`. Appointments
    `ignoring` count for nothing: the one that is being moved. Bank holidays are `nation`'s. Raises
    NoSuchKind.
    """
    workers = _workers(reading, wishes)
    if not workers or most < 1:
        return []
    looking = _Looking(reading, wishes, workers, nation, after, without, ignoring)
    found: list[Slot] = []
    last = looking.last_day
    day = looking.first_day
    while day <= last:
        found += looking.on(day)
        if len(found) >= most:
            if not spread:
                break
            last = min(last, found[0].starts_at.astimezone(wishes.zone).date() + LOOK_ON)
        day += timedelta(days=1)
    found.sort(key=lambda slot: slot.starts_at)
    return _spread(found, most, wishes.zone) if spread else found[:most]


def why_not(
    reading: Reading,
    staff_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    ignoring: Collection[int] = (),
    session_id: int | None = None,
    person_id: int | None = None,
    nation: str | None = None,
) -> Clash | None:
    """Why nobody can be booked with this worker then (aware UTC), or None. See `diary.clash_of`.

    To look, not to book: booking looks again under the calendar's lock. Raises NoSuchWorker.
    """
    calendar = calendar_of(reading, staff_id)
    if calendar is None:
        raise NoSuchWorker(staff_id)
    return clash_of(
        reading, calendar, starts_at, ends_at, ignoring=ignoring, session_id=session_id,
        person_id=person_id, nation=nation,
    )  # fmt: skip


def _workers(reading: Reading, wishes: Wishes) -> list[WorkerCalendar]:
    """Whom they may be offered a time with: those named, in that order, or everyone open to people."""
    found = calendars(reading, open_to_people=True, staff_ids=wishes.staff_ids)
    wished = {staff_id: n for n, staff_id in enumerate(wishes.staff_ids)}
    return sorted(found, key=lambda c: wished.get(c.staff_id, 0))


class _Looking:
    """One look through the diaries: everything is read once, then days are gone through in order."""

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
        self.wishes, self.now = wishes, reading.now
        self.kind: Kind = kind_of(wishes.kind)
        self.holidays: Container[date] = bank_holidays(nation)
        self.after = max(after, reading.now) if after else reading.now
        self.without = {one.starts_at if isinstance(one, Slot) else one for one in without}
        self.first_day = min(c.day_of(self.after) for c in workers)
        self.last_day = max(c.day_of(reading.now) + timedelta(days=c.ahead_days) for c in workers)
        self.places = {place.id: place for place in places(reading)}
        from_ = min(week_of(c, self.after)[0] for c in workers)
        until = max(week_of(c, reading.now + timedelta(days=c.ahead_days + 1))[1] for c in workers)
        self.diaries = diaries(
            reading, [c.staff_id for c in workers], from_, until, ignoring=ignoring,
            person_id=wishes.person_id,
        )  # fmt: skip
        self.theirs: list[Taken] = []
        if wishes.person_id is not None:
            self.theirs = on_their_side(reading, wishes.person_id, from_, until, ignoring)
        # With nobody named, the one with least on is offered first.
        if not wishes.staff_ids:
            workers = sorted(workers, key=lambda c: (len(self.diaries[c.staff_id].taken), c.staff_id))
        self.workers = workers

    def on(self, day: date) -> list[Slot]:
        """What is free on one of the workers' days: each time once, with whom it is wished for most."""
        found: dict[datetime, Slot] = {}
        for calendar in self.workers:
            if calendar.zone == self.wishes.zone and not self.wishes.about(day):
                continue
            for slot in self._with(calendar, day):
                found.setdefault(slot.starts_at, slot)
        return sorted(found.values(), key=lambda slot: slot.starts_at)

    def _with(self, calendar: WorkerCalendar, day: date) -> Iterable[Slot]:
        diary = self.diaries[calendar.staff_id]
        if day > calendar.day_of(self.now) + timedelta(days=calendar.ahead_days):
            return
        there = hours_on(calendar, day, self.holidays)
        if not there or self._full(calendar, diary, day):
            return
        earliest = max(self.after, self.now + timedelta(minutes=calendar.notice_minutes))
        length = timedelta(minutes=calendar.minutes(self.wishes.kind))
        for opens, closes, hours in there:
            way = self._way(hours)
            if way is None or closes <= earliest:
                continue
            in_the_way = self._in_the_way(calendar, diary, opens, closes)
            at = _quarter(max(opens, earliest))
            while (over := at + length) <= closes:
                busy = next((until for from_, until in in_the_way if from_ < over and at < until), None)
                if busy is not None:
                    at = _quarter(busy)
                    continue
                if at not in self.without and self.wishes.suit(at, over):
                    yield Slot(calendar.staff_id, at, over, *way)
                at += QUARTER

    def _in_the_way(
        self, calendar: WorkerCalendar, diary: Diary, opens: datetime, closes: datetime
    ) -> list[tuple[datetime, datetime]]:
        gap = calendar.gap
        found = [(t.starts_at - gap, t.ends_at + gap) for t in diary.taken]
        found += [(from_, until) for from_, until, _ in diary.away]
        found += [(t.starts_at, t.ends_at) for t in self.theirs]
        return [(from_, until) for from_, until in found if from_ < closes and opens < until]

    def _full(self, calendar: WorkerCalendar, diary: Diary, day: date) -> bool:
        today = begins(calendar, day)
        if calendar.most_a_day is not None:
            tomorrow = begins(calendar, day + timedelta(days=1))
            if diary.count(today, tomorrow) >= calendar.most_a_day:
                return True
        if calendar.most_a_week is None:
            return False
        return diary.count(*week_of(calendar, today)) >= calendar.most_a_week

    def _way(self, hours: Hours) -> tuple[Meeting, int | None] | None:
        """How they would meet in these hours: as wished for most, where it fits what it is for."""
        if hours.places:
            there = [self.places[n] for n in hours.places if n in self.places]
            ways: list[tuple[Meeting, int | None]] = [(place.meeting, place.id) for place in there]
        else:
            ways = [(Meeting.PHONE, None)]
        ways = [way for way in ways if self.kind.may_be(way[0])]
        wished = self.wishes.meetings
        if wished:
            ways = sorted((w for w in ways if w[0] in wished), key=lambda w: wished.index(w[0]))
        return ways[0] if ways else None


def _quarter(at: datetime) -> datetime:
    """The first quarter of an hour not before this instant."""
    past = timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    return at + (QUARTER - past) if past else at


def _spread(found: list[Slot], most: int, zone: tzinfo) -> list[Slot]:
    """The soonest, and then each time what lies furthest from those in kind; sorted again."""
    if len(found) <= most:
        return found
    left = [(slot, slot.starts_at.astimezone(zone)) for slot in found]
    picked = [left.pop(0)]
    while len(picked) < most:
        best = min(left, key=lambda one: (_nearness(one[1], [at for _, at in picked]), one[1]))
        picked.append(best)
        left.remove(best)
    return sorted((slot for slot, _ in picked), key=lambda slot: slot.starts_at)


def _nearness(at: datetime, picked: list[datetime]) -> int:
    """0: on another day and half of the day than all those; 1: on another day; 2: in the other half of
    one; 3: an hour away; 4: nearer than that. All local.
    """
    half = at.hour < 12
    if all(at.date() != one.date() for one in picked):
        return int(any(half == (one.hour < 12) for one in picked))
    if not any(at.date() == one.date() and half == (one.hour < 12) for one in picked):
        return 2
    return 3 if all(abs(at - one) >= APART for one in picked) else 4
