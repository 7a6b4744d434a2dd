"""How sure one can be of a share, and of the difference between two: Wilson's and Newcombe's intervals.

Written here, in a dozen lines over `statistics.NormalDist`: a library of statistics would bring numpy and
a hundred megabytes for these two formulas. Held to the published worked examples by tests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or a difference of shares (1 is all), and what it may truly be."""

    value: float
    low: float
    high: float

    @property
    def differs(self) -> bool:
        """For a difference: whether none is outside what it may be."""
        return self.low > 0 or self.high < 0


def share(some: int, of: int, confidence: float = CONFIDENCE) -> Estimate:
    """`some` of `of` with Wilson's score interval.

    E. B. Wilson, J Am Stat Assoc 1927; 22: 209-212. Unlike the textbook one it is never below none or
    above all, and holds with small numbers. Raises ValueError where it is no share of anything.
    """
    if not 0 <= some <= of or of == 0:
        raise ValueError(f"{some} of {of} is no share")
    z, p = _z(confidence), some / of
    middle = p + z * z / (2 * of)
    spread = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    whole = 1 + z * z / of
    low = 0.0 if some == 0 else (middle - spread) / whole
    high = 1.0 if some == of else (middle + spread) / whole
    return Estimate(p, low, high)


def difference(some: int, of: int, less: int, of_these: int, confidence: float = CONFIDENCE) -> Estimate:
    """The share `some` of `of` less the share `less` of `of_these`, with Newcombe's hybrid score interval.

    R. G. Newcombe, Stat Med 1998; 17: 873-890, method 10: from the two Wilson intervals, without a
    correction for continuity. Raises ValueError like `share`.
    """
    one, other = share(some, of, confidence), share(less, of_these, confidence)
    value = one.value - other.value
    down = math.hypot(one.value - one.low, other.high - other.value)
    up = math.hypot(one.high - one.value, other.value - other.low)
    return Estimate(value, value - down, value + up)


@lru_cache(maxsize=16)
def _z(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)
