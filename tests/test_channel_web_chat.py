"""Web chat: nothing leaves us, the open page is woken."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.channels.web_chat import WebChatChannel
from bot.messages import ChannelName, OutboundMessage, Sent


async def test_sending_wakes_the_page_of_that_visitor():
    woken = []
    channel = WebChatChannel(woken.append)
    message = OutboundMessage(17, ChannelName.WEB, "visitor-token", "Hello Ray.")
    assert await channel.send(message) == Sent("17")
    assert woken == ["visitor-token"]
    assert await channel.look_for(message, datetime.now(UTC)) == Sent("17")
