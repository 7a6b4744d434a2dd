"""A service cut down to what a message tells of it, and what somebody wishes, from what they told us."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bot.casework.plans import plan_of
from bot.directory.matching import Match, Reason, Wishes
from bot.directory.places import miles, where_is
from bot.directory.services import Joining, Service
from bot.directory.sessions import next_session
from bot.directory.times import times_in
from bot.directory.weighing import months_before
from bot.people.persons import person_of
from bot.requests.services import Card
from bot.settings import Settings
from bot.store.tables import Heading
from bot.store.unit_of_work import Reading

#: Nobody can get to a session that begins sooner than this.
TIME_TO_GO = timedelta(hours=2)

#: What a service says of itself when it has people, checked by it, who come along.
VETTED_COMPANIONS = "someone_along"


def card_of(
    one: Service,
    now: datetime,
    settings: Settings,
    match: Match | None = None,
    outward: str | None = None,
) -> Card:
    """What a message tells of this service, as codes, numbers and its own words.

    `match` is why it was suggested; without it only what to beware of is told. `outward` is the first
    half of the person's postcode, for the distance.
    """
    zone = settings.hours.zone
    place = one.locations[0] if one.locations else None
    where = [part for part in (place.name or place.address, place.town) if part] if place else []
    meets = next_session(one.schedules, now + TIME_TO_GO, zone)
    contact = next((c for c in one.contacts if c.phone), one.contacts[0] if one.contacts else None)
    reasons = (
        match.reasons
        if match is not None
        else beware(one, now.astimezone(zone).date(), settings.directory_checked_within_months)
    )
    return {
        "id": one.id,
        "name": one.name,
        "by": one.organisation.name if one.organisation and one.organisation.name != one.name else "",
        "description": one.description,
        "times": [
            {"freq": s.freq, "interval": s.interval, "byday": s.byday, "opens": s.opens_at}
            for s in one.schedules
            if s.valid_to is None or s.valid_to >= now.date()
        ],
        "next": meets.isoformat() if meets else "",
        "place": ", ".join(dict.fromkeys(where)),
        "miles": match.miles if match is not None else _miles(one, outward),
        "online": one.online,
        "free": one.free,
        "pence": min((c.pence for c in one.costs if c.pence), default=0),
        "fees": one.fees,
        "access": one.accessibility,
        "assured": one.assured_on.isoformat() if one.assured_on else "",
        "reasons": [[reason.code, reason.detail] for reason in reasons],
        "direct": one.joining is Joining.DIRECT,
        "phone": contact.phone if contact else "",
        "contact": contact.name if contact else "",
        "email": one.email or (contact.email if contact else ""),
        "url": one.url or "",
        "vetted": VETTED_COMPANIONS in one.eases,
    }


def beware(one: Service, today: date, months: int) -> list[Reason]:
    """What must be said of it whoever suggests it: that it is full, and when it was last checked.

    An entry counts as not checked after so many `months`.
    """
    found = []
    if one.places_left == 0:
        found.append(Reason("full", str(one.waiting_weeks or "")))
    if one.assured_on is None:
        found.append(Reason("checked"))
    elif one.assured_on < months_before(today, months):
        found.append(Reason("checked", one.assured_on.strftime("%Y-%m")))
    return found


def wishes_of(
    reading: Reading, person_id: int, language: str, wants: Iterable[str] = (), words: str = ""
) -> Wishes:
    """What somebody wishes: their plan, and what they said just now, which comes first."""
    plan = plan_of(reading, person_id)
    who = person_of(reading, person_id)

    def codes(heading: Heading) -> list[str]:
        return [line.code for line in plan.under(heading) if line.code] if plan else []

    def said(heading: Heading) -> list[str]:
        return [line.words for line in plan.under(heading) if line.words] if plan else []

    when = " ".join([*codes(Heading.WHEN), *said(Heading.WHEN)]).replace("_", " ")
    own = words or " ".join([*said(Heading.WANT), *said(Heading.ENJOYS)])
    return Wishes(
        wants=tuple(dict.fromkeys([*wants, *codes(Heading.WANT)])),
        words=own,
        barriers=tuple(dict.fromkeys(codes(Heading.BARRIER))),
        helps=tuple(dict.fromkeys(codes(Heading.HELP))),
        meeting=tuple(dict.fromkeys(codes(Heading.MEETING))),
        outward=who.contact_plan.get("outward"),
        times=times_in(when),
        language=language,
    )


def _miles(one: Service, outward: str | None) -> float | None:
    here = where_is(outward) if outward else None
    there = [where for place in one.locations if (where := where_is(place.postcode))]
    if here is None or here.rough or not there or any(where.rough for where in there):
        return None
    return min(miles(here, where) for where in there)
