"""What people meet a link worker for: how long it takes, how they may meet, which reminders go before it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.store.tables import Meeting

_FILE = Path(__file__).with_name("kinds.toml")

#: What anything is that is not one of the others.
OTHER = "other"


class NoSuchKind(ValueError):
    """There is no kind of appointment by this name."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of appointment. `meetings` is empty where any way of meeting will do."""

    name: str
    minutes: int
    meetings: tuple[Meeting, ...]
    plan: str

    def may_be(self, meeting: Meeting) -> bool:
        """Whether people can meet in this way for it."""
        return not self.meetings or meeting in self.meetings


@lru_cache(maxsize=1)
def kinds() -> dict[str, Kind]:
    """Every kind by its name, in the order of the file."""
    found = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        name: Kind(name, one["minutes"], tuple(map(Meeting, one.get("meetings", ()))), one["plan"])
        for name, one in found.items()
    }


def kind_of(name: str) -> Kind:
    """This kind. Raises NoSuchKind."""
    try:
        return kinds()[name]
    except KeyError:
        raise NoSuchKind(f"{name!r} is none of {', '.join(kinds())}") from None
