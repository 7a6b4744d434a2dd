"""Open pages hear of news from the store's writer, lose none of it, and never get in its way."""

from __future__ import annotations

import asyncio
import threading

from bot.web.wakes import Wakes


async def test_news_from_another_thread_wakes_whoever_waits_for_it():
    wakes = Wakes()
    with wakes.waiter("conversation:1") as ann, wakes.waiter("conversation:2") as bob:
        threading.Thread(target=wakes.heard, args=({"conversation:1", "outbox"},)).start()

        assert await ann.news(10)
        assert not await bob.news(0.01)


async def test_news_that_comes_while_the_page_is_busy_is_not_lost():
    wakes = Wakes()
    with wakes.waiter("visitor:x") as ann:
        wakes.visitor("x")
        wakes.visitor("x")
        await asyncio.sleep(0)

        assert await ann.news(10)
        assert not await ann.news(0.01)  # both were one look


async def test_a_page_can_wait_for_more_as_it_learns_more():
    wakes = Wakes()
    with wakes.waiter("visitor:x") as ann:
        wakes.also(ann, "conversation:7")
        wakes.heard({"conversation:7"})

        assert await ann.news(10)


async def test_a_page_that_closes_leaves_nothing():
    wakes = Wakes()
    with wakes.waiter("visitor:x", "conversation:7"), wakes.waiter("visitor:x"):
        assert wakes.count("visitor:x") == 2

    assert wakes.count("visitor:x") == wakes.count("conversation:7") == 0
    wakes.heard({"visitor:x"})


def test_a_page_whose_loop_has_ended_does_not_stop_the_writer():
    wakes = Wakes()
    loop = asyncio.new_event_loop()
    page = wakes.waiter("outbox")

    async def open_it() -> None:
        page.__enter__()

    loop.run_until_complete(open_it())
    loop.close()
    assert wakes.count("outbox") == 1

    wakes.heard({"outbox"})


async def test_when_the_service_stops_everyone_is_let_go():
    wakes = Wakes()
    with wakes.waiter("conversation:1") as ann:
        wakes.end()

        assert await ann.news(10)
        assert wakes.ended
