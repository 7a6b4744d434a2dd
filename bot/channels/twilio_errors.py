"""What each of Twilio's error codes means for the person and for us.

From twilio.com/docs/api/errors/<code>. Codes come two ways: in the answer to a send, and later as
ErrorCode of a status callback; both are read here.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import Refused, Status

TEMPORARY = Status.TEMPORARY_FAILURE
PERMANENT = Status.PERMANENT_FAILURE
TECHNICAL = Status.TECHNICAL_FAILURE


@dataclass(frozen=True, slots=True)
class Meaning:
    """What became of a message, whether they can be reached this way at all, and why in plain words."""

    status: Status
    unreachable: bool
    why: str


def _no(why: str) -> Meaning:
    return Meaning(PERMANENT, True, why)


def _not_this_one(why: str) -> Meaning:
    return Meaning(PERMANENT, False, why)


def _later(why: str) -> Meaning:
    return Meaning(TEMPORARY, False, why)


def _ours(why: str) -> Meaning:
    return Meaning(TECHNICAL, False, why)


MEANINGS: dict[int, Meaning] = {
    # They cannot be reached this way: a human is told.
    21610: _no("they asked for no more texts"),
    21211: _no("that is not a phone number"),
    21265: _no("that is a short code, not a phone"),
    21612: _no("our number cannot text that number"),
    21614: _no("that number is not a mobile"),
    21635: _no("that number is a landline"),
    30004: _no("they or their network block our number"),
    30005: _no("that number is not in use"),
    30006: _no("that number is a landline, or its network cannot be reached"),
    63003: _no("that number is not on WhatsApp"),
    63013: _no("WhatsApp does not let us write to that number"),
    63014: _no("they blocked our number on WhatsApp"),
    63015: _no("that number has not joined our WhatsApp test"),
    63024: _no("that number cannot take WhatsApp messages"),
    # This message will not go, another may.
    30007: _not_this_one("the network took it for spam"),
    30036: _not_this_one("it waited too long to be of use"),
    63016: _not_this_one("they last wrote more than 24 hours ago, so WhatsApp takes only an agreed template"),
    63032: _not_this_one("WhatsApp limits how much it shows this person"),
    # It may go later.
    20429: _later("we asked Twilio too much at once"),
    20500: _later("Twilio had a fault"),
    20503: _later("Twilio was not available"),
    21611: _later("too many texts are waiting on our number"),
    30001: _later("too many texts are waiting"),
    30003: _later("the phone is off or has no signal"),
    30008: _later("the network gave no reason"),
    30410: _later("the network did not answer in time"),
    63018: _later("we wrote too much on WhatsApp at once"),
    # We or Twilio have something to put right.
    20003: _ours("Twilio does not know our account or our token is wrong"),
    20403: _ours("our account may not do this"),
    20404: _ours("Twilio does not know our account"),
    21212: _ours("our number is not a phone number"),
    21408: _ours("texts to that country are not switched on"),
    21602: _ours("the message was empty"),
    21606: _ours("our number cannot send texts"),
    21608: _ours("a trial account may text only numbers it has checked"),
    21617: _ours("the message was too long"),
    21656: _ours("the template's values do not fit it"),
    21659: _ours("our number is not one of our account"),
    21701: _ours("our Messaging Service does not exist"),
    21703: _ours("our Messaging Service has no number"),
    30002: _ours("our account is suspended"),
    30010: _ours("it would cost more than we allow"),
    63001: _ours("WhatsApp does not accept our account"),
    63007: _ours("our number is not set up for WhatsApp"),
    63027: _ours("the template is not there in this language"),
    63028: _ours("the template's values do not fit it"),
}

UNKNOWN = _ours("Twilio gave a reason we do not know")


def meaning(code: int, http: int = 400) -> Meaning:
    """What a code means. `http` is the answer's own status, for codes we do not know.

    A code nobody has told us of is a technical failure: the operator sees it, nobody is marked
    as out of reach by mistake.
    """
    found = MEANINGS.get(code)
    if found:
        return found
    if http == 429:
        return MEANINGS[20429]
    if http >= 500:
        return MEANINGS[20500]
    if http in (401, 403):
        return MEANINGS[20003]
    return UNKNOWN


def refused(code: int, http: int = 400, retry_after: float | None = None) -> Refused:
    """The outcome of a send Twilio answered with this code."""
    means = meaning(code, http)
    return Refused(str(code), means.status, retry_after, means.unreachable)
