"""Who may see what someone said: staff with a yes; without one, only what put the person before them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from bot.casework.staffing import Staff
from bot.people.for_a_human import STANDING
from bot.store.tables import concern, conversation, handoff, person, staff
from bot.store.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class Access:
    """What a worker may open of a person, and why.

    `all`: everything. Else `from_inbox_id`: what was said from that message on. Else nothing.
    `reason` goes into the audit: agreed, or what the handoff was for, or why not.
    """

    all: bool
    from_inbox_id: int | None
    reason: str

    @property
    def none(self) -> bool:
        """Whether nothing may be opened."""
        return not self.all and self.from_inbox_id is None


def may_open(reading: Reading, member: Staff | int, person_id: int) -> Access:
    """What this worker may open of this person (practice, section 2).

    With their agreement everything. Without it, from the message on with which they asked for a
    person, while that handoff stands; and from a concern on, whose record stays. What turned out
    to be no concern opens nothing.
    """
    staff_id = member if isinstance(member, int) else member.id
    active = reading.execute(select(staff.c.active).where(staff.c.id == staff_id)).scalar_one_or_none()
    if not active:
        return Access(False, None, "not on the team")
    row = reading.execute(
        select(person.c.agreed_at, person.c.erased_at, conversation.c.id)
        .join(conversation, conversation.c.person_id == person.c.id)
        .where(person.c.id == person_id)
    ).first()
    if row is None:
        return Access(False, None, "nobody")
    if row.erased_at is not None:
        return Access(False, None, "erased")
    if row.agreed_at is not None:
        return Access(True, None, "agreed")
    noticed = reading.execute(
        select(func.min(concern.c.inbox_id)).where(
            concern.c.conversation_id == row.id, concern.c.not_a_concern_at.is_(None)
        )
    ).scalar_one()
    put_before_us = reading.execute(
        select(handoff.c.sees_from, handoff.c.reason).where(
            handoff.c.conversation_id == row.id,
            handoff.c.status.in_(STANDING),
            handoff.c.sees_from.is_not(None),
        )
    ).first()
    if put_before_us and (noticed is None or put_before_us.sees_from <= noticed):
        return Access(False, put_before_us.sees_from, put_before_us.reason)
    if noticed is not None:
        return Access(False, noticed, "concern")
    return Access(False, None, "no agreement")


def record_view(unit: UnitOfWork, person_id: int, access: Access, what: str = "case") -> None:
    """Someone on the team opened this: whose, which page, and on what ground."""
    unit.audit(
        f"{what} seen",
        f"person:{person_id}",
        reason=access.reason,
        all=access.all,
        from_inbox_id=access.from_inbox_id,
    )
