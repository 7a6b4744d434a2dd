"""The time, and the team's opening hours. Everything inside is aware UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """Where the time comes from, so that a test can say what time it is."""

    def now(self) -> datetime:
        """This instant, as aware UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SetClock:
    """A clock that stands still until it is moved. For tests, simulations and proofs."""

    def __init__(self, at: datetime):
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware instant")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def forward(self, **duration: float) -> None:
        """Move on by `timedelta(**duration)`."""
        self._at += timedelta(**duration)


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"^(\w{3})(?:-(\w{3}))?\s+(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$")
_SUBDIVISION = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern-ireland": "NIR"}


@lru_cache(maxsize=8)
def bank_holidays(nation: str) -> holidays.HolidayBase:
    """The nation's bank holidays, by date."""
    return holidays.country_holidays("GB", subdiv=_SUBDIVISION[nation])


@dataclass(frozen=True)
class OpeningHours:
    """When the team is there: local times by weekday, closed on the nation's bank holidays.

    Written "Mon-Fri 09:00-17:00; Sat 10:00-12:00". `nation` is one of england, wales,
    scotland, northern-ireland.
    """

    spans: tuple[tuple[tuple[time, time], ...], ...]
    zone: ZoneInfo = LONDON
    nation: str = "england"

    @classmethod
    def parse(cls, words: str, zone: ZoneInfo = LONDON, nation: str = "england") -> OpeningHours:
        """Read hours as an operator writes them. Raises ValueError saying what is wrong."""
        spans: list[list[tuple[time, time]]] = [[] for _ in DAYS]
        for part in (p.strip() for p in words.split(";") if p.strip()):
            m = _HOURS.match(part)
            if not m:
                raise ValueError(f"{part!r} is not like 'Mon-Fri 09:00-17:00'")
            first, last = m[1].lower(), (m[2] or m[1]).lower()
            if first not in DAYS or last not in DAYS:
                raise ValueError(f"{part!r} names no day we know (Mon to Sun)")
            opens, closes = time(int(m[3]), int(m[4])), time(int(m[5]), int(m[6]))
            if opens >= closes:
                raise ValueError(f"{part!r} closes before it opens")
            i, j = DAYS.index(first), DAYS.index(last)
            if j < i:
                raise ValueError(f"{part!r} runs backwards")
            for day in range(i, j + 1):
                spans[day].append((opens, closes))
        if not any(spans):
            raise ValueError("there are no hours in it")
        return cls(tuple(tuple(sorted(s)) for s in spans), zone, nation)

    def _on(self, day: date) -> list[tuple[datetime, datetime]]:
        if day in bank_holidays(self.nation):
            return []
        return [
            (
                datetime.combine(day, opens, self.zone).astimezone(UTC),
                datetime.combine(day, closes, self.zone).astimezone(UTC),
            )
            for opens, closes in self.spans[day.weekday()]
        ]

    def is_open(self, at: datetime) -> bool:
        """Whether someone is there at this instant."""
        return any(a <= at < b for a, b in self._on(at.astimezone(self.zone).date()))

    def next_opening(self, at: datetime) -> datetime:
        """When someone is next there: `at` itself when open. Aware UTC."""
        if self.is_open(at):
            return at
        day = at.astimezone(self.zone).date()
        for ahead in range(60):
            for opens, _ in self._on(day + timedelta(days=ahead)):
                if opens > at:
                    return opens
        raise ValueError("the team is never open")

    def closing(self, at: datetime) -> datetime:
        """When the team goes home: today's end if open now, else the next one's. Aware UTC."""
        at = self.next_opening(at)
        return next(b for a, b in self._on(at.astimezone(self.zone).date()) if a <= at < b)

    def after(self, at: datetime, minutes: float) -> datetime:
        """The instant when `minutes` of open time have passed since `at`. Aware UTC."""
        left = timedelta(minutes=minutes)
        while True:
            at = self.next_opening(at)
            closes = self.closing(at)
            if at + left <= closes:
                return at + left
            left -= closes - at
            at = closes

    def working_days_after(self, at: datetime, days: int) -> datetime:
        """The end of the `days`-th working day after `at`'s own day. Aware UTC."""
        day = at.astimezone(self.zone).date()
        while days > 0:
            day += timedelta(days=1)
            if self._on(day):
                days -= 1
        spans = self._on(day)
        return spans[-1][1] if spans else self.closing(at)
