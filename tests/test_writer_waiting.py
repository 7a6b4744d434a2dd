"""Whoever waits for the store may go away; the writer goes on."""

from __future__ import annotations

import asyncio
import threading

import pytest


async def test_someone_who_stops_waiting_cannot_stop_the_writer(store):
    busy = threading.Event()
    first = store.run(lambda unit: busy.wait(20), acting="test")
    waiting = asyncio.wrap_future(store.run(lambda unit: None, acting="test"))

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.sleep(0)  # only now does the store hear of it
    busy.set()

    assert first.result(20)
    async with asyncio.timeout(20):
        assert await asyncio.wrap_future(store.run(lambda unit: "going on", acting="test")) == "going on"
