"""What the staff pages are given: the store, the settings, and the turns that speak to a person."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.conversation.staff_turns import StaffTurns
from bot.messages import ChannelName, Fetched, Media
from bot.settings import Settings
from bot.store.engines import Store


@dataclass(frozen=True, slots=True)
class StaffParts:
    """The parts the pages stand on.

    `static` gives the address of a style or a script by its name. `fetch` opens what somebody sent,
    at the provider it came by, as `Channel.fetch` does; without it nothing can be opened here.
    """

    store: Store
    settings: Settings
    turns: StaffTurns
    static: Callable[[str], str] = "/static/{}".format
    fetch: Callable[[ChannelName, Media, str], Awaitable[Fetched]] | None = None

    @property
    def practice_install(self) -> bool:
        """Whether this is somebody trying it on their own machine: nobody outside can reach it or be reached.

        Only then may the second step of signing in wait.
        """
        s = self.settings
        return is_loopback(s.host) and not (s.public_url or s.sms_on or s.whatsapp_on or s.telegram_on)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
