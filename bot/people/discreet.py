"""Whose messages and files must say nothing of what they are about: others may read them, or they asked."""

from __future__ import annotations

from sqlalchemy import select

from bot.people.safe_contact import THEIRS_ALONE
from bot.store.tables import contact_point, person
from bot.store.unit_of_work import Reading

#: What a contact plan says under "reminders" where they asked for discreet words.
DISCREET = "discreet"


def discreet_for(reading: Reading, person_id: int) -> bool:
    """Whether what goes to them by itself names nothing: no service, no name, no reason.

    So it is unless every way to reach them is theirs alone, and they did not ask for discreet words.
    """
    sealed = reading.execute(select(person.c.contact_plan).where(person.c.id == person_id)).scalar()
    if sealed is not None and reading.sealer.open_json(sealed).get("reminders") == DISCREET:
        return True
    ways = set(
        reading.execute(
            select(contact_point.c.safe).where(contact_point.c.person_id == person_id).distinct()
        ).scalars()
    )
    return not ways or not ways <= THEIRS_ALONE
