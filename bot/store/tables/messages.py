"""What came in, what goes out, and what falls due."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from bot.messages import ChannelName, Kind, Status
from bot.store.tables.base import metadata
from bot.store.types import Id, UtcTime, id_column, one_of


class Handling(StrEnum):
    """What has become of something that came in."""

    WAITING = "waiting"
    HANDLED = "handled"
    SET_ASIDE = "set-aside"  # three tries failed; a human reads it


class Priority(IntEnum):
    """Who goes first when a channel is busy."""

    SAFETY = 0
    REPLY = 10
    LINK_WORKER = 20
    APPOINTMENT = 30
    CHECK_IN = 40


inbox = Table(
    "inbox",
    metadata,
    id_column(),
    Column("channel", one_of(ChannelName), nullable=False),
    Column("provider_digest", String(64), nullable=False),  # kept after erasure: a retry stays a duplicate
    Column("conversation_id", Id, ForeignKey("conversation.id"), nullable=False),
    Column("contact_point_id", Id, ForeignKey("contact_point.id"), nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("kind", one_of(Kind), nullable=False),
    Column("unreadable", String(20)),
    Column("body", LargeBinary),  # sealed JSON {text, choice, media, …}; null once erased
    Column("provider_ref", LargeBinary),  # sealed: to open a photo, or to erase it there
    Column("level", String(20)),  # what safety noticed on arrival
    Column("rank", Integer, nullable=False, default=0),  # worst first when there is a backlog
    Column("handling", one_of(Handling), nullable=False, default=Handling.WAITING),
    Column("tries", Integer, nullable=False, default=0),
    Column("try_at", UtcTime),
    Column("handled_at", UtcTime),
    Column("looked_at", UtcTime),  # when a human opened what we could not read
    UniqueConstraint("channel", "provider_digest"),
)
Index("ix_inbox_conversation_id", inbox.c.conversation_id, inbox.c.id)
Index(
    "ix_inbox_next",  # what waits in one conversation, however long its history
    inbox.c.conversation_id,
    inbox.c.id,
    sqlite_where=text("handling = 'waiting'"),
    postgresql_where=text("handling = 'waiting'"),
)
Index(
    "ix_inbox_waiting",
    inbox.c.rank.desc(),
    inbox.c.id,
    sqlite_where=text("handling = 'waiting'"),
    postgresql_where=text("handling = 'waiting'"),
)

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("conversation_id", Id, ForeignKey("conversation.id"), nullable=False),
    Column("contact_point_id", Id, ForeignKey("contact_point.id"), nullable=False),
    Column("channel", one_of(ChannelName), nullable=False),
    Column("purpose", String(20), nullable=False),  # bot.people.safe_contact.Purpose
    Column("priority", Integer, nullable=False),
    Column("prompt", String(80)),
    Column("values", LargeBinary),  # sealed JSON
    Column("language", String(12), nullable=False),
    Column("text", LargeBinary),  # sealed: what was said is the record
    Column("choices", LargeBinary),  # sealed JSON [[id, label], …]
    Column("segments", Integer, nullable=False, default=1),
    Column("status", one_of(Status), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("reason", String(60)),
    Column("follow_up", Boolean, nullable=False, default=False),  # a human must still hear of it
    Column("created_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("useful_until", UtcTime),
    Column("tries", Integer, nullable=False, default=0),
    Column("lease_until", UtcTime),
    Column("sent_at", UtcTime),
    Column("provider_id", String(80)),
    Column("possible_repeat", Boolean, nullable=False, default=False),
    Column("replaces_id", Id, ForeignKey("outbox.id")),
    Column("answers_inbox_id", Id),
    Column("staff_id", Id, ForeignKey("staff.id")),
    Column("about", String(60)),  # "appointment:7": taken back unsent when that is moved or cancelled
    Column("file", LargeBinary),  # sealed JSON {name, type, content}: a calendar file, where a channel can
)
Index("ix_outbox_conversation_id", outbox.c.conversation_id, outbox.c.id)
Index("ix_outbox_provider_id", outbox.c.provider_id)
# What has not left yet is a handful of rows however many there are in all: these stay small.
Index(
    "ix_outbox_to_do",
    outbox.c.channel,
    outbox.c.priority,
    outbox.c.id,
    sqlite_where=text("rank < 30"),
    postgresql_where=text("rank < 30"),
)
Index(
    "ix_outbox_in_order",
    outbox.c.conversation_id,
    outbox.c.channel,
    outbox.c.id,
    sqlite_where=text("rank < 30"),
    postgresql_where=text("rank < 30"),
)
Index(
    "ix_outbox_about",
    outbox.c.about,
    sqlite_where=text("about IS NOT NULL"),
    postgresql_where=text("about IS NOT NULL"),
)
Index(
    "ix_outbox_follow_up",
    outbox.c.id,
    sqlite_where=text("follow_up"),
    postgresql_where=text("follow_up"),
)

outbox_event = Table(
    "outbox_event",
    metadata,
    id_column(),
    Column("outbox_id", Id, ForeignKey("outbox.id"), nullable=False, index=True),
    Column("status", one_of(Status), nullable=False),
    Column("code", String(40)),
    Column("at", UtcTime, nullable=False),
)

timer = Table(
    "timer",
    metadata,
    id_column(),
    Column("kind", String(40), nullable=False),
    Column("conversation_id", Id, ForeignKey("conversation.id")),
    Column("subject", String(60), nullable=False, default=""),  # "case:7": what it is about
    Column("version", Integer, nullable=False, default=0),  # of what it was set for
    Column("due_at", UtcTime, nullable=False),
    Column("details", JSON, nullable=False, default=dict),  # no personal data
    Column("tries", Integer, nullable=False, default=0),
    Column("done_at", UtcTime),
    Column("result", String(40)),
)
Index("ix_timer_conversation_id", timer.c.conversation_id, timer.c.kind)
Index("ix_timer_subject", timer.c.subject, timer.c.kind)
Index(
    "ix_timer_due",
    timer.c.due_at,
    sqlite_where=text("done_at IS NULL"),
    postgresql_where=text("done_at IS NULL"),
)
Index(
    "ix_timer_due_first",  # what does not wait behind a morning's reminders
    timer.c.due_at,
    sqlite_where=text("done_at IS NULL AND kind != 'remind'"),
    postgresql_where=text("done_at IS NULL AND kind != 'remind'"),
)

channel_state = Table(
    "channel_state",
    metadata,
    Column("channel", String(40), primary_key=True),
    Column("tokens", Float, nullable=False),  # how many may leave now
    Column("filled_at", UtcTime, nullable=False),
    Column("held_until", UtcTime),  # the provider asked us to wait
    Column("offset", Id),  # Telegram's next update when polling
)
