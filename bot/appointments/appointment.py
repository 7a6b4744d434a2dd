"""An appointment as it stands, and the ways to look them up. What changes one is in booking."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from bot.appointments.places import Place
from bot.store.prepared import Prepared
from bot.store.sealed import maybe_open
from bot.store.tables import AppointmentStatus, Meeting, appointment, appointment_event, staff
from bot.store.tables import appointment_place as place
from bot.store.unit_of_work import Reading

#: For so long somebody who did not come is somebody who did not come lately.
LATELY = timedelta(days=180)

#: Nothing is booked for longer, so that a look at one day finds what began the day before.
LONGEST = timedelta(hours=12)

#: What takes up a link worker's time, now or in the past; a held slot does until its hold ends.
TAKES_TIME = (AppointmentStatus.BOOKED, AppointmentStatus.ATTENDED, AppointmentStatus.DID_NOT_ATTEND)


class NoSuchAppointment(LookupError):
    """There is no appointment with this id."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A time somebody has with a link worker. Instants are aware UTC; `zone` is of where it takes place.

    `staff_name` is the first name, as people hear it. `where` is a home's address or any place that is not
    on the list, `bring` what to bring, `note` for staff alone, `needs` what they said they will need.
    `version` moves on when it is moved or its status changes: a timer set for another does nothing.
    """

    id: int
    person_id: int
    case_id: int | None
    staff_id: int
    staff_name: str
    session_id: int | None
    kind: str
    status: AppointmentStatus
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    meeting: Meeting
    place: Place | None
    where: str
    bring: str
    note: str
    held_until: datetime | None
    booked_at: datetime | None
    booked_by: str | None
    coming_at: datetime | None
    late_minutes: int | None
    needs: str
    cancelled_at: datetime | None
    cancelled_by: str | None
    why: str | None
    outcome_at: datetime | None
    outcome_by: str | None
    plan: str
    arms: dict[str, str]
    version: int

    def __repr__(self) -> str:
        return f"Appointment(id={self.id}, status={self.status.value})"

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return round((self.ends_at - self.starts_at).total_seconds() / 60)

    @property
    def stands(self) -> bool:
        """Whether it is booked: not merely held, not off, and nobody has said yet how it went."""
        return self.status is AppointmentStatus.BOOKED

    def ahead(self, now: datetime) -> bool:
        """Whether it has yet to begin."""
        return self.starts_at > now

    def over(self, now: datetime) -> bool:
        """Whether its time has passed."""
        return self.ends_at <= now

    def local(self) -> datetime:
        """When it begins, as the clock on the wall there shows it (aware, in `zone`)."""
        return self.starts_at.astimezone(self.zone)


@dataclass(frozen=True, slots=True)
class AppointmentEvent:
    """Something that happened to an appointment: ids, codes and instants."""

    what: str
    at: datetime
    acting: str
    step: str | None
    details: dict[str, Any]


_ALL: Select[Any] = (
    select(
        appointment,
        staff.c.name.label("worker"),
        place.c.meeting.label("place_meeting"),
        place.c.name.label("place_name"),
        place.c.address.label("place_address"),
        place.c.how_to_get_there.label("place_how"),
        place.c.link.label("place_link"),
        place.c.retired_at.label("place_retired_at"),
    )
    .join(staff, staff.c.id == appointment.c.staff_id)
    .outerjoin(place, place.c.id == appointment.c.place_id)
)
_BY_ID = Prepared(_ALL.where(appointment.c.id == bindparam("id")))
_NEXT = Prepared(
    _ALL.where(
        appointment.c.person_id == bindparam("person"),
        appointment.c.status == AppointmentStatus.BOOKED,
        appointment.c.ends_at > bindparam("now"),
    )
    .order_by(appointment.c.starts_at, appointment.c.id)
    .limit(1)
)


def appointment_of(reading: Reading, appointment_id: int) -> Appointment:
    """This appointment, held, booked, off or over. Raises NoSuchAppointment."""
    found = maybe(reading, appointment_id)
    if found is None:
        raise NoSuchAppointment(appointment_id)
    return found


def maybe(reading: Reading, appointment_id: int) -> Appointment | None:
    """This appointment, or None: a held slot that lapsed long ago is kept no longer."""
    row = _BY_ID.first(reading.connection, {"id": appointment_id})
    return opened(reading, row) if row else None


def next_appointment(reading: Reading, person_id: int) -> Appointment | None:
    """The next one booked with them; one that has begun counts until it is over."""
    row = _NEXT.first(reading.connection, {"person": person_id, "now": reading.now})
    return opened(reading, row) if row else None


def appointments_of(reading: Reading, person_id: int) -> list[Appointment]:
    """Every appointment ever booked with them, the latest first; slots only held are not among them."""
    rows = reading.execute(
        _ALL.where(appointment.c.person_id == person_id, appointment.c.booked_at.is_not(None)).order_by(
            appointment.c.starts_at.desc(), appointment.c.id.desc()
        )
    )
    return [opened(reading, row) for row in rows]


def booked_between(
    reading: Reading, staff_ids: Collection[int], from_: datetime, until: datetime, *, held: bool = False
) -> list[Appointment]:
    """What takes up these workers' time between two aware instants, soonest first.

    Booked, attended or not; what was cancelled is left out. With `held`, slots somebody is just saying
    yes to as well.
    """
    statuses = appointment.c.status.in_(TAKES_TIME)
    rows = reading.execute(
        _ALL.where(
            appointment.c.staff_id.in_(staff_ids),
            appointment.c.starts_at > from_ - LONGEST,
            appointment.c.starts_at < until,
            appointment.c.ends_at > from_,
            or_(statuses, held_now(reading)) if held else statuses,
        ).order_by(appointment.c.starts_at, appointment.c.id)
    )
    return [opened(reading, row) for row in rows]


def in_session(reading: Reading, session_id: int) -> list[Appointment]:
    """Everyone's appointment in a group session, whatever became of it, by when they were asked in."""
    rows = reading.execute(
        _ALL.where(appointment.c.session_id == session_id, appointment.c.booked_at.is_not(None)).order_by(
            appointment.c.id
        )
    )
    return [opened(reading, row) for row in rows]


def held_by(reading: Reading, person_id: int) -> Appointment | None:
    """The slot that is held for them just now, if one is."""
    row = reading.execute(
        _ALL.where(appointment.c.person_id == person_id, held_now(reading))
        .order_by(appointment.c.id.desc())
        .limit(1)
    ).first()
    return opened(reading, row) if row else None


def missed(reading: Reading, person_id: int) -> int:
    """How often they did not come lately: in the last LATELY."""
    return reading.execute(
        select(func.count())
        .select_from(appointment)
        .where(
            appointment.c.person_id == person_id,
            appointment.c.status == AppointmentStatus.DID_NOT_ATTEND,
            appointment.c.starts_at > reading.now - LATELY,
        )
    ).scalar_one()


def events_of(reading: Reading, appointment_id: int) -> list[AppointmentEvent]:
    """Everything that happened to it, oldest first."""
    rows = reading.execute(
        select(appointment_event)
        .where(appointment_event.c.appointment_id == appointment_id)
        .order_by(appointment_event.c.id)
    )
    return [AppointmentEvent(r.what, r.at, r.acting, r.step, r.details) for r in rows]


# -- the link to its calendar file ---------------------------------------------------------


def file_token(reading: Reading, appointment_id: int) -> str:
    """The token in the link to its calendar file: 128 bits that nobody without our lookup key can guess."""
    return reading.sealer.lookup("calendar file", str(appointment_id))[:32]


def by_file_token(reading: Reading, token: str) -> Appointment | None:
    """The appointment a calendar file's link leads to."""
    row = reading.execute(_ALL.where(appointment.c.token == token_lookup(reading, token))).first()
    return opened(reading, row) if row else None


def token_lookup(reading: Reading, token: str) -> str:
    """What a calendar file's token is found by."""
    return reading.sealer.lookup("calendar file token", token)


# -- rows ----------------------------------------------------------------------------------


def held_now(reading: Reading) -> ColumnElement[bool]:
    """A slot that is held, and whose hold has not ended."""
    return (appointment.c.status == AppointmentStatus.HELD) & (appointment.c.held_until > reading.now)


def subject(appointment_id: int) -> str:
    """What timers and messages about it are about. The audit is about the person."""
    return f"appointment:{appointment_id}"


def opened(reading: Reading, row: Any) -> Appointment:
    """A row of these."""
    sealer = reading.sealer
    there = None
    if row.place_id is not None:
        there = Place(
            row.place_id, row.place_meeting, row.place_name, row.place_address, row.place_how,
            row.place_link, row.place_retired_at,
        )  # fmt: skip
    return Appointment(
        row.id, row.person_id, row.case_id, row.staff_id, _first(sealer.open(row.worker)), row.session_id,
        row.kind, row.status, row.starts_at, row.ends_at, ZoneInfo(row.zone), row.meeting, there,
        maybe_open(sealer, row.where), maybe_open(sealer, row.bring), maybe_open(sealer, row.note),
        row.held_until, row.booked_at, row.booked_by, row.coming_at, row.late_minutes,
        maybe_open(sealer, row.needs), row.cancelled_at, row.cancelled_by, row.why, row.outcome_at,
        row.outcome_by, row.plan, dict(row.arms), row.version,
    )  # fmt: skip


def _first(name: str) -> str:
    return name.split()[0] if name.split() else ""
