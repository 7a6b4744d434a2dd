"""Where people meet a link worker: by phone, by video, at home, in a cafe, at the surgery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update

from bot.store.tables import Meeting, appointment_place
from bot.store.unit_of_work import Reading, UnitOfWork

#: How long each detail may be, as the table has it.
LONGEST = {"name": 80, "address": 200, "how_to_get_there": 300, "link": 300}


@dataclass(frozen=True, slots=True)
class Place:
    """A place as people hear of it. `link` is a video room's. A retired one is not offered any more."""

    id: int
    meeting: Meeting
    name: str
    address: str
    how_to_get_there: str
    link: str
    retired_at: datetime | None = None


COLUMNS = (
    appointment_place.c.id, appointment_place.c.meeting, appointment_place.c.name,
    appointment_place.c.address, appointment_place.c.how_to_get_there, appointment_place.c.link,
    appointment_place.c.retired_at,
)  # fmt: skip
_places = select(*COLUMNS)


def places(reading: Reading, *, all_: bool = False) -> list[Place]:
    """Every place by its name; the retired ones only where `all_` are asked for."""
    query = _places if all_ else _places.where(appointment_place.c.retired_at.is_(None))
    found = [Place(*row) for row in reading.execute(query)]
    return sorted(found, key=lambda place: (place.name.casefold(), place.id))


def place_of(reading: Reading, place_id: int) -> Place | None:
    """This place, retired or not."""
    row = reading.execute(_places.where(appointment_place.c.id == place_id)).first()
    return Place(*row) if row else None


def add_place(
    unit: UnitOfWork,
    meeting: Meeting | str,
    name: str,
    address: str = "",
    how_to_get_there: str = "",
    link: str = "",
) -> int:
    """A new place; its id. Raises ValueError with a plain sentence where a detail is wrong."""
    details = checked(
        meeting=meeting, name=name, address=address, how_to_get_there=how_to_get_there, link=link
    )
    made = unit.insert(appointment_place, created_at=unit.now, **details)
    unit.audit("place added", f"place:{made}")
    unit.tell("calendar")
    return made


def correct_place(unit: UnitOfWork, place_id: int, **fields: Any) -> None:
    """Put its details right: any of meeting, name, address, how_to_get_there, link.

    What is booked there says the new ones from now on. Raises ValueError with a plain sentence.
    """
    unit.change(appointment_place, place_id, **checked(**fields))
    unit.audit("place corrected", f"place:{place_id}", fields=sorted(fields))
    unit.tell("calendar")


def retire_place(unit: UnitOfWork, place_id: int) -> None:
    """It is not offered any more. What is booked there stands."""
    unit.execute(
        update(appointment_place)
        .where(appointment_place.c.id == place_id, appointment_place.c.retired_at.is_(None))
        .values(retired_at=unit.now)
    )
    unit.audit("place retired", f"place:{place_id}")
    unit.tell("calendar")


def bring_back(unit: UnitOfWork, place_id: int) -> None:
    """It is offered again."""
    unit.change(appointment_place, place_id, retired_at=None)
    unit.audit("place brought back", f"place:{place_id}")
    unit.tell("calendar")


def checked(**fields: Any) -> dict[str, Any]:
    """The details as they are kept. Raises ValueError with a plain sentence."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "meeting":
            found[name] = _meeting(value)
            continue
        if name not in LONGEST:
            raise TypeError(f"a place has no {name}")
        words = " ".join(str(value).split())
        if len(words) > LONGEST[name]:
            said = name.replace("_", " ").capitalize()
            raise ValueError(f"{said} can be {LONGEST[name]} letters at most.")
        found[name] = words
    if "name" in found and not found["name"]:
        raise ValueError("Give the place a name, as people know it.")
    if found.get("link") and urlsplit(found["link"]).scheme not in ("https", "http"):
        raise ValueError("A link begins with https://.")
    return found


def _meeting(value: Meeting | str) -> Meeting:
    try:
        return Meeting(value)
    except ValueError:
        raise ValueError("Say how people meet there: by phone, by video, at home or somewhere.") from None
