"""Someone rang or walked in: a worker opens their case for them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from bot.casework import cases
from bot.casework.referrals import ReferralOpened, open_referral
from bot.clock import OpeningHours
from bot.people import consents, persons
from bot.store.tables import Ledger, conversation, person
from bot.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class WalkInOpened:
    """The person, their conversation (silent until they write) and their referral."""

    person_id: int
    person_token: str
    conversation_id: int
    referral: ReferralOpened


def open_for_walk_in(
    unit: UnitOfWork,
    staff_id: int,
    *,
    name: str,
    agreed: bool,
    hours: OpeningHours,
    within_days: int,
    content: Any = None,
    plan: dict[str, str | None] | None = None,
    how: str = "rang",
    language: str = "en",
    zone: str = "Europe/London",
    mine: bool = False,
) -> WalkInOpened:
    """Open a person and their case at a worker's desk.

    `agreed` is their yes, asked aloud; without it nothing is kept and ValueError is raised. A
    number goes in `plan["number"]`: it is rung by a human, never texted, and shows likely
    duplicates. `how` is where they came from ("rang", "walked in"). `mine` gives the case to
    `staff_id`; it still stands in the queue until it is picked up.
    """
    if not agreed:
        raise ValueError("nothing is kept of someone who has not agreed")
    if not name.strip():
        raise ValueError("ask what they wish to be called")
    token = secrets.token_hex(16)
    person_id = unit.insert(
        person, token=token, created_at=unit.now, language=language, zone=zone, source=how[:64]
    )
    conversation_id = unit.insert(conversation, person_id=person_id)
    persons.call(unit, person_id, name)
    if plan:
        persons.plan_contact(unit, person_id, **plan)
    consents.record(unit, person_id, Ledger.AGREEMENT, "pass-on", True, language=language)
    opened = open_referral(
        unit,
        person_id,
        conversation_id,
        by="staff",
        source=how[:64],
        content=content or {},
        hours=hours,
        within_days=within_days,
    )
    if mine:
        cases.take(unit, opened.case_id, staff_id)
    unit.audit("opened for a walk-in", f"person:{person_id}", staff=staff_id)
    return WalkInOpened(person_id, token, conversation_id, opened)
