"""The proofs about reminders can fail: what they hold reality against is held here."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from benchmarks.proofs import Violated
from benchmarks.proofs.minute import Message, computed
from benchmarks.proofs.year_checks import Stood, _once_or_a_reason, _stood
from benchmarks.proofs.year_people import Someone
from bot.messages import ChannelName
from bot.store.tables import Safe

# A hundred thousand in a minute


def reminders(many, cost=1, at=0.0):
    return [Message(chat, cost, at, answer=False) for chat in range(many)]


def test_reminders_leave_at_the_rate_of_their_channel_and_in_their_order():
    some = reminders(300)

    gone = computed(some, [], a_second=30, rests=1)

    assert gone == some
    assert gone[-1].left == pytest.approx((300 + 1 - 30) / 30, abs=0.05)


def test_an_answer_leaves_at_once():
    answer = Message(1000, 2, 4.2, answer=True)

    computed(reminders(300, cost=2), [answer], a_second=20, rests=0)

    assert answer.left == pytest.approx(4.2)


def test_a_reminder_that_waits_for_whoever_writes_goes_before_the_answer():
    some, answer = reminders(300), Message(299, 1, 2.0, answer=True)

    gone = computed(some, [answer], a_second=30, rests=1)

    assert gone.index(some[299]) < gone.index(answer)
    assert (some[299].left, answer.left) == (pytest.approx(2.0, abs=0.1), pytest.approx(3.0, abs=0.1))


# A year

STARTS = datetime(2026, 3, 12, 14, 0, tzinfo=UTC)
APPOINTMENT = SimpleNamespace(id=7, plan="standard")
STEPS = {"week": -7, "two_days": -2, "day_before": -1}


def ray(**given):
    given = {"safe": Safe.ONLY_ME, "times": "any", "words": "plain", "two_hours": False} | given
    return Someone(1, (ChannelName.SMS,), **given)


def event(step, days=None, what="reminded"):
    at = STARTS.replace(hour=10) + timedelta(days=STEPS[step] if days is None else days)
    return SimpleNamespace(step=step, what=what, at=at, details={"version": 1})


def stood(since_days=-20, until=STARTS):
    return Stood(1, STARTS + timedelta(days=since_days), until, STARTS)


def looked_at(came, who=None, when=None):
    counts = Counter()
    _once_or_a_reason(APPOINTMENT, who or ray(), when or stood(), came, counts)
    return counts["due"]


def test_each_reminder_once_is_right():
    assert looked_at([event(step) for step in STEPS]) == 3


def test_a_reason_is_as_good_as_a_reminder():
    came = [event("week", what="not-reminded"), event("two_days"), event("day_before")]
    assert looked_at(came) == 3


@pytest.mark.parametrize(
    ("came", "says"),
    [
        (["week", "two_days"], "neither said nor why not"),
        (["week", "week", "two_days", "day_before"], "2 times"),
    ],
)
def test_one_that_is_missing_or_came_twice_is_found(came, says):
    with pytest.raises(Violated, match=says):
        looked_at([event(step) for step in came])


def test_one_that_came_after_it_was_called_off_is_found():
    off = stood(until=STARTS - timedelta(days=3))
    with pytest.raises(Violated, match="not while it stood"):
        looked_at([event("week"), event("two_days")], when=off)


def test_what_was_booked_an_hour_before_it_was_due_may_do_without():
    assert looked_at([], when=stood(since_days=-0.5)) == 0


def test_who_wishes_for_none_gets_none():
    assert looked_at([], who=ray(words="none")) == 0


def test_moved_twice_it_stood_three_times():
    def change(what, day, **details):
        return SimpleNamespace(what=what, at=STARTS + timedelta(days=day), details=details)

    times = _stood(
        [
            change("booked", -20, version=1, starts_at=STARTS.isoformat()),
            change("moved", -10, version=2, now=STARTS.isoformat()),
            change("coming", -9),
            change("moved", -5, version=3, now=STARTS.isoformat()),
            change("cancelled", -2, version=4),
        ]
    )

    assert [(one.version, (one.until - one.since).days) for one in times] == [(1, 10), (2, 5), (3, 3)]


@pytest.mark.parametrize(
    ("times", "zone", "hour", "suits"),
    [
        ("any", "Europe/London", 9, True), ("any", "Europe/London", 8, False),
        ("any", "America/New_York", 13, False), ("any", "America/New_York", 14, True),
        ("mornings", "Europe/London", 12, False), ("after 2pm", "Europe/London", 14, True),
    ],
)  # fmt: skip
def test_when_somebody_may_be_written_to(times, zone, hour, suits):
    at = datetime(2026, 3, 2, hour, 30, tzinfo=UTC)
    assert ray(times=times, zone=zone).may_be_written_to(at) is suits
