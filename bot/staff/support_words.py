"""What people want, and local services, in the words staff read. Templates know it as `s`."""

from __future__ import annotations

from bot.store.tables import Heading, Joining, Onward, Outcome, ServiceStatus, SuggestionStatus

WANTS = {
    "company": "Company",
    "active": "Being active",
    "notice": "Quiet and nature",
    "learn": "Learning something",
    "give": "Helping others",
    "money": "Money",
    "debt": "Debt",
    "benefits": "Benefits",
    "housing": "Housing",
    "work": "Work",
    "caring": "Caring for someone",
    "safety": "Being safe",
    "getting_around": "Getting around",
    "food_energy": "Food and energy",
}

BARRIERS = {
    "cost": "The cost",
    "getting_there": "Getting there",
    "nerves": "Nerves about going alone",
    "health_access": "Health or access",
    "language": "Language",
    "time": "Time",
    "caring": "Caring for someone",
    "not_knowing": "Not knowing what there is",
}

HELPS = {
    "someone_along": "Someone to come along the first time",
    "call_first": "A call first",
    "text_before": "A text the day before",
}

MEETING = {
    "phone": "By phone",
    "video": "By video",
    "home": "At home",
    "cafe": "In a cafe",
    "surgery": "At the surgery",
    "text": "By text",
}

#: What a service does about what gets in the way, as it reads in a list of its good points.
EASES = {
    "cost": "Costs little or nothing",
    "getting_there": "Helps with getting there",
    "nerves": "Good for those who are nervous",
    "health_access": "Easy with poor health or a disability",
    "language": "Other languages",
    "time": "Evenings, weekends, or any time",
    "caring": "Room for those they care for",
    "someone_along": "Somebody goes along the first time",
    "call_first": "They ring first",
    "text_before": "They text the day before",
}

#: How a plan's lines are headed.
HEADINGS = {
    Heading.MATTERS: "What matters",
    Heading.GOING_WELL: "Going well",
    Heading.ENJOYS: "Enjoys, or used to",
    Heading.AROUND: "Around them",
    Heading.WANT: "Would like more of, or help with",
    Heading.BARRIER: "Gets in the way",
    Heading.HELP: "Would help",
    Heading.MEETING: "Where and how",
    Heading.WHEN: "When",
    Heading.WITH_WHOM: "With whom",
    Heading.STEP: "One small step",
    Heading.IMPORTANCE: "How much it matters, 0 to 10",
    Heading.WHY_IMPORTANT: "Why not lower",
    Heading.CONFIDENCE: "How sure they are, 0 to 10",
    Heading.WHY_CONFIDENT: "Why not lower",
}

#: The words of a line that holds a code.
CODES = {
    Heading.WANT: WANTS,
    Heading.BARRIER: BARRIERS,
    Heading.HELP: HELPS,
    Heading.MEETING: MEETING,
}

MAY_SEE = {
    "link-worker": "their link worker",
    "gp": "their GP surgery",
    "services": "the services they go to",
}

STATUS = {
    ServiceStatus.ACTIVE: ("Open", "green"),
    ServiceStatus.PAUSED: ("Paused", "yellow"),
    ServiceStatus.CLOSED: ("Closed", "grey"),
}

JOINING = {
    Joining.DIRECT: "They get in touch themselves, or just come",
    Joining.REFERRAL: "A link worker refers them",
    Joining.EITHER: "Either: they get in touch, or a link worker refers them",
}

BECAME = {
    SuggestionStatus.OFFERED: "Waits for their answer",
    SuggestionStatus.ACCEPTED: "They said yes",
    SuggestionStatus.DECLINED: "Not for them",
    SuggestionStatus.PASSED_OVER: "They asked to see others, or did not answer",
}

ONWARD = {
    Onward.SIGNPOSTED: "They get in touch themselves",
    Onward.REFERRED: "We tell the service",
}

OUTCOMES = {
    Outcome.ATTENDED: ("They went", "green"),
    Outcome.NOT_ATTENDED: ("They did not go", "yellow"),
    Outcome.TASK: ("Find out", "orange"),
}

#: What got in the way that was not the person's.
NOT_THEIRS = {"service_closed": "It had stopped", "other": "Something else"}
#: What a worker may give as the reason why somebody did not go.
WHY_NOT = {**BARRIERS, "other": NOT_THEIRS["other"]}

#: Why a service was suggested, where one word is the whole reason.
REASONS = {
    "free": "it is free",
    "time": "at a time that suits them",
    "online": "they need not go anywhere",
    "ages": "told of its ages",
    "costs": "told that it costs",
    "waiting": "told of the wait",
    "full": "told that it is full",
}

DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}


def want(code: str) -> str:
    """A want in words; their own words stay as they are."""
    return WANTS.get(code, code)


def in_the_way(code: str | None) -> str:
    """What got in the way, in words; empty when nobody said."""
    return {**BARRIERS, **NOT_THEIRS}.get(code or "", code or "")
