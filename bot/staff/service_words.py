"""One service in words staff read: when, where, what it costs, and what was done to its entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.directory.details import Cost, Location, Schedule, ServiceDetails
from bot.directory.services import Event
from bot.staff import support_words, wording
from bot.staff.service_form import pounds
from bot.store.tables import Joining

_NTH = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "-1": "last"}

#: The fields of an entry, as its history names them.
FIELDS = {
    "name": "name", "organisation": "who runs it", "description": "what it is", "url": "web page",
    "email": "e-mail", "status": "state", "paused_until": "day to look again", "joining": "how to join",
    "fees": "what it costs", "free": "whether it is free", "eligibility": "whom it is for",
    "minimum_age": "youngest age", "maximum_age": "oldest age", "languages": "languages",
    "wants": "what it is good for", "eases": "what it makes easier", "accessibility": "access",
    "alert": "what to know now", "assured_on": "day it was checked", "places_left": "places left",
    "waiting_weeks": "weeks to wait", "online": "whether it is online", "locations": "places",
    "schedules": "times", "costs": "prices", "contacts": "contacts", "gone_from_source": "going on",
}  # fmt: skip

HAPPENED = {
    "added": "added it",
    "imported": "brought it in",
    "updated": "brought it up to date",
    "corrected": "put it right",
    "paused": "paused it",
    "closed": "closed it",
    "reopened": "opened it again",
    "assured": "checked it",
    "gone": "no longer has it",
    "back": "has it again",
    "follows source": "let the feed say it again",
}

#: What a check looked at.
CHECKED = {
    "link": "Web page",
    "phone": "Telephone",
    "postcode": "Postcode",
    "email": "E-mail",
    "assured": "Checked",
}


def when(one: Schedule) -> str:
    """A session in words: "Tuesdays and Fridays, 10am to midday", "first Monday of the month"."""
    words = [_days(one), _times(one)]
    return ", ".join(part for part in words if part) + (f" ({one.notes})" if one.notes else "") or one.notes


def _days(one: Schedule) -> str:
    days = [day for day in one.byday.split(",") if day]
    if not days:
        return ""
    if one.freq == "MONTHLY":
        named = [
            f"{_NTH.get(day[:-2].lstrip('+'), '')} {support_words.DAYS.get(day[-2:], day)}".strip()
            for day in days
        ]
        every = "of the month" if one.interval == 1 else f"of every {one.interval} months"
        words = f"{_listed(named)} {every}"
        return words[:1].upper() + words[1:]
    named = [f"{support_words.DAYS.get(day[-2:], day)}s" for day in days]
    return _listed(named) + (f", every {one.interval} weeks" if one.interval > 1 else "")


def _times(one: Schedule) -> str:
    opens, closes = clock(one.opens_at), clock(one.closes_at)
    return (
        f"{opens} to {closes}"
        if opens and closes
        else f"from {opens}"
        if opens
        else f"until {closes}"
        if closes
        else ""
    )


def clock(time: str) -> str:
    """A time of day as it is said: "10am", "2.30pm", "midday"."""
    if not time:
        return ""
    hour, minute = (int(part) for part in time.split(":"))
    if minute == 0 and hour in (0, 12):
        return "midnight" if hour == 0 else "midday"
    return f"{hour % 12 or 12}{f'.{minute:02}' if minute else ''}{'am' if hour < 12 else 'pm'}"


def where(one: Location) -> str:
    """A place in one line."""
    return ", ".join(dict.fromkeys(part for part in (one.name, one.address, one.town, one.postcode) if part))


def price(one: Cost) -> str:
    """A price: "Entry: £2.50"."""
    sum_ = "" if one.pence is None else "free" if one.pence == 0 else f"£{pounds(one.pence)}"
    return ": ".join(part for part in (one.option, sum_) if part) + (
        f" ({one.description})" if one.description else ""
    )


def ages(one: ServiceDetails) -> str:
    """From which to which age; empty when nobody said."""
    low, high = one.minimum_age, one.maximum_age
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"{low} and over" if low is not None else f"Up to {high}" if high is not None else ""


def good_for(one: ServiceDetails) -> str:
    """What it is good for: "company, being active"."""
    return ", ".join(support_words.want(code).lower() for code in one.wants)


def spoken(one: ServiceDetails) -> str:
    """The languages besides English: "Welsh, Polish"."""
    return ", ".join(wording.language(code) for code in one.languages)


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


# -- its history -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """One thing done to an entry: when, by whom, what; and each field that changed, before and after.

    `left` are the fields a feed says otherwise, and that stay as the team put them right: each with
    what the feed says.
    """

    at: datetime
    who: str
    what: str
    changed: list[tuple[str, str, str]]
    why: str
    left: list[tuple[str, str]]


def done(event: Event, names: Mapping[int, str]) -> Done:
    """One line of the history in words."""
    changed = [
        (FIELDS.get(name, name.replace("_", " ")), said(name, both[0]), said(name, both[1]))
        for name, both in event.details.get("changed", {}).items()
        if isinstance(both, list) and len(both) == 2
    ]
    if field := event.details.get("field"):
        changed.append((FIELDS.get(field, field), "", ""))
    what = HAPPENED.get(event.what, event.what)
    left = [
        (FIELDS.get(name, name.replace("_", " ")), said(name, both[1]))
        for name, both in event.details.get("left", {}).items()
    ]
    return Done(event.at, by(event.acting, names), what, changed, str(event.details.get("why") or ""), left)


def by(acting: str, names: Mapping[int, str]) -> str:
    """Who did it: a worker's name, or the feed."""
    kind, _, which = acting.partition(":")
    if kind == "staff" and which.isdigit():
        return names.get(int(which), "Someone who worked here")
    if kind == "import":
        return f"The feed {which}" if which else "An import"
    return {"system": "The computer", "timer": "The computer", "command": "An operator"}.get(
        kind, kind.capitalize()
    )


def said(name: str, value: Any) -> str:
    """A field's value in words, short; empty for none."""
    if value in (None, "", [], ()):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in ("wants", "eases"):
        words = support_words.WANTS if name == "wants" else support_words.EASES
        return ", ".join(words.get(code, code) for code in value)
    if name == "languages":
        return ", ".join(wording.language(code) for code in value)
    if name == "status":
        return {code.value: words for code, (words, _) in support_words.STATUS.items()}.get(
            value, value
        ).lower()
    if name == "joining" and value in list(Joining):
        return support_words.JOINING[Joining(value)].lower()
    if name in ("assured_on", "paused_until"):
        return day(date.fromisoformat(value))
    if isinstance(value, list):
        return "; ".join(_part(name, one) for one in value)
    if isinstance(value, dict):
        return _part(name, value)
    words = str(value)
    return words if len(words) <= 120 else f"{words[:117]}…"


def _part(name: str, one: Any) -> str:
    if not isinstance(one, dict):
        return str(one)
    kinds = {"locations": (Location, where), "schedules": (Schedule, when), "costs": (Cost, price)}
    if name in kinds:
        kind, words = kinds[name]
        known = {
            k: v
            for k, v in one.items()
            if k in kind.__slots__ and k not in ("dtstart", "valid_from", "valid_to")
        }
        return words(kind(**known)) or ", ".join(map(str, one.values()))
    return ", ".join(str(value) for value in one.values())


def day(on: date) -> str:
    """A date: "3 March 2026"."""
    return f"{on.day} {on:%B %Y}"
