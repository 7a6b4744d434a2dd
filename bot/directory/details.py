"""What is known of a service, in Open Referral's words, and what cannot be right about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlsplit

from bot.flowkit.lists import BARRIERS, HELPS, WANTS
from bot.store.tables.directory import Joining, ServiceStatus

T = TypeVar("T")

#: What a service can do about what gets in the way. Not knowing what there is, a suggestion eases itself.
EASES: tuple[str, ...] = tuple(code for code in BARRIERS + HELPS if code != "not_knowing")

#: Longer than this is a whole web page pasted in.
TEXT_MOST = 5000
#: Places, times, costs or contacts of one service: a feed with more is broken.
PARTS_MOST = 100

_POSTCODE = re.compile(r"(GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]?)( \d[A-Z]{2})?")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DAYS = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who runs it. `id` is None until it is kept; `source_id` is its name in the feed it came from."""

    name: str
    description: str = ""
    url: str | None = None
    email: str | None = None
    id: int | None = None
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """Where it is. A postcode is written "AB1 2CD"; the outward half alone will do."""

    name: str = ""
    address: str = ""
    town: str = ""
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None
    accessibility: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When it is open. RFC 5545: `freq` WEEKLY or MONTHLY, `byday` "MO,WE" or "2TU"; local time "10:00"."""

    freq: str = "WEEKLY"
    interval: int = 1
    byday: str = ""
    opens_at: str = ""
    closes_at: str = ""
    dtstart: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What it costs: `pence` where that is one sum, otherwise described."""

    option: str = ""
    pence: int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ring or write to there."""

    name: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ServiceDetails:
    """A service as somebody describes it: a feed, a file or a link worker.

    `languages` are codes such as "cy"; `wants` and `eases` are codes of flows/lists.toml (`WANTS`,
    `EASES`); `free`, `places_left` and `waiting_weeks` are None where nobody said.
    """

    name: str
    organisation: Organisation | None = None
    description: str = ""
    url: str | None = None
    email: str | None = None
    status: ServiceStatus = ServiceStatus.ACTIVE
    joining: Joining = Joining.EITHER
    fees: str = ""
    free: bool | None = None
    eligibility: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    languages: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    eases: tuple[str, ...] = ()
    accessibility: str = ""
    alert: str = ""
    assured_on: date | None = None
    places_left: int | None = None
    waiting_weeks: int | None = None
    online: bool = False
    locations: tuple[Location, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    costs: tuple[Cost, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be right, and where. `why` is for whoever filled it in."""

    field: str
    why: str


class CannotBe(ValueError):
    """Details that cannot be kept as they are; `problems` says which and why."""

    def __init__(self, problems: list[Problem]):
        super().__init__("; ".join(f"{p.field}: {p.why}" for p in problems))
        self.problems = problems


#: The fields that are lists of parts, and what each part is.
PARTS: dict[str, type] = {"locations": Location, "schedules": Schedule, "costs": Cost, "contacts": Contact}
#: The fields that are columns of the service itself.
PLAIN: tuple[str, ...] = tuple(
    f.name for f in fields(ServiceDetails) if f.name not in PARTS and f.name != "organisation"
)
_LENGTHS = {
    "name": 300, "url": 500, "email": 200, "address": 500, "town": 120, "postcode": 10,
    "option": 200, "title": 200, "phone": 60, "byday": 40,
}  # fmt: skip


def tidied(details: ServiceDetails) -> ServiceDetails:
    """The same, written one way: spaces and unseen signs gone, postcodes and times in their usual form."""
    organisation = details.organisation
    if organisation is not None:
        organisation = _tidy(organisation) if organisation.name.strip() else None
    parts = {name: _parts(getattr(details, name)) for name in PARTS}
    codes = {name: tuple(dict.fromkeys(getattr(details, name))) for name in ("languages", "wants", "eases")}
    return replace(_tidy(details), organisation=organisation, **parts, **codes)


def _parts(parts: Iterable[T]) -> tuple[T, ...]:
    """Each part tidied; empty ones and repeats gone, the order kept."""
    tidy = (_tidy(part) for part in parts)
    return tuple(dict.fromkeys(part for part in tidy if part != type(part)()))


def _tidy(part: T) -> T:
    changed: dict[str, Any] = {}
    for one in fields(part):  # type: ignore[arg-type]
        value = getattr(part, one.name)
        if not isinstance(value, str) or isinstance(value, (ServiceStatus, Joining)):
            continue
        new = _UNSEEN.sub("", value).strip()
        if one.name == "postcode":
            new = postcode_of(new)
        elif one.name in ("byday", "freq"):
            new = new.upper().replace(" ", "")
        elif one.name in ("url", "email") and isinstance(part, (Organisation, ServiceDetails)):
            new = new or None  # type: ignore[assignment]
        if new != value:
            changed[one.name] = new
    return replace(part, **changed) if changed else part  # type: ignore[type-var]


def postcode_of(words: str) -> str:
    """A postcode as it is usually written, "AB1 2CD"; what is not one is given back in capitals."""
    squeezed = "".join(words.upper().split())
    whole = f"{squeezed[:-3]} {squeezed[-3:]}"
    return whole if len(squeezed) > 4 and _POSTCODE.fullmatch(whole) else squeezed[:60]


def outward_of(postcode: str) -> str:
    """The outward half: "AB1" of "AB1 2CD". Empty when there is none."""
    return postcode.split()[0] if _POSTCODE.fullmatch(postcode) else ""


def problems_of(details: ServiceDetails) -> list[Problem]:
    """Everything about `details` (tidied) that cannot be right. Empty when it may be kept."""
    found: list[Problem] = []

    def refuse(where: str, why: str) -> None:
        found.append(Problem(where, why))

    if not details.name:
        refuse("name", "a service needs a name")
    for where, part in _every_part(details):
        for name, why in _wrong_in(part):
            refuse(where or name, why)
    for where in ("minimum_age", "maximum_age", "places_left", "waiting_weeks"):
        number = getattr(details, where)
        most = 120 if where.endswith("age") else 520 if where == "waiting_weeks" else 100_000
        if number is not None and not 0 <= number <= most:
            refuse(where, f"should be a number from 0 to {most}")
    if None not in (details.minimum_age, details.maximum_age):
        if details.minimum_age > details.maximum_age:  # type: ignore[operator]
            refuse("maximum_age", "is less than the youngest age")
    for where, codes in (("wants", WANTS), ("eases", EASES)):
        if unknown := [code for code in getattr(details, where) if code not in codes]:
            refuse(where, f"not in our lists: {', '.join(unknown)}")
    if unknown := [code for code in details.languages if not _LANGUAGE.fullmatch(code)]:
        refuse("languages", f"should be codes such as cy or pl: {', '.join(unknown)}")
    for where in PARTS:
        if len(getattr(details, where)) > PARTS_MOST:
            refuse(where, f"are more than {PARTS_MOST}")
    return found


def forgiven(details: ServiceDetails) -> tuple[ServiceDetails, list[Problem]]:
    """The same, tidied, without what cannot be right; and what was left out, or cut to its length.

    For a feed, whose entries nobody here can correct. A name that is missing stays missing.
    """
    tidy = tidied(details)
    problems = problems_of(tidy)
    changed: dict[str, Any] = {}
    for where in dict.fromkeys(problem.field for problem in problems):
        value = getattr(tidy, where)
        if where in PARTS:
            changed[where] = tuple(_mended(part) for part in value[:PARTS_MOST])
        elif where == "organisation":
            changed[where] = _mended(value)
        elif where in ("wants", "eases"):
            changed[where] = tuple(code for code in value if code in (*WANTS, *EASES))
        elif where == "languages":
            changed[where] = tuple(code for code in value if _LANGUAGE.fullmatch(code))
        elif isinstance(value, str) and where not in ("url", "email"):
            changed[where] = value[: _LENGTHS.get(where, TEXT_MOST)]
        else:
            changed[where] = None
    return tidied(replace(tidy, **changed)) if changed else tidy, problems


def _mended(part: T) -> T:
    defaults = {f.name: f.default for f in fields(part)}  # type: ignore[arg-type]
    changed: dict[str, Any] = {}
    for name, _ in _wrong_in(part):
        value, most = getattr(part, name), _LENGTHS.get(name, TEXT_MOST)
        too_long = isinstance(value, str) and len(value) > most and name not in ("url", "email", "postcode")
        changed[name] = value[:most] if too_long else defaults[name]
    return replace(part, **changed)  # type: ignore[type-var]


def _every_part(details: ServiceDetails) -> Iterable[tuple[str, Any]]:
    yield "", details
    if details.organisation is not None:
        yield "organisation", details.organisation
    for name in PARTS:
        for part in getattr(details, name):
            yield name, part


def _wrong_in(part: Any) -> Iterable[tuple[str, str]]:
    for one in fields(part):
        value, name = getattr(part, one.name), one.name
        if value in (None, ""):
            continue
        if isinstance(value, str) and len(value) > (most := _LENGTHS.get(name, TEXT_MOST)):
            yield name, f"{name} is longer than {most} characters"
        elif name == "url" and not is_link(value):
            yield name, "is not a link such as https://example.org.uk"
        elif name == "email" and not _EMAIL.fullmatch(value):
            yield name, "is not an e-mail address"
        elif name == "postcode" and not _POSTCODE.fullmatch(value):
            yield name, f"{value} is not a UK postcode"
        elif name in ("opens_at", "closes_at") and not _TIME.fullmatch(value):
            yield name, f"{value} is not a time such as 09:30"
        elif name == "byday" and not _DAYS.fullmatch(value):
            yield name, f"{value} is not days such as MO,WE or 2TU"
        elif name == "freq" and value not in ("WEEKLY", "MONTHLY"):
            yield name, "should be WEEKLY or MONTHLY"
        elif name == "interval" and not 1 <= value <= 52:
            yield name, "interval should be from 1 to 52"
        elif name == "pence" and not 0 <= value <= 10_000_000:
            yield name, "cost should be from nothing to 100,000 pounds"
        elif name == "latitude" and not -90 <= value <= 90:
            yield name, "latitude should be from -90 to 90"
        elif name == "longitude" and not -180 <= value <= 180:
            yield name, "longitude should be from -180 to 180"


def is_link(words: str) -> bool:
    """Whether this is a web address one could follow."""
    try:
        parts = urlsplit(words)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", words)
    except ValueError:
        return False


def as_json(value: Any) -> Any:
    """A field's value as the history keeps it: dates as "2026-03-03", parts as what they hold."""
    if isinstance(value, (list, tuple)):
        return [as_json(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (Organisation, *PARTS.values())):
        told = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in ("id", "source_id")}
        return {name: as_json(one) for name, one in told.items() if one not in (None, "")}
    return str(value) if isinstance(value, (ServiceStatus, Joining)) else value


__all__ = [
    "EASES", "PARTS", "PLAIN", "CannotBe", "Contact", "Cost", "Location", "Organisation", "Problem",
    "Schedule", "ServiceDetails", "as_json", "forgiven", "is_link", "outward_of", "postcode_of",
    "problems_of", "tidied",
]  # fmt: skip
