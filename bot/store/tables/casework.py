"""Referrals, cases, handoffs, concerns and the next thing to do."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from bot.store.tables.base import metadata
from bot.store.types import Id, UtcTime, id_column, one_of


class ReferralStatus(StrEnum):
    MADE = "made"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CLOSED = "closed"


class CaseStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class HandoffStatus(StrEnum):
    WAITING = "waiting"
    PICKED_UP = "picked-up"
    HANDED_BACK = "handed-back"
    CLOSED = "closed"


class ContactKind(StrEnum):
    """One tap on the link worker's page: most contact is by phone."""

    RANG = "rang"
    NO_ANSWER = "no-answer"
    LEFT_MESSAGE = "left-message"
    MET = "met"


referral = Table(
    "referral",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("made_at", UtcTime, nullable=False),
    Column("status", one_of(ReferralStatus), nullable=False),
    Column("by", String(20), nullable=False),  # self, someone-else, staff, professional
    Column("source", String(64)),
    Column("content", LargeBinary, nullable=False),  # sealed JSON: answers, each with its inbox id
)

cases = Table(
    "cases",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("referral_id", Id, ForeignKey("referral.id")),
    Column("status", one_of(CaseStatus), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("owner_id", Id, ForeignKey("staff.id")),
    Column("next_step", LargeBinary),  # sealed
    Column("next_step_by", UtcTime),
    Column("promised_by", UtcTime),  # the day we told them we would be in touch by
    Column("version", Integer, nullable=False, default=0),
    Column("first_contact_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("outcome", String(40)),
    Column("note", LargeBinary),  # sealed
)
Index("ix_cases_status_owner_id", cases.c.status, cases.c.owner_id)

handoff = Table(
    "handoff",
    metadata,
    id_column(),
    Column("conversation_id", Id, ForeignKey("conversation.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("reason", String(40), nullable=False),  # referral, person, concern, call-back, unreadable, …
    Column("level", String(20)),  # a concern's level
    Column("rank", Integer, nullable=False, default=0),  # worst first
    Column("status", one_of(HandoffStatus), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("waiting_since", UtcTime, nullable=False),
    Column("due_at", UtcTime),
    Column("waiting_for_reply", Boolean, nullable=False, default=False),
    Column("sees_from", Id),  # without agreement staff see only from this inbox row on
    Column("picked_up_by", Id, ForeignKey("staff.id")),
    Column("picked_up_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("outcome", String(40)),
    Column("version", Integer, nullable=False, default=0),
)
Index("ix_handoff_queue", handoff.c.status, handoff.c.rank.desc(), handoff.c.waiting_since)
Index(
    "uq_handoff_open",  # one open handoff a conversation: a second reason raises it
    handoff.c.conversation_id,
    unique=True,
    sqlite_where=text("status IN ('waiting', 'picked-up')"),
    postgresql_where=text("status IN ('waiting', 'picked-up')"),
)

handoff_event = Table(
    "handoff_event",
    metadata,
    id_column(),
    Column("handoff_id", Id, ForeignKey("handoff.id"), nullable=False, index=True),
    Column("what", String(40), nullable=False),
    Column("acting", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("note", LargeBinary),  # sealed
)

concern = Table(
    "concern",
    metadata,
    id_column(),
    Column("conversation_id", Id, ForeignKey("conversation.id"), nullable=False, index=True),
    Column("inbox_id", Id, ForeignKey("inbox.id"), nullable=False),
    Column("handoff_id", Id, ForeignKey("handoff.id")),
    Column("level", String(20), nullable=False),
    Column("category", String(40), nullable=False),
    Column("why", JSON, nullable=False),  # pattern ids, never words
    Column("about_self", Boolean, nullable=False, default=True),
    Column("noticed_at", UtcTime, nullable=False),
    Column("card_outbox_id", Id),
    Column("told_at", UtcTime),  # acknowledged by a person, not merely sent
    Column("told_to", Id, ForeignKey("staff.id")),
    Column("not_a_concern_at", UtcTime),
    Column("not_a_concern_by", Id, ForeignKey("staff.id")),
    Column("not_a_concern_why", LargeBinary),  # sealed
    Column("confirmed_at", UtcTime),
    Column("confirmed_by", Id, ForeignKey("staff.id")),
)

task = Table(
    "task",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("kind", String(40), nullable=False),  # ring, look, cannot-reach, not-sent, confirm, …
    Column("details", LargeBinary),  # sealed
    Column("created_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("owner_id", Id, ForeignKey("staff.id")),
    Column("done_at", UtcTime),
    Column("done_by", Id, ForeignKey("staff.id")),
)
Index("ix_task_open", task.c.done_at, task.c.due_at)

contact_log = Table(
    "contact_log",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("kind", one_of(ContactKind), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("note", LargeBinary),  # sealed
    Column("undone_at", UtcTime),
)
