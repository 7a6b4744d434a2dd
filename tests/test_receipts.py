"""Receipts come in any order, twice, or never; a message ends in the same state."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import counts
from bot.delivery.receipts import record_receipt
from bot.delivery.settling import settle
from bot.delivery.taking import Wanted, take
from bot.delivery.throttle import Room
from bot.messages import RANK, ChannelName, Receipt, Refused, Sent, Status, Uncertain
from bot.people.safe_contact import Purpose
from bot.store.tables import outbox

SENT = (Status.SENT, None, False)
DELIVERED = (Status.DELIVERED, None, False)
NO_SIGNAL = (Status.TEMPORARY_FAILURE, "30003", False)
NOT_IN_USE = (Status.PERMANENT_FAILURE, "30005", True)
STOPPED = (Status.PERMANENT_FAILURE, "21610", True)
FAULT = (Status.TECHNICAL_FAILURE, "30002", False)


def comes(post, message, receipt, *, by="ours"):
    """A receipt comes; whether we knew the message."""
    status, code, unreachable = receipt
    given = {"message_id": message} if by == "ours" else {"provider_id": by}
    return post.done(
        lambda unit: record_receipt(unit, Receipt(status, code=code, unreachable=unreachable, **given))
    )


async def sent(post, person=None):
    """A message that has left."""
    person = person or post.someone()
    message = post.says(person, "Hello", channel=ChannelName.SMS)
    await post.deliver(person)
    return message


async def test_it_is_delivered(post):
    message = await sent(post)

    assert comes(post, message, SENT)
    assert comes(post, message, DELIVERED)

    assert post.status(message) == Status.DELIVERED
    assert [status for status, _ in post.events(message)] == ["sent", "sent", "delivered"]


async def test_a_late_sent_never_undoes_delivered(post):
    message = await sent(post)
    comes(post, message, DELIVERED)

    comes(post, message, SENT)

    assert post.status(message) == Status.DELIVERED


async def test_a_receipt_that_is_here_before_we_wrote_down_that_it_went(post):
    """Twilio is quicker than our own commit: the message is still in sending."""
    ann = post.someone()
    message = post.says(ann, "Hello")
    send = post.sms.send

    async def told_first(outbound):
        outcome = await send(outbound)
        comes(post, message, DELIVERED)
        return outcome

    post.sms.send = told_first
    await post.deliver(ann)

    row = post.row(message)
    assert (row.status, row.provider_id, row.lease_until) == (Status.DELIVERED, "sms-1", None)


async def test_a_message_is_found_by_the_providers_name_for_it(post):
    message = await sent(post)

    assert comes(post, message, DELIVERED, by="sms-1")

    assert post.status(message) == Status.DELIVERED


async def test_a_receipt_for_a_message_we_do_not_know_is_counted_and_passed_over(post):
    message = await sent(post)
    before = counts.UNKNOWN_RECEIPTS._value.get()

    assert not comes(post, message + 1000, DELIVERED)
    assert not comes(post, 0, DELIVERED, by="SMnobody")
    assert not comes(post, message, (Status.NOT_SENT, None, False))

    assert counts.UNKNOWN_RECEIPTS._value.get() == before + 3
    assert post.status(message) == Status.SENT


async def test_a_receipt_settles_what_may_have_gone(post):
    ann = post.someone()
    post.sms.answers.append(Uncertain("no-answer"))
    message = post.says(ann, "Hello")
    second = post.says(ann, "Second")
    await post.deliver(ann)
    assert post.status(message) == Status.UNCERTAIN

    comes(post, message, SENT)
    post.forward(seconds=61)
    await post.deliverer.sweep()
    await post.deliver(ann)

    assert (post.status(message), post.status(second)) == (Status.SENT, Status.SENT)
    assert post.sms.looked_since == []


async def test_a_receipt_keeps_a_retry_from_going(post):
    """Twilio answered 503 and took it all the same."""
    ann = post.someone()
    post.sms.answers.append(Refused("503", Status.TEMPORARY_FAILURE))
    message = post.says(ann, "Hello")
    await post.deliver(ann)

    comes(post, message, DELIVERED)
    post.forward(minutes=1)
    await post.deliver(ann)

    assert len(post.sms.carried) == 1
    assert post.status(message) == Status.DELIVERED


async def test_a_phone_with_no_signal_is_written_to_another_safe_way(post):
    ann = post.someone()
    post.also_has(ann, ChannelName.TELEGRAM)
    message = await sent(post, ann)

    comes(post, message, NO_SIGNAL)
    await post.deliver(ann)

    assert (post.status(message), post.row(message).reason) == (Status.TEMPORARY_FAILURE, "30003")
    assert post.telegram.words == ["Hello"]
    assert post.point(ann).unreachable_at is None


async def test_a_phone_with_no_signal_and_no_other_way_is_a_humans_task(post):
    ann = post.someone()
    post.agrees(ann)
    message = await sent(post, ann)

    comes(post, message, NO_SIGNAL)
    await post.deliver(ann)

    assert post.tasks(ann) == ["cannot-reach"]


async def test_a_card_that_did_not_get_there_has_a_human_ring(post):
    ann = post.someone()
    card = post.says(ann, "Call 999", Purpose.CARD)
    await post.deliver(ann)

    comes(post, card, NO_SIGNAL)
    await post.deliver(ann)

    assert post.tasks(ann) == ["ring"]


async def test_a_number_not_in_use_is_marked_so(post):
    ann = post.someone()
    message = await sent(post, ann)

    comes(post, message, NOT_IN_USE)

    assert post.status(message) == Status.PERMANENT_FAILURE
    assert post.point(ann).unreachable_at == post.clock.now()
    assert post.point(ann).opted_out_at is None


async def test_a_stop_we_hear_of_by_receipt_is_a_stop(post):
    ann = post.someone()
    message = await sent(post, ann)

    comes(post, message, STOPPED)

    assert post.point(ann).opted_out_at == post.clock.now()
    assert post.row(post.says(ann, "Hello again")).reason == "opted out"


async def test_a_failure_told_twice_is_looked_after_once(post):
    ann = post.someone()
    post.also_has(ann, ChannelName.TELEGRAM)
    message = await sent(post, ann)

    for _ in range(3):
        comes(post, message, NO_SIGNAL)
        await post.deliver(ann)

    assert post.telegram.words == ["Hello"]
    assert len(post.rows(ann)) == 2


async def test_a_failure_that_turns_out_worse_is_said_another_way_once(post):
    ann = post.someone()
    post.also_has(ann, ChannelName.TELEGRAM)
    message = await sent(post, ann)

    for receipt in (NO_SIGNAL, NOT_IN_USE):
        comes(post, message, receipt)
        await post.deliver(ann)

    assert post.status(message) == Status.PERMANENT_FAILURE
    assert post.telegram.words == ["Hello"]


async def test_what_was_delivered_after_all_falls_nowhere(post):
    ann = post.someone()
    post.also_has(ann, ChannelName.TELEGRAM)
    message = await sent(post, ann)

    comes(post, message, NO_SIGNAL)
    comes(post, message, DELIVERED)
    await post.deliver(ann)

    assert post.telegram.carried == []


RECEIPTS = [SENT, DELIVERED, NO_SIGNAL, NOT_IN_USE, FAULT]


def set_sending(unit, message):
    unit.execute(
        outbox.update()
        .where(outbox.c.id == message)
        .values(status=Status.SENDING, rank=RANK[Status.SENDING], lease_until=unit.now)
    )


def end_of(post, message, point_of):
    row = post.row(message)
    point = post.point(point_of)
    return row.status, row.rank, row.sent_at is not None, point.unreachable_at is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=st.lists(st.sampled_from(RECEIPTS), min_size=1, max_size=6), data=st.data())
def test_every_order_and_repetition_ends_in_the_same_state(post, told, data):
    def after(order):
        ann = post.someone()
        message = post.says(ann, "Hello")
        post.done(lambda unit: set_sending(unit, message))
        for receipt in order:
            comes(post, message, receipt)
        return end_of(post, message, ann)

    repeats = data.draw(st.lists(st.sampled_from(told), max_size=4))
    mixed = data.draw(st.permutations([*told, *repeats]))

    assert after(mixed) == after(told)


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "wrote down", "delivered"])))
async def test_our_own_note_may_come_in_any_order_among_the_receipts(post, order):
    ann = post.someone()
    message = post.says(ann, "Hello")
    room = {ChannelName.SMS: Wanted(1, 0, Room(9, frozenset()))}
    [taken], _ = post.done(lambda unit: take(unit, room, timedelta(minutes=1)))

    for step in order:
        if step == "wrote down":
            post.done(lambda unit: settle(unit, [(taken, Sent("SM1"))]))
        else:
            comes(post, message, (Status(step), None, False))

    row = post.row(message)
    assert (row.status, row.rank, row.provider_id) == (Status.DELIVERED, RANK[Status.DELIVERED], "SM1")
    assert row.lease_until is None
