"""The Twilio stand-in in a process of its own, which also notes when each reply came."""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from typing import Any

import uvicorn

from bot.practice.carrier import Habits, Text
from bot.practice.twilio_stand_in import TwilioStandIn
from bot.practice.wire import Receive, Send, reply


class Arrivals:
    """GET /arrivals: when each number's replies came, by this machine's one monotonic clock."""

    def __init__(self, stand_in: TwilioStandIn):
        self._stand_in = stand_in
        self._came: dict[str, list[float]] = defaultdict(list)
        stand_in.carrier.listeners.append(self._note)

    def _note(self, text: Text) -> None:
        if text.direction == "outbound-api" and text.status in ("queued", "accepted"):
            self._came[text.to].append(time.monotonic())

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/arrivals":
            return await reply(send, 200, self._came)
        if scope["type"] == "http" and scope["path"] == "/arrivals/how-many":
            return await reply(send, 200, sum(map(len, self._came.values())))
        await self._stand_in(scope, receive, send)


def main() -> None:
    """Serve on loopback until stopped. `--receipts sent,delivered` tells those of every text."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--account-sid", required=True)
    asked.add_argument("--auth-token", required=True)
    asked.add_argument("--receipts", default="")
    given = asked.parse_args()
    stand_in = TwilioStandIn(account_sid=given.account_sid, auth_token=given.auth_token)
    stand_in.carrier.habits = Habits(receipts=tuple(filter(None, given.receipts.split(","))))
    print(json.dumps({"port": given.port}), flush=True)
    uvicorn.run(Arrivals(stand_in), host="127.0.0.1", port=given.port, log_level="error", access_log=False)


if __name__ == "__main__":
    main()
