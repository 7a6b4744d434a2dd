"""Our own British phrases are read right, and the words they are read with are listed once."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from benchmarks.date_phrases import as_days, outcome, phrases
from bot.appointments.tokens import WORDS as FILES
from bot.appointments.tokens import folded, units, vocabulary
from bot.appointments.when import NotATime, Unclear, understand
from bot.clock import LONDON

PHRASES = phrases()


def test_the_set_is_large_and_half_of_it_is_held_back():
    held = sum(phrase.held_back for phrase in PHRASES)
    assert len(PHRASES) >= 250
    assert 0.4 < held / len(PHRASES) < 0.6
    assert {p.now.date() for p in PHRASES} >= {date(2026, 10, 22), date(2027, 3, 24)}  # before both changes


def test_no_phrase_of_ours_is_taken_for_another_time():
    wrong = [p.text for p in PHRASES if outcome(p, understand(p.text, p.now, LONDON, p.language)) == "wrong"]
    assert wrong == []


def test_nearly_every_phrase_of_ours_is_understood():
    exact = [outcome(p, understand(p.text, p.now, LONDON, p.language)) == "exact" for p in PHRASES]
    assert sum(exact) >= 0.98 * len(exact)


def test_a_wrong_answer_to_a_phrase_would_be_seen():
    phrase = next(p for p in PHRASES if p.text == "Tues after 2")
    right = phrase.meant()
    assert outcome(phrase, right) == "exact"
    assert outcome(phrase, understand("Weds after 2", phrase.now)) == "wrong"
    assert outcome(phrase, understand("Tues at 3", phrase.now)) == "near"
    assert outcome(phrase, NotATime()) == "asked"
    assert as_days(right, phrase.now) == {date(2026, 10, 27): [(14 * 60, 24 * 60)]}


def test_words_are_listed_once():
    """A phrase with two meanings would be read by the later one, and nobody would see."""
    for path in FILES.glob("*.toml"):
        seen: dict[str, str] = {}
        for kind, entries in tomllib.loads(path.read_text("utf-8")).items():
            for key, listed in entries.items():
                for phrase in listed.split() if kind == "replace" else listed:
                    where = f"{kind}.{key}"
                    assert seen.setdefault(re.sub(r"\s+", " ", folded(phrase)), where) == where, phrase


SPELLINGS = [
    (wanted, spelling)
    for wanted in range(7)
    for words, unit in vocabulary("en").phrases.items()
    if unit.kind == "weekday" and unit.value == wanted
    for spelling in (" ".join(words),)
]


@pytest.mark.parametrize(("weekday", "spelling"), SPELLINGS)
def test_every_spelling_of_a_weekday_is_that_day(weekday, spelling):
    for today in range(7):
        now = datetime(2026, 11, 2 + today, 9, 0, tzinfo=LONDON)
        meant = understand(f"{spelling} after 2", now)
        if weekday == today:
            assert isinstance(meant, Unclear)
        else:
            assert {w.first.weekday() for w in meant.windows} == {weekday}
            assert all(0 < (w.first - now.date()).days < 7 for w in meant.windows)


@given(some.sampled_from([name for _, name in SPELLINGS if len(name) >= 6]), some.data())
def test_a_slip_of_the_thumb_in_a_weekday_is_that_day_or_unknown(name, data):
    at = data.draw(some.integers(1, len(name) - 2))
    left_out = name[:at] + name[at + 1 :]
    twice = name[:at] + name[at] + name[at:]
    swapped = name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :]
    slipped = data.draw(some.sampled_from([left_out, twice, swapped]))
    (right,), found = units(name, "en"), units(slipped, "en")
    assert len(found) == 1
    assert found[0] == right or found[0].kind in ("unknown", "fill", "weekdays")
