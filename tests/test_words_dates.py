"""Days and hours, as people say them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from bot.clock import LONDON
from bot.words import dates, gsm
from bot.words.languages import Languages

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("at", "english", "welsh"),
    [
        (datetime(2026, 3, 4, 23, 59, tzinfo=UTC), "today", "heddiw"),
        (datetime(2026, 3, 5, 0, 0, tzinfo=UTC), "tomorrow", "yfory"),
        (date(2026, 3, 6), "Friday", "dydd Gwener"),
        (date(2026, 3, 10), "Tuesday", "dydd Mawrth"),
        (date(2026, 3, 11), "Wednesday 11 March", "dydd Mercher 11 Mawrth"),
        (date(2026, 3, 3), "Tuesday 3 March", "dydd Mawrth 3 Mawrth"),
    ],
)
def test_days_are_said_as_people_say_them(at, english, welsh):
    assert dates.day(at, "en", LONDON, NOW) == english
    assert dates.day(at, "cy", "Europe/London", NOW) == welsh


def test_today_is_the_persons_today_not_greenwichs():
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # half past midnight in London
    assert dates.day(late, "en", LONDON, datetime(2026, 7, 1, 20, 0, tzinfo=UTC)) == "tomorrow"
    assert dates.hour(late, "en", LONDON) == "12.30am"


@pytest.mark.parametrize(
    ("at", "english", "welsh"),
    [
        (time(9), "9am", "9yb"),
        (time(9, 30), "9.30am", "9.30yb"),
        (time(12), "midday", "hanner dydd"),
        (time(12, 5), "12.05pm", "12.05yp"),
        (time(17), "5pm", "5yp"),
        (time(18), "6pm", "6yh"),
        (time(0), "midnight", "hanner nos"),
        (time(0, 1), "12.01am", "12.01yb"),
    ],
)
def test_hours_are_said_as_people_say_them(at, english, welsh):
    assert dates.hour(at, "en", LONDON) == english
    assert dates.hour(at, "cy", LONDON) == welsh


def test_a_moment_is_its_hour_and_its_day():
    assert dates.moment(datetime(2026, 3, 9, 9, tzinfo=UTC), "en", LONDON, NOW) == "9am Monday"
    assert dates.moment(datetime(2026, 3, 4, 17, tzinfo=UTC), "en", LONDON, NOW) == "5pm today"
    assert dates.moment(datetime(2026, 3, 9, 9, tzinfo=UTC), "cy", LONDON, NOW) == "9yb ddydd Llun"
    assert dates.moment(datetime(2026, 3, 4, 17, tzinfo=UTC), "cy", LONDON, NOW) == "5yp heddiw"
    assert dates.moment(datetime(2026, 3, 9, 9, tzinfo=UTC), "xx", LONDON, NOW) == "9am Monday"
    with pytest.raises(ValueError, match="aware"):
        dates.moment(datetime(2026, 3, 9, 9), "en", LONDON, NOW)


def test_every_english_day_and_hour_fits_a_text():
    for month in range(1, 13):
        for day in range(1, 8):
            assert gsm.is_gsm(dates.day(date(2030, month, day), "en", LONDON, NOW))


def test_every_offered_language_has_its_days_and_hours():
    written = dates.written()
    for code in Languages.load(ROOT / "locales").offered:
        assert written.get(code, {}).keys() >= written["en"].keys(), (
            f"locales/dates.toml lacks words in {code}"
        )
