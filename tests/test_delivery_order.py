"""Delivery keeps each person's messages in order, and lets nothing hold up safety."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy.dialects import sqlite

from bot.delivery import taking
from bot.delivery.throttle import Rate, Throttle
from bot.messages import ChannelName, Refused, Status
from bot.people.safe_contact import Purpose
from bot.store.engines import make_engine
from tests.support.sending import running, until

BUSY = Refused("503", Status.TEMPORARY_FAILURE)


async def test_what_is_said_arrives_in_the_order_it_was_said(post):
    ann = post.someone()
    said = [post.says(ann, f"{n}") for n in range(6)]

    assert await post.deliver(ann) == 6

    assert post.sms.words == ["0", "1", "2", "3", "4", "5"]
    assert {post.status(message) for message in said} == {Status.SENT}
    assert post.row(said[0]).provider_id == "sms-1"
    assert post.row(said[0]).sent_at == post.clock.now()
    assert post.events(said[0]) == [(Status.SENT, None)]


async def test_a_channel_is_handed_the_whole_message_unsealed(post):
    bob = post.someone(ChannelName.TELEGRAM)
    until = post.clock.now() + timedelta(hours=1)
    message = post.says(bob, "Hello Bob", useful_until=until)
    await post.deliver(bob)

    [carried] = post.telegram.carried
    assert (carried.id, carried.text, carried.language) == (message, "Hello Bob", "en")
    assert carried.useful_until == until
    assert carried.address.isdecimal()


async def test_order_is_kept_after_a_retry(post):
    ann = post.someone()
    post.sms.answers.append(BUSY)
    first, second = post.says(ann, "First"), post.says(ann, "Second")

    await post.deliver(ann)

    assert post.sms.words == []
    assert (post.status(first), post.status(second)) == (Status.QUEUED, Status.QUEUED)
    assert post.events(first) == [(Status.TEMPORARY_FAILURE, "503")]

    post.forward(seconds=2)
    await post.deliver(ann)

    assert post.sms.words == ["First", "Second"]
    assert post.events(first) == [(Status.TEMPORARY_FAILURE, "503"), (Status.SENT, None)]


async def test_one_persons_trouble_holds_up_nobody_else(post):
    ann, ben = post.someone(), post.someone()
    post.sms.answers.append(BUSY)
    post.says(ann, "For Ann")
    post.says(ben, "For Ben")

    await post.deliver(ann)
    await post.deliver(ben)

    assert post.sms.words == ["For Ben"]


async def test_one_channels_trouble_does_not_hold_up_another(post):
    ann = post.someone()
    post.also_has(ann, ChannelName.TELEGRAM)
    post.sms.answers.append(BUSY)
    post.says(ann, "By text", channel=ChannelName.SMS)
    post.says(ann, "By Telegram", channel=ChannelName.TELEGRAM)

    await post.deliver(ann)

    assert (post.sms.words, post.telegram.words) == ([], ["By Telegram"])


async def test_a_card_waits_for_nothing(post):
    ann = post.someone()
    post.sms.answers.append(BUSY)
    post.says(ann, "First")
    await post.deliver(ann)
    post.says(ann, "Second")
    post.says(ann, "Call 999", Purpose.CARD)

    await post.deliver(ann)

    assert post.sms.words == ["Call 999"]
    post.forward(seconds=2)
    await post.deliver(ann)
    assert post.sms.words == ["Call 999", "First", "Second"]


async def test_a_card_that_cannot_leave_holds_nothing_up(post):
    ann = post.someone()
    post.sms.answers.append(BUSY)
    post.says(ann, "Call 999", Purpose.CARD)
    await post.deliver(ann)
    post.says(ann, "Hello")

    await post.deliver(ann)

    assert post.sms.words == ["Hello"]


async def test_what_is_due_later_holds_nothing_up_and_goes_when_it_is_due(post):
    ann = post.someone()
    post.says(ann, "Later", due_at=post.clock.now() + timedelta(hours=1))
    post.says(ann, "Now")

    await post.deliver(ann)
    assert post.sms.words == ["Now"]

    post.forward(hours=1)
    await post.deliver(ann)
    assert post.sms.words == ["Now", "Later"]


async def test_what_is_too_late_is_not_sent_and_holds_nothing_up(post):
    ann = post.someone()
    post.sms.answers.append(BUSY)
    late = post.says(ann, "Your place is free until 5", useful_until=post.clock.now() + timedelta(seconds=1))
    post.says(ann, "Hello")
    await post.deliver(ann)

    post.forward(seconds=2)
    await post.deliver(ann)

    assert post.sms.words == ["Hello"]
    assert (post.status(late), post.row(late).reason) == (Status.NOT_SENT, "too late")
    assert post.events(late)[-1] == (Status.NOT_SENT, "too late")


async def test_what_became_too_late_on_the_way_to_the_channel_says_so(post):
    ann = post.someone()
    post.sms.answers.append(Refused("too-late", Status.PERMANENT_FAILURE))
    late = post.says(ann, "Your place is free until 5")

    await post.deliver(ann)

    assert (post.status(late), post.row(late).reason) == (Status.NOT_SENT, "too late")


# -- as the service runs it ----------------------------------------------------------------------


async def test_what_is_queued_leaves_by_itself_and_each_persons_in_order(post):
    people = [post.someone() for _ in range(5)]

    async with running(post.deliverer):
        for n in range(4):
            for i, person in enumerate(people):
                post.says(person, f"{i}:{n}")
        await until(lambda: len(post.sms.words) == 20)

    for i, person in enumerate(people):
        assert [w for w in post.sms.words if w.startswith(f"{i}:")] == [f"{i}:{n}" for n in range(4)]
        assert {row.status for row in post.rows(person)} == {Status.SENT}


async def test_what_was_queued_before_it_started_is_sent(post):
    ann = post.someone()
    post.says(ann, "Hello")

    async with running(post.deliverer):
        await until(lambda: post.sms.words == ["Hello"])


async def test_two_processes_send_nothing_twice(post):
    people = [post.someone() for _ in range(10)]
    for n in range(3):
        for person in people:
            post.says(person, f"{person.person_id}:{n}")

    async with running(post.deliverer), running(post.a_deliverer()):
        await until(lambda: len(post.sms.words) >= 30)

    assert len(post.sms.words) == len(set(post.sms.words)) == 30
    for person in people:
        mine = [w for w in post.sms.words if w.startswith(f"{person.person_id}:")]
        assert mine == [f"{person.person_id}:{n}" for n in range(3)]


async def test_when_it_is_stopped_what_is_on_its_way_is_written_down(post):
    ann = post.someone()
    post.sms.gate = asyncio.Event()
    message = post.says(ann, "Hello")

    async with running(post.deliverer) as service:
        await until(lambda: len(post.sms.carried) == 1)
        service.cancel()
        await asyncio.sleep(0)
        second = post.says(ann, "Not any more")
        post.sms.gate.set()

    assert service.cancelled()
    assert post.status(message) == Status.SENT
    assert post.status(second) == Status.QUEUED


async def test_a_slow_send_is_written_down_though_others_were_meanwhile(post):
    ann, ben = post.someone(), post.someone(ChannelName.TELEGRAM)
    post.sms.gate = asyncio.Event()
    slow = post.says(ann, "Slow")

    async with running(post.deliverer):
        await until(lambda: len(post.sms.carried) == 1)
        quick = post.says(ben, "Quick")
        await until(lambda: post.status(quick) == Status.SENT)
        post.sms.gate.set()
        await until(lambda: post.status(slow) == Status.SENT)


async def test_bulk_leaves_places_free_for_answers(post):
    deliverer = post.a_deliverer(at_once=4)
    crowd = [post.someone() for _ in range(8)]
    ann = post.someone()
    post.sms.gate = asyncio.Event()
    for person in crowd:
        post.says(person, "Shall we carry on?", Purpose.NUDGE)

    async with running(deliverer):
        await until(lambda: len(post.sms.carried) == 3)
        post.says(ann, "An answer")
        await until(lambda: len(post.sms.carried) == 4)
        assert [m.text for m in post.sms.carried].count("An answer") == 1
        post.sms.gate.set()
        await until(lambda: len(post.sms.words) == 9)


async def test_a_card_finds_a_place_when_every_place_is_taken(post):
    deliverer = post.a_deliverer(at_once=2)
    crowd = [post.someone() for _ in range(4)]
    ann = post.someone()
    post.sms.gate = asyncio.Event()
    for person in crowd:
        post.says(person, "Hello")

    async with running(deliverer):
        await until(lambda: len(post.sms.carried) == 2)
        post.says(ann, "Call 999", Purpose.CARD)
        await until(lambda: len(post.sms.carried) == 3)
        assert post.sms.carried[-1].text == "Call 999"
        post.sms.gate.set()


async def test_a_message_that_breaks_the_channel_does_not_end_delivery(post):
    ann, ben = post.someone(), post.someone()
    post.sms.answers.append(ZeroDivisionError())
    broken = post.says(ann, "Hello")

    async with running(post.deliverer):
        await until(lambda: post.status(broken) == Status.UNCERTAIN)
        post.says(ben, "Hello Ben")
        await until(lambda: post.sms.words == ["Hello Ben"])


async def test_a_store_that_cannot_be_written_to_does_not_end_delivery(post, monkeypatch):
    from bot.store.writer import StoreUnavailable

    ann = post.someone()
    run, refusals = post.store.run, [StoreUnavailable()] * 3

    def sometimes(work, *, acting):
        if acting == "delivery" and refusals:
            raise refusals.pop()
        return run(work, acting=acting)

    monkeypatch.setattr(post.store, "run", sometimes)
    message = post.says(ann, "Hello")

    async with running(post.deliverer):
        await until(lambda: post.status(message) == Status.SENT)

    assert post.sms.words == ["Hello"]


def test_a_long_backlog_is_not_looked_through_for_each_message(migrated_sqlite):
    """SQLite once chose to: five milliseconds a look, with three thousand waiting."""
    query = str(taking._by_channel.compile(dialect=sqlite.dialect()))
    engine = make_engine(f"sqlite:///{migrated_sqlite}")

    with engine.connect() as connection:
        values = tuple("1" for _ in range(query.count("?")))
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)]
    engine.dispose()

    assert any("ix_outbox_in_order (conversation_id=? AND channel=? AND id<?)" in step for step in plan), plan
    assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in plan), plan


async def test_bulk_that_finds_no_place_does_not_keep_the_writer_busy(post):
    deliverer = post.a_deliverer(at_once=4)
    post.sms.gate = asyncio.Event()
    for person in [post.someone() for _ in range(8)]:
        post.says(person, "Shall we carry on?", Purpose.NUDGE)
    units = 0
    run = post.store.run

    def counted(work, *, acting):
        nonlocal units
        units += acting == "delivery"
        return run(work, acting=acting)

    post.store.run = counted
    async with running(deliverer):
        await until(lambda: len(post.sms.carried) == 3)
        units = 0
        await asyncio.sleep(0.3)
        assert units < 10
        post.sms.gate.set()
        await until(lambda: len(post.sms.words) == 8)


# -- not too fast --------------------------------------------------------------------------------


async def test_answers_go_before_bulk_when_a_channel_is_slow(post):
    slow = Throttle({ChannelName.SMS: Rate(1)}, lambda: post.seconds[0])
    deliverer = post.a_deliverer(throttle=slow)
    crowd = [post.someone() for _ in range(3)]
    ann = post.someone()
    for person in crowd:
        post.says(person, "Shall we carry on?", Purpose.NUDGE)
    post.says(ann, "An answer")

    async with running(deliverer):
        await until(lambda: len(post.sms.words) == 1)
        for n in range(2, 5):
            assert len(post.sms.words) == n - 1
            post.seconds[0] += 1
            await until(lambda n=n: len(post.sms.words) == n)

    assert post.sms.words[0] == "An answer"


async def test_a_card_is_never_throttled(post):
    slow = Throttle({ChannelName.SMS: Rate(1)}, lambda: post.seconds[0])
    crowd = [post.someone() for _ in range(3)]
    for person in crowd:
        post.says(person, "Call 999", Purpose.CARD)

    async with running(post.a_deliverer(throttle=slow)):
        await until(lambda: len(post.sms.words) == 3)


async def test_when_the_provider_asks_us_to_wait_the_whole_channel_waits(post):
    ann, ben = post.someone(ChannelName.TELEGRAM), post.someone(ChannelName.TELEGRAM)
    deliverer = post.a_deliverer(throttle=Throttle({}, lambda: post.seconds[0]))
    post.telegram.answers.append(Refused("429", Status.TEMPORARY_FAILURE, retry_after=7))
    first = post.says(ann, "For Ann")

    async with running(deliverer):
        await until(lambda: post.status(first) == Status.QUEUED and len(post.telegram.carried) == 1)
        post.says(ben, "For Ben")
        cat = post.someone()
        post.says(cat, "By text")
        await until(lambda: post.sms.words == ["By text"])
        assert post.telegram.words == []

        post.forward(seconds=7)
        await until(lambda: sorted(post.telegram.words) == ["For Ann", "For Ben"])

    assert post.row(first).due_at == post.clock.now()


async def test_a_card_does_not_wait_for_a_channel_that_was_asked_to_wait(post):
    ann = post.someone(ChannelName.TELEGRAM)
    held = Throttle({}, lambda: post.seconds[0])
    held.hold(ChannelName.TELEGRAM, 60)
    deliverer = post.a_deliverer(throttle=held)
    post.says(ann, "Hello")
    post.says(ann, "Call 999", Purpose.CARD)

    async with running(deliverer):
        await until(lambda: post.telegram.words == ["Call 999"])
