"""What whoever runs it does from a terminal, in an empty folder: each command as its own process."""

from __future__ import annotations

import re
import shlex
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.app import open_store
from bot.people.persons import person_of
from bot.settings import Settings
from tests.support.people import comes
from tests.support.service import clean_environment, free_port, running_service
from tests.support.stores import KEYS, LOOKUP_KEY
from tests.test_repository import README, commands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def run(folder: Path, *words: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """`python -m bot …` in that folder."""
    settings.setdefault("database_url", f"sqlite:///{folder / 'data' / 'linkline.db'}")
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder, env=clean_environment(folder, **settings), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_from_nothing_to_a_team(folder):
    first = run(folder, "prepare")
    assert first.returncode == 0, first.stderr
    assert re.search(r"First sign-in at http://127.0.0.1:\d+/staff, shown once:", first.stdout)
    for kept in (folder / ".env", folder / "data" / "linkline.db"):
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    keys = (folder / ".env").read_text()

    again = run(folder, "prepare")
    assert (again.returncode, again.stdout) == (0, "")  # nothing is made twice, and nothing shown twice
    assert (folder / ".env").read_text() == keys

    added = run(folder, "staff", "add", "bea@ashby.example", "Bea Marsh", "--role", "lead")
    assert re.match(r"Added. First password, shown once: \S+\n$", added.stdout)
    twice = run(folder, "staff", "add", "bea@ashby.example", "Bea Marsh")
    assert (twice.returncode, twice.stderr) == (1, "someone with this email address is on the team already\n")
    listed = run(folder, "staff", "list").stdout
    assert "lead            active   Bea" in listed and "bea@ashby.example" not in listed

    doctor = run(folder, "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "ok    2 people work here." in doctor.stdout
    assert doctor.stdout.endswith("Nothing has to be mended.\n")


@pytest.fixture
def types(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The same without a process of its own: gives the status, what was printed, and what was refused."""

    def type_(*words: str, **settings: Any) -> tuple[int, str, str]:
        settings.setdefault("database_url", f"sqlite:///{folder / 'data' / 'linkline.db'}")
        for name, value in settings.items():
            monkeypatch.setenv(f"LINKLINE_{name.upper()}", str(value))
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["bot", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return type_


def test_the_doctor_says_what_to_do_in_an_empty_folder(types):
    status, told, _ = types("doctor")

    assert status == 1
    assert "BAD   LINKLINE_KEYS is empty: nothing can be sealed. `python -m bot prepare` makes keys." in told
    assert told.endswith("1 to mend.\n")


def test_the_keys_it_prints_are_good_ones(types):
    _, printed, _ = types("keys")
    keys = dict(line.split("=", 1) for line in printed.splitlines())

    Settings.load(keys=keys["LINKLINE_KEYS"], lookup_key=keys["LINKLINE_LOOKUP_KEY"])


def test_bringing_the_store_up_to_date_twice_does_no_harm(types):
    assert [types("migrate") for _ in range(2)] == [(0, "The store is up to date.\n", "")] * 2


@pytest.mark.parametrize(
    "command", sorted(c for c in commands(README) if c.startswith("python -m bot ") and "talk" not in c)
)
def test_what_the_readme_says_to_run_runs(types, command):
    ours = {"keys": KEYS[0], "lookup_key": LOOKUP_KEY}
    types("migrate", **ours)
    types("staff", "add", "somebody@ashby.example", "Some Body", **ours)
    if "PERSON" in command:
        command = command.replace("PERSON", a_person_who_has_been_in_touch())

    status, printed, told = types(*shlex.split(command)[3:], **ours)

    assert (status, told) == (0, ""), printed


def a_person_who_has_been_in_touch() -> str:
    """The last part of the address of their page."""
    store = open_store(Settings.load())
    try:
        point = comes(lambda work, acting: store.run(work, acting=acting).result(timeout=30), name="Ray")
        with store.reading() as reading:
            return person_of(reading, point.person_id).token
    finally:
        store.close()


def test_what_is_exported_is_a_file_for_nobody_else(types, folder):
    ours = {"keys": KEYS[0], "lookup_key": LOOKUP_KEY}
    types("migrate", **ours)
    ray = a_person_who_has_been_in_touch()

    assert types("export", "plan", ray, "--to", "plan.json", **ours)[0] == 0
    assert stat.S_IMODE((folder / "plan.json").stat().st_mode) == 0o600
    again = types("export", "plan", ray, "--to", "plan.json", **ours)
    assert again == (1, "", "plan.json is there already.\n")
    assert types("export", "plan", "nobody", **ours) == (1, "", "There is nobody with this token.\n")


NOBODY = {"database_url": "postgresql://nobody@127.0.0.1:1/none"}


@pytest.mark.parametrize(
    ("command", "settings", "says"),
    [
        (
            "staff list",
            {},
            "LINKLINE_KEYS is empty: nothing can be sealed. `python -m bot prepare` makes keys.",
        ),
        ("doctor", {"nation": "france"}, "LINKLINE_NATION: "),
        ("prepare", {"port": "eighty"}, "LINKLINE_PORT: "),
        ("web", {}, "`web` alone needs PostgreSQL"),
        ("migrate", NOBODY, "The store cannot be opened. Look at LINKLINE_DATABASE_URL."),
    ],
)
def test_a_mistake_is_told_plainly(types, command, settings, says):
    status, _, told = types(*command.split(), **settings)

    assert (status, told[: len(says)]) == (2, says)
    assert "Traceback" not in told


def test_a_live_channel_waits_for_the_safety_plan_and_its_token_is_not_told(folder):
    told = run(folder, "serve", telegram_token="12345:a-token-of-the-tests")

    assert told.returncode == 2
    assert "Telegram cannot be opened until the safety plan is complete:" in told.stderr
    assert "LINKLINE_SAFEGUARDING_LEAD: No safeguarding lead is named." in told.stderr
    assert "12345" not in told.stdout + told.stderr


def test_a_port_somebody_else_has_is_said(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = run(folder, "serve", port=taken.getsockname()[1])

    assert told.returncode == 2
    assert re.match(r"Port \d+ at 127.0.0.1 cannot be used: Address already in use.", told.stderr)


def test_a_store_that_is_not_up_to_date_is_said(folder):
    (folder / "data").mkdir()
    (folder / "data" / "linkline.db").touch()

    told = run(folder, "serve", keys=KEYS[0], lookup_key=LOOKUP_KEY)

    said = "The store is not up to date. Run `python -m bot migrate` first.\n"
    assert (told.returncode, told.stderr) == (2, said)


def test_whoever_starts_it_is_told_where_everything_is(folder):
    port = free_port()
    with running_service(folder, port=port) as service:
        service.stop()
        printed = service.log

    for page in ("chat", "phone", "staff/"):
        assert f"http://127.0.0.1:{port}/{page}\n" in printed
    assert "Ctrl-C ends it." in printed
    assert service.process.returncode == 0
