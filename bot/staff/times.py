"""Times as staff read them: "today at 4.30pm", "5pm tomorrow", "25 minutes"."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.words import dates


def day_words(day: date, today: date) -> str:
    """A day, from where we stand: today, yesterday, tomorrow, Monday 24 November, 3 March 2025."""
    near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get((day - today).days)
    if near:
        return near
    if abs((day - today).days) < 200:
        return f"{day:%A} {day.day} {day:%B}"
    return f"{day.day} {day:%B %Y}"


class Times:
    """Turns aware UTC instants into words, in one zone."""

    def __init__(self, zone: ZoneInfo):
        self.zone = zone

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def day(self, at: datetime, now: datetime) -> str:
        """The day of an instant: "today", "Monday 24 November"."""
        return day_words(self.local(at).date(), self.local(now).date())

    def moment(self, at: datetime, now: datetime) -> str:
        """Day and time: "today at 4.30pm"."""
        return f"{self.day(at, now)} at {self.hour(at)}"

    def by(self, at: datetime, now: datetime) -> str:
        """A time to do something by: "4.30pm", "5pm tomorrow", "9am Monday 24 November"."""
        day = self.day(at, now)
        return self.hour(at) if day == "today" else f"{self.hour(at)} {day}"

    def hour(self, at: datetime) -> str:
        """The time of day: "9am", "4.30pm", "midday"."""
        return dates.hour(at, "en", self.zone)

    def for_input(self, at: datetime | None) -> str:
        """A date as an <input type=date> holds it."""
        return f"{self.local(at):%Y-%m-%d}" if at else ""

    def time_for_input(self, at: datetime | None) -> str:
        """A time as an <input type=time> holds it."""
        return f"{self.local(at):%H:%M}" if at else ""

    def end_of_day(self, written: str) -> datetime | None:
        """A date from an <input type=date>, as the last minute of that day; None for an empty one.

        Raises ValueError when it is no date.
        """
        if not written.strip():
            return None
        day = date.fromisoformat(written.strip())
        return datetime.combine(day, time(23, 59), self.zone).astimezone(UTC)


def length(span: timedelta) -> str:
    """How long, in the largest unit that tells enough: "under a minute", "25 minutes", "2 days"."""
    minutes = int(abs(span).total_seconds() // 60)
    for size, word in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if count := minutes // size:
            return f"{count} {word}{'' if count == 1 else 's'}"
    return "under a minute"
