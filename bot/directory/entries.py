"""One entry of a feed or a file, as it was read: a service's details, or why it cannot be one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.directory.details import Problem, ServiceDetails, forgiven


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `row` is where it stood ("page 3", "line 14"); `source_id` is "" when it has none.

    Without `details` it was refused, and `why` says so. `notes` are what was left out of a good one.
    """

    row: str
    source_id: str
    details: ServiceDetails | None = None
    why: str = ""
    notes: tuple[Problem, ...] = ()


#: The longest id of a feed that we keep whole.
ID_MOST = 200


def entry(row: str, source_id: str, details: ServiceDetails, notes: tuple[Problem, ...] = ()) -> Entry:
    """A good entry, its odd values left out; or a refused one when what is left is no service."""
    if not source_id:
        return Entry(row, "", why="it has no id")
    if len(source_id) > ID_MOST:
        return Entry(row, source_id[:ID_MOST], why=f"its id is longer than {ID_MOST} characters")
    kept, problems = forgiven(details)
    if not kept.name:
        return Entry(row, source_id, why="it has no name")
    return Entry(row, source_id, kept, notes=(*notes, *problems))


# -- values as feeds write them ----------------------------------------------------------------


def words(value: Any) -> str:
    """Text, whatever was sent: a number is written out, anything else is nothing."""
    if isinstance(value, str):
        return value.replace("\0", "").strip()  # PostgreSQL takes no text with a nought in it
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def number(value: Any) -> float | None:
    """A number, also when it came as text. None for anything else, and for no number at all."""
    try:
        found = float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError):
        return None
    return found if found is not None and abs(found) < 1e12 else None


def whole(value: Any) -> int | None:
    """A whole number of a feed ("18", 18.0). None for anything else."""
    found = number(value)
    return int(found) if found is not None else None


def day(value: Any) -> date | None:
    """A day: ISO 8601, or as people here write it, with or without a time after it."""
    text = words(value)[:40]
    if not text:
        return None
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).date()
    except ValueError:
        pass
    for form in ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y"):
        for part in (text, text.split("T")[0], text.split(" ")[0]):
            try:
                return datetime.strptime(part, form).date()
            except ValueError:
                continue
    return None


def hour(value: Any) -> str:
    """A time as "09:30", from "09:30:00", "9.30", "09:30Z", "9am". Empty for none; odd ones as they came."""
    text = words(value).lower().replace(" ", "")
    if not text:
        return ""
    bare = text.replace(".", ":").rstrip("z").split("+")[0]
    half = bare[-2:] if bare[-2:] in ("am", "pm") else ""
    parts = bare.removesuffix(half).split(":")
    if not all(part.isdigit() for part in parts) or len(parts) > 3:
        return text
    hours, minutes = int(parts[0]), int(parts[1]) if len(parts) > 1 else 0
    if half and not 1 <= hours <= 12:
        return text
    hours = hours % 12 + 12 * (half == "pm") if half else hours
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else text


def each(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing when it is no list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def within(value: Any, name: str) -> Mapping[str, Any]:
    """The object called `name` in another; an empty one when it is not there."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}
