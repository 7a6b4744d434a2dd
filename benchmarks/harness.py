"""The parts of a measurement, each a process of its own on loopback: service, stand-ins, load."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import Done, Work
from benchmarks.walking import SERVICE_NUMBER
from tests.support.service import ROOT, Service, free_port, running_service

#: So fast that our own throttle never waits: what is measured is the program, not the number it sends from.
UNTHROTTLED = 1_000_000


@dataclass(frozen=True)
class Account:
    """A made-up Twilio account, and where the stand-in for Twilio is."""

    sid: str
    token: str
    port: int

    @classmethod
    def made_up(cls) -> Account:
        return cls("AC" + secrets.token_hex(16), secrets.token_hex(16), free_port())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, Any]:
        """What the service is told of it."""
        return {
            "twilio_account_sid": self.sid,
            "twilio_auth_token": self.token,
            "twilio_from": SERVICE_NUMBER,
            "twilio_api_url": self.url,
            "twilio_segments_a_second": UNTHROTTLED,
        }


@contextmanager
def process(*command: str, **popen: Any) -> Iterator[subprocess.Popen[str]]:
    """A Python process that ends with the block, and can be talked to by lines."""
    started = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **popen,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


@contextmanager
def arrivals(account: Account, *options: str) -> Iterator[None]:
    """The Twilio stand-in that notes when replies came."""
    with process(
        "-m", "benchmarks.arrivals", "--port", str(account.port),
        "--account-sid", account.sid, "--auth-token", account.token, *options,
    ):  # fmt: skip
        until_answers(f"{account.url}/arrivals")
        yield


@contextmanager
def measured_service(folder: Path, account: Account) -> Iterator[Service]:
    """The real service on SQLite in `folder`, sending to the stand-in."""
    with running_service(folder, **account.settings) as service:
        yield service


def cpu_seconds(service: Service) -> float:
    """The processor time this service has had so far, its own and the system's on its behalf.

    Other programs on the machine change how long a run takes, and this much less. From /proc (Linux).
    """
    stat = Path(f"/proc/{service.process.pid}/stat").read_text()
    own, system = stat.rpartition(")")[2].split()[11:13]  # fields 14 and 15 of proc(5)
    return (int(own) + int(system)) / os.sysconf("SC_CLK_TCK")


def loaded(work: Work) -> Done:
    """Have another process do this work; what came of it. Raises RuntimeError when it fails."""
    with tempfile.NamedTemporaryFile() as answer, process("-m", "benchmarks.load", answer.name) as load:
        assert load.stdin is not None and load.stdout is not None
        load.stdin.write(json.dumps(asdict(work)) + "\n")
        load.stdin.flush()
        if load.stdout.readline().strip() != "ready":
            raise RuntimeError("the load did not start")
        load.stdin.write("\n")
        load.stdin.flush()
        if load.wait():
            raise RuntimeError("the load broke off")
        said = json.loads(answer.read())
    said["sent"] = {int(person): times for person, times in said["sent"].items()}
    said["answers"] = {int(status): n for status, n in said["answers"].items()}
    return Done(**said)


def fetch(url: str) -> Any:
    """JSON from a stand-in."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def tell(url: str, **said: Any) -> Any:
    """POST JSON to a stand-in; its answer."""
    asked = urllib.request.Request(
        url, json.dumps(said).encode(), {"content-type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)


def until_answers(url: str, seconds: float = 20) -> None:
    """Raises TimeoutError when nobody answers there in time."""
    until(lambda: _answers(url), seconds, f"{url} to answer")


def _answers(url: str) -> bool:
    try:
        fetch(url)
    except OSError:
        return False
    return True


def until(holds: Callable[[], Any], seconds: float, what: str, every: float = 0.05) -> None:
    """Wait until `holds()`. Raises TimeoutError naming `what` was waited for."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(every)


def until_still(count: Callable[[], int], enough: int, what: str, seconds: float = 20) -> None:
    """Wait until `count()` is `enough`, for as long as it grows. Raises TimeoutError once it does not."""
    last, moved = count(), time.monotonic()
    while last < enough:
        if time.monotonic() - moved > seconds:
            raise TimeoutError(f"{last} of {enough} {what}, and no more for {seconds:g} s")
        time.sleep(0.2)
        now = count()
        if now != last:
            last, moved = now, time.monotonic()


class Database:
    """A look into a service's SQLite file from outside, while it runs or after."""

    def __init__(self, folder: Path):
        self.path = folder / "linkline.db"

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a SELECT finds."""
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def one(self, query: str, *values: Any) -> Any:
        """The first column of the first row."""
        return self.rows(query, *values)[0][0]
