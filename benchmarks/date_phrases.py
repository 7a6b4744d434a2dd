"""Our own set of British phrases, in `dates/phrases.txt`, and whether a reading of one is right."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.appointments.habits import AHEAD_DAYS
from bot.appointments.when import Exact, Meaning, NotATime, Unclear, Understood, Window
from bot.appointments.windows import spans
from bot.clock import DAYS, LONDON

PHRASES = Path(__file__).parent / "dates" / "phrases.txt"

_WINDOW = re.compile(
    r"(?P<first>\*|\d{4}-\d\d-\d\d)(?P<to>\.\.(?P<last>\d{4}-\d\d-\d\d)?)?"
    r"(?: @ (?P<from>\d\d:\d\d)-(?P<by>\d\d:\d\d))?"
    r"(?: (?P<opens>\d\d:\d\d)?-(?P<closes>\d\d:\d\d)?)?"
    r"(?: on (?P<on>[a-z,]+))?$"
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """What was said, when (aware), in which language, and what it means; `held_back` from tuning."""

    text: str
    now: datetime
    language: str
    written: str

    @property
    def held_back(self) -> bool:
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 0

    @property
    def to_ask(self) -> bool:
        return self.written == "ask"

    @property
    def no_time(self) -> bool:
        return self.written == "no"

    def meant(self) -> Understood | Exact:
        """What is right, in the reader's own form. Raises ValueError for one to ask, or no time."""
        if self.to_ask or self.no_time:
            raise ValueError("nothing is right to act on")
        parts = self.written.split(" ; ")
        if len(parts) == 1 and parts[0].startswith("= "):
            return Exact(datetime.fromisoformat(parts[0][2:]).replace(tzinfo=LONDON))
        yes = tuple(_window(part, self.now) for part in parts if not part.startswith("not "))
        no = tuple(_window(part[4:], self.now) for part in parts if part.startswith("not "))
        return Understood(yes, no)


def phrases(path: Path = PHRASES) -> list[Phrase]:
    """Every phrase of the set, in order."""
    found, now = [], datetime.now(LONDON)
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            now = datetime.fromisoformat(line.strip("[]")).replace(tzinfo=LONDON)
        elif "=>" in line and not line.startswith("#"):
            text, _, written = (part.strip() for part in line.partition("=>"))
            language, text = ("cy", text[4:]) if text.startswith("cy: ") else ("en", text)
            found.append(Phrase(text, now, language, written))
    return found


def _window(written: str, now: datetime) -> Window:
    if written.startswith("= "):
        at = datetime.fromisoformat(written[2:])
        return Window(at.date(), at.date(), at.time(), starts_by=at.time())
    found = _WINDOW.match(written)
    if found is None:
        raise ValueError(f"{written!r} is not written as the file says")
    first = now.date() if found["first"] == "*" else date.fromisoformat(found["first"])
    open_ended = found["first"] == "*" or (found["to"] and not found["last"])
    last = first + timedelta(days=AHEAD_DAYS) if open_ended else first
    if found["last"]:
        last = date.fromisoformat(found["last"])
    weekdays = frozenset(DAYS.index(day) for day in found["on"].split(",")) if found["on"] else None
    opens = time.fromisoformat(found["from"] or found["opens"]) if found["from"] or found["opens"] else None
    closes = time.fromisoformat(found["closes"]) if found["closes"] else None
    return Window(
        first, last, opens, closes, weekdays, time.fromisoformat(found["by"]) if found["by"] else None
    )


def outcome(phrase: Phrase, said: Meaning) -> str:
    """exact; near (part of what was meant, nothing else); wrong; asked. Compared minute by minute."""
    if isinstance(said, NotATime):
        return "exact" if phrase.no_time else "asked"
    if isinstance(said, Unclear) or (isinstance(said, Understood) and not said.certain):
        return "exact" if phrase.to_ask else "asked"
    if phrase.to_ask or phrase.no_time:
        return "wrong"
    right, given = (as_days(meaning, phrase.now) for meaning in (phrase.meant(), said))
    if right == given:
        return "exact"
    within = all(
        any(a <= c and d <= b for a, b in right.get(day, ())) for day, some in given.items() for c, d in some
    )
    return "near" if within else "wrong"


def as_days(
    meaning: Understood | Exact, now: datetime, zone: ZoneInfo = LONDON
) -> dict[date, list[tuple[int, int]]]:
    """The minutes of each local day in which an appointment may begin, from now on; no empty days."""
    if isinstance(meaning, Exact):
        at = meaning.at.astimezone(zone)
        minute = at.hour * 60 + at.minute
        return {at.date(): [(minute, minute + 1)]}
    local = now.astimezone(zone)
    found = {}
    for day in sorted({day for window in meaning.windows for day in window.days()}):
        some = spans(day, meaning)
        if day == local.date():
            soonest = local.hour * 60 + local.minute
            some = [(max(a, soonest), b) for a, b in some if b > soonest]
        if some and day >= local.date():
            found[day] = some
    return found
