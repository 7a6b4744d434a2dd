"""A hundred copies of one webhook make one turn, and one a month later none; fifty at once stay in order."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

from sqlalchemy import select, update

from benchmarks.proofs import Figure, Size, must
from benchmarks.proofs.world import World, world
from bot.store.tables import Handling, inbox, outbox

COPIES, AT_ONCE = 100, 50
ROUNDS = {Size.SMALL: 2, Size.FULL: 20}


def prove(size: Size, seed: int) -> list[Figure]:
    """Send copies, at once and late. Raises Violated."""
    return asyncio.run(_prove(size, random.Random(seed)))


async def _prove(size: Size, rng: random.Random) -> list[Figure]:
    rounds = ROUNDS[size]
    async with world() as at:
        await at.start()
        firsts = [await _copies(at, f"+447700901{n:03d}") for n in range(rounds)]
        for n in range(rounds):
            await _many(at, f"+447700902{n:03d}", rng)
        await _until_quiet(at)
        at.stop()
        _one_turn_each(at, rounds)
        _a_month_goes_by(at)
        await at.start()
        for form in firsts:
            must(await _post(at, form) == 200, "a late copy was not answered with 200")
        await asyncio.sleep(1)
        at.stop()
        _one_turn_each(at, rounds)
    return [
        Figure("copies of one webhook at once", f"{rounds} times {COPIES}, one turn each"),
        Figure("a copy 30 days later", f"{rounds}, no turn"),
        Figure("messages from one person at once", f"{rounds} times {AT_ONCE}, handled in order"),
    ]


async def _post(at: World, form: dict[str, str]) -> int:
    return await at.twilio._call("/webhooks/twilio/messages", form, "received")


async def _copies(at: World, number: str) -> dict[str, str]:
    heard, _ = at.twilio.carrier.hear(number, "HELLO")
    form = at.twilio.form(heard)
    answered = await asyncio.gather(*(_post(at, form) for _ in range(COPIES)))
    must(all(a == 200 for a in answered), "a copy was not answered with 200")
    return form


async def _many(at: World, number: str, rng: random.Random) -> None:
    forms = [at.twilio.form(at.twilio.carrier.hear(number, f"line {n}")[0]) for n in range(AT_ONCE)]
    rng.shuffle(forms)
    answered = await asyncio.gather(*(_post(at, form) for form in forms))
    must(all(a == 200 for a in answered), "one of many was not answered with 200")


async def _until_quiet(at: World) -> None:
    """Until every turn is taken and every reply has left."""
    for _ in range(600):
        await asyncio.sleep(0.2)
        lines = (await asyncio.to_thread(at.metrics)).splitlines()
        waiting = [line for line in lines if "waiting" in line and not line.startswith("#")]
        if waiting and all(float(line.split()[-1]) == 0 for line in waiting if "seconds" not in line):
            return


def _one_turn_each(at: World, rounds: int) -> None:
    store = at.store()
    try:
        with store.reading() as reading:
            came = reading.execute(select(inbox).order_by(inbox.c.id)).all()
            went = reading.execute(select(outbox.c.conversation_id, outbox.c.answers_inbox_id)).all()
    finally:
        store.close()
    must(len(came) == rounds * (1 + AT_ONCE), f"{len(came)} messages stored of {rounds * (1 + AT_ONCE)}")
    must(all(row.handling == Handling.HANDLED for row in came), "a message had no turn")
    answers = [row.answers_inbox_id for row in went if row.answers_inbox_id is not None]
    must(len(answers) == len(set(answers)), "a message was answered twice")
    by_person: dict[int, list[int]] = {}
    for row in came:
        by_person.setdefault(row.conversation_id, []).append(row.id)
    handled = {row.id: row.handled_at for row in came}
    for ids in by_person.values():
        times = [handled[i] for i in ids]
        must(times == sorted(times), "a later message had its turn first")


def _a_month_goes_by(at: World) -> None:
    """As if all of it had come thirty days ago."""
    store = at.store()
    try:
        ago = timedelta(days=30)

        def back(unit) -> None:  # type: ignore[no-untyped-def]
            for row in unit.execute(select(inbox.c.id, inbox.c.received_at)).all():
                unit.execute(
                    update(inbox).where(inbox.c.id == row.id).values(received_at=row.received_at - ago)
                )

        store.run(back, acting="proof").result()
    finally:
        store.close()
