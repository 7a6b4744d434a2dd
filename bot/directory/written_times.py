"""Times as people write them in a spreadsheet: "Mon 10:00-12:00; 2nd Tue 2-4pm; weekdays 9-5"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.directory.details import Problem, Schedule
from bot.directory.entries import hour

_FULL = {
    "monday": "MO", "tuesday": "TU", "wednesday": "WE", "thursday": "TH", "friday": "FR", "saturday": "SA",
    "sunday": "SU",
}  # fmt: skip
CODES = tuple(_FULL.values())
_DAYS = {
    **{said: code for name, code in _FULL.items() for said in (name, f"{name}s", name[:3])},
    "tues": "TU", "weds": "WE", "thur": "TH", "thurs": "TH",
}  # fmt: skip
_WHICH = {
    "1st": "1", "first": "1", "2nd": "2", "second": "2", "3rd": "3", "third": "3", "4th": "4", "fourth": "4",
    "5th": "5", "fifth": "5", "last": "-1",
}  # fmt: skip
_BETWEEN = {"and", "every", "on", "of", "the", "month", "each"}
_TIME = r"\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm)?"
_TIMES = re.compile(rf"(?P<opens>{_TIME})\s*(?:-|–|to|until)\s*(?P<closes>{_TIME})\s*$", re.I)
_FORTNIGHT = re.compile(r"\b(every other|every second|fortnightly|every two weeks)\b", re.I)


def schedules(said: str, notes: list[Problem]) -> Iterator[Schedule]:
    """Each part of `said` as a schedule; what is not understood is kept in its words, and noted."""
    for part in filter(None, (one.strip() for one in re.split(r"[;\n]", said))):
        found = _schedule(re.sub(r"\b(noon|midday)\b", "12pm", part, flags=re.I))
        if found is None:
            notes.append(Problem("when", f"{part[:60]!r} was kept as words: write it like Mon 10:00-12:00"))
        yield found or Schedule(notes=part)


def _schedule(part: str) -> Schedule | None:
    at = _TIMES.search(part)
    days = _days(_FORTNIGHT.sub("", part[: at.start()])) if at else []
    if not at or not days:
        return None
    closes = _clock(at["closes"])
    opens = _opens(at["opens"], at["closes"])
    interval = 2 if _FORTNIGHT.search(part) else 1
    freq = "WEEKLY" if days[0] in CODES else "MONTHLY"
    return Schedule(freq, interval, ",".join(days), opens, closes)


def _opens(opens: str, closes: str) -> str:
    """When it opens: of "2-4pm" 14:00, of "10-12pm" 10:00."""
    half = closes.strip().lower()[-2:]
    if half not in ("am", "pm") or opens.strip().lower()[-2:] in ("am", "pm"):
        return _clock(opens)
    same = hour(f"{opens}{half}")
    return same if same < hour(closes) else hour(f"{opens}am")


def _clock(said: str) -> str:
    """A time as "14:00". One to six, plainly written, are in the afternoon: "9-5", "1.30-3"."""
    found = hour(said)
    plain = re.fullmatch(r"[1-6]([:.]\d\d)?", said.strip())
    return f"{int(found[:2]) + 12}{found[2:]}" if plain else found


def _days(said: str) -> list[str]:
    """ "Mon, Wed and Fri", "Mon-Fri", "weekdays", "1st and 3rd Tuesday" in RFC 5545's letters."""
    text = said.casefold().strip(" ,:")
    whole = {"daily": CODES, "every day": CODES, "weekdays": CODES[:5], "weekends": CODES[5:]}.get(text)
    if whole:
        return list(whole)
    found: list[str] = []
    which: list[str] = []
    through = False
    for token in re.findall(r"\d?[a-z]+|-|–", text):
        if token in _WHICH:
            which.append(_WHICH[token])
        elif token in ("-", "–", "to"):
            through = bool(found)
        elif (code := _DAYS.get(token)) and through:
            first, last = CODES.index(found[-1][-2:]), CODES.index(code)
            found += [CODES[i % 7] for i in range(first + 1, last + 1 + 7 * (last < first))]
            through = False
        elif code:
            found += [f"{n}{code}" for n in which] or [code]
            which = []
        elif token not in _BETWEEN:
            return []
    weekly = {day in CODES for day in found}
    return found if len(weekly) == 1 and not which else []
