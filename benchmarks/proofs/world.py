"""The service as its own process between stand-ins of Twilio and Telegram, all on loopback."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.clock import SystemClock
from bot.practice.telegram_stand_in import TelegramStandIn
from bot.practice.twilio_stand_in import TwilioStandIn
from bot.settings import Settings
from bot.store.engines import Store
from bot.store.tables import contact_point, inbox, outbox, outbox_event
from tests.support.service import PREPARE, SERVE, answers, clean_environment, free_port
from tests.support.serving import serving

SERVICE_NUMBER = "+447700900000"
SECRET = "loopback-only"

#: How soon a provider calls a webhook again that was not answered 2xx. Theirs is longer; ours is for a proof.
CALLS_AGAIN_AFTER = 0.25


class World:
    """One service, its store on disk, and the two providers it believes in."""

    def __init__(self, folder: Path, twilio: TwilioStandIn, telegram: TelegramStandIn, **settings: Any):
        self.folder, self.twilio, self.telegram = folder, twilio, telegram
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self.started = time.monotonic()  # when it was last up again

    @property
    def environment(self) -> dict[str, str]:
        """The service's settings."""
        return clean_environment(self.folder, port=self.port, **self.settings)

    def prepare(self) -> None:
        """Keys, schema and a first sign-in."""
        subprocess.run(
            [sys.executable, *PREPARE], cwd=self.folder, env=self.environment, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    async def start(self, command: Sequence[str] = (sys.executable, *SERVE)) -> float:
        """Start it and wait until it answers; the seconds that took."""
        began = time.monotonic()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        while await asyncio.to_thread(answers, f"{self.url}/healthz") != 200:
            if self.process.poll() is not None:
                raise RuntimeError("the service ended: " + (self.folder / "log").read_text()[-2000:])
            await asyncio.sleep(0.05)
        self.started = time.monotonic()
        return self.started - began

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it as `docker stop` would."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def store(self) -> Store:
        """The store the service wrote, opened to look into once it has ended."""
        env = dict(
            line.partition("=")[::2]
            for line in (self.folder / ".env").read_text().splitlines()
            if "=" in line
        )
        settings = Settings.load(
            _env_file=None,
            keys=env["LINKLINE_KEYS"],
            lookup_key=env["LINKLINE_LOOKUP_KEY"],
            database_url=self.environment["LINKLINE_DATABASE_URL"],
        )
        return Store.from_settings(settings, SystemClock())

    def what_became_of(self, address: str) -> str:
        """What the store knows of the last message of this contact point and of our reply, in codes."""
        store = self.store()
        try:
            with store.reading() as reading:
                points = reading.execute(select(contact_point.c.id, contact_point.c.address)).all()
                mine = [id_ for id_, sealed in points if reading.sealer.open(sealed) == address]
                came = select(inbox.c.id, inbox.c.handling, inbox.c.tries)
                went = select(outbox.c.id, outbox.c.status, outbox.c.tries, outbox.c.reason)
                last = [
                    reading.execute(
                        query.where(table.c.contact_point_id.in_(mine)).order_by(table.c.id.desc()).limit(2)
                    ).all()
                    for table, query in ((inbox, came), (outbox, went))
                ]
                ids = [row.id for row in last[1]]
                about = select(outbox_event.c.status, outbox_event.c.code, outbox_event.c.at)
                events = reading.execute(about.where(outbox_event.c.outbox_id.in_(ids))).all()
        finally:
            store.close()
        return f"inbox {last[0]}, outbox {last[1]}, events {events}"

    def metrics(self) -> str:
        """What the service counts of itself."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            return answer.read().decode()


@asynccontextmanager
async def world(**settings: Any) -> AsyncIterator[World]:
    """A prepared world whose service has not been started yet."""
    folder = Path(tempfile.mkdtemp(prefix="linkline-proof-"))
    twilio = TwilioStandIn(number=SERVICE_NUMBER)
    telegram = TelegramStandIn(secret=SECRET)
    try:
        async with serving(twilio) as at_twilio, serving(telegram) as at_telegram:
            made = World(
                folder, twilio, telegram,
                twilio_account_sid=twilio.account_sid, twilio_auth_token=twilio.auth_token,
                twilio_from=SERVICE_NUMBER, twilio_api_url=at_twilio.url, twilio_segments_a_second=1000,
                telegram_token=telegram.token, telegram_api_url=at_telegram.url, telegram_mode="webhook",
                telegram_secret=SECRET, languages="en", **settings,
            )  # fmt: skip
            made.settings["public_url"] = made.url
            twilio.target = made.url
            await asyncio.to_thread(made.prepare)
            try:
                yield made
            finally:
                made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
