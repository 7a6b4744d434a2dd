"""Bad input, wrong settings, a locked store and a full disk: refused plainly, and nothing half done."""

from __future__ import annotations

import asyncio
import resource
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from benchmarks.proofs import Figure, Size, must
from benchmarks.proofs.world import SECRET, World, world
from tests.support.service import SERVE, clean_environment

NUMBER, LANDLINE = "+447700900123", "+441632960123"
WORDS = "Something nobody else may read"
MESSAGES, STATUS, TELEGRAM = "/webhooks/twilio/messages", "/webhooks/twilio/status", "/webhooks/telegram"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FROM_TELEGRAM = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": SECRET}

#: What an operator may get wrong, and the setting the message must name.
MISTAKES = (
    ({"twilio_from": "AshbyLinks"}, "LINKLINE_TWILIO_FROM"),
    ({"port": "eighty"}, "LINKLINE_PORT"),
    ({"opening_hours": "Mon-Fri 17:00-09:00"}, "LINKLINE_OPENING_HOURS"),
    ({"database_url": "mysql://somewhere/else"}, "LINKLINE_DATABASE_URL"),
    ({"service_name": "A name much too long to be told in a text message"}, "LINKLINE_SERVICE_NAME"),
    ({"keys": "this-is-no-key"}, "KEYS"),
    ({"twilio_account_sid": "AC" + 32 * "0"}, "TWILIO_AUTH_TOKEN"),
)
TRIED = {Size.SMALL: 3, Size.FULL: len(MISTAKES)}

#: Longer than the service waits for a lock before it gives up (bot/store/engines.py).
PATIENCE = 20.0


def prove(size: Size, seed: int) -> list[Figure]:
    """Send what should not be sent. Raises Violated."""
    return asyncio.run(_prove(size))


async def _prove(size: Size) -> list[Figure]:
    async with world() as at:
        await at.start()
        refused = await _refusals(at)
        strangers = await _strangers(at)
        held = await _not_stored(at, at.folder, _locked)
        await _not_stored(at, at.folder, _no_byte_more)
        at.stop()
    disk = await _small_disk()
    for mistake, names in MISTAKES[: TRIED[size]]:
        await asyncio.to_thread(_refuses_to_start, mistake, names)
    return [
        Figure("requests refused, nothing of them stored or logged", str(refused)),
        Figure("odd senders and receipts, none of them trouble", str(strangers)),
        Figure("the store locked", f"503 after {held:.0f} s, and one turn when it was sent again"),
        Figure("no byte more may be written", "503, and one turn when it was sent again"),
        Figure("the disk full", disk),
        Figure("mistakes in the settings, each named and nothing started", str(TRIED[size])),
    ]


# -- what is sent ------------------------------------------------------------------------------


async def _post(at: World, path: str, body: bytes, headers: dict[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(at.url + path, data=body, headers=headers) as a,
    ):
        return a.status


def _signed(at: World, path: str, form: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    return urlencode(form).encode(), FORM | at.twilio.sign(at.url + path, form)


async def _refusals(at: World) -> int:
    """Each is answered as it should be; afterwards the store is as empty as before."""
    form = at.twilio.form(at.twilio.carrier.hear(NUMBER, WORDS)[0])
    body, headers = _signed(at, MESSAGES, form)
    nameless = {name: value for name, value in form.items() if "Sid" not in name}
    too_long = b"Body=" + b"x" * 1_100_000
    update = b'{"update_id": 1, "message": {"message_id": 1, "text": "%b"' % WORDS.encode()
    tried = [
        (403, MESSAGES, body, headers | {"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="}),
        (403, MESSAGES, body, FORM),
        (403, MESSAGES, body.replace(b"Something", b"Anything"), headers),
        (403, MESSAGES + "?also=this", body, headers),
        (403, STATUS + "?m=1", *_signed(at, STATUS + "?m=2", {"MessageSid": "SM1", "MessageStatus": "sent"})),
        (403, TELEGRAM, update + b"}}", FROM_TELEGRAM | {"X-Telegram-Bot-Api-Secret-Token": "guessed"}),
        (400, MESSAGES, *_signed(at, MESSAGES, nameless)),
        (400, MESSAGES, b"\xff\xfe" + body, headers),
        (400, TELEGRAM, update, FROM_TELEGRAM),
        (400, TELEGRAM, b"[]", FROM_TELEGRAM),
        (400, TELEGRAM, b"", FROM_TELEGRAM),
        (413, MESSAGES, too_long, headers),
        (413, TELEGRAM, too_long, FROM_TELEGRAM),
    ]
    for expected, path, sent, given in tried:
        answered = await _post(at, path, sent, given)
        must(answered == expected, f"{path} answered {answered} where {expected} was due")
    must(_rows(at.folder) == (0, 0, 0), "something of a refused request was stored")
    log = (at.folder / "log").read_text()
    must("the signature is wrong" in log, "a wrong signature was not logged")
    for told in (WORDS, urlencode({"": WORDS})[1:], NUMBER, NUMBER[3:], at.twilio.auth_token, SECRET):
        must(told not in log, "the log holds what was sent")
    return len(tried)


async def _strangers(at: World) -> int:
    """Who cannot be answered, and receipts nobody waits for: taken with 200, and nothing goes wrong."""
    before = _rows(at.folder)
    for machine in ("Parcels", "60006"):
        form = at.twilio.form(at.twilio.carrier.hear(machine, "Your parcel is late")[0])
        must(await _post(at, MESSAGES, *_signed(at, MESSAGES, form)) == 200, "a machine's text was not taken")
    must(_rows(at.folder) == before, "a machine's text was stored")
    form = at.twilio.form(at.twilio.carrier.hear(LANDLINE, "HELLO")[0])
    must(await _post(at, MESSAGES, *_signed(at, MESSAGES, form)) == 200, "a landline's text was not taken")
    receipt = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "delivered"}
    path = STATUS + "?m=999999"
    must(await _post(at, path, *_signed(at, path, receipt)) == 200, "a receipt of nothing was not taken")
    await _until(
        lambda: _count(at.folder, "SELECT count(*) FROM outbox WHERE status = 'permanent-failure'") == 1,
        "the reply to a landline to be given up",
    )
    must(
        not [t for t in at.twilio.carrier.thread(LANDLINE) if t.direction != "inbound"],
        "a landline was texted",
    )
    return 4


# -- where it cannot be stored -----------------------------------------------------------------

Breaks = Callable[[World, Path], Callable[[], None]]


async def _not_stored(at: World, folder: Path, breaks: Breaks) -> float:
    """While it cannot be written: 503, and nothing done. Then the provider's next try is one turn."""
    number = f"+4477009{secrets.randbelow(10**5):05d}"
    before = _rows(folder)
    form = at.twilio.form(at.twilio.carrier.hear(number, "HELLO")[0])
    mend = breaks(at, folder)
    began = time.monotonic()
    try:
        answered = await _post(at, MESSAGES, *_signed(at, MESSAGES, form))
        took = time.monotonic() - began
    finally:
        mend()
    must(answered == 503, f"answered {answered} where it could not be stored")
    must(_rows(folder) == before, "something was half done")
    for _ in range(2):  # the second is a copy, and is no second turn
        answered = await _post(at, MESSAGES, *_signed(at, MESSAGES, form))
        must(answered == 200, f"the provider's next try was answered {answered}")
    await _until(
        lambda: len([t for t in at.twilio.carrier.thread(number) if t.direction != "inbound"]) == 1,
        "the reply to what was sent again",
    )
    await asyncio.sleep(0.5)
    after = _rows(folder)
    must(
        after == tuple(n + 1 for n in before), f"{before} became {after}: one message is one turn, one reply"
    )
    return took


def _locked(at: World, folder: Path) -> Callable[[], None]:
    """Somebody else writes, and does not stop."""
    other = sqlite3.connect(folder / "linkline.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def mend() -> None:
        other.execute("ROLLBACK")
        other.close()

    return mend


def _no_byte_more(at: World, folder: Path) -> Callable[[], None]:
    """The system lets this process write nothing more to any file, as with a quota."""
    assert at.process is not None
    pid = at.process.pid
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
    return lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))  # type: ignore[func-returns-value]


def _full(at: World, folder: Path) -> Callable[[], None]:
    """The last byte of its disk is taken."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for piece in (65536, 512, 1):
            try:
                while True:
                    file.write(b"x" * piece)
            except OSError:
                pass
    return ballast.unlink


async def _small_disk() -> str:
    """The same on a disk of four megabytes, full. Only where a process may have a mount of its own."""
    alone = ["unshare", "--user", "--map-root-user", "--mount"]
    may = (
        shutil.which("unshare")
        and subprocess.run([*alone, "mount", "-t", "tmpfs", "none", "/mnt"]).returncode == 0
    )
    if not may:
        return "not tried: this machine gives a process no mount of its own"
    async with world() as at:
        disk = at.folder / "disk"
        disk.mkdir()
        at.settings["database_url"] = f"sqlite:///{disk / 'linkline.db'}"
        moves_in = 'mount -t tmpfs -o size=4m none disk && cp linkline.db disk/ && exec "$0" "$@"'
        await at.start([*alone, "sh", "-c", moves_in, sys.executable, *SERVE])
        assert at.process is not None
        seen = Path(f"/proc/{at.process.pid}/root{disk}")
        await _not_stored(at, seen, _full)
        whole = _count(seen, "PRAGMA integrity_check")
        must(whole == "ok", f"the store after a full disk: {whole}")
        at.stop()
    return "503, the store whole, and one turn when it was sent again"


# -- looking -----------------------------------------------------------------------------------


def _count(folder: Path, query: str) -> object:
    """One value, from a copy: SQLite would not find its way into another process's mounts."""
    with tempfile.TemporaryDirectory() as copy:
        for name in ("linkline.db", "linkline.db-wal"):
            if (folder / name).exists():
                shutil.copy(folder / name, copy)
        connection = sqlite3.connect(Path(copy) / "linkline.db")
        try:
            return connection.execute(query).fetchone()[0]
        finally:
            connection.close()


def _rows(folder: Path) -> tuple[object, ...]:
    """How many messages are stored, people known, and replies made."""
    return tuple(_count(folder, f"SELECT count(*) FROM {table}") for table in ("inbox", "person", "outbox"))


async def _until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        must(time.monotonic() < end, f"waited in vain for {what}")
        await asyncio.sleep(0.05)


def _refuses_to_start(mistake: dict[str, str], names: str) -> None:
    """It ends at once, says which setting is wrong, and never says a secret."""
    folder = Path("/")
    ended = subprocess.run(
        [sys.executable, *SERVE], cwd=folder, env=clean_environment(folder, **mistake),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    must(ended.returncode != 0, f"it started with {names} wrong")
    must(names in ended.stderr, f"it refused to start, and did not name {names}")
    must("Traceback" not in ended.stderr, f"it did not say plainly that {names} is wrong")
    must("this-is-no-key" not in ended.stderr, "it printed a key")
