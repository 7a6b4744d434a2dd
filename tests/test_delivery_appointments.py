"""Words about an appointment that did not reach someone: another way in time, or a person rings in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.messages import ChannelName, Refused, Status
from bot.people.contact_points import opt_out, set_safe
from bot.people.safe_contact import Purpose
from bot.store.tables import Priority, Safe, task

STOPPED = Refused("21610", Status.PERMANENT_FAILURE, unreachable=True)
SPAM = Refused("30007", Status.PERMANENT_FAILURE)
OURS = [Purpose.APPOINTMENT, Purpose.DISCREET]


@pytest.fixture
def ann(post):
    """Someone staff may know of: she agreed."""
    ann = post.someone()
    post.agrees(ann)
    return ann


def reminder(post, ann, purpose=Purpose.APPOINTMENT, **more):
    more = {"useful_until": post.clock.now() + timedelta(hours=2)} | more
    return post.says(ann, "Tuesday at 2pm", purpose=purpose, **more)


@pytest.mark.parametrize("purpose", OURS)
async def test_it_leaves_after_a_reply_and_before_a_check_in(post, ann, purpose):
    assert post.row(reminder(post, ann, purpose)).priority == Priority.APPOINTMENT


@pytest.mark.parametrize("purpose", OURS)
async def test_a_carriers_stop_learnt_on_the_way_sends_it_by_another_channel_of_theirs(post, ann, purpose):
    post.also_has(ann, ChannelName.TELEGRAM)
    post.sms.answers.append(STOPPED)
    reminder(post, ann, purpose, channel=ChannelName.SMS)

    await post.keep_trying(ann)

    assert post.telegram.words == ["Tuesday at 2pm"]
    assert post.tasks(ann) == []


@pytest.mark.parametrize("purpose", OURS)
async def test_a_stop_said_while_it_was_queued_is_obeyed_there_and_it_goes_elsewhere(post, ann, purpose):
    post.also_has(ann, ChannelName.TELEGRAM)
    reminder(post, ann, purpose, channel=ChannelName.SMS)
    post.done(lambda unit: opt_out(unit, ann.points[ChannelName.SMS], "carrier"))

    await post.keep_trying(ann)

    assert post.sms.words == [] and post.telegram.words == ["Tuesday at 2pm"]


@pytest.mark.parametrize("safe", [Safe.NOT_ASKED, Safe.SHARED, Safe.NO_MESSAGE, Safe.NOT_NOW])
@pytest.mark.parametrize("purpose", OURS)
async def test_it_never_falls_to_where_others_may_read_and_a_person_rings_in_time(post, ann, safe, purpose):
    post.also_has(ann, ChannelName.TELEGRAM, safe)
    post.sms.answers.append(SPAM)
    begins_in_two_hours = post.clock.now() + timedelta(hours=2)
    reminder(post, ann, purpose, channel=ChannelName.SMS)

    await post.keep_trying(ann)

    assert post.telegram.words == []
    assert post.tasks(ann) == ["appointment-not-told"]
    with post.store.reading() as reading:
        assert reading.execute(select(task.c.due_at)).scalar_one() <= begins_in_two_hours


async def test_a_phone_that_others_see_meanwhile_is_not_written_to(post, ann):
    message = reminder(post, ann)
    post.clock.forward(minutes=10)  # nobody holds it in their hand any more
    post.done(lambda unit: set_safe(unit, ann.points[ChannelName.SMS], Safe.SHARED))

    await post.keep_trying(ann)

    assert (post.status(message), post.row(message).reason) == (Status.NOT_SENT, "others may see it")
    assert post.tasks(ann) == ["appointment-not-told"]


async def test_discreet_words_that_were_asked_for_go_there(post, ann):
    reminder(post, ann, Purpose.DISCREET)
    post.clock.forward(minutes=10)
    post.done(lambda unit: set_safe(unit, ann.points[ChannelName.SMS], Safe.SHARED))

    await post.keep_trying(ann)

    assert post.sms.words == ["Tuesday at 2pm"]


async def test_one_that_is_too_late_is_not_sent_and_a_person_hears(post, ann):
    post.also_has(ann, ChannelName.TELEGRAM)
    message = reminder(post, ann, channel=ChannelName.SMS)
    post.clock.forward(hours=3)

    await post.deliver(ann)

    assert (post.status(message), post.row(message).reason) == (Status.NOT_SENT, "too late")
    assert post.telegram.words == []
    assert post.tasks(ann) == ["appointment-not-told"]
