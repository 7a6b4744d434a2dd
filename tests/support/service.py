"""The whole service as its own process, on a free port, with a store of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PREPARE, SERVE = ("-m", "bot", "prepare"), ("-m", "bot", "serve")


def free_port() -> int:
    """A port on this machine that nothing listens to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def clean_environment(folder: Path, **settings: Any) -> dict[str, str]:
    """The environment of a service that keeps all it makes in `folder`: none of the machine's own settings.

    `settings` are Linkline's, without the prefix: `clean_environment(folder, area="Ashby")`.
    """
    # Without its compiled files every start would compile everything again.
    left_out = ("LINKLINE_", "PYTEST_", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    ours = {"host": "127.0.0.1", "database_url": f"sqlite:///{folder / 'linkline.db'}", **settings}
    ours.setdefault("port", free_port())
    return kept | {"PYTHONPATH": str(ROOT)} | {f"LINKLINE_{k.upper()}": str(v) for k, v in ours.items()}


def answers(url: str) -> int:
    """What this address answers: a status such as 200, or 0 while nobody does."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@dataclass
class Service:
    """A running service: where it is, its process, and where it keeps things and writes its log."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def log(self) -> str:
        """All it has printed so far, the first sign-in included."""
        return (self.folder / "log").read_text()

    def wait_until_up(self, seconds: float = 60) -> None:
        """Raises RuntimeError with the log if it ends or does not answer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            if answers(f"{self.url}/healthz") == 200:
                return
            time.sleep(0.1)
        raise RuntimeError(f"the service is not up:\n{self.log}")

    def stop(self) -> None:
        """Ask it to end as `docker stop` would. Raises subprocess.TimeoutExpired if it will not."""
        self.process.terminate()
        self.process.wait(timeout=20)


@contextmanager
def started(
    command: Sequence[str], folder: Path, environment: dict[str, str], **popen: Any
) -> Iterator[Service]:
    """Start `command` in `folder`, wait until it answers, and end it afterwards."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **popen
        )
    service = Service(f"http://127.0.0.1:{environment['LINKLINE_PORT']}", process, folder)
    try:
        service.wait_until_up()
        yield service
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@contextmanager
def running_service(folder: Path, **settings: Any) -> Iterator[Service]:
    """What `make run` starts, in `folder`: `with running_service(tmp_path, area="Ashby") as service: …`"""
    environment = clean_environment(folder, **settings)
    with (folder / "log").open("ab") as log:
        subprocess.run(
            [sys.executable, *PREPARE], cwd=folder, env=environment, stdout=log, stderr=log, check=True
        )
    with started([sys.executable, *SERVE], folder, environment) as service:
        yield service
