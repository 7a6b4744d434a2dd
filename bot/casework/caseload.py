"""Caseload: how much each worker carries, and who has room."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from bot.casework.staffing import Staff, all_staff
from bot.store.tables import CaseStatus, HandoffStatus, Role, cases, handoff
from bot.store.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class Caseload:
    """What one worker carries now: open cases, and conversations they hold."""

    staff: Staff
    open_cases: int
    held: int

    @property
    def has_room(self) -> bool:
        """Whether they are under their limit; without a limit there is always room."""
        return self.staff.case_limit is None or self.open_cases < self.staff.case_limit


def caseloads(reading: Reading) -> list[Caseload]:
    """Everyone at work, the one who carries least first."""
    open_cases = dict(
        reading.execute(
            select(cases.c.owner_id, func.count())
            .where(cases.c.status == CaseStatus.OPEN, cases.c.owner_id.is_not(None))
            .group_by(cases.c.owner_id)
        ).all()
    )
    held = dict(
        reading.execute(
            select(handoff.c.picked_up_by, func.count())
            .where(handoff.c.status == HandoffStatus.PICKED_UP)
            .group_by(handoff.c.picked_up_by)
        ).all()
    )
    loads = [
        Caseload(member, open_cases.get(member.id, 0), held.get(member.id, 0))
        for member in all_staff(reading, active_only=True)
    ]
    return sorted(loads, key=lambda load: (load.open_cases, load.held, load.staff.id))


def beyond_limit(reading: Reading, staff_id: int, case_id: int | None) -> Caseload | None:
    """What this worker carries, when taking this case would be more than their limit; else None.

    A case that is somebody's already stays theirs, so that picking it up adds nothing.
    """
    if case_id is None:
        return None
    nobodys = reading.execute(
        select(cases.c.id).where(
            cases.c.id == case_id, cases.c.status == CaseStatus.OPEN, cases.c.owner_id.is_(None)
        )
    ).first()
    if nobodys is None:
        return None
    return at_limit(reading, staff_id)


def at_limit(reading: Reading, staff_id: int) -> Caseload | None:
    """What this worker carries, when that is as much as their limit or more; else None."""
    load = next((load for load in caseloads(reading) if load.staff.id == staff_id), None)
    return load if load is not None and not load.has_room else None


def note_beyond_limit(unit: UnitOfWork, load: Caseload, case_id: int) -> None:
    """They were told of their limit, and took it all the same."""
    unit.audit("took a case beyond their limit", f"case:{case_id}", limit=load.staff.case_limit)


def who_has_room(reading: Reading) -> list[Caseload]:
    """Link workers and leads a new case can be given to, the one who carries least first."""
    return [c for c in caseloads(reading) if c.has_room and c.staff.role is not Role.ADMINISTRATOR]


def unowned_cases(reading: Reading) -> int:
    """Open cases that are nobody's yet."""
    return reading.execute(
        select(func.count())
        .select_from(cases)
        .where(cases.c.status == CaseStatus.OPEN, cases.c.owner_id.is_(None))
    ).scalar_one()
