"""Notices to staff: that something waits and how urgent it is. Never who, never what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update

from bot.clock import OpeningHours
from bot.safety.noticing import Level
from bot.store.prepared import Prepared
from bot.store.tables import notice, staff
from bot.store.unit_of_work import Reading, UnitOfWork

#: The ways a member of staff can be told, as `staff.alert_by` has them.
WAYS = ("email", "telegram")

#: Why a notice came to nothing although nothing failed.
SEEN_TO, NO_LONGER_STAFF = "seen to", "no longer staff"


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who is told at once whatever the hour, and how: "email" or "telegram"."""

    staff_id: int
    by: str


_told_of_things = Prepared(
    select(staff.c.id, staff.c.alert_by, staff.c.hours).where(
        staff.c.active.is_(True), or_(*(staff.c.alert_by == way for way in WAYS))
    )
)


def queue_notices(
    unit: UnitOfWork,
    *,
    level: str | None = None,
    handoff_id: int | None = None,
    hours: OpeningHours | None = None,
    staffed: bool = False,
    at_once: OnDuty | None = None,
) -> int:
    """Tell everyone who asked to be told that something waits; how many will be.

    `level` is a concern's, or None. `hours` are the team's; each is told within their own, else
    within those, else at the next opening: nobody is woken. Without `hours` delivery works out
    the time. `staffed`: this service has a rota at all hours, so what pages people goes now.
    `at_once` is told now, asked or not. A second notice about the same handoff that has not gone
    yet only raises the first's level.
    """
    rows = [tuple(row) for row in _told_of_things.all(unit.connection, {})]
    if at_once is not None:
        rows = [row for row in rows if row[0] != at_once.staff_id] + [(at_once.staff_id, at_once.by, None)]
    for staff_id, by, own in rows:
        due = unit.now
        if at_once is not None and staff_id == at_once.staff_id:
            pass
        elif hours is not None and not (staffed and pages(level)):
            due = hours_of(own, hours).next_opening(unit.now)
        if handoff_id is not None and _raised(unit, staff_id, handoff_id, level, due):
            continue
        unit.insert(
            notice,
            staff_id=staff_id,
            handoff_id=handoff_id,
            level=level,
            by=by,
            due_at=due,
            created_at=unit.now,
        )
    if rows:
        unit.tell("notices")
    return len(rows)


def hours_of(own: str | None, team: OpeningHours) -> OpeningHours:
    """A member of staff's own hours, or the team's where they set none or what they set is wrong."""
    if not own:
        return team
    try:
        return OpeningHours.parse(own, team.zone, team.nation)
    except ValueError:
        return team


def pages(level: str | None) -> bool:
    """Whether people are called for this at once."""
    return level is not None and Level(level).pages


def urgency(level: str | None) -> int:
    """The higher is seen to first; nothing noticed is 0."""
    return Level(level).rank if level else 0


@dataclass(frozen=True, slots=True)
class NotTold:
    """A notice that did not get to a member of staff, and why. `at` is when it was asked for (aware UTC)."""

    staff_id: int
    by: str
    why: str
    at: datetime


def not_told(reading: Reading, since: datetime) -> list[NotTold]:
    """The notices that failed since then, newest first; not those that nobody needed any more."""
    rows = reading.execute(
        select(notice.c.staff_id, notice.c.by, notice.c.failed, notice.c.created_at)
        .where(
            notice.c.failed.is_not(None),
            notice.c.failed.not_in((SEEN_TO, NO_LONGER_STAFF)),
            notice.c.created_at >= since,
        )
        .order_by(notice.c.id.desc())
        .limit(100)
    )
    return [NotTold(*row) for row in rows]


def _raised(unit: UnitOfWork, staff_id: int, handoff_id: int, level: str | None, due: datetime) -> bool:
    """Whether a notice about this handoff is still on its way to them; it now says this too."""
    row = unit.execute(
        select(notice.c.id, notice.c.level, notice.c.due_at).where(
            notice.c.staff_id == staff_id,
            notice.c.handoff_id == handoff_id,
            notice.c.sent_at.is_(None),
            notice.c.failed.is_(None),
        )
    ).first()
    if row is None:
        return False
    unit.execute(
        update(notice)
        .where(notice.c.id == row.id)
        .values(level=max(level, row.level, key=urgency), due_at=min(due, row.due_at), created_at=unit.now)
    )
    return True
