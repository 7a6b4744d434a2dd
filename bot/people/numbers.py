"""A telephone number, however it was written."""

from __future__ import annotations

import re

import phonenumbers

_LOOKS_LIKE_ONE = re.compile(r"^[\d\s()+./-]{7,24}$")


def as_number(words: str) -> str | None:
    """The number as +447…, when these words are one (British unless they say otherwise)."""
    if not _LOOKS_LIKE_ONE.match(words.strip()):
        return None
    try:
        number = phonenumbers.parse(words, "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def number_in(words: str) -> str | None:
    """The one telephone number in what somebody said: "it's 07700 900123, mornings". None for none or two."""
    if whole := as_number(words):
        return whole
    found = {
        match.raw_string
        for match in phonenumbers.PhoneNumberMatcher(words[:300], "GB", phonenumbers.Leniency.POSSIBLE)
    }
    return as_number(found.pop()) if len(found) == 1 else None
