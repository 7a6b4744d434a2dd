"""Who comes and who does not, for leads: rates over time and by group, and the trials of wording."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from bot.appointments import variants
from bot.appointments.proportions import Estimate, share
from bot.appointments.variants import CannotStart, TrialState
from bot.records.attendance import Attendance, Became, By, Line, Number, Period, attendance
from bot.records.gaps import Shown
from bot.staff import calendar_words
from bot.staff.case_actions import on_their_page
from bot.staff.pages import Ask, NotFound, Refused
from bot.staff.wording import plain

PERIODS = {Period.MONTH: "By month", Period.QUARTER: "By quarter", Period.YEAR: "By year"}
TITLES = {
    By.TIME: "Over time",
    By.REMINDED: "Reminded or not",
    By.PLAN: "By reminder plan",
    By.KIND: "By kind of appointment",
    By.LEAD: "By how long before it was booked",
}
#: What the first column is, in the table of each.
HEADS = {
    By.TIME: "When",
    By.REMINDED: "Reminder",
    By.PLAN: "Plan",
    By.KIND: "Kind",
    By.LEAD: "Booked",
}
GROUPS = {
    By.REMINDED: {"yes": "At least one was sent", "no": "None was sent"},
    By.PLAN: {"standard": "Standard", "first_talk": "First talk", "light": "Light"},
    By.KIND: calendar_words.KINDS,
    By.LEAD: {
        "under_2_days": "Less than 2 days before",
        "2_to_6_days": "2 to 6 days before",
        "1_to_2_weeks": "1 to 2 weeks before",
        "over_2_weeks": "More than 2 weeks before",
    },
}
BECAME = {
    Became.ATTENDED: "Attended",
    Became.DID_NOT_ATTEND: "Did not attend",
    Became.IN_TIME: "Called off by them, a day or more before",
    Became.LATE: "Called off by them, later than that",
    Became.BY_US: "Called off by us",
    Became.NOT_WRITTEN: "Nobody has written down how it went",
}
WHY_STOPPED = {
    "harm": "It stopped by itself: more people missed their appointment with these words.",
    "finished": "It is finished.",
    "staff": "A lead stopped it before its end.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table and of its chart. The bar and its range are percent of the widest."""

    name: str
    appointments: str
    missed: str
    rate: str
    range: str
    bar: float
    low: float
    high: float
    told: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One table with its chart, and what it comes to in a sentence or two."""

    by: By
    title: str
    head: str
    rows: list[Row]
    says: list[str]
    chart: bool


@dataclass(frozen=True, slots=True)
class TrialShown:
    """A trial as the page shows it."""

    state: TrialState
    arms: list[Row]
    says: str
    planned: int


def attendance_page(ask: Ask, wrong: str = "", status: int = 200) -> Response:
    """Everything, by month, quarter or year."""
    period = ask.query.get("by", "")
    period = Period(period) if period in set(Period) else Period.MONTH
    with ask.reading() as reading:
        found = attendance(reading, zone=ask.times.zone, period=period)
        states = variants.states(reading)
    ask.write(lambda unit: unit.audit("attendance seen", f"staff:{ask.me.staff_id}", by=period.value))
    became = [(words, number(found.became[one])) for one, words in BECAME.items()]
    return ask.page(
        "attendance.html", status, found=found, period=period, periods=PERIODS, whole=_whole(found),
        sections=[_section(found, by) for by in TITLES], became=became,
        trials=[_trial(one) for one in states], since=_month(found.since.astimezone(ask.times.zone).date()),
        stopped=WHY_STOPPED, wrong=wrong, arm=arm_name,
    )  # fmt: skip


def attendance_file(ask: Ask) -> Response:
    """The same numbers, hidden in the same places, for a spreadsheet."""
    with ask.reading() as reading:
        found = attendance(reading, zone=ask.times.zone)
        states = variants.states(reading)
    ask.write(lambda unit: unit.audit("attendance downloaded", f"staff:{ask.me.staff_id}"))
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["By", "Group", "Appointments", "Did not attend", "Rate %", "95% from %", "95% to %"])
    for by, lines in found.by.items():
        for line in lines:
            rate = line.rate
            spread = [f"{100 * n:.1f}" for n in (rate.value, rate.low, rate.high)] if rate else ["", "", ""]
            counted = number(line.appointments), number(line.missed)
            rows.writerow([TITLES[by], group_name(by, line.group), *counted, *spread])
    for state in states:
        for arm in state.arms:
            spread = [f"{100 * n:.1f}" for n in _spread(arm.missed, arm.known)]
            rows.writerow([state.trial.question, arm_name(arm.name), arm.known, arm.missed, *spread])
    for one, words in BECAME.items():
        rows.writerow(["What became of them", words, number(found.became[one]), "", "", "", ""])
    name = f"attendance-{ask.times.local(found.at):%Y-%m-%d}.csv"
    return Response(
        "\ufeff" + out.getvalue(),  # so that a spreadsheet reads it as UTF-8
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _spread(some: int, of: int) -> tuple[float, ...]:
    if not of:
        return ()
    found = share(some, of)
    return found.value, found.low, found.high


def start_trial(ask: Ask) -> Response:
    """A lead starts a trial; they have said that they know it runs once."""
    name = _trial_named(ask)
    if ask.sent("sure") != "yes":
        return attendance_page(ask, name, 422)
    try:
        ask.write(lambda unit: variants.start(unit, name))
    except CannotStart as cannot:
        raise Refused(str(cannot)) from None
    return ask.go(
        "attendance#trials", "Started. It stops by itself when it does harm, or when it is finished."
    )


def stop_trial(ask: Ask) -> Response:
    """A lead stops it: from now on everybody hears the plain words."""
    name = _trial_named(ask)
    stopped = ask.write(lambda unit: variants.stop(unit, name))
    said = "Stopped. Everybody hears the plain words from now on." if stopped else "It had stopped already."
    return ask.go("attendance#trials", said)


def keep_out(ask: Ask) -> Response:
    """A link worker keeps somebody out of every trial, or lets them in again."""
    out = ask.sent("out", 3) == "yes"
    change = variants.keep_out if out else variants.let_in
    url, _ = on_their_page(ask, lambda unit, who: change(unit, who.id), all_only=True)
    said = "Kept out of trials: they hear the plain words." if out else "They may take part in a trial again."
    return ask.go(
        f"{url}#appointments", said, undo=(f"{url}/trials", {"out": "no" if out else "yes"})
    )  # fmt: skip


def _trial_named(ask: Ask) -> str:
    name = ask.path("name")
    if name not in variants.trials():
        raise NotFound
    return name


# -- in words ------------------------------------------------------------------------------


def number(shown: Number) -> str:
    """A number of appointments as it may be shown."""
    if isinstance(shown, Shown):
        return {Shown.FEW: "fewer than 5 people", Shown.WITHHELD: "not shown"}[shown]
    return f"{shown:,}"


def percent(value: float, of: int) -> str:
    """A share: "12%", or "11.4%" where there are enough for the tenth to mean something."""
    return f"{100 * value:.1f}%" if of >= 200 else f"{100 * value:.0f}%"


def group_name(by: By, group: str) -> str:
    """A group in words; a period as "March 2026", "January to March 2026" or "2026"."""
    if by is not By.TIME:
        return plain(group, GROUPS[by]).replace("_", " ")
    year, _, part = group.partition("-")
    if not part:
        return year
    if len(part) == 2:
        return _month(date(int(year), int(part), 1))
    first = date(int(year), int(part) * 3 - 2, 1)
    return f"{first:%B} to {first.replace(month=first.month + 2):%B} {year}"


def arm_name(arm: str) -> str:
    """A wording's name, as staff read it."""
    return {"plain": "The plain words", "others_wait": "That others wait"}.get(arm, plain(arm, {}))


def _month(day: date) -> str:
    return f"{day:%B} {day.year}"


def _whole(found: Attendance) -> str:
    line = found.all
    if line.rate is None:
        return ""
    of = int(line.appointments)
    return (
        f"{number(line.missed)} of {of:,} appointments were missed: {percent(line.rate.value, of)}. "
        f"Chance alone could make that anything from {percent(line.rate.low, of)} to "
        f"{percent(line.rate.high, of)}."
    )


def _section(found: Attendance, by: By) -> Section:
    lines = found.by[by]
    widest = max((line.rate.high for line in lines if line.rate), default=1.0) or 1.0
    told = [line for line in lines if line.rate is not None]
    says = []
    if told and by is By.TIME:
        says = [_over_time(told)]
    elif len(told) > 1:
        says = _differences(told, by, found.most[by])
    elif lines and not told:
        says = ["So few people missed one that no rate can be shown. A longer time may have enough."]
    return Section(
        by, TITLES[by], HEADS[by], [_row(line, group_name(by, line.group), widest) for line in lines], says,
        bool(told),
    )  # fmt: skip


def _row(line: Line, name: str, widest: float) -> Row:
    rate = line.rate
    if rate is None:
        return Row(name, number(line.appointments), number(line.missed), "", "", 0, 0, 0, False)
    of = int(line.appointments)
    bar, low, high = (round(100 * n / widest, 1) for n in (rate.value, rate.low, rate.high))
    return Row(
        name, number(line.appointments), number(line.missed), percent(rate.value, of),
        f"{percent(rate.low, of)} to {percent(rate.high, of)}", bar, low, high, True,
    )  # fmt: skip


def _over_time(told: Sequence[Line]) -> str:
    parts = [
        f"{group_name(By.TIME, line.group)} {percent(line.rate.value, int(line.appointments))}"
        for line in told[-3:]
        if line.rate
    ]
    lead = "Lately" if len(told) > 1 else "So far"
    return f"{lead}: {', '.join(parts)}."


def _differences(told: Sequence[Line], by: By, most: str) -> list[str]:
    """What differs beyond chance from the group most are in, each in a sentence."""
    than = group_name(by, most).lower()
    found = [
        f"{group_name(by, line.group)}: {points(line.against)} than \u201c{than}\u201d."
        for line in told
        if line.against is not None and line.against.differs
    ]
    return found or ["None of these differs from the others beyond what chance makes."]


def points(against: Estimate) -> str:
    """A difference, as one says it: "4 in 100 more were missed (1 to 7)"."""
    more = against.value > 0
    low, high = sorted((abs(against.low), abs(against.high)))
    return (
        f"{100 * abs(against.value):.0f} in 100 {'more' if more else 'fewer'} were missed "
        f"({100 * low:.0f} to {100 * high:.0f})"
    )


def _trial(state: TrialState) -> TrialShown:
    rows, says = [], ""
    if state.arms:
        shares = [share(arm.missed, arm.known) if arm.known else None for arm in state.arms]
        widest = max((one.high for one in shares if one), default=1.0)
        rows = [
            _row(Line(arm.name, arm.known, arm.missed, rate), arm_name(arm.name), widest)
            for arm, rate in zip(state.arms, shares, strict=True)
        ]
        says = " ".join(_verdict(state, nth) for nth in range(1, len(state.arms)))
    return TrialShown(state, rows, says, state.trial.per_arm * len(state.trial.arms))


def _verdict(state: TrialState, nth: int) -> str:
    against = state.against_plain(state.arms[nth])
    name = arm_name(state.arms[nth].name)
    if against is None:
        return f"{name}: nothing can be said yet."
    low, high = 100 * against.low, 100 * against.high
    if not against.differs:
        return (
            f"{name}: no difference beyond chance. It may be anything from {abs(low):.0f} in 100 "
            f"{'fewer' if low < 0 else 'more'} to {abs(high):.0f} in 100 {'more' if high > 0 else 'fewer'}."
        )
    return f"{name}: {points(against)} than with the plain words."
