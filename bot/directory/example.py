"""Twenty-five services nobody runs, so that whoever tries this on their machine has something to find."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from bot.directory.entries import Entry
from bot.directory.files import FileSource
from bot.directory.importing import EXAMPLE, import_from
from bot.directory.services import how_many
from bot.store.engines import Store

FILE = Path(__file__).parent / "example.csv"


class Examples(FileSource):
    """The example file; what has no date in it was checked today."""

    def __init__(self, today: date):
        super().__init__(FILE, today)

    async def entries(self) -> AsyncIterator[Entry]:
        """Every example."""
        async for entry in super().entries():
            if entry.details is not None and entry.details.assured_on is None:
                entry = replace(entry, details=replace(entry.details, assured_on=self._today))
            yield entry


def add_examples(store: Store, today: date) -> int:
    """Put the examples into a directory that is empty; how many, none when it is not."""
    with store.reading() as reading:
        if how_many(reading):
            return 0
    report = asyncio.run(import_from(store, Examples(today), EXAMPLE, example=True))
    return report.counts["added"]
