"""`python -m bot services …`: what whoever runs it types, sees and gets back as a status."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.directory import services as directory
from bot.practice.feed_stand_in import FeedStandIn
from bot.practice.invented_services import services as invented
from bot.settings import Settings, WrongSetting
from bot.store.engines import Store
from bot.worker import nightly
from tests.support.serving import serving_in_thread
from tests.support.stores import KEYS, LOOKUP_KEY

SHEET = """id,name,town,good for,phone,last checked,status
1,Invented Tea,Inventon,company,0161 496 0123,2026-03-01,
2,Invented Walk,Inventon,active,0161,2026-03-01,
3,,Inventon,,,,
"""


@pytest.fixture
def folder(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a store that is ready, where the commands are typed."""
    path = tmp_path / "linkline.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    settings = {"database_url": f"sqlite:///{path}", "keys": KEYS[0], "lookup_key": LOOKUP_KEY}
    for name, value in settings.items():
        monkeypatch.setenv(f"LINKLINE_{name.upper()}", value)
    monkeypatch.setenv("LINKLINE_DIRECTORY_CALLS_A_SECOND", "1000")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sheet.csv").write_text(SHEET)
    return tmp_path


@pytest.fixture
def types(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Type a command; gives the status, what was printed, and what was said as an error."""

    def type_(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bot", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return type_


def test_a_spreadsheet_is_imported_and_listed(types) -> None:
    status, told, wrong = types("services", "import", "sheet.csv")

    assert (status, wrong) == (0, "")
    assert "Done: 3 read, 2 added, 0 changed, 0 as before, 0 gone, 1 refused.\n" in told
    assert "  refused  line 4: it has no name\n" in told

    _, listed, _ = types("services", "list")
    assert [line.split("  ", 1)[-1].strip() for line in listed.splitlines()] == [
        "1  Invented Tea · Inventon · active · checked March 2026",
        "2  Invented Walk · Inventon · active · checked March 2026",
    ]
    assert types("services", "list", "walk")[1].count("\n") == 1
    assert types("services", "list", "--status", "paused")[1] == "None.\n"
    assert "… and 1 more" in types("services", "list", "--most", "1")[1]


def test_every_row_refused_is_in_a_report(types, folder: Path) -> None:
    lines = "".join(f"{n},,Inventon,,,,\n" for n in range(30)) + "31,Invented Tea,Inventon,riches,,,\n"
    (folder / "sheet.csv").write_text(SHEET.splitlines(keepends=True)[0] + lines)

    _, told, _ = types("services", "import", "sheet.csv", "--report", "refused.csv")

    assert "  … and 10 more; --report FILE keeps every one\n" in told
    report = (folder / "refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(report) == 1 + 30 + 1
    assert report[1] == "line 2,0,refused,it has no name"
    assert report[-1] == "line 32,31,left out,wants: 'riches' is not in our lists"


def test_a_second_import_says_what_changed_and_a_dry_one_changes_nothing(types, folder: Path) -> None:
    types("services", "import", "sheet.csv")
    (folder / "sheet.csv").write_text(SHEET.replace("Invented Walk,Inventon", "Invented Stroll,Inventon"))

    status, told, _ = types("services", "import", "sheet.csv", "--dry-run")
    assert status == 0
    assert "Nothing was written. It would be: 3 read, 0 added, 1 changed, 1 as before" in told
    assert "  changed  Invented Walk: name\n" in told
    assert "Stroll" not in types("services", "list")[1]

    types("services", "import", "sheet.csv")
    assert "Invented Stroll" in types("services", "list")[1]


def test_the_name_of_a_source_keeps_two_files_one(types, folder: Path) -> None:
    types("services", "import", "sheet.csv", "--source", "ashby")
    (folder / "march.csv").write_text(SHEET)

    assert "2 as before" in types("services", "import", "march.csv", "--source", "ashby")[1]
    assert "2 added" in types("services", "import", "march.csv")[1]


def test_too_many_gone_at_once_is_asked_back(types, folder: Path) -> None:
    lines = [f"{n},Invented {n},Inventon,company,,,\n" for n in range(8)]
    heading = SHEET.splitlines(keepends=True)[0]
    (folder / "sheet.csv").write_text(heading + "".join(lines))
    types("services", "import", "sheet.csv")
    (folder / "sheet.csv").write_text(heading + lines[0])

    status, told, _ = types("services", "import", "sheet.csv")
    assert status == 0
    assert "Nothing was marked as gone: 7 of 8 services would be gone at once.\n" in told

    assert "7 gone" in types("services", "import", "sheet.csv", "--accept-gone")[1]
    assert "gone from its feed" in types("services", "list")[1]


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("nowhere.csv", "nowhere.csv cannot be read: No such file or directory."),
        ("broken.json", "broken.json is not JSON: line 1."),
        ("empty.csv", "empty.csv: no column is headed “name”."),
        ("http://127.0.0.1:9/", "page 1 of its list: it cannot be reached (ConnectError)."),
    ],
)
def test_what_cannot_be_imported_is_said_plainly(
    types, folder: Path, monkeypatch, where: str, why: str
) -> None:
    monkeypatch.setattr("bot.directory.feeds.TRIES", 1)
    (folder / "broken.json").write_text("{")
    (folder / "empty.csv").write_text("")

    status, _, wrong = types("services", "import", where)

    assert status == 1
    assert wrong.startswith(why)
    assert "Traceback" not in wrong


def test_a_feed_over_http_and_again(types) -> None:
    feed = FeedStandIn(invented(30))
    with serving_in_thread(feed) as at:
        status, told, wrong = types("services", "import", at.url, "--source", "ashby")
        assert (status, wrong) == (0, "")
        assert "30 read, 30 added" in told
        assert "30 as before" in types("services", "import", f"{at.url}/services/", "--source", "ashby")[1]


def test_a_check_says_what_does_not_look_right(types) -> None:
    types("services", "import", "sheet.csv")

    status, told, _ = types("services", "check", "--no-links")

    assert status == 0
    assert "  phone     Invented Walk: 0161 is no number that is in use\n" in told
    assert "2 looked at. What does not look right: " in told


def test_the_template_can_be_filled_in_and_imported(types, folder: Path) -> None:
    _, printed, _ = types("services", "template")
    (folder / "mine.csv").write_text(printed.replace("\nexample,", "\n1,"))

    assert "1 added" in types("services", "import", "mine.csv")[1]


def test_each_feed_is_looked_at_every_night(store: Store) -> None:
    import asyncio

    feed = FeedStandIn(invented(12))
    with serving_in_thread(feed) as at:
        settings = Settings.load(
            directory_feeds=[f"ashby={at.url}", "http://127.0.0.1:9"], directory_calls_a_second=1000
        )
        asyncio.run(nightly.refresh_directory(store, settings))

    with store.reading() as reading:
        assert directory.how_many(reading, source="ashby") == 12


def test_a_feed_that_is_no_address_refuses_to_start() -> None:
    for wrong in ("ashby", "ashby=directory.example", "file:///etc/passwd"):
        with pytest.raises(WrongSetting, match="LINKLINE_DIRECTORY_FEEDS"):
            Settings.load(directory_feeds=[wrong])


def test_the_first_start_has_examples_and_no_later_one(types, folder: Path, monkeypatch: Any) -> None:
    _, told, _ = types("prepare")
    assert "25 invented services are in the directory" in told
    assert "invented working hours" in told
    assert types("services", "list", "--most", "30")[1].count("(an example)") == 25

    assert types("prepare")[1] == ""
    assert types("services", "list", "--most", "30")[1].count("\n") == 25


def test_the_doctor_says_what_there_is_to_suggest(types, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "look  There are no services in the directory, so none can be suggested.\n" in types("doctor")[1]

    types("prepare")
    assert "ok    24 services can be suggested, 24 of them invented, to look round.\n" in types("doctor")[1]

    monkeypatch.setenv("LINKLINE_TELEGRAM_TOKEN", "123:abc")
    monkeypatch.setenv("LINKLINE_TELEGRAM_API_URL", "http://telegram.invalid")
    assert "BAD   24 invented services would be suggested to people.\n" in types("doctor")[1]

    types("services", "import", "sheet.csv")
    types("services", "check", "--no-links")
    told = types("doctor")[1]
    assert "ok    2 services can be suggested.\n" in told
    assert "look  What no longer looks right about services: " in told
