"""Group sessions: planned once or every week, so many places, and called off for everybody at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from bot.appointments.appointment import Appointment, in_session, subject
from bot.appointments.booking import SESSION_CANCELLED, Clash, book, cancel, move
from bot.appointments.calendar import changed, instant, lock_calendar
from bot.appointments.changes import locked, over
from bot.appointments.diary import clash_of
from bot.appointments.groups_told import CANCELLED, Heard, Told, told_of
from bot.appointments.places import Place, place_of
from bot.casework.staffing import staff_of
from bot.people import conversations
from bot.store.tables import (
    AppointmentStatus,
    Meeting,
    SessionStatus,
    appointment,
    group_session,
)
from bot.store.timers import set_timer
from bot.store.unit_of_work import Reading, UnitOfWork

__all__ = [
    "Full", "Heard", "NoSuchSession", "Planned", "Session", "Told", "cancel_session", "correct_session",
    "invite", "leave", "members", "next_like", "plan_session", "plan_weekly", "session_of", "sessions",
    "told_of",
]  # fmt: skip

#: The kind of appointment a place in a session is.
GROUP = "group"

#: Every week for a year is the most that is planned at once.
MOST_WEEKS = 52

#: How long each detail may be, as the table has it.
LONGEST = {"name": 80, "bring": 160, "why": 160}


class NoSuchSession(LookupError):
    """There is no group session with this id."""


@dataclass(frozen=True, slots=True)
class Session:
    """A group session. Instants are aware UTC; `most` is how many places there are, None for no limit.

    `coming` is how many have a place. `cancelled_why` is said to everybody, in the link worker's words.
    """

    id: int
    name: str
    staff_id: int
    staff_name: str
    service_id: int | None
    place: Place | None
    starts_at: datetime
    ends_at: datetime
    most: int | None
    bring: str
    status: SessionStatus
    cancelled_at: datetime | None
    cancelled_why: str
    version: int
    coming: int

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return round((self.ends_at - self.starts_at).total_seconds() / 60)

    @property
    def full(self) -> bool:
        """Whether every place is taken."""
        return self.most is not None and self.coming >= self.most

    @property
    def stands(self) -> bool:
        """Whether it is on."""
        return self.status is SessionStatus.PLANNED


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of planning several: the ids of those that are on, and when and why others are not."""

    ids: tuple[int, ...]
    not_planned: tuple[tuple[datetime, Clash], ...] = ()


@dataclass(frozen=True, slots=True)
class Full:
    """Every place in the session is taken."""

    most: int


# -- planning ------------------------------------------------------------------------------


def plan_session(
    unit: UnitOfWork,
    name: str,
    staff_id: int,
    starts_at: datetime,
    *,
    minutes: int,
    place_id: int | None = None,
    service_id: int | None = None,
    most: int | None = None,
    bring: str = "",
    anyway: bool = False,
    nation: str | None = None,
) -> int | Clash:
    """Plan one session at `starts_at` (aware UTC); its id, or why the worker cannot then.

    `anyway` sets aside what staff may set aside. Raises ValueError with a plain sentence where a detail is
    wrong, NoSuchWorker.
    """
    details = _checked(unit, name=name, bring=bring, most=most, place_id=place_id)
    calendar = lock_calendar(unit, staff_id)
    ends_at = over(starts_at, minutes)
    clash = clash_of(unit, calendar, starts_at, ends_at, nation=nation, anyway=anyway)
    if clash is not None:
        return clash
    made = unit.insert(
        group_session, staff_id=staff_id, service_id=service_id, starts_at=starts_at, ends_at=ends_at,
        status=SessionStatus.PLANNED, created_at=unit.now, **details,
    )  # fmt: skip
    unit.audit("session planned", f"session:{made}", staff=staff_id)
    changed(unit, staff_id)
    return made


def plan_weekly(
    unit: UnitOfWork, name: str, staff_id: int, starts_at: datetime, *, weeks: int, **details: Any
) -> Planned:
    """The same every week, `weeks` times, at the same hour by the clock on the wall.

    Takes what `plan_session` does. Weeks in which the worker cannot are left out, and told of. Each is a
    session of its own: calling one off leaves the others. Raises ValueError with a plain sentence.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise ValueError(f"Plan from 1 to {MOST_WEEKS} weeks.")
    zone = lock_calendar(unit, staff_id).zone
    first = starts_at.astimezone(zone)
    made: list[int] = []
    clashes: list[tuple[datetime, Clash]] = []
    for week in range(weeks):
        day = first.date() + timedelta(weeks=week)
        at = starts_at.astimezone(UTC) if week == 0 else instant(day, first.time(), zone)
        one = plan_session(unit, name, staff_id, at, **details)
        if isinstance(one, Clash):
            clashes.append((at, one))
        else:
            made.append(one)
    return Planned(tuple(made), tuple(clashes))


def correct_session(
    unit: UnitOfWork,
    session_id: int,
    *,
    starts_at: datetime | None = None,
    minutes: int | None = None,
    anyway: bool = False,
    nation: str | None = None,
    **details: Any,
) -> Session | Clash:
    """Put it right: its time, or any of name, place_id, most and bring.

    Everybody who has a place is moved with it, and a turn tells each. A Clash where the worker cannot
    then. Raises ValueError with a plain sentence, NoSuchSession.
    """
    _lock_members(unit, session_id)
    before = session_of(unit, session_id)
    if not before.stands:
        raise ValueError("That session is off, or over.")
    checked = _checked(unit, **details)
    most = checked.get("most", before.most)
    if most is not None and most < before.coming:
        raise ValueError(f"{before.coming} have a place already.")
    calendar = lock_calendar(unit, before.staff_id)
    starts = starts_at or before.starts_at
    ends = over(starts, minutes or before.minutes)
    if (starts, ends) != (before.starts_at, before.ends_at):
        clash = clash_of(unit, calendar, starts, ends, session_id=session_id, nation=nation, anyway=anyway)
        if clash is not None:
            return clash
    values = {**checked, "starts_at": starts, "ends_at": ends, "version": before.version + 1}
    unit.change(group_session, session_id, **values)
    unit.audit("session corrected", f"session:{session_id}", fields=sorted(checked))
    after = session_of(unit, session_id)
    for one in _booked(unit, session_id):
        if after.bring != before.bring:
            sealed = unit.sealer.seal(after.bring) if after.bring else None
            unit.change(appointment, one.id, bring=sealed)
        move(unit, one.id, starts, minutes=after.minutes, **_way(after), anyway=True)
    changed(unit, before.staff_id)
    return after


# -- who comes -----------------------------------------------------------------------------


def invite(
    unit: UnitOfWork, session_id: int, person_id: int, *, anyway: bool = False
) -> Appointment | Full | Clash:
    """They have a place: an appointment of their own, with its reminders. Asked twice, it is one.

    Full where every place is taken; a Clash where they have something else then, which `anyway` sets
    aside, or it is off or over. Raises NoSuchSession.
    """
    locked(unit, person_id, session_of(unit, session_id).staff_id)
    session = session_of(unit, session_id)
    mine = next((one for one in _booked(unit, session_id) if one.person_id == person_id), None)
    if mine is not None:
        return mine
    if not session.stands:
        return Clash("off")
    if session.full:
        return Full(session.most or 0)
    details = {
        "minutes": session.minutes, "kind": GROUP, "bring": session.bring, "session_id": session_id,
        **_way(session),
    }  # fmt: skip
    made = book(unit, person_id, session.staff_id, session.starts_at, anyway=anyway, **details)
    # The worker is there whatever their hours say: only what the person has on stands in the way.
    if isinstance(made, Clash) and made.may_be_set_aside and made.reason != "theirs":
        made = book(unit, person_id, session.staff_id, session.starts_at, anyway=True, **details)
    return made


def leave(unit: UnitOfWork, session_id: int, person_id: int, why: str = "cannot-come") -> bool:
    """They do not come to it after all: their place is free. False when they had none."""
    locked(unit, person_id, session_of(unit, session_id).staff_id)
    mine = [one for one in _booked(unit, session_id) if one.person_id == person_id]
    for one in mine:
        cancel(unit, one.id, why=why)
    return bool(mine)


# -- called off ----------------------------------------------------------------------------


def cancel_session(unit: UnitOfWork, session_id: int, why: str = "") -> list[Told]:
    """It is off: everybody hears so by their channel, each in a turn of their own; `told_of` as it begins.

    `why` is told to everybody, in the link worker's words; it may be empty. Reminders are taken back. Off
    already, nothing more happens. Raises ValueError where `why` is too long, NoSuchSession.
    """
    words = _short("why", why)
    _lock_members(unit, session_id)
    session = session_of(unit, session_id)
    if not session.stands:
        return told_of(unit, session_id)
    lock_calendar(unit, session.staff_id)
    unit.change(
        group_session, session_id, status=SessionStatus.CANCELLED, cancelled_at=unit.now,
        cancelled_why=words, version=session.version + 1,
    )  # fmt: skip
    for one in _booked(unit, session_id):
        off = cancel(unit, one.id, why=SESSION_CANCELLED)
        set_timer(
            unit, CANCELLED, unit.now, subject=subject(off.id), version=off.version, session=session_id,
            conversation_id=conversations.conversation_of(unit, off.person_id),
        )  # fmt: skip
    unit.audit("session cancelled", f"session:{session_id}")
    changed(unit, session.staff_id)
    unit.tell("timers")
    return told_of(unit, session_id)


# -- reading -------------------------------------------------------------------------------


def session_of(reading: Reading, session_id: int) -> Session:
    """One session. Raises NoSuchSession."""
    row = reading.execute(_sessions().where(group_session.c.id == session_id)).first()
    if row is None:
        raise NoSuchSession(session_id)
    return _opened(reading, row)


def sessions(
    reading: Reading, from_: datetime, until: datetime, *, staff_ids: Collection[int] = ()
) -> list[Session]:
    """Every session between two aware instants, those called off too, soonest first."""
    query = _sessions().where(group_session.c.starts_at < until, group_session.c.ends_at > from_)
    if staff_ids:
        query = query.where(group_session.c.staff_id.in_(staff_ids))
    rows = reading.execute(query.order_by(group_session.c.starts_at, group_session.c.id)).all()
    return [_opened(reading, row) for row in rows]


def members(reading: Reading, session_id: int) -> list[Appointment]:
    """The places that are taken, in the order they were."""
    return _booked(reading, session_id)


def next_like(reading: Reading, session: Session, person_id: int) -> tuple[datetime, bool] | None:
    """When the next session of this name is, and whether they have a place in it already."""
    rows = reading.execute(
        _sessions()
        .where(
            group_session.c.name == session.name,
            group_session.c.status == SessionStatus.PLANNED,
            group_session.c.starts_at > max(session.starts_at, reading.now),
        )
        .order_by(group_session.c.starts_at)
        .limit(1)
    ).all()
    for row in rows:
        theirs = any(one.person_id == person_id for one in _booked(reading, row.id))
        return row.starts_at, theirs
    return None


# -- inside --------------------------------------------------------------------------------


def _sessions() -> Select[Any]:
    coming = (
        select(func.count())
        .where(appointment.c.session_id == group_session.c.id, appointment.c.status.in_(_HAVE_A_PLACE))
        .correlate(group_session)
        .scalar_subquery()
    )
    return select(group_session, coming.label("coming"))


#: Whoever has one of these has a place, or had it.
_HAVE_A_PLACE = (AppointmentStatus.BOOKED, AppointmentStatus.ATTENDED, AppointmentStatus.DID_NOT_ATTEND)


def _opened(reading: Reading, row: Any) -> Session:
    worker = staff_of(reading, row.staff_id)
    return Session(
        row.id, row.name, row.staff_id, worker.first_name if worker else "", row.service_id,
        place_of(reading, row.place_id) if row.place_id is not None else None, row.starts_at, row.ends_at,
        row.most, row.bring, row.status, row.cancelled_at, row.cancelled_why or "", row.version, row.coming,
    )  # fmt: skip


def _booked(reading: Reading, session_id: int) -> list[Appointment]:
    return [one for one in in_session(reading, session_id) if one.stands]


def _way(session: Session) -> dict[str, Any]:
    place = session.place
    return {
        "meeting": place.meeting if place else Meeting.ELSEWHERE,
        "place_id": place.id if place else None,
    }


def _lock_members(unit: UnitOfWork, session_id: int) -> None:
    """Everybody's conversation before any calendar, in the order of their ids: nobody waits in a circle."""
    theirs = {conversations.conversation_of(unit, one.person_id) for one in _booked(unit, session_id)}
    for conversation_id in sorted(theirs - {None}):  # type: ignore[type-var]
        conversations.hold(unit, conversation_id)  # type: ignore[arg-type]


def _checked(reading: Reading, **details: Any) -> dict[str, Any]:
    """The details as they are kept. Raises ValueError with a plain sentence."""
    found: dict[str, Any] = {}
    for name, value in details.items():
        if name in ("name", "bring"):
            found[name] = _short(name, value)
        elif name == "most":
            if value is not None and not 1 <= value <= 500:
                raise ValueError("A session has from 1 to 500 places, or no limit.")
            found[name] = value
        elif name == "place_id":
            if value is not None and place_of(reading, value) is None:
                raise ValueError("There is no such place.")
            found[name] = value
        else:
            raise TypeError(f"a session has no {name}")
    if found.get("name") == "":
        raise ValueError("Give the session a name, as people know it.")
    return found


def _short(name: str, words: str) -> str:
    words = " ".join(str(words).split())
    if len(words) > LONGEST[name]:
        raise ValueError(f"That can be {LONGEST[name]} letters at most.")
    return words
