"""What delivery does when a message may or may not have gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.messages import CannotLook, ChannelName, Sent, Status, Uncertain
from bot.people.safe_contact import Purpose


@pytest.fixture
def ann(post):
    """Someone staff may know of: she agreed."""
    ann = post.someone()
    post.agrees(ann)
    return ann


# -- it may or may not have gone ------------------------------------------------------------------


async def test_twilio_is_asked_after_a_minute_and_what_it_has_is_sent(post, ann):
    post.sms.answers.append(Uncertain("no-answer"))
    message, second = post.says(ann, "Hello"), post.says(ann, "Second")
    await post.deliver(ann)
    post.sms.finds = Sent("SMfound")
    began = post.clock.now()

    post.forward(seconds=59)
    await post.deliverer.sweep()
    assert (post.status(message), post.sms.looked_since) == (Status.UNCERTAIN, [])
    assert post.status(second) == Status.QUEUED

    post.forward(seconds=1)
    await post.deliverer.sweep()
    assert (post.status(message), post.row(message).provider_id) == (Status.SENT, "SMfound")
    assert post.sms.looked_since[0] <= began
    assert not post.row(message).possible_repeat

    await post.deliver(ann)
    assert post.sms.words == ["Second"]


async def test_what_twilio_never_took_is_sent_again_once(post, ann):
    post.sms.answers.extend([Uncertain("no-answer")] * 2)
    message = post.says(ann, "Hello")

    for _ in range(4):
        await post.deliver(ann)
        post.forward(seconds=61)
        await post.deliverer.sweep()

    assert len(post.sms.carried) == 2
    assert (post.status(message), post.row(message).reason) == (
        Status.UNCERTAIN,
        "may or may not have gone",
    )
    assert post.tasks(ann) == ["not-sent"]


async def test_what_twilio_has_of_another_message_with_the_same_words_is_not_this_one(post, ann):
    post.says(ann, "Hello")
    await post.deliver(ann)
    post.sms.finds = Sent(post.rows(ann)[0].provider_id)
    post.sms.answers.append(Uncertain("no-answer"))
    post.says(ann, "Hello")
    await post.deliver(ann)

    post.forward(seconds=61)
    await post.deliverer.sweep()
    await post.deliver(ann)

    assert post.sms.words == ["Hello", "Hello"]


async def test_when_twilio_cannot_be_asked_we_ask_again_but_hold_nothing_up_for_ever(post, ann):
    post.sms.answers.append(Uncertain("no-answer"))
    post.sms.finds = CannotLook()
    message, second = post.says(ann, "Hello"), post.says(ann, "Second")
    began = post.clock.now()
    await post.deliver(ann)

    while post.status(second) != Status.SENT:
        await post.keep_trying(ann, minutes=1)

    assert timedelta(minutes=4) < post.clock.now() - began <= timedelta(minutes=8)
    assert post.status(message) == Status.UNCERTAIN
    assert len(post.sms.looked_since) > 2
    assert post.tasks(ann) == ["not-sent"]


async def test_a_reply_by_telegram_is_sent_again_and_counted_as_a_possible_repeat(post):
    bob = post.someone(ChannelName.TELEGRAM)
    post.telegram.answers.append(Uncertain("no-answer"))
    message = post.says(bob, "Hello")

    await post.deliver(bob)
    await post.deliverer.sweep()
    await post.deliver(bob)

    assert post.telegram.words == ["Hello"]
    assert (post.status(message), post.row(message).possible_repeat) == (Status.SENT, True)


async def test_a_nudge_by_telegram_is_not_sent_again_and_staff_see_it(post):
    bob = post.someone(ChannelName.TELEGRAM)
    post.agrees(bob)
    post.telegram.answers.append(Uncertain("no-answer"))
    message = post.says(bob, "Shall we carry on?", Purpose.NUDGE)

    await post.keep_trying(bob, minutes=1)

    assert len(post.telegram.carried) == 1
    assert post.status(message) == Status.UNCERTAIN
    assert post.tasks(bob) == ["not-sent"]


async def test_what_may_have_gone_and_is_left_so_holds_nothing_up(post):
    bob = post.someone(ChannelName.TELEGRAM)
    post.telegram.answers.append(Uncertain("no-answer"))
    post.says(bob, "Shall we carry on?", Purpose.NUDGE)
    post.says(bob, "Hello")

    await post.keep_trying(bob, minutes=1)

    assert post.telegram.words == ["Hello"]


# -- a crash --------------------------------------------------------------------------------------


async def test_a_crash_while_sending_is_found_out_when_the_lease_has_passed(post, ann):
    """It went, and we died before we could write that down."""
    message = await crash_while_sending(post, ann)

    post.forward(seconds=30)
    await post.a_deliverer().sweep()
    assert post.status(message) == Status.SENDING

    post.forward(seconds=31)
    post.sms.finds = Sent("SMfound")
    again = post.a_deliverer()
    await again.sweep()

    assert (post.status(message), post.row(message).provider_id) == (Status.SENT, "SMfound")
    assert post.events(message)[0] == (Status.UNCERTAIN, "left in sending")
    assert await again.deliver(ann.conversation_id) == 0


async def test_a_crash_before_it_went_sends_it_then(post, ann):
    message = await crash_while_sending(post, ann)
    post.sms.words.clear()

    post.forward(seconds=61)
    again = post.a_deliverer()
    await again.sweep()
    await again.deliver(ann.conversation_id)

    assert post.sms.words == ["Hello"]
    assert post.status(message) == Status.SENT


@pytest.mark.parametrize("channel", [ChannelName.SMS, ChannelName.TELEGRAM])
async def test_crash_upon_crash_loses_nothing(post, channel):
    person = post.someone(channel)
    message = post.says(person, "Hello")
    for _ in range(5):
        await crashes(post.a_deliverer(), person)
        post.forward(seconds=61)
        await post.a_deliverer().sweep()

    assert await post.a_deliverer().deliver(person.conversation_id) == 1

    assert post.status(message) == Status.SENT
    assert post.row(message).possible_repeat is (channel is ChannelName.TELEGRAM)


async def test_what_crashes_us_every_time_is_left_to_a_human(post, ann):
    message = post.says(ann, "Hello")
    for _ in range(6):
        await crashes(post.a_deliverer(), ann)
        post.forward(seconds=61)
        await post.a_deliverer().sweep()

    assert await post.a_deliverer().deliver(ann.conversation_id) == 0
    assert post.status(message) == Status.UNCERTAIN
    assert post.tasks(ann) == ["not-sent"]


async def crash_while_sending(post, person):
    """Taken, handed to the provider, and never heard of again."""
    message = post.says(person, "Hello")
    await crashes(post.deliverer, person)
    assert post.status(message) == Status.SENDING
    return message


async def crashes(deliverer, person):
    """It dies once the provider has what was queued, and before that is written down."""

    class Crash(BaseException):
        pass

    async def dies(results):
        raise Crash

    deliverer._write_down = dies
    with pytest.raises(Crash):
        await deliverer.deliver(person.conversation_id)
