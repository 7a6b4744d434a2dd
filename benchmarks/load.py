"""The load, in a process of its own: signed webhooks over connections that are kept open.

Told by one line of JSON on standard input; what came of it goes to the file named on the command line.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.walking import STEPS, requests
from bot.practice.twilio_stand_in import TwilioStandIn

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Work:
    """What is asked: `people` from `first` on walk the eight steps.

    With `a_second` 0, `connections` are kept busy: each sends the next text when the one before
    was answered. Otherwise texts leave at that rate, whatever is answered when.
    """

    target: str
    account_sid: str
    auth_token: str
    first: int
    people: int
    connections: int = 32
    a_second: float = 0.0
    seed: int = 1


@dataclass
class Done:
    """What came of it. Instants are of the machine's one monotonic clock, in seconds."""

    began: float
    ended: float
    latencies: list[float]  # of each webhook, seconds
    sent: dict[int, list[float]]  # when each person's texts left
    answers: dict[int, int]  # how often each status was answered
    refused: list[str] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """One connection on which requests follow each other."""

    def __init__(self) -> None:
        self._buffer = b""
        self._waiting: asyncio.Future[int] | None = None
        self._transport: Any = None  # uvloop's is no asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, ended, body = self._buffer.partition(b"\r\n\r\n")
        if not ended or self._waiting is None:
            return
        length = _LENGTH.search(head)
        if len(body) < (int(length[1]) if length else 0):
            return
        self._buffer = b""
        self._waiting.set_result(int(head[9:12]))

    async def ask(self, request: bytes) -> int:
        """Send one request; the status it is answered with."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting


class Load:
    """Runs one piece of work."""

    def __init__(self, work: Work):
        self._work = work
        self._people = range(work.first, work.first + work.people)
        stand_in = TwilioStandIn(work.target, account_sid=work.account_sid, auth_token=work.auth_token)
        self._requests = requests(stand_in, self._people)
        self._latencies: list[float] = []
        self._sent: dict[int, list[float]] = {person: [] for person in self._people}
        self._answers: dict[int, int] = {}

    async def run(self) -> Done:
        """Do it, and say what came of it."""
        connections = [await self._connect() for _ in range(self._work.connections)]
        began = time.monotonic()
        if self._work.a_second:
            await self._at_a_rate(connections, began)
        else:
            await asyncio.gather(*(self._busy(n, c) for n, c in enumerate(connections)))
        return Done(began, time.monotonic(), self._latencies, self._sent, self._answers)

    async def _connect(self) -> Connection:
        host, _, port = self._work.target.removeprefix("http://").partition(":")
        _, made = await asyncio.get_running_loop().create_connection(Connection, host, int(port))
        return made

    async def _busy(self, n: int, connection: Connection) -> None:
        """Its own people, a step each in turn: nobody writes again before the others have."""
        theirs = self._people[n :: self._work.connections]
        for step in range(STEPS):
            for person in theirs:
                await self._text(connection, person, step, time.monotonic())

    async def _at_a_rate(self, connections: list[Connection], began: float) -> None:
        """Texts leave when they are due, at random instants; a late one counts from when it was due."""
        chance = random.Random(self._work.seed)
        free: asyncio.Queue[Connection] = asyncio.Queue()
        for connection in connections:
            free.put_nowait(connection)
        due, under_way = began, set()

        async def text(person: int, step: int, due: float) -> None:
            connection = await free.get()
            try:
                await self._text(connection, person, step, due)
            finally:
                free.put_nowait(connection)

        for step in range(STEPS):
            for person in self._people:
                due += chance.expovariate(self._work.a_second)
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                task = asyncio.create_task(text(person, step, due))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)

    async def _text(self, connection: Connection, person: int, step: int, due: float) -> None:
        self._sent[person].append(due)
        status = await connection.ask(self._requests[person][step])
        self._latencies.append(time.monotonic() - due)
        self._answers[status] = self._answers.get(status, 0) + 1


def main() -> None:
    """One piece of work: read it, say when ready, start when told to, and write down what came of it."""
    load = Load(Work(**json.loads(sys.stdin.readline())))
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        import uvloop

        run: Any = uvloop.run
    except ImportError:
        run = asyncio.run
    Path(sys.argv[1]).write_text(json.dumps(asdict(run(load.run()))))


if __name__ == "__main__":
    main()
