"""People, the ways to reach them, what they agreed to, and their one conversation."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
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

from bot.messages import ChannelName
from bot.store.tables.base import metadata
from bot.store.types import Id, UtcTime, id_column, one_of


class Safe(StrEnum):
    """How safe a contact point is, in the person's own answer."""

    NOT_ASKED = "not-asked"
    ONLY_ME = "only-me"  # ring or text, only I see it
    TEXT_ONLY = "text-only"
    NO_MESSAGE = "no-message"  # ring, but leave no message
    SHARED = "shared"  # others see it, or no
    NOT_NOW = "not-now"  # they said it is not safe: nothing goes there


class Ledger(StrEnum):
    """Which of the three an entry is (see practice: agreement may be withdrawn, told objected to)."""

    AGREEMENT = "agreement"
    CONSENT = "consent"
    TOLD = "told"


person = Table(
    "person",
    metadata,
    id_column(),
    Column("token", String(40), nullable=False, unique=True),  # 128 random bits, for links
    Column("created_at", UtcTime, nullable=False),
    Column("name", LargeBinary),  # sealed; what they wish to be called
    Column("language", String(12), nullable=False),
    Column("zone", String(40), nullable=False),
    Column("nation", String(20)),
    Column("source", String(64)),  # the poster or link they first came by
    Column("agreed_at", UtcTime),  # since when staff may see what was said
    Column("under_age", Boolean, nullable=False, default=False),
    Column("joined_into", Id, ForeignKey("person.id")),
    Column("contact_plan", LargeBinary),  # sealed JSON: times, other number, code word, who answers
    Column("erased_at", UtcTime),
)

contact_point = Table(
    "contact_point",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("channel", one_of(ChannelName), nullable=False),
    Column("address", LargeBinary),  # sealed; null once erased, when only an opt-out's lookup is kept
    Column("lookup", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("safe", one_of(Safe), nullable=False, default=Safe.NOT_ASKED),
    Column("opted_out_at", UtcTime),  # the person, or the carrier for them, said stop
    Column("unreachable_at", UtcTime),  # the provider said this cannot be reached
    Column("last_inbound_at", UtcTime),  # WhatsApp's 24 hours run from here
    UniqueConstraint("channel", "lookup"),
)

conversation = Table(
    "conversation",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, unique=True),
    Column("state", LargeBinary),  # sealed JSON: the stack of flows, the questions asked
    Column("version", Integer, nullable=False, default=0),
    Column("channel", one_of(ChannelName)),  # where they spoke last
    Column("contact_point_id", Id, ForeignKey("contact_point.id")),
    Column("last_inbound_at", UtcTime),
    Column("held_by", Id, ForeignKey("staff.id")),
    Column("held_until", UtcTime),
    Column("unanswered_since", UtcTime),  # they wrote while staff hold it, and nobody answered
    Column("concern_until", UtcTime),  # what they say until then stays with a person
)

ledger = Table(
    "ledger",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("kind", one_of(Ledger), nullable=False),
    Column("purpose", String(40), nullable=False),  # "pass-on", "contact", "texts", …
    Column("given", Boolean, nullable=False),
    Column("prompt", String(80)),
    Column("wording", String(64)),  # a digest of the exact words they were asked in
    Column("language", String(12)),
    Column("inbox_id", Id),
    Column("at", UtcTime, nullable=False),
    Column("said_by", String(40), nullable=False),
)

access_need = Table(
    "access_need",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("need", LargeBinary, nullable=False),  # sealed, in their words
    Column("kind", String(40), nullable=False),  # professional, contact, format, support, other
    Column("recorded_at", UtcTime, nullable=False),
    Column("review_at", UtcTime),
    Column("said_by", String(40), nullable=False),
    Column("inbox_id", Id),
    Column("ended_at", UtcTime),
)

name_lookup = Table(
    "name_lookup",
    metadata,
    Column("person_id", Id, ForeignKey("person.id"), primary_key=True),
    Column("lookup", String(64), primary_key=True),
    Index("ix_name_lookup_by", "lookup"),
)

join_code = Table(
    "join_code",
    metadata,
    id_column(),
    Column("asking_person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("known_person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("code", String(64), nullable=False),  # its lookup, never the code
    Column("expires_at", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("used_at", UtcTime),
)

joining = Table(
    "joining",
    metadata,
    id_column(),
    Column("kept_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("joined_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("acting", String(80), nullable=False),
    Column("moved", LargeBinary, nullable=False),  # sealed JSON: what moved, so that it can be undone
    Column("undone_at", UtcTime),
)

Index(
    "ix_person_agreed_at",
    person.c.agreed_at,
    sqlite_where=text("agreed_at IS NULL"),
    postgresql_where=text("agreed_at IS NULL"),
)
