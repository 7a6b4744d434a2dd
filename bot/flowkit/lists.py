"""What people choose from when they say what matters: read once from `flows/lists.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

_LISTS = tomllib.loads((Path(__file__).parents[2] / "flows" / "lists.toml").read_text(encoding="utf-8"))

#: The Five Ways to Wellbeing: connect, be active, take notice, keep learning, give.
FIVE_WAYS: tuple[str, ...] = tuple(_LISTS["wants"]["five_ways"])
#: Money, a home, work: what presses.
PRACTICAL: tuple[str, ...] = tuple(_LISTS["wants"]["practical"])
#: Everything somebody may want more of, or help with.
WANTS: tuple[str, ...] = FIVE_WAYS + PRACTICAL
#: What gets in the way.
BARRIERS: tuple[str, ...] = tuple(_LISTS["barriers"]["all"])
#: What would help them go.
HELPS: tuple[str, ...] = tuple(_LISTS["helps"]["all"])
#: Where and how they like to meet.
MEETING: tuple[str, ...] = tuple(_LISTS["meeting"]["all"])
