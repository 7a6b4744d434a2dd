"""A pretend mobile network with Twilio in front of it: what it takes, refuses and answers itself."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from bot.clock import Clock, SystemClock
from bot.practice.samples import Sample
from bot.words import gsm

API_VERSION = "2010-04-01"

#: What Twilio does by itself with these words when they are the whole message. Unlike us it also
#: takes YES for START.
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})
HELP_WORDS = frozenset({"HELP", "INFO"})

#: The carrier's own answers. A deployer gives the same words to their Messaging Service.
ANSWERS = {
    "STOP": "You will get no more texts from this number. To undo this text START. "
    "To speak to a person ring 01632 960001. In danger call 999.",
    "START": "You will get texts from this number again. To stop them text STOP.",
    "HELP": "In danger call 999. To talk now, free, any time: 111 then 2, or Samaritans 116 123. "
    "Our team: text PERSON or ring 01632 960001. STOP ends texts.",
}


@dataclass(slots=True)
class Text:
    """One message the network saw, either way."""

    sid: str
    direction: str  # "inbound", "outbound-api", or "outbound-reply" for the carrier's own answer
    from_: str
    to: str
    body: str
    status: str
    segments: int
    created: datetime  # aware UTC
    sent: datetime | None = None
    error_code: int | None = None
    status_callback: str = ""
    validity_period: int | None = None
    service_sid: str | None = None
    content_sid: str | None = None
    told: bool = True  # False when our answer to the send was lost on the way
    media: dict[str, Sample] = field(default_factory=dict)  # what came with it, by its sid


@dataclass(frozen=True, slots=True)
class Problem:
    """A send the network did not take: Twilio's code, and the words it says it in."""

    code: int
    message: str
    http: int = 400
    retry_after: int | None = None


@dataclass(slots=True)
class Habits:
    """How the network behaves; change it at any time.

    `receipts` are the statuses told after each accepted send, `receipts_each` times each, in order
    or not; a receipt is told `receipt_delay` seconds after the one before. `tells_opt_out_type` is
    Advanced Opt-Out. `webhook_tries` is how often a webhook that is not answered 2xx is called.
    `answers_stop` is False for a number that leaves STOP to us.
    """

    receipts: tuple[str, ...] = ("sent", "delivered")
    receipts_each: int = 1
    receipts_in_order: bool = True
    receipt_delay: float = 0.0
    tells_opt_out_type: bool = True
    answers_stop: bool = True
    webhook_tries: int = 1
    signs_sha256: bool = False
    gives_media: bool = True  # False: asked for a picture, Twilio answers 503


@dataclass
class Carrier:
    """The network's memory, and its rules. Nothing here waits or goes over a wire.

    What goes wrong is a word: a Twilio code ("21610" refused at once; "30003", "63016" taken, then
    failed by receipt), "429" or "429:7" (with seconds to wait), "500", "503", "502" (from a server
    in between), "hang" (taken, never answered), "drop" (taken, the answer breaks off), "lost" (not
    taken, and the line breaks off). `trouble_for` gives it by number, `troubles` for the next sends.
    """

    account_sid: str
    number: str
    answers: Mapping[str, str] = field(default_factory=lambda: dict(ANSWERS))
    clock: Clock = field(default_factory=SystemClock)
    habits: Habits = field(default_factory=Habits)
    texts: dict[str, Text] = field(default_factory=dict)
    refused: list[tuple[str, Problem]] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    trouble_for: dict[str, str] = field(default_factory=dict)
    troubles: deque[str] = field(default_factory=deque)
    listeners: list[Callable[[Text], None]] = field(default_factory=list)
    _by_number: dict[str, list[Text]] = field(default_factory=dict)

    def take(self, form: Mapping[str, str]) -> tuple[Text | Problem, str]:
        """One POST to Messages.json: what came of it, and the trouble to have with the answer."""
        to, body = form.get("To", ""), form.get("Body", "")
        trouble = self.troubles.popleft() if self.troubles else self.trouble_for.get(to, "")
        problem = self._problem(form, to, body, trouble)
        if problem:
            self.refused.append((to, problem))
            return problem, trouble
        code = int(trouble) if trouble.isdecimal() and int(trouble) >= 30_000 else None
        if to.startswith("whatsapp:") and not form.get("ContentSid") and not self._window_open(to):
            code = 63016
        wait = form.get("ValidityPeriod")
        text = self._keep(
            Text(
                sid=new_sid("SM"),
                direction="outbound-api",
                from_=form.get("From") or self.number,
                to=to,
                body=body or self._filled_in(form),
                status="accepted" if form.get("MessagingServiceSid") else "queued",
                segments=gsm.segments(body),
                created=self.clock.now(),
                error_code=code,
                status_callback=form.get("StatusCallback", ""),
                validity_period=int(wait) if wait else None,
                service_sid=form.get("MessagingServiceSid"),
                content_sid=form.get("ContentSid"),
                told=trouble not in ("hang", "drop"),
            )
        )
        return text, trouble

    def hear(self, from_: str, body: str, *, sid: str = "", media: Sequence[Sample] = ()) -> tuple[Text, str]:
        """Someone texts us. Gives the text and its opt-out type ("STOP", "START", "HELP" or "").

        For those words the carrier acts and answers by itself before we hear of it.
        """
        known = self.texts.get(sid)
        text = known or self._keep(
            Text(
                sid=sid or new_sid("MM" if media else "SM"),
                direction="inbound",
                from_=from_,
                to=self.number if not from_.startswith("whatsapp:") else f"whatsapp:{self.number}",
                body=body,
                status="received",
                segments=gsm.segments(body) if body else 1,
                created=self.clock.now(),
                media={new_sid("ME"): one for one in media},
            )
        )
        kind = self._opt_out_type(from_, body)
        if kind and known is None:
            if kind == "STOP":
                self.opted_out.add(from_)
            elif kind == "START":
                self.opted_out.discard(from_)
            self._answer(from_, self.answers[kind])
        return text, kind

    def thread(self, number: str) -> list[Text]:
        """All texts to and from one phone, oldest first."""
        return self._by_number.get(number, [])

    def move(self, text: Text, status: str) -> None:
        """A text gets somewhere. One that is to fail fails instead of arriving."""
        text.status = status
        if text.sent is None and status in ("sent", "delivered"):
            text.sent = self.clock.now()
        for listener in self.listeners:
            listener(text)

    def forget(self, sid: str) -> bool:
        """DELETE: the network keeps no copy, nor of what came with it. False if it never had one."""
        text = self.texts.pop(sid, None)
        if text is None:
            return False
        self._by_number[text.to if text.direction != "inbound" else text.from_].remove(text)
        return True

    def statuses(self, text: Text) -> list[str]:
        """The statuses to tell for an accepted send, in the order they happen."""
        if text.error_code is None:
            return list(self.habits.receipts)
        failed = "failed" if text.error_code >= 63_000 else "undelivered"
        return [s for s in self.habits.receipts if s not in ("delivered", "read")] + [failed]

    def resource(self, text: Text) -> dict[str, object]:
        """A text as Twilio's API shows it."""
        account = f"/{API_VERSION}/Accounts/{self.account_sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "body": text.body,
            "date_created": rfc2822(text.created),
            "date_sent": rfc2822(text.sent) if text.sent else None,
            "date_updated": rfc2822(text.sent or text.created),
            "direction": text.direction,
            "error_code": text.error_code if text.status in ("failed", "undelivered") else None,
            "error_message": None,
            "from": None if text.service_sid and text.status == "accepted" else text.from_,
            "messaging_service_sid": text.service_sid,
            "num_media": str(len(text.media)),
            "num_segments": "0" if text.service_sid and text.status == "accepted" else str(text.segments),
            "price": None,
            "price_unit": None,
            "sid": text.sid,
            "status": text.status,
            "subresource_uris": {"media": f"{account}/Messages/{text.sid}/Media.json"},
            "to": text.to,
            "uri": f"{account}/Messages/{text.sid}.json",
        }

    def media_url(self, text: Text, sid: str) -> str:
        """Where Twilio says that something which came with a text is."""
        account = f"/{API_VERSION}/Accounts/{self.account_sid}"
        return f"https://api.twilio.com{account}/Messages/{text.sid}/Media/{sid}"

    def media_resource(self, text: Text, sid: str) -> dict[str, object]:
        """What came with a text, as Twilio's API shows it."""
        return {
            "sid": sid,
            "account_sid": self.account_sid,
            "parent_sid": text.sid,
            "content_type": text.media[sid].type,
            "date_created": rfc2822(text.created),
            "date_updated": rfc2822(text.created),
            "uri": self.media_url(text, sid).removeprefix("https://api.twilio.com") + ".json",
        }

    def _problem(self, form: Mapping[str, str], to: str, body: str, trouble: str) -> Problem | None:
        name, _, seconds = trouble.partition(":")
        if name == "429":
            return Problem(20429, "Too Many Requests", 429, int(seconds) if seconds else None)
        if name in ("500", "502", "503"):
            return Problem(20000 + int(name), "Service unavailable", int(name))
        if name == "lost":
            return Problem(0, "lost on the way", 0)
        if name.isdecimal() and int(name) < 30_000:
            return Problem(int(name), _SAID.get(int(name), "Refused"))
        number = to.removeprefix("whatsapp:")
        sender = form.get("From", "").removeprefix("whatsapp:")
        if not to:
            return Problem(21604, "A 'To' phone number is required.")
        if not (number.startswith("+") and number[1:].isdecimal() and 8 <= len(number) <= 16):
            return Problem(21211, _SAID[21211])
        if not sender and not form.get("MessagingServiceSid"):
            return Problem(21603, "A 'From' phone number is required.")
        if sender and sender != self.number:
            return Problem(21659, "'From' is not one of this account's numbers.")
        if not body and not form.get("ContentSid"):
            return Problem(21602, "Message body is required.")
        if len(body) > 1600:
            return Problem(21617, "The concatenated message body exceeds the 1600 character limit.")
        wait = form.get("ValidityPeriod", "1")
        if not wait.isdecimal() or not 1 <= int(wait) <= 36_000:
            return Problem(20422, "Invalid Parameter")
        if to in self.opted_out:
            return Problem(21610, _SAID[21610])
        return None

    def _window_open(self, number: str) -> bool:
        """WhatsApp takes free words only for 24 hours after someone last wrote."""
        wrote = (t.created for t in reversed(self.thread(number)) if t.direction == "inbound")
        last = next(wrote, None)
        return last is not None and self.clock.now() - last <= timedelta(hours=24)

    def _opt_out_type(self, from_: str, body: str) -> str:
        if from_.startswith("whatsapp:") or not self.habits.answers_stop:
            return ""
        word = body.strip().upper()
        if word in STOP_WORDS:
            return "STOP"
        if word in START_WORDS:
            return "START" if word != "YES" or from_ in self.opted_out else ""
        return "HELP" if word in HELP_WORDS else ""

    def _answer(self, to: str, body: str) -> None:
        now = self.clock.now()
        self._keep(
            Text(
                new_sid("SM"),
                "outbound-reply",
                self.number,
                to,
                body,
                "delivered",
                gsm.segments(body),
                now,
                now,
            )
        )

    def _filled_in(self, form: Mapping[str, str]) -> str:
        return f"[template {form.get('ContentSid', '')} with {form.get('ContentVariables', '{}')}]"

    def _keep(self, text: Text) -> Text:
        self.texts[text.sid] = text
        theirs = text.from_ if text.direction == "inbound" else text.to
        self._by_number.setdefault(theirs, []).append(text)
        for listener in self.listeners:
            listener(text)
        return text


_SAID = {
    20003: "Authenticate",
    21211: "Invalid 'To' Phone Number",
    21610: "Attempt to send to unsubscribed recipient",
    21612: "Message cannot be sent with the current combination of 'To' and/or 'From' parameters",
    21614: "'To' number is not a valid mobile number",
}


def new_sid(prefix: str) -> str:
    """An identifier as Twilio makes them: two letters and 32 hexadecimal digits."""
    return prefix + os.urandom(16).hex()


def rfc2822(at: datetime) -> str:
    """A time as Twilio writes it: Thu, 24 Aug 2023 05:01:45 +0000."""
    return format_datetime(at.astimezone(UTC))
