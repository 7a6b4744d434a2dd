"""Link workers, what they are told, and everything seen or done."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from bot.store.tables.base import metadata
from bot.store.types import Id, UtcTime, id_column, one_of


class Role(StrEnum):
    LINK_WORKER = "link-worker"
    LEAD = "lead"
    ADMINISTRATOR = "administrator"


staff = Table(
    "staff",
    metadata,
    id_column(),
    Column("email", LargeBinary, nullable=False),  # sealed
    Column("email_lookup", String(64), nullable=False, unique=True),
    Column("name", LargeBinary, nullable=False),  # sealed; the person sees the first name
    Column("role", one_of(Role), nullable=False),
    Column("password", String(200)),  # argon2
    Column(
        "must_change_password", Boolean, nullable=False, default=False
    ),  # it was given to them, to use once
    Column("totp", LargeBinary),  # sealed secret; null until set up
    Column("totp_last_step", Id),  # a code works once
    Column("active", Boolean, nullable=False, default=True),
    Column("created_at", UtcTime, nullable=False),
    Column("hours", String(200)),  # when alerts may reach them; null: the team's hours
    Column("alert_by", String(20), nullable=False, default="none"),  # none, email, telegram
    Column("telegram_chat", LargeBinary),  # sealed
    Column("case_limit", Integer),
    Column("failed_sign_ins", Integer, nullable=False, default=0),
    Column("locked_until", UtcTime),
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("token", String(64), primary_key=True),  # its SHA-256
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("totp_done", Boolean, nullable=False, default=False),
    Column("csrf", String(64), nullable=False),
)

notice = Table(
    "notice",
    metadata,
    id_column(),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False, index=True),
    Column("handoff_id", Id, ForeignKey("handoff.id")),
    Column("level", String(20)),
    Column("by", String(20), nullable=False),  # email, telegram
    Column("due_at", UtcTime, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("lease_until", UtcTime),
    Column("sent_at", UtcTime),
    Column("failed", String(40)),
)
Index("ix_notice_to_do", notice.c.sent_at, notice.c.due_at)

audit = Table(
    "audit",
    metadata,
    id_column(),
    Column("at", UtcTime, nullable=False),
    Column("acting", String(80), nullable=False),  # person, timer, staff:3, system, …
    Column("action", String(60), nullable=False),
    Column("subject", String(60), nullable=False),  # "person:7", "handoff:3"
    Column("details", JSON, nullable=False, default=dict),  # no names, no words
)
Index("ix_audit_subject", audit.c.subject, audit.c.at)
