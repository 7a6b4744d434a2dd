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
