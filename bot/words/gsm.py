"""What a text costs: GSM 03.38 characters, segments, and words cut or split to fit."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import gsm0338  # noqa: F401 - its import makes the codec known
import regex

# The alphabet of GSM 03.38 (3GPP TS 23.038), taken once from the gsm0338 package's codec: two sets
# answer in a microsecond what encoding and catching an error takes a hundred for.
_SHIFT = 0x1B
BASIC = frozenset(bytes([code]).decode("gsm03.38") for code in range(128) if code != _SHIFT)
#: Sent as two septets: a shift and a character.
EXTENSION = frozenset(bytes([_SHIFT, code]).decode("gsm03.38", "ignore") for code in range(128)) - {""}
_ALL = BASIC | EXTENSION

# How many units fit alone, and in each part when there are several (a header takes the rest).
GSM_ALONE, GSM_PART = 160, 153
UCS2_ALONE, UCS2_PART = 70, 67

_GRAPHEMES = regex.compile(r"\X")
_NEAREST = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02b9\u02bb\u02bc\u00b4`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u00b7\u00ad", "-"),
    "\u00ad": "",  # soft hyphen: shown only where a line breaks
    "\t": " ",
    "\u2028": "\n",
    "\u2029": "\n",
    "\u2044": "/",
    "÷": "/",
    "×": "x",
    "©": "(c)",
    "®": "(r)",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "ħ": "h",
    "Ħ": "H",
    "ı": "i",
    "ŋ": "n",
    "Ŋ": "N",
    "œ": "oe",
    "Œ": "OE",
    "þ": "th",
    "Þ": "Th",
    "ŧ": "t",
    "Ŧ": "T",
    "ẞ": "SS",
    "ə": "e",
    "Ə": "E",
}
#: Categories that are left out: signs and emoji, marks, joiners, controls, what has no character yet.
_LEFT_OUT = {"So", "Sk", "Mn", "Me", "Mc", "Cf", "Cc", "Cs", "Co", "Cn"}


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM alphabet, so that 160 fit in a text."""
    return _ALL.issuperset(text)


def units(text: str) -> int:
    """How long it is as a text: septets when all of it is GSM, else UTF-16 units."""
    return len(text) + sum(map(text.count, EXTENSION)) if is_gsm(text) else _utf16(text)


def segments(text: str) -> int:
    """How many texts the carrier sends and charges for.

    160 septets alone, 153 in each of several; 70 and 67 UTF-16 units when any character is
    not GSM (twilio.com/docs/glossary/what-sms-character-limit). What takes two units (an
    extension character, an emoji) is never parted, so it may leave one unit of a part empty.
    """
    gsm, length = is_gsm(text), units(text)
    alone, part = (GSM_ALONE, GSM_PART) if gsm else (UCS2_ALONE, UCS2_PART)
    if length <= alone:
        return 1
    if length == len(text):
        return -(-length // part)
    parts, used = 1, 0
    for character in text:
        cost = (2 if character in EXTENSION else 1) if gsm else _utf16(character)
        if used + cost > part:
            parts, used = parts + 1, 0
        used += cost
    return parts


def fold(text: str) -> str:
    """The same words in GSM characters: straight quotes, letters without the marks GSM lacks.

    Emoji are left out; a letter of another script becomes "?". Takes any string at all.
    """
    if is_gsm(text):
        return text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    pieces = [_folded(c) for c in text]
    folded = "".join(pieces)
    return re.sub(r" {2,}", " ", folded) if "" in pieces else folded


def cheapest(text: str) -> str:
    """The spelling to send as a text: without the marks GSM lacks when that takes fewer segments.

    A text that costs no more with them keeps them ("Shwmae, sut dach chi? Dw i'n hapus yn fy
    nhŷ" is one segment either way), and so does one with letters of another script.
    """
    if is_gsm(text):
        return text
    folded = fold(text)
    if folded.count("?") > text.count("?") or segments(folded) >= segments(text):
        return text
    return folded


def cut(text: str, limit: int) -> str:
    """At most `limit` characters of it on one line, ending with "..." between words if cut.

    Runs of white space become one space. A first word longer than `limit` is cut between
    two characters as people see them, never inside one.
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    room = limit - 3
    if room <= 0:
        return "..."[: max(limit, 0)]
    end = 0
    for grapheme in _GRAPHEMES.finditer(text):
        if grapheme.end() > room:
            break
        end = grapheme.end()
    kept = text[:end]
    if not text[len(kept) :].startswith(" ") and " " in kept:
        kept = kept[: kept.rindex(" ")]
    return kept.rstrip(" ,;:-.") + "..."


def split(text: str, limit: int) -> list[str]:
    """It in parts of at most `limit`, between words, in order; no part is empty.

    Counted in UTF-16 units, the largest of the ways providers count, so a part is never
    more than `limit` characters either. Only a word too long for a part is parted, between
    two characters as people see them; and only such a character too long for a part is.
    """
    if limit < 2:
        raise ValueError("a part needs room for at least one character (2 units)")
    parts: list[str] = []
    part = ""
    for space, word in re.findall(r"(\s*)(\S+)", text):
        joined = part + space + word if part else word
        if _utf16(joined) <= limit:
            part = joined
            continue
        if part:
            parts.append(part)
        *whole, part = _in_pieces(word, limit)
        parts += whole
    return [*parts, part] if part else parts


def _in_pieces(word: str, limit: int) -> list[str]:
    if _utf16(word) <= limit:
        return [word]
    pieces, piece = [], ""
    for grapheme in _GRAPHEMES.findall(word):
        for unit in [grapheme] if _utf16(grapheme) <= limit else grapheme:
            if piece and _utf16(piece + unit) > limit:
                pieces.append(piece)
                piece = ""
            piece += unit
    return [*pieces, piece]


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if character in _ALL:
        return character
    if character in _NEAREST:
        return _NEAREST[character]
    simpler = unicodedata.normalize("NFKD", character)
    if simpler != character:
        return "".join(_folded(c) for c in simpler)
    category = unicodedata.category(character)
    if category.startswith("Z"):
        return " "
    return "" if category in _LEFT_OUT else "?"
