"""A whole county's directory over HTTP: imported by the real command, and the same again changes nothing."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from benchmarks.proofs import Figure, Size, must
from bot.practice.invented_services import NAMELESS
from bot.store import migrations
from bot.store.engines import Store, make_engine
from bot.store.sealed import Sealer
from bot.store.tables.directory import (
    cost_option,
    location,
    schedule,
    service,
    service_contact,
    service_event,
)
from tests.support.service import clean_environment
from tests.support.stores import KEYS, LOOKUP_KEY

SERVICES = {Size.SMALL: 300, Size.FULL: 10_000}
#: What the import may come to use at the most; a feed is read as it comes, never held whole.
MEGABYTES_MOST = 400
_TABLES = (service, location, schedule, cost_option, service_contact, service_event)


def prove(size: Size, seed: int) -> list[Figure]:
    """Import a feed twice, and once more in the older form. Raises Violated."""
    many = SERVICES[size]
    with tempfile.TemporaryDirectory(prefix="linkline-feed-") as folder:
        url = f"sqlite:///{folder}/linkline.db"
        engine = make_engine(url)
        migrations.upgrade(engine)
        engine.dispose()
        with _feed(many, seed, "hsds-uk-3.0") as at:
            first = _import(Path(folder), url, at)
            kept = _kept(url)
            again = _import(Path(folder), url, at)
        must(_kept(url) == kept, "the same feed again changed something")
        with _feed(many, seed, "oruk-v1") as at:
            older = _import(Path(folder), url, at)
        must(_kept(url) == kept, "the same services in the older form changed something")
    refused = many // NAMELESS
    must(first.counts == (many, many - refused, 0, 0, 0, refused), f"the first import: {first.counts}")
    for run, which in ((again, "again"), (older, "in the older form")):
        must(run.counts == (many, 0, 0, many - refused, 0, refused), f"the feed {which}: {run.counts}")
    most = max(run.megabytes for run in (first, again, older))
    must(most <= MEGABYTES_MOST, f"an import used {most} MB")
    return [
        Figure("services in the feed, HSDS-UK 3.0, a call for each", f"{many:,}"),
        Figure("first import", str(first)),
        Figure("rows refused, each with its reason", f"{refused:,}"),
        Figure("the same feed again", f"{again}; nothing changed"),
        Figure("the same services in v1's form", f"{older}; nothing changed"),
    ]


@dataclass(frozen=True)
class _Run:
    """One import: what it says it read, added, changed, found as before, gone and refused."""

    counts: tuple[int, ...]
    seconds: float
    processor: float  # seconds of it: the machine may have been busy with other things
    megabytes: int

    def __str__(self) -> str:
        return f"{self.seconds:.0f} s ({self.processor:.0f} s of processor), {self.megabytes} MB at the most"


def _import(folder: Path, url: str, at: str) -> _Run:
    """Run the command as an operator would, and see what it takes."""
    settings = {
        "database_url": url,
        "keys": KEYS[0],
        "lookup_key": LOOKUP_KEY,
        "directory_calls_a_second": 10_000,
    }
    began = time.monotonic()
    with open(folder / "told.txt", "w+") as told:
        command = [sys.executable, "-m", "bot", "services", "import", at, "--source", "county"]
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=clean_environment(folder, **settings),
            stdout=told,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        told.seek(0)
        said = told.read()
    must(os.waitstatus_to_exitcode(status) == 0, f"the import ended with {status}: {said[-200:]}")
    line = re.search(r"^Done: (.*)$", said, re.MULTILINE)
    must(line is not None, "the import did not say what it did")
    assert line is not None
    processor = used.ru_utime + used.ru_stime
    kilobytes = used.ru_maxrss if sys.platform != "darwin" else used.ru_maxrss // 1024
    counts = tuple(int(n) for n in re.findall(r"\d+", line[1]))
    return _Run(counts, seconds, processor, kilobytes // 1024)


def _kept(url: str) -> str:
    """The whole directory as it is kept, in one digest."""
    store, digest = Store(url, Sealer(KEYS, LOOKUP_KEY)), hashlib.sha256()
    try:
        with store.reading() as reading:
            for table in _TABLES:
                for row in reading.execute(select(table).order_by(table.c.id)):
                    digest.update(repr(tuple(row)).encode())
    finally:
        store.close()
    return digest.hexdigest()


@contextmanager
def _feed(many: int, seed: int, form: str) -> Iterator[str]:
    """The stand-in in a process of its own, so that what it uses is not counted; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "bot.practice.feed_stand_in", "--port", str(port), "--services", str(many),
        "--seed", str(seed), "--form", form, "--some-nameless",
    ]  # fmt: skip
    process = subprocess.Popen(command)
    try:
        asyncio.run(_answers(port, process))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


async def _answers(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            must(process.poll() is None and time.monotonic() < until, "the feed did not start")
            await asyncio.sleep(0.1)
            continue
        writer.close()
        await writer.wait_closed()
        return
