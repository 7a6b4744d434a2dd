"""When somebody can come, in their own words: what is understood, what is asked back, what is no time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from bot.appointments.habits import Habits
from bot.appointments.tokens import vocabulary
from bot.appointments.when import Exact, NotATime, Unclear, Understood, Why, understand
from bot.appointments.windows import Window
from bot.clock import LONDON

#: A Thursday morning; the clocks go back on the Sunday after it.
NOW = datetime(2026, 10, 22, 10, 0, tzinfo=LONDON)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def said(text: str, now: datetime = NOW, language: str = "en", **habits) -> str:
    """What is understood, as a link worker would jot it down."""
    return jotted(understand(text, now, LONDON, language, Habits(**habits)))


def jotted(meant) -> str:
    match meant:
        case Exact():
            return f"{meant.at:%a %-d %b %H:%M}"
        case Unclear():
            return f"asked: {meant.why}"
        case NotATime():
            return "no time"
    yes = " or ".join(dict.fromkeys(_jotted(window) for window in meant.windows))
    no = " or ".join(dict.fromkeys(_jotted(window) for window in meant.excluded))
    return yes + (f" but not {no}" if no else "") + ("" if meant.certain else ", asked back")


def _jotted(window: Window) -> str:
    days = f"{window.first:%a %-d %b}"
    if window.last != window.first:
        days = f"{days} to {window.last:%a %-d %b}"
        if (window.last - window.first).days > 80:
            days = (
                "any day"
                if window.first <= NOW.date() + timedelta(days=1)
                else f"from {window.first:%a %-d %b}"
            )
    if window.weekdays is not None:
        days += " on " + " ".join(DAYS[n] for n in sorted(window.weekdays))
    if window.starts_by is not None:
        return f"{days} at {window.opens:%H:%M}" + (
            "" if window.opens == window.starts_by else f" to {window.starts_by:%H:%M}"
        )
    if window.opens and window.closes:
        return f"{days} {window.opens:%H:%M}-{window.closes:%H:%M}"
    return (
        days
        + (f" after {window.opens:%H:%M}" if window.opens else "")
        + (f" before {window.closes:%H:%M}" if window.closes else "")
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        # the words of the issue, as people type them
        ("Tues after 2", "Tue 27 Oct after 14:00"),
        ("the 3rd", "Tue 3 Nov"),
        ("3/11", "Tue 3 Nov"),
        ("3/4", "Sat 3 Apr"),
        ("a week on Friday", "Fri 30 Oct"),
        ("tomorrow morning", "Fri 23 Oct 06:00-12:00"),
        ("next week some time", "Mon 26 Oct to Sun 1 Nov"),
        ("half ten tomorrow", "Fri 23 Oct 10:30"),
        ("quarter past two Mon", "Mon 26 Oct 14:15"),
        ("quarter to three on monday", "Mon 26 Oct 14:45"),
        ("nxt weds @ 3", "Wed 28 Oct 15:00"),
        ("tmrw eve", "Fri 23 Oct 17:00-22:00"),
        ("2moro after 3", "Fri 23 Oct after 15:00"),
        # dates
        ("Tue 3 Nov 2.30pm", "Tue 3 Nov 14:30"),
        ("3rd of November at twenty past ten", "Tue 3 Nov 10:20"),
        ("14-18 dec", "Mon 14 Dec to Fri 18 Dec"),
        ("w/c 2/11", "Mon 2 Nov to Sun 8 Nov"),
        ("first monday in december", "Mon 7 Dec"),
        # several, and what is said once for all
        ("mon or tues morning", "Mon 26 Oct 06:00-12:00 or Tue 27 Oct 06:00-12:00"),
        ("tues morning or weds", "Tue 27 Oct 06:00-12:00 or Wed 28 Oct"),
        ("weds at 10 or 11", "Wed 28 Oct at 10:00 or Wed 28 Oct at 11:00"),
        ("2pm or 3pm mon", "Mon 26 Oct at 14:00 or Mon 26 Oct at 15:00"),
        ("next week, afternoons", "Mon 26 Oct to Sun 1 Nov 12:00-17:00"),
        ("Monday is best for me, mornings", "Mon 26 Oct 06:00-12:00"),
        ("could you do monday at 10?", "Mon 26 Oct 10:00"),
        # limits
        ("monday 10am to 12", "Mon 26 Oct 10:00-12:00"),
        ("tues between 2 and 4", "Tue 27 Oct 14:00-16:00"),
        ("fri b4 11", "Fri 23 Oct before 11:00"),
        ("tues but not before 10", "Tue 27 Oct after 10:00"),
        ("mon 2ish", "Mon 26 Oct at 13:30 to 14:30"),
        ("by tuesday", "Thu 22 Oct after 10:00 or Fri 23 Oct to Tue 27 Oct"),
        # slips of the thumb
        ("thrusday next week 11am", "Thu 29 Oct 11:00"),
        ("tommorow at half 9", "Fri 23 Oct 09:30"),
        ("mondy aftrnoon", "Mon 26 Oct 12:00-17:00"),
    ],
)
def test_what_people_type(text, meant):
    assert said(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("any afternoon but Wednesday", "12:00-17:00 but not any day on Wed"),
        ("not before school run", "any day after 09:15"),
        ("cant do mondays", "any day but not any day on Mon"),
        ("mornings only", "any day 06:00-12:00"),
        ("pm", "any day 12:00-17:00"),
        ("tuesdays and mondays after 1", "any day on Tue after 13:00 or any day on Mon after 13:00"),
        ("any time", "any day"),
    ],
)
def test_what_is_about_every_week_leaves_out_what_has_gone_today(text, meant):
    assert said(text).endswith(meant)
    assert "Thu 22 Oct after 09" not in said(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("next friday", Why.WHICH_DAY),  # tomorrow's, or the one after
        ("next weekend", Why.WHICH_DAY),
        ("thursday", Why.WHICH_DAY),  # it is Thursday
        ("the 22nd", Why.WHICH_DAY),  # it is the 22nd
        ("a week on thursday", Why.WHICH_DAY),
        ("mon at 7", Why.WHICH_HALF),
        ("after 8", Why.WHICH_HALF),
        ("mon 12am", Why.WHICH_HALF),
        ("10.12", Why.DATE_OR_TIME),
        ("3-4", Why.DATE_OR_TIME),
        ("mon 10 to 2", Why.DATE_OR_TIME),  # a stretch of time, or ten minutes to two
        ("mon 2", Why.DATE_OR_TIME),  # the 2nd is a Monday
        ("at 5", Why.NO_DAY),
        ("tues 28th", Why.DAYS_DISAGREE),
        ("31/11", Why.NO_SUCH_DAY),
        ("10/25", Why.NO_SUCH_DAY),  # nobody writes the month first here
        ("25:00 tomorrow", Why.NO_SUCH_DAY),
        ("yesterday", Why.GONE),
        ("last tuesday", Why.GONE),
        ("today at 9am", Why.GONE),
        ("5/1/26", Why.GONE),
        ("20/10", Why.FAR),  # two days ago, or in a year
        ("soon", Why.VAGUE),
        ("half term", Why.VAGUE),
        ("new year", Why.VAGUE),  # the day, or the weeks after it
        ("before school run", Why.VAGUE),  # the morning's, or the afternoon's
        ("maybe tuesday", Why.VAGUE),
        ("no tuesday is better", Why.VAGUE),
        ("next week on or tues", Why.WORDS),  # a word is missing
        ("not tues, weds", Why.VAGUE),  # weds too, or weds instead
        ("cant make tuesday but wednesday is fine", Why.VAGUE),
        ("tuesday is no good", Why.VAGUE),
        ("I work mon-wed", Why.VAGUE),
        ("my birthday is 3/11", Why.WORDS),
        ("room 12 at 2", Why.WORDS),
        ("after 7 days of rain", Why.VAGUE),
    ],
)
def test_what_may_mean_two_things_is_asked_back(text, why):
    meant = understand(text, NOW)

    assert isinstance(meant, Unclear)
    assert meant.why == why


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "hello",
        "yes please",
        "company",
        "i am 45",
        "my mum died",
        "3 kids",
        "07700 900123",
        "no thanks",
        "🙂",
        "?",
    ],
)
def test_what_is_about_something_else_is_no_time(text):
    assert said(text) == "no time"


def test_next_friday_is_asked_with_both_fridays():
    assert [w.first for w in understand("next friday", NOW).readings] == [
        date(2026, 10, 23),
        date(2026, 10, 30),
    ]


def test_next_friday_is_plain_when_this_weeks_has_gone():
    saturday = datetime(2026, 10, 24, 9, 0, tzinfo=LONDON)
    assert said("next friday", saturday) == "Fri 30 Oct"


def test_an_hour_without_a_day_is_asked_with_the_next_time_it_comes():
    (reading,) = understand("at 5", NOW).readings
    assert (reading.first, reading.opens) == (date(2026, 10, 22), time(17))


def test_after_midnight_tomorrow_may_be_the_day_that_has_begun():
    night = datetime(2026, 10, 23, 0, 40, tzinfo=LONDON)
    assert said("tomorrow", night) == "asked: which-day"
    assert said("tomorrow", night.replace(hour=4)) == "Sat 24 Oct"


@pytest.mark.parametrize(
    ("nation", "today", "text", "meant"),
    [
        ("england", date(2027, 3, 24), "after the bank holiday", date(2027, 3, 30)),
        ("scotland", date(2027, 3, 24), "after the bank holiday", date(2027, 3, 27)),
        ("england", date(2027, 7, 8), "after the bank holiday", date(2027, 8, 31)),
        (
            "northern-ireland",
            datetime(2027, 7, 8, 9, tzinfo=LONDON),
            "after the bank holiday",
            date(2027, 7, 13),
        ),
        ("england", date(2026, 12, 8), "after christmas", date(2026, 12, 26)),
        ("wales", date(2026, 12, 8), "bank holiday monday", date(2026, 12, 28)),
    ],
)
def test_bank_holidays_are_those_of_the_nation(nation, today, text, meant):
    understood = understand(
        text, datetime.combine(today, time(9), LONDON), LONDON, "en", Habits(nation=nation)
    )
    assert understood.windows[0].first == meant


def test_the_school_run_is_a_setting():
    late = ((time(8, 30), time(9, 45)), (time(15), time(16)))
    meant = understand("not before school run", NOW, LONDON, "en", Habits(school_run=late))
    assert meant.windows[-1].opens == time(9, 45)
    assert said("after the school run on monday", school_run=late) == (
        "Mon 26 Oct after 09:45 but not Mon 26 Oct 15:00-16:00"
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("dydd Mawrth am 2", "Tue 27 Oct 14:00"),
        ("yfory", "Fri 23 Oct"),
        ("bore yfory", "Fri 23 Oct 06:00-12:00"),
        ("ar ôl 2 dydd Mercher", "Wed 28 Oct after 14:00"),
        ("hanner awr wedi deg ddydd Llun", "Mon 26 Oct 10:30"),
        ("chwarter i dri ddydd Llun", "Mon 26 Oct 14:45"),
        ("y 3ydd o Dachwedd", "Tue 3 Nov"),
        ("3 Mawrth", "asked: which-day"),  # March or Tuesday: "mis" or "dydd" tells
        ("3 mis Mawrth", "Wed 3 Mar"),
        ("tuesday am 2", "Tue 27 Oct 14:00"),  # both languages at once
    ],
)
def test_welsh_as_it_is_typed(text, meant):
    assert said(text, language="cy") == meant


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("pl", "jutro o 14:00", "Fri 23 Oct at 14:00, asked back"),
        ("pl", "3 listopada", "Tue 3 Nov, asked back"),
        ("ro", "marți la 15:00", "Tue 27 Oct at 15:00, asked back"),
        ("pl", "tuesday 2pm", "Tue 27 Oct at 14:00, asked back"),
        ("pl", "wczoraj", "no time"),
        ("pl", "we wtorek po 14", "no time"),
    ],
)
def test_a_language_without_words_of_its_own_is_always_asked_back(language, text, meant):
    assert said(text, language=language) == meant


# ---- matching with free slots ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "start", "minutes", "suits"),
    [
        ("Tues after 2", "2026-10-27 14:00", 45, True),
        ("Tues after 2", "2026-10-27 13:45", 45, False),
        ("Tues after 2", "2026-10-28 14:00", 45, False),
        ("fri before 11", "2026-10-23 10:15", 45, True),
        ("fri before 11", "2026-10-23 10:30", 45, False),  # it would not be over
        ("mon 2ish", "2026-10-26 14:30", 60, True),
        ("weds at 10 or 11", "2026-10-28 10:30", 30, False),
        ("any afternoon but Wednesday", "2026-10-28 14:00", 30, False),
        ("any afternoon but Wednesday", "2026-10-29 14:00", 30, True),
        ("after the school run on monday", "2026-10-26 14:30", 30, False),  # it would run into the way home
    ],
)
def test_a_free_slot_suits_what_they_said(text, start, minutes, suits):
    begins = datetime.fromisoformat(start).replace(tzinfo=LONDON)
    meant = understand(text, NOW)
    assert meant.suits(begins.astimezone(UTC), begins + timedelta(minutes=minutes), LONDON) is suits


# ---- what always holds -------------------------------------------------------------------------

INSTANTS = some.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31), timezones=some.just(UTC))
WORDS = sorted({" ".join(words) for words in vocabulary("en").phrases} | {str(n) for n in range(0, 32)})
SENTENCES = some.lists(
    some.one_of(
        some.sampled_from(WORDS),
        some.sampled_from(
            ["3rd", "22nd", "3/4", "12/10", "2pm", "9.30", "14:00", "1430", "@", "-", ",", "&"]
        ),
    ),
    min_size=1,
    max_size=7,
).map(" ".join)
ZONES = some.sampled_from(
    [LONDON, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Pacific/Apia")]
)


@settings(max_examples=400)
@given(SENTENCES, INSTANTS, ZONES)
@example("today", datetime(2026, 10, 22, 22, 59, 59, tzinfo=UTC), LONDON)
@example("in an hour", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), LONDON)
@example("12 noon 31st december 2pm", datetime(2028, 2, 29, 12, tzinfo=UTC), LONDON)
def test_nothing_that_has_gone_by_is_ever_understood(text, now, zone):
    meant = understand(text, now, zone)
    local = now.astimezone(zone).replace(tzinfo=None)

    for one in meant.windows if isinstance(meant, Understood) else ():
        assert one.first <= one.last
        assert datetime.combine(one.first, one.closes or time.max) > local
        if one.first == local.date():
            assert datetime.combine(one.first, one.opens or time()) >= local
    if isinstance(meant, Exact):
        assert meant.at > now
        assert meant.at.tzinfo is zone


@given(some.text(max_size=60), INSTANTS)
def test_any_text_at_all_is_answered(text, now):
    assert isinstance(understand(text, now), Understood | Exact | Unclear | NotATime)


def test_a_part_of_the_day_beside_a_number_is_answered():
    assert said("morning 10") == "asked: no-day"


@given(SENTENCES, INSTANTS)
def test_capitals_spaces_and_a_full_stop_change_nothing(text, now):
    assert understand(f"  {text.upper()} .", now) == understand(text, now)


@given(some.dates(date(2026, 1, 2), date(2029, 12, 31)), some.integers(1, 290))
def test_a_date_ahead_is_read_day_first_however_it_is_written(today, ahead):
    now = datetime.combine(today, time(9), LONDON)
    on = today + timedelta(days=ahead)
    for written in (
        "{0.day}/{0.month}",
        "{0.day}/{0.month}/{0.year}",
        "{0:%-d %B}",
        "{0:%B %-d}",
        "{0:%a %-d %b %Y}",
    ):
        meant = understand(written.format(on), now)
        assert meant == Understood((Window(on, on),)), written


@given(some.dates(date(2026, 1, 2), date(2029, 12, 31)), some.integers(1, 290), some.integers(1, 6))
def test_a_weekday_that_disagrees_with_its_date_is_asked(today, ahead, off):
    now = datetime.combine(today, time(9), LONDON)
    on = today + timedelta(days=ahead)
    meant = understand(f"{on + timedelta(days=off):%A} {on:%-d %B}", now)
    assert isinstance(meant, Unclear)


def test_a_naive_now_is_refused():
    with pytest.raises(ValueError, match="aware"):
        understand("tomorrow", datetime(2026, 10, 22, 10))
