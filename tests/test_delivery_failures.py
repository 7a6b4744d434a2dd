"""What delivery does when a message did not reach someone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.messages import ChannelName, Choice, Refused, Status
from bot.people.contact_points import opt_out, set_safe
from bot.people.safe_contact import Purpose
from bot.store.tables import Safe, person
from tests.support.sending import running, until

NO_SIGNAL = Refused("503", Status.TEMPORARY_FAILURE)
STOPPED = Refused("21610", Status.PERMANENT_FAILURE, unreachable=True)
BLOCKED = Refused("403", Status.PERMANENT_FAILURE, unreachable=True)
SPAM = Refused("30007", Status.PERMANENT_FAILURE)
FAULT = Refused("20003", Status.TECHNICAL_FAILURE)


@pytest.fixture
def ann(post):
    """Someone staff may know of: she agreed."""
    ann = post.someone()
    post.agrees(ann)
    return ann


# -- a failure that may pass ----------------------------------------------------------------------


async def test_it_is_tried_again_with_longer_and_longer_waits(post, ann):
    post.sms.answers.extend([NO_SIGNAL] * 3)
    message = post.says(ann, "Hello")
    waits = []
    while post.status(message) != Status.SENT:
        before = post.clock.now()
        await post.deliver(ann)
        if post.status(message) == Status.QUEUED:
            post.clock.set(post.row(message).due_at)
            waits.append((post.clock.now() - before).total_seconds())

    assert waits == sorted(waits) and waits[0] <= 5
    assert post.sms.words == ["Hello"]
    assert post.row(message).tries == 4


async def test_the_provider_says_how_long_to_wait(post, ann):
    post.sms.answers.append(Refused("20429", Status.TEMPORARY_FAILURE, retry_after=45))
    message = post.says(ann, "Hello")

    await post.deliver(ann)

    assert post.row(message).due_at == post.clock.now() + timedelta(seconds=45)


async def test_it_holds_up_what_comes_after_for_five_minutes_at_most(post, ann):
    post.sms.answers.extend([NO_SIGNAL] * 7)
    first, second = post.says(ann, "First"), post.says(ann, "Second")
    began = post.clock.now()

    while not post.sms.words:
        await post.keep_trying(ann, minutes=1)

    assert post.clock.now() - began <= timedelta(minutes=5)
    assert post.sms.words == ["Second"]
    assert (post.status(first), post.status(second)) == (Status.TEMPORARY_FAILURE, Status.SENT)
    assert post.row(first).reason == "503"


async def test_then_it_falls_to_another_channel_that_is_safe(post, ann):
    post.also_has(ann, ChannelName.TELEGRAM)
    post.sms.answers.extend([NO_SIGNAL] * 7)
    message = post.says(ann, "Hello", channel=ChannelName.SMS)

    await post.keep_trying(ann)

    first, second = post.rows(ann)
    assert (first.id, first.status) == (message, Status.TEMPORARY_FAILURE)
    assert (second.replaces_id, second.channel, second.status) == (message, "telegram", Status.SENT)
    assert post.telegram.words == ["Hello"]
    assert post.tasks(ann) == []


@pytest.mark.parametrize("safe", [Safe.NOT_ASKED, Safe.SHARED, Safe.NO_MESSAGE, Safe.NOT_NOW])
async def test_it_never_falls_to_a_channel_they_have_not_called_safe(post, ann, safe):
    post.also_has(ann, ChannelName.TELEGRAM, safe)
    post.sms.answers.append(SPAM)
    post.says(ann, "Hello", channel=ChannelName.SMS)

    await post.deliver(ann)

    assert post.telegram.carried == []
    assert post.tasks(ann) == ["cannot-reach"]


async def test_it_does_not_fall_to_somebody_elses_phone(post, ann):
    post.someone(ChannelName.TELEGRAM)
    post.sms.answers.append(SPAM)
    post.says(ann, "Hello")

    await post.deliver(ann)

    assert post.telegram.carried == []


async def test_what_fell_to_a_channel_is_not_sent_if_it_is_no_longer_safe(post, ann):
    post.also_has(ann, ChannelName.TELEGRAM)
    post.sms.answers.append(SPAM)
    message = post.says(ann, "Hello", channel=ChannelName.SMS)
    post.telegram.gate = asyncio.Event()
    slow = post.says(ann, "Something before it", channel=ChannelName.TELEGRAM)

    async with running(post.deliverer):
        await until(lambda: len(post.rows(ann)) == 3)
        fallen = post.rows(ann)[-1].id
        assert post.row(fallen).replaces_id == message
        post.done(lambda unit: set_safe(unit, ann.points[ChannelName.TELEGRAM], Safe.SHARED))
        post.telegram.gate.set()
        await until(lambda: post.status(fallen) == Status.NOT_SENT)

    assert (post.status(slow), post.telegram.words) == (Status.SENT, ["Something before it"])
    assert post.row(fallen).reason == "not known to be safe"


async def test_a_web_page_they_have_left_is_no_channel_to_fall_to(post, ann):
    post.also_has(ann, ChannelName.WEB)
    post.sms.answers.append(SPAM)
    post.says(ann, "Hello", channel=ChannelName.SMS)

    await post.deliver(ann)

    assert post.web.carried == []
    assert post.tasks(ann) == ["cannot-reach"]


async def test_it_falls_from_one_to_the_next_and_tries_none_twice(post, ann):
    post.also_has(ann, ChannelName.TELEGRAM)
    post.also_has(ann, ChannelName.WHATSAPP)
    for channel in (post.sms, post.telegram, post.whatsapp):
        channel.answers.extend([SPAM] * 5)
    post.says(ann, "Hello", channel=ChannelName.SMS)

    await post.deliver(ann)

    tried = [row.channel for row in post.rows(ann)]
    assert (tried[0], sorted(tried)) == ("sms", ["sms", "telegram", "whatsapp"])
    assert post.tasks(ann) == ["cannot-reach"]


async def test_buttons_become_numbers_where_there_are_none(post):
    bob = post.someone(ChannelName.TELEGRAM)
    post.also_has(bob, ChannelName.SMS)
    post.telegram.answers.append(SPAM)
    yes_no = (Choice("yes", "Yes – please"), Choice("no", "No"))
    words = "We could not reach you by Telegram. Shall we ring you some time this week?"
    post.says(bob, words, channel=ChannelName.TELEGRAM, choices=yes_no)

    await post.deliver(bob)

    assert post.sms.words == [f"{words}\n1 Yes - please\n2 No"]
    assert post.rows(bob)[1].segments == 1


@pytest.mark.parametrize("purpose", [Purpose.NUDGE, Purpose.CODE])
async def test_a_nudge_or_a_code_falls_nowhere_and_troubles_nobody(post, ann, purpose):
    post.also_has(ann, ChannelName.TELEGRAM)
    post.sms.answers.append(SPAM)
    post.says(ann, "Shall we carry on?", purpose, channel=ChannelName.SMS)

    await post.deliver(ann)

    assert (post.telegram.carried, post.tasks(ann)) == ([], [])


async def test_after_two_are_joined_it_falls_to_the_contact_points_of_both(post):
    bob, also_bob = post.someone(ChannelName.TELEGRAM), post.someone()
    post.done(
        lambda unit: unit.execute(
            update(person).where(person.c.id == bob.person_id).values(joined_into=also_bob.person_id)
        )
    )
    post.telegram.answers.append(SPAM)
    post.says(bob, "Hello")

    await post.deliver(bob)

    assert post.sms.words == ["Hello"]


# -- a failure for good ---------------------------------------------------------------------------


async def test_someone_the_carrier_stopped_for_us_has_said_stop(post, ann):
    post.also_has(ann, ChannelName.TELEGRAM)
    post.sms.answers.append(STOPPED)
    message = post.says(ann, "Hello", Purpose.STAFF, channel=ChannelName.SMS)
    after = post.says(ann, "One more thing", Purpose.STAFF, channel=ChannelName.SMS)

    await post.deliver(ann)

    assert (post.status(message), post.row(message).reason) == (Status.PERMANENT_FAILURE, "21610")
    assert post.point(ann).opted_out_at == post.clock.now()
    assert (post.status(after), post.row(after).reason) == (Status.NOT_SENT, "opted out")
    assert post.tasks(ann) == ["cannot-reach"]
    assert len(post.sms.carried) == 1


async def test_someone_who_blocked_us_is_marked_and_written_to_elsewhere(post):
    bob = post.someone(ChannelName.TELEGRAM)
    post.also_has(bob, ChannelName.SMS)
    post.telegram.answers.append(BLOCKED)
    message = post.says(bob, "Hello", channel=ChannelName.TELEGRAM)

    await post.deliver(bob)

    assert post.status(message) == Status.PERMANENT_FAILURE
    assert post.point(bob, ChannelName.TELEGRAM).unreachable_at == post.clock.now()
    assert post.sms.words == ["Hello"]
    later = post.says(bob, "Are you there?", channel=ChannelName.TELEGRAM)
    assert post.row(later).reason == "unreachable"


async def test_a_fault_of_ours_is_tried_a_few_times_then_a_human_looks(post, ann):
    post.sms.answers.extend([FAULT] * 9)
    message = post.says(ann, "Hello")

    await post.keep_trying(ann)

    assert post.status(message) == Status.TECHNICAL_FAILURE
    assert len(post.sms.carried) == 3
    assert post.tasks(ann) == ["not-sent"]


async def test_staff_hear_nothing_of_someone_who_has_not_agreed(post):
    eve = post.someone()
    post.sms.answers.append(SPAM)
    message = post.says(eve, "Do you live in Ashby?")

    await post.deliver(eve)

    assert post.status(message) == Status.PERMANENT_FAILURE
    assert post.tasks(eve) == []


async def test_many_failures_are_one_task(post, ann):
    post.sms.answers.extend([SPAM] * 3)
    for n in range(3):
        post.says(ann, f"{n}")

    await post.deliver(ann)

    assert post.tasks(ann) == ["cannot-reach"]


async def test_a_channel_that_is_not_switched_on_is_said_so(post, ann):
    post.also_has(ann, ChannelName.TELEGRAM)
    without = post.a_deliverer(channels={ChannelName.TELEGRAM: post.telegram})
    message = post.says(ann, "Hello", channel=ChannelName.SMS)

    await without.sweep()
    await without.deliver(ann.conversation_id)

    assert (post.status(message), post.row(message).reason) == (Status.NOT_SENT, "no channel")
    assert post.telegram.words == ["Hello"]


async def test_what_was_refused_at_the_door_is_looked_after_too(post, ann):
    post.also_has(ann, ChannelName.TELEGRAM)
    post.done(lambda unit: set_safe(unit, ann.points[ChannelName.SMS], Safe.NOT_NOW))
    post.says(ann, "Hello", Purpose.STAFF, channel=ChannelName.SMS)

    async with running(post.deliverer):
        await until(lambda: post.telegram.words == ["Hello"])

    assert post.sms.carried == []


async def test_the_log_says_which_message_and_never_what_or_to_whom(post, ann, caplog):
    caplog.set_level("DEBUG")
    post.sms.answers.extend([SPAM, FAULT, ZeroDivisionError("Wisteria")])
    messages = [post.says(ann, "Wisteria") for _ in range(3)]

    await post.keep_trying(ann)

    logged = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("bot.delivery"))
    assert f"message {messages[0]} refused: 30007" in logged
    assert "ZeroDivisionError" in logged
    assert "Wisteria" not in caplog.text
    assert "07700" not in caplog.text and "447700" not in caplog.text


# -- STOP -----------------------------------------------------------------------------------------


async def test_after_stop_what_was_still_queued_is_not_sent(post, ann):
    reply, nudge = post.says(ann, "Hello"), post.says(ann, "Shall we carry on?", Purpose.NUDGE)
    post.done(lambda unit: opt_out(unit, ann.points[ChannelName.SMS], "carrier"))

    await post.deliver(ann)

    assert post.sms.carried == []
    assert {post.row(m).reason for m in (reply, nudge)} == {"opted out"}


async def test_after_stop_a_card_goes_another_safe_way(post, ann):
    post.also_has(ann, ChannelName.TELEGRAM)
    post.done(lambda unit: opt_out(unit, ann.points[ChannelName.SMS], "carrier"))
    post.says(ann, "Call 999", Purpose.CARD, channel=ChannelName.SMS)

    await post.deliver(ann)

    assert (post.sms.carried, post.telegram.words) == ([], ["Call 999"])


async def test_after_stop_a_card_with_no_other_way_has_a_human_ring_today(post):
    eve = post.someone()
    post.done(lambda unit: opt_out(unit, eve.points[ChannelName.SMS], "carrier"))
    post.says(eve, "Call 999", Purpose.CARD)

    await post.deliver(eve)

    assert post.sms.carried == []
    assert post.tasks(eve) == ["ring"]
