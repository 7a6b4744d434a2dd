"""Times of day in words: clock times as the British say them, parts of the day, and limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta

from bot.appointments.habits import EARLY, LATE, half_of
from bot.appointments.rules import Days, Moment, Rule, Times, of, rule, unsure
from bot.appointments.tokens import Hour, Unit, at_time
from bot.appointments.windows import Why

#: Minutes said before "past" and "to".
_MINUTES = frozenset({5, 10, 20, 25})


def clock(hour: int, minute: int = 0) -> Unit:
    """A clock time nobody said the half of; asked where there is no such hour."""
    if not (0 <= hour <= 24 and 0 <= minute < 60):
        return unsure(Why.NO_SUCH_DAY)
    return Unit("clock", Hour(hour % 24, minute, "24" if hour > 12 or hour == 0 else None))


def resolved(hour: Hour, half: str | None = None) -> time | None:
    """The time of day; None where nobody said the half and habit does not tell."""
    half = hour.half or half or half_of(hour.hour)
    return at_time(hour, half) if half else None


def _past(said: Sequence[Unit], moment: Moment) -> list[Unit] | None:
    numbers = [u.value for u in of(said, "number")]
    if of(said, "half_past"):
        return [clock(numbers[0], 30)]
    if of(said, "quarter"):
        return [clock(numbers[0], 15)]
    return [clock(numbers[1], numbers[0])] if numbers[0] in _MINUTES else None


def _to(said: Sequence[Unit], moment: Moment) -> list[Unit] | None:
    """Quarter to three; "ten to two" may be a stretch of time as well, and is then asked."""
    numbers = [u.value for u in of(said, "number")]
    hour = numbers[-1]
    if not 1 <= hour <= 12:
        return None
    minutes = 15 if of(said, "quarter") else numbers[0]
    if not of(said, "quarter") and minutes not in _MINUTES:
        return None
    before = clock((hour - 2) % 12 + 1, 60 - minutes)
    if of(said, "quarter", "minute", "at") or minutes > 12 or of(said, "past"):
        return [before]
    start, end = resolved(Hour(minutes)), resolved(Hour(hour))
    if start is not None and end is not None and start >= end:
        return [before]
    return [unsure(Why.DATE_OR_TIME)]


def _hour_and_minutes(said: Sequence[Unit], moment: Moment) -> list[Unit] | None:
    """Two thirty, ten fifteen, in letters."""
    first, then = said
    if not (first.spelt and then.spelt and 1 <= first.value <= 12 and 10 <= then.value < 60):
        return None
    return [clock(first.value, then.value)]


def _on_the_hour(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    found = of(said, "number", "clock", "figures")[0]
    return [clock(found.value) if found.kind == "number" else Unit("clock", found.value)]


def _halved(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    found, half = of(said, "number", "clock", "figures")[0], of(said, "half")[0].value
    hour = Hour(found.value) if found.kind == "number" else found.value
    if not 1 <= hour.hour <= 12:
        return [unsure(Why.NO_SUCH_DAY)]
    return [Unit("clock", Hour(hour.hour, hour.minute, half))]


def _as_clock(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    """Numbers that stand where only an hour can."""
    made = [clock(u.value) if u.kind == "number" else u for u in said]
    return [Unit("clock", u.value) if u.kind == "figures" else u for u in made]


def _bare_hour(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    """ "Tues 3" is three o'clock, unless a third of the month is near that is a Tuesday."""
    number, days = said[-1].value, said[0].value
    if number > 12:
        return [unsure(Why.DATE_OR_TIME)]
    if isinstance(days, Days) and days.named:
        near = (moment.today + timedelta(days=n) for n in range(70))
        if any(d.day == number and d.weekday() == days.first.weekday() for d in near):
            return [unsure(Why.DATE_OR_TIME)]
    return _as_clock(said, moment)


def _half_day(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    return [*said[:-1], Unit("part", "morning" if said[-1].value == "am" else "afternoon")]


# ---- limits ------------------------------------------------------------------------------------


def _from_to(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    """Two to four; an hour without a half takes the one that keeps the end after the start."""
    start, end = (u.value for u in of(said, "clock"))
    closes = resolved(end)
    if closes is None and start.half:
        closes = next((t for half in ("am", "pm") if (t := at_time(end, half)) > at_time(start)), None)
    if closes is None:
        return [unsure(Why.WHICH_HALF)]
    if start.half is None and end.half is None and half_of(start.hour) is None:
        return [unsure(Why.WHICH_HALF)]
    if start.half is None and end.half in ("am", "pm"):
        opens = at_time(start, end.half)
        if opens >= closes:
            opens = at_time(start, "am")
    else:
        opens = resolved(start) or at_time(start, "am")
    if opens >= closes:
        return [unsure(Why.WHICH_HALF)]
    return [Unit("times", Times(opens, closes))]


def _limit(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    kind, hour = said[0].kind, of(said, "clock")[0].value
    later = kind in ("after", "from", "not_before") or bool(of(said, "onwards"))
    return [Unit("after_clock" if later else "before_clock", hour)]


def _about(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    return [Unit("about_clock", of(said, "clock")[0].value)]


# ---- parts of the day --------------------------------------------------------------------------


def _part(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    name = of(said, "part")[0].value
    if name == "school_run":
        return [unsure(Why.VAGUE)]
    if of(said, "early", "start_of"):
        span = EARLY.get(name)
    elif of(said, "late", "end_of"):
        span = LATE.get(name)
    else:
        span = moment.habits.span(name)
    return [Unit("times", Times(*span)) if span else unsure(Why.VAGUE)]


def _around_part(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    """After lunch; not before the school run, which is the one in the morning."""
    kind, name = said[0].kind, said[-1].value
    opens, closes = moment.habits.span(name)
    if kind in ("after", "from", "not_before"):
        limit = opens if kind == "from" else closes
        if limit is None:
            return [unsure(Why.VAGUE)]
        back = moment.habits.school_run[1] if name == "school_run" and kind == "after" else None
        return [Unit("times", Times(limit, but=back))]
    if name in ("school_run", "after_school", "after_work") or opens is None:
        return [unsure(Why.VAGUE)]  # before the school run: of the morning, or the afternoon?
    return [Unit("times", Times(closes=closes if kind in ("until", "not_after") else opens))]


def _so_long(said: Sequence[Unit], moment: Moment) -> list[Unit] | None:
    many = 30 if of(said, "half_an") else next((u.value for u in of(said, "number")), 1)
    unit = "minutes" if of(said, "half_an", "minute") else "hours"
    if many == 0 or many > 600:
        return None
    return [Unit("instant", timedelta(**{unit: many}))]


def _tonight(said: Sequence[Unit], moment: Moment) -> list[Unit] | None:
    return [Unit("rel", 0), Unit("part", "evening")] if said[0].value == "tonight" else None


def _this_part(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    return [Unit("rel", 0), *said[1:]]


#: Before the days are read.
BEFORE_DAYS: tuple[Rule, ...] = (
    rule("in half_an hour", _so_long),
    rule("in a? number? (hour|minute)", _so_long),
    rule("number (hour|minute) now", _so_long),
    rule("half_past past? number", _past),
    rule("quarter past number", _past),
    rule("number minute? past number", _past),
    rule("quarter to number", _to),
    rule("number number", _hour_and_minutes),
    rule("(number|clock|figures) oclock", _on_the_hour),
    rule("(number|clock|figures) half", _halved),
    rule("part", _tonight),
    rule("this part", _this_part),
    rule("later_today", lambda said, m: [Unit("rel", 0)]),
)

#: After them, when what is left of the numbers can only be hours.
AFTER_DAYS: tuple[Rule, ...] = (
    rule("at number minute? to number", _to),
    rule("number minute to number", _to),
    rule("(from|between) number (to|dash|until|and) number", _as_clock),
    rule("number to number", _to),
    rule(
        "number (day_word|week|month_word|hour|minute|fortnight|weekend)", lambda said, m: [unsure(Why.VAGUE)]
    ),
    rule("(after|before|not_before|not_after|from|until|by|at|around|between) at? around? number", _as_clock),
    rule("number (ish|onwards|or_before)", _as_clock),
    rule("(day|days|part|times) pause? number (to|dash|until) number", _as_clock),
    rule("number (or|and|to|dash|until) clock", _as_clock),
    rule("(day|days|part) pause? number", _bare_hour),
    rule("number in? (part|day|days)", _as_clock),
    rule("clock (or|and|to|dash|until) number", _as_clock),
    rule("figures", _as_clock),
    rule("number (to|dash) number", lambda said, m: [unsure(Why.DATE_OR_TIME)]),
    rule("(from|between)? at? clock (to|dash|until|and) at? clock", lambda said, m: _from_to_or_not(said, m)),
    rule("around at? clock", _about),
    rule("at around clock", _about),
    rule("clock ish", _about),
    rule("from? clock (onwards|or_before)", _limit),
    rule("(after|from|not_before|before|by|until|not_after) at? clock", _limit),
    rule("at clock", lambda said, m: [said[1]]),
    rule("(day|days|any|times|pause) half", _half_day),
    rule("(day|days) pause? half", _half_day),
    rule("(after|from|not_before|before|by|until|not_after) (a|in|on)? part", _around_part),
    rule("(early|late|start_of|end_of)? (in|on)? part of?", _part),
)


def _from_to_or_not(said: Sequence[Unit], moment: Moment) -> list[Unit] | None:
    """ "Ten and eleven" are two times; "between ten and eleven" is one stretch."""
    if of(said, "and") and said[0].kind != "between":
        return None
    return _from_to(said, moment)
