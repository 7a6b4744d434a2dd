"""What no longer looks right about a service: its links, numbers and postcodes, and when it was checked.

A finding stays open until it is seen right again or a link worker settles it. Links are followed
outside any transaction, and never into this machine's own network.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

import phonenumbers
from sqlalchemy import or_, select, update

from bot.directory import places
from bot.directory.details import outward_of
from bot.directory.links import Answered, LinkLook
from bot.directory.services import Service, ServiceStatus, services
from bot.directory.weighing import months_before
from bot.store.engines import Store
from bot.store.tables.directory import service, service_check
from bot.store.unit_of_work import Reading, UnitOfWork

LINK, PHONE, POSTCODE, ASSURED = "link", "phone", "postcode", "assured"
#: Services written down in one chunk.
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not look right. `what` is link, phone, postcode or assured; `at` is aware UTC."""

    id: int
    service_id: int
    service_name: str
    at: datetime
    what: str
    why: str


def open_findings(reading: Reading, *, service_id: int | None = None, most: int = 500) -> list[Finding]:
    """What does not look right, oldest first; of one service, when asked."""
    query = (
        select(service_check, service.c.name)
        .join(service, service.c.id == service_check.c.service_id)
        .where(service_check.c.settled_at.is_(None))
        .order_by(service_check.c.at, service_check.c.id)
        .limit(most)
    )
    if service_id is not None:
        query = query.where(service_check.c.service_id == service_id)
    return [Finding(r.id, r.service_id, r.name, r.at, r.what, r.why) for r in reading.execute(query)]


def settle(unit: UnitOfWork, finding_id: int, staff_id: int) -> bool:
    """A link worker looked, and it is right; False when it was settled already.

    Later checks that find the very same are not shown again; anything else is.
    """
    done = unit.execute(
        update(service_check)
        .where(service_check.c.id == finding_id, service_check.c.settled_at.is_(None))
        .values(settled_at=unit.now, settled_by=f"staff:{staff_id}")
    ).rowcount
    if done:
        unit.audit("service check settled", f"check:{finding_id}", by=staff_id)
        unit.tell("directory")
    return bool(done)


def trusted(reading: Reading, one: Service) -> Service:
    """The service without what a check found wrong, to tell a person of.

    Nobody is given a number that cannot be rung or a page that is gone; until a link worker says it
    is right, it is left out. Everything else stays.
    """
    rows = reading.execute(
        select(service_check.c.what, service_check.c.why).where(
            service_check.c.service_id == one.id,
            service_check.c.settled_at.is_(None),
            service_check.c.what.in_((LINK, PHONE)),
        )
    ).all()
    if not rows:
        return one
    wrong = {row.why for row in rows if row.what == PHONE}
    contacts = (
        replace(contact, phone="") if wrong and wrong_phone(contact.phone) in wrong else contact
        for contact in one.contacts
    )
    gone = any(row.what == LINK for row in rows)
    return replace(one, contacts=tuple(contacts), url=None if gone else one.url)


# -- what can be seen without asking anybody ---------------------------------------------------


def wrong_phone(phone: str) -> str | None:
    """Why a phone number cannot be rung in the UK, in words for staff; None when it can.

    Short ones such as 111 and 116 123 count. Numbering plan: phonenumbers, from Ofcom's.
    """
    if next(iter(phonenumbers.PhoneNumberMatcher(phone[:60], "GB")), None):
        return None  # with whatever stands around it: "020 7946 0018 (mornings)"
    try:
        number = phonenumbers.parse(phone, "GB")
    except phonenumbers.NumberParseException:
        return f"{phone[:40]} is not a phone number"
    if phonenumbers.is_valid_number(number) or phonenumbers.is_valid_short_number_for_region(number, "GB"):
        return None
    return f"{phone[:40]} is no number that is in use"


def wrong_postcode(postcode: str) -> str | None:
    """Why a postcode cannot be right: its first half is on no map of ours. None when it can."""
    outward = outward_of(postcode)
    return f"{postcode} is not a postcode there is" if outward and outward not in places.known() else None


def wrong_in(one: Service, today: date, months: int) -> list[tuple[str, str]]:
    """What does not look right about a service, as (what, why), without following its links.

    Examples are invented: only how long ago they were checked is looked at.
    """
    found: list[tuple[str, str]] = []
    if not one.example:
        numbers = dict.fromkeys(contact.phone for contact in one.contacts if contact.phone)
        found += [(PHONE, why) for phone in numbers if (why := wrong_phone(phone))]
        codes = dict.fromkeys(place.postcode for place in one.locations if place.postcode)
        found += [(POSTCODE, why) for code in codes if (why := wrong_postcode(code))]
    if one.assured_on is None:
        found.append((ASSURED, "nobody has said when it was last checked"))
    elif months_before(today, months) > one.assured_on:
        found.append((ASSURED, f"last checked in {one.assured_on:%B %Y}"))
    return found


def stale(one: Service, today: date, months: int) -> bool:
    """Whether it was not checked for more than `months`, or never."""
    return one.assured_on is None or one.assured_on < months_before(today, months)


# -- a whole check -----------------------------------------------------------------------------


@dataclass(slots=True)
class Checked:
    """What a check came to: services looked at, findings open now and new, settled, links not to be had."""

    services: int = 0
    found: int = 0
    new: int = 0
    settled: int = 0
    unsure: int = 0


async def check(
    store: Store,
    today: date,
    months: int,
    *,
    links: LinkLook | None,
    progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """Look at every service that is not closed. Without `links` nobody is asked anything.

    A link that could not be looked at just now leaves what was found of it before as it was.
    """
    everything = await asyncio.to_thread(_open_services, store)
    checked = Checked(services=len(everything))
    for start in range(0, len(everything), _AT_ONCE):
        some = everything[start : start + _AT_ONCE]
        answers = await _answers(some, links)
        found: dict[int, list[tuple[str, str]]] = {}
        unsure: set[int] = set()
        for one in some:
            wrong = wrong_in(one, today, months)
            if one.url and links is not None and not one.example:
                answer = answers[one.url]
                checked.unsure += answer.unsure
                unsure |= {one.id} if answer.unsure else set()
                wrong += [(LINK, answer.why)] if answer.why and not answer.unsure else []
            elif links is None:
                unsure.add(one.id)
            found[one.id] = wrong
        new, settled, now = await asyncio.wrap_future(
            store.run(partial(_write_down, found=found, unsure=unsure), acting="check")
        )
        checked.new, checked.settled, checked.found = (
            checked.new + new,
            checked.settled + settled,
            checked.found + now,
        )
        if progress is not None:
            progress(min(start + _AT_ONCE, len(everything)), len(everything))
    return checked


def _open_services(store: Store) -> list[Service]:
    with store.reading() as reading:
        return [one for one in services(reading) if one.status is not ServiceStatus.CLOSED]


async def _answers(some: Sequence[Service], links: LinkLook | None) -> dict[str, Answered]:
    if links is None:
        return {}
    wanted = list(dict.fromkeys(one.url for one in some if one.url and not one.example))
    return dict(zip(wanted, await asyncio.gather(*(links.look(url) for url in wanted)), strict=True))


def _write_down(
    unit: UnitOfWork, *, found: dict[int, list[tuple[str, str]]], unsure: Iterable[int]
) -> tuple[int, int, int]:
    """Keep what is new, settle what is right again; how many of each, and how many are open."""
    doubtful = set(unsure)
    before: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    right: set[tuple[int, str, str]] = set()
    rows: Any = unit.execute(
        select(service_check).where(
            service_check.c.service_id.in_(list(found)),
            or_(service_check.c.settled_at.is_(None), service_check.c.settled_by.like("staff:%")),
        )
    )
    for row in rows:
        if row.settled_at is None:
            before[row.service_id][row.what, row.why] = row.id
        else:
            right.add((row.service_id, row.what, row.why))
    new = settled = still = 0
    for service_id, wrong in found.items():
        for what, why in (one for one in dict.fromkeys(wrong) if one not in before[service_id]):
            if (service_id, what, why) in right:
                continue
            unit.insert(service_check, service_id=service_id, at=unit.now, what=what, why=why[:200])
            new += 1
        for (what, why), check_id in before[service_id].items():
            if (what, why) in wrong or (what == LINK and service_id in doubtful):
                still += 1
                continue
            unit.change(service_check, check_id, settled_at=unit.now, settled_by=unit.acting)
            settled += 1
    if new or settled:
        unit.audit("services checked", "directory", new=new, settled=settled)
        unit.tell("directory")
    return new, settled, new + still
