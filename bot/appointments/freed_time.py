"""A time that came free, and those who would come sooner."""

from __future__ import annotations

from bot.appointments.appointment import Appointment
from bot.store.unit_of_work import UnitOfWork


def freed(unit: UnitOfWork, before: Appointment) -> None:
    """What was booked then is off or elsewhere: somebody else may have the time."""
