"""Codes, in the words staff read. Templates know this module as `w`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import phonenumbers
from babel import Locale, UnknownLocaleError

from bot.messages import ChannelName, Status
from bot.people import safe_contact
from bot.people.safe_contact import Reachable
from bot.settings import Settings
from bot.store.tables import ContactKind, Role, Safe

#: A concern's level: what the tag says, its colour, and what it asks of a worker.
LEVELS = {
    "danger-now": ("Danger now", "red", "They may be in danger now. Contact them, in the way that is safe."),
    "risk": (
        "Risk",
        "orange",
        "Something they said is about harm. Talk with them, in the way that is safe.",
    ),
    "abuse": (
        "Possible abuse",
        "orange",
        "Someone may be hurting them, and may see their phone. Contact them safely.",
    ),
    "worry": ("Worry", "yellow", "Something they said sounds hard for them. Ask how they are."),
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

#: Why a handoff was opened: its tag, its colour, and what it asks of a worker (a concern says its own).
REASONS = {
    "referral": ("New referral", "blue", ""),
    "concern": ("Concern", "orange", ""),
    "person": ("Wants a person", "purple", "They asked to talk with someone. Write or ring."),
    "message": ("Wrote to us", "purple", "They wrote something for a person. Read it and answer."),
    "call-back": ("Call back", "aqua-green", "They asked for a call. Ring them."),
    "carer": ("For someone else", "blue", "Talk with the one who asked before anything else."),
    "worse": ("Things are worse", "orange", "They said things are worse. Contact them today."),
    "outside-area": ("Outside the area", "grey", "Help them find the right place for where they live."),
    "unreadable": ("Sent something to open", "yellow", ""),
    "unreadable-turn": ("We could not read this", "yellow", "Read what we did not understand, and answer."),
    "wrote-after-stop": (
        "Wrote after stop",
        "yellow",
        "They said stop to messages, and then wrote. No message can go: decide whether to ring.",
    ),
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

BY_PHONE = frozenset({ChannelName.SMS, ChannelName.WHATSAPP})

SAFE = {
    Safe.NOT_ASKED: "We have not asked if this phone is safe. If you ring, leave no message, and ask first.",
    Safe.ONLY_ME: "Ring or text. Only they see this phone.",
    Safe.TEXT_ONLY: "Text only. Do not ring.",
    Safe.NO_MESSAGE: "Ring, but leave no message.",
    Safe.SHARED: "Others see this phone. Say nothing of what it is about.",
    Safe.NOT_NOW: "Not safe. Do not ring and do not text.",
}

#: The same for a chat, which nobody rings.
SAFE_CHAT = {
    Safe.NOT_ASKED: "We have not asked if it is safe to write here. Say little.",
    Safe.ONLY_ME: "Write here. Only they see it.",
    Safe.TEXT_ONLY: "Write here. Only they see it.",
    Safe.NO_MESSAGE: "Others may see it. Write only what anyone may read.",
    Safe.SHARED: "Others may see it. Say nothing of what it is about.",
    Safe.NOT_NOW: "Not safe. Do not write here.",
}

SAFE_SHORT = {
    Safe.NOT_ASKED: "Not asked yet",
    Safe.ONLY_ME: "Ring or text, only they see it",
    Safe.TEXT_ONLY: "Text only",
    Safe.NO_MESSAGE: "Ring, leave no message",
    Safe.SHARED: "Others see it",
    Safe.NOT_NOW: "Not safe now",
}

WHY_NOT = {
    safe_contact.OPTED_OUT: "they said stop",
    safe_contact.NOT_SAFE_NOW: "it is not safe for them now",
    safe_contact.UNREACHABLE: "messages do not get through",
    safe_contact.GIVEN_BY_SOMEONE_ELSE: "they have not written to us themselves",
    safe_contact.NOT_KNOWN_SAFE: "nobody has said that only they see it",
    safe_contact.NEEDS_TEMPLATE: "they wrote more than a day ago, and WhatsApp takes no words of ours then",
}

#: How a reply's address reads on: "Goes by text to 07700 900101, the phone only they see."
SEEN_BY = {
    Safe.ONLY_ME: ", the phone only they see.",
    Safe.TEXT_ONLY: ", the phone only they see.",
    Safe.NO_MESSAGE: ". Keep it short: others may see it.",
    Safe.SHARED: ". Others may see it: say nothing of what it is about.",
    Safe.NOT_ASKED: ". We have not asked if it is safe: say little.",
    Safe.NOT_NOW: ".",
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

#: What opens each of them, beside it. What has no word of its own is a file.
OPENS = {
    "voice": "Listen to it",
    "photo": "Open the photo",
    "video": "Watch the video",
    "sticker": "Open the sticker",
    "file": "Open the file",
    "contact": "Open the contact card",
}

TASKS = {
    "ring": "Ring them",
    "ring-late": "Ring them. We are late, and could not tell them so in a message",
    "ring-carer": "Ring the person who asked for them",
    "look": "Open what they sent",
    "cannot-reach": "Find another way to reach them: messages do not get through",
    "not-sent": "A message did not go. Decide how to tell them",
    "not-needed": "They say they no longer need this. Check, then close it kindly",
    "confirm": "A second person confirms that there is no concern",
    "talk-over": "Offer the worker a talk about what happened",
    "chose-service": "They said yes to a service. See if they need anything to get there",
    "got-there": "Find out whether they got there, and help if they did not",
    "talk-it-over": "Talk over with them what got in the way",
    "someone-along": "Look for somebody to go along with them",
    "tell-service": "Tell the service that they would like to come",
    "tell-them-of": "Tell them of a service yourself: a message cannot go",
    "find-something": "Look for something that fits: nothing in the directory did",
    "place-free": "Tell them yourself that a place is free",
    "service-could-not-reach": "The service could not reach them",
    "service-is-full": "The service has no place for them",
    "book-appointment": "Find a time with them: they asked for one, and could not book it themselves",
    "move-appointment": "Find another time with them. The one they have stands until then",
    "ask-address": "Ask where they live: they booked a visit at home",
    "plan-changed": "Read what they changed in their plan",
    "reminder-not-sent": "A reminder came too late to send. Ring them if there is still time",
    "remind-by-phone": "Ring to remind them: no message can go to them",
    "tell-booked": "Ring to tell them what was booked: no message can go to them",
    "tell-moved": "Ring to tell them that it was moved: no message can go to them",
    "tell-cancelled": "Ring to tell them that it is off: no message can go to them",
    "runs-late": "They run late for their appointment",
    "ring-about-appointment": "Ring about their appointment. It stands: they texted CANCEL. No text can go",
    "ring-after-stop": "Ring about their appointment. It stands: they stopped our texts. Agree a way",
    "missed": "They did not come, and no message went. Ring them kindly",
    "missed-again": "They did not come, and not for the first time. Think with them about what would help",
    "appointment-not-told": "A message about their appointment did not arrive. Ring them before it",
    "written-not-sent": "A reminder you wrote did not go. Decide how to tell them",
    "time-free": "They could have a time that came free, and a concern is open. Decide, and tell them",
    "session-cancelled": "Ring to tell them that a group session is off: no message can go to them",
}

#: Tasks about a service: its name, and where there is one its number, is in their details.
ABOUT_A_SERVICE = frozenset(
    {
        "chose-service", "got-there", "talk-it-over", "someone-along", "tell-service", "tell-them-of",
        "find-something", "place-free", "service-could-not-reach", "service-is-full",
    }
)  # fmt: skip

#: Tasks about an appointment: its day and hour are in their details.
ABOUT_A_TIME = frozenset(
    {
        "reminder-not-sent", "remind-by-phone", "tell-booked", "tell-moved", "tell-cancelled", "runs-late",
        "missed", "missed-again", "time-free", "session-cancelled", "ring-about-appointment",
        "ring-after-stop",
    }
)  # fmt: skip

#: How to reach someone, where they chose one of ours; their own words stay as they are.
HOW = {
    "other_number": "Ring the other number, not this phone.",
    "set_times": "Only at the times they gave.",
    "i_will_write": "Wait until they write. Do not ring or write first.",
    "do-not-ring": "Do not ring. They said it is not safe.",
}
TIMES = {"any": "Any weekday, 9 to 5", "mornings": "Mornings", "afternoons": "Afternoons"}

CAME_BY = {
    "self": "They asked for help themselves",
    "someone-else": "Someone else asked for them",
    "staff": "A worker opened it for them",
    "professional": "A professional referred them",
}

PURPOSES = {
    "pass-on": "passing it on to our link workers",
    "texts": "messages",
    "contact": "being contacted",
}
ROOTS = {"agreement": "agreed", "consent": "consented", "told": "were told"}

NEEDS = {
    "professional": "Someone to help (an interpreter, BSL, lipspeaker)",
    "contact": "How to contact them",
    "format": "How to write to them (large print, easy read)",
    "support": "Help to hear, see, speak or understand",
    "other": "Something else",
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


def reason(code: str) -> tuple[str, str, str]:
    """A handoff's words, its colour, and what it asks of a worker."""
    return REASONS.get(code, (code.replace("-", " ").capitalize(), "grey", ""))


def safe(channel: ChannelName, code: Safe) -> str:
    """How a way of reaching them may be used, in a sentence or two."""
    return (SAFE if channel in BY_PHONE else SAFE_CHAT)[code]


def seen_by(channel: ChannelName, code: Safe) -> str:
    """Who sees a reply, to end the sentence "Goes by text to 07700 900101"."""
    words = SEEN_BY[code]
    return words if channel in BY_PHONE else words.replace("the phone only they see", "which only they see")


def why_not(reason: str) -> str:
    """Why words may not go to someone, as it reads after a colon."""
    return WHY_NOT.get(reason, reason)


def may_ring(points: Iterable[Reachable], plan: Mapping[str, Any]) -> bool:
    """Whether ringing them is one of the ways they called safe, or have not been asked about."""
    if plan.get("how") in ("do-not-ring", "i_will_write"):
        return False
    phones = (p for p in points if p.channel in BY_PHONE and p.safe not in (Safe.TEXT_ONLY, Safe.NOT_NOW))
    return any(phones) or bool(plan.get("number"))


def number(address: str) -> str:
    """A telephone number as it is read out: 07700 900101."""
    try:
        parsed = phonenumbers.parse(address, "GB")
    except phonenumbers.NumberParseException:
        return address
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        parsed, style.NATIONAL if parsed.country_code == 44 else style.INTERNATIONAL
    )


def opens(what: str, count: int) -> tuple[str, ...]:
    """What opens each of `count` things in a message: "Open the photo", or "Open the photo (2 of 3)"."""
    words = OPENS.get(what, OPENS["file"])
    return (words,) if count == 1 else tuple(f"{words} ({n} of {count})" for n in range(1, count + 1))


def language(code: str) -> str:
    """A language's English name: "Welsh", "Panjabi"."""
    try:
        return Locale.parse(code.replace("-", "_")).get_language_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


def who_to_tell(settings: Settings, child: bool) -> list[tuple[str, str]]:
    """Who else must know of a concern, as the service decided before it opened; nobody who is not set."""
    adults = [
        ("Social care, by day", settings.social_care_day),
        ("Social care, by night", settings.social_care_night),
    ]
    found = [
        ("Safeguarding lead", settings.safeguarding_lead),
        ("In closed hours", settings.duty_contact),
        *([("Children's services", settings.childrens_services)] if child else adults),
    ]
    return [(name, whom) for name, whom in found if whom]


def task(kind: str, details: str = "") -> str:
    """What is to be done, with the service or the time it is about."""
    words = plain(kind, TASKS)
    return f"{words}. {details}" if details and kind in ABOUT_A_SERVICE | ABOUT_A_TIME else words


def place(source: str | None) -> str:
    """Where they came from, as its code reads: "library-poster" is "Library poster"."""
    return (source or "").replace("-", " ").replace("_", " ").capitalize()


def beyond_limit(now: int, limit: int | None) -> str:
    """What is said to a worker who took more than they wanted to carry."""
    cases = "case" if now == 1 else "cases"
    return f"You have {now} open {cases} now, and your limit is {limit}. Tell your lead, who can share them."


def plain(code: str | None, words: dict[str, str]) -> str:
    """A code in words, or the code itself with its hyphens taken out."""
    return words.get(code or "", (code or "").replace("-", " ").capitalize())
