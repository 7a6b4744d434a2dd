"""Referrals: someone asks for help, and from then on there is a case and a promise to be in touch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.casework import cases
from bot.casework.handoffs import open_handoff
from bot.clock import OpeningHours
from bot.people.for_a_human import open_case_id
from bot.people.persons import agreed
from bot.store.tables import CaseStatus, ReferralStatus, referral
from bot.store.tables import cases as case_table
from bot.store.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class ReferralOpened:
    """It is with the link workers. `promised_by` (aware UTC) is the day's end we named to the person."""

    referral_id: int
    case_id: int
    handoff_id: int
    promised_by: datetime


@dataclass(frozen=True, slots=True)
class Referral:
    """What someone asked for, as they put it. `content` holds their answers."""

    id: int
    person_id: int
    made_at: datetime
    status: ReferralStatus
    by: str
    source: str | None
    content: Any

    def __repr__(self) -> str:
        return f"Referral(id={self.id}, status={self.status.value})"


def open_referral(
    unit: UnitOfWork,
    person_id: int,
    conversation_id: int,
    *,
    by: str,
    source: str | None,
    content: Any,
    hours: OpeningHours,
    within_days: int,
) -> ReferralOpened:
    """Pass someone on to the link workers: they have said yes.

    `by` is self, someone-else, staff or professional; `content` anything JSON can hold, each
    answer with its inbox id. They are promised contact by the end of the `within_days`-th working
    day. Someone with an open case keeps it: the new referral joins it.
    """
    agreed(unit, person_id)
    referral_id, case_id, promised_by = _with_case(
        unit, person_id, by=by, source=source, content=content, hours=hours, within_days=within_days
    )
    handoff_id = open_handoff(
        unit, conversation_id, reason="referral", case_id=case_id, due_at=promised_by, hours=hours
    )
    return ReferralOpened(referral_id, case_id, handoff_id, promised_by)


def _with_case(
    unit: UnitOfWork,
    person_id: int,
    *,
    by: str,
    source: str | None,
    content: Any,
    hours: OpeningHours,
    within_days: int,
) -> tuple[int, int, datetime]:
    referral_id = unit.insert(
        referral,
        person_id=person_id,
        made_at=unit.now,
        status=ReferralStatus.MADE,
        by=by,
        source=source,
        content=unit.sealer.seal_json(content),
    )
    promised_by = hours.working_days_after(unit.now, within_days)
    case_id = open_case_id(unit, person_id)
    if case_id is None:
        case_id = unit.insert(
            case_table,
            person_id=person_id,
            referral_id=referral_id,
            status=CaseStatus.OPEN,
            opened_at=unit.now,
        )
    else:
        before = cases.case_by_id(unit, case_id)
        unit.execute(update(case_table).where(case_table.c.id == case_id).values(referral_id=referral_id))
        if before.first_contact_at is None and before.promised_by and before.promised_by > unit.now:
            promised_by = before.promised_by  # asking again makes nobody wait longer
    cases.promise(unit, case_id, promised_by, hours)
    unit.audit("referral opened", f"referral:{referral_id}", by=by, case=case_id)
    return referral_id, case_id, promised_by


def referrals_of(reading: Reading, person_id: int) -> list[Referral]:
    """Every referral of theirs, newest first."""
    rows = reading.execute(
        select(referral).where(referral.c.person_id == person_id).order_by(referral.c.id.desc())
    )
    return [
        Referral(r.id, r.person_id, r.made_at, r.status, r.by, r.source, reading.sealer.open_json(r.content))
        for r in rows
    ]
