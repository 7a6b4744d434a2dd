"""Finding a service by words and by what one needs, in a directory held in memory that is always true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.directory.details import Schedule
from bot.directory.finding_words import mutations_of, stem, words_of
from bot.directory.places import where_is
from bot.directory.search import Snapshot, search
from bot.directory.services import Joining
from bot.directory.times import TIMES, sessions_of, times_in
from tests.support.local_services import a_service, closed, paused, snapshot

TOWN = (
    a_service(1, "Ashby Walking Group", wants=("company", "active"), free=True, when="TU 10:00-11:30",
              description="Gentle walks round the lake. Newcomers welcome."),
    a_service(2, "Grŵp Canu", at="LE67", languages=("cy", "en"), wants=("company", "learn"),
              when="TH 19:00-21:00", description="Canu gyda'n gilydd, a pharti bob Nadolig. Guitars too."),
    a_service(3, "Debt Advice", at="DE11", wants=("debt", "money"), joining=Joining.REFERRAL, free=True,
              when="MO,WE 09:30-16:00", description="Letters opened together. We walk you through it."),
    a_service(4, "Allotment Friends", wants=("active", "notice"), free=False, when="SA 14:00-16:00",
              description="Grow things, and have a cup of tea."),
    a_service(5, "Phone Friends", at="", online=True, wants=("company",),
              description="A weekly call from somebody who likes to talk."),
)  # fmt: skip


def names(found) -> list[str]:
    return [one.facts.name for one in found]


def found_by(words: str, **said) -> list[str]:
    return names(search(snapshot(*TOWN), words, **said))


# By words


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("walking", "Ashby Walking Group"),
        ("walks", "Ashby Walking Group"),
        ("I like a good walk", "Ashby Walking Group"),
        ("walikng", "Ashby Walking Group"),
        ("alotment", "Allotment Friends"),
        ("allotments", "Allotment Friends"),
        ("gardning or allotmant", "Allotment Friends"),
        ("guitarr", "Grŵp Canu"),
        ("DEBT", "Debt Advice"),
        ("letters", "Debt Advice"),
        ("grwp canu", "Grŵp Canu"),
        ("grŵp", "Grŵp Canu"),
        ("someone to talk to", "Phone Friends"),
    ],
)
def test_a_service_is_found_by_its_words_as_people_type_them(typed, first):
    assert found_by(typed)[0] == first


@pytest.mark.parametrize("typed", ["dw i eisiau ganu", "chanu", "nghanu", "canu", "hoffwn i ganu"])
def test_welsh_words_are_found_in_all_their_forms(typed):
    assert found_by(typed, language="cy") == ["Grŵp Canu"]


def test_a_welsh_form_in_the_entry_is_found_by_the_plain_word():
    # the entry says "pharti", which is "parti" after "a"
    assert found_by("parti", language="cy") == ["Grŵp Canu"]


def test_forms_of_welsh_words_are_not_looked_for_in_english_ones():
    town = snapshot(a_service(1, "Glass painting"), a_service(2, "Evening class"))
    assert names(search(town, "class")) == ["Evening class"]


@pytest.mark.parametrize("typed", ["", "the and of", "xyzzyx", "👍", "?!", "123456", "ქართული", "اردو"])
def test_words_that_say_nothing_find_nothing_or_everything(typed):
    found = found_by(typed)
    assert len(found) == (len(TOWN) if not typed.strip() else 0)


def test_a_name_says_more_than_a_description():
    assert found_by("walk") == ["Ashby Walking Group", "Debt Advice"]


def test_a_long_description_wins_nothing():
    wordy = a_service(1, "Everything centre", description="knitting and lunch and bingo and darts " * 50)
    plain = a_service(2, "Centre", description="knitting")
    found = search(snapshot(wordy, plain), "knitting")
    assert found[0].says == found[1].says


def test_a_word_that_most_services_have_says_little():
    many = [a_service(n, f"Group {n}", description="friendly") for n in range(1, 41)]
    one = a_service(99, "Quilting", description="friendly quilting")
    assert names(search(snapshot(*many, one), "friendly quilting"))[0] == "Quilting"


# By what one needs


def test_only_those_for_what_is_wanted():
    assert found_by("", want="company") == ["Ashby Walking Group", "Grŵp Canu", "Phone Friends"]
    assert found_by("walk", want="debt") == ["Debt Advice"]


def test_the_nearest_come_first_and_far_ones_not_at_all():
    near = where_is("LE65")
    assert found_by("", near=near)[-1] == "Phone Friends"  # nowhere, so last
    assert set(found_by("", near=near, within=2)) == {"Ashby Walking Group", "Allotment Friends"}


def test_a_distance_is_told():
    found = {one.facts.name: one.miles for one in search(snapshot(*TOWN), "", near=where_is("LE65"))}
    assert found["Ashby Walking Group"] == 0
    assert 3 < found["Grŵp Canu"] < 7
    assert found["Phone Friends"] is None


@pytest.mark.parametrize(
    ("time_of", "out"),
    [
        ("TU", {"Grŵp Canu", "Debt Advice", "Allotment Friends"}),
        ("morning", {"Grŵp Canu", "Allotment Friends"}),
        ("evening", {"Ashby Walking Group", "Debt Advice", "Allotment Friends"}),
        ("weekends", {"Ashby Walking Group", "Grŵp Canu", "Debt Advice"}),
    ],
)
def test_when_it_meets(time_of, out):
    # nobody said when Phone Friends is, so it may be then
    assert set(found_by("", time_of=time_of)) == {one.name for one in TOWN} - out


def test_free_language_and_joining():
    assert found_by("", free=True) == ["Ashby Walking Group", "Debt Advice"]
    assert found_by("", speaks="cy") == ["Grŵp Canu"]
    assert "Debt Advice" not in found_by("", self_joining=True)
    assert len(found_by("", self_joining=True)) == 4


def test_paused_closed_and_gone_services_are_not_held():
    gone = replace(TOWN[3], gone_from_source_at=datetime(2026, 3, 1, tzinfo=UTC))
    held = snapshot(TOWN[0], paused(TOWN[1]), closed(TOWN[2]), gone)
    assert names(search(held)) == ["Ashby Walking Group"]
    assert held.get(1).name == "Ashby Walking Group" and held.get(2) is None


@given(some.permutations(TOWN), some.sampled_from(["", "walk", "canu", "tea", "talk walk"]))
def test_the_order_services_are_read_in_changes_nothing(town, words):
    assert names(search(snapshot(*town), words)) == found_by(words)


@given(some.text(max_size=60))
def test_whatever_is_typed_is_searched_for(text):
    assert set(found_by(text)) <= {one.name for one in TOWN}


# Words


def test_words_are_plainly_spelt():
    assert words_of("Côr  Meibion, TŶ’R ysgol!") == ["cor", "meibion", "ty'r", "ysgol"]
    assert stem("gardening") == stem("gardens") == "garden"


@pytest.mark.parametrize(
    ("typed", "other"),
    [("ganu", "canu"), ("nghanu", "canu"), ("chanu", "canu"), ("canu", "ganu"), ("arddio", "garddio"),
     ("garddio", "arddio"), ("bobl", "pobl"), ("phobl", "pobl"), ("ferched", "merched"),
     ("lyfrau", "llyfrau"), ("ddarllen", "darllen"), ("nhref", "tref"), ("goginio", "coginio")],
)  # fmt: skip
def test_a_welsh_word_has_many_beginnings(typed, other):
    assert other in set(mutations_of(typed))


# Times


@pytest.mark.parametrize(
    ("typed", "times"),
    [
        ("Tuesday mornings", {"TU", "morning"}),
        ("any weekday afternoon really", {"weekdays", "afternoon"}),
        ("nos Iau", {"TH", "evening"}),
        ("dydd Llun yn y bore", {"MO", "morning"}),
        ("at the weekend", {"weekends"}),
        ("whenever", set()),
        ("I am free any time", set()),
        ("10am or 2 p.m.", {"morning", "afternoon"}),
        ("sat morning", {"SA", "morning"}),
        ("I sat in the sun all day", set()),
        ("not mornings", set()),
        ("mornings, not evenings", {"morning"}),
        ("mornings not evenings", {"morning"}),
        ("any time but not Mondays or Tuesdays", set()),
        ("Mondays are no good, Tuesdays are", {"TU"}),
        ("I can't do weekends", set()),
        ("bore Mercher ond nid bore Iau", {"WE", "morning"}),
        ("ddim yn y bore", set()),
        ("", set()),
    ],
)
def test_times_are_heard_as_people_write_them(typed, times):
    assert times_in(typed) == times
    assert times <= set(TIMES)


def test_a_session_is_in_every_part_of_the_day_it_fills():
    def parts(opens, closes):
        return {
            (s.day, s.part) for s in sessions_of([Schedule(byday="MO", opens_at=opens, closes_at=closes)])
        }

    assert parts("09:30", "16:00") == {("MO", "morning"), ("MO", "afternoon")}
    assert parts("11:30", "12:15") == {("MO", "morning")}  # a quarter of an hour is no afternoon
    assert parts("18:00", "") == {("MO", "evening")}
    assert parts("20:00", "01:00") == {("MO", "evening")}
    assert parts("", "") == {("MO", None)}


def test_a_monthly_day_and_a_day_named_by_a_date_are_days_too():
    monthly = sessions_of([Schedule(freq="MONTHLY", byday="2TU", opens_at="10:00")])
    dated = sessions_of([Schedule(dtstart=date(2026, 3, 5), opens_at="10:00")])
    assert [(s.day, s.part) for s in (*monthly, *dated)] == [("TU", "morning"), ("TH", "morning")]


def test_a_snapshot_of_nothing_is_a_snapshot():
    empty = Snapshot.of([])
    assert search(empty) == [] and search(empty, "walks", near=where_is("LE65")) == []
