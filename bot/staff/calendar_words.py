"""What a calendar's codes mean, in the words staff read. Templates know this module as `c`."""

from __future__ import annotations

from bot.staff.wording import plain
from bot.staff.wording import why_not as contact_why_not
from bot.store.tables import AppointmentStatus, Away, Meeting

KINDS = {
    "first": "First talk",
    "review": "Review",
    "visit": "Home visit",
    "together": "Going along together",
    "group": "Group",
    "other": "Appointment",
}
MEETINGS = {
    Meeting.PHONE: "By phone",
    Meeting.VIDEO: "By video",
    Meeting.HOME: "At their home",
    Meeting.CAFE: "In a cafe",
    Meeting.SURGERY: "At the surgery",
    Meeting.ELSEWHERE: "Somewhere else",
}
SHORT_MEETINGS = {
    Meeting.PHONE: "Phone",
    Meeting.VIDEO: "Video",
    Meeting.HOME: "Home",
    Meeting.CAFE: "Cafe",
    Meeting.SURGERY: "Surgery",
    Meeting.ELSEWHERE: "Elsewhere",
}
AWAY = {
    Away.LEAVE: "Leave",
    Away.SICKNESS: "Off sick",
    Away.TRAINING: "Training",
    Away.BLOCKED: "Blocked",
}
#: In a sentence: "You are on leave then."
AWAY_THEN = {
    Away.LEAVE: "on leave",
    Away.SICKNESS: "off sick",
    Away.TRAINING: "in training",
    Away.BLOCKED: "doing something else",
}
#: A status: its tag and its colour.
STATUSES = {
    AppointmentStatus.HELD: ("Held", "yellow"),
    AppointmentStatus.BOOKED: ("Booked", "blue"),
    AppointmentStatus.CANCELLED: ("Cancelled", "grey"),
    AppointmentStatus.ATTENDED: ("Attended", "green"),
    AppointmentStatus.DID_NOT_ATTEND: ("Did not attend", "orange"),
}
#: Why an appointment is cancelled: the short list a worker chooses from.
WHY_CANCEL = {
    "cannot-come": "They cannot come",
    "staff-away": "We cannot make it",
    "not-needed": "They no longer need it",
    "mistake": "It was booked by mistake",
}
WHY = {
    **WHY_CANCEL,
    "cannot": "They cannot come",
    "session-cancelled": "The session is off",
    "moved-sooner": "They took an earlier time",
    "left": "They want no more from us",
}
#: The steps of the reminder plans.
STEPS = {
    "week": "A week before",
    "three_days": "Three days before",
    "two_days": "Two days before",
    "day_before": "The day before",
    "two_hours": "Two hours before",
}
#: Why a reminder did not go, where it is not one of safe contact's reasons.
NOT_SENT = {
    "too late": "it was too late to be of use",
    "superseded": "the appointment was changed",
    "no way to write to them": "there is no way to write to them",
    "no channel": "there is no way to write to them",
    "not wished": "they asked for none",
    "a later one is due": "a later one went instead",
    "others may see it": "others may see it",
}
#: What happened to an appointment, as its history says it: "{who} booked it".
EVENTS = {
    "booked": "booked it",
    "moved": "moved it",
    "cancelled": "called it off",
    "attended": "wrote down that they came",
    "did-not-attend": "wrote down that they did not come",
    "put-back": "took that back",
    "coming": "said they are coming",
    "late": "said they run late",
    "needs": "said what they will need",
}


def kind(code: str) -> str:
    """What they meet for."""
    return plain(code, KINDS)


def meeting(code: Meeting | str, short: bool = False) -> str:
    """How or where they meet; in a word where there is little room."""
    return (SHORT_MEETINGS if short else MEETINGS)[Meeting(code)]


def why(code: str | None) -> str:
    """Why it was cancelled."""
    return plain(code, WHY)


def step(code: str | None) -> str:
    """Which reminder."""
    return plain((code or "").replace("-", "_"), STEPS).replace("_", " ")


def not_sent(code: str | None) -> str:
    """Why a reminder did not go, as it reads after a colon."""
    said = (code or "").replace("-", " ").replace("_", " ").strip()
    return NOT_SENT.get(said) or contact_why_not(said) or "nobody knows why"


def late(minutes: int | None) -> str:
    """They run late; None when they do not."""
    if minutes is None:
        return ""
    return f"Running late {minutes} min" if minutes else "Running late"


def minutes(count: int) -> str:
    """How long it takes: "45 minutes", "1 hour", "1 hour 30 minutes"."""
    hours, rest = divmod(count, 60)
    parts = [f"{hours} hour{'' if hours == 1 else 's'}"] * bool(hours) + [f"{rest} minutes"] * bool(rest)
    return " ".join(parts) or "no time"


def short_minutes(count: int) -> str:
    """The same where there is little room: "45m", "2h 45m"."""
    hours, rest = divmod(count, 60)
    return " ".join([f"{hours}h"] * bool(hours) + [f"{rest}m"] * bool(rest)) or "0m"


def span(begins: str, ends: str) -> str:
    """From one time of day to another: "9 to 9.45am", "11.30am to 12.15pm"."""
    same = begins[-2:] == ends[-2:] and begins[-2:] in ("am", "pm")
    return f"{begins[:-2] if same else begins} to {ends}"


def called(name: str) -> str:
    """The first name, as a calendar shows it; "Mrs Pryce" stays whole."""
    first, *rest = name.split() or [""]
    titles = {"mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sir", "lady"}
    return name if rest and first.rstrip(".").casefold() in titles else first
