"""Every table there is."""

from bot.store.tables.appointments import (
    AppointmentStatus,
    Away,
    FreedStatus,
    Meeting,
    SessionStatus,
    appointment,
    appointment_event,
    appointment_place,
    freed_offer,
    freed_time,
    group_session,
    short_notice,
    time_off,
    trial_arm,
    trial_start,
    trial_stop,
    worker_calendar,
    working_hours,
    written_reminder,
)
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
    "AppointmentStatus", "Away", "CaseStatus", "ContactKind", "FreedStatus", "Handling", "HandoffStatus",
    "Heading", "Joining", "Ledger", "Meeting", "Onward", "Outcome", "Priority", "ReferralStatus", "Role",
    "Safe", "ServiceStatus", "SessionStatus", "SuggestionStatus", "access_need", "appointment",
    "appointment_event", "appointment_place", "audit", "cases", "channel_state", "concern", "contact_log",
    "contact_point", "conversation", "cost_option", "freed_offer", "freed_time", "group_session",
    "handoff", "handoff_event", "import_run", "inbox", "join_code", "joining", "ledger", "location",
    "metadata", "name_lookup", "notice", "onward_referral", "organisation", "outbox", "outbox_event",
    "person", "place_waited_for", "plan", "plan_line", "referral", "schedule", "service", "service_check",
    "service_contact", "service_event", "short_notice", "staff", "staff_session", "suggestion", "task",
    "time_off", "timer", "trial_arm", "trial_start", "trial_stop", "worker_calendar", "working_hours",
    "written_reminder",
]  # fmt: skip
