"""Caseload: how much each worker carries, and who has room."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from bot.casework.staffing import Staff, all_staff
from bot.store.tables import CaseStatus, HandoffStatus, Role, cases, handoff
from bot.store.unit_of_work import Reading


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
