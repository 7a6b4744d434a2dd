"""The repository keeps its word: locks anyone can install from, a README that is true, files one can read."""

from __future__ import annotations

import ast
import re
import subprocess
import warnings
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr

from bot.settings import Settings

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt"]
README = (ROOT / "README.md").read_text()
LONG, TOO_LONG = 400, 450


def tracked(*suffixes: str) -> list[Path]:
    """The files under version control, and new ones that may come to be; needs git, as CI has it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in files if path.is_file() and (not suffixes or path.suffix in suffixes)]


def is_ours(path: Path) -> bool:
    return "vendor" not in path.parts


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_names_no_place_to_fetch_from(lock):
    lines = (ROOT / lock).read_text().splitlines()
    pin = re.compile(r"^[\w.-]+(\[[\w,]+\])?==[\w.+!]+( ; [^/]+)? \\$")
    digest = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")

    unknown = [line for line in lines if not (pin.match(line) or digest.match(line) or line[:1] == "#")]

    assert unknown == []
    assert [line for line in lines if line[:1] == "#"][1:] == ["#    make lock"]


def test_the_service_runs_on_what_was_tested():
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^([\w.-]+)\S*?==([\w.]+)", (ROOT / lock).read_text(), re.MULTILINE))

    assert pins(LOCKS[0]) <= pins(LOCKS[1])


def test_no_file_names_a_folder_of_one_machine():
    home = re.compile(r"(?<![\w.})])/(root|work|home/\w+|Users/\w+)/")
    found = []
    for path in filter(is_ours, tracked()):
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue  # a picture
        found += [f"{path.relative_to(ROOT)}: {m[0]}" for m in home.finditer(text)]
        if str(ROOT) in text:
            found.append(f"{path.relative_to(ROOT)}: this checkout's own folder")

    assert found == []


def test_nothing_secret_or_made_here_is_under_version_control():
    names = [str(p.relative_to(ROOT)) for p in tracked()]

    assert [n for n in names if re.search(r"(^|/)\.env$|^data/|\.db(-wal|-shm)?$|\.mo$|\.pem$", n)] == []


def test_every_file_of_code_says_what_it_is_and_can_be_read_in_one_sitting():
    silent, too_long = [], []
    for path in tracked(".py"):
        text, name = path.read_text(), str(path.relative_to(ROOT))
        if text and not ast.get_docstring(ast.parse(text)):
            silent.append(name)
        lines = text.count("\n")
        if "migrations" in path.parts:
            continue  # one step of the schema is one file, however long
        if lines > TOO_LONG:
            too_long.append(f"{name}: {lines} lines")
        elif lines > LONG:
            warnings.warn(f"{name} has grown to {lines} lines", stacklevel=1)

    assert silent == []
    assert too_long == []


def commands(text: str) -> set[str]:
    """The commands a reader would type: in a block of code, or alone between backticks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`((?:make|python -m bot)\b[^`]*)`", text)
    return {line for line in lines if line.startswith(("make ", "python -m bot "))}


@pytest.mark.parametrize("command", sorted(c for c in commands(README) if c.startswith("make ")))
def test_what_the_readme_says_to_make_can_be_made(command):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(command.split()[1:]) <= targets


@pytest.mark.parametrize("command", sorted(c for c in commands(README) if c.startswith("python ")))
def test_what_the_readme_says_to_run_is_a_command(command):
    from bot.__main__ import app

    here = typer.main.get_command(app)
    for word in command.split()[3:]:
        if not hasattr(here, "commands"):
            break  # the rest is what the command takes
        assert word in here.commands, command
        here = here.commands[word]


def rows_of(page: str) -> dict[str, str]:
    """The settings a page has in a table, each with what it says it starts as."""
    table = re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)` )?\|", (ROOT / page).read_text(), re.MULTILINE)
    return dict(table)


def test_every_setting_is_explained_with_what_it_starts_as():
    def written(value: object) -> str:
        if isinstance(value, list):
            return ",".join(value)
        if isinstance(value, SecretStr):
            return value.get_secret_value()
        return str(value).lower() if isinstance(value, bool) else str(value)

    starts_as = {name.upper(): written(field.default) for name, field in Settings.model_fields.items()}

    assert rows_of("docs/settings.md") == starts_as


def test_the_readme_names_only_settings_there_are():
    named = set(re.findall(r"\bLINKLINE_([A-Z_]+)", README))

    assert {name.lower() for name in named} <= Settings.model_fields.keys()
    assert len(named) > 10


def test_the_readme_shows_what_is_printed_at_the_start():
    greeting = (ROOT / "bot/commands/serve.py").read_text()

    places = re.findall(r"^  ([a-z ]+?)  +http://127.0.0.1:8000(/\w+/?)$", README, re.MULTILINE)

    assert len(places) == 3
    assert [f'"{what}": "{path}"' in greeting for what, path in places] == [True] * 3


def test_every_make_target_that_is_for_people_is_explained():
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()

    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert set(phony) - set(re.findall(r"make ([a-z-]+)", helped)) == {"lint", "check"}


def test_links_between_pages_lead_somewhere():
    dead = []
    for page in tracked(".md"):
        links = re.findall(r"\]\((?!https?:|mailto:|tel:|#)([^)#\s]+)", page.read_text())
        dead += [f"{page.name}: {link}" for link in links if not (page.parent / link).exists()]

    assert dead == []
