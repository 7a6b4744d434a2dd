"""Where a postcode is, as people type it, and how far places are apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.directory.places import Where, known, miles, outward_in, where_is

CODES = sorted(known())

#: What a first half may look like (Royal Mail, as in the cabinet office's BS7666 form).
FORM = re.compile(r"[A-Z]{1,2}[0-9]{1,2}|[A-Z]{1,2}[0-9][A-Z]")


def test_every_area_has_a_code_of_the_right_form():
    assert [code for code in CODES if not FORM.fullmatch(code)] == []


def test_the_whole_of_the_uk_is_there():
    assert 2900 < len(CODES) < 3050
    areas = {re.match("[A-Z]+", code)[0] for code in CODES}
    assert len(areas) == 121  # the postcode areas of the United Kingdom (Royal Mail)
    assert {"ZE", "HS", "KW", "TR", "BT", "LL", "NE", "CT"} <= areas


def test_every_area_is_in_the_uk():
    for code in CODES:
        where = known()[code]
        assert 49.8 < where.latitude < 60.9, code
        assert -8.2 < where.longitude < 1.8, code


@pytest.mark.parametrize(
    ("code", "latitude", "longitude"),
    [
        ("SW1A", 51.501, -0.142),  # Buckingham Palace
        ("EC4M", 51.514, -0.098),  # St Paul's
        ("EH1", 55.949, -3.200),  # Edinburgh Castle
        ("G2", 55.861, -4.257),  # Glasgow Central
        ("CF10", 51.482, -3.181),  # Cardiff Castle
        ("SA1", 51.621, -3.943),  # Swansea
        ("LL57", 53.228, -4.129),  # Bangor
        ("BT1", 54.597, -5.930),  # Belfast City Hall
        ("BT48", 54.997, -7.319),  # Derry
        ("M1", 53.478, -2.242),  # Manchester
        ("NE1", 54.974, -1.613),  # Newcastle upon Tyne
        ("LE65", 52.748, -1.473),  # Ashby-de-la-Zouch
        ("TR19", 50.066, -5.715),  # Land's End
        ("ZE1", 60.155, -1.145),  # Lerwick
        ("HS1", 58.209, -6.389),  # Stornoway
    ],
)
def test_known_places_are_where_they_are(code, latitude, longitude):
    assert miles(where_is(code), Where("", latitude, longitude)) < (6 if code == "TR19" else 2)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("SW1A", "EH1", 332),  # London, Edinburgh
        ("SW1A", "CF10", 131),  # London, Cardiff
        ("M1", "L1", 31),  # Manchester, Liverpool
        ("BS1", "CF10", 26),  # Bristol, Cardiff
        ("G1", "EH1", 42),  # Glasgow, Edinburgh
        ("BT1", "BT48", 61),  # Belfast, Derry
        ("LE1", "NG1", 22),  # Leicester, Nottingham
    ],
)
def test_distances_between_cities_are_about_right(one, other, apart):
    assert miles(where_is(one), where_is(other)) == pytest.approx(apart, abs=3)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("I live in ab12 3cd", "AB12"),
        ("AB123CD", "AB12"),
        ("ab12", "AB12"),
        ("ab 12", "AB12"),
        ("Le65 1ab.", "LE65"),
        ("le 65 1 ab", "LE65"),
        ("LE65 IAB", "LE65"),
        ("my postcode is eh1o 4bq", "EH10"),
        ("EH1O", "EH10"),
        ("eh1 OAA", "EH1"),
        ("s014 2aa", "SO14"),
        ("0X4 1AA", "OX4"),
        ("sw1a1aa", "SW1A"),
        ("SW1", "SW1"),
        ("w1", "W1"),
        ("e1 6an near the market", "E1"),
        ("l1", "L1"),
        ("cf10 3nb, ond yn symud i sa1", "CF10"),
        ("I was in M1 but now LE65 1AB", "LE65"),
        ("B1, or is it B2", "B1"),
    ],
)
def test_a_postcode_is_heard_as_people_type_it(typed, code):
    assert outward_in(typed) == code


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Ashby",
        "near the Co-op",
        "I am 67 and so is he",
        "so 14 years ago",
        "give me 3 days",
        "my 2 sons are at BB",
        "no",
        "ZZ1 1AA",
        "QQ",
        "07700 900123",
        "10 am",
        "👍",
        "\x00",
    ],
)
def test_other_words_are_no_postcode(typed):
    assert outward_in(typed) is None
    assert where_is(typed) is None


def test_sw1_is_the_middle_of_what_people_call_sw1():
    assert miles(where_is("SW1"), where_is("SW1A")) < 1.5
    assert miles(where_is("W1"), where_is("W1D")) < 1.5


def test_places_known_only_by_their_town_say_so():
    assert where_is("BT7").rough and where_is("BT92 1AB").rough
    assert not where_is("G1").rough


@given(some.sampled_from(CODES), some.from_regex(r"[0-9][ABDEFGHJLNPQRSTUWXYZ]{2}", fullmatch=True))
def test_any_whole_postcode_is_heard_however_it_is_spaced(code, inward):
    for typed in (f"{code} {inward}", f"{code}{inward}".lower(), f" it's {code}  {inward}, thanks"):
        assert outward_in(typed) == code


@given(some.sampled_from(CODES), some.sampled_from(CODES), some.sampled_from(CODES))
def test_distances_are_distances(a, b, c):
    a, b, c = known()[a], known()[b], known()[c]
    assert miles(a, a) == 0
    assert miles(a, b) == pytest.approx(miles(b, a))
    assert miles(a, c) <= miles(a, b) + miles(b, c) + 1e-9


@given(some.text(max_size=200))
def test_whatever_is_typed_gives_an_area_or_none(text):
    assert outward_in(text) is None or outward_in(text) in known()
