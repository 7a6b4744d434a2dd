"""Web chat: the page reads its messages from the store, and is told when there is a new one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.messages import ChannelName, Fetched, Media, NoMedia, OutboundMessage, Outcome, Sent


class WebChatChannel:
    """Nothing leaves us here: to send is to wake the visitor's open page.

    `wake` takes the visitor's token and returns at once. A page that is closed finds the message
    when it is opened again.
    """

    name = ChannelName.WEB

    def __init__(self, wake: Callable[[str], None]):
        self._wake = wake

    async def send(self, message: OutboundMessage) -> Outcome:
        """Wake the page. The provider's id is our own: we are the provider."""
        self._wake(message.address)
        return Sent(str(message.id))

    async def look_for(self, message: OutboundMessage, since: datetime) -> Sent | None:
        """It is in the store, so it is there."""
        return Sent(str(message.id))

    async def erase(self, address: str, provider_id: str) -> bool:
        """Nobody else holds a copy."""
        return True

    async def fetch(self, media: Media, part: str = "") -> Fetched:
        """A visitor can send no pictures: the page says so when they try. Raises NoMedia."""
        raise NoMedia("gone")

    async def close(self) -> None:
        """There are no connections."""
