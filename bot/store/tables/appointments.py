"""When link workers are there, what is booked with them, and who would come sooner."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from bot.store.tables.base import metadata
from bot.store.types import Id, UtcTime, id_column, one_of


class Meeting(StrEnum):
    """How or where people meet a link worker."""

    PHONE = "phone"
    VIDEO = "video"
    HOME = "home"
    CAFE = "cafe"
    SURGERY = "surgery"
    ELSEWHERE = "elsewhere"


class Away(StrEnum):
    """Why nobody can be booked in."""

    LEAVE = "leave"
    SICKNESS = "sickness"
    TRAINING = "training"
    BLOCKED = "blocked"  # an hour kept free for something else


class AppointmentStatus(StrEnum):
    """The field's words; "held" is a slot somebody is just saying yes to."""

    HELD = "held"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    DID_NOT_ATTEND = "did-not-attend"


class SessionStatus(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"
    OVER = "over"


class FreedStatus(StrEnum):
    """What became of a time that came free."""

    OFFERED = "offered"
    TAKEN = "taken"
    PASSED = "passed"  # nobody could, or it was too late to ask


appointment_place = Table(
    "appointment_place",
    metadata,
    id_column(),
    Column("meeting", one_of(Meeting), nullable=False),
    Column("name", String(80), nullable=False),  # as people hear it: "The Corner Cafe"
    Column("address", String(200), nullable=False, default=""),
    Column("how_to_get_there", String(300), nullable=False, default=""),
    Column("link", String(300), nullable=False, default=""),  # of a video room
    Column("created_at", UtcTime, nullable=False),
    Column("retired_at", UtcTime),
)

worker_calendar = Table(
    "worker_calendar",
    metadata,
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True),
    Column("zone", String(40), nullable=False),
    Column("lengths", JSON, nullable=False, default=dict),  # kind of appointment: minutes
    Column("gap_minutes", Integer, nullable=False, default=10),  # between two, to write and to travel
    Column("most_a_day", Integer),
    Column("most_a_week", Integer),
    Column("notice_minutes", Integer, nullable=False, default=120),  # nobody books sooner than that
    Column("ahead_days", Integer, nullable=False, default=42),  # nor later
    Column("open_to_people", Boolean, nullable=False, default=False),  # they may book themselves in
    Column("feed_token", String(64), unique=True),  # a lookup of the private feed's token, never it
    Column("version", Integer, nullable=False, default=0),  # grows with each change of what is booked
)

working_hours = Table(
    "working_hours",
    metadata,
    id_column(),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False, index=True),
    Column("weekday", Integer, nullable=False),  # Monday is 0
    Column("opens", String(5), nullable=False),  # local, "09:00"
    Column("closes", String(5), nullable=False),
    Column("places", JSON, nullable=False, default=list),  # ids of the places they are at then
)

time_off = Table(
    "time_off",
    metadata,
    id_column(),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("kind", one_of(Away), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("note", LargeBinary),  # sealed
    Column("ended_at", UtcTime),  # taken back
)
Index("ix_time_off_staff_id", time_off.c.staff_id, time_off.c.ends_at)

group_session = Table(
    "group_session",
    metadata,
    id_column(),
    Column("name", String(80), nullable=False),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("service_id", Id, ForeignKey("service.id")),
    Column("place_id", Id, ForeignKey("appointment_place.id")),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("most", Integer),  # places there are; null: no limit
    Column("bring", String(160), nullable=False, default=""),
    Column("status", one_of(SessionStatus), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("cancelled_at", UtcTime),
    Column("cancelled_why", String(160)),
    Column("version", Integer, nullable=False, default=0),
)
Index("ix_group_session_starts_at", group_session.c.starts_at)

appointment = Table(
    "appointment",
    metadata,
    id_column(),
    Column("token", String(64), nullable=False, unique=True),  # a lookup of its calendar file's link
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("session_id", Id, ForeignKey("group_session.id"), index=True),
    Column("kind", String(20), nullable=False),  # of bot/appointments/kinds.toml
    Column("status", one_of(AppointmentStatus), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("zone", String(40), nullable=False),  # of where it takes place
    Column("meeting", one_of(Meeting), nullable=False),
    Column("place_id", Id, ForeignKey("appointment_place.id")),
    Column("where", LargeBinary),  # sealed: a home's address, or any place that is not on the list
    Column("bring", LargeBinary),  # sealed: what to bring, in the link worker's words
    Column("note", LargeBinary),  # sealed, for staff alone
    Column("held_until", UtcTime),
    Column("booked_at", UtcTime),
    Column("booked_by", String(80)),  # person, or staff:3
    Column("coming_at", UtcTime),  # when they said they would come
    Column("late_minutes", Integer),  # they said they run late by so much; 0: by they do not know how much
    Column("needs", LargeBinary),  # sealed: what they said they will need
    Column("cancelled_at", UtcTime),
    Column("cancelled_by", String(80)),
    Column("why", String(40)),  # a code: "cannot-come", "session-cancelled", "staff-away", …
    Column("outcome_at", UtcTime),
    Column("outcome_by", String(80)),
    Column("plan", String(40), nullable=False, default="standard"),  # of reminders
    Column("arms", JSON, nullable=False, default=dict),  # trial: arm, as it was frozen for them
    Column("version", Integer, nullable=False, default=0),  # grows when it is moved or its status changes
)
Index(
    "ix_appointment_calendar",  # what stands in one link worker's calendar
    appointment.c.staff_id,
    appointment.c.starts_at,
)
Index("ix_appointment_starts_at", appointment.c.starts_at, appointment.c.status)
Index(
    "ix_appointment_held",
    appointment.c.held_until,
    sqlite_where=text("status = 'held'"),
    postgresql_where=text("status = 'held'"),
)

appointment_event = Table(
    "appointment_event",
    metadata,
    id_column(),
    Column("appointment_id", Id, ForeignKey("appointment.id"), nullable=False, index=True),
    Column("what", String(40), nullable=False),  # booked, moved, cancelled, coming, reminded, not-reminded, …
    Column("at", UtcTime, nullable=False),
    Column("acting", String(80), nullable=False),
    Column("step", String(40)),  # of the reminder plan
    Column("details", JSON, nullable=False, default=dict),  # ids, codes and instants, never words
)

short_notice = Table(
    "short_notice",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime),  # they would come sooner only until then
    Column("notice_minutes", Integer, nullable=False, default=120),
    Column("meetings", JSON, nullable=False, default=list),  # any where it is empty
    Column("times", LargeBinary),  # sealed: when they can, in their words
    Column("left_at", UtcTime),
)
Index(
    "ix_short_notice_waiting",
    short_notice.c.since,
    sqlite_where=text("left_at IS NULL"),
    postgresql_where=text("left_at IS NULL"),
)

freed_time = Table(
    "freed_time",
    metadata,
    id_column(),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("meeting", one_of(Meeting), nullable=False),
    Column("place_id", Id, ForeignKey("appointment_place.id")),
    Column("from_appointment_id", Id, ForeignKey("appointment.id"), nullable=False, index=True),
    Column("status", one_of(FreedStatus), nullable=False),
    Column("freed_at", UtcTime, nullable=False),
    Column("taken_by", Id, ForeignKey("appointment.id")),
    Column("ended_at", UtcTime),
)
Index(
    "ix_freed_time_open",
    freed_time.c.starts_at,
    sqlite_where=text("status = 'offered'"),
    postgresql_where=text("status = 'offered'"),
)

freed_offer = Table(
    "freed_offer",
    metadata,
    id_column(),
    Column("freed_id", Id, ForeignKey("freed_time.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("offered_at", UtcTime, nullable=False),
    Column("answered_at", UtcTime),
    Column("answer", String(20)),  # yes, no, too-late, gone; null: not answered
    UniqueConstraint("freed_id", "person_id"),  # nobody is offered the same time twice
)

written_reminder = Table(
    "written_reminder",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("words", LargeBinary, nullable=False),  # sealed: the link worker's own
    Column("due_at", UtcTime, nullable=False),
    Column("useful_until", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("result", String(60)),
    Column("taken_back_at", UtcTime),
    Column("version", Integer, nullable=False, default=0),
)

trial_start = Table(
    "trial_start",
    metadata,
    Column("trial", String(40), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", String(80), nullable=False),
    Column("block", LargeBinary, nullable=False),  # sealed: arms still to give, so that nobody foresees one
    Column("looks", JSON, nullable=False, default=list),  # those taken: outcomes and figures
)

trial_arm = Table(
    "trial_arm",
    metadata,
    Column("person_id", Id, ForeignKey("person.id"), primary_key=True),
    Column("trial", String(40), primary_key=True),
    Column("arm", String(40), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("appointment_id", Id, ForeignKey("appointment.id"), nullable=False),  # the first it was for
)

trial_stop = Table(
    "trial_stop",
    metadata,
    Column("trial", String(40), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("why", String(40), nullable=False),  # harm, finished, staff
    Column("figures", JSON, nullable=False, default=dict),
)
