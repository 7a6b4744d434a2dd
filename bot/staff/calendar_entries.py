"""What stands in link workers' calendars, as the pages show it: who, how, what they said, what we sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.appointments.appointment import Appointment, booked_between
from bot.casework.rota import TimeOff, time_off_of
from bot.messages import Status
from bot.staff import calendar_words as words
from bot.staff.calendar_day import Block, What
from bot.staff.pages import ONE_VIEW
from bot.staff.wording import FAILED, STATUSES
from bot.store.sealed import maybe_open
from bot.store.tables import (
    AppointmentStatus,
    SessionStatus,
    appointment_event,
    appointment_place,
    audit,
    group_session,
    outbox,
    person,
    timer,
)
from bot.store.unit_of_work import Reading, UnitOfWork

LOOKS = {
    AppointmentStatus.HELD: What.HELD,
    AppointmentStatus.BOOKED: What.BOOKED,
    AppointmentStatus.ATTENDED: What.ATTENDED,
    AppointmentStatus.DID_NOT_ATTEND: What.MISSED,
}
REMINDED, NOT_REMINDED, MOVED = "reminded", "not-reminded", "moved"


@dataclass(frozen=True, slots=True)
class Who:
    """Whose appointment it is, as far as staff may see: without agreement neither name nor page."""

    id: int
    name: str
    token: str

    @property
    def called(self) -> str:
        """What a calendar calls them."""
        return words.called(self.name) or "Someone"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder: sent `at`, to go `at`, or not sent, and why."""

    step: str
    at: datetime
    sent: bool = False
    why_not: str = ""

    @property
    def to_go(self) -> bool:
        return not self.sent and not self.why_not


@dataclass(frozen=True, slots=True)
class Entry:
    """An appointment in a calendar. `reminders` are those of the time it has now, first to last."""

    appointment: Appointment
    who: Who
    reminders: tuple[Reminder, ...] = ()

    @property
    def sent(self) -> list[Reminder]:
        return [one for one in self.reminders if one.sent]

    @property
    def not_sent(self) -> list[Reminder]:
        return [one for one in self.reminders if one.why_not]

    @property
    def to_go(self) -> list[Reminder]:
        return [one for one in self.reminders if one.to_go]


@dataclass(frozen=True, slots=True)
class Group:
    """A group session: how many are booked into it, and of how many places."""

    id: int
    name: str
    place: str
    booked: int
    most: int | None


def blocks_of(
    reading: Reading, staff_ids: Collection[int], from_: datetime, until: datetime
) -> dict[int, list[Block]]:
    """Everything that takes these workers' time between two aware instants, by worker."""
    found: dict[int, list[Block]] = defaultdict(list)
    standing = booked_between(reading, staff_ids, from_, until, held=True)
    sessions = _sessions(reading, staff_ids, from_, until)
    in_groups: dict[int, int] = defaultdict(int)
    alone = []
    for one in standing:
        if one.session_id in sessions:
            in_groups[one.session_id or 0] += 1
        else:
            alone.append(one)
    for entry in entries_of(reading, alone):
        one = entry.appointment
        found[one.staff_id].append(Block(LOOKS[one.status], one.starts_at, one.ends_at, entry))
    for row in sessions.values():
        about = Group(row.id, row.name, row.place or "", in_groups[row.id], row.most)
        found[row.staff_id].append(Block(What.GROUP, row.starts_at, row.ends_at, about))
    for off in time_off_of(reading, staff_ids, from_, until):
        found[off.staff_id].append(away(off))
    return found


def away(off: TimeOff) -> Block:
    """Time off, as a calendar shows it."""
    return Block(What.AWAY, off.starts_at, off.ends_at, off)


def entries_of(reading: Reading, appointments: Iterable[Appointment]) -> list[Entry]:
    """These, each with whose it is and with its reminders."""
    appointments = list(appointments)
    people = people_of(reading, {one.person_id for one in appointments})
    reminders = reminders_of(reading, [one.id for one in appointments])
    return [Entry(one, people[one.person_id], tuple(reminders[one.id])) for one in appointments]


def people_of(reading: Reading, ids: Collection[int]) -> dict[int, Who]:
    """Whom staff may see of these, in one look; the others have no name here."""
    rows = reading.execute(
        select(person.c.id, person.c.name, person.c.token, person.c.agreed_at, person.c.erased_at).where(
            person.c.id.in_(ids)
        )
    )
    made = {}
    for row in rows:
        open_ = row.agreed_at is not None and row.erased_at is None
        name = maybe_open(reading.sealer, row.name) if open_ else ""
        made[row.id] = Who(row.id, name, row.token if open_ else "")
    return made


def reminders_of(reading: Reading, ids: Collection[int]) -> dict[int, list[Reminder]]:
    """What was sent and not sent about each since it was last moved, and what is still to go.

    One that left and then could not be delivered is one that was not sent.
    """
    made: dict[int, dict[str, Reminder]] = defaultdict(dict)
    subjects = [f"appointment:{n}" for n in ids]
    failed = _failed(reading, subjects)
    events = select(appointment_event).where(
        appointment_event.c.appointment_id.in_(ids),
        appointment_event.c.what.in_((REMINDED, NOT_REMINDED, MOVED)),
    )
    for row in reading.execute(events.order_by(appointment_event.c.id)):
        if row.what == MOVED:
            made[row.appointment_id].clear()
            continue
        why = failed.get((row.appointment_id, row.at), "")
        if row.what == NOT_REMINDED:
            why = words.not_sent(row.details.get("why"))
        step = row.step or ""
        made[row.appointment_id][step] = Reminder(step, row.at, not why, why)
    waiting = select(timer.c.subject, timer.c.due_at, timer.c.details).where(
        timer.c.subject.in_(subjects),
        timer.c.kind == "remind",
        timer.c.done_at.is_(None),
    )
    for row in reading.execute(waiting):
        step = str(row.details.get("step") or "")
        made[int(row.subject.partition(":")[2])].setdefault(step, Reminder(step, row.due_at))
    ordered = {n: sorted(by.values(), key=lambda one: one.at) for n, by in made.items()}
    return defaultdict(list, ordered)


def _failed(reading: Reading, subjects: Collection[str]) -> dict[tuple[int, datetime], str]:
    """What could not be delivered about these appointments: of which, and when it was written, why."""
    rows = reading.execute(
        select(outbox.c.about, outbox.c.created_at, outbox.c.status, outbox.c.reason).where(
            outbox.c.about.in_(subjects), outbox.c.status.in_(FAILED)
        )
    )
    return {
        (int(row.about.partition(":")[2]), row.created_at): (
            words.not_sent(row.reason) if row.status is Status.NOT_SENT else f"it {STATUSES[row.status]}"
        )
        for row in rows
    }


def _sessions(
    reading: Reading, staff_ids: Collection[int], from_: datetime, until: datetime
) -> dict[int, Any]:
    rows = reading.execute(
        select(group_session, appointment_place.c.name.label("place"))
        .outerjoin(appointment_place, appointment_place.c.id == group_session.c.place_id)
        .where(
            group_session.c.staff_id.in_(staff_ids),
            group_session.c.status != SessionStatus.CANCELLED,
            group_session.c.starts_at < until,
            group_session.c.ends_at > from_,
        )
    )
    return {row.id: row for row in rows}


# -- who looked --------------------------------------------------------------------------------


def entries_in(blocks: Iterable[Block]) -> list[Entry]:
    """The appointments among these."""
    return [block.about for block in blocks if isinstance(block.about, Entry)]


def not_seen_lately(reading: Reading, staff_id: int, entries: Iterable[Entry]) -> dict[int, list[int]]:
    """Whose entries this worker has not had before them within one view: person, and their appointments."""
    by_person: dict[int, list[int]] = defaultdict(list)
    for entry in entries:
        by_person[entry.appointment.person_id].append(entry.appointment.id)
    rows = reading.execute(
        select(audit.c.subject, audit.c.details).where(
            audit.c.subject.in_([f"person:{one}" for one in by_person]),
            audit.c.at > reading.now - ONE_VIEW,
            audit.c.acting == f"staff:{staff_id}",
            audit.c.action == SEEN,
        )
    )
    known: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        known[int(row.subject.partition(":")[2])].update(row.details.get("appointments", ()))
    return {one: ids for one, ids in by_person.items() if not set(ids) <= known[one]}


SEEN = "appointment seen"


def record_seen(unit: UnitOfWork, seen: dict[int, list[int]], where: str) -> None:
    """These people's appointments were before a worker: on which page."""
    for person_id, ids in seen.items():
        unit.audit(SEEN, f"person:{person_id}", where=where, appointments=ids)
