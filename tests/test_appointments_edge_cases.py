"""The calendar's edge cases, as one table: what is set up, what happens, what Ray hears, what staff see.

Real turns over a real store. Times are by London's clock; what a day is written with, it has (a Tuesday is a
Tuesday). Ray has a phone only he sees, and wished for the message two hours before, where nothing else is
said; the plan is the standard one (bot/appointments/reminder_plans.toml).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.store.tables import Safe
from tests.support.reminded import Reminded


def nothing(ray: Reminded) -> None:
    """Days go by."""


def then(*happens: Callable[[Reminded], Any]) -> Callable[[Reminded], None]:
    """One thing after another."""

    def work(ray: Reminded) -> None:
        for one in happens:
            one(ray)

    return work


def until(when: str) -> Callable[[Reminded], Any]:
    return lambda ray: ray.until(when)


@dataclass(frozen=True)
class Case:
    """Booked at `booked` for `starts`; then `happens`; and the appointment's day goes by."""

    what: str
    booked: str
    starts: str
    hears: list[str]
    happens: Callable[[Reminded], None] = nothing
    over: str = ""
    staff: list[str] = field(default_factory=list)
    not_reminded: list[str] = field(default_factory=list)
    ray: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.what


MARCH = {"booked": "Tue 3 Mar 2026 09:00", "starts": "Wed 11 Mar 2026 14:00", "over": "Thu 12 Mar 2026 12:00"}
ALL_FOUR = [
    "Wed 4 Mar 10:00 coming",
    "Mon 9 Mar 10:00 needs",
    "Tue 10 Mar 10:00 day_before",
    "Wed 11 Mar 12:00 today",
]
FIRST, NEEDS, BEFORE, TODAY = ALL_FOUR

CASES = [
    Case("nothing happens", **MARCH, hears=ALL_FOUR),
    # -- clocks --------------------------------------------------------------------------------
    Case(
        "the clocks go forward the night before",
        booked="Thu 19 Mar 2026 12:00", starts="Mon 30 Mar 2026 11:30", over="Tue 31 Mar 2026 12:00",
        hears=["Mon 23 Mar 10:00 coming", "Sat 28 Mar 10:00 needs", "Sun 29 Mar 10:00 day_before",
               "Mon 30 Mar 09:30 today"],
    ),
    Case(
        "the clocks go back the night before",
        booked="Thu 15 Oct 2026 12:00", starts="Mon 26 Oct 2026 11:30", over="Tue 27 Oct 2026 12:00",
        hears=["Mon 19 Oct 10:00 coming", "Sat 24 Oct 10:00 needs", "Sun 25 Oct 10:00 day_before",
               "Mon 26 Oct 09:30 today"],
    ),
    Case(
        "it is on the Sunday on which they go back",
        booked="Thu 15 Oct 2026 12:00", starts="Sun 25 Oct 2026 11:30", over="Mon 26 Oct 2026 12:00",
        hears=["Sun 18 Oct 10:00 coming", "Fri 23 Oct 10:00 needs", "Sat 24 Oct 10:00 day_before",
               "Sun 25 Oct 09:30 today"],
    ),
    Case(
        "midnight belongs to the day it begins; the two-hour text goes in the evening",
        booked="Tue 3 Mar 2026 09:00", starts="Wed 11 Mar 2026 00:00", over="Wed 11 Mar 2026 12:00",
        hears=["Wed 4 Mar 10:00 coming", "Mon 9 Mar 10:00 needs", "Tue 10 Mar 10:00 day_before",
               "Tue 10 Mar 19:00 today"],
    ),
    Case(
        "a minute before midnight is the day before",
        booked="Tue 3 Mar 2026 09:00", starts="Tue 10 Mar 2026 23:59", over="Wed 11 Mar 2026 12:00",
        hears=["Sun 8 Mar 10:00 needs", "Mon 9 Mar 10:00 day_before", "Tue 10 Mar 19:00 today"],
    ),
    Case(
        "on a leap day",
        booked="Mon 14 Feb 2028 09:00", starts="Tue 29 Feb 2028 14:00", over="Wed 1 Mar 2028 12:00",
        hears=["Tue 22 Feb 10:00 coming", "Sun 27 Feb 10:00 needs", "Mon 28 Feb 10:00 day_before",
               "Tue 29 Feb 12:00 today"],
    ),
    Case(
        "the day before is a leap day",
        booked="Mon 14 Feb 2028 09:00", starts="Wed 1 Mar 2028 14:00", over="Thu 2 Mar 2028 12:00",
        hears=["Wed 23 Feb 10:00 coming", "Mon 28 Feb 10:00 needs", "Tue 29 Feb 10:00 day_before",
               "Wed 1 Mar 12:00 today"],
    ),
    # -- quiet hours and their own times ---------------------------------------------------------
    Case(
        "at eight in the morning: the two-hour text goes the evening before, not at six",
        booked="Tue 3 Mar 2026 09:00", starts="Wed 11 Mar 2026 08:00", over="Wed 11 Mar 2026 12:00",
        hears=[*ALL_FOUR[:3], "Tue 10 Mar 19:00 today"],
    ),
    Case(
        "at half past ten: it goes when the night is over, an hour and a half before",
        booked="Tue 3 Mar 2026 09:00", starts="Wed 11 Mar 2026 10:30", over="Wed 11 Mar 2026 12:00",
        hears=[*ALL_FOUR[:3], "Wed 11 Mar 09:00 today"],
    ),
    Case(
        "booked at nine in the evening for eight in the morning: nothing wakes them",
        booked="Tue 10 Mar 2026 21:00", starts="Wed 11 Mar 2026 08:00", over="Wed 11 Mar 2026 12:00",
        hears=[],
    ),
    Case(
        "they said afternoons",
        **MARCH, ray={"times": "afternoons"},
        hears=["Wed 4 Mar 12:00 coming", "Mon 9 Mar 12:00 needs", "Tue 10 Mar 12:00 day_before",
               "Wed 11 Mar 12:00 today"],
    ),
    Case(
        "they said mornings, and it is at nine in the morning",
        booked="Tue 3 Mar 2026 09:00", starts="Wed 11 Mar 2026 09:00", over="Wed 11 Mar 2026 12:00",
        ray={"times": "mornings"},
        hears=[*ALL_FOUR[:3], "Tue 10 Mar 11:00 today"],
    ),
    Case(
        "in their own words, after six",
        **MARCH, ray={"times": "only after 6pm"},
        hears=["Wed 4 Mar 18:00 coming", "Mon 9 Mar 18:00 needs", "Tue 10 Mar 18:00 day_before",
               "Tue 10 Mar 19:00 today"],
    ),
    Case(
        "in words we cannot hold to: office hours until a person has read them",
        booked="Tue 3 Mar 2026 09:00", starts="Mon 9 Mar 2026 14:00", over="Mon 9 Mar 2026 18:00",
        ray={"times": "when he is at work"},
        hears=["Fri 6 Mar 16:00 needs", "Mon 9 Mar 09:00 day_before", "Mon 9 Mar 12:00 today"],
    ),
    # -- where they are --------------------------------------------------------------------------
    Case(
        "they live in Toronto, whose clocks go forward three weeks before ours",
        **MARCH, ray={"zone": "America/Toronto"},
        hears=["Wed 4 Mar 15:00 coming", "Mon 9 Mar 14:00 needs", "Tue 10 Mar 14:00 day_before",
               "Wed 11 Mar 13:00 today"],
    ),
    Case(
        "they flew to Toronto since: ten in the morning there, not here",
        **MARCH, happens=lambda ray: ray.goes_to("America/Toronto"),
        hears=["Wed 4 Mar 15:00 coming", "Mon 9 Mar 14:00 needs", "Tue 10 Mar 14:00 day_before",
               "Wed 11 Mar 13:00 today"],
    ),
    Case(
        "they flew to Auckland since, where it is already Thursday: ten in the morning there",
        **MARCH, happens=lambda ray: ray.goes_to("Pacific/Auckland"),
        hears=["Wed 4 Mar 21:00 coming", "Mon 9 Mar 21:00 needs", "Tue 10 Mar 21:00 day_before"],
        not_reminded=["two_hours: too late"], staff=["reminder-not-sent by Wed 11 Mar 13:00"],
    ),
    # -- changed --------------------------------------------------------------------------------
    Case(
        "made an hour before: they were just told all of it",
        booked="Wed 11 Mar 2026 13:00", starts="Wed 11 Mar 2026 14:00", over="Wed 11 Mar 2026 18:00",
        hears=[],
    ),
    Case(
        "made two days before: what is still ahead",
        booked="Mon 9 Mar 2026 12:00", starts="Wed 11 Mar 2026 14:00", over="Wed 11 Mar 2026 18:00",
        hears=[BEFORE, TODAY],
    ),
    Case(
        "moved twice: by them, then by us; nothing of the first two is left",
        **MARCH | {"over": "Tue 17 Mar 2026 12:00"},
        happens=then(
            until("Mon 9 Mar 2026 12:00"),
            lambda ray: ray.moved("Fri 13 Mar 2026 14:00", by="person"),
            until("Tue 10 Mar 2026 12:00"),
            lambda ray: ray.moved("Mon 16 Mar 2026 14:00", by="staff"),
        ),
        hears=[FIRST, NEEDS, "Tue 10 Mar 12:00 told_moved", "Sat 14 Mar 10:00 needs",
               "Sun 15 Mar 10:00 day_before", "Mon 16 Mar 12:00 today"],
    ),
    Case(
        "cancelled while a reminder is just leaving: it goes, and the cancellation follows",
        **MARCH,
        happens=then(
            until("Tue 10 Mar 2026 10:00"), lambda ray: ray.leaving(), lambda ray: ray.cancelled(),
        ),
        hears=[FIRST, NEEDS, BEFORE, "Tue 10 Mar 10:00 told_cancelled"],
    ),
    Case(
        "cancelled before a reminder has left: it is taken back",
        **MARCH,
        happens=then(until("Wed 4 Mar 2026 10:00"), lambda ray: ray.cancelled()),
        hears=["Wed 4 Mar 10:00 coming (taken back)", "Wed 4 Mar 10:00 told_cancelled"],
    ),
    Case(
        "moved at night by a link worker: they hear in the morning",
        **MARCH | {"over": "Fri 13 Mar 2026 12:00"},
        happens=then(until("Tue 3 Mar 2026 22:00"), lambda ray: ray.moved("Thu 12 Mar 2026 14:00")),
        hears=["Wed 4 Mar 09:00 told_moved", "Thu 5 Mar 10:00 coming", "Tue 10 Mar 10:00 needs",
               "Wed 11 Mar 10:00 day_before", "Thu 12 Mar 12:00 today"],
    ),
    Case(
        "called off late in the evening for early tomorrow: better now than at the door",
        booked="Tue 3 Mar 2026 09:00", starts="Wed 11 Mar 2026 09:00", over="Wed 11 Mar 2026 12:00",
        happens=then(until("Tue 10 Mar 2026 21:00"), lambda ray: ray.cancelled()),
        hears=[*ALL_FOUR[:3], "Tue 10 Mar 19:00 today", "Tue 10 Mar 21:00 told_cancelled"],
    ),
    # -- how they hear ----------------------------------------------------------------------------
    Case(
        "another language since it was booked",
        **MARCH, happens=then(until("Thu 5 Mar 2026 10:00"), lambda ray: ray.speaks("cy")),
        hears=[FIRST, *(f"{one} in cy" for one in ALL_FOUR[1:])],
    ),
    Case(
        "texts do not get through any more: the next way they agreed to",
        **MARCH,
        happens=then(
            lambda ray: ray.also_has("telegram"), until("Thu 5 Mar 2026 10:00"),
            lambda ray: ray.phone_is_dead(),
        ),
        hears=[FIRST, *(f"{one} by telegram" for one in ALL_FOUR[1:])],
    ),
    Case(
        "texts do not get through, and there is no other way: a person rings the working day before",
        **MARCH, happens=then(until("Thu 5 Mar 2026 10:00"), lambda ray: ray.phone_is_dead()),
        hears=[FIRST], staff=["remind-by-phone by Tue 10 Mar 17:00"],
        not_reminded=["two_days: unreachable", "day_before: unreachable", "two_hours: unreachable"],
    ),
    Case(
        "they said stop to texts, and use Telegram too",
        **MARCH, happens=then(lambda ray: ray.also_has("telegram"), lambda ray: ray.says_stop()),
        hears=[f"{one} by telegram" for one in ALL_FOUR],
    ),
    Case(
        "they said stop, and there is no other way",
        **MARCH, happens=lambda ray: ray.says_stop(),
        hears=[], staff=["remind-by-phone by Tue 10 Mar 17:00"],
        not_reminded=[f"{step}: opted out" for step in ("week", "two_days", "day_before", "two_hours")],
    ),
    Case(
        "the next way is one that others may read: a person rings",
        **MARCH,
        happens=then(lambda ray: ray.also_has("telegram", Safe.SHARED), lambda ray: ray.says_stop()),
        hears=[], staff=["remind-by-phone by Tue 10 Mar 17:00"],
        not_reminded=[f"{step}: opted out" for step in ("week", "two_days", "day_before", "two_hours")],
    ),
    Case(
        "there is only a page they may have left: it waits there, and a person rings",
        **MARCH, happens=then(lambda ray: ray.also_has("web"), lambda ray: ray.says_stop()),
        hears=[f"{one} by web" for one in ALL_FOUR], staff=["remind-by-phone by Tue 10 Mar 17:00"],
    ),
    Case(
        "others see the phone: nothing goes there, and a person rings",
        **MARCH, ray={"safe": Safe.SHARED},
        hears=[], staff=["remind-by-phone by Tue 10 Mar 17:00"],
        not_reminded=[f"{s}: others may see it" for s in ("week", "two_days", "day_before", "two_hours")],
    ),
    Case(
        "others see the phone, and they asked for discreet words",
        **MARCH, ray={"safe": Safe.SHARED, "reminders": "discreet"},
        hears=[f"{one} discreetly" for one in ALL_FOUR],
    ),
    Case(
        "they said ring but leave no message: no words are discreet enough",
        **MARCH, ray={"safe": Safe.NO_MESSAGE, "reminders": "discreet"},
        hears=[], staff=["remind-by-phone by Tue 10 Mar 17:00"],
        not_reminded=[f"{s}: others may see it" for s in ("week", "two_days", "day_before", "two_hours")],
    ),
    Case(
        "we never asked who sees the phone: nothing is named",
        **MARCH, ray={"safe": Safe.NOT_ASKED},
        hears=[f"{one} discreetly" for one in ALL_FOUR],
    ),
    Case("they want no reminders", **MARCH, ray={"reminders": "none"}, hears=[]),
    Case(
        "they did not wish for the one two hours before", **MARCH, ray={"two_hours": False},
        hears=ALL_FOUR[:3],
    ),
    # -- the service was down -----------------------------------------------------------------------
    Case(
        "down for a day: the week's question goes a day late",
        **MARCH, happens=lambda ray: ray.down_until("Thu 5 Mar 2026 11:00"),
        hears=["Thu 5 Mar 11:00 coming", *ALL_FOUR[1:]],
    ),
    Case(
        "down until night: it goes in the morning",
        **MARCH, happens=lambda ray: ray.down_until("Wed 4 Mar 2026 23:00"),
        hears=["Thu 5 Mar 09:00 coming", *ALL_FOUR[1:]],
    ),
    Case(
        "down over two of them: only the later one goes",
        **MARCH, happens=lambda ray: ray.down_until("Mon 9 Mar 2026 11:00"),
        hears=["Mon 9 Mar 11:00 needs", BEFORE, TODAY],
        not_reminded=["week: a later one is due"],
    ),
    Case(
        "down until an hour before: too late for all but the last",
        **MARCH, happens=lambda ray: ray.down_until("Wed 11 Mar 2026 13:00"),
        hears=["Wed 11 Mar 13:00 today"],
        not_reminded=[f"{step}: a later one is due" for step in ("week", "two_days", "day_before")],
    ),
    Case(
        "down until it has begun: nothing is sent, and staff are told",
        **MARCH, happens=lambda ray: ray.down_until("Wed 11 Mar 2026 14:05"),
        hears=[], staff=["reminder-not-sent by Wed 11 Mar 14:05"],
        not_reminded=["week: a later one is due", "two_days: a later one is due",
                      "day_before: a later one is due", "two_hours: too late"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_edge_cases(conversation, case: Case):
    ray = Reminded(conversation, case.booked, **{"two_hours": True} | case.ray)
    ray.books(case.starts)
    case.happens(ray)
    ray.until(case.over)

    assert ray.heard == case.hears
    assert ray.staff == case.staff
    assert ray.not_reminded == case.not_reminded
    assert ray.waits == []
