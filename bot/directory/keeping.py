"""How a service is written down, whoever describes it: staff, a feed or a file. One history for all."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.directory.concerned import service_changed
from bot.directory.details import (
    PARTS,
    PLAIN,
    CannotBe,
    Organisation,
    ServiceDetails,
    as_json,
    problems_of,
    tidied,
)
from bot.store.tables.directory import (
    cost_option,
    location,
    organisation,
    schedule,
    service,
    service_check,
    service_contact,
    service_event,
)
from bot.store.unit_of_work import UnitOfWork

PART_TABLES = {
    "locations": location,
    "schedules": schedule,
    "costs": cost_option,
    "contacts": service_contact,
}
#: In `corrected`, beside the names of fields: staff say it goes on although its feed no longer has it.
GONE = "gone_from_source"
#: What a check found about these is put right, until it looks again, when they change.
CHECKS = {"url": "link", "contacts": "phone", "locations": "postcode", "assured_on": "assured"}


def checked(details: ServiceDetails) -> ServiceDetails:
    """The details, tidied. Raises CannotBe."""
    tidy = tidied(details)
    if problems := problems_of(tidy):
        raise CannotBe(problems)
    return tidy


def details_of(one: ServiceDetails) -> ServiceDetails:
    """Only what can be described of a kept service, without what we keep beside it."""
    return ServiceDetails(**{f.name: getattr(one, f.name) for f in fields(ServiceDetails)})


def differences(was: ServiceDetails, is_now: ServiceDetails) -> dict[str, list[Any]]:
    """Each field that differs, with what it was and what it is now, as the history keeps them."""
    both = ((f.name, getattr(was, f.name), getattr(is_now, f.name)) for f in fields(ServiceDetails))
    found = ((name, as_json(a), as_json(b)) for name, a, b in both if a != b)
    return {name: [a, b] for name, a, b in found if a != b}


def put_in(unit: UnitOfWork, details: ServiceDetails, *, source: str, source_id: str, **values: Any) -> int:
    """A new service with its parts; its id. `details` are checked."""
    by = organisation_id(unit, details.organisation, source)
    service_id = unit.insert(
        service,
        **_columns(details, PLAIN),
        **values,
        token=secrets.token_urlsafe(16),
        organisation_id=by,
        source=source,
        source_id=source_id,
        added_at=unit.now,
        changed_at=unit.now,
    )
    for name in PARTS:
        _write_parts(unit, service_id, name, getattr(details, name))
    return service_id


def write(
    unit: UnitOfWork,
    service_id: int,
    details: ServiceDetails,
    names: Iterable[str],
    *,
    source: str,
    **values: Any,
) -> None:
    """Write the fields `names` of checked `details` over what is kept, and whatever columns `values` say."""
    names = list(names)
    values |= _columns(details, [name for name in names if name in PLAIN])
    if "organisation" in names:
        values["organisation_id"] = organisation_id(unit, details.organisation, source)
    for name in names:
        if name in PARTS:
            unit.execute(delete(PART_TABLES[name]).where(PART_TABLES[name].c.service_id == service_id))
            _write_parts(unit, service_id, name, getattr(details, name))
    change(unit, service_id, **values)


def happened(
    unit: UnitOfWork, service_id: int, what: str, staff_id: int | None = None, **details: Any
) -> None:
    """Write it into the service's history, audit it, and have the directory looked at anew."""
    acting = f"staff:{staff_id}" if staff_id is not None else unit.acting
    remember(unit, service_id, what, acting=acting, **details)
    unit.audit(f"service {what}", f"service:{service_id}", fields=sorted(details.get("changed", ())))
    unit.tell("directory")


def remember(unit: UnitOfWork, service_id: int, what: str, *, acting: str = "", **details: Any) -> None:
    """Write it into the service's history, and have a turn look at it if it touches anybody.

    For an import, which is audited once, and tells whoever looks at the directory at its end.
    """
    kept = {name: value for name, value in details.items() if value}
    at, acting = unit.now, acting or unit.acting
    unit.insert(service_event, service_id=service_id, at=at, acting=acting, what=what, details=kept)
    if looked_at := [CHECKS[name] for name in details.get("changed", ()) if name in CHECKS]:
        unit.execute(
            update(service_check)
            .where(
                service_check.c.service_id == service_id,
                service_check.c.what.in_(looked_at),
                service_check.c.settled_at.is_(None),
            )
            .values(settled_at=unit.now, settled_by="changed")
        )
    # Whoever is on the way to what a feed has lost should hear of it as of what has closed.
    service_changed(unit, service_id, ("status",) if what == "gone" else details.get("changed", ()))


def organisation_id(unit: UnitOfWork, one: Organisation | None, source: str) -> int | None:
    """The organisation's id, kept now if it is new; its words brought up to date."""
    if one is None:
        return None
    # Ours have no id of their own: the same name is the same organisation.
    source_id = one.source_id or " ".join(one.name.casefold().split())[:200]
    same = organisation.c.source == source, organisation.c.source_id == source_id
    found = unit.execute(select(organisation).where(*same)).first()
    values = {"name": one.name, "description": one.description, "url": one.url, "email": one.email}
    if found is None:
        return unit.insert(organisation, source=source, source_id=source_id, **values)
    told = {name: value for name, value in values.items() if value and value != getattr(found, name)}
    if told:
        unit.execute(update(organisation).where(organisation.c.id == found.id).values(**told))
    return found.id


def _columns(details: ServiceDetails, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(details, name) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _write_parts(unit: UnitOfWork, service_id: int, name: str, parts: Sequence[Any]) -> None:
    if parts:
        rows = [{f.name: getattr(part, f.name) for f in fields(part)} for part in parts]
        unit.execute(insert(PART_TABLES[name]), [{**row, "service_id": service_id} for row in rows])


def change(unit: UnitOfWork, service_id: int, **values: Any) -> None:
    """Change columns of the service itself, with its version and when."""
    more = {"changed_at": unit.now, "version": service.c.version + 1}
    unit.execute(update(service).where(service.c.id == service_id).values(**values, **more))
