"""A person somebody else told us about: the least is kept, and no message ever goes to them from here."""

from __future__ import annotations

import secrets

from bot.people.persons import call, plan_contact
from bot.store.tables import conversation, person
from bot.store.unit_of_work import UnitOfWork


def someone_else(unit: UnitOfWork, *, name: str, how: str, language: str, zone: str) -> tuple[int, int]:
    """Someone a carer or a professional gave us: their person and conversation ids.

    There is no contact point: what they gave is for a link worker to ring, never to text.
    """
    person_id = unit.insert(
        person, token=secrets.token_hex(16), created_at=unit.now, language=language, zone=zone
    )
    conversation_id = unit.insert(conversation, person_id=person_id)
    if name:
        call(unit, person_id, name)
    plan_contact(unit, person_id, how=how, who_answers=None)
    return person_id, conversation_id
