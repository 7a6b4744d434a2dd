"""Which numbers we text, and what we say of the others."""

from __future__ import annotations

import pytest

from bot.channels.numbers import NotAMobile, can_be_answered, mobile, whole


@pytest.mark.parametrize(
    "written",
    [
        "+447700900123",
        "07700900123",
        "07700 900 123",
        "+44 7700 900123",
        "0044 7700 900123",
        "(07700) 900-123",
        "+44 (0)7700 900123",
        " 07700 900123 ",
    ],
)
def test_a_mobile_is_known_however_it_is_written(written):
    assert mobile(written) == "+447700900123"


@pytest.mark.parametrize("island", ["+447624123456", "+447797123456", "+447781123456"])
def test_the_islands_have_mobiles_too(island):
    """The Isle of Man, Jersey, Guernsey."""
    assert mobile(island) == island


@pytest.mark.parametrize(
    ("number", "is_"),
    [
        ("01632 960001", "a landline"),
        ("+442079460000", "a landline"),
        ("0306 999 0123", "a landline"),
        ("07012 345678", "a personal number"),
        ("07612 345678", "a pager"),
        ("0800 1111 000", "a service number"),
        ("0909 879 0000", "a service number"),
        ("056 0000 0000", "an internet phone"),
        ("60777", "a short code"),
        ("85258", "a short code"),
        ("NHSNoReply", "a name"),
        ("ASHBY 1", "a name"),
        ("+353871234567", "a number from abroad"),
        ("+48500000123", "a number from abroad"),
        ("07700 9001", "not a whole phone number"),
        ("", "not a phone number"),
        ("+", "not a phone number"),
    ],
)
def test_what_is_not_a_mobile_is_named(number, is_):
    with pytest.raises(NotAMobile) as told:
        mobile(number)
    assert told.value.reason == is_
    assert not can_be_answered(number)


def test_the_reason_never_repeats_the_number():
    with pytest.raises(NotAMobile) as told:
        mobile("01632 960001")
    assert "960001" not in str(told.value)


def test_a_whole_number_of_any_country():
    assert whole("+48500000123") == "+48500000123"
    with pytest.raises(NotAMobile):
        whole("0850 123")
