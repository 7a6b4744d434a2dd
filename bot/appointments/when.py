"""When somebody means, in their own words: "Tues after 2", "a week on Friday", "any afternoon but Wednesday".

Day first, the reading that lies ahead, and what may mean two things is asked, never guessed. Pure: words,
the time and whose zone in, a meaning out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise

from bot.appointments import days, hours
from bot.appointments.habits import HABITS, NIGHT_BEGINS, NIGHT_OVER, Habits
from bot.appointments.library import in_another_language
from bot.appointments.rules import Days, Moment, kinds, rewritten
from bot.appointments.several import APART, Asked, One, ones, spread, times_of
from bot.appointments.tokens import Unit, speaks, units
from bot.appointments.windows import Exact, Meaning, NotATime, Unclear, Understood, Why, Window, spans
from bot.appointments.zones import Clock, as_seen, local
from bot.clock import LONDON

__all__ = ["Exact", "Meaning", "NotATime", "Unclear", "Understood", "Why", "Window", "understand"]

#: Kinds that are about time by themselves; a bare number is not.
_ABOUT_TIME = kinds(
    """
    weekday weekdays rel part clock date ord holiday week weekend fortnight month half figures ish onwards
    anytime sometime day_word hour minute month_word in_new_year later_today later_this_week rest_of_week
    week_after_next week_commencing
    """
)
#: Lengths of time, with nothing said of when: "two weeks".
_LENGTHS = kinds("day_word month_word hour minute number a not any unknown")
_BEFORE_AN_HOUR = kinds(
    """
    after before not_before not_after from until by between at around half_past quarter past to dash
    """
)
_BESIDE_MAY = kinds("number ord nth in of early start_of middle_of end_of late next this year")
_LEFT_OUT = kinds("on in a any at sometime")
#: What there may be once everything is read.
_READ = APART | kinds("day days times clock after_clock before_clock about_clock instant anytime not but")
#: Said before "but", these are a time already, and "but" does not take away from it.
_SETTLED = kinds("weekday rel date ord not clock")


def understand(
    text: str, now: datetime, zone: tzinfo = LONDON, language: str = "en", habits: Habits = HABITS
) -> Meaning:
    """What somebody means by `text`, said at the aware instant `now` by someone who lives in `zone`.

    `Exact` where one instant is meant, `Understood` where days and hours are (to be matched with free
    slots), `Unclear` where it must be asked back, `NotATime` where nothing in it is about when. Whatever
    is given lies ahead of `now`. Raises ValueError when `now` is naive.
    """
    moment = Moment(as_seen(now, zone), habits)
    if not speaks(language):
        return _by_the_library(text, now, zone, language, habits)
    said = _ready(units(text, language))
    if not _is_about_time(said):
        return NotATime()
    try:
        return _meaning(_read(said, moment), moment, now, zone)
    except Asked as asked:
        return asked.unclear


def _by_the_library(text: str, now: datetime, zone: tzinfo, language: str, habits: Habits) -> Meaning:
    """A language we have no words of our own for: what the library makes of it, always asked back."""
    found = in_another_language(text, as_seen(now, zone), language)
    if found is None:
        return _asked_back(understand(text, now, zone, "en", habits), zone)
    at, timed = found
    if timed:
        return _asked_back(Exact(local(at.date(), at.time(), zone).at), zone)
    return _asked_back(Understood((Window(at.date(), at.date()),)), zone)


def _asked_back(meant: Meaning, zone: tzinfo) -> Meaning:
    """The same, to be asked about before anything is offered."""
    if isinstance(meant, Exact):
        at = as_seen(meant.at, zone)
        meant = Understood((Window(at.date(), at.date(), at.time(), starts_by=at.time()),))
    return replace(meant, certain=False, ask=Why.WORDS) if isinstance(meant, Understood) else meant


def _ready(said: list[Unit]) -> list[Unit]:
    """Without words that change nothing, and "may" a month only where a number or "in" says so."""
    said = [unit for unit in said if unit.kind != "fill"]
    while said and said[-1].kind in ("pause", "dash"):
        said.pop()
    while said and said[0].kind in ("pause", "dash", "and", "or", "but"):
        said.pop(0)
    if [unit.kind for unit in said] == ["half"]:
        return [Unit("part", "morning" if said[0].value == "am" else "afternoon")]
    for at, unit in enumerate(said):
        if unit.kind == "month" and unit.value == 5:
            beside = {u.kind for u in (*said[max(0, at - 1) : at], *said[at + 1 : at + 2])}
            if not beside & _BESIDE_MAY:
                said[at] = Unit("unsure", "hedge")
        if unit.kind == "no":  # "no mornings" takes away; "no Tuesday is better" does not
            plural = at + 1 < len(said) and said[at + 1].kind in ("weekdays", "part")
            said[at] = Unit("not") if plural else Unit("unsure", "hedge")
        if unit.kind == "but" and _nothing_settled(said[:at]):
            said[at] = Unit("not")
    return said


def _nothing_settled(before: list[Unit]) -> bool:
    """Whether "but Wednesday" takes away from something general: any afternoon, next week."""
    return bool(before) and not any(unit.kind in _SETTLED for unit in before)


def _is_about_time(said: list[Unit]) -> bool:
    said_kinds = [unit.kind for unit in said]
    if any(kind in _ABOUT_TIME for kind in said_kinds):
        return not set(said_kinds) <= _LENGTHS
    if any(u.kind == "unsure" and u.value != "hedge" for u in said):
        return True
    return any(first in _BEFORE_AN_HOUR and then == "number" for first, then in pairwise(said_kinds))


def _read(said: list[Unit], moment: Moment) -> list[Unit]:
    """Days, limits and hours, and the words between them. Raises Asked where it may mean two things."""
    said = rewritten(said, hours.BEFORE_DAYS, moment)
    said = _not_before(said)
    said = rewritten(said, days.DATES, moment)
    said = rewritten(said, hours.AFTER_DAYS, moment)
    for unit in said:
        if unit.kind == "unsure":
            why, readings = unit.value if isinstance(unit.value, tuple) else (unit.value, ())
            raise Asked(Why.VAGUE if why == "hedge" else Why(why), *readings)
    if any(unit.kind in ("on", "in") and after in (*APART, "") for unit, after in _with_next(said)):
        raise Asked(Why.WORDS)
    said = [unit for unit in said if unit.kind not in _LEFT_OUT]
    if any(unit.kind not in _READ for unit in said):
        raise Asked(Why.WORDS)
    if not said:
        raise Asked(Why.VAGUE)
    return said


def _with_next(said: list[Unit]) -> list[tuple[Unit, str]]:
    """Each unit with the kind of the one after it."""
    return list(zip(said, [*(unit.kind for unit in said[1:]), ""], strict=True))


def _not_before(said: list[Unit]) -> list[Unit]:
    """ "But not before ten" is one limit, not something taken away."""
    limits = ("not_before", "not_after")
    return [unit for unit, after in _with_next(said) if not (unit.kind in ("but", "not") and after in limits)]


# ---- from units to windows ---------------------------------------------------------------------


def _meaning(said: list[Unit], moment: Moment, now: datetime, zone: tzinfo) -> Meaning:
    if [unit.kind for unit in said] == ["instant"]:
        later = now.astimezone(UTC) + said[0].value
        return Exact(later.astimezone(zone).replace(second=0, microsecond=0))
    yes, no = _parted(said)
    wanted = spread([one for one in ones(yes) if not one.bare])
    found = [_window(one, some, moment) for one in wanted for some in _days_of(one, moment)]
    if not wanted:
        found = [Window(moment.today, moment.ahead(moment.today))]
    instants = [w for w in found if w.opens is not None and w.opens == w.starts_by and w.first == w.last]
    for window in instants:
        _checked(window, now, zone)
    excluded = tuple(_taken_away(one, some, moment) for one in ones(no) for some in _days_of(one, moment))
    if len(found) == len(instants) == 1 and not excluded:
        window = found[0]
        return Exact(local(window.first, window.opens or time(), zone).at)
    ahead = [piece for window in found for piece in _ahead(window, moment)]
    excluded += tuple(
        _midday_run(one, some) for one in wanted for some in _days_of(one, moment) if _run_of(one)
    )
    if not ahead:
        raise Asked(Why.GONE)
    meant = Understood(tuple(dict.fromkeys(ahead)), excluded)
    if not any(spans(day, meant) for window in meant.windows for day in window.days()):
        raise Asked(Why.VAGUE)
    return meant


def _parted(said: list[Unit]) -> tuple[list[Unit], list[Unit]]:
    """What would suit, and what would not. A list after "not" ends where the sentence does."""
    row = [unit.kind for unit in said]
    if "not" not in row:
        if "but" in row and not _a_limit(said[row.index("but") + 1 :]):
            raise Asked(Why.VAGUE)
        return [u for u in said if u.kind != "but"], []
    at = row.index("not")
    yes, no = said[:at], said[at + 1 :]
    if any(u.kind in ("pause", "but", "instant", "clock", "anytime") for u in no) or not no:
        raise Asked(Why.VAGUE)
    while yes and yes[-1].kind in (*APART, "but"):
        yes = yes[:-1]
    return [u for u in yes if u.kind != "but"], [Unit("or") if u.kind == "not" else u for u in no]


def _a_limit(said: list[Unit]) -> bool:
    return bool(said) and said[0].kind in ("after_clock", "before_clock", "times")


def _days_of(one: One, moment: Moment) -> list[Days]:
    return one.days or [Days(moment.today, moment.ahead(moment.today))]


# ---- hours of one time -------------------------------------------------------------------------


def _window(one: One, some: Days, moment: Moment) -> Window:
    """Its days with its hours. An hour without a day, or after "after Friday", is asked back."""
    times = times_of(one.limits)
    if times.starts_by is not None and times.opens == times.starts_by:
        if not one.days:
            raise Asked(Why.NO_DAY, *_next_at(times.opens, moment))
        if some.limited or (not some.one and some.weekdays is None):
            raise Asked(Why.WHICH_DAY)
    return Window(some.first, some.last, times.opens, times.closes, some.weekdays, times.starts_by)


def _next_at(hour: time | None, moment: Moment) -> list[Window]:
    hour = hour or time()
    first = moment.today if hour > moment.now.time() else moment.today + timedelta(days=1)
    return [Window(first, first, hour, starts_by=hour)]


# ---- ahead of now, and out of the way ----------------------------------------------------------


def _checked(window: Window, now: datetime, zone: tzinfo) -> None:
    """One instant must exist once and lie ahead."""
    found = local(window.first, window.opens or time(), zone)
    if found.clock is Clock.SKIPPED:
        raise Asked(Why.CLOCK_SKIPS, Exact(found.at))
    if found.clock is Clock.REPEATED:
        raise Asked(Why.CLOCK_REPEATS, Exact(found.at), Exact(found.at.replace(fold=1)))
    if found.at.astimezone(UTC) <= now.astimezone(UTC):
        raise Asked(Why.GONE)
    if window.opens is not None and not NIGHT_OVER <= window.opens < NIGHT_BEGINS:
        raise Asked(Why.WHICH_HALF, Exact(found.at))  # 12am is more often midday


def _ahead(window: Window, moment: Moment) -> list[Window]:
    """What of a window is left: today from now on, and the days after today."""
    if window.first > moment.today:
        return [window]
    found = []
    soonest = moment.now.replace(second=0, microsecond=0)
    if soonest < moment.now:
        soonest += timedelta(minutes=1)
    still = soonest.date() == moment.today and (window.closes is None or soonest.time() < window.closes)
    still = still and (window.starts_by is None or soonest.time() <= window.starts_by)
    if still and window.has_day(moment.today):
        opens = max(window.opens or time(), soonest.time())
        found.append(Window(moment.today, moment.today, opens, window.closes, None, window.starts_by))
    tomorrow = moment.today + timedelta(days=1)
    if window.last >= tomorrow:
        found.append(replace(window, first=tomorrow))
    return found


def _taken_away(one: One, some: Days, moment: Moment) -> Window:
    times = times_of(one.limits)
    if one.bare or (times.starts_by is not None):
        raise Asked(Why.VAGUE)
    return Window(some.first, some.last, times.opens, times.closes, some.weekdays)


def _run_of(one: One) -> tuple[time, time] | None:
    return next((u.value.but for u in one.limits if u.kind == "times" and u.value.but), None)


def _midday_run(one: One, some: Days) -> Window:
    opens, closes = _run_of(one) or (None, None)
    return Window(some.first, some.last, opens, closes, some.weekdays)
