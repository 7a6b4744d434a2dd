"""Cases: whose they are, what is next, the contacts made, and how they end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import bindparam, func, select, update

from bot.casework.handoff_events import end
from bot.clock import OpeningHours
from bot.people.conversations import conversation_of, lock
from bot.people.for_a_human import STANDING, open_case_id
from bot.store.prepared import Prepared
from bot.store.sealed import maybe_open
from bot.store.tables import (
    CaseStatus,
    ContactKind,
    HandoffStatus,
    ReferralStatus,
    cases,
    contact_log,
    conversation,
    handoff,
    referral,
    staff,
)
from bot.store.timers import clear, set_timer
from bot.store.unit_of_work import Reading, UnitOfWork

#: A contact in which they heard from us; ringing without an answer keeps no promise.
HEARD_FROM_US = (ContactKind.RANG, ContactKind.LEFT_MESSAGE, ContactKind.MET)


class NoSuchCase(LookupError):
    """There is no case with this id."""


@dataclass(frozen=True, slots=True)
class Case:
    """One stretch of help for one person. Instants are aware UTC.

    `version` moves on when the promise to be in touch is kept, changed or ended: the timer that
    would say we are late carries it.
    """

    id: int
    person_id: int
    referral_id: int | None
    status: CaseStatus
    opened_at: datetime
    owner_id: int | None
    owner_name: str
    next_step: str
    next_step_by: datetime | None
    promised_by: datetime | None
    version: int
    first_contact_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    note: str

    def __repr__(self) -> str:
        return f"Case(id={self.id}, status={self.status.value})"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact a worker logged: rang, no answer, left a message, met."""

    id: int
    staff_id: int
    staff_name: str
    kind: ContactKind
    at: datetime
    note: str
    undone_at: datetime | None

    def __repr__(self) -> str:
        return f"Contact(id={self.id}, kind={self.kind.value})"


_cases = select(cases, staff.c.name.label("owner_name")).outerjoin(staff, staff.c.id == cases.c.owner_id)


def case_by_id(reading: Reading, case_id: int) -> Case:
    """This case. Raises NoSuchCase."""
    row = reading.execute(_cases.where(cases.c.id == case_id)).first()
    if row is None:
        raise NoSuchCase(case_id)
    return _opened(reading, row)


def case_of(reading: Reading, person_id: int) -> Case | None:
    """Their open case, else their last one."""
    row = reading.execute(
        _cases.where(cases.c.person_id == person_id)
        .order_by((cases.c.status == CaseStatus.OPEN).desc(), cases.c.id.desc())
        .limit(1)
    ).first()
    return _opened(reading, row) if row else None


def cases_of(reading: Reading, person_id: int) -> list[Case]:
    """Every case of theirs, newest first."""
    rows = reading.execute(_cases.where(cases.c.person_id == person_id).order_by(cases.c.id.desc()))
    return [_opened(reading, row) for row in rows]


def cases_owned_by(reading: Reading, staff_id: int) -> list[Case]:
    """A worker's open cases, what is due soonest first."""
    rows = reading.execute(
        _cases.where(cases.c.owner_id == staff_id, cases.c.status == CaseStatus.OPEN).order_by(
            func.coalesce(cases.c.next_step_by, cases.c.promised_by, cases.c.opened_at), cases.c.id
        )
    )
    return [_opened(reading, row) for row in rows]


def take(unit: UnitOfWork, case_id: int, staff_id: int | None) -> None:
    """Whose case it is from now on; None gives it back to the team. A referral is accepted with it."""
    row = unit.execute(
        update(cases).where(cases.c.id == case_id).values(owner_id=staff_id).returning(cases.c.referral_id)
    ).first()
    if row is None:
        raise NoSuchCase(case_id)
    if staff_id is not None and row.referral_id is not None:
        unit.execute(
            update(referral)
            .where(referral.c.id == row.referral_id, referral.c.status == ReferralStatus.MADE)
            .values(status=ReferralStatus.ACCEPTED)
        )
    unit.audit("case taken" if staff_id else "case given back", f"case:{case_id}", staff=staff_id)
    unit.tell("queue")


def set_next_step(
    unit: UnitOfWork, case_id: int, staff_id: int, next_step: str, by: datetime | None = None
) -> None:
    """What is to be done next, and by when (aware UTC)."""
    unit.execute(
        update(cases)
        .where(cases.c.id == case_id)
        .values(next_step=unit.sealer.seal(next_step) if next_step else None, next_step_by=by)
    )
    unit.audit("next step set", f"case:{case_id}", staff=staff_id, by=by.isoformat() if by else None)
    unit.tell("queue")


def meets_next(unit: UnitOfWork, case_id: int, at: datetime | None) -> None:
    """Their next appointment is at `at` (aware UTC; None: they have none): that is the case's next step.

    Where a link worker has said in words what is next, those words and their day stay.
    """
    unit.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.next_step.is_(None), cases.c.status == CaseStatus.OPEN)
        .values(next_step_by=at)
    )
    unit.tell("queue")


_promise = Prepared(
    update(cases)
    .where(cases.c.id == bindparam("case"))
    .values(promised_by=bindparam("by"), version=cases.c.version + 1)
    .returning(cases.c.version, cases.c.person_id)
)


def promise(unit: UnitOfWork, case_id: int, by: datetime, hours: OpeningHours) -> int:
    """They are told we will be in touch by `by` (aware UTC); the case's new version.

    A timer "late" falls due as the team comes in on that day, so that they hear of a delay
    before the day has passed. It carries the version, and does nothing once that has moved on.
    """
    row = _promise.first(unit.connection, {"case": case_id, "by": by})
    if row is None:
        raise NoSuchCase(case_id)
    clear(unit, "late", subject=f"case:{case_id}")
    midnight = datetime.combine(by.astimezone(hours.zone).date(), time.min, hours.zone)
    opening = hours.next_opening(midnight)
    set_timer(
        unit,
        "late",
        min(max(opening, unit.now), by),
        conversation_id=conversation_of(unit, row.person_id),
        subject=f"case:{case_id}",
        version=row.version,
    )
    unit.tell("timers")
    unit.audit("promised", f"case:{case_id}", by=by.isoformat())
    return row.version


def in_touch(unit: UnitOfWork, case_id: int) -> None:
    """They have heard from a person: the promise is kept. The first time counts."""
    kept = unit.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.first_contact_at.is_(None))
        .values(first_contact_at=unit.now, version=cases.c.version + 1)
    ).rowcount
    if kept:
        clear(unit, "late", subject=f"case:{case_id}")
        unit.audit("first contact with them", f"case:{case_id}")


def log_contact(
    unit: UnitOfWork, person_id: int, staff_id: int, kind: ContactKind | str, note: str = ""
) -> int:
    """A worker rang, got no answer, left a message or met them; the entry's id."""
    kind = ContactKind(kind)
    case_id = open_case_id(unit, person_id)
    made = unit.insert(
        contact_log,
        person_id=person_id,
        case_id=case_id,
        staff_id=staff_id,
        kind=kind,
        at=unit.now,
        note=unit.sealer.seal(note) if note else None,
    )
    if case_id is not None and kind in HEARD_FROM_US:
        in_touch(unit, case_id)
    unit.audit("contact logged", f"person:{person_id}", kind=kind.value, contact=made)
    unit.tell("queue")
    return made


def undo_contact(unit: UnitOfWork, contact_id: int, staff_id: int, hours: OpeningHours | None = None) -> bool:
    """It was logged by mistake; False when it was undone already.

    If it alone had kept a promise, the promise stands again; its timer too, given the team's `hours`.
    """
    row = unit.execute(
        update(contact_log)
        .where(contact_log.c.id == contact_id, contact_log.c.undone_at.is_(None))
        .values(undone_at=unit.now)
        .returning(contact_log.c.case_id, contact_log.c.at, contact_log.c.person_id)
    ).first()
    if row is None:
        return False
    unit.audit("contact undone", f"person:{row.person_id}", contact=contact_id, staff=staff_id)
    unit.tell("queue")
    if row.case_id is None:
        return True
    case = case_by_id(unit, row.case_id)
    if case.first_contact_at != row.at:
        return True
    earliest = unit.execute(
        select(func.min(contact_log.c.at)).where(
            contact_log.c.case_id == row.case_id,
            contact_log.c.undone_at.is_(None),
            contact_log.c.kind.in_(HEARD_FROM_US),
        )
    ).scalar_one()
    unit.execute(update(cases).where(cases.c.id == row.case_id).values(first_contact_at=earliest))
    if earliest is None and hours is not None and case.promised_by and case.promised_by > unit.now:
        promise(unit, row.case_id, case.promised_by, hours)
    return True


def contacts_of(reading: Reading, person_id: int) -> list[Contact]:
    """Every contact logged for them, newest first; the undone ones say so."""
    rows = reading.execute(
        select(contact_log, staff.c.name.label("staff_name"))
        .join(staff, staff.c.id == contact_log.c.staff_id)
        .where(contact_log.c.person_id == person_id)
        .order_by(contact_log.c.id.desc())
    )
    return [
        Contact(
            r.id,
            r.staff_id,
            reading.sealer.open(r.staff_name),
            r.kind,
            r.at,
            maybe_open(reading.sealer, r.note),
            r.undone_at,
        )
        for r in rows
    ]


def close_case(unit: UnitOfWork, case_id: int, staff_id: int | None, outcome: str, note: str = "") -> bool:
    """It is finished: the case, its referral and a handoff still open for it. False when it was already.

    `staff_id` is None when the person themselves took their agreement back.
    """
    lock(unit, _conversation_of_case(unit, case_id))
    row = unit.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.status == CaseStatus.OPEN)
        .values(
            status=CaseStatus.CLOSED,
            closed_at=unit.now,
            outcome=outcome,
            note=unit.sealer.seal(note) if note else None,
            version=cases.c.version + 1,
        )
        .returning(cases.c.referral_id, cases.c.person_id)
    ).first()
    if row is None:
        return False
    if row.referral_id is not None:
        unit.execute(
            update(referral).where(referral.c.id == row.referral_id).values(status=ReferralStatus.CLOSED)
        )
    clear(unit, "late", subject=f"case:{case_id}")
    waiting = unit.execute(
        select(handoff.c.id).where(handoff.c.case_id == case_id, handoff.c.status.in_(STANDING))
    ).scalars()
    for handoff_id in waiting.all():
        end(unit, handoff_id, HandoffStatus.CLOSED, outcome, note)
    unit.audit("case closed", f"case:{case_id}", outcome=outcome, staff=staff_id)
    unit.tell("queue")
    return True


def reopen(unit: UnitOfWork, case_id: int, staff_id: int, hours: OpeningHours | None = None) -> bool:
    """A closed case is open again, with its referral; False when it was not closed.

    A promise that is still to be kept is timed again, given the team's `hours`.
    """
    row = unit.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.status == CaseStatus.CLOSED)
        .values(status=CaseStatus.OPEN, closed_at=None, outcome=None, note=None, version=cases.c.version + 1)
        .returning(cases.c.referral_id, cases.c.owner_id, cases.c.first_contact_at, cases.c.promised_by)
    ).first()
    if row is None:
        return False
    if row.referral_id is not None:
        status = ReferralStatus.ACCEPTED if row.owner_id else ReferralStatus.MADE
        unit.execute(update(referral).where(referral.c.id == row.referral_id).values(status=status))
    if hours is not None and row.first_contact_at is None and row.promised_by and row.promised_by > unit.now:
        promise(unit, case_id, row.promised_by, hours)
    unit.audit("case reopened", f"case:{case_id}", staff=staff_id)
    unit.tell("queue")
    return True


def _conversation_of_case(unit: UnitOfWork, case_id: int) -> int:
    found = unit.execute(
        select(conversation.c.id)
        .join(cases, cases.c.person_id == conversation.c.person_id)
        .where(cases.c.id == case_id)
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchCase(case_id)
    return found


def _opened(reading: Reading, row) -> Case:  # type: ignore[no-untyped-def]
    return Case(
        row.id,
        row.person_id,
        row.referral_id,
        row.status,
        row.opened_at,
        row.owner_id,
        maybe_open(reading.sealer, row.owner_name),
        maybe_open(reading.sealer, row.next_step),
        row.next_step_by,
        row.promised_by,
        row.version,
        row.first_contact_at,
        row.closed_at,
        row.outcome,
        maybe_open(reading.sealer, row.note),
    )
