"""Local services: finding them, adding one, putting it right, pausing and closing it. Nothing is deleted."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from bot.directory.details import (
    EASES,
    PARTS,
    PLAIN,
    CannotBe,
    Contact,
    Cost,
    Location,
    Organisation,
    Problem,
    Schedule,
    ServiceDetails,
    as_json,
)
from bot.directory.keeping import (
    GONE,
    PART_TABLES,
    change,
    checked,
    details_of,
    differences,
    happened,
    put_in,
    write,
)
from bot.store.tables.directory import (
    Joining,
    ServiceStatus,
    location,
    organisation,
    service,
    service_event,
)
from bot.store.unit_of_work import Reading, UnitOfWork

__all__ = [
    "EASES", "CannotBe", "ChangedMeanwhile", "Contact", "Cost", "Event", "Joining", "Location",
    "NoSuchService", "Organisation", "Problem", "Schedule", "Service", "ServiceDetails", "ServiceStatus",
    "add_service", "assure", "close", "correct", "follow_source", "history_of", "how_many", "ids_of", "pause",
    "reopen", "service_by_token", "service_of", "services",
]  # fmt: skip

#: Ids in one question: PostgreSQL and SQLite both take more.
_AT_ONCE = 1000


class NoSuchService(LookupError):
    """No service has that id."""


class ChangedMeanwhile(Exception):
    """Somebody else changed it since this page was opened; show it anew."""


@dataclass(frozen=True, slots=True)
class Service(ServiceDetails):
    """A service as we keep it. Instants are aware UTC; `corrected` names what staff put right.

    `paused_until` is when staff look at a paused one again: nothing opens by itself.
    `source` is the feed or file it came from, "" for what staff added; `gone_from_source_at` is when
    a whole feed no longer had it.
    """

    id: int = 0
    token: str = ""
    source: str = ""
    source_id: str = ""
    status_why: str = ""
    paused_until: date | None = None
    corrected: tuple[str, ...] = ()
    gone_from_source_at: datetime | None = None
    example: bool = False
    added_at: datetime | None = None
    changed_at: datetime | None = None
    version: int = 0

    @property
    def may_be_suggested(self) -> bool:
        """Whether it is open and its source still has it."""
        return self.status is ServiceStatus.ACTIVE and self.gone_from_source_at is None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a service's entry: what, by whom ("staff:3", "import:ashby"), when (UTC).

    `details` of a correction or an import holds `changed`: each field with what it was and what it
    became; and `left`: what a feed said against what staff had put right, and was not taken.
    """

    at: datetime
    acting: str
    what: str
    details: dict[str, Any]


# -- finding ---------------------------------------------------------------------------------


def service_of(reading: Reading, service_id: int) -> Service:
    """One service, whole. Raises NoSuchService."""
    found = _loaded(reading, select(service).where(service.c.id == service_id), [service_id])
    if not found:
        raise NoSuchService(f"service {service_id}")
    return found[0]


def service_by_token(reading: Reading, token: str) -> Service:
    """The service a link names. Raises NoSuchService."""
    found = reading.execute(select(service.c.id).where(service.c.token == token)).scalar()
    if found is None:
        raise NoSuchService("a token that names no service")
    return service_of(reading, found)


def services(
    reading: Reading,
    *,
    ids: Iterable[int] | None = None,
    words: str = "",
    status: ServiceStatus | None = None,
    source: str | None = None,
    gone: bool | None = None,
    suggestible: bool = False,
    sort: str = "name",
    most: int | None = None,
    after: int = 0,
) -> list[Service]:
    """Services, whole, by name; `sort` may be "name", "changed" (newest first) or "assured" (oldest first).

    `words` must each stand somewhere in the name, the organisation, the description or the town, in
    any case. `gone` asks for those a whole feed no longer had (or, False, has). `suggestible` keeps
    those a person may be offered. `most` and `after` give one page.
    """
    wanted = sorted(set(ids)) if ids is not None else None
    if wanted is not None and len(wanted) > _AT_ONCE:
        chunks = (wanted[i : i + _AT_ONCE] for i in range(0, len(wanted), _AT_ONCE))
        found = [one for chunk in chunks for one in services(reading, ids=chunk)]
        return sorted(found, key=lambda one: (one.name, one.id))
    query = _where(select(service), wanted, words, status, source, gone, suggestible)
    order = {
        "name": (service.c.name,),
        "changed": (service.c.changed_at.desc(),),
        "assured": (service.c.assured_on.is_not(None), service.c.assured_on),
    }[sort]
    query = query.order_by(*order, service.c.id).limit(most).offset(after or None)
    return _loaded(reading, query, wanted if most is None else None)


def how_many(
    reading: Reading,
    *,
    words: str = "",
    status: ServiceStatus | None = None,
    source: str | None = None,
    gone: bool | None = None,
    suggestible: bool = False,
) -> int:
    """How many `services` would give without a page's end."""
    query = _where(select(func.count()).select_from(service), None, words, status, source, gone, suggestible)
    return reading.execute(query).scalar_one()


def ids_of(
    reading: Reading, *, words: str = "", status: ServiceStatus | None = None, gone: bool | None = None
) -> set[int]:
    """The ids of what `services` would give, without loading it."""
    query = _where(select(service.c.id), None, words, status, None, gone, False)
    return set(reading.execute(query).scalars())


def history_of(reading: Reading, service_id: int) -> list[Event]:
    """What happened to its entry, newest first."""
    rows = reading.execute(
        select(service_event)
        .where(service_event.c.service_id == service_id)
        .order_by(service_event.c.at.desc(), service_event.c.id.desc())
    )
    return [Event(r.at, r.acting, r.what, r.details) for r in rows]


def _where(
    query: Select[Any],
    ids: Sequence[int] | None,
    words: str,
    status: ServiceStatus | None,
    source: str | None,
    gone: bool | None,
    suggestible: bool,
) -> Select[Any]:
    if ids is not None:
        query = query.where(service.c.id.in_(ids))
    if status is not None:
        query = query.where(service.c.status == status)
    if source is not None:
        query = query.where(service.c.source == source)
    if gone is not None:
        query = query.where(service.c.gone_from_source_at.is_not(None) == gone)
    if suggestible:
        query = query.where(service.c.status == ServiceStatus.ACTIVE, service.c.gone_from_source_at.is_(None))
    for word in words.split():
        by = select(organisation.c.id).where(organisation.c.name.icontains(word, autoescape=True))
        there = select(location.c.service_id).where(
            or_(
                location.c.town.icontains(word, autoescape=True),
                location.c.postcode.icontains(word, autoescape=True),
            )
        )
        query = query.where(
            or_(
                service.c.name.icontains(word, autoescape=True),
                service.c.description.icontains(word, autoescape=True),
                service.c.organisation_id.in_(by),
                service.c.id.in_(there),
            )
        )
    return query


def _loaded(reading: Reading, query: Select[Any], ids: Sequence[int] | None) -> list[Service]:
    """The services of `query` with their parts: five questions, however many they are."""
    rows = reading.execute(query).all()
    if ids is None and len(rows) <= _AT_ONCE:
        ids = [row.id for row in rows]
    by = _organisations(reading, {row.organisation_id for row in rows} - {None})
    parts = {name: _parts_of(reading, name, ids) for name in PARTS}
    return [_service(row, by, {name: found[row.id] for name, found in parts.items()}) for row in rows]


def _organisations(reading: Reading, ids: set[int]) -> dict[int, Organisation]:
    query = select(organisation)
    if len(ids) <= _AT_ONCE:
        query = query.where(organisation.c.id.in_(ids))
    rows = reading.execute(query)
    return {r.id: Organisation(r.name, r.description, r.url, r.email, r.id, r.source_id) for r in rows}


def _parts_of(reading: Reading, name: str, ids: Sequence[int] | None) -> dict[int, list[Any]]:
    table, kind = PART_TABLES[name], PARTS[name]
    columns = [table.c[f.name] for f in fields(kind)]
    query = select(table.c.service_id, *columns).order_by(table.c.service_id, table.c.id)
    if ids is not None:
        query = query.where(table.c.service_id.in_(ids))
    found: dict[int, list[Any]] = defaultdict(list)
    for service_id, *values in reading.execute(query):
        found[service_id].append(kind(*values))
    return found


def _service(row: Row[Any], by: dict[int, Organisation], parts: dict[str, list[Any]]) -> Service:
    plain = {name: getattr(row, name) for name in PLAIN}
    for name in ("languages", "wants", "eases"):
        plain[name] = tuple(plain[name])
    return Service(
        **plain,
        **{name: tuple(found) for name, found in parts.items()},
        organisation=by.get(row.organisation_id),
        id=row.id,
        token=row.token,
        source=row.source,
        source_id=row.source_id,
        status_why=row.status_why or "",
        paused_until=row.paused_until,
        corrected=tuple(row.corrected),
        gone_from_source_at=row.gone_from_source_at,
        example=row.example,
        added_at=row.added_at,
        changed_at=row.changed_at,
        version=row.version,
    )


# -- what staff do ---------------------------------------------------------------------------


def add_service(unit: UnitOfWork, details: ServiceDetails, *, example: bool = False) -> int:
    """Add a service of our own; its id. Raises CannotBe naming every field that cannot be right."""
    service_id = put_in(unit, checked(details), source="", source_id=secrets.token_hex(8), example=example)
    happened(unit, service_id, "added")
    return service_id


def correct(
    unit: UnitOfWork, service_id: int, staff_id: int, *, version: int | None = None, **changed: Any
) -> bool:
    """Put fields of `ServiceDetails` right; whether anything changed.

    `organisation` may be a name. What is put right here is left by later imports (`follow_source`
    undoes that). `version` is the one the page showed. Raises NoSuchService, CannotBe, and
    ChangedMeanwhile when somebody else was quicker.
    """
    before = service_of(unit, service_id)
    if version is not None and version != before.version:
        raise ChangedMeanwhile(f"service {service_id}")
    if isinstance(name := changed.get("organisation"), str):
        changed["organisation"] = Organisation(name)
    was = details_of(before)
    after = checked(replace(was, **changed))
    if not (differ := differences(was, after)):
        return False
    mark = [name for name in differ if name not in before.corrected] if before.source else []
    write(unit, service_id, after, differ, source=before.source, corrected=[*before.corrected, *mark])
    happened(unit, service_id, "corrected", staff_id, changed=differ)
    return True


def pause(
    unit: UnitOfWork, service_id: int, staff_id: int, why: str = "", *, until: date | None = None
) -> None:
    """Suggest it no longer, for now; staff look again on the day `until`. Raises NoSuchService."""
    _set_status(unit, service_id, ServiceStatus.PAUSED, "paused", staff_id, why, until)


def close(unit: UnitOfWork, service_id: int, staff_id: int, why: str = "") -> None:
    """It has ended; its entry and its history stay. Raises NoSuchService."""
    _set_status(unit, service_id, ServiceStatus.CLOSED, "closed", staff_id, why)


def reopen(unit: UnitOfWork, service_id: int, staff_id: int, why: str = "") -> None:
    """It goes on, also when its feed no longer has it. Raises NoSuchService."""
    _set_status(unit, service_id, ServiceStatus.ACTIVE, "reopened", staff_id, why)


def assure(unit: UnitOfWork, service_id: int, staff_id: int, on: date) -> None:
    """Its information was checked with the service on that day. Raises NoSuchService.

    Raises CannotBe for a day to come.
    """
    if on > unit.now.date():
        raise CannotBe([Problem("assured_on", "is a day to come")])
    before = service_of(unit, service_id)
    differ = {"assured_on": [as_json(before.assured_on), as_json(on)]}
    change(unit, service_id, assured_on=on)
    happened(unit, service_id, "assured", staff_id, changed=differ)


def follow_source(unit: UnitOfWork, service_id: int, staff_id: int, field: str) -> bool:
    """Undo "leave what we put right": the next import takes the feed's own word for `field` again."""
    before = service_of(unit, service_id)
    if field not in before.corrected:
        return False
    left = [name for name in before.corrected if name != field]
    change(unit, service_id, corrected=left, source_digest=None)
    happened(unit, service_id, "follows source", staff_id, field=field)
    return True


def _set_status(
    unit: UnitOfWork,
    service_id: int,
    status: ServiceStatus,
    what: str,
    staff_id: int,
    why: str,
    until: date | None = None,
) -> None:
    before = service_of(unit, service_id)
    marks = list(before.corrected)
    values: dict[str, Any] = {}
    if before.source and "status" not in marks:
        marks.append("status")
    if status is ServiceStatus.ACTIVE and before.gone_from_source_at is not None:
        marks.append(GONE)
        values["gone_from_source_at"] = None
    why = why.strip()[:200]
    values |= {"status": status, "status_why": why or None, "paused_until": until, "corrected": marks}
    change(unit, service_id, **values)
    differ = {"status": [str(before.status), str(status)]}
    if until != before.paused_until:
        differ["paused_until"] = [as_json(before.paused_until), as_json(until)]
    happened(unit, service_id, what, staff_id, changed=differ, why=why)
