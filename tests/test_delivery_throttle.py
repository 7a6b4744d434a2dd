"""How fast a channel may take messages: counted, never guessed, with a clock the test moves."""

from __future__ import annotations

import pytest

from bot.delivery.throttle import ENOUGH, LONGEST_HOLD, Rate, Throttle, rates
from bot.messages import ChannelName
from bot.settings import Settings

SMS, TELEGRAM, WEB = ChannelName.SMS, ChannelName.TELEGRAM, ChannelName.WEB


class Stopwatch:
    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def watch():
    return Stopwatch()


@pytest.fixture
def throttle(watch):
    return Throttle({SMS: Rate(2), TELEGRAM: Rate(30, chat_rests=1)}, watch)


def leaves(throttle, channel, cost=1, chat=1):
    """Whether it may leave now; then it does."""
    room = throttle.room(channel)
    if room.budget < ENOUGH or chat in room.resting:
        return False
    throttle.spend(channel, chat, cost)
    return True


def test_two_segments_a_second_are_two_a_second(throttle, watch):
    left = 0
    for _ in range(100):
        left += leaves(throttle, SMS)
        watch.seconds += 0.1

    assert 20 <= left <= 22  # ten seconds' worth, and the second's worth it began with


def test_a_long_text_leaves_when_there_is_room_and_the_next_waits_until_it_is_paid_for(throttle, watch):
    assert leaves(throttle, SMS, cost=6)
    watch.seconds += 2.4
    assert not leaves(throttle, SMS)
    watch.seconds += 0.2
    assert leaves(throttle, SMS)


def test_a_quiet_hour_is_not_saved_up(throttle, watch):
    watch.seconds += 3600

    assert [leaves(throttle, SMS) for _ in range(4)] == [True, True, False, False]


def test_a_slow_number_still_sends(watch):
    slow = Throttle({SMS: Rate(0.1)}, watch)

    assert leaves(slow, SMS)
    watch.seconds += 9
    assert not leaves(slow, SMS)
    watch.seconds += 2
    assert leaves(slow, SMS)


def test_a_chat_rests_a_second_and_others_do_not_wait_for_it(throttle, watch):
    assert leaves(throttle, TELEGRAM, chat=1)
    assert not leaves(throttle, TELEGRAM, chat=1)
    assert leaves(throttle, TELEGRAM, chat=2)
    watch.seconds += 1
    assert leaves(throttle, TELEGRAM, chat=1)


def test_thirty_a_second_in_all(throttle):
    assert sum(leaves(throttle, TELEGRAM, chat=chat) for chat in range(100)) == 30


def test_a_channel_on_hold_lets_nothing_leave_until_then(throttle, watch):
    for channel in (TELEGRAM, WEB):
        throttle.hold(channel, 7)
        watch.seconds += 6.9
        assert not leaves(throttle, channel)
        watch.seconds += 0.1
        assert leaves(throttle, channel)
    assert leaves(throttle, SMS)


def test_a_shorter_hold_does_not_end_a_longer_one(throttle, watch):
    throttle.hold(SMS, 60)
    throttle.hold(SMS, 1)
    watch.seconds += 30

    assert not leaves(throttle, SMS)


def test_no_hold_outlasts_the_time_later_messages_may_wait(throttle, watch):
    throttle.hold(SMS, 3600)
    watch.seconds += LONGEST_HOLD

    assert leaves(throttle, SMS)


def test_web_chat_has_no_limit(throttle):
    assert all(leaves(throttle, WEB) for _ in range(10_000))


def test_it_says_how_long_until_there_may_be_room(throttle, watch):
    for empty in (
        lambda: throttle.spend(SMS, 1, 4),
        lambda: throttle.hold(SMS, 5),
    ):
        empty()
        for _ in range(20):
            if leaves(throttle, SMS):
                break
            watch.seconds += throttle.wait(SMS)
        else:
            pytest.fail("it never had room, waiting as long as it said")


def test_what_the_operator_set_is_what_texts_are_held_to():
    set_ = rates(Settings(_env_file=None, twilio_segments_a_second=10))

    assert (set_[SMS].a_second, set_[TELEGRAM]) == (10, Rate(30, 1))
    assert WEB not in set_
