"""The invented people of a year: how they can be reached, what they wish, and when it suits them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.appointments.calendar import Hours, set_calendar
from bot.casework.staffing import add_staff
from bot.messages import ChannelName
from bot.people import contact_points, joining, persons
from bot.people.quiet import QUIET_BEFORE, QUIET_FROM
from bot.store.tables import Safe
from bot.store.unit_of_work import UnitOfWork

ZONES = ("America/New_York", "Australia/Sydney", "Asia/Karachi", "Europe/Warsaw")
LANGUAGES = ("en", "cy")
#: When they may be written to, in their words, and what that means: weekdays and hours on their clock.
TIMES: dict[str, tuple[range, range]] = {
    "any": (range(7), range(QUIET_BEFORE, QUIET_FROM)),
    "mornings": (range(7), range(QUIET_BEFORE, 12)),
    "afternoons": (range(7), range(12, 17)),
    "after 2pm": (range(7), range(14, QUIET_FROM)),
    "Tuesdays": (range(1, 2), range(QUIET_BEFORE, QUIET_FROM)),
    "ask my sister when it suits": (range(5), range(9, 17)),  # not understood: office hours
}
#: What they answer to a reminder; several are chosen from, and many never answer.
ANSWERS: dict[str, tuple[str, ...]] = {
    "reminder.coming": ("1", "1", "1", "yes", "I will be there", "I can't make it", "another time please"),
    "reminder.needs": ("a quiet room", "no thanks", "a step-free door"),
    "reminder.day_before": ("thanks", "where is it?", "I can't come after all", "running late"),
    "reminder.today": ("ok", "running 10 minutes late", "who is it with?"),
}
ANSWERED = 0.3


@dataclass(eq=False)
class Someone:
    """One invented person, as the proof knows them."""

    n: int
    channels: tuple[ChannelName, ...]  # the one they use most last
    safe: Safe
    times: str
    words: str  # how they wish to be reminded: plain, discreet, none
    two_hours: bool
    zone: str = "Europe/London"
    changed: bool = False  # their zone or their wishes changed during the year
    lost: set[ChannelName] = field(default_factory=set)  # no message arrives there any more
    person_id: int = 0
    conversation_id: int = 0
    points: dict[ChannelName, int] = field(default_factory=dict)

    def address(self, channel: ChannelName) -> str:
        """Their number, or their chat."""
        return f"+447{self.n:09d}" if channel is ChannelName.SMS else str(900_000 + self.n)

    def may_be_written_to(self, at: datetime) -> bool:
        """Whether this instant is outside quiet hours and at a time that suits them, where they are."""
        here = at.astimezone(ZoneInfo(self.zone))
        days, hours = TIMES[self.times]
        return here.weekday() in days and here.hour in hours

    @property
    def unhurried(self) -> bool:
        """Any time of the day suits them, and nothing about them changed."""
        return self.times == "any" and not self.changed


def people(many: int, chance: random.Random) -> list[Someone]:
    """So many invented people, the same for the same seed."""
    sms, telegram = ChannelName.SMS, ChannelName.TELEGRAM
    return [
        Someone(
            n,
            chance.choice(((sms,), (sms,), (telegram,), (sms, telegram))),
            chance.choices(
                (Safe.ONLY_ME, Safe.TEXT_ONLY, Safe.SHARED, Safe.NO_MESSAGE), weights=(70, 18, 8, 4)
            )[0],
            chance.choices(tuple(TIMES), weights=(70, 8, 8, 8, 3, 3))[0],
            chance.choices(("plain", "discreet", "none"), weights=(84, 12, 4))[0],
            chance.random() < 0.3,
        )
        for n in range(1, many + 1)
    ]


def hired(unit: UnitOfWork, n: int) -> int:
    """Another link worker, there every weekday."""
    staff_id = add_staff(unit, f"worker.{n}@ashby.example", f"Ann{n} Lee", "link-worker")
    week = [Hours(day, time(8), time(19), ()) for day in range(5)]
    set_calendar(unit, staff_id, hours=week, gap_minutes=0, notice_minutes=0, open_to_people=True)
    return staff_id


def comes(unit: UnitOfWork, one: Someone) -> None:
    """They have been in touch by each of their channels, and their conversations are one."""
    found = []
    for channel in one.channels:
        point = contact_points.first_contact(
            unit, channel, one.address(channel), language="en", zone=one.zone
        )
        contact_points.set_safe(unit, point.id, one.safe)
        contact_points.heard_from(unit, point.id)
        one.points[channel] = point.id
        found.append(point)
    one.person_id, one.conversation_id = found[-1].person_id, found[-1].conversation_id
    for other in found[:-1]:
        joining.join(unit, one.person_id, other.person_id)
    persons.call(unit, one.person_id, f"Ray {one.n}")
    persons.agreed(unit, one.person_id)
    wishes(unit, one)


def wishes(unit: UnitOfWork, one: Someone) -> None:
    """What they wish is in their contact plan."""
    persons.plan_contact(
        unit, one.person_id, times=one.times, reminders=one.words, two_hours="true" if one.two_hours else None
    )
