"""People walking the shortest way in: eight texts each, in words that say who said them and when."""

from __future__ import annotations

from urllib.parse import urlencode

from bot.practice.carrier import Text
from bot.practice.twilio_stand_in import TwilioStandIn

#: Invented numbers (Ofcom keeps 07700 900000-900999 for drama); the first is the service's own.
SERVICE_NUMBER = "+447700900000"
MOST_PEOPLE = 999
STEPS = 8

_MESSAGES = "/webhooks/twilio/messages"


def number_of(person: int) -> str:
    """The number of person 0, 1, 2 …"""
    if not 0 <= person < MOST_PEOPLE:
        raise ValueError(f"there are only {MOST_PEOPLE} numbers to give out")
    return f"+447700900{person + 1:03}"


def matters(person: int) -> str:
    """What this person says matters to them: no one else says it so."""
    return f"Person {person} would like some company and a warm room"


def name(person: int) -> str:
    """What this person wants to be called."""
    return f"Ray {person}"


def texts(person: int) -> list[str]:
    """The eight texts of the shortest way in (practice, section 1)."""
    return ["HELLO", "1", "1", "1", "1", matters(person), name(person), "1"]


def request(stand_in: TwilioStandIn, text: Text) -> bytes:
    """The whole signed HTTP request with which Twilio would bring this text, ready to be sent."""
    form = stand_in.form(text)
    body = urlencode(form).encode()
    signed = stand_in.sign(stand_in.target + _MESSAGES, form)
    host = stand_in.target.removeprefix("http://")
    head = [
        f"POST {_MESSAGES} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: TwilioProxy/1.1",
        "Accept: */*",
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8",
        f"Content-Length: {len(body)}",
        f"I-Twilio-Idempotency-Token: {text.sid}",
        *(f"{header}: {value}" for header, value in signed.items()),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def requests(stand_in: TwilioStandIn, people: range) -> dict[int, list[bytes]]:
    """Every person's eight requests, signed beforehand."""
    return {
        person: [
            request(stand_in, stand_in.carrier.hear(number_of(person), text)[0]) for text in texts(person)
        ]
        for person in people
    }
