"""`serve`: the whole service on one port."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys

import typer
import uvicorn

from bot.app import NotReady, Service, check_words_fit
from bot.appointments import replies
from bot.safety.noticing import get_ready
from bot.settings import Settings
from bot.web.server import Server


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)
    app.command()(web)
    app.command()(worker)


def serve() -> None:
    """Run everything: site, turns, reminders and deliveries."""
    settings = Settings.load()
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    quiet()
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run(settings))


def new_loop() -> asyncio.AbstractEventLoop:
    """The event loop everything runs in: uvloop's where there is one, since it costs less."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def settle() -> None:
    """What was made at the start stays until the end: it is not looked through for rubbish again.

    Each look took 100 to 180 ms, in which nobody was answered. What is made since is little, and is
    looked through after every 10,000 things made instead of every 700.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def quiet() -> None:
    """Libraries whose logs may hold addresses or words say only what went wrong."""
    for name in (
        "alembic",
        "httpx",
        "httpcore",
        "twilio",
        "telegram",
        "aiohttp",
        "sse_starlette",
        "uvicorn.access",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)


def listen(settings: Settings) -> socket.socket:
    """The port, ours before anything else begins. Raises NotReady when somebody else has it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise NotReady(
            f"Port {settings.port} at {settings.host} cannot be used: {os.strerror(error.errno or 0)}. "
            "Is it running already? Otherwise set LINKLINE_PORT to another."
        ) from None


def greet(service: Service) -> None:
    """Where everything is, for whoever started it."""
    at = service.settings.base_url
    places = {"web chat": "/chat", "practice phone": "/phone", "link workers": "/staff/"}
    if service.practice is None:
        del places["practice phone"]
    typer.echo(f"{service.settings.service_name} is running. Ctrl-C ends it.")
    for what, path in places.items():
        typer.echo(f"  {what:14}  {at}{path}")
    sys.stdout.flush()


async def run(settings: Settings) -> None:
    """The service until a signal ends it."""
    port = listen(settings)
    service = Service(settings)
    get_ready()  # every pattern of danger compiled: the first message may be somebody's worst
    replies.get_ready()
    settle()
    check_words_fit(service.voice, service.clock.now())
    # No access log: addresses and tokens stand in its lines.
    server = Server(
        uvicorn.Config(
            service.site, log_level="warning", access_log=False, server_header=False,
            timeout_graceful_shutdown=5, proxy_headers=bool(settings.public_url),
        )
    )  # fmt: skip
    work = asyncio.create_task(service.run())
    loop = asyncio.get_running_loop()
    for ending in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(ending, lambda: setattr(server, "should_exit", True))
    site = asyncio.create_task(server.serve(sockets=[port]))
    greet(service)
    await asyncio.wait({work, site}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await site
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await service.close()


def _several(settings: Settings, what: str) -> None:
    if settings.on_sqlite:
        raise NotReady(
            f"`{what}` alone needs PostgreSQL (LINKLINE_DATABASE_URL). On SQLite run `python -m bot serve`."
        )
    raise NotReady(f"`{what}` alone is not here yet. Run `python -m bot serve`.")


def web() -> None:
    """Only the site (PostgreSQL, several machines)."""
    _several(Settings.load(), "web")


def worker() -> None:
    """Only the background work (PostgreSQL, several machines)."""
    _several(Settings.load(), "worker")
