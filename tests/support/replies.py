"""The project's own replies about appointments, `tests/data/appointment_replies.csv`, and how each was read.

Invented. Some of each language were written first and held back while the phrases were found.
`means` is a meaning, "late 10", "unsure" (to be asked back) or "none" (not about coming).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.appointments.replies import Reply, Said, understand_reply

DATA = Path(__file__).parents[1] / "data"
OWN = DATA / "appointment_replies.csv"
#: Written in other people's ways after the phrases were done, and never used to mend them.
BLIND = DATA / "appointment_replies_blind.csv"

#: What may become of one, best first. "dropped" is an appointment given up that was not meant to be.
OUTCOMES = ("right", "asked", "wrong", "dropped")


@dataclass(frozen=True)
class Labelled:
    """One reply and what it means. `asked` is what was asked before it, or None."""

    lang: str
    held_back: bool
    asked: str | None
    means: str
    minutes: int | None
    text: str

    def read(self) -> Reply:
        return understand_reply(self.text, self.lang, asked=self.asked)

    def outcome(self) -> str:
        """What became of it. Asked back, or given to a person, where it was plain, is no harm."""
        reply = self.read()
        said = "unsure" if reply.unsure else "none"
        if reply.meaning is not None:
            said = reply.meaning.value.replace("_", "-")
        if said == self.means and (self.minutes is None or reply.late_minutes == self.minutes):
            return "right"
        if reply.meaning is Said.CANNOT and self.means != "another-time":
            return "dropped"
        return "wrong" if reply.meaning else "asked"


def read(path: Path) -> list[Labelled]:
    """The replies of one file."""
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            means, _, minutes = row["means"].partition(" ")
            late = int(minutes) if minutes else None
            held_back, asked = row["held_back"] == "1", row["asked"] or None
            found.append(Labelled(row["lang"], held_back, asked, means, late, row["text"]))
    return found


def outcomes(replies: Iterable[Labelled]) -> Counter[str]:
    """How many came to what."""
    return Counter(reply.outcome() for reply in replies)
