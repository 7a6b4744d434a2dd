"""Who is told that someone waits, and who is told next when nobody picks them up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.casework.handoff_events import Handoff, handoff_of, note_event
from bot.casework.staffing import by_email
from bot.clock import OpeningHours
from bot.outbox.notices import WAYS, OnDuty, hours_of, pages, queue_notices
from bot.safety.noticing import Level
from bot.settings import Settings
from bot.store.tables import HandoffStatus, Role, concern, notice, staff, timer
from bot.store.timers import clear, set_timer
from bot.store.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class Alarm:
    """How this service wants to be told of danger.

    `minutes` of open time pass until leads are told that nobody has picked it up; `duty` is the
    email address of whoever on the team hears of *danger now* in closed hours, or empty.
    """

    minutes: float = 15.0
    duty: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Alarm:
        """As the operator set it."""
        return cls(settings.pick_up_within_minutes, settings.duty_email)


AS_USUAL = Alarm()


@dataclass(frozen=True, slots=True)
class NextToTell:
    """A lead to be told that nobody has picked this up, from when (aware UTC), and how."""

    staff_id: int
    by: str
    due_at: datetime


def tell_staff(
    unit: UnitOfWork,
    handoff_id: int,
    *,
    level: str | None,
    hours: OpeningHours | None = None,
    alarm: Alarm = AS_USUAL,
    staffed: bool = False,
) -> None:
    """Tell the team that something waits, and look again in the alarm's minutes if it pages people.

    A worry wakes nobody, and in closed hours no link worker is woken: it is the first on the page
    at opening. *Danger now* then goes to the duty contact, where one is named (practice, section 4).
    `staffed` is a team with a rota at all hours.
    """
    on_duty = _on_duty(unit, level, hours, alarm, staffed)
    queue_notices(unit, level=level, handoff_id=handoff_id, hours=hours, staffed=staffed, at_once=on_duty)
    if on_duty is not None:
        note_event(unit, handoff_id, "duty contact alerted")
        unit.audit("duty contact alerted", f"handoff:{handoff_id}", level=level, staff=on_duty.staff_id)
    if pages(level):
        _look_again(unit, handoff_id, hours=hours, minutes=alarm.minutes, staffed=staffed)


def next_to_tell(
    reading: Reading, handoff_id: int, *, hours: OpeningHours, staffed: bool = False
) -> list[NextToTell]:
    """The leads to tell that nobody has picked this up, each in their own hours; none once somebody has."""
    waiting = handoff_of(reading, handoff_id)
    if not _nobody_has_it(reading, waiting):
        return []
    on_the_way = select(notice.c.staff_id).where(
        notice.c.handoff_id == handoff_id, notice.c.sent_at.is_(None), notice.c.failed.is_(None)
    )
    rows = reading.execute(
        select(staff.c.id, staff.c.alert_by, staff.c.hours)
        .where(
            staff.c.active.is_(True),
            staff.c.role.in_([Role.LEAD, Role.ADMINISTRATOR]),
            staff.c.alert_by.in_(WAYS),
            staff.c.id.not_in(on_the_way),
        )
        .order_by(staff.c.id)
    )
    now = reading.now
    at_once = staffed and pages(waiting.level)
    return [
        NextToTell(id_, by, now if at_once else hours_of(own, hours).next_opening(now))
        for id_, by, own in rows
    ]


def escalate(
    unit: UnitOfWork,
    handoff_id: int,
    *,
    hours: OpeningHours,
    alarm: Alarm = AS_USUAL,
    staffed: bool = False,
) -> int:
    """The timer "escalate" is due: tell the leads if nobody has picked it up; how many alerts go.

    In closed hours it waits for the opening and for the team's own minutes after it.
    """
    waiting = handoff_of(unit, handoff_id)
    if not _nobody_has_it(unit, waiting):
        return 0
    if not staffed and not hours.is_open(unit.now):
        _look_again(unit, handoff_id, hours=hours, minutes=alarm.minutes, staffed=staffed)
        return 0
    leads = next_to_tell(unit, handoff_id, hours=hours, staffed=staffed)
    for lead in leads:
        unit.insert(
            notice,
            staff_id=lead.staff_id,
            handoff_id=handoff_id,
            level=waiting.level,
            by=lead.by,
            due_at=lead.due_at,
            created_at=unit.now,
        )
    if leads:
        unit.tell("notices")
        note_event(unit, handoff_id, "leads alerted")
    unit.audit("leads alerted", f"handoff:{handoff_id}", level=waiting.level, alerted=len(leads))
    unit.tell("queue")
    return len(leads)


def looked_at(unit: UnitOfWork, handoff_id: int) -> None:
    """Somebody has it: nobody else needs to be told."""
    clear(unit, "escalate", subject=f"handoff:{handoff_id}")


def _on_duty(
    reading: Reading, level: str | None, hours: OpeningHours | None, alarm: Alarm, staffed: bool
) -> OnDuty | None:
    if level != Level.DANGER_NOW or hours is None or staffed or hours.is_open(reading.now) or not alarm.duty:
        return None
    found = by_email(reading, alarm.duty)
    if found is None or not found.active:
        return None
    return OnDuty(found.id, found.alert_by if found.alert_by in WAYS else "email")


def _look_again(
    unit: UnitOfWork, handoff_id: int, *, hours: OpeningHours | None, minutes: float, staffed: bool
) -> None:
    subject = f"handoff:{handoff_id}"
    # A clock that already runs is not set back by more of the same.
    running = select(timer.c.id).where(
        timer.c.subject == subject,
        timer.c.kind == "escalate",
        timer.c.done_at.is_(None),
        timer.c.due_at > unit.now,
    )
    if unit.execute(running.limit(1)).first():
        return
    if staffed or hours is None:
        due = unit.now + timedelta(minutes=minutes)
    else:
        due = hours.after(unit.now, minutes)
    set_timer(unit, "escalate", due, subject=subject)
    unit.tell("timers")


def _nobody_has_it(reading: Reading, waiting: Handoff) -> bool:
    """It waits; or somebody holds it, but a concern noticed since has been seen by no one."""
    if waiting.status is HandoffStatus.WAITING:
        return True
    if not waiting.standing:
        return False
    return bool(
        reading.execute(
            select(concern.c.id)
            .where(
                concern.c.conversation_id == waiting.conversation_id,
                concern.c.told_at.is_(None),
                concern.c.not_a_concern_at.is_(None),
            )
            .limit(1)
        ).first()
    )
