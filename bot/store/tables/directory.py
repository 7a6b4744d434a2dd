"""The directory: organisations, their services, where and when they are, what they cost.

Nothing here is about a person. The words are Open Referral's (HSDS-UK 3.0, see domain-facts section 4).
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.tables.base import metadata
from bot.store.types import Id, UtcTime, id_column, one_of


class ServiceStatus(StrEnum):
    """HSDS has active, inactive, defunct and temporarily closed."""

    ACTIVE = "active"
    PAUSED = "paused"  # temporarily closed, or a link worker stopped suggesting it
    CLOSED = "closed"  # inactive or defunct; never removed


class Joining(StrEnum):
    """How somebody comes to it."""

    DIRECT = "direct"  # they get in touch themselves, or just come
    REFERRAL = "referral"  # a link worker refers them
    EITHER = "either"


organisation = Table(
    "organisation",
    metadata,
    id_column(),
    Column("source", String(80), nullable=False, default=""),  # the feed it came from; "" is ours
    Column("source_id", String(200), nullable=False),
    Column("name", String(300), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("url", String(500)),
    Column("email", String(200)),
    UniqueConstraint("source", "source_id"),
)

service = Table(
    "service",
    metadata,
    id_column(),
    Column("token", String(40), nullable=False, unique=True),  # 128 random bits, for links
    Column("organisation_id", Id, ForeignKey("organisation.id"), index=True),
    Column("source", String(80), nullable=False, default=""),
    Column("source_id", String(200), nullable=False),
    Column("name", String(300), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("url", String(500)),
    Column("email", String(200)),
    Column("status", one_of(ServiceStatus), nullable=False, default=ServiceStatus.ACTIVE),
    Column("status_why", String(200)),  # why staff paused or closed it
    Column("paused_until", Date),  # when staff look again; nothing opens by itself
    Column("joining", one_of(Joining), nullable=False, default=Joining.EITHER),
    Column("fees", Text, nullable=False, default=""),
    Column("free", Boolean),  # null: nobody said
    Column("eligibility", Text, nullable=False, default=""),
    Column("minimum_age", Integer),
    Column("maximum_age", Integer),
    Column("languages", JSON, nullable=False, default=list),  # codes such as "cy"
    Column("wants", JSON, nullable=False, default=list),  # what it is good for, in flows/lists.toml's words
    Column("eases", JSON, nullable=False, default=list),  # what it does about what gets in the way
    Column("accessibility", Text, nullable=False, default=""),
    Column("alert", Text, nullable=False, default=""),
    Column("assured_on", Date),  # when the information was last checked
    Column("places_left", Integer),  # null: not known; 0: full
    Column("waiting_weeks", Integer),
    Column("online", Boolean, nullable=False, default=False),
    Column("corrected", JSON, nullable=False, default=list),  # what staff put right: an import leaves it
    Column("source_digest", String(64)),  # of what its source said, to see that nothing changed
    Column("gone_from_source_at", UtcTime),  # a whole feed no longer had it; staff decide
    Column("example", Boolean, nullable=False, default=False),  # invented, for a first look round
    Column("added_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False, default=0),
    UniqueConstraint("source", "source_id"),
)
Index("ix_service_status_name", service.c.status, service.c.name)

location = Table(
    "location",
    metadata,
    id_column(),
    Column("service_id", Id, ForeignKey("service.id"), nullable=False, index=True),
    Column("name", String(300), nullable=False, default=""),
    Column("address", String(500), nullable=False, default=""),
    Column("town", String(120), nullable=False, default=""),
    Column("postcode", String(10), nullable=False, default=""),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("accessibility", Text, nullable=False, default=""),
)

schedule = Table(
    "schedule",
    metadata,
    id_column(),
    Column("service_id", Id, ForeignKey("service.id"), nullable=False, index=True),
    Column("freq", String(10), nullable=False, default="WEEKLY"),  # RFC 5545: WEEKLY or MONTHLY
    Column("interval", Integer, nullable=False, default=1),
    Column("byday", String(40), nullable=False, default=""),  # "MO,WE"; monthly "2TU"
    Column("opens_at", String(5), nullable=False, default=""),  # local time, "10:00"
    Column("closes_at", String(5), nullable=False, default=""),
    Column("dtstart", Date),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("notes", Text, nullable=False, default=""),
)

cost_option = Table(
    "cost_option",
    metadata,
    id_column(),
    Column("service_id", Id, ForeignKey("service.id"), nullable=False, index=True),
    Column("option", String(200), nullable=False, default=""),
    Column("pence", Integer),  # null: only described
    Column("description", Text, nullable=False, default=""),
)

service_contact = Table(
    "service_contact",
    metadata,
    id_column(),
    Column("service_id", Id, ForeignKey("service.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False, default=""),
    Column("title", String(200), nullable=False, default=""),
    Column("phone", String(60), nullable=False, default=""),
    Column("email", String(200), nullable=False, default=""),
)

service_event = Table(
    "service_event",
    metadata,
    id_column(),
    Column("service_id", Id, ForeignKey("service.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("acting", String(80), nullable=False),
    Column(
        "what", String(40), nullable=False
    ),  # added, corrected, paused, closed, assured, imported, gone, …
    Column("details", JSON, nullable=False, default=dict),  # field by field, before and after
)

import_run = Table(
    "import_run",
    metadata,
    id_column(),
    Column("source", String(80), nullable=False, index=True),
    Column("form", String(20), nullable=False),  # hsds-uk-3.0, oruk-v1, csv
    Column("address", String(500), nullable=False),  # the base URL, or the file's name
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("counts", JSON, nullable=False, default=dict),
    Column("refused", JSON, nullable=False, default=list),  # [{"row", "id", "why"}]
    Column("failed_why", String(300)),
)

service_check = Table(
    "service_check",
    metadata,
    id_column(),
    Column("service_id", Id, ForeignKey("service.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("what", String(20), nullable=False),  # link, phone, postcode, assured, …
    Column("why", String(200), nullable=False),
    Column("settled_at", UtcTime),  # seen right again, or put right
    Column("settled_by", String(80)),  # staff:3 says it is right: not shown again for the same reason
)
