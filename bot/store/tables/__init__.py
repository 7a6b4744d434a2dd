"""Every table there is."""

from bot.store.tables.base import metadata
from bot.store.tables.casework import (
    CaseStatus,
    ContactKind,
    HandoffStatus,
    ReferralStatus,
    cases,
    concern,
    contact_log,
    handoff,
    handoff_event,
    referral,
    task,
)
from bot.store.tables.messages import Handling, Priority, channel_state, inbox, outbox, outbox_event, timer
from bot.store.tables.people import (
    Ledger,
    Safe,
    access_need,
    contact_point,
    conversation,
    join_code,
    joining,
    ledger,
    name_lookup,
    person,
)
from bot.store.tables.staff import Role, audit, notice, staff, staff_session

__all__ = [
    "CaseStatus", "ContactKind", "Handling", "HandoffStatus", "Ledger", "Priority", "ReferralStatus",
    "Role", "Safe", "access_need", "audit", "cases", "channel_state", "concern", "contact_log",
    "contact_point", "conversation", "handoff", "handoff_event", "inbox", "join_code", "joining",
    "ledger", "metadata", "name_lookup", "notice", "outbox", "outbox_event", "person", "referral",
    "staff", "staff_session", "task", "timer",
]  # fmt: skip
