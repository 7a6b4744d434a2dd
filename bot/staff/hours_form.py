"""The form for somebody's own hours: what is set as fields, and what was typed as hours again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from starlette.datastructures import FormData

from bot.appointments.calendar import Hours, WorkerCalendar
from bot.appointments.kinds import kinds
from bot.appointments.places import Place
from bot.staff import calendar_words
from bot.store.tables import Meeting

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = range(5)
#: So many stretches of hours a day at most, and so many empty ones to fill.
MOST, SPARE = 4, 1

#: Ways to meet that need no place of their own; everybody who works can ring.
BARE = {Meeting.PHONE: "By phone", Meeting.HOME: "At people's homes"}

_GAPS = (0, 5, 10, 15, 20, 30, 45, 60)
_NOTICES = (0, 60, 120, 240, 24 * 60, 2 * 24 * 60, 3 * 24 * 60, 7 * 24 * 60)
_AHEAD = (14, 28, 42, 56, 84, 182, 366)
_TIME = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))? ?(am|pm)?$", re.I)

DEFAULTS = {"gap_minutes": 10, "notice_minutes": 120, "ahead_days": 42}


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of hours on the form: what was typed, and by which ways people can meet then."""

    id: str
    opens: str = ""
    closes: str = ""
    ways: tuple[str, ...] = ()

    @property
    def used(self) -> bool:
        """Whether anything was typed."""
        return bool(self.opens or self.closes)


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form shows: the stretches of each day, and the text of every other field."""

    days: tuple[tuple[Stretch, ...], ...]
    values: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The text of a field; empty when there is none."""
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed, read. A way is "phone", "home" or the id of a place."""

    hours: tuple[tuple[int, time, time, tuple[str, ...]], ...]
    settings: Mapping[str, Any]


def ways_of(places: Sequence[Place]) -> dict[str, str]:
    """Every way to meet there is, by its code on the form."""
    named = {str(one.id): one.name for one in places if one.meeting not in BARE}
    return {meeting.value: words for meeting, words in BARE.items()} | named


def from_calendar(calendar: WorkerCalendar | None, places: Sequence[Place]) -> Filled:
    """The form as it opens."""
    bare = {one.id: one.meeting.value for one in places if one.meeting in BARE}
    days: list[list[Stretch]] = [[] for _ in DAYS]
    for one in calendar.hours if calendar else ():
        ways = dict.fromkeys(bare.get(n, str(n)) for n in one.places) or {Meeting.PHONE.value: None}
        day = days[one.weekday]
        day.append(
            Stretch(f"d{one.weekday}-{len(day)}", f"{one.opens:%H:%M}", f"{one.closes:%H:%M}", tuple(ways))
        )
    values: dict[str, str] = {name: str(DEFAULTS[name]) for name in DEFAULTS}
    if calendar:
        for name in ("gap_minutes", "notice_minutes", "ahead_days", "most_a_day", "most_a_week"):
            number = getattr(calendar, name)
            values[name] = "" if number is None else str(number)
        values |= {f"length-{kind}": str(minutes) for kind, minutes in calendar.lengths.items()}
        values["open_to_people"] = "yes" if calendar.open_to_people else "no"
    else:
        values["open_to_people"] = "no"
    return Filled(_with_spare(days), values)


def from_form(form: FormData) -> Filled:
    """The form as it was sent, so that nothing typed is lost."""
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    return Filled(_with_spare(_stretches(form)), values)


def copied(form: FormData, day: int) -> Filled:
    """The form with one day's hours on every day from Monday to Friday; nothing is kept yet."""
    filled = from_form(form)
    same = [one for one in filled.days[day] if one.used]
    days = [
        [Stretch(f"d{n}-{nth}", one.opens, one.closes, one.ways) for nth, one in enumerate(same)]
        if n in WEEKDAYS
        else [one for one in filled.days[n] if one.used]
        for n in range(len(DAYS))
    ]
    return Filled(_with_spare(days), filled.values)


def as_fields(filled: Filled) -> dict[str, str]:
    """The whole form as hidden fields, so that one press puts it back."""
    fields = {name: filled.value(name) for name in filled.values if filled.value(name)}
    for day in filled.days:
        for one in day:
            if one.used:
                ways = ",".join(one.ways)
                fields |= {
                    f"{one.id}-opens": one.opens,
                    f"{one.id}-closes": one.closes,
                    f"{one.id}-way": ways,
                }
    return fields


def read(form: FormData, ways: Mapping[str, str]) -> tuple[Typed, dict[str, str]]:
    """What was typed, and what is wrong: for each field's id, in words that stand beside it."""
    wrong: dict[str, str] = {}
    hours = []
    for weekday, day in enumerate(_stretches(form)):
        latest: time | None = None
        for one in sorted((one for one in day if one.used), key=lambda one: _hour(one.opens) or time()):
            opens, closes = _hour(one.opens), _hour(one.closes)
            if opens is None:
                wrong[f"{one.id}-opens"] = f"{DAYS[weekday]}: from when? Write a time such as 9am or 09:00."
            elif closes is None:
                wrong[f"{one.id}-closes"] = f"{DAYS[weekday]}: until when? Write a time such as 5pm or 17:00."
            elif closes <= opens and closes != time():
                wrong[f"{one.id}-closes"] = f"{DAYS[weekday]}: that ends before it begins."
            elif latest is not None and opens < latest:
                wrong[f"{one.id}-opens"] = f"{DAYS[weekday]}: this overlaps the hours before it."
            else:
                latest = time.max if closes == time() else closes
                known = tuple(way for way in one.ways if way in ways) or (Meeting.PHONE.value,)
                hours.append((weekday, opens, closes, known))
    settings: dict[str, Any] = {"open_to_people": form.get("open_to_people") == "yes"}
    for name, least, most, said in (
        ("gap_minutes", 0, 240, "Choose how long you need between two."),
        ("notice_minutes", 0, 14 * 24 * 60, "Choose how soon people may book."),
        ("ahead_days", 1, 366, "Choose how far ahead people may book."),
    ):
        settings[name] = _number(form, name, least, most, wrong, said)
    for name in ("most_a_day", "most_a_week"):
        said = "Write a whole number, 1 or more, or leave it empty."
        settings[name] = _number(form, name, 1, 500, wrong, said, empty=True)
    lengths = {}
    for kind, one in kinds().items():
        name = f"length-{kind}"
        minutes = _number(form, name, 5, 480, wrong, "Write minutes, from 5 to 480, or leave it empty.", True)
        if minutes is not None and minutes != one.minutes:
            lengths[kind] = minutes
    settings["lengths"] = lengths
    return Typed(tuple(hours), settings), wrong


def hours_of(typed: Typed, place_ids: Mapping[str, int]) -> list[Hours]:
    """The hours as a calendar keeps them; `place_ids` has the id of every way that was ticked."""
    return [
        Hours(weekday, opens, closes, tuple(place_ids[way] for way in ways))
        for weekday, opens, closes, ways in typed.hours
    ]


def choices(name: str, value: str) -> list[tuple[str, str]]:
    """What there is to choose for a number that is seldom typed, and what stands there now."""
    numbers = {"gap_minutes": _GAPS, "notice_minutes": _NOTICES, "ahead_days": _AHEAD}[name]
    now = [int(value)] if value.isdigit() else []
    words = {"gap_minutes": _gap, "notice_minutes": _notice, "ahead_days": _ahead}[name]
    return [(str(number), words(number)) for number in sorted({*numbers, *now})]


def _gap(minutes: int) -> str:
    return calendar_words.minutes(minutes) if minutes else "None"


def _notice(minutes: int) -> str:
    if not minutes:
        return "At any time"
    days, rest = divmod(minutes, 24 * 60)
    if days and not rest:
        return f"{days} day{'' if days == 1 else 's'} before, or sooner"
    return f"{calendar_words.minutes(minutes)} before, or sooner"


def _ahead(days: int) -> str:
    if days == 366:
        return "A year"
    return f"{days // 7} weeks" if days % 7 == 0 else f"{days} days"


def _stretches(form: FormData) -> list[list[Stretch]]:
    days = []
    for day in range(len(DAYS)):
        found = []
        for nth in range(MOST + SPARE):
            id_ = f"d{day}-{nth}"
            ways = [way for sent in form.getlist(f"{id_}-way") for way in str(sent).split(",") if way]
            found.append(
                Stretch(id_, _text(form, f"{id_}-opens"), _text(form, f"{id_}-closes"), tuple(ways[:50]))
            )
        days.append(found)
    return days


def _with_spare(days: Sequence[Sequence[Stretch]]) -> tuple[tuple[Stretch, ...], ...]:
    """Each day's hours, and one empty stretch after them while there may be more."""
    made = []
    for day, stretches in enumerate(days):
        used = [one for one in stretches if one.used]
        taken = {one.id for one in used}
        free = [f"d{day}-{nth}" for nth in range(MOST) if f"d{day}-{nth}" not in taken]
        made.append((*used, *(Stretch(id_) for id_ in free[:SPARE])))
    return tuple(made)


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip()[:20] if isinstance(value, str) else ""


def _hour(words: str) -> time | None:
    """A time as a browser sends it, or as people write it where it shows a plain box: 9, 9.30am, 17:00."""
    found = _TIME.match(words)
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour == 24 and minute == 0:
        return time()
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _number(
    form: FormData, name: str, least: int, most: int, wrong: dict[str, str], said: str, empty: bool = False
) -> int | None:
    text = _text(form, name)
    if empty and not text:
        return None
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        wrong[name] = said
        return None
    return int(text)
