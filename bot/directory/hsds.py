"""A service in Open Referral UK's JSON, HSDS-UK 3.0 or v1, read into our own words.

The forms: OpenReferralUK/uk-profile `schema/`, and for v1 OpenReferralUK/human-services. Both are
taken together, field by field, because feeds mix them: a v1 feed with `schedules`, a 3.0 one
with `eligibility_description` of the full HSDS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bot.directory.details import (
    Contact,
    Cost,
    Location,
    Organisation,
    Problem,
    Schedule,
    ServiceDetails,
)
from bot.directory.entries import Entry, day, each, entry, hour, number, whole, within, words
from bot.directory.wants_of import eases_of, language_of, wants_of
from bot.store.tables.directory import Joining, ServiceStatus

HSDS_UK_3 = "hsds-uk-3.0"
ORUK_1 = "oruk-v1"

_STATUS = {
    "active": ServiceStatus.ACTIVE,
    "": ServiceStatus.ACTIVE,
    "inactive": ServiceStatus.CLOSED,
    "defunct": ServiceStatus.CLOSED,
    "temporarily closed": ServiceStatus.PAUSED,
}
_FREE = re.compile(r"\b(free|no charge|no cost|nothing to pay)\b", re.I)
_PAID = re.compile(r"£ ?\d|\b\d+ ?p\b|\bfree (if|for|to|with|delivery|parking)\b|\bnot free\b", re.I)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_TAGS = re.compile(r"<(br|/p|/li|/div)[^>]*>|<[a-z/!][^>]*>", re.I)


def source_id_of(data: Any) -> str:
    """The id of a service in its feed; "" when it has none."""
    return words(data.get("id")) if isinstance(data, Mapping) else ""


def entry_of(row: str, data: Any, today: date) -> Entry:
    """One service of a feed as we would keep it, or why it is refused. Prices that ended are left out."""
    if not isinstance(data, Mapping):
        return Entry(row, "", why="it is not a service but something else")
    notes: list[Problem] = []
    terms = _terms(data)
    name = words(data.get("name"))
    description = _plain(data.get("description"))
    locations = [place for at in each(data.get("service_at_locations")) for place in _places(at)]
    costs = _costs(data, today)
    fees = words(data.get("fees_description")) or words(data.get("fees"))
    free = _free(fees, costs)
    online = _online(data)
    youngest, oldest, eligibility = _eligibility(data)
    accessibility = _joined(place.accessibility for place in locations)
    details = ServiceDetails(
        name=name,
        organisation=_organisation(data),
        description=description,
        url=_link(data.get("url")),
        email=words(data.get("email")) or None,
        status=_status(data, notes),
        joining=_joining(data),
        fees=fees,
        free=free,
        eligibility=eligibility,
        minimum_age=youngest,
        maximum_age=oldest,
        languages=_languages(data, notes),
        wants=wants_of(terms, name, description),
        eases=eases_of(terms, name, description, accessibility, free=free, online=online),
        accessibility=accessibility,
        alert=_plain(data.get("alert")),
        assured_on=_assured(data),
        waiting_weeks=_waiting(data),
        online=online,
        locations=tuple(locations),
        schedules=tuple(_schedules(data)),
        costs=tuple(costs),
        contacts=tuple(_contacts(data)),
    )
    return entry(row, source_id_of(data), details, tuple(notes))


def _plain(value: Any) -> str:
    """Words without the mark-up some feeds leave in."""
    return _TAGS.sub(lambda tag: "\n" if tag[1] else "", words(value)).strip()


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(part for part in parts if part))


def _link(value: Any) -> str | None:
    """A link; "www.example.org" is one that lacks its beginning."""
    said = words(value)
    return f"https://{said}" if said.lower().startswith("www.") else said or None


def _status(data: Mapping[str, Any], notes: list[Problem]) -> ServiceStatus:
    said = words(data.get("status")).casefold()
    if said not in _STATUS:
        notes.append(Problem("status", f"{said[:40]!r} is none of Open Referral's; taken as closed"))
    return _STATUS.get(said, ServiceStatus.CLOSED)


def _organisation(data: Mapping[str, Any]) -> Organisation | None:
    one = within(data, "organization") or within(data, "organisation")
    if not words(one.get("name")):
        return None
    return Organisation(
        words(one.get("name")),
        _plain(one.get("description")),
        _link(one.get("website") or one.get("url")),
        words(one.get("email")) or None,
        source_id=words(one.get("id"))[:200],
    )


def _terms(data: Mapping[str, Any]) -> list[str]:
    """The names and addresses of the categories it stands under (3.0 attributes, v1 service_taxonomys)."""
    found = [within(one, "taxonomy_term") for one in each(data.get("attributes"))]
    found += [within(one, "taxonomy") for one in each(data.get("service_taxonomys"))]
    found += each(data.get("taxonomy_terms"))
    parts = (words(term.get(key)) for term in found for key in ("name", "term", "term_uri"))
    return list(dict.fromkeys(part for part in parts if part))


def _eligibility(data: Mapping[str, Any]) -> tuple[int | None, int | None, str]:
    youngest, oldest = whole(data.get("minimum_age")), whole(data.get("maximum_age"))
    said = [_plain(data.get("eligibility_description"))]
    for one in each(data.get("eligibilitys")) or each(data.get("eligibility")):
        # Several in v1 are several groups of people: the service is for any of them.
        youngest = _outermost(min, youngest, whole(one.get("minimum_age")))
        oldest = _outermost(max, oldest, whole(one.get("maximum_age")))
        said += [_plain(one.get("eligibility")), words(one.get("gender"))]
    # Feeds write "any age" as 0 to 0, or to 999.
    youngest = youngest or None
    oldest = oldest if oldest and oldest <= 120 else None
    return youngest, oldest, _joined(said)


def _outermost(choose: Any, one: int | None, other: int | None) -> int | None:
    return choose(one, other) if None not in (one, other) else one if other is None else other


def _languages(data: Mapping[str, Any], notes: list[Problem]) -> tuple[str, ...]:
    found: list[str] = []
    for one in each(data.get("languages")):
        for said in (words(one.get("code")), words(one.get("name")), words(one.get("language"))):
            if said and (code := language_of(said)):
                found.append(code)
                break
        else:
            if said := words(one.get("name")) or words(one.get("language")):
                notes.append(Problem("languages", f"{said[:40]!r} is no language we know"))
    return tuple(dict.fromkeys(found))


def _joining(data: Mapping[str, Any]) -> Joining:
    """HSDS has no field for it; `attending_access` of v1 and `application_process` of HSDS come near."""
    said = f"{words(data.get('attending_access'))} {words(data.get('application_process'))}".casefold()
    if "referral" in said and "self" not in said:
        return Joining.REFERRAL
    if any(word in said for word in ("drop in", "drop-in", "dropin", "no appointment", "self-referral")):
        return Joining.DIRECT
    return Joining.EITHER


def _assured(data: Mapping[str, Any]) -> date | None:
    """When it was last checked (`assured_date`): a day to come is nobody's check."""
    found = day(data.get("assured_date"))
    return found if found and found.year >= 2000 else None


def _waiting(data: Mapping[str, Any]) -> int | None:
    """Weeks to wait, where `wait_time` (HSDS 3.0) says it as "6 weeks"."""
    found = re.search(r"(\d{1,3})\s*(day|week|month)", words(data.get("wait_time")).casefold())
    if not found:
        return None
    return {"day": -(-int(found[1]) // 7), "week": int(found[1]), "month": int(found[1]) * 4}[found[2]]


def _online(data: Mapping[str, Any]) -> bool:
    ways = [words(data.get("attending_type")), words(data.get("attending_access"))]
    ways += [words(one.get("attending_type")) for one in each(data.get("schedules"))]
    kinds = [
        words(within(at, "location").get("location_type")) for at in each(data.get("service_at_locations"))
    ]
    return (
        any("online" in way.casefold() or "virtual" in way.casefold() for way in ways) or "virtual" in kinds
    )


# -- places, times, costs, contacts ------------------------------------------------------------


def _places(at: Mapping[str, Any]) -> list[Location]:
    """The places of one `service_at_location`; without an address, its point on the map alone."""
    place = within(at, "location")
    if not place or words(place.get("location_type")) == "virtual":
        return []
    latitude, longitude = number(place.get("latitude")), number(place.get("longitude"))
    if not latitude and not longitude:
        latitude = longitude = None  # 0, 0 is in the Atlantic: nobody filled it in
    access = _joined(
        words(one.get("description")) or words(one.get("accessibility")) or words(one.get("details"))
        for one in each(place.get("accessibility")) or each(place.get("accessibility_for_disabilities"))
    )
    addresses = each(place.get("addresses")) or each(place.get("physical_addresses"))
    physical = [a for a in addresses if words(a.get("address_type")) in ("", "physical")] or [{}]
    found = (
        Location(
            words(place.get("name")),
            words(one.get("address_1")),
            words(one.get("city")),
            words(one.get("postal_code")),
            latitude,
            longitude,
            access,
        )
        for one in physical
    )
    return [one for one in found if one != Location()]


def _schedules(data: Mapping[str, Any]) -> Iterable[Schedule]:
    times = each(data.get("schedules")) or each(data.get("regular_schedules"))
    for at in each(data.get("service_at_locations")):
        for name in ("schedules", "regular_schedules", "regular_schedule"):
            times = times + each(at.get(name))
    for one in times:
        byday = words(one.get("byday")) or _weekday(one.get("weekday"))
        freq = words(one.get("freq")).upper()
        days_of_month = words(one.get("bymonthday"))
        notes = [_plain(one.get("notes")), _plain(one.get("description"))]
        if days_of_month:
            notes.append(f"Day of the month: {days_of_month}")
        yield Schedule(
            freq if freq in ("WEEKLY", "MONTHLY") else "MONTHLY" if days_of_month else "WEEKLY",
            whole(one.get("interval")) or 1,
            byday,
            hour(one.get("opens_at")),
            hour(one.get("closes_at")),
            day(one.get("dtstart")),
            day(one.get("valid_from")),
            day(one.get("valid_to")),
            _joined(notes),
        )


def _weekday(value: Any) -> str:
    """v1's `weekday`: a name ("Monday"), or 1 to 7 from Monday (ISO 8601)."""
    said = words(value).upper()
    if said.isdigit():
        return _DAYS[int(said) - 1] if 1 <= int(said) <= 7 else ""
    return said[:2] if said[:2] in _DAYS else ""


def _costs(data: Mapping[str, Any], today: date) -> list[Cost]:
    found = []
    for one in each(data.get("cost_options")):
        if (ended := day(one.get("valid_to"))) and ended < today:
            continue
        amount = number(one.get("amount"))
        pence = round(amount * 100) if amount is not None else None
        told = Cost(words(one.get("option")), pence, words(one.get("amount_description")))
        if told != Cost():
            found.append(told)
    return found


def _free(fees: str, costs: list[Cost]) -> bool | None:
    """Whether it is free: only when somebody said so, and no sum speaks against it."""
    sums = [cost.pence for cost in costs if cost.pence is not None]
    if any(sums) or _PAID.search(fees):
        return False
    if _FREE.search(fees) or any(_FREE.search(f"{cost.option} {cost.description}") for cost in costs):
        return True
    return True if sums else None


def _contacts(data: Mapping[str, Any]) -> Iterable[Contact]:
    people = each(data.get("contacts"))
    for at in each(data.get("service_at_locations")):
        people = people + each(at.get("contacts"))
    for one in people:
        numbers = [words(phone.get("number")) for phone in each(one.get("phones"))] or [""]
        for phone in numbers:
            yield Contact(words(one.get("name")), words(one.get("title")), phone, words(one.get("email")))
    organisation = within(data, "organization")
    for phone in each(data.get("phones")) or ([] if people else each(organisation.get("phones"))):
        yield Contact(title=words(phone.get("description")), phone=words(phone.get("number")))
