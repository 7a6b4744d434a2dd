"""Codes, in the words staff read. Templates know this module as `w`."""

from __future__ import annotations

from bot.messages import ChannelName, Status
from bot.store.tables import ContactKind, Role, Safe

#: A concern's level: what the tag says, its colour, and what it asks of a worker.
LEVELS = {
    "danger-now": ("Danger now", "red", "Someone may be in danger now. Ring them."),
    "risk": (
        "Risk",
        "orange",
        "They may be thinking of harming themselves, or be harmed. Talk to them soon.",
    ),
    "abuse": (
        "Possible abuse",
        "orange",
        "Someone may be hurting them. Others may see their phone: contact safely.",
    ),
    "worry": ("Worry", "yellow", "Something they said sounds hard for them."),
}

CATEGORIES = {
    "suicide": "Thoughts of suicide",
    "self-harm": "Hurting themselves",
    "means": "A way to harm themselves",
    "emergency": "An emergency",
    "abuse": "Being hurt or controlled by someone",
    "harm-to-others": "Harm to someone else",
    "neglect": "Going without care, food or heat",
    "worry": "Low, worried or alone",
}

#: Why a handoff was opened: its tag and its colour.
REASONS = {
    "referral": ("New referral", "blue"),
    "concern": ("Concern", "orange"),
    "person": ("Wants a person", "purple"),
    "call-back": ("Call back", "aqua-green"),
    "unreadable": ("Not looked at yet", "yellow"),
    "question": ("Asked us something", "purple"),
    "worse": ("Things are worse", "orange"),
    "under-age": ("Under age", "orange"),
    "someone-else": ("For someone else", "blue"),
    "area": ("Outside the area", "grey"),
    "failed": ("We could not read this", "yellow"),
    "cannot-reach": ("Cannot be reached", "yellow"),
    "walk-in": ("Rang or walked in", "blue"),
}

STATUSES = {
    Status.QUEUED: "waiting to go",
    Status.SENDING: "going now",
    Status.UNCERTAIN: "may or may not have arrived",
    Status.SENT: "sent",
    Status.DELIVERED: "delivered",
    Status.TEMPORARY_FAILURE: "not delivered yet, trying again",
    Status.PERMANENT_FAILURE: "could not be delivered",
    Status.TECHNICAL_FAILURE: "could not be sent: a fault on our side",
    Status.NOT_SENT: "not sent",
}

FAILED = frozenset({Status.PERMANENT_FAILURE, Status.TECHNICAL_FAILURE, Status.NOT_SENT})

CHANNELS = {
    ChannelName.SMS: "text",
    ChannelName.WHATSAPP: "WhatsApp",
    ChannelName.TELEGRAM: "Telegram",
    ChannelName.WEB: "web chat",
}

SAFE = {
    Safe.NOT_ASKED: "Not asked yet if it is safe. Do not ring or leave a message before you know.",
    Safe.ONLY_ME: "Ring or text. Only they see this phone.",
    Safe.TEXT_ONLY: "Text only. Do not ring.",
    Safe.NO_MESSAGE: "Ring, but leave no message.",
    Safe.SHARED: "Others see this phone. Say nothing of what it is about.",
    Safe.NOT_NOW: "Not safe. Do not ring and do not text.",
}

CONTACTS = {
    ContactKind.RANG: "Rang and spoke",
    ContactKind.NO_ANSWER: "Rang, no answer",
    ContactKind.LEFT_MESSAGE: "Left a message",
    ContactKind.MET: "Met",
}

UNREADABLE = {
    "voice": "a voice message",
    "photo": "a photo",
    "video": "a video",
    "sticker": "a sticker",
    "file": "a file",
    "place": "a place on a map",
    "contact": "a contact card",
}

ROLES = {Role.LINK_WORKER: "Link worker", Role.LEAD: "Lead", Role.ADMINISTRATOR: "Administrator"}

ALERTS = {"none": "No alerts", "email": "By email", "telegram": "By Telegram"}

OUTCOMES = {
    "helped": "They got what they came for",
    "onward": "Someone else is helping them now",
    "declined": "They no longer want help",
    "not-reached": "We could not reach them",
    "moved": "They have moved away",
    "other": "Something else",
}


def level(code: str | None) -> tuple[str, str, str]:
    """A level's words and colour; a code we do not know is said as it is."""
    return LEVELS.get(code or "", ((code or "").replace("-", " ").capitalize(), "grey", ""))


def reason(code: str) -> tuple[str, str]:
    """A handoff's words and colour."""
    return REASONS.get(code, (code.replace("-", " ").capitalize(), "grey"))


def plain(code: str | None, words: dict[str, str]) -> str:
    """A code in words, or the code itself with its hyphens taken out."""
    return words.get(code or "", (code or "").replace("-", " ").capitalize())
