"""What the staff pages are given: the store, the settings, and the turns that speak to a person."""

from __future__ import annotations

import ipaddress
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from bot.settings import Settings
from bot.store.engines import Store


class StaffTurns(Protocol):
    """A link worker's actions that a person hears of. Each becomes a turn of that person's conversation."""

    def pick_up(self, handoff_id: int, staff_id: int) -> Future[Any]:
        """Take it: gives `PickedUp`, or `AlreadyPickedUp` naming who did and when."""
        ...

    def reply(self, conversation_id: int, staff_id: int, text: str) -> Future[Any]:
        """Say this to the person, on the channel that is safe."""
        ...

    def hand_back(self, handoff_id: int, staff_id: int) -> Future[Any]:
        """The questions go on from where they were."""
        ...

    def close(self, handoff_id: int, staff_id: int, outcome: str, note: str) -> Future[Any]:
        """It is finished; the person is told kindly."""
        ...


@dataclass(frozen=True, slots=True)
class StaffParts:
    """The parts the pages stand on. `static` is where the site serves styles and scripts."""

    store: Store
    settings: Settings
    turns: StaffTurns
    static: str = "/static"

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
