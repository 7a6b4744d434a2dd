"""Receipts in every order and repetition, over signed HTTP, end in the same state."""

from __future__ import annotations

import asyncio
import itertools
import random

from sqlalchemy import select

from benchmarks.proofs import Figure, Size, must
from benchmarks.proofs.world import World, world
from bot.messages import ChannelName, Status
from bot.store.tables import outbox

TOLD = ("queued", "sending", "sent", "delivered")
FAILED = ("queued", "sending", "sent", "undelivered")
ORDERS = {Size.SMALL: 24, Size.FULL: 200}


def prove(size: Size, seed: int) -> list[Figure]:
    """Tell receipts in many orders, some twice. Raises Violated."""
    return asyncio.run(_prove(size, random.Random(seed)))


async def _prove(size: Size, rng: random.Random) -> list[Figure]:
    async with world() as at:
        at.twilio.habits.receipts = ()
        await at.start()
        orders = [list(order) for told in (TOLD, FAILED) for order in itertools.permutations(told)]
        while len(orders) < ORDERS[size]:
            order = rng.choices(rng.choice((TOLD, FAILED)), k=rng.randint(4, 9))
            orders.append([*order, order[0]])
        orders = orders[: ORDERS[size]] if size is Size.FULL else rng.sample(orders, ORDERS[size])
        for n, order in enumerate(orders):
            await _tell(at, f"+4477009040{n:02d}" if n < 100 else f"+447700905{n:03d}", order)
        await asyncio.sleep(1)
        at.stop()
        _all_the_same(at, orders)
    return [Figure("orders and repetitions of receipts", f"{len(orders)}, each ending as it must")]


async def _tell(at: World, number: str, order: list[str]) -> None:
    await at.twilio.text(number, "HELLO")
    for _ in range(200):
        ours = [t for t in at.twilio.carrier.thread(number) if t.direction == "outbound-api"]
        if ours:
            break
        await asyncio.sleep(0.05)
    must(bool(ours), "the greeting did not leave")
    for status in order:
        code = 30003 if status == "undelivered" else None
        must(await at.twilio.tell(ours[0].sid, status, code) == 200, "a receipt was not answered with 200")


def _all_the_same(at: World, orders: list[list[str]]) -> None:
    store = at.store()
    try:
        with store.reading() as reading:
            rows = reading.execute(
                select(outbox.c.id, outbox.c.status)
                .where(outbox.c.channel == ChannelName.SMS, outbox.c.prompt == "welcome.who")
                .order_by(outbox.c.id)
            ).all()
    finally:
        store.close()
    must(len(rows) == len(orders), f"{len(rows)} greetings for {len(orders)} people")
    for row, order in zip(rows, orders, strict=True):
        if "delivered" in order:
            expected = {Status.DELIVERED}
        elif "undelivered" in order:
            expected = {Status.TEMPORARY_FAILURE, Status.PERMANENT_FAILURE, Status.TECHNICAL_FAILURE}
        else:
            expected = {Status.SENT}
        must(row.status in expected, f"outbox {row.id} ended as {row.status} after {' '.join(order)}")
