"""Handoffs: a person is put before a link worker, picked up, handed back or closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, or_, select, update

from bot.casework import cases, escalation, staffing
from bot.casework.handoff_events import (
    Handoff,
    end,
    handoff_of,
    handoffs,
    hold,
    mark_told,
    note_event,
    opened,
)
from bot.clock import OpeningHours
from bot.people.conversations import lock
from bot.people.for_a_human import STANDING
from bot.store.prepared import Prepared
from bot.store.tables import HandoffStatus, conversation, handoff
from bot.store.tables import cases as case_table
from bot.store.timers import clear
from bot.store.unit_of_work import Reading, UnitOfWork

#: How long a closing can be taken back with one press.
UNDO_WITHIN = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class PickedUp:
    """They are yours until `until` (aware UTC)."""

    handoff_id: int
    conversation_id: int
    person_id: int
    until: datetime


@dataclass(frozen=True, slots=True)
class AlreadyPickedUp:
    """Somebody was first, or it is finished: `status` says which, `by_name` who, `at` when (aware UTC)."""

    by_name: str
    at: datetime | None
    by_id: int | None = None
    status: HandoffStatus = HandoffStatus.PICKED_UP

    def __repr__(self) -> str:
        return f"AlreadyPickedUp(by_id={self.by_id}, status={self.status.value})"


_standing = Prepared(
    select(handoff).where(
        handoff.c.conversation_id == bindparam("conversation"),
        or_(*(handoff.c.status == status for status in STANDING)),
    )
)


def open_handoff(
    unit: UnitOfWork,
    conversation_id: int,
    *,
    reason: str,
    level: str | None = None,
    rank: int = 0,
    case_id: int | None = None,
    due_at: datetime | None = None,
    sees_from: int | None = None,
    hours: OpeningHours | None = None,
    staffed: bool = False,
    alarm: escalation.Alarm = escalation.AS_USUAL,
) -> int:
    """Put this conversation before the team; the handoff's id.

    A conversation has one open handoff: a second reason raises it to the worse of the two ranks
    and the earlier of the two times, and leaves it with whoever holds it. `sees_from` is the
    inbox row from which staff may read someone who has not agreed; without one they read nothing.
    Staff are told by a notice when it is new or has become worse: `hours` are the team's, without
    which delivery works out when; `staffed` is a team with a rota at all hours; `alarm` is how soon
    the leads hear, and whom danger wakes.
    """
    lock(unit, conversation_id)
    standing = _standing.first(unit.connection, {"conversation": conversation_id})
    if standing is None:
        made = unit.insert(
            handoff,
            conversation_id=conversation_id,
            case_id=case_id,
            reason=reason,
            level=level,
            rank=rank,
            status=HandoffStatus.WAITING,
            opened_at=unit.now,
            waiting_since=unit.now,
            due_at=due_at,
            sees_from=sees_from,
        )
        note_event(unit, made, f"opened: {reason}"[:40])
        unit.audit("handoff opened", f"handoff:{made}", reason=reason, level=level)
        escalation.tell_staff(unit, made, level=level, hours=hours, staffed=staffed, alarm=alarm)
    else:
        made = standing.id
        worse = rank > standing.rank
        values = {
            "case_id": standing.case_id if standing.case_id is not None else case_id,
            "due_at": _least(standing.due_at, due_at),
            "sees_from": _least(standing.sees_from, sees_from),
            "version": standing.version + 1,
        }
        if worse:
            values |= {"reason": reason, "level": level, "rank": rank}
        unit.execute(update(handoff).where(handoff.c.id == made).values(**values))
        note_event(unit, made, f"raised: {reason}"[:40])
        unit.audit("handoff raised", f"handoff:{made}", reason=reason, level=level)
        if worse or level is not None:
            escalation.tell_staff(unit, made, level=level, hours=hours, staffed=staffed, alarm=alarm)
    unit.tell("queue")
    unit.tell(f"conversation:{conversation_id}")
    return made


def _least(one, other):  # type: ignore[no-untyped-def]
    """The smaller of two where both are known, else the one that is."""
    return min((x for x in (one, other) if x is not None), default=None)


def pick_up(
    unit: UnitOfWork, handoff_id: int, staff_id: int, *, until: datetime
) -> PickedUp | AlreadyPickedUp:
    """Take it. Of two at once one gets it, and the other hears who. Raises NoSuchHandoff.

    From now until `until` (aware UTC: their hours' end, or an extension) the worker speaks and
    the questions are silent. Every concern noticed so far counts as told to them. A case that is
    nobody's becomes theirs. Pressing again what one already holds is not an error.
    """
    waiting = handoff_of(unit, handoff_id)
    lock(unit, waiting.conversation_id)
    got = unit.execute(
        update(handoff)
        .where(handoff.c.id == handoff_id, handoff.c.status == HandoffStatus.WAITING)
        .values(
            status=HandoffStatus.PICKED_UP,
            picked_up_by=staff_id,
            picked_up_at=unit.now,
            version=handoff.c.version + 1,
        )
    ).rowcount
    if not got:
        now = handoff_of(unit, handoff_id)
        if now.status is not HandoffStatus.PICKED_UP or now.picked_up_by != staff_id:
            at = now.picked_up_at or now.closed_at
            return AlreadyPickedUp(staffing.name_of(unit, now.picked_up_by), at, now.picked_up_by, now.status)
    hold(unit, waiting.conversation_id, staff_id, until)
    told = mark_told(unit, waiting.conversation_id, staff_id)
    escalation.looked_at(unit, handoff_id)
    if got:
        if waiting.case_id is not None:
            _owned(unit, waiting.case_id, staff_id)
        note_event(unit, handoff_id, "picked up")
        unit.audit("picked up", f"handoff:{handoff_id}", staff=staff_id, concerns_told=told)
        unit.tell("queue")
    return PickedUp(handoff_id, waiting.conversation_id, waiting.person_id, until)


def _owned(unit: UnitOfWork, case_id: int, staff_id: int) -> None:
    nobodys = unit.execute(
        select(case_table.c.id).where(case_table.c.id == case_id, case_table.c.owner_id.is_(None))
    ).first()
    if nobodys:
        cases.take(unit, case_id, staff_id)


def extend_hold(unit: UnitOfWork, handoff_id: int, staff_id: int, *, until: datetime) -> bool:
    """Keep it until `until` (aware UTC); False when it is not theirs."""
    held = handoff_of(unit, handoff_id)
    if held.status is not HandoffStatus.PICKED_UP or held.picked_up_by != staff_id:
        return False
    hold(unit, held.conversation_id, staff_id, until)
    note_event(unit, handoff_id, "hold extended")
    unit.audit("hold extended", f"handoff:{handoff_id}", until=until.isoformat())
    return True


def hand_back(unit: UnitOfWork, handoff_id: int, staff_id: int) -> bool:
    """The questions go on; the case stays as it is. False when it was finished already."""
    held = handoff_of(unit, handoff_id)
    lock(unit, held.conversation_id)
    _answered(unit, held.conversation_id)
    return end(unit, handoff_id, HandoffStatus.HANDED_BACK, None)


def close_handoff(unit: UnitOfWork, handoff_id: int, staff_id: int, outcome: str, note: str = "") -> bool:
    """It is finished, and with it the case it was about and that case's referral.

    `outcome` is a short word; the note is sealed. False when it was finished already.
    """
    held = handoff_of(unit, handoff_id)
    lock(unit, held.conversation_id)
    _answered(unit, held.conversation_id)
    if not end(unit, handoff_id, HandoffStatus.CLOSED, outcome, note):
        return False
    if held.case_id is not None:
        cases.close_case(unit, held.case_id, staff_id, outcome, note)
    return True


def undo_close(
    unit: UnitOfWork,
    handoff_id: int,
    staff_id: int,
    *,
    until: datetime | None = None,
    hours: OpeningHours | None = None,
) -> bool:
    """Take a closing or a handing back back within the hour: it is with whoever held it, or waits again.

    `until` (aware UTC) is how long they hold it, as when picking up; without it it waits. The case
    and the referral are open again. False when it is too late, when it was not finished, or when
    something else waits in that conversation by now.
    """
    closed = handoff_of(unit, handoff_id)
    lock(unit, closed.conversation_id)
    if closed.status not in (HandoffStatus.CLOSED, HandoffStatus.HANDED_BACK) or closed.closed_at is None:
        return False
    if unit.now - closed.closed_at > UNDO_WITHIN or open_handoff_of(unit, closed.conversation_id):
        return False
    theirs = closed.picked_up_by is not None and until is not None
    unit.execute(
        update(handoff)
        .where(handoff.c.id == handoff_id)
        .values(
            status=HandoffStatus.PICKED_UP if theirs else HandoffStatus.WAITING,
            picked_up_by=closed.picked_up_by if theirs else None,
            picked_up_at=closed.picked_up_at if theirs else None,
            closed_at=None,
            outcome=None,
            version=handoff.c.version + 1,
        )
    )
    if theirs:
        hold(unit, closed.conversation_id, closed.picked_up_by, until)
    what = "handing back undone"
    if closed.status is HandoffStatus.CLOSED:
        what = "closing undone"
        if closed.case_id is not None:
            cases.reopen(unit, closed.case_id, staff_id, hours)
    note_event(unit, handoff_id, what)
    unit.audit(what, f"handoff:{handoff_id}", staff=staff_id)
    unit.tell("queue")
    return True


def back_to_queue(
    unit: UnitOfWork,
    handoff_id: int,
    *,
    waiting_for_reply: bool,
    why: str,
    hours: OpeningHours | None = None,
    alarm: escalation.Alarm = escalation.AS_USUAL,
) -> bool:
    """It waits for anyone again, since the person's own unanswered message if there is one.

    `why` is a few words for the record. False when it was not picked up.
    """
    held = handoff_of(unit, handoff_id)
    (talk,) = lock(unit, held.conversation_id)
    back = unit.execute(
        update(handoff)
        .where(handoff.c.id == handoff_id, handoff.c.status == HandoffStatus.PICKED_UP)
        .values(
            status=HandoffStatus.WAITING,
            waiting_for_reply=waiting_for_reply,
            waiting_since=talk.unanswered_since or unit.now,
            picked_up_by=None,
            picked_up_at=None,
            version=handoff.c.version + 1,
        )
    ).rowcount
    if not back:
        return False
    unit.execute(
        update(conversation).where(conversation.c.id == talk.id).values(held_by=None, held_until=None)
    )
    note_event(unit, handoff_id, "back in the queue", why)
    unit.audit("back in the queue", f"handoff:{handoff_id}", waiting_for_reply=waiting_for_reply)
    escalation.tell_staff(unit, handoff_id, level=held.level, hours=hours, alarm=alarm)
    unit.tell("queue")
    unit.tell(f"conversation:{talk.id}")
    return True


def open_handoff_of(reading: Reading, conversation_id: int) -> Handoff | None:
    """The one open handoff of this conversation."""
    row = reading.execute(
        handoffs().where(handoff.c.conversation_id == conversation_id, handoff.c.status.in_(STANDING))
    ).first()
    return opened(reading, row) if row else None


def handoffs_of(reading: Reading, conversation_id: int) -> list[Handoff]:
    """Every handoff of this conversation, newest first."""
    rows = reading.execute(
        handoffs().where(handoff.c.conversation_id == conversation_id).order_by(handoff.c.id.desc())
    )
    return [opened(reading, row) for row in rows]


def waiting(
    reading: Reading, *, with_picked_up: bool = False, held_by: int | None = None, most: int = 200
) -> list[Handoff]:
    """Who waits, worst first, then longest waiting.

    `with_picked_up` adds those somebody holds, after the others; `held_by` gives one worker's own.
    """
    query = handoffs()
    if held_by is not None:
        query = query.where(handoff.c.status == HandoffStatus.PICKED_UP, handoff.c.picked_up_by == held_by)
    elif with_picked_up:
        query = query.where(handoff.c.status.in_(STANDING))
    else:
        query = query.where(handoff.c.status == HandoffStatus.WAITING)
    waits_first = case((handoff.c.status == HandoffStatus.WAITING, 0), else_=1)
    rows = reading.execute(
        query.order_by(waits_first, handoff.c.rank.desc(), handoff.c.waiting_since, handoff.c.id).limit(most)
    )
    return [opened(reading, row) for row in rows]


def how_many_wait(reading: Reading) -> int:
    """How many handoffs nobody has picked up."""
    return reading.execute(
        select(func.count()).select_from(handoff).where(handoff.c.status == HandoffStatus.WAITING)
    ).scalar_one()


def _answered(unit: UnitOfWork, conversation_id: int) -> None:
    clear(unit, "unanswered", conversation_id=conversation_id)
