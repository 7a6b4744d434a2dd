"""Where a postcode is, from its first half, and how far two places are apart.

The first half ("AB12") names an area of some thousand homes, so a distance is right to a mile or two
and is always said with "about". Where the figures come from: `outward_codes.md`.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import asin, cos, dist, radians, sin, sqrt
from pathlib import Path

_FILE = Path(__file__).parent / "outward_codes.csv"

#: The mean radius of the Earth (IUGG), 6,371.0088 km, in miles of 1.609344 km.
EARTH_MILES = 3958.7613

#: What people type for another sign, or their phone puts there.
_SLIPS = {"O": "0", "0": "O", "I": "1", "L": "1", "1": "I"}
_INWARD = re.compile(r"\d[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Where:
    """A place in degrees (WGS 84). `rough`: known only by its town, so within the town it says nothing."""

    outward: str
    latitude: float
    longitude: float
    rough: bool = False


def where_is(postcode: str) -> Where | None:
    """Where a postcode is, whole or its first half, as people type it; None when we do not know it."""
    outward = outward_in(postcode)
    return known().get(outward) if outward else None


def outward_in(text: str) -> str | None:
    """The first half of the postcode in what somebody typed: "I live in ab12 3cd" gives "AB12".

    Spaces, lower case and O for 0 are forgiven, and the first half alone will do. Only an area that
    is really there counts, so "my 2 sons are at BB" is none. A whole postcode is taken before a half,
    and what needs no correcting before what does.
    """
    words = re.findall(r"[A-Z0-9'’]+", text.upper())
    joined = ("".join(words[at : at + n]) for at in range(len(words)) for n in (4, 3, 2, 1))
    wholes = [found for word in joined if (found := _of_a_whole(word))]
    halves = [found for word in [*words, "".join(words)] if (found := _meant(word))]
    found = wholes or halves
    return min(found, key=lambda meant: meant[1])[0] if found else None


def miles(a: Where, b: Where) -> float:
    """How far apart, in miles, as the crow flies (haversine on a sphere)."""
    north, south = radians(a.latitude), radians(b.latitude)
    across = sin(radians(b.longitude - a.longitude) / 2) ** 2
    arc = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * across
    return 2 * EARTH_MILES * asin(min(1.0, sqrt(arc)))


#: A point on a ball of radius 1: with these thousands of distances are found in a millisecond.
Spot = tuple[float, float, float]


def spot_of(where: Where) -> Spot:
    """Where that is on the ball."""
    latitude, longitude = radians(where.latitude), radians(where.longitude)
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)


def miles_between(a: Spot, b: Spot) -> float:
    """The same distance as `miles`, from the straight line between them."""
    return 2 * EARTH_MILES * asin(min(1.0, dist(a, b) / 2))


def _of_a_whole(word: str) -> tuple[str, int] | None:
    if not 5 <= len(word) <= 7:
        return None
    inward = word[-3].replace("O", "0").replace("I", "1") + word[-2:].replace("0", "O")
    meant = _meant(word[:-3]) if _INWARD.fullmatch(inward) else None
    return meant and (meant[0], meant[1] + _differ(inward, word[-3:]))


def _meant(word: str) -> tuple[str, int] | None:
    """The area this is, and after how many slips; it must hold a figure, or any word might be one."""
    if not 2 <= len(word) <= 4 or not re.search(r"\d", word):
        return None
    each = [(sign, _SLIPS[sign]) if sign in _SLIPS else (sign,) for sign in word]
    tried = ("".join(signs) for signs in product(*each))
    found = [(code, _differ(code, word)) for code in tried if code in known()]
    return min(found, key=lambda meant: meant[1]) if found else None


def _differ(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


@lru_cache(maxsize=1)
def known() -> dict[str, Where]:
    """Every area by its code. "SW1", which people say for SW1A to SW1Y, is the middle of those."""
    found: dict[str, Where] = {}
    parts: dict[str, list[Where]] = defaultdict(list)
    with _FILE.open(newline="", encoding="utf-8") as file:
        for code, latitude, longitude, of in list(csv.reader(file))[1:]:
            found[code] = Where(code, float(latitude), float(longitude), of == "town")
            if code[-1].isalpha():
                parts[code[:-1]].append(found[code])
    for code, there in parts.items():
        middle = (sum(w.latitude for w in there) / len(there), sum(w.longitude for w in there) / len(there))
        found.setdefault(code, Where(code, *middle))
    return found
