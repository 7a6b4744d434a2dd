"""What tests of booking in the conversation look at and set up: hours, wishes, what stands, what is to do."""

from __future__ import annotations

from datetime import time
from typing import Any

from bot.appointments.appointment import Appointment, appointments_of
from bot.appointments.calendar import Hours, set_calendar
from bot.casework.tasks import open_tasks
from bot.people.persons import plan_contact
from tests.support.conversation import Conversation
from tests.support.phone import Phone


def booked(phone: Phone) -> list[Appointment]:
    """What stands for them, the next first."""
    with phone.conversation.reading() as reading:
        found = appointments_of(reading, phone.person.id)
        return [one for one in reversed(found) if one.stands]


def tasks_of(phone: Phone) -> set[str]:
    """What a human is to do for them."""
    with phone.conversation.reading() as reading:
        return {task.kind for task in open_tasks(reading, person_id=phone.person.id)}


def hours_of(conversation: Conversation, staff_id: int, *hours: Hours, **more: Any) -> None:
    """These are their hours from now on."""
    more = {"open_to_people": True, "gap_minutes": 0, **more}
    conversation.store.run(
        lambda unit: set_calendar(unit, staff_id, hours=hours, **more), acting="test"
    ).result(30)  # fmt: skip


def one_slot(conversation: Conversation, staff_id: int) -> None:
    """All that is free in the next days is Thursday at ten."""
    hours_of(conversation, staff_id, Hours(3, time(10), time(10, 45)), ahead_days=6)


def plan(phone: Phone, **wishes: str) -> None:
    """What their contact plan says from now on."""
    phone.conversation.store.run(
        lambda unit: plan_contact(unit, phone.person.id, **wishes), acting="test"
    ).result(30)  # fmt: skip
