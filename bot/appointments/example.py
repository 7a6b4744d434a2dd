"""Hours and places nobody keeps, so that whoever tries this on their machine can book an appointment."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

from bot.appointments.calendar import Hours, calendars, set_calendar
from bot.appointments.places import add_place
from bot.store.tables import Meeting
from bot.store.unit_of_work import UnitOfWork

WORKING_DAYS = range(5)
MORNING, AFTERNOON = (time(9, 30), time(12, 30)), (time(13, 30), time(16, 30))


def add_example_hours(unit: UnitOfWork, staff_id: int, zone: ZoneInfo) -> bool:
    """Have this worker there from Monday to Friday, by phone or in an invented cafe.

    False when anybody has a calendar already: a service that is in use keeps its own.
    """
    if calendars(unit):
        return False
    phone = add_place(unit, Meeting.PHONE, "By phone")
    cafe = add_place(
        unit,
        Meeting.CAFE,
        "Example Cafe",
        address="1 Example Street, Ashby",
        how_to_get_there="An invented place. From the bus station go up the hill; it has a blue door.",
    )
    hours = [
        Hours(day, opens, closes, (phone, cafe))
        for day in WORKING_DAYS
        for opens, closes in (MORNING, AFTERNOON)
    ]
    set_calendar(unit, staff_id, zone=zone, hours=hours, open_to_people=True)
    return True
