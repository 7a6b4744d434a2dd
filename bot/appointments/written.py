"""Reminders a link worker writes for anything else: "Choir starts Thursday 7pm, meet at the side door"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.appointments.reminders import NONE, wishes_of
from bot.appointments.safe_hours import ANY, is_safe
from bot.people.contact_points import of_person
from bot.people.persons import person_of
from bot.people.safe_contact import Purpose, why_not
from bot.store import timers
from bot.store.tables import written_reminder
from bot.store.unit_of_work import Reading, UnitOfWork
from bot.words import gsm

#: The kind of timer that a turn takes up.
WRITTEN = "written-reminder"
#: With who it is from it is two texts at most.
MOST_TEXTS = 2
LONGEST_FROM = "A reminder from Anne-Marie, link worker: "


@dataclass(frozen=True, slots=True)
class Written:
    """One reminder in a link worker's own words. Instants are aware UTC; `result` says what came of it."""

    id: int
    person_id: int
    staff_id: int
    words: str
    due_at: datetime
    useful_until: datetime
    created_at: datetime
    sent_at: datetime | None
    result: str | None
    taken_back_at: datetime | None
    version: int

    def __repr__(self) -> str:
        return f"Written(id={self.id})"

    @property
    def waits(self) -> bool:
        """Whether it has yet to go."""
        return self.sent_at is None and self.taken_back_at is None and self.result is None


@dataclass(frozen=True, slots=True)
class NotWritten:
    """It was not set. `why` is a plain sentence for the link worker."""

    why: str


def write_reminder(
    unit: UnitOfWork, person_id: int, staff_id: int, words: str, due_at: datetime, useful_until: datetime
) -> int | NotWritten:
    """Set a reminder in a link worker's words for `due_at`; its id, or why it cannot be.

    It goes at that time, on the channel that is safe then, and never after `useful_until` (both aware
    UTC). It is not set for the night where they are, outside the times they gave, or where no message may
    go to them.
    """
    words = words.strip()
    if why := _why_not(unit, person_id, words, due_at, useful_until):
        return NotWritten(why)
    made = unit.insert(
        written_reminder, person_id=person_id, staff_id=staff_id, words=unit.sealer.seal(words),
        due_at=due_at, useful_until=useful_until, created_at=unit.now,
    )  # fmt: skip
    timers.set_timer(unit, WRITTEN, due_at, subject=f"written:{made}")
    unit.audit("reminder written", f"person:{person_id}", reminder=made, due_at=due_at.isoformat())
    unit.tell("timers")
    return made


def _why_not(
    unit: UnitOfWork, person_id: int, words: str, due_at: datetime, useful_until: datetime
) -> str | None:
    if not words:
        return "There are no words in it."
    if gsm.segments(gsm.cheapest(LONGEST_FROM + words)) > MOST_TEXTS:
        return "It is too long for two texts. Please shorten it."
    if due_at <= unit.now:
        return "That time has passed."
    if useful_until <= due_at:
        return "It would be of no use any more when it goes. Choose an earlier time for it to go."
    who = person_of(unit, person_id)
    wishes = wishes_of(who)
    if wishes.words == NONE:
        return "They asked for no reminders."
    if not is_safe(due_at, wishes.zone, ANY):
        return "That is at night where they are. Choose a time between 9am and 8pm."
    if not is_safe(due_at, wishes.zone, wishes.hours):
        return "That is outside the times they gave us. Choose one of their times."
    if all(why_not(point, Purpose.STAFF, now=unit.now) for point in of_person(unit, person_id)):
        return "No message may go to them now. Ring them instead."
    return None


def take_back(unit: UnitOfWork, written_id: int) -> bool:
    """It is not to go after all; False when it has gone, or was taken back already."""
    taken = unit.execute(
        update(written_reminder)
        .where(
            written_reminder.c.id == written_id,
            written_reminder.c.sent_at.is_(None),
            written_reminder.c.result.is_(None),
            written_reminder.c.taken_back_at.is_(None),
        )
        .values(taken_back_at=unit.now, version=written_reminder.c.version + 1)
    )
    if taken.rowcount == 0:
        return False
    timers.clear(unit, WRITTEN, subject=f"written:{written_id}")
    unit.audit("reminder taken back", f"written:{written_id}")
    return True


def settled(unit: UnitOfWork, written_id: int, result: str, *, sent: bool) -> None:
    """What came of it when it fell due."""
    values: dict[str, Any] = {"result": result[:60]} | ({"sent_at": unit.now} if sent else {})
    unit.change(written_reminder, written_id, **values)


def written_by_id(reading: Reading, written_id: int) -> Written | None:
    """This one; None when it was erased."""
    row = reading.execute(select(written_reminder).where(written_reminder.c.id == written_id)).first()
    return _opened(reading, row) if row else None


def written_of(reading: Reading, person_id: int) -> list[Written]:
    """Every reminder written for this person, what is due last first."""
    rows = reading.execute(
        select(written_reminder)
        .where(written_reminder.c.person_id == person_id)
        .order_by(written_reminder.c.due_at.desc(), written_reminder.c.id.desc())
    )
    return [_opened(reading, row) for row in rows]


def _opened(reading: Reading, row: Any) -> Written:
    return Written(
        row.id, row.person_id, row.staff_id, reading.sealer.open(row.words), row.due_at, row.useful_until,
        row.created_at, row.sent_at, row.result, row.taken_back_at, row.version,
    )  # fmt: skip
