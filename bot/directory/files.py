"""A directory in a file: our CSV, or Open Referral's JSON saved from a feed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

import orjson

from bot.directory.csv_form import CSV, NotOurForm, read_csv
from bot.directory.entries import Entry
from bot.directory.feeds import FeedFailed, services_in
from bot.directory.hsds import HSDS_UK_3, entry_of

BYTES_MOST = 200_000_000


class FileSource:
    """Services in a file, by its ending: `.json` is Open Referral's form, anything else our CSV."""

    def __init__(self, path: Path, today: date):
        self.address = path.name
        self.form = HSDS_UK_3 if path.suffix.lower() == ".json" else CSV
        self.total: int | None = None
        self.incomplete: list[str] = []
        self._path, self._today = path, today

    async def entries(self) -> AsyncIterator[Entry]:
        """Every service in it. Raises FeedFailed when it cannot be read."""
        try:
            if self._path.stat().st_size > BYTES_MOST:
                raise FeedFailed(f"{self.address} is longer than {BYTES_MOST // 1_000_000} MB")
            read = read_csv(self._path) if self.form == CSV else self._json()
            for number, one in enumerate(read):
                if number % 100 == 0:
                    await asyncio.sleep(0)
                yield one
        except NotOurForm as error:
            raise FeedFailed(f"{self.address}: {error}") from None
        except OSError as error:
            raise FeedFailed(f"{self.address} cannot be read: {error.strerror}") from None

    def _json(self) -> Iterator[Entry]:
        try:
            body = orjson.loads(self._path.read_bytes())
        except orjson.JSONDecodeError as error:
            raise FeedFailed(f"{self.address} is not JSON: line {error.lineno}") from None
        self.form, listed = services_in(body)
        self.total = len(listed)
        for number, one in enumerate(listed, 1):
            yield entry_of(f"entry {number}", one, self._today)
