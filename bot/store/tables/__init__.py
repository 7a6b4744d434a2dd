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
from bot.store.tables.directory import (
    Joining,
    ServiceStatus,
    cost_option,
    import_run,
    location,
    organisation,
    schedule,
    service,
    service_check,
    service_contact,
    service_event,
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
from bot.store.tables.plans import (
    Heading,
    Onward,
    Outcome,
    SuggestionStatus,
    onward_referral,
    place_waited_for,
    plan,
    plan_line,
    suggestion,
)
from bot.store.tables.staff import Role, audit, notice, staff, staff_session

__all__ = [
    "CaseStatus", "ContactKind", "Handling", "HandoffStatus", "Heading", "Joining", "Ledger", "Onward",
    "Outcome", "Priority", "ReferralStatus", "Role", "Safe", "ServiceStatus", "SuggestionStatus",
    "access_need", "audit", "cases", "channel_state", "concern", "contact_log", "contact_point",
    "conversation", "cost_option", "handoff", "handoff_event", "import_run", "inbox", "join_code",
    "joining", "ledger", "location", "metadata", "name_lookup", "notice", "onward_referral",
    "organisation", "outbox", "outbox_event", "person", "place_waited_for", "plan", "plan_line",
    "referral", "schedule", "service", "service_check", "service_contact", "service_event", "staff",
    "staff_session", "suggestion", "task", "timer",
]  # fmt: skip
