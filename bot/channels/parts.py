"""Messages longer than a channel takes: sent in parts, each once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

from bot.messages import OutboundMessage, Outcome, Sent
from bot.words import gsm

#: How many half-sent messages are remembered.
_REMEMBERED = 1000


class Parts:
    """Splits between words at the channel's `limit`, and remembers which parts have gone.

    Remembered only while we run: after a restart the parts of a half-sent message go again.
    """

    def __init__(self, limit: int):
        self._limit = limit
        self._gone: OrderedDict[int, int] = OrderedDict()

    def of(self, message: OutboundMessage) -> list[str]:
        """The message's words in parts that fit."""
        if len(message.text) * 2 <= self._limit:  # the common case: short in any way of counting
            return [message.text]
        return gsm.split(message.text, self._limit)

    async def send(
        self, message: OutboundMessage, send_one: Callable[[str, bool], Awaitable[Outcome]]
    ) -> Outcome:
        """Send each part that has not gone; `send_one` takes its words and whether it is the last.

        Gives the last part's outcome, or the first that is not Sent: a later try goes on from there.
        """
        parts = self.of(message) or [message.text]
        outcome: Outcome | None = None
        for n in range(min(self._gone.get(message.id, 0), len(parts) - 1), len(parts)):
            outcome = await send_one(parts[n], n == len(parts) - 1)
            if not isinstance(outcome, Sent):
                return outcome
            if len(parts) > 1:
                self._gone[message.id] = n + 1
                if len(self._gone) > _REMEMBERED:
                    self._gone.popitem(last=False)
        self._gone.pop(message.id, None)
        return outcome
