"""Link workers with hours, places, and people who have a case, for tests of appointments.

Each function takes `done`, does its work in one transaction, and gives what a test needs to know. Where
nothing is said: Amina is there Monday to Friday, nine to five, London time, by phone, and people may book
her; it is Tuesday 3 March 2026, ten in the morning.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.appointments import booking, calendar, places
from bot.appointments.appointment import Appointment, appointment_of
from bot.appointments.calendar import Hours
from bot.appointments.diary import Clash
from bot.appointments.slots import Slot, Wishes, slots_free
from bot.clock import LONDON
from bot.people.contact_points import ContactPoint
from bot.store.engines import Store
from bot.store.tables import Meeting
from bot.store.unit_of_work import Reading
from tests.support.people import RAY, comes, is_referred, timers, works_here
from tests.support.stores import HOURS, Done

NINE, FIVE = time(9), time(17)


def nine_to_five(*place_ids: int, days: Iterable[int] = range(5)) -> list[Hours]:
    """There on those weekdays (Monday is 0), at these places; none: by phone."""
    return [Hours(day, NINE, FIVE, tuple(place_ids)) for day in days]


def worker(
    done: Done,
    name: str = "Amina Shah",
    *,
    hours: Iterable[Hours] | None = None,
    open_to_people: bool = True,
    **calendar_: Any,
) -> int:
    """A link worker with hours; their id. Any of `set_calendar`'s details may be given."""
    staff_id = works_here(done, name)
    there = nine_to_five() if hours is None else list(hours)
    done(
        lambda unit: calendar.set_calendar(
            unit, staff_id, hours=there, open_to_people=open_to_people, **calendar_
        ),
        acting=f"staff:{staff_id}",
    )
    return staff_id


def surgery(done: Done, name: str = "Ashby Surgery") -> int:
    """A place to meet; its id."""
    return done(
        lambda unit: places.add_place(
            unit, Meeting.SURGERY, name, "1 High Street, Ashby", "Bus 5 stops outside. Ring the bell."
        )
    )


def resident(done: Done, address: str = RAY, name: str = "Ray", **came: Any) -> ContactPoint:
    """Someone who agreed, and has a case."""
    point = comes(done, address, name=name, agrees=True, **came)
    is_referred(done, point, HOURS)
    return point


def residents(done: Done, how_many: int) -> list[ContactPoint]:
    """So many, each with a number of their own."""
    return [resident(done, f"+44770090{n:04d}", name="Ray") for n in range(100, 100 + how_many)]


def at(year: int, month: int, day: int, hour: int, minute: int = 0, zone: ZoneInfo = LONDON) -> datetime:
    """A local time as aware UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


def thursday(hour: int, minute: int = 0) -> datetime:
    """Thursday 5 March 2026, two days from the tests' first morning."""
    return at(2026, 3, 5, hour, minute)


def on(day: date, hour: int, minute: int = 0) -> datetime:
    """That local time on that day, in London."""
    return at(day.year, day.month, day.day, hour, minute)


def books(
    done: Done,
    person_id: int,
    staff_id: int,
    starts_at: datetime | None = None,
    *,
    acting: str = "person",
    **details: Any,
) -> Appointment:
    """It is booked: on Thursday at ten for half an hour by phone where nothing else is said."""
    details = {"minutes": 30, "kind": "review", "meeting": Meeting.PHONE} | details
    found = done(
        lambda unit: booking.book(unit, person_id, staff_id, starts_at or thursday(10), **details),
        acting=acting,
    )
    assert isinstance(found, Appointment), found
    return found


def slot(staff_id: int, starts_at: datetime, minutes: int = 30, meeting: Meeting = Meeting.PHONE) -> Slot:
    """That time with them."""
    return Slot(
        staff_id, starts_at, datetime.fromtimestamp(starts_at.timestamp() + 60 * minutes, UTC), meeting
    )


def holds(done: Done, person_id: int, wanted: Slot, kind: str = "review", **more: Any) -> Appointment | Clash:
    """They are about to say yes to it."""
    return done(lambda unit: booking.hold(unit, person_id, wanted, kind, **more), acting="person")


def calls_off(
    done: Done, appointment_id: int, *, acting: str = "person", why: str = "cannot-come"
) -> Appointment:
    """It is off."""
    return done(lambda unit: booking.cancel(unit, appointment_id, why=why), acting=acting)


def reminders_set(reading: Reading, one: Appointment) -> set[int]:
    """For which versions of it reminders still wait."""
    return {row.version for row in timers(reading, "remind") if row.subject == f"appointment:{one.id}"}


def now_is(store: Store, appointment_id: int) -> Appointment:
    """The appointment as it stands."""
    with store.reading() as reading:
        return appointment_of(reading, appointment_id)


def free(store: Store, wishes: Wishes | None = None, **more: Any) -> list[Slot]:
    """What is free."""
    with store.reading() as reading:
        return slots_free(reading, wishes or Wishes(kind="review"), **{"nation": "england"} | more)


def times(found: Iterable[Slot]) -> list[str]:
    """When these begin, as a clock in London shows it: "Thu 05 Mar 09:00"."""
    return [f"{one.starts_at.astimezone(LONDON):%a %d %b %H:%M}" for one in found]
