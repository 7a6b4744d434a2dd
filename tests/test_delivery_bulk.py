"""What goes to many at once never keeps waiting whoever writes, and leaves in its own order."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.simulated import Simulated
from bot.delivery.throttle import Rate, Throttle
from bot.messages import ChannelName
from bot.people.safe_contact import Purpose
from tests.support.sending import running, until

SMS = ChannelName.SMS
LONG = "Turn left at the shop. " * 14  # three segments


@pytest.fixture
def slow(post):
    """A deliverer that may send four segments a second, of seconds that the test lets pass."""
    return post.a_deliverer(throttle=Throttle({SMS: Rate(4)}, lambda: post.seconds[0]))


async def test_after_bulk_there_is_still_room_for_an_answer(post, slow):
    crowd, ann = [post.someone() for _ in range(6)], post.someone()
    for person in crowd:
        post.says(person, "See you tomorrow", Purpose.APPOINTMENT)

    async with running(slow):
        await until(lambda: len(post.sms.words) == 3)  # room for four: the last place is kept
        post.says(ann, "An answer")
        await until(lambda: post.sms.words[-1] == "An answer")
        assert len(post.sms.words) == 4


async def test_a_reminder_is_not_in_the_way_of_an_answer_to_the_same_person(post, slow):
    crowd, ann = [post.someone() for _ in range(20)], post.someone()
    for person in [*crowd, ann]:
        post.says(person, "For Ann" if person is ann else "See you tomorrow", Purpose.APPOINTMENT)

    async with running(slow):
        await until(lambda: len(post.sms.words) == 3)
        post.says(ann, "An answer")
        await until(lambda: post.sms.words[-1] == "For Ann")
        post.seconds[0] += 0.25
        await until(lambda: "An answer" in post.sms.words)

    assert post.sms.words[3:5] == ["For Ann", "An answer"]


async def test_what_is_due_later_does_not_go_with_the_answer(post):
    ann = post.someone()
    post.says(ann, "Tomorrow", Purpose.APPOINTMENT, due_at=post.clock.now().replace(hour=23))
    post.says(ann, "An answer")

    await post.deliver(ann)

    assert post.sms.words == ["An answer"]


async def test_short_ones_do_not_overtake_a_long_one_that_waits_for_room(post, slow):
    post.seconds[0] = 0.0
    for person, text in [(post.someone(), t) for t in ("a", "b", LONG, "c", "d")]:
        post.says(person, text, Purpose.APPOINTMENT)

    async with running(slow):
        await until(lambda: len(post.sms.words) == 2)
        post.seconds[0] += 0.25
        await asyncio.sleep(0.3)
        assert post.sms.words == ["a", "b"]
        for _ in range(8):
            post.seconds[0] += 0.5
            await asyncio.sleep(0.15)

    assert post.sms.words == ["a", "b", LONG, "c", "d"]


def test_an_hour_of_simulated_sleep_is_over_at_once(clock):
    simulated = Simulated(clock.now())
    woke = []

    async def sleeps(seconds: float) -> None:
        await asyncio.sleep(seconds)
        await asyncio.to_thread(woke.append, (seconds, simulated.seconds))

    async def work() -> None:
        await asyncio.gather(*(sleeps(seconds) for seconds in (3600, 1, 60)))

    simulated.run(work)

    assert [seconds for seconds, _ in woke] == [1, 60, 3600]
    assert (simulated.now() - clock.now()).total_seconds() >= 3600
