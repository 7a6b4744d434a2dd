"""Killed at random moments under load: nothing the provider got a 200 for is lost or done twice.

People walk the whole way in by text and by Telegram while the service is killed and started again.
Each waits for our reply before going on, as people do; the providers call again what was not
answered with 200. Afterwards the store and what the providers took are compared line by line.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from benchmarks.proofs import Figure, Size, must
from benchmarks.proofs.walkers import Walker, Walking
from benchmarks.proofs.world import World, world
from bot.messages import ChannelName, Status
from bot.store.tables import Handling, inbox, outbox, person, referral

KILLS = {Size.SMALL: 15, Size.FULL: 200}
AT_ONCE_BY_TEXT, AT_ONCE_BY_TELEGRAM = 12, 3


def prove(size: Size, seed: int) -> list[Figure]:
    """Kill it, and look. Raises Violated."""
    return asyncio.run(_prove(size, seed))


async def _prove(size: Size, seed: int) -> list[Figure]:
    rng = random.Random(seed)
    async with world() as at:
        await at.start()
        walking = Walking(at)
        lanes = [
            asyncio.create_task(walking.lane(by_text))
            for by_text in (True,) * AT_ONCE_BY_TEXT + (False,) * AT_ONCE_BY_TELEGRAM
        ]
        starts = []
        for _ in range(KILLS[size]):
            await asyncio.sleep(rng.uniform(0.05, 1.5))
            at.kill()
            starts.append(await at.start())
            for lane in lanes:
                if lane.done():
                    lane.result()
        walking.enough = True
        await asyncio.gather(*lanes)
        await asyncio.sleep(2)
        at.stop()
        return [
            Figure("kills", str(KILLS[size])),
            Figure("people who walked the whole way", str(len(walking.walkers))),
            Figure("seconds to be up again, median", f"{sorted(starts)[len(starts) // 2]:.1f}"),
            *_look(at, walking.walkers),
        ]


def _look(at: World, walkers: list[Walker]) -> list[Figure]:
    store = at.store()
    try:
        with store.reading() as reading:
            came = reading.execute(select(inbox)).all()
            went = reading.execute(select(outbox)).all()
            referrals = [
                reading.sealer.open_json(row.content) for row in reading.execute(select(referral.c.content))
            ]
            people = reading.execute(select(person.c.id)).all()
    finally:
        store.close()
    _every_turn_once(came, referrals, people, walkers)
    repeats = _every_reply_once(at, went)
    return [
        Figure("messages with a 200", str(len(came))),
        Figure("of them had their turn exactly once", str(len(came))),
        Figure("replies", str(len(went))),
        Figure("replies lost", "0"),
        Figure("sent twice, and recorded as a possible repeat", str(repeats)),
        Figure("sent twice and not recorded", "0"),
    ]


def _every_turn_once(came, referrals, people, walkers: list[Walker]) -> None:  # type: ignore[no-untyped-def]
    must(
        len(came) == sum(len(w.steps) for w in walkers),
        f"{len(came)} messages stored of {sum(len(w.steps) for w in walkers)}",
    )
    for row in came:
        must(row.handling == Handling.HANDLED, f"inbox {row.id} is {row.handling}")
    must(len(people) == len(walkers), f"{len(people)} people of {len(walkers)}")
    said = Counter((content["matters"]["words"], content["name"]["words"]) for content in referrals)
    for walker in walkers:
        times = said.pop((walker.words, walker.name), 0)
        must(times == 1, f"walker {walker.n} has {times} referrals in their own words")
    must(not said, f"{len(said)} referrals that nobody asked for")


def _every_reply_once(at: World, went) -> int:  # type: ignore[no-untyped-def]
    """Each reply left once; how many left twice and say so."""
    taken: Counter[int] = Counter()
    for text in at.twilio.carrier.texts.values():
        if text.direction != "inbound" and text.status_callback:
            taken[int(parse_qs(urlsplit(text.status_callback).query)["m"][0])] += 1
    repeats = 0
    sent = (Status.SENT, Status.DELIVERED)
    for row in (r for r in went if r.channel == ChannelName.SMS):
        must(row.status in sent, f"outbox {row.id} ended as {row.status} ({row.reason})")
        must(taken[row.id] >= 1, f"outbox {row.id} says it was sent and was not")
        if taken[row.id] > 1:
            must(row.possible_repeat, f"outbox {row.id} left {taken[row.id]} times and does not say so")
            repeats += 1
    by_telegram = [r for r in went if r.channel == ChannelName.TELEGRAM]
    ours = sum(m.from_bot for m in at.telegram.chats.messages)
    may = sum(r.possible_repeat for r in by_telegram)
    for row in by_telegram:
        must(row.status in sent, f"outbox {row.id} ended as {row.status} ({row.reason})")
    must(len(by_telegram) <= ours <= len(by_telegram) + may, f"Telegram took {ours} of {len(by_telegram)}")
    return repeats + (ours - len(by_telegram))
