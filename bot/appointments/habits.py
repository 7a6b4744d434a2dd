"""The habits of our field: when a morning is, the school run, which half of the day an hour is in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time

#: Hours people say without a half: these are in the morning, those after noon. At 7 or 8 we ask.
IN_THE_MORNING = frozenset({9, 10, 11})
AFTER_NOON = frozenset({12, 1, 2, 3, 4, 5, 6})

Span = tuple[time | None, time | None]

#: When the afternoon and the evening begin is as in the directory of services.
PARTS: dict[str, Span] = {
    "morning": (time(6), time(12)),
    "afternoon": (time(12), time(17)),
    "evening": (time(17), time(22)),
    "tonight": (time(17), time(22)),
    "lunch": (time(12), time(14)),
    "first_thing": (time(6), time(10)),
    "last_thing": (time(16), time(18)),
    "daytime": (time(9), time(17)),
    "after_work": (time(17), None),
    "before_work": (None, time(9)),
}
EARLY: dict[str, Span] = {
    "morning": (time(6), time(10)),
    "afternoon": (time(12), time(14, 30)),
    "evening": (time(17), time(19)),
}
LATE: dict[str, Span] = {
    "morning": (time(10, 30), time(12)),
    "afternoon": (time(15), time(17, 30)),
    "evening": (time(19), time(22)),
}

#: How many minutes either side "about two" is.
ABOUT = 30
#: A date said without its year that is further off than this is more likely just gone.
FAR_DAYS = 300
#: How far "any time" reaches.
AHEAD_DAYS = 84
#: Between these nobody meets: an instant then is asked about.
NIGHT_BEGINS, NIGHT_OVER = time(22), time(6)
#: Until this hour "tomorrow" may be the day that has begun already.
NIGHT_ENDS = 4


@dataclass(frozen=True, slots=True)
class Habits:
    """What a deployer may set. The school run: when to be gone, and when to be back, twice a day."""

    school_run: tuple[tuple[time, time], tuple[time, time]] = (
        (time(8, 15), time(9, 15)),
        (time(14, 45), time(15, 45)),
    )
    nation: str = "england"
    parts: dict[str, Span] = field(default_factory=lambda: dict(PARTS))

    def span(self, part: str) -> Span:
        """When a part of the day is. The school run itself is the one in the morning."""
        there, back = self.school_run
        return {
            "school": (there[1], back[0]),
            "school_run": there,
            "before_school": (None, there[0]),
            "after_school": (back[1], None),
        }.get(part) or self.parts[part]


HABITS = Habits()


def half_of(hour: int) -> str | None:
    """The half of the day an hour is taken in when nobody said; None where that would be a guess."""
    return "am" if hour in IN_THE_MORNING else "pm" if hour in AFTER_NOON else None
