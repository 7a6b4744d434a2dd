"""A real PostgreSQL server of the tests' own, started once and gone at the end.

Takes: the server's programs, from PATH or from where Debian puts them. Gives the fixtures
`postgres` (the server), `postgres_url` (an empty database for one test), `sqlite_url`, and
`database_url`, which runs a test once on each engine. The server listens on a socket file
only, in a folder of its own, and keeps nothing safe: it is for tests.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

HOW_TO_INSTALL = "PostgreSQL is not installed; these tests start their own server: apt-get install postgresql"
OWNER = "linkline"


def programs() -> Path | None:
    """The folder that holds `initdb` and `postgres`, newest first, or None."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -float(p.parent.name))
    return next((p for p in found if (p / "initdb").exists() and (p / "postgres").exists()), None)


def _someone_ordinary() -> dict[str, object]:
    """PostgreSQL refuses to run as root, so root lends it another name."""
    if os.geteuid() != 0:
        return {}
    import pwd

    names = {p.pw_name: p for p in pwd.getpwall()}
    who = names.get("postgres") or names["nobody"]
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


class Postgres:
    """A running server. Connect with `url(name)`; make databases with `fresh`."""

    def __init__(self, bin_folder: Path):
        self._bin = bin_folder
        self._names = (f"test_{n}" for n in itertools.count(1))
        self._templates: set[str] = set()
        # Not pytest's own folder: only root may look into that, and the path must stay short for a socket.
        self.folder = Path(tempfile.mkdtemp(prefix="linkline-pg-"))
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the server's files and wait until it answers. Raises RuntimeError with its log if it won't."""
        as_whom = _someone_ordinary()
        if as_whom:
            os.chown(self.folder, as_whom["user"], as_whom["group"])  # type: ignore[arg-type]
        data, log = self.folder / "data", self.folder / "log"
        initdb = [self._bin / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8"]
        initdb += ["--locale=C", "--no-sync", "--no-instructions"]
        made = subprocess.run(initdb, cwd=self.folder, capture_output=True, text=True, **as_whom)  # type: ignore[call-overload]
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stderr}")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": 100,
            "shared_buffers": "64MB",
        }
        command = [self._bin / "postgres", "-D", data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        if setpriv := shutil.which("setpriv"):
            # So that a test run that is killed takes its server along.
            command = [setpriv, "--pdeathsig", "INT", *command]
        with log.open("wb") as out:
            self._server = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **as_whom
            )  # type: ignore[call-overload]
        for _ in range(300):
            try:
                self._connect("postgres").close()
                return
            except psycopg.OperationalError:
                if self._server.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")

    def stop(self) -> None:
        """End the server and remove all it wrote."""
        if self._server and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)  # "fast": sessions end, nothing is waited for
            self._server.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Where `database` is, as SQLAlchemy and LINKLINE_DATABASE_URL write it."""
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.folder}"

    def fresh(self, template: str = "template1") -> str:
        """A new database made from `template`; gives its URL. Takes about a twentieth of a second."""
        name = next(self._names)
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def template(self, name: str, fill: Callable[[str], None]) -> str:
        """A database filled once by `fill(url)`, for `fresh` to copy. `fill` leaves no connection open."""
        if name not in self._templates:
            self._do(f'CREATE DATABASE "{name}"')
            fill(self.url(name))
            self._templates.add(name)
        return name

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = make_url(url).database
        self._do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user=OWNER, dbname=database, autocommit=True)

    def _do(self, sql: str) -> None:
        with self._connect("postgres") as connection:
            connection.execute(sql.encode())


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server, started when the first test asks for it (one for each xdist worker)."""
    where = programs()
    if where is None:
        pytest.skip(HOW_TO_INSTALL)
    server = Postgres(where)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """An empty PostgreSQL database, for one test."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite file that is not there yet, for one test."""
    return f"sqlite:///{tmp_path / 'linkline.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database: the test runs once on each engine."""
    return request.getfixturevalue(f"{request.param}_url")
