"""How soon a person must look at what was noticed."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How soon a person must look. The values are stored: never rename one."""

    DANGER_NOW = "danger-now"
    RISK = "risk"
    ABUSE = "abuse"
    WORRY = "worry"

    @property
    def rank(self) -> int:
        """Its place in the queue: the higher is seen to first."""
        return _RANK[self]

    @property
    def pages(self) -> bool:
        """Whether people are called at once; worry only moves the place in the queue."""
        return self is not Level.WORRY


_RANK = {Level.DANGER_NOW: 40, Level.RISK: 30, Level.ABUSE: 20, Level.WORRY: 10}
