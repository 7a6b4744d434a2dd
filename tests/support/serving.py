"""Real servers on loopback for tests: in a thread for any test, in its own loop for an async one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn

from bot.web.server import Server


class _Server(Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # Ctrl-C belongs to pytest

    async def main_loop(self) -> None:
        counter = 0
        while not await self.on_tick(counter):  # ten times as often as uvicorn, so that tests end at once
            counter = (counter + 1) % 864_000
            await asyncio.sleep(0.01)


@dataclass
class Served:
    """A server that is up: where it is, and the loop it runs in."""

    url: str
    loop: asyncio.AbstractEventLoop

    def call(self, work: Coroutine[Any, Any, Any], seconds: float = 20) -> Any:
        """Run something in the server's own loop, from another thread, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)


def _prepared(app: Callable[..., Any], port: int) -> tuple[_Server, socket.socket, str]:
    config = uvicorn.Config(
        app, log_level="error", access_log=False, lifespan="on", timeout_graceful_shutdown=1, ws="none"
    )
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    return _Server(config), listening, f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextlib.asynccontextmanager
async def serving(app: Callable[..., Any], port: int = 0) -> AsyncIterator[Served]:
    """Serve an ASGI app in this test's own loop for as long as the block lasts; a free port unless told."""
    server, listening, url = _prepared(app, port)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            if running.done():
                running.result()
                raise RuntimeError("the server did not start")
            await asyncio.sleep(0.005)
        yield Served(url, asyncio.get_running_loop())
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await running
        listening.close()


@contextlib.contextmanager
def serving_in_thread(app: Callable[..., Any], port: int = 0) -> Iterator[Served]:
    """The same in a thread with a loop of its own, for any test."""
    started, made = threading.Event(), {}

    def run() -> None:
        async def serve() -> None:
            async with serving(app, port) as served:
                made["served"], made["stop"] = served, asyncio.Event()
                started.set()
                await made["stop"].wait()

        try:
            asyncio.run(serve())
        except Exception as error:
            made["error"] = error
        finally:
            started.set()

    thread = threading.Thread(target=run, name="serving", daemon=True)
    thread.start()
    started.wait(20)
    if "served" not in made:
        raise RuntimeError("the server did not start") from made.get("error")
    served: Served = made["served"]
    try:
        yield served
    finally:
        served.loop.call_soon_threadsafe(made["stop"].set)
        thread.join(20)


def free_address() -> str:
    """An address on this machine where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"
