"""What came of filling the directory: each import with what it read, changed, refused and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.store.tables.directory import import_run
from bot.store.unit_of_work import Reading


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that was not loaded, and why."""

    row: str
    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What an import did to one service. `changed` and `left` are as in `services.Event`."""

    what: str  # added, changed, same, back, gone
    service_id: int
    name: str
    changed: dict[str, list[Any]] = field(default_factory=dict)
    left: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """What came of an import. `counts` has read, added, changed, same, left, back, gone, refused, notes.

    `not_marked` says why nothing was marked as gone, when something might have been; `failed_why`
    why it ended early. `refused` and `notes` hold every row; `changes` the first 500, and each
    service's history all of them.
    """

    source: str
    form: str = ""
    run_id: int | None = None
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    notes: list[Refused] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    not_marked: str = ""
    failed_why: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One import that was made. Instants are aware UTC; `ended_at` is None while it is under way."""

    id: int
    source: str
    form: str
    address: str
    started_at: datetime
    ended_at: datetime | None
    counts: dict[str, int]
    refused: tuple[Refused, ...]
    failed_why: str


def runs(reading: Reading, *, source: str | None = None, most: int = 20) -> list[Run]:
    """The imports there were, newest first."""
    query = select(import_run).order_by(import_run.c.id.desc()).limit(most)
    if source is not None:
        query = query.where(import_run.c.source == source)
    return [
        Run(
            r.id, r.source, r.form, r.address, r.started_at, r.ended_at, r.counts,
            tuple(Refused(**one) for one in r.refused), r.failed_why or "",
        )
        for r in reading.execute(query)
    ]  # fmt: skip
