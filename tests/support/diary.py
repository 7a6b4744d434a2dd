"""What stands in calendars, put there without booking it: for what reads appointments.

bea = worker(unit, "Bea")
when = appointment(unit, bea, somebody(unit, "Ray"), TUESDAY_10AM, status="attended")
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.appointments.appointment import file_token, token_lookup
from bot.casework import staffing
from bot.messages import ChannelName
from bot.people import contact_points, persons
from bot.store import tables
from bot.store.tables import Safe
from bot.store.unit_of_work import UnitOfWork

ADDRESS = "12 Invented Row, Ashby"


def worker(unit: UnitOfWork, name: str = "Bea Marsh", role: str = "link-worker") -> int:
    """Somebody on the team; their id."""
    return staffing.add_staff(unit, f"{name.split()[0].lower()}@team.example", name, role)


def somebody(
    unit: UnitOfWork, name: str = "Ray Poole", nth: int = 0, safe: Safe = Safe.ONLY_ME, language: str = "en"
) -> int:
    """Somebody who texted us once; their id. `nth` makes their number one of their own."""
    point = contact_points.first_contact(
        unit, ChannelName.SMS, f"+447700900{nth:03}", language=language, zone="Europe/London"
    )
    contact_points.set_safe(unit, point.id, safe)
    if name:
        persons.call(unit, point.person_id, name)
    return point.person_id


def appointment(
    unit: UnitOfWork,
    staff_id: int,
    person_id: int,
    starts_at: datetime,
    *,
    minutes: int = 45,
    status: str = "booked",
    meeting: str = "phone",
    place_id: int | None = None,
    where: str = "",
    bring: str = "",
    booked_before: timedelta = timedelta(days=10),
    **more: Any,
) -> int:
    """One row as booking would have left it; its id."""

    def seal(words: str) -> bytes | None:
        return unit.sealer.seal(words) if words else None

    made = unit.insert(
        tables.appointment,
        token=unit.sealer.lookup("not yet", f"{person_id} {starts_at.isoformat()} {staff_id} {status}"),
        person_id=person_id, staff_id=staff_id, kind=more.pop("kind", "review"), status=status,
        starts_at=starts_at.astimezone(UTC), ends_at=(starts_at + timedelta(minutes=minutes)).astimezone(UTC),
        zone=more.pop("zone", "Europe/London"), meeting=meeting, place_id=place_id, where=seal(where),
        bring=seal(bring), booked_at=(starts_at - booked_before).astimezone(UTC), booked_by="person",
        plan=more.pop("plan", "standard"), arms=more.pop("arms", {}), version=more.pop("version", 1), **more,
    )  # fmt: skip
    unit.change(tables.appointment, made, token=token_lookup(unit, file_token(unit, made)))
    return made
