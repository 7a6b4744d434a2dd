"""What is due: the oldest first, and a morning's reminders never before somebody who waits."""

from __future__ import annotations

from datetime import timedelta

from bot.store.timers import due, set_timer
from tests.support.stores import TUESDAY_10AM

NOW = TUESDAY_10AM


def sets(done, kind, minutes_ago, subject=""):
    done(lambda unit: set_timer(unit, kind, NOW - timedelta(minutes=minutes_ago), subject=subject))


def seen(store, most=100):
    with store.reading() as reading:
        return [(one.kind, one.subject) for one in due(reading, most)]


def test_what_is_due_comes_oldest_first_and_what_is_not_stays(store, done):
    sets(done, "late", 1)
    sets(done, "nudge", 5)
    sets(done, "late", -5)

    assert seen(store) == [("nudge", ""), ("late", "")]


def test_nobody_waits_behind_a_mornings_reminders(store, done):
    for n in range(5):
        sets(done, "remind", 10, f"appointment:{n}")
    sets(done, "escalate", 0, "handoff:1")

    assert seen(store, most=3) == [
        ("escalate", "handoff:1"), ("remind", "appointment:0"), ("remind", "appointment:1"),
    ]  # fmt: skip
    assert len(seen(store)) == 6
