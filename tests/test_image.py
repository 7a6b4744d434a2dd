"""The container image: its recipe is sound, and what it would hold starts, answers and stops.

No container engine is needed: the recipe's steps are carried out in an empty folder that stands
for the image's root, with this machine's Python in place of the base image's.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from compose_spec import PyCompose

from tests.support.service import ROOT, answers, clean_environment, started

RECIPE = (ROOT / "Dockerfile").read_text()
UID = 10001


def steps() -> list[tuple[str, str]]:
    """The recipe's instructions in order, each as (word, the rest), continued lines joined."""
    lines = re.sub(r"^\s*#.*\n", "", RECIPE, flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", lines)
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines.splitlines() if line)]


def the(word: str) -> str:
    """What follows an instruction that stands once."""
    (rest,) = [r for w, r in steps() if w == word]
    return rest


def python_for_all() -> tuple[str, dict[str, object]]:
    """A Python that the service's own user may run, and how to become that user.

    Root's Python may lie in root's home, so the system's is tried too. Where there is none, or we
    are not root, everything runs as ourselves.
    """
    if os.geteuid() == 0:
        as_whom = {"user": UID, "group": UID, "extra_groups": []}
        check = ["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"]
        for python in (sys.executable, "/usr/bin/python3"):
            with contextlib.suppress(OSError):
                if subprocess.run([python, *check], cwd="/", capture_output=True, **as_whom).returncode == 0:
                    return python, as_whom
    return sys.executable, {}


class Root:
    """A folder that stands for the image's root. Paths in the recipe are found under it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.python, self.as_whom = python_for_all()
        (folder / "tmp").mkdir()

    def inside(self, words: str) -> str:
        """The same words, with every path of the image's moved under this folder."""
        return re.sub(r"(?<![\w.])/(app|data|opt|tmp)(?=[/\s:\"]|$)", rf"{self.folder}/\1", words)

    def carry_out(self) -> None:
        """COPY and RUN, in order. Users are not made: the number the service runs as is enough."""
        for word, rest in steps():
            if word == "COPY" and not rest.startswith("--from"):
                source, target = shlex.split(rest)
                self.copy(ROOT / source, Path(self.inside(target)))
            elif word == "RUN" and rest.startswith("groupadd"):
                data = self.folder / "data"
                data.mkdir(mode=0o700)
                if self.as_whom:
                    os.chown(data, UID, UID)
            elif word == "RUN":
                command = re.sub(r"^python\b", self.python, self.inside(rest))
                subprocess.run(["sh", "-euc", command], check=True, cwd=self.folder, env=self.environment())

    def copy(self, source: Path, target: Path) -> None:
        assert source.exists(), f"the recipe copies {source.name}, which is not there"
        name = str(source.relative_to(ROOT))
        kept = [line.strip("!/\n") for line in (ROOT / ".dockerignore").open() if line.startswith("!")]
        assert name in kept, f"the recipe copies {name}, which .dockerignore leaves out"
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)

    def environment(self) -> dict[str, str]:
        return {k: v for k, v in os.environ.items() if not k.startswith(("LINKLINE_", "PYTEST_", "PYTHON"))}


@pytest.fixture(scope="module")
def root():
    # Not pytest's own folder: the service's user could not look into that.
    folder = Path(tempfile.mkdtemp(prefix="linkline-image-"))
    folder.chmod(0o755)
    made = Root(folder)
    made.carry_out()
    yield made
    shutil.rmtree(folder)


@pytest.mark.image
def test_the_image_starts_as_nobody_special_answers_and_stops_when_asked(root):
    set_by_recipe = dict(pair.split("=", 1) for pair in shlex.split(root.inside(the("ENV"))))
    set_by_recipe["PATH"] = set_by_recipe["PATH"].replace("$PATH", os.environ["PATH"])
    data = Path(root.inside(the("WORKDIR")))
    ours = {k: v for k, v in clean_environment(data).items() if k in ("LINKLINE_PORT", "LINKLINE_HOST")}
    environment = root.environment() | set_by_recipe | ours
    assert the("USER") == f"{UID}:{UID}"

    with started(json.loads(the("CMD")), data, environment, **root.as_whom) as service:
        check = the("HEALTHCHECK").partition(" CMD ")[2]
        assert subprocess.run(json.loads(check), env=environment, **root.as_whom).returncode == 0
        assert answers(f"{service.url}/chat") == 200
        service.stop()
        assert service.process.returncode in (0, -signal.SIGTERM)

    assert (data / "linkline.db").exists()
    assert (data / "linkline.db").stat().st_uid == (UID if root.as_whom else os.geteuid())
    # Nobody there any more, so the check must say so.
    assert subprocess.run(json.loads(check), env=environment, capture_output=True).returncode != 0


def test_the_recipe_is_sound():
    hadolint = shutil.which("hadolint", path=Path(sys.executable).parent)

    found = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True)

    assert (found.returncode, found.stdout) == (0, "")


def test_the_recipe_keeps_to_what_we_promise():
    assert [rest.split()[0] for word, rest in steps() if word == "FROM"] == ["python:3.11-slim"] * 2
    assert all("--require-hashes" in rest for word, rest in steps() if "pip install" in rest)
    assert (the("EXPOSE"), the("VOLUME")) == ("8000", "/data")
    assert "LINKLINE_HOST=0.0.0.0" in the("ENV")


def test_compose_is_whole_and_open_to_this_machine_only():
    compose = PyCompose.from_yaml((ROOT / "compose.yaml").read_text()).to_dict()
    service = compose["services"]["linkline"]

    assert service["ports"] == ["127.0.0.1:8000:8000"]
    assert service["volumes"] == ["linkline:/data"]
    assert compose["services"]["postgres"]["profiles"] == ["postgres"]
    assert "ports" not in compose["services"]["postgres"]
