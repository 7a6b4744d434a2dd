"""Phone numbers people may be texted on: UK mobiles, and why another is not one."""

from __future__ import annotations

import re

import phonenumbers

#: Two out of three numbers we see are already like this; asking phonenumbers costs 16 µs.
#: 070 is personal numbering and 076 is pagers, but 07624 is mobiles on the Isle of Man
#: (Ofcom, National Telephone Numbering Plan, Part A1).
_MOBILE = re.compile(r"^\+447(?:[1-57-9]\d{8}|624\d{6})$")
_WHOLE = re.compile(r"^\+[1-9]\d{6,14}$")  # ITU-T E.164

#: Whole numbers after which there is no phone to text: what they begin with, and what they are.
_KINDS = (
    ("70", "a personal number"),
    ("76", "a pager"),
    ("1", "a landline"),
    ("2", "a landline"),
    ("3", "a landline"),
    ("5", "an internet phone"),
    ("8", "a service number"),
    ("9", "a service number"),
)


class NotAMobile(ValueError):
    """Not a number we may text. `reason` says what it is instead: "a landline", "a name".

    The number itself is never in its text.
    """

    def __init__(self, reason: str):
        super().__init__(f"that is {reason}, not a UK mobile")
        self.reason = reason


def mobile(raw: str, region: str = "GB") -> str:
    """The UK mobile someone gave, as +447…, however they wrote it.

    Taken: mobiles of the UK, the Isle of Man, Jersey and Guernsey. Ranges not yet given out are
    taken too, since Ofcom opens new ones. `region` is where a number without +44 is from.

    Raises NotAMobile with its reason: a landline would have our words read aloud by a machine
    (Twilio does not refuse it), and a name or a short code cannot be answered.
    """
    if _MOBILE.match(raw):
        return raw
    words = raw.strip()
    if re.search(r"[A-Za-z]", words):
        raise NotAMobile("a name")
    try:
        number = phonenumbers.parse(words, region)
    except phonenumbers.NumberParseException:
        raise NotAMobile("not a phone number") from None
    if number.country_code != 44:
        raise NotAMobile("a number from abroad")
    digits = phonenumbers.national_significant_number(number)
    if 3 <= len(digits) <= 6:
        raise NotAMobile("a short code")
    whole = f"+44{digits}"
    if _MOBILE.match(whole):
        return whole
    if len(digits) in (9, 10):
        for start, kind in _KINDS:
            if digits.startswith(start):
                raise NotAMobile(kind)
    raise NotAMobile("not a whole phone number")


def whole(raw: str) -> str:
    """A phone number of any country, complete with its +. Raises NotAMobile."""
    if not _WHOLE.match(raw):
        raise NotAMobile("not a whole phone number")
    return raw


def can_be_answered(address: str) -> bool:
    """Whether a text to whoever wrote from `address` would reach them."""
    try:
        mobile(address)
    except NotAMobile:
        return False
    return True
