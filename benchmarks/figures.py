"""Figures: their middle and spread, the machine they were taken on, and where they are written."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        return cls(tuple(values))

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        return f"{shown(self.median)} ({shown(low)}-{shown(high)})"


def shown(value: float) -> str:
    """A figure with as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def at(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, aligned so that it reads in a terminal too."""
    lines = [list(heading), *(list(row) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(heading))]
    made = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    made.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(made)


def machine() -> str:
    """What it was measured on, in one line; load as it was when asked."""
    load = ", ".join(f"{n:.2f}" for n in os.getloadavg())
    return (
        f"{os.cpu_count()} cores ({processor()}), Python {platform.python_version()}, "
        f"{platform.system()} {platform.release()}; load before: {load}; "
        f"a sync of the disk takes {1000 * sync_seconds():.1f} ms"
    )


def processor() -> str:
    """The processor's name, where the system tells."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.machine()


def sync_seconds(times: int = 50) -> float:
    """The median time one small write takes to be on disk, where temporary files are."""
    took = []
    with tempfile.TemporaryFile() as file:
        for n in range(times):
            os.pwrite(file.fileno(), b"x" * 4096, 4096 * n)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took)


def today() -> str:
    """The date as files are named by it."""
    return datetime.now(UTC).date().isoformat()
