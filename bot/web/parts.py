"""What the web is given by app.py, and nothing else: the store, the words, and where messages go."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from bot.clock import Clock
from bot.conversation.voice import Voice
from bot.messages import InboundMessage, Receipt
from bot.practice.twilio_stand_in import TwilioStandIn
from bot.settings import Settings
from bot.store.engines import Store
from bot.web.pages import LOCALES, TEMPLATES
from bot.web.wakes import Wakes
from bot.words.languages import Languages
from bot.words.prompts import Prompts


class Received(Protocol):
    """What came of storing a message (bot/conversation/inbox.py)."""

    conversation_id: int
    duplicate: bool


class TelegramReader(Protocol):
    """What the webhook needs of the Telegram channel (bot/channels/telegram.py)."""

    bot_id: str
    username: str | None

    async def answer_button(self, callback_query_id: str) -> bool:
        """Stop the little clock on a pressed button."""
        ...


@dataclass(slots=True)
class Parts:
    """The parts the web stands on; app.py joins them.

    `receive` stores a message once and gives what came of it, or raises StoreUnavailable.
    `record` notes what a provider says became of a message (bot/delivery/receipts.py in a unit of
    work). `practice` is None where real texts go; its `target` is our own address.
    `wakes.visitor` is what WebChatChannel takes.
    """

    store: Store
    settings: Settings
    clock: Clock
    languages: Languages
    receive: Callable[[InboundMessage], Future[Any]]
    record: Callable[[Receipt], Future[Any]]
    telegram: TelegramReader | None = None
    practice: TwilioStandIn | None = None
    staff: ASGIApp | None = None
    voice: Voice | None = None
    wakes: Wakes = field(default_factory=Wakes)

    def the_voice(self) -> Voice:
        """Every word the service says; without flows when nobody gave us the whole of it."""
        if self.voice is None:
            prompts = Prompts(TEMPLATES / "prompts", LOCALES, clock=self.clock, zone=self.settings.hours.zone)
            self.voice = Voice(prompts, self.languages, {}, self.settings)
        return self.voice

    @property
    def twilio_token(self) -> str:
        """What Twilio, or the pretend one, signs with; empty when there is neither."""
        return self.settings.twilio_auth_token.get_secret_value() or (
            self.practice.auth_token if self.practice else ""
        )

    @property
    def https(self) -> bool:
        """Whether the outside reaches us over https only."""
        return self.settings.base_url.startswith("https://")

    @property
    def practising(self) -> bool:
        """Whether the practice phone is on: only for whoever sits at this machine, never beside real texts.

        With a public address a proxy brings the world to our loopback, so then it is off.
        """
        s = self.settings
        ours = is_loopback(s.host) and is_loopback(urlsplit(s.base_url).hostname or "")
        return self.practice is not None and ours and not s.twilio_account_sid


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`, a name or an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
