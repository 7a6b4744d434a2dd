"""Days in words: dates, weekdays, weeks and months, always the reading that lies ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from bot.appointments.feasts import FEASTS, holiday
from bot.appointments.habits import FAR_DAYS, NIGHT_ENDS
from bot.appointments.library import calendar_date, from_now
from bot.appointments.rules import Moment, Rule, day, of, rule, unsure, whole
from bot.appointments.tokens import Unit
from bot.appointments.windows import Why

DAY, WEEK = timedelta(days=1), timedelta(days=7)
WORKDAYS = frozenset(range(5))
WEEKEND = frozenset({5, 6})


def upcoming(weekday: int, after: date) -> date:
    """The next such weekday after a day."""
    return after + timedelta(days=(weekday - after.weekday() - 1) % 7 + 1)


def monday(of_day: date) -> date:
    """The Monday of its week."""
    return of_day - timedelta(days=of_day.weekday())


def month_ends(of_day: date) -> date:
    """The last day of its month."""
    return of_day + relativedelta(day=31)


# ---- dates -------------------------------------------------------------------------------------


def dated(number: int, month: int, year: int | None, moment: Moment) -> Unit:
    """A day of the calendar; a year that nobody said is the one that makes it lie ahead."""
    if year is not None:
        found = calendar_date(number, month, year)
        if found is None:
            return unsure(Why.NO_SUCH_DAY)
        if found < moment.today:
            return unsure(Why.GONE)
        return day(found) if found <= moment.today + timedelta(days=730) else unsure(Why.FAR, whole(found))
    years = (moment.today.year, moment.today.year + 1)
    found = next((d for y in years if (d := calendar_date(number, month, y)) and d >= moment.today), None)
    if found is None:
        return unsure(Why.NO_SUCH_DAY)
    if found > moment.today + timedelta(days=FAR_DAYS):
        return unsure(Why.FAR, whole(found))
    return day(found)


def _date_in_words(said: Sequence[Unit], moment: Moment) -> list[Unit] | None:
    number = of(said, "ord", "number", "nth")[0].value
    year = of(said, "year")
    return [dated(number, of(said, "month")[0].value, year[0].value if year else None, moment)]


def _date_in_digits(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    number, month, year = said[0].value
    return [dated(number, month, year, moment)]


def _two_dates(said: Sequence[Unit], moment: Moment) -> list[Unit] | None:
    first, last = (u.value for u in of(said, "ord", "number"))
    month, year = of(said, "month")[0].value, of(said, "year")
    start, end = (dated(n, month, year[0].value if year else None, moment) for n in (first, last))
    if "day" not in (start.kind, end.kind) or start.kind != end.kind:
        return [unsure(Why.WHICH_DAY)]
    if of(said, "or", "and") and said[0].kind != "between":
        return [start, Unit("or"), end]
    return [_stretch(start, end)]


def _stretch(start: Unit, end: Unit) -> Unit:
    if start.value.first > end.value.last:
        return unsure(Why.WHICH_DAY)
    return day(start.value.first, end.value.last)


def numbered(number: int, moment: Moment) -> Unit:
    """The next day of a month with this number; asked when that is today, or the coming month has none."""
    if not 1 <= number <= 31:
        return unsure(Why.NO_SUCH_DAY)
    if number == moment.today.day:
        later = moment.today + relativedelta(months=1)
        return unsure(Why.WHICH_DAY, whole(moment.today), whole(later))
    month = moment.today.replace(day=1) + relativedelta(months=number < moment.today.day)
    found = calendar_date(number, month.month, month.year)
    return day(found) if found else unsure(Why.NO_SUCH_DAY)


def _number_of_month(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    return [numbered(said[0].value, moment)]


def _number_of_named_month(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    month = moment.today + relativedelta(months=bool(of(said, "next")))
    return [dated(said[0].value, month.month, month.year, moment)]


def _numbers_of_month(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    start, end = (numbered(u.value, moment) for u in of(said, "ord"))
    return [_stretch(start, end) if start.kind == end.kind == "day" else unsure(Why.WHICH_DAY)]


def _named_and_dated(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    """A weekday and a date must be the same day: neither is believed over the other."""
    weekday, dates = of(said, "weekday")[0].value, of(said, "day", "ord", "nth")[0]
    if dates.kind != "day":
        dates = numbered(dates.value, moment)
        if dates.kind != "day":
            return [dates]
    if dates.value.first.weekday() == weekday:
        return [dates]
    return [unsure(Why.DAYS_DISAGREE, whole(dates.value.first))]


def _on_named_holiday(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    found = holiday(said[-1].value, moment)
    days = [found[0] + n * DAY for n in range((found[1] - found[0]).days + 1)] if found else []
    fit = [one for one in days if one.weekday() == said[0].value]
    return [day(fit[0]) if len(fit) == 1 else unsure(Why.DAYS_DISAGREE)]


def _nth_weekday(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    nth = of(said, "nth", "ord")
    weekday, months, years = of(said, "weekday")[0].value, of(said, "month"), of(said, "year")
    many = -1 if not nth else nth[0].value
    if months:
        year = years[0].value if years else moment.today.year
        first = date(year, months[0].value, 1)
        if month_ends(first) < moment.today and not years:
            first += relativedelta(years=1)
    else:
        first = moment.today.replace(day=1) + relativedelta(months=bool(of(said, "next")))
    found = (
        upcoming(weekday, first - DAY) + (many - 1) * WEEK
        if many > 0
        else upcoming(weekday, month_ends(first) - WEEK)
    )
    if found.month != first.month:
        return [unsure(Why.NO_SUCH_DAY)]
    return [day(found) if found >= moment.today else unsure(Why.GONE)]


# ---- days counted from now ---------------------------------------------------------------------


def _counted(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    if moment.now.hour < NIGHT_ENDS:
        return [
            unsure(Why.WHICH_DAY, *(whole(moment.today + timedelta(days=said[0].value - n)) for n in (1, 0)))
        ]
    return [day(moment.today + timedelta(days=said[0].value))]


def _weeks_after(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    """A week on Friday; Friday week; a fortnight tomorrow. On a Friday the first is asked back."""
    many = 2 if of(said, "fortnight") else next((u.value for u in of(said, "number")), 1)
    start = of(said, "day", "weekday")[0]
    if start.kind == "day":
        return [day(start.value.first + many * WEEK)]
    if start.value == moment.today.weekday():
        return [unsure(Why.WHICH_DAY, *(whole(moment.today + n * WEEK) for n in (many, many + 1)))]
    return [day(upcoming(start.value, moment.today) + many * WEEK)]


_UNITS = {"day_word": "day", "month_word": "month"}


def _in_so_long(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    many = 2 if of(said, "fortnight") else next((u.value for u in of(said, "number")), 1)
    name = next((name for kind, name in _UNITS.items() if of(said, kind)), "week")
    found = from_now(many, name, moment.now) if many < 100 else None
    if found is None or many == 0:
        return [unsure(Why.VAGUE)]
    if name == "day":
        return [day(found.date())]
    if name == "week":  # nobody counts weeks to the day
        return [day(monday(found.date()), monday(found.date()) + 6 * DAY)]
    return [day(found.date().replace(day=1), month_ends(found.date()))]


def _within(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    many = 2 if of(said, "fortnight") else next((u.value for u in of(said, "number")), 1)
    unit = next((name for kind, name in _UNITS.items() if of(said, kind)), "week")
    last = from_now(many, unit, moment.now) if 0 < many < 100 else None
    return [day(moment.today, last.date(), limited=True) if last else unsure(Why.VAGUE)]


# ---- weekdays ----------------------------------------------------------------------------------


def _weekday(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    weekday = said[-1].value
    if weekday == moment.today.weekday():
        return [unsure(Why.WHICH_DAY, whole(moment.today), whole(moment.today + WEEK))]
    if moment.now.hour < NIGHT_ENDS and weekday == (moment.today - DAY).weekday():
        return [unsure(Why.WHICH_DAY, whole(moment.today + 6 * DAY))]
    return [day(upcoming(weekday, moment.today), named=True)]


def _next_weekday(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    """Next Friday is the one in next week; asked where another Friday comes before it."""
    weekday = of(said, "weekday")[0].value
    first = upcoming(weekday, moment.today)
    in_next_week = monday(moment.today) + WEEK + timedelta(days=weekday)
    if first == in_next_week:
        return [day(first, named=True)]
    return [unsure(Why.WHICH_DAY, whole(first), whole(in_next_week))]


def _this_weekday(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    weekday = of(said, "weekday")[0].value
    found = upcoming(weekday, moment.today)
    if weekday == moment.today.weekday():
        return [unsure(Why.WHICH_DAY, whole(moment.today), whole(found))]
    if found > monday(moment.today) + 6 * DAY and moment.today.weekday() < 5:
        return [unsure(Why.WHICH_DAY, whole(found))]  # this Monday, said on a Tuesday
    return [day(found, named=True)]


def _weekday_of_week(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    weekday = of(said, "weekday")[0].value
    weeks = 2 if of(said, "week_after_next") else 0 if of(said, "this") else 1
    found = monday(moment.today) + weeks * WEEK + timedelta(days=weekday)
    return [day(found) if found >= moment.today else unsure(Why.GONE)]


def _weekdays_between(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    first, last = (u.value for u in of(said, "weekday"))
    if (first, last) == (0, 4):
        return [day(moment.today, moment.ahead(moment.today), weekdays=WORKDAYS)]
    if first == moment.today.weekday() or first >= last:
        return [unsure(Why.WHICH_DAY)]
    start = upcoming(first, moment.today)
    return [day(start, upcoming(last, start))]


def _recurring(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    found = said[-1]
    weekdays = found.value if found.kind == "weekdays" else frozenset({found.value})
    return [day(moment.today, moment.ahead(moment.today), weekdays=weekdays)]


# ---- weeks, months -----------------------------------------------------------------------------

#: Which days of a week, and of a month, its start, middle and end are.
_OF_WEEK = {"start_of": (0, 1), "early": (0, 1), "middle_of": (1, 3), "end_of": (3, 4), "late": (3, 4)}
_OF_MONTH = {
    "start_of": (1, 10),
    "early": (1, 10),
    "middle_of": (11, 20),
    "end_of": (21, 31),
    "late": (21, 31),
}


def _week(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    this = monday(moment.today)
    if of(said, "week_commencing"):
        start = of(said, "day")[0].value.first
        if start.weekday() in WEEKEND:  # the week it ends, or the one it begins?
            return [unsure(Why.WHICH_DAY, *(whole(monday(start) + n * WEEK) for n in (0, 1)))]
        return [day(monday(start), monday(start) + 6 * DAY)]
    weeks = 2 if of(said, "week_after_next") else 1 if of(said, "next") else 0
    if weeks == 0 and moment.today.weekday() == 6:
        return [unsure(Why.WHICH_DAY, whole(moment.today), whole(this + WEEK, this + 13 * DAY))]
    start = this + weeks * WEEK
    part = next((_OF_WEEK[u.kind] for u in said if u.kind in _OF_WEEK), (0, 6))
    first, last = (start + timedelta(days=n) for n in part)
    if of(said, "later_this_week"):
        first, last = moment.today + DAY, start + 6 * DAY
    return [day(max(first, moment.today), last) if last >= moment.today else unsure(Why.GONE)]


def _month(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    months, years = of(said, "month"), of(said, "year")
    this = moment.today.replace(day=1)
    if months:
        start = this.replace(month=months[0].value, year=years[0].value if years else this.year)
        if start < this and not years:
            start += relativedelta(years=1)
    else:
        start = this + relativedelta(months=bool(of(said, "next")))
    if start < this:
        return [unsure(Why.GONE)]
    if start > moment.today + timedelta(days=FAR_DAYS) and not years:
        return [unsure(Why.FAR)]
    part = next((_OF_MONTH[u.kind] for u in said if u.kind in _OF_MONTH), (1, 31))
    first, last = (start + relativedelta(day=n) for n in part)
    return [day(max(first, moment.today), last) if last >= moment.today else unsure(Why.GONE)]


def _weekend(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    saturday = monday(moment.today) + 5 * DAY
    if of(said, "next"):
        if moment.today < saturday:
            return [
                unsure(
                    Why.WHICH_DAY, *(whole(saturday + n * WEEK, saturday + n * WEEK + DAY) for n in (0, 1))
                )
            ]
        saturday += WEEK
    return [day(max(saturday, moment.today), saturday + DAY)]


# ---- limits ------------------------------------------------------------------------------------


def _limit(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    kind, days = said[0].kind, of(said, "day", "days")[0].value
    if kind == "after":
        return [day(days.last + DAY, moment.ahead(days.last + DAY), limited=True)]
    if kind in ("from", "not_before") or of(said, "onwards"):
        return [day(days.first, moment.ahead(days.first), limited=True)]
    last = days.first - DAY if kind == "before" else days.last
    return [day(moment.today, last, limited=True) if last >= moment.today else unsure(Why.GONE)]


def _span(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    first, last = of(said, "day", "days")
    if first.value.weekdays or last.value.weekdays or first.value.first > last.value.last:
        return [unsure(Why.WHICH_DAY)]
    return [day(first.value.first, last.value.last)]


def _not_weekday(said: Sequence[Unit], moment: Moment) -> list[Unit]:
    """Wednesday, when it does not suit, is every Wednesday."""
    return [*said[:-1], Unit("weekdays", frozenset({said[-1].value}))]


DATES: tuple[Rule, ...] = (
    rule("not on? this? weekday", lambda said, m: None if of(said, "this") else _not_weekday(said, m)),
    rule("weekdays (or|and) weekday", _not_weekday),
    rule("weekday pause? holiday", _on_named_holiday),
    rule("(nth|ord) weekday (in|of) month year?", _nth_weekday),
    rule("last weekday (in|of) month year?", _nth_weekday),
    rule("(nth|ord) weekday (in|of) next? month_word", _nth_weekday),
    rule("last weekday (in|of) next? month_word", _nth_weekday),
    rule("last (weekday|week|month_word|weekend)", lambda said, m: [unsure(Why.GONE)]),
    rule("between (number|ord) and (number|ord) of? month year?", _two_dates),
    rule("(from|between)? (number|ord) (to|dash|until) (number|ord) of? month year?", _two_dates),
    rule("(number|ord) (or|and) (number|ord) of? month year?", _two_dates),
    rule("month (number|ord) (to|dash|until) (number|ord) pause? year?", _two_dates),
    rule("(ord|nth) of? month pause? year?", _date_in_words),
    rule("number of? month pause? year?", _date_in_words),
    rule("month (ord|nth) pause? year?", _date_in_words),
    rule("month number (to|dash) clock", lambda said, m: [unsure(Why.DATE_OR_TIME)]),
    rule("month number pause? year?", _date_in_words),
    rule("(ord|number|nth) (in|of) (next|this) month_word", _number_of_named_month),
    rule("date", _date_in_digits),
    rule("weekday pause? on? day", _named_and_dated),
    rule("day pause? weekday", _named_and_dated),
    rule("weekday on? (ord|nth)", _named_and_dated),
    rule("from? ord (to|dash|until) ord", _numbers_of_month),
    rule("ord", _number_of_month),
    rule("rel", _counted),
    rule("(next|this) week pause? on? weekday", _weekday_of_week),
    rule("weekday of? (next|this) week", _weekday_of_week),
    rule("weekday pause? in? week_after_next", _weekday_of_week),
    rule("week_after_next pause? on? weekday", _weekday_of_week),
    rule("a? number? week (on|from)? (weekday|day)", _weeks_after),
    rule("a? fortnight (on|from)? (weekday|day)", _weeks_after),
    rule("(weekday|day) week", _weeks_after),
    rule("next weekday", _next_weekday),
    rule("weekday after_next", _next_weekday),
    rule("coming weekday", _weekday),
    rule("this weekday", _this_weekday),
    rule("weekday this", _this_weekday),
    rule("(between|from)? weekday (to|dash|until) weekday", _weekdays_between),
    rule("any weekday", _recurring),
    rule("any? weekdays", _recurring),
    rule("weekday", _weekday),
    rule("week_commencing day", _week),
    rule("in a? (week|day_word|month_word|fortnight) now?", _in_so_long),
    rule("in number (week|day_word|month_word)", _in_so_long),
    rule("number (week|day_word|month_word) now", _in_so_long),
    rule("within a? number? (week|day_word|month_word|fortnight)", _within),
    rule("(start_of|middle_of|end_of|early|late)? (next|this) week", _week),
    rule("week after_next", lambda said, m: _week([*said, Unit("next")], m)),
    rule("(middle_of|end_of|start_of) week", _week),
    rule("(week_after_next|later_this_week|rest_of_week)", _week),
    rule("(start_of|early|middle_of|end_of|late)? (next|this) month_word", _month),
    rule("(start_of|early|middle_of|end_of|late) (month|month_word) year?", _month),
    rule("in? month year?", _month),
    rule("(next|this)? weekend", _weekend),
    *FEASTS,
    rule("(between|from) (day|days) (and|to|until|dash) (day|days)", _span),
    rule("day (to|until|dash) day", _span),
    rule("(after|from|not_before|before|until|by|not_after) on? (day|days)", _limit),
    rule("(day|days) onwards", _limit),
)
