"""What matters to somebody, what was suggested, and whether they got there."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    text,
)

from bot.store.tables.base import metadata
from bot.store.types import Id, UtcTime, id_column, one_of


class Heading(StrEnum):
    """What a line of a plan is about."""

    MATTERS = "matters"  # in their own words
    GOING_WELL = "going-well"
    ENJOYS = "enjoys"
    AROUND = "around"  # who is around them
    WANT = "want"  # a code of flows/lists.toml, or their own words
    BARRIER = "barrier"
    HELP = "help"
    MEETING = "meeting"  # where and how they like to meet
    WHEN = "when"
    WITH_WHOM = "with-whom"
    STEP = "step"  # one small step, in their words
    IMPORTANCE = "importance"  # 0 to 10
    WHY_IMPORTANT = "why-important"
    CONFIDENCE = "confidence"
    WHY_CONFIDENT = "why-confident"


class SuggestionStatus(StrEnum):
    """What became of one suggestion."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    PASSED_OVER = "passed-over"  # they asked to see others, or never answered


class Onward(StrEnum):
    """How they go on to it (domain-facts section 3)."""

    SIGNPOSTED = "signposted"  # they get in touch themselves
    REFERRED = "referred"  # a link worker tells the service


class Outcome(StrEnum):
    """Where every accepted suggestion ends."""

    ATTENDED = "attended"
    NOT_ATTENDED = "not-attended"  # with a reason
    TASK = "task"  # a link worker has it


plan = Table(
    "plan",
    metadata,
    id_column(),
    Column("token", String(40), nullable=False, unique=True),  # 128 random bits, for links
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("started_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("agreed_at", UtcTime),  # when they read it and said it is right
    Column("may_see", JSON, nullable=False, default=list),  # link-worker, gp, services: theirs to change
    Column("review_at", UtcTime),
    Column("version", Integer, nullable=False, default=0),
)

plan_line = Table(
    "plan_line",
    metadata,
    id_column(),
    Column("plan_id", Id, ForeignKey("plan.id"), nullable=False, index=True),
    Column("heading", one_of(Heading), nullable=False),
    Column("value", LargeBinary, nullable=False),  # sealed JSON: their words, a code, or a number
    Column("inbox_id", Id),  # the message it came from
    Column("said_at", UtcTime, nullable=False),
    Column("said_by", String(80), nullable=False),  # person, or staff:3
    Column("ended_at", UtcTime),  # put right or taken out; what was said before is kept
)
Index("ix_plan_line_said", plan_line.c.inbox_id)

suggestion = Table(
    "suggestion",
    metadata,
    id_column(),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("service_id", Id, ForeignKey("service.id"), nullable=False, index=True),
    Column("offered_at", UtcTime, nullable=False),
    Column("offered_by", String(80), nullable=False),  # system, or staff:3
    Column("reasons", JSON, nullable=False, default=list),  # codes, as they were told
    Column("status", one_of(SuggestionStatus), nullable=False),
    Column("answered_at", UtcTime),
    Column("inbox_id", Id),
    Column("why_not", String(40)),  # a barrier's code
)
Index("ix_suggestion_status", suggestion.c.status, suggestion.c.answered_at)

onward_referral = Table(
    "onward_referral",
    metadata,
    id_column(),
    Column("token", String(64), nullable=False, unique=True),  # a lookup of the provider's link, never it
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("cases.id")),
    Column("service_id", Id, ForeignKey("service.id"), nullable=False, index=True),
    Column("suggestion_id", Id, ForeignKey("suggestion.id")),
    Column("kind", one_of(Onward), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("made_by", String(80), nullable=False),
    Column("someone_along", String(20)),  # wished, promised; null: not asked for
    Column("first_session_at", UtcTime),
    Column("told_provider_at", UtcTime),
    Column("mail_due_at", UtcTime),  # the service is to be told by email, from then on
    Column("mail_tries", Integer, nullable=False, default=0),
    Column("mail_lease_until", UtcTime),
    Column("mail_failed", String(40)),
    Column("link_ends_at", UtcTime),
    Column("link_opened_by", String(64)),  # a lookup of the one browser that may see who it is about
    Column("link_used_at", UtcTime),
    Column("asked", Integer, nullable=False, default=0),  # how often we asked whether they got there
    Column("asked_at", UtcTime),
    Column("outcome", one_of(Outcome)),
    Column("outcome_at", UtcTime),
    Column("outcome_by", String(80)),  # person, provider, staff:3, system
    Column("why", String(40)),  # a barrier's code
    Column("words", LargeBinary),  # sealed: what they said of it
    Column("task_id", Id, ForeignKey("task.id")),
    Column("version", Integer, nullable=False, default=0),
)
Index(
    "ix_onward_referral_open",
    onward_referral.c.first_session_at,
    sqlite_where=text("outcome IS NULL"),
    postgresql_where=text("outcome IS NULL"),
)

place_waited_for = Table(
    "place_waited_for",
    metadata,
    id_column(),
    Column("service_id", Id, ForeignKey("service.id"), nullable=False, index=True),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("suggestion_id", Id, ForeignKey("suggestion.id")),
    Column("since", UtcTime, nullable=False),
    Column("offered_at", UtcTime),
    Column("offered_until", UtcTime),
    Column("taken_at", UtcTime),
    Column("left_at", UtcTime),
)
