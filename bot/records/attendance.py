"""Who comes and who does not: over time, by kind, reminders, wording and how long ago it was booked.

Counted are appointments that began, by what somebody wrote down of them. Where fewer than five people
stand behind a number it is not shown, nor what would give it away (bot/records/gaps.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from bot.appointments.proportions import CONFIDENCE, Estimate, difference, share
from bot.records.gaps import FEW, Shown, hidden
from bot.store.tables import AppointmentStatus, appointment, appointment_event
from bot.store.unit_of_work import Reading

#: A number of appointments as it may be shown.
Number = int | Shown

#: Called off so long before, the time can still be somebody else's.
IN_TIME = timedelta(hours=24)
#: Reasons that were theirs, also where a link worker wrote it down for them.
THEIR_REASONS = frozenset({"cannot", "cannot-come", "not-needed", "moved-sooner", "left"})
#: The view begins so many months back.
MONTHS = 24


class By(StrEnum):
    """What appointments are set apart by."""

    TIME = "time"
    KIND = "kind"
    PLAN = "plan"  # of reminders
    REMINDED = "reminded"
    LEAD = "lead"  # how long before it was booked


class Period(StrEnum):
    """How long one line of time is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Became(StrEnum):
    """What became of a time that was booked."""

    ATTENDED = "attended"
    DID_NOT_ATTEND = "did-not-attend"
    IN_TIME = "cancelled-in-time"  # by them, with a day to spare
    LATE = "cancelled-late"
    BY_US = "cancelled-by-us"
    NOT_WRITTEN = "not-written-down"


#: Booked less than so many days before it: the code of each group, and of what is longer.
LEADS = (("under_2_days", 2), ("2_to_6_days", 7), ("1_to_2_weeks", 15))
LONGER = "over_2_weeks"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Line:
    """One group: how many appointments, how many were missed, and the rate with its 95% interval.

    `rate` is None where either number is not shown. `against` is how many more (above nought) are
    missed than in the group most others are in, with an interval that allows for how many groups are
    compared (Bonferroni), so that chance finds a difference anywhere in one view of twenty.
    """

    group: str
    appointments: Number
    missed: Number
    rate: Estimate | None
    against: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Attendance:
    """The whole view at one instant (aware UTC), from `since`. `most` is the group compared with."""

    at: datetime
    since: datetime
    by: Mapping[By, tuple[Line, ...]]
    most: Mapping[By, str]
    all: Line
    became: Mapping[Became, Number]

    @property
    def empty(self) -> bool:
        """Whether there is nothing yet that could be shown."""
        return not self.by[By.TIME]


@dataclass(frozen=True, slots=True)
class Seen:
    """One appointment, as far as it is counted."""

    person_id: int
    missed: bool
    groups: Mapping[By, str]


def attendance(reading: Reading, *, zone: ZoneInfo, period: Period = Period.MONTH) -> Attendance:
    """Count it all, from the first of a month MONTHS back; months are local in `zone`."""
    since = _since(reading.now, zone)
    seen: list[Seen] = []
    became: dict[Became, list[int]] = {one: [] for one in Became}
    for row in _rows(reading, since):
        what = _became(row)
        became[what].append(row.person_id)
        if what in (Became.ATTENDED, Became.DID_NOT_ATTEND):
            seen.append(
                Seen(row.person_id, what is Became.DID_NOT_ATTEND, _groups(row, zone, period))
            )  # fmt: skip
    by, most = {}, {}
    for one in By:
        by[one], most[one] = lines(seen, one)
    # What they come to together is not shown, so nothing is told by subtraction.
    shown = {one: len(who) if len(set(who)) >= FEW else Shown.FEW for one, who in became.items()}
    return Attendance(reading.now, since, by, most, _all(seen), shown)


def lines(seen: Sequence[Seen], by: By) -> tuple[tuple[Line, ...], str]:
    """The groups in their order, each with its rate, and the group the others are compared with.

    Time is compared with nothing: what changed meanwhile is never the wording alone.
    """
    groups: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        groups[one.groups[by]].append(one)
    names = sorted(groups, key=_ORDER[by]) if by in _ORDER else sorted(groups)
    whole = _counted([groups[name] for name in names])
    made = [_line(name, *counted) for name, counted in zip(names, whole, strict=True)]
    told = [line for line in made if line.rate is not None]
    if by is By.TIME or len(told) < 2:
        return tuple(made), ""
    most = max(told, key=lambda line: (line.appointments, line.group))
    confidence = 1 - (1 - CONFIDENCE) / (len(told) - 1)
    return tuple(
        Line(line.group, line.appointments, line.missed, line.rate, _against(line, most, confidence))
        for line in made
    ), most.group


def _against(line: Line, most: Line, confidence: float) -> Estimate | None:
    if line.rate is None or line.group == most.group:
        return None
    numbers = [line.missed, line.appointments, most.missed, most.appointments]
    return difference(*(int(n) for n in numbers), confidence)


def _counted(groups: Sequence[Sequence[Seen]]) -> list[tuple[Number, Number]]:
    """(appointments, missed) of each group, as they may be shown by how many people they are."""
    people = hidden([len({one.person_id for one in group}) for group in groups])
    missing = hidden([len({one.person_id for one in group if one.missed}) for group in groups])
    return [
        (
            len(group) if isinstance(who, int) else who,
            sum(one.missed for one in group) if isinstance(did_not, int) else did_not,
        )
        for group, who, did_not in zip(groups, people, missing, strict=False)
    ]


def _line(group: str, number: Number, missed: Number) -> Line:
    known = isinstance(number, int) and isinstance(missed, int)
    return Line(group, number, missed, share(int(missed), int(number)) if known else None)


def _all(seen: Sequence[Seen]) -> Line:
    return _line("", *_counted([seen])[0])


# -- reading -------------------------------------------------------------------------------


def _rows(reading: Reading, since: datetime) -> Iterable[Any]:
    reminded = exists().where(
        appointment_event.c.appointment_id == appointment.c.id, appointment_event.c.what == "reminded"
    )
    return reading.execute(
        select(
            appointment.c.person_id,
            appointment.c.kind,
            appointment.c.status,
            appointment.c.starts_at,
            appointment.c.booked_at,
            appointment.c.cancelled_at,
            appointment.c.cancelled_by,
            appointment.c.why,
            appointment.c.plan,
            reminded.label("reminded"),
        ).where(
            appointment.c.starts_at >= since,
            appointment.c.starts_at < reading.now,
            appointment.c.booked_at.is_not(None),
        )
    )


def _became(row: Any) -> Became:
    if row.status is AppointmentStatus.ATTENDED:
        return Became.ATTENDED
    if row.status is AppointmentStatus.DID_NOT_ATTEND:
        return Became.DID_NOT_ATTEND
    if row.status is not AppointmentStatus.CANCELLED:
        return Became.NOT_WRITTEN
    if row.cancelled_by != "person" and row.why not in THEIR_REASONS:
        return Became.BY_US
    return Became.IN_TIME if row.cancelled_at <= row.starts_at - IN_TIME else Became.LATE


def _groups(row: Any, zone: ZoneInfo, period: Period) -> dict[By, str]:
    days = (row.starts_at - row.booked_at) / timedelta(days=1)
    return {
        By.TIME: period_of(row.starts_at, zone, period),
        By.KIND: row.kind,
        By.PLAN: row.plan,
        By.REMINDED: YES if row.reminded else NO,
        By.LEAD: next((code for code, under in LEADS if days < under), LONGER),
    }


def period_of(at: datetime, zone: ZoneInfo, period: Period) -> str:
    """The period of an aware instant, local in `zone`: "2026-03", "2026-1" (a quarter), "2026"."""
    local = at.astimezone(zone)
    if period is Period.YEAR:
        return f"{local.year}"
    return f"{local:%Y-%m}" if period is Period.MONTH else f"{local.year}-{(local.month + 2) // 3}"


def _since(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    months = local.year * 12 + local.month - 1 - MONTHS
    return local.replace(
        year=months // 12, month=months % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0, fold=0
    )


_LEAD_ORDER = [*(code for code, _ in LEADS), LONGER]
_ORDER = {By.LEAD: _LEAD_ORDER.index, By.REMINDED: [YES, NO].index}
