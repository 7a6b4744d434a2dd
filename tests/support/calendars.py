"""A link worker's week with invented people in it, for the tests of the calendar and for its pictures.

    booked = seed_calendar(store, ashby)
    booked["ray"]  # the id of an appointment

Bea is there from Monday to Friday, nine to half past four, with a break at half past twelve.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.appointments.calendar import Hours, set_calendar
from bot.appointments.places import add_place
from bot.casework.rota import take_off
from bot.messages import ChannelName
from bot.people import contact_points, persons
from bot.store import tables
from bot.store.engines import Store
from bot.store.tables import Meeting, Safe, SessionStatus
from bot.store.timers import set_timer
from bot.store.unit_of_work import UnitOfWork
from tests.support.diary import appointment
from tests.support.seeds import Ashby
from tests.support.staff_site import AtWork, Visitor

LONDON = ZoneInfo("Europe/London")
#: For what pages say one engine is enough: booking itself is tried on both.
ON_ONE_ENGINE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def booked(store: Store, ashby: Ashby) -> dict[str, int]:
    """A week of Bea's: the ids of the appointments in it, by a short name."""
    return seed_calendar(store, ashby)


@pytest.fixture
def bea_at_work(at_work: AtWork, booked: dict[str, int]) -> Visitor:
    """Bea, at work in that week."""
    return at_work("bea")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A local time in London."""
    return datetime.combine(day, time(hour, minute), LONDON).astimezone(UTC)


def seed_hours(unit: UnitOfWork, staff_id: int, *places: int, **more: Any) -> None:
    """Monday to Friday, nine to half past twelve and half past one to half past four."""
    hours = [
        Hours(day, opens, closes, tuple(places))
        for day in range(5)
        for opens, closes in ((time(9), time(12, 30)), (time(13, 30), time(16, 30)))
    ]
    set_calendar(unit, staff_id, zone=LONDON, hours=hours, **{"open_to_people": True, **more})


def seed_calendar(store: Store, ashby: Ashby) -> dict[str, int]:
    """This week of Bea's, one morning of Ali's, and what was said and sent about them."""
    return store.run(lambda unit: _seed(unit, ashby), acting="test").result(60)


def someone(unit: UnitOfWork, name: str, nth: int) -> int:
    """Somebody else who said yes."""
    made = contact_points.first_contact(
        unit, ChannelName.SMS, f"+4477009002{nth:02}", language="en", zone="Europe/London"
    )
    contact_points.heard_from(unit, made.id)
    contact_points.set_safe(unit, made.id, Safe.ONLY_ME)
    persons.call(unit, made.person_id, name)
    persons.agreed(unit, made.person_id)
    return made.person_id


def _seed(unit: UnitOfWork, ashby: Ashby) -> dict[str, int]:
    today = unit.now.astimezone(LONDON).date()
    monday = today - timedelta(days=today.weekday())
    tue, wed, thu, fri = (monday + timedelta(days=n) for n in range(1, 5))
    cafe = add_place(unit, Meeting.CAFE, "Corner Cafe", "1 Market Place, Ashby", "By the clock tower.")
    surgery = add_place(unit, Meeting.SURGERY, "North Street Surgery", "12 North Street, Ashby")
    phone = add_place(unit, Meeting.PHONE, "By phone")
    seed_hours(unit, ashby.bea, phone, cafe, surgery)
    seed_hours(unit, ashby.ali, phone)
    nina, omar, gwen, jo = (
        someone(unit, name, n) for n, name in enumerate(("Nina Holt", "Omar Said", "Gwen Rees", "Jo Best"))
    )
    book = lambda who, day, hour, minute=0, **more: appointment(  # noqa: E731
        unit, more.pop("staff", ashby.bea), who, at(day, hour, minute), **more
    )
    made = {
        "came": book(nina, monday, 10, status="attended", kind="first"),
        "missed": book(omar, monday, 14, status="did-not-attend", minutes=30),
        "early": book(gwen, tue, 9, 15, minutes=30),
        "ray": book(
            ashby.ray.person_id, tue, 11, kind="first", meeting="cafe", place_id=cafe,
            coming_at=unit.now, needs=unit.sealer.seal("a table near the door"),
        ),
        "late": book(nina, tue, 14, minutes=30, late_minutes=10, coming_at=unit.now),
        "home": book(
            ashby.pryce.person_id, wed, 9, 30, minutes=60, kind="visit", meeting="home",
            where="12 Invented Row, Ashby",
        ),
        "surgery": book(omar, wed, 13, 30, meeting="surgery", place_id=surgery, coming_at=unit.now),
        "video": book(jo, thu, 10, minutes=30, meeting="video", kind="review"),
        "held": book(
            ashby.dev.person_id, thu, 14, minutes=45, status="held", kind="first",
            held_until=unit.now + timedelta(minutes=8),
        ),
        "ali": book(jo, tue, 10, minutes=45, staff=ashby.ali),
    }  # fmt: skip
    unit.execute(
        tables.appointment.update().where(tables.appointment.c.id == made["held"]).values(booked_at=None)
    )
    _sent(unit, made["ray"], "day_before", at(monday, 10))
    _sent(unit, made["late"], "day_before", at(monday, 10))
    _sent(unit, made["home"], "day_before", unit.now - timedelta(hours=1), why="opted out")
    set_timer(
        unit, "remind", at(wed, 10), subject=f"appointment:{made['video']}", version=1, step="day_before"
    )
    unit.insert(
        tables.group_session, name="Walk and talk", staff_id=ashby.bea, place_id=None,
        starts_at=at(fri, 10), ends_at=at(fri, 11, 30), most=8, status=SessionStatus.PLANNED,
        created_at=unit.now,
    )  # fmt: skip
    take_off(unit, ashby.bea, "training", at(wed, 15), at(wed, 16, 30), "Safeguarding refresher")
    take_off(unit, ashby.bea, "leave", at(fri, 13, 30), at(fri + timedelta(days=7), 17))
    return made


def _sent(unit: UnitOfWork, one: int, step: str, when: datetime, why: str = "") -> None:
    unit.insert(
        tables.appointment_event, appointment_id=one, what="not-reminded" if why else "reminded", at=when,
        acting="timer", step=step, details={"version": 1, **({"why": why} if why else {})},
    )  # fmt: skip
