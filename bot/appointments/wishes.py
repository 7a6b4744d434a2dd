"""What would suit somebody, and a free time that may be offered to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from bot.appointments.windows import Window
from bot.clock import LONDON
from bot.store.tables import Meeting


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time with one worker (aware UTC), how they would meet, and at which place if at one."""

    staff_id: int
    starts_at: datetime
    ends_at: datetime
    meeting: Meeting
    place_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody said would suit. None of `windows` is any time, no `meetings` any way, no `staff_ids`
    anyone people may book; where several are named, the first is wished for most.

    `zone` is where they are: windows are as their clock shows it. `excluded` are times that would not do.
    With `person_id`, what that person has on is left out, and a slot held for them is no hindrance.
    """

    windows: tuple[Window, ...] | None = None
    meetings: tuple[Meeting, ...] = ()
    staff_ids: tuple[int, ...] = ()
    kind: str = "other"
    zone: tzinfo = LONDON
    excluded: tuple[Window, ...] = ()
    person_id: int | None = None

    def suit(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether this is a time they said."""
        if self.windows is None and not self.excluded:
            return True
        start, end = (at.astimezone(self.zone).replace(tzinfo=None) for at in (starts_at, ends_at))
        if self.windows is not None and not any(w.holds(start, end) for w in self.windows):
            return False
        return not any(w.touches(start, end) for w in self.excluded)

    def span(self, day: date) -> tuple[time, time | None] | None:
        """From when until when anything they said can be on this day of theirs; None: not on it at all."""
        if self.windows is None:
            return time(), None
        there = [w for w in self.windows if w.has_day(day)]
        if not there:
            return None
        closes = [w.closes for w in there if w.closes is not None]
        return min(w.opens or time() for w in there), max(closes) if len(closes) == len(there) else None
