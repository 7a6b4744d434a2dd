"""The whole service and the people around it: nothing is left out, only the providers are stood in for.

    with town(folder) as ashby:
        ray = ashby.mobile()
        ray.texts("HELLO").reads("Who is it for?")
        bea = ashby.worker("Bea Marsh")

The service is its own process, with the real libraries; Twilio and Telegram answer it over HTTP on
this machine. `reads` waits for words that came since they last wrote, in order.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp

from bot.practice.carrier import Text
from bot.practice.telegram_chats import Said
from bot.practice.telegram_stand_in import TelegramStandIn
from bot.practice.twilio_stand_in import TwilioStandIn
from tests.support.service import Service, free_port, running_service
from tests.support.serving import Served, serving_in_thread
from tests.support.staff_site import Visitor

#: Long, because a machine may be busy: nothing here is about how fast it is.
PATIENCE = 60.0
SERVICE_NUMBER = "+447700900000"
TEMPLATE = "HX0123456789abcdef0123456789abcdef"
STAFF_TOKEN = "staff-token-of-the-tests"
NEW_PASSWORD = "purple kettle mountain"


def until(happened: Callable[[], Any], what: Callable[[], str] | str) -> Any:
    """What `happened` gives, once it is true. Raises AssertionError, saying `what` there is instead."""
    end = time.monotonic() + PATIENCE
    while True:
        found = happened()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(what() if callable(what) else what)
        time.sleep(0.05)


class Reader:
    """Somebody who reads what we send: each subclass says how, as words in the order they came."""

    _read: int = 0

    def received(self) -> list[str]:
        """Everything we have sent them so far."""
        raise NotImplementedError

    def reads(self, *pieces: str) -> str:
        """Wait until a message not read yet holds all these pieces; give it. What came before is read too."""

        def found() -> str | None:
            for place, words in enumerate(self.received()[self._read :], self._read):
                if all(piece in words for piece in pieces):
                    self._read = place + 1
                    return words
            return None

        return until(found, lambda: f"none of {self.received()[self._read :]} holds {pieces}")

    @property
    def unread(self) -> list[str]:
        """What came after the message they read last."""
        return self.received()[self._read :]


@dataclass
class Mobile(Reader):
    """A mobile phone on the practice network; "whatsapp:+44…" is the same phone's WhatsApp."""

    carrier: Served
    twilio: TwilioStandIn
    number: str

    def texts(self, words: str, **more: Any) -> Mobile:
        """Send words, or `media="photo"`. The service must take them."""
        _, answered = self.carrier.call(self.twilio.text(self.number, words, **more), PATIENCE)
        assert answered == 200, f"the webhook was answered {answered}"
        return self

    def thread(self) -> list[Text]:
        """All texts both ways, oldest first."""
        return list(self.twilio.carrier.thread(self.number))

    def received(self) -> list[str]:
        return [text.body for text in self.thread() if text.direction != "inbound"]

    @property
    def sent(self) -> list[Text]:
        return [text for text in self.thread() if text.direction == "inbound"]

    @property
    def ours(self) -> list[Text]:
        """What the service itself sent: not the carrier's own answers."""
        return [text for text in self.thread() if text.direction == "outbound-api"]


@dataclass
class Chat(Reader):
    """Somebody's Telegram chat with the bot."""

    served: Served
    telegram: TelegramStandIn
    chat: int

    def says(self, words: str) -> Chat:
        self._done(self.telegram.says(self.chat, words))
        return self

    def sends(self, what: str, caption: str = "") -> Chat:
        """Something that is not text: "voice", "photo"…"""
        self._done(self.telegram.sends(self.chat, what, caption))
        return self

    def presses(self, label: str) -> Chat:
        """Press the newest button with this label."""
        data = next(data for name, data in reversed(self._all_buttons()) if name == label)
        self._done(self.telegram.presses(self.chat, data))
        return self

    def buttons(self) -> list[str]:
        """The labels under the newest message."""
        return [name for row in self._messages()[-1].buttons for name, _ in row]

    def received(self) -> list[str]:
        return [said.text for said in self._messages()]

    def _messages(self) -> list[Said]:
        return [
            said for said in list(self.telegram.chats.messages) if said.chat == self.chat and said.from_bot
        ]

    def _all_buttons(self) -> list[tuple[str, str]]:
        return [button for said in self._messages() for row in said.buttons for button in row]

    def _done(self, pushed: Any) -> None:
        answered = self.served.call(pushed, PATIENCE)
        assert answered in (0, 200), f"the webhook was answered {answered}"


@dataclass
class WebVisitor(Reader):
    """Somebody at the web chat, as the page's script talks to it."""

    client: httpx.Client
    headers: dict[str, str] = field(default_factory=dict)

    def says(self, words: str) -> WebVisitor:
        return self._post(text=words)

    def presses(self, label: str) -> WebVisitor:
        """Press the newest choice with this label."""
        choices = [choice for message in self.messages() for choice in message["choices"]]
        return self._post(choice=next(one["id"] for one in reversed(choices) if one["label"] == label))

    def messages(self) -> list[dict[str, Any]]:
        return self.client.get("/chat/messages", headers=self.headers).raise_for_status().json()["messages"]

    def received(self) -> list[str]:
        return [message["text"] for message in self.messages() if message["from"] != "you"]

    def _post(self, **said: str) -> WebVisitor:
        answer = self.client.post("/chat/messages", json=said, headers=self.headers)
        assert answer.status_code == 202, answer.text
        return self


class Worker(Visitor):
    """Somebody at the staff pages of a running service, as a browser without JavaScript."""

    def __init__(self, url: str):
        self._http = httpx.Client(base_url=url, timeout=PATIENCE)
        self.cookies = self._http.cookies
        self.page: httpx.Response

    def asks(self, method: str, path: str, follow: bool = True, **more: Any) -> httpx.Response:
        return self._http.request(method, f"/staff{path}", follow_redirects=follow, **more)

    def leaves(self) -> None:
        self._http.close()

    def arrives(self, email: str, first_password: str) -> Worker:
        """The first day: sign in, set up the phone for codes, choose a password of their own."""
        self.signs_in(email, first_password)
        assert "Set up your phone" in self.text, self.text
        secret = re.search(r'<code class="ll-secret">([^<]+)</code>', self.page.text)[1].replace(" ", "")
        self.presses("/sign-in/code", code=pyotp.TOTP(secret).now())
        assert "Choose your own password" in self.text, self.text
        self.presses("/password", new=NEW_PASSWORD, again=NEW_PASSWORD)
        assert "Your new password is saved." in self.text
        return self

    def links(self) -> dict[str, str]:
        """Where the names in the queue lead, below /staff."""
        found = re.findall(r'<a href="/staff([^"]+)" id="open-\d+" data-open>([^<]+)</a>', self.page.text)
        return {name: path for path, name in found}

    def finds(self, name: str) -> Worker:
        """Wait until this name stands in the queue, then open the page."""
        until(lambda: self.goes("/") and name in self.links(), lambda: self.text)
        self.goes(self.links()[name])
        return self

    def does(self, what: str, **fields: Any) -> Worker:
        """Press the button whose form's address ends with `what`."""
        path = re.search(rf'action="/staff([^"?]*{re.escape(what)})"', self.page.text)
        assert path, f"there is no {what} on: {self.text}"
        self.presses(path[1], **fields)
        return self

    def looks_until(self, words: str) -> Worker:
        """Load this person's page again until it says so."""
        path = self.at
        until(lambda: self.goes(path) and words in self.text, lambda: self.text)
        return self


@dataclass
class Town:
    """A running service with its providers, and everybody who meets it."""

    service: Service
    twilio: TwilioStandIn
    telegram: TelegramStandIn
    at_twilio: Served
    at_telegram: Served
    first_sign_in: tuple[str, str]
    _left: contextlib.ExitStack
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(900200))
    _administrator: Worker | None = None

    def mobile(self, number: str = "") -> Mobile:
        """A phone nobody has used yet."""
        return Mobile(self.at_twilio, self.twilio, number or f"+447700{next(self._numbers)}")

    def whatsapp(self, number: str = "") -> Mobile:
        """The same, on WhatsApp."""
        return self.mobile("whatsapp:" + (number or f"+447700{next(self._numbers)}"))

    def chat(self, language: str = "en") -> Chat:
        """A Telegram chat nobody has used yet."""
        chat = next(self._numbers)
        self.telegram.chats.languages[chat] = language
        return Chat(self.at_telegram, self.telegram, chat)

    def visitor(self, **headers: str) -> WebVisitor:
        """Somebody who opens the web chat and gets a cookie."""
        client = self._left.enter_context(httpx.Client(base_url=self.service.url, timeout=PATIENCE))
        client.get("/chat", headers=headers).raise_for_status()
        return WebVisitor(client, headers)

    def administrator(self) -> Worker:
        """Whoever signs in first, with what was printed once."""
        if self._administrator is None:
            self._administrator = Worker(self.service.url).arrives(*self.first_sign_in)
            self._left.callback(self._administrator.leaves)
        return self._administrator

    def worker(self, name: str, role: str = "link-worker") -> Worker:
        """Somebody the administrator takes on, signed in."""
        boss = self.administrator()
        email = f"{name.split()[0].lower()}.{next(self._numbers)}@ashby.example"
        boss.goes("/team")
        boss.presses("/team", name=name, email=email, role=role)
        password = re.search(r"first password: (\S+)", boss.text)
        assert password, boss.text
        made = Worker(self.service.url).arrives(email, password[1])
        self._left.callback(made.leaves)
        return made

    def a_day_passes_since(self, phone: Mobile) -> None:
        """Both sides remember what this phone wrote as said a day earlier; nobody has to wait for it."""
        day = timedelta(hours=25)
        for text in phone.thread():
            text.created -= day
        with closing(sqlite3.connect(self.service.folder / "linkline.db", timeout=30)) as store, store:
            wrote = (datetime.now(UTC) - day).strftime("%Y-%m-%d %H:%M:%S.%f")
            channel = "whatsapp" if phone.number.startswith("whatsapp:") else "sms"
            store.execute("UPDATE contact_point SET last_inbound_at = ? WHERE channel = ?", (wrote, channel))

    def queue_json(self) -> list[dict[str, Any]]:
        """What a program with the staff token sees."""
        answer = httpx.get(
            f"{self.service.url}/staff/queue.json",
            headers={"Authorization": f"Bearer {STAFF_TOKEN}"},
            timeout=PATIENCE,
        )
        return answer.raise_for_status().json()["handoffs"]


@contextlib.contextmanager
def town(folder: Path, *, telegram_mode: str = "polling", **settings: Any) -> Iterator[Town]:
    """Start everything in `folder`. `settings` are Linkline's, without the prefix."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    twilio = TwilioStandIn(f"http://127.0.0.1:{port}", number=SERVICE_NUMBER)
    telegram = TelegramStandIn()
    with contextlib.ExitStack() as left:
        at_twilio = left.enter_context(serving_in_thread(twilio))
        at_telegram = left.enter_context(serving_in_thread(telegram))
        left.callback(lambda: at_telegram.call(telegram.close()))  # nobody polls any more
        given = {
            "port": port,
            "staff_token": STAFF_TOKEN,
            "opening_hours": "Mon-Sun 00:00-23:59",
            "twilio_api_url": at_twilio.url,
            "twilio_account_sid": twilio.account_sid,
            "twilio_auth_token": twilio.auth_token,
            "twilio_from": SERVICE_NUMBER,
            "twilio_whatsapp_from": SERVICE_NUMBER,
            "twilio_whatsapp_template": TEMPLATE,
            "twilio_segments_a_second": 50,
            "telegram_api_url": at_telegram.url,
            "telegram_token": telegram.token,
            "telegram_mode": telegram_mode,
        }
        if telegram_mode == "webhook":
            given |= {"telegram_secret": "secret-of-the-tests", "public_url": f"http://127.0.0.1:{port}"}
        service = left.enter_context(running_service(folder, **(given | settings)))
        printed = re.search(r"email +(\S+)\n +password +(\S+)", service.log)
        yield Town(service, twilio, telegram, at_twilio, at_telegram, (printed[1], printed[2]), left)
