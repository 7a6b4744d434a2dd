"""When somebody may be written to of our own accord: not at night, and at the times they called good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from bot.appointments.when import understand
from bot.appointments.windows import Understood, spans
from bot.appointments.zones import local
from bot.clock import LONDON
from bot.people.quiet import QUIET_BEFORE, QUIET_FROM

#: A span of a day in minutes after midnight, local: from, and until but not at.
Span = tuple[int, int]

#: What is not quiet.
AWAKE: Span = (QUIET_BEFORE * 60, QUIET_FROM * 60)
#: Before an early appointment a reminder goes in the last hour of the evening, so that they see it.
LAST_HOUR = 60
#: A reminder that cannot go at its time goes at most so long before it.
AT_MOST_EARLIER = timedelta(days=3)

_DAY = 24 * 60
_WEEK = 7
#: Two weeks in winter, from a Sunday and from a Wednesday: a wish for always is the same in both.
_REFERENCES = (datetime(2026, 1, 4, 12, tzinfo=UTC), datetime(2026, 1, 14, 12, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class SafeHours:
    """The spans of each weekday (Monday first) in which they may be written to; inside what is not quiet."""

    days: tuple[tuple[Span, ...], ...]

    def on(self, day: date) -> tuple[Span, ...]:
        """The spans of this local day."""
        return self.days[day.weekday()]


def _every_day(*hours: Span) -> tuple[tuple[Span, ...], ...]:
    return (tuple(hours),) * _WEEK


#: Whenever it is not quiet.
ANY = SafeHours(_every_day(AWAKE))
MORNINGS = SafeHours(_every_day((AWAKE[0], 12 * 60)))
AFTERNOONS = SafeHours(_every_day((12 * 60, 17 * 60)))
#: They said something of their own that we cannot hold to: office hours, until a person has read it.
CAREFUL = SafeHours((((9 * 60, 17 * 60),),) * 5 + ((),) * 2)

_NAMED = {"": ANY, "any": ANY, "mornings": MORNINGS, "afternoons": AFTERNOONS}


def safe_hours(contact_plan: Mapping[str, Any], language: str = "en") -> SafeHours:
    """When this person may be written to, by the `times` of their contact plan.

    "any" (or nothing said), "mornings", "afternoons", or their own words ("after 2", "not Wednesdays").
    Own words that are not about every week, or that we do not understand, leave office hours.
    """
    times = str(contact_plan.get("times") or "").strip()
    known = _NAMED.get(times.casefold())
    return known if known is not None else _own_words(times, language)


def _own_words(words: str, language: str) -> SafeHours:
    """Their words as a week, if they mean the same week said on any day."""
    first, second = (_a_week(words, said_at, language) for said_at in _REFERENCES)
    if first is None or first != second or not any(first):
        return CAREFUL
    return SafeHours(first)


def _a_week(words: str, said_at: datetime, language: str) -> tuple[tuple[Span, ...], ...] | None:
    meant = understand(words, said_at, LONDON, language)
    if not isinstance(meant, Understood) or not meant.certain:
        return None
    week = {}
    for ahead in range(1, _WEEK + 1):
        day = said_at.date() + timedelta(days=ahead)
        inside = ((max(a, AWAKE[0]), min(b, AWAKE[1])) for a, b in spans(day, meant))
        week[day.weekday()] = tuple((a, b) for a, b in inside if a < b)
    return tuple(week[weekday] for weekday in range(_WEEK))


def is_safe(at: datetime, zone: tzinfo, hours: SafeHours = ANY) -> bool:
    """Whether the aware instant `at` lies in their hours, by the clock in `zone`."""
    here = at.astimezone(zone)
    minute = here.hour * 60 + here.minute
    return any(a <= minute < b for a, b in hours.on(here.date()))


def when_to_send(
    due_at: datetime,
    now: datetime,
    starts_at: datetime,
    *,
    zone: tzinfo,
    hours: SafeHours = ANY,
    latest: timedelta = timedelta(),
) -> datetime | None:
    """When something due at `due_at`, about what begins at `starts_at`, is to go; None: it is too late.

    Never before `now`, never outside `hours` in `zone`, and with at least `latest` left until it begins.
    It waits for the next of their hours where that leaves enough time; else it goes in the last hour
    before, at most AT_MOST_EARLIER early. All instants are aware; the answer is UTC.
    """
    at, last = max(due_at, now).astimezone(UTC), starts_at - latest
    if at > last:
        return None
    if is_safe(at, zone, hours):
        return at
    later = _next_span(at, last, zone, hours)
    return later if later is not None else _evening_before(at, now.astimezone(UTC), zone, hours)


def _next_span(at: datetime, last: datetime, zone: tzinfo, hours: SafeHours) -> datetime | None:
    """When the first of their spans after `at` begins, if it does by `last`."""
    day, end = at.astimezone(zone).date(), last.astimezone(zone).date()
    while day <= end:
        for span in hours.on(day):
            begins, _ = _instants(day, span, zone)
            if at < begins <= last:
                return begins
        day += timedelta(days=1)
    return None


def _evening_before(at: datetime, now: datetime, zone: tzinfo, hours: SafeHours) -> datetime | None:
    """In the last hour of their last span before `at`, if that is not over yet."""
    day = at.astimezone(zone).date()
    for back in range(AT_MOST_EARLIER.days + 1):
        for span in reversed(hours.on(day - timedelta(days=back))):
            begins, ends = _instants(day - timedelta(days=back), span, zone)
            if ends <= at:
                send = max(begins, ends - timedelta(minutes=LAST_HOUR), now)
                return send if send < ends and at - ends <= AT_MOST_EARLIER else None
    return None


def _instants(day: date, span: Span, zone: tzinfo) -> tuple[datetime, datetime]:
    begins, ends = (_instant(day, minute, zone) for minute in span)
    return begins, ends


def _instant(day: date, minute: int, zone: tzinfo) -> datetime:
    if minute >= _DAY:
        return _instant(day + timedelta(days=1), minute - _DAY, zone)
    return local(day, time(minute // 60, minute % 60), zone).at.astimezone(UTC)
