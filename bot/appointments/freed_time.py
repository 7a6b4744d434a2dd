"""A time that came free: offered to a few at a time who would come sooner, and the first yes has it.

Nothing is held for those who are asked. The time is free in the calendar meanwhile, for anybody to book:
an hour kept for people who may not answer is an hour that nobody has, and of two who want it the calendar's
lock lets one have it. Whoever was asked hears kindly when it has gone.

What a person says to an offer is in freed_answers; who is waiting, in short_notice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.appointments.appointment import Appointment
from bot.appointments.calendar import calendar_of
from bot.appointments.diary import clash_of
from bot.appointments.short_notice import (
    CONCERN,
    Fit,
    Waiting,
    fit,
    fit_of,
    wait_for_earlier,
    wait_no_longer,
    wait_of,
    waiting,
    who_may_come,
    why_not_now,
)
from bot.casework.staffing import staff_of
from bot.outbox.queue import supersede
from bot.people.conversations import conversation_of
from bot.people.for_a_human import ask_a_human, open_case_id
from bot.store.tables import FreedStatus, Meeting, freed_offer, freed_time, task
from bot.store.timers import clear, set_timer
from bot.store.unit_of_work import Reading, UnitOfWork

__all__ = [
    "TOLD_AT_ONCE", "Fit", "FreedTime", "Offer", "Waiting", "freed", "offer_next", "open_times",
    "somebody_booked", "wait_for_earlier", "wait_no_longer", "wait_of", "waiting",
]  # fmt: skip

#: So many are asked at a time: few enough that most who say yes get it.
TOLD_AT_ONCE = 3

#: Who has not answered by then may still say yes, and the next are asked.
NEXT_AFTER = timedelta(minutes=15)

#: It is never looked at more often than that.
A_MINUTE = timedelta(minutes=1)

#: What is due at once is due before all that fell due this lately: a morning's reminders may be thousands.
FIRST = timedelta(hours=1)

#: The timer that looks at a freed time, and the one by which a person hears of it.
LOOK, TELL = "freed-time", "freed-told"

#: What a link worker is asked to do where a concern is open: decide, and tell them.
TASK = "time-free"

#: Whoever cancels because the person cannot come leaves a time that somebody else may have. A link worker who
#: cancels or moves for any other reason is not there then.
CANNOT_COME = "cannot-come"


class Answer(StrEnum):
    """What became of an offer."""

    YES = "yes"
    NO = "no"
    TOO_LATE = "too-late"  # they said yes, and it had gone
    GONE = "gone"  # it went before they answered
    PASSED_OVER = "passed-over"  # they could not be asked after all
    CONCERN = CONCERN  # a link worker has it


@dataclass(frozen=True, slots=True)
class FreedTime:
    """A time with a link worker that came free, aware UTC, and what became of it."""

    id: int
    staff_id: int
    starts_at: datetime
    ends_at: datetime
    kind: str
    meeting: Meeting
    place_id: int | None
    from_appointment_id: int
    status: FreedStatus
    freed_at: datetime
    taken_by: int | None
    ended_at: datetime | None

    @property
    def minutes(self) -> int:
        """How long it is."""
        return round((self.ends_at - self.starts_at).total_seconds() / 60)

    @property
    def offered(self) -> bool:
        """Whether people are being asked about it."""
        return self.status is FreedStatus.OFFERED

    @property
    def taken(self) -> bool:
        """Whether somebody has it."""
        return self.status is FreedStatus.TAKEN


@dataclass(frozen=True, slots=True)
class Offer:
    """One person asked about one freed time. Instants are aware UTC."""

    id: int
    freed_id: int
    person_id: int
    offered_at: datetime
    answered_at: datetime | None
    answer: str | None


_times = select(freed_time)
_offers = select(freed_offer)


# -- it comes free -------------------------------------------------------------------------


def freed(unit: UnitOfWork, before: Appointment, why: str | None = None) -> int | None:
    """An appointment ahead was cancelled or moved: its old time may be somebody else's; the freed time's id.

    `before` is the appointment as it was, `why` the code it was cancelled with. None for a place in a
    group, for a time gone by, and where a link worker is not there then. Those who would come sooner are
    looked for at once, in a turn of its own.
    """
    by_staff = unit.acting.startswith("staff:")
    if before.session_id is not None or before.starts_at <= unit.now or (by_staff and why != CANNOT_COME):
        return None
    place_id = before.place.id if before.place is not None else None
    made = unit.insert(
        freed_time, staff_id=before.staff_id, starts_at=before.starts_at, ends_at=before.ends_at,
        kind=before.kind, meeting=before.meeting, place_id=place_id, from_appointment_id=before.id,
        status=FreedStatus.OFFERED, freed_at=unit.now,
    )  # fmt: skip
    unit.audit("time came free", subject(made), appointment=before.id, staff=before.staff_id)
    _look(unit, made, unit.now)
    return made


def somebody_booked(unit: UnitOfWork, booked: Appointment) -> list[int]:
    """Somebody has a time: any freed time there is theirs now; which those are.

    Called with the worker's calendar locked, by whatever books or moves. One UPDATE decides. Those who
    were asked and have not answered hear that it has gone, each in a turn of their own.
    """
    ended = unit.execute(
        update(freed_time)
        .where(
            freed_time.c.status == FreedStatus.OFFERED,
            freed_time.c.staff_id == booked.staff_id,
            freed_time.c.starts_at < booked.ends_at,
            freed_time.c.ends_at > booked.starts_at,
        )
        .values(status=FreedStatus.TAKEN, taken_by=booked.id, ended_at=unit.now)
        .returning(freed_time.c.id)
    )
    ids = list(ended.scalars())
    for freed_id in ids:
        unit.audit("freed time taken", subject(freed_id), appointment=booked.id)
        _look(unit, freed_id, unit.now, ended=True)
    return ids


def taken_by(unit: UnitOfWork, freed_id: int, booked: Appointment) -> None:
    """It had passed, and somebody who was asked has it after all."""
    unit.execute(
        update(freed_time)
        .where(freed_time.c.id == freed_id, freed_time.c.status == FreedStatus.PASSED)
        .values(status=FreedStatus.TAKEN, taken_by=booked.id)
    )


# -- who is asked --------------------------------------------------------------------------


def offer_next(unit: UnitOfWork, freed_id: int, *, most: int = TOLD_AT_ONCE) -> list[int]:
    """Ask the next few who could come, so that `most` have it to answer; the offers' ids.

    Whoever cannot be asked now (it is night where they are, it is not a time they called safe, they are in
    the middle of something) is passed over: another is asked, and nobody waits for them. Where a concern is
    open a link worker is told instead. It is looked at again after NEXT_AFTER, as long as there is anybody;
    when nobody can, it has passed, and the time is simply free.
    """
    time = time_of(unit, freed_id)
    if time is None or not time.offered:
        return []
    clear(unit, LOOK, subject=subject(freed_id))
    calendar = calendar_of(unit, time.staff_id)
    clash = clash_of(unit, calendar, time.starts_at, time.ends_at) if calendar is not None else None
    worker = staff_of(unit, time.staff_id)
    over = time.starts_at <= unit.now or worker is None or not worker.active
    if calendar is None or over or (clash is not None and clash.reason != "held"):
        passed(unit, freed_id)
        return []
    open_ = [offer for offer in offers_of(unit, freed_id) if offer.answered_at is None]
    lately = [offer for offer in open_ if offer.offered_at > unit.now - NEXT_AFTER]
    made: list[int] = []
    soon = unit.now + NEXT_AFTER
    again = [soon] if lately or clash is not None else []
    for one in who_may_come(unit, time) if clash is None else ():
        if len(lately) + len(made) >= most:
            again.append(soon)
            break
        if fit(unit, one, time, calendar) is None:
            continue
        not_now = why_not_now(unit, one.person_id, time.starts_at)
        if not_now is None:
            made += _ask(unit, time, one.person_id)
        elif not_now == CONCERN:
            _for_a_link_worker(unit, time, one.person_id)
        elif isinstance(not_now, datetime):
            again.append(max(not_now, unit.now + A_MINUTE))
    if made or again or open_:  # who has been asked may say yes until it begins
        _look(unit, freed_id, min([*again, *([soon] if made else []), time.starts_at]))
    else:
        passed(unit, freed_id)
    return made


def ask_again(unit: UnitOfWork, freed_id: int) -> None:
    """Somebody said no, or could not be asked after all: look at once whom else to ask."""
    _look(unit, freed_id, unit.now)


def pass_over(unit: UnitOfWork, offer_id: int) -> None:
    """They could not be asked after all, and are not asked about this time again: another is."""
    offer = offer_of(unit, offer_id)
    if offer is not None and answered(unit, offer_id, Answer.PASSED_OVER):
        ask_again(unit, offer.freed_id)


def passed(unit: UnitOfWork, freed_id: int) -> bool:
    """Nobody can have it, or it has begun: it is offered no more. Whoever has yet to answer hears so."""
    time = time_of(unit, freed_id)
    ended = unit.execute(
        update(freed_time)
        .where(freed_time.c.id == freed_id, freed_time.c.status == FreedStatus.OFFERED)
        .values(status=FreedStatus.PASSED, ended_at=unit.now)
    ).rowcount
    if not ended or time is None:
        return False
    unit.audit("freed time passed", subject(freed_id))
    if time.starts_at > unit.now:
        _look(unit, freed_id, unit.now, ended=True)
    return True


def tell_it_has_gone(unit: UnitOfWork, freed_id: int) -> int:
    """Have everybody who was asked and has not answered hear that it has gone; how many.

    What has not left yet is taken back: who never heard of it need not hear that it has gone.
    """
    supersede(unit, about=subject(freed_id))
    rows = unit.execute(
        update(freed_offer)
        .where(freed_offer.c.freed_id == freed_id, freed_offer.c.answered_at.is_(None))
        .values(answered_at=unit.now, answer=Answer.GONE)
        .returning(freed_offer.c.id, freed_offer.c.person_id)
    ).all()
    theirs = sorted((conversation_of(unit, row.person_id) or 0, row.id) for row in rows)
    for conversation_id, offer_id in theirs:  # in their order: a turn may hold one of them
        _tell(unit, offer_id, conversation_id, "gone")
    return len(rows)


# -- reading -------------------------------------------------------------------------------


def time_of(reading: Reading, freed_id: int) -> FreedTime | None:
    """One freed time."""
    row = reading.execute(_times.where(freed_time.c.id == freed_id)).first()
    return FreedTime(*row) if row else None


def open_times(reading: Reading, staff_ids: Collection[int]) -> list[FreedTime]:
    """What is being offered now of these workers' time, soonest first."""
    rows = reading.execute(
        _times.where(
            freed_time.c.status == FreedStatus.OFFERED,
            freed_time.c.staff_id.in_(staff_ids),
            freed_time.c.starts_at > reading.now,
        ).order_by(freed_time.c.starts_at)
    )
    return [FreedTime(*row) for row in rows]


def offer_of(reading: Reading, offer_id: int) -> Offer | None:
    """One offer."""
    row = reading.execute(_offers.where(freed_offer.c.id == offer_id)).first()
    return Offer(*row) if row else None


def offers_of(reading: Reading, freed_id: int) -> list[Offer]:
    """Everybody who was asked about it, in the order they were."""
    rows = reading.execute(_offers.where(freed_offer.c.freed_id == freed_id).order_by(freed_offer.c.id))
    return [Offer(*row) for row in rows]


def still_fits(reading: Reading, offer: Offer, time: FreedTime) -> Fit | None:
    """What they would have there, as things stand now; None when it cannot be any more."""
    calendar = calendar_of(reading, time.staff_id)
    return fit_of(reading, offer.person_id, time, calendar) if calendar is not None else None


def subject(freed_id: int) -> str:
    """What timers, audit and messages about a freed time are about."""
    return f"freed:{freed_id}"


def answered(unit: UnitOfWork, offer_id: int, answer: Answer) -> bool:
    """Write down what became of an offer; False when it was answered so already."""
    return bool(
        unit.execute(
            update(freed_offer)
            .where(freed_offer.c.id == offer_id, freed_offer.c.answer.is_distinct_from(answer))
            .values(answered_at=unit.now, answer=answer)
        ).rowcount
    )


# -- inside --------------------------------------------------------------------------------


def _ask(unit: UnitOfWork, time: FreedTime, person_id: int) -> list[int]:
    """Write the offer down and have a turn of theirs ask; nothing when they have been asked meanwhile."""
    offer_id = _add_offer(unit, time.id, person_id)
    if offer_id is None:
        return []
    _tell(unit, offer_id, conversation_of(unit, person_id) or 0, "free")
    unit.audit("freed time offered", subject(time.id), person=person_id, offer=offer_id)
    return [offer_id]


def _add_offer(unit: UnitOfWork, freed_id: int, person_id: int, answer: Answer | None = None) -> int | None:
    add = sqlite.insert if unit.connection.dialect.name == "sqlite" else postgresql.insert
    new = add(freed_offer).values(
        freed_id=freed_id, person_id=person_id, offered_at=unit.now, answer=answer,
        answered_at=unit.now if answer else None,
    )  # fmt: skip
    new = new.on_conflict_do_nothing(index_elements=["freed_id", "person_id"])
    return unit.execute(new.returning(freed_offer.c.id)).scalar()


def _for_a_link_worker(unit: UnitOfWork, time: FreedTime, person_id: int) -> None:
    """They could come, and a concern is open: a link worker decides. Asked once, until it is done."""
    if _add_offer(unit, time.id, person_id, Answer.CONCERN) is None:
        return
    there = (task.c.person_id == person_id, task.c.kind == TASK, task.c.done_at.is_(None))
    if unit.execute(select(task.c.id).where(*there).limit(1)).first() is not None:
        return
    calendar = calendar_of(unit, time.staff_id)
    assert calendar is not None
    local = time.starts_at.astimezone(calendar.zone)
    when = f"{local:%H:%M} on {local:%A} {local.day} {local:%B}"
    due_at = min(unit.now + timedelta(hours=1), time.starts_at)
    ask_a_human(unit, person_id, TASK, due_at, when, open_case_id(unit, person_id))


def _look(unit: UnitOfWork, freed_id: int, at: datetime, *, ended: bool = False) -> None:
    clear(unit, LOOK, subject=subject(freed_id))
    due_at = unit.now - FIRST if at <= unit.now else at
    set_timer(unit, LOOK, due_at, subject=subject(freed_id), ended=ended)
    unit.tell("timers")


def _tell(unit: UnitOfWork, offer_id: int, conversation_id: int, what: str) -> None:
    about = f"freed-offer:{offer_id}"
    clear(unit, TELL, subject=about)
    due_at = unit.now - FIRST
    set_timer(unit, TELL, due_at, conversation_id=conversation_id, subject=about, what=what)
    unit.tell("timers")
