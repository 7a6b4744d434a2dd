"""The project's own labelled messages, `tests/data/safety/*.csv`: invented, and half of them held back.

A message is held back by its own hash, so a new one falls on its side by itself. Patterns are written
against the open half only; what they make of the held-back half is the honest figure.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.safety.noticing import notice

FOLDER = Path(__file__).parents[1] / "data" / "safety"


@dataclass(frozen=True)
class Message:
    """One labelled message. `risky`: people should be called. `tier` is how openly it is said."""

    lang: str
    risky: bool
    category: str
    tier: str
    text: str

    @property
    def held_back(self) -> bool:
        return bool(hashlib.sha256(self.text.encode()).digest()[0] & 1)

    @property
    def kind(self) -> str:
        """Its category, and for a risky one how it is said: "suicide, implicit"."""
        return f"{self.category}, {self.tier}" if self.tier else self.category

    @property
    def pages(self) -> bool:
        """Whether what was noticed in it would call people."""
        noticed = notice(self.text)
        return noticed is not None and noticed.level.pages


def read(path: Path) -> list[Message]:
    """The messages of one file: lang,label,category,tier,text."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Message(row["lang"], row["label"] == "1", row["category"], row["tier"], row["text"])
            for row in csv.DictReader(file)
        ]


def everything() -> list[Message]:
    """All of the project's own."""
    return [message for path in sorted(FOLDER.glob("*.csv")) for message in read(path)]


def share(messages: Iterable[Message]) -> float:
    """The share of these that would call people."""
    results = [message.pages for message in messages]
    return sum(results) / len(results)


def by_kind(messages: Iterable[Message]) -> dict[str, list[Message]]:
    """They in groups, in the order they first come."""
    groups: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        groups[message.kind].append(message)
    return dict(groups)
