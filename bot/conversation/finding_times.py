"""Finding somebody a time: their own words for when and how, and what is free that suits, or nearly."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.appointments.appointment import Appointment, appointments_of
from bot.appointments.calendar import WorkerCalendar, calendars
from bot.appointments.habits import Habits
from bot.appointments.places import places
from bot.appointments.slots import Slot, Wishes, slots_free
from bot.appointments.when import understand
from bot.appointments.windows import Exact, Meaning, NotATime, Unclear, Understood, Why, Window
from bot.casework.cases import case_of
from bot.casework.plans import plan_of
from bot.casework.staffing import staff_of
from bot.conversation.appointment_words import offer_of, reading_of, slot_of, ways_in
from bot.conversation.talk import Talk
from bot.people.persons import person_of
from bot.requests.appointments import Offer
from bot.store.tables import AppointmentStatus, Heading, Meeting

#: So many at a time.
AT_MOST = 3
#: Near a time nobody is free at, so many are looked at, from so long before it.
NEAR, NEAR_FROM = 150, timedelta(days=3)
#: Two of the nearest are so far apart, where they can be.
APART = timedelta(hours=1)
#: What is not understood alone may be with what they said before: "on which day?", "Friday".
_WITH_BEFORE = frozenset({Why.NO_DAY, Why.WHICH_HALF})
#: Around a time that was shown, more like it are not what they ask for next.
LIKE_IT, QUARTER = timedelta(hours=2), timedelta(minutes=15)
#: Times of a contact plan that are no wish.
_ANY = frozenset({"", "any"})


class Wish:
    """What they said would suit, as it is kept between turns.

    `words` were said at `at` (aware); `kept` is what they meant where words alone do not say it; `meetings`
    how they would like to meet. A `usual` one is no wish of now: it is how they are best contacted.
    """

    def __init__(self, talk: Talk, data: dict[str, Any] | None = None):
        self._talk = talk
        data = data or {}
        self.words: str = data.get("words", "")
        self.at = datetime.fromisoformat(data["said_at"]) if "said_at" in data else talk.now
        self.kept: list[Offer] = data.get("kept", [])
        self.meetings: tuple[Meeting, ...] = tuple(Meeting(m) for m in data.get("meetings", ()))
        self.usual: bool = data.get("usual", False)

    def data(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "words": self.words, "said_at": self.at.isoformat(), "kept": self.kept, "usual": self.usual,
            "meetings": [m.value for m in self.meetings],
        }  # fmt: skip

    def meaning(self) -> Meaning:
        """What they meant; NotATime where they said nothing of when."""
        if self.kept:
            found = [reading_of(one) for one in self.kept]
            if isinstance(found[0], Exact):
                return found[0]
            return Understood(tuple(one for one in found if isinstance(one, Window)))
        return meaning_of(self._talk, self.words, self.at) if self.words else NotATime()

    def windows(self) -> tuple[tuple[Window, ...] | None, tuple[Window, ...]]:
        """The times that would suit (None: any), and those that would not."""
        meant = self.meaning()
        if isinstance(meant, Exact):
            local = meant.at.astimezone(zone_of(self._talk))
            return (Window(local.date(), local.date(), local.time(), starts_by=local.time()),), ()
        if isinstance(meant, Understood):
            return meant.windows, meant.excluded
        return None, ()

    def about(self) -> datetime | None:
        """The instant that what they said begins at; None where they said no time."""
        windows, _ = self.windows()
        if not windows:
            return None
        first = min(windows, key=lambda w: (w.first, w.opens or time()))
        return datetime.combine(first.first, first.opens or time(9), zone_of(self._talk))

    def one_day(self) -> bool:
        """Whether it is about a single day."""
        windows, _ = self.windows()
        return bool(windows) and len({w.first for w in windows} | {w.last for w in windows}) == 1


def usual_wish(talk: Talk) -> Wish:
    """How they are best contacted and like to meet, while they have said nothing else."""
    wish = Wish(talk)
    wish.usual = True
    times = str(person_of(talk.unit, talk.person_id).contact_plan.get("times") or "")
    if times not in _ANY and isinstance(meaning_of(talk, times, talk.now), Understood):
        wish.words = times
    plan = plan_of(talk.unit, talk.person_id)
    liked = [line.code for line in plan.under(Heading.MEETING)] if plan else []
    wish.meetings = tuple(Meeting(code) for code in liked if code in set(Meeting))
    return wish


def meaning_of(talk: Talk, words: str, at: datetime) -> Meaning:
    """What they mean by these words, said at `at` (aware)."""
    habits = Habits(nation=talk.voice.settings.nation)
    return understand(words, at, zone_of(talk), talk.language, habits)


def closing(talk: Talk, words: str, before: str, why: str) -> tuple[Meaning, str]:
    """What they mean where something was left open, and the words that say it: "at 5", then "Friday".

    `before` are those that left it open, and `why` what was. Words that say it all stand alone.
    """
    alone = meaning_of(talk, words, talk.now)
    if isinstance(alone, Exact) or why not in set(_WITH_BEFORE):
        return alone, words
    for together in (f"{words} {before}", f"{before} {words}"):
        meant = meaning_of(talk, together, talk.now)
        if isinstance(meant, Exact) or (isinstance(meant, Unclear) and meant.why.value != why):
            return meant, together
    return alone, words


def on_that_day(talk: Talk, words: str, chosen: Exact | Window) -> Meaning:
    """What their words mean on the day they chose of two: "Tues after 2" is not all of that Tuesday."""
    day = Understood((chosen,)) if isinstance(chosen, Window) else chosen
    if not isinstance(chosen, Window) or chosen.first != chosen.last or chosen.opens is not None:
        return day
    zone = zone_of(talk)
    for days in (1, 2, 6):  # said shortly before it, they could only mean that one
        at = datetime.combine(chosen.first - timedelta(days=days), time(12), zone)
        meant = understand(words, at, zone, talk.language, Habits(nation=talk.voice.settings.nation))
        if isinstance(meant, Exact) and meant.at.date() == chosen.first:
            return meant
        if isinstance(meant, Understood) and meant.certain:
            if all(window.first == window.last == chosen.first for window in meant.windows):
                return meant
    return day


def to_ask(meant: Meaning) -> Unclear | None:
    """What must be asked back before anything is offered; None where nothing must."""
    if isinstance(meant, Unclear):
        return meant
    if isinstance(meant, Understood) and not meant.certain:
        return Unclear(meant.ask or Why.WORDS, meant.windows)
    return None


def ways_said(talk: Talk, words: str) -> tuple[tuple[Meeting, ...], str]:
    """How they would like to meet, in these words, and the words without that."""
    return ways_in(talk.voice.prompts, talk.language, words)


# -- what is free ------------------------------------------------------------------------------


class Looking:
    """A look through the calendars for one person. `moving` is the appointment to be moved, if one is."""

    def __init__(self, talk: Talk, moving: Appointment | None):
        self._talk, self._moving = talk, moving
        self._calendars, named = _with_whom(talk, moving)
        #: With nobody named, whoever has least on is offered first.
        self._staff_ids = tuple(calendar.staff_id for calendar in self._calendars) if named else ()

    @property
    def open(self) -> bool:
        """Whether any calendar is open to them."""
        return bool(self._calendars)

    def suits(self, wish: Wish, without: Collection[datetime] = ()) -> list[Slot]:
        """Free times that are as they wish."""
        windows, excluded = wish.windows()
        return self._free(windows, excluded, wish.meetings, without=without)

    def nearest(self, wish: Wish, without: Collection[datetime] = ()) -> list[Slot]:
        """The nearest to what they wish: the same time another way, and the same way at another time."""
        windows, excluded = wish.windows()
        found: list[Slot] = []
        if wish.meetings and windows:
            found = self._free(windows, excluded, (), most=AT_MOST - 1, without=without)
        without = {*without, *(slot.starts_at for slot in found)}
        about = wish.about()
        for meetings in dict.fromkeys((wish.meetings, ())):
            if len(found) < AT_MOST:
                near = self._near(about, meetings, {*without, *around(slot.starts_at for slot in found)})
                found += near[: AT_MOST - len(found)]
                without = {*without, *(slot.starts_at for slot in found)}
        return sorted(found, key=lambda slot: slot.starts_at)

    def too_far(self, wish: Wish) -> bool:
        """Whether what they wish is further ahead than any of these calendars goes."""
        about = wish.about()
        ahead = max((calendar.ahead_days for calendar in self._calendars), default=0)
        return about is not None and about > self._talk.now + timedelta(days=ahead + 1)

    def any(self, without: Collection[datetime] = ()) -> list[Slot]:
        """Free times, whatever they said."""
        return self._free(None, (), (), without=without)

    def offers(self, slots: list[Slot]) -> list[Offer]:
        """These times as they are offered."""
        there = {place.id: place for place in places(self._talk.unit, all_=True)}
        zones = {calendar.staff_id: calendar.zone for calendar in self._calendars}
        return [
            offer_of(slot, there.get(slot.place_id or 0), self._talk.zone, zones[slot.staff_id])
            for slot in slots
        ]

    def who(self, slots: list[Slot]) -> str:
        """The first name of the link worker, where all these are with the same."""
        ids = {slot.staff_id for slot in slots}
        worker = staff_of(self._talk.unit, ids.pop()) if len(ids) == 1 else None
        return worker.first_name if worker else ""

    def _near(
        self, about: datetime | None, meetings: tuple[Meeting, ...], without: Collection[datetime]
    ) -> list[Slot]:
        """The nearest to an instant, not all within the hour; the soonest where there is none."""
        if about is None:
            return self._free(None, (), meetings, without=without)
        from_ = about - NEAR_FROM
        found = self._free(None, (), meetings, most=NEAR, after=from_, without=without, spread=False)
        found.sort(key=lambda slot: (abs(slot.starts_at - about), slot.starts_at))
        apart: list[Slot] = []
        for slot in found:
            if all(abs(slot.starts_at - one.starts_at) >= APART for one in apart):
                apart.append(slot)
        return [*apart, *(slot for slot in found if slot not in apart)]

    def _free(
        self,
        windows: tuple[Window, ...] | None,
        excluded: tuple[Window, ...],
        meetings: tuple[Meeting, ...],
        *,
        most: int = AT_MOST,
        after: datetime | None = None,
        without: Collection[datetime] = (),
        spread: bool = True,
    ) -> list[Slot]:
        kind = kind_for(self._talk, self._moving)
        wishes = Wishes(
            windows, meetings, self._staff_ids, kind, zone_of(self._talk), excluded, self._talk.person_id
        )
        return slots_free(
            self._talk.unit, wishes, nation=self._talk.voice.settings.nation, most=most, after=after,
            spread=spread, without=without, ignoring=(self._moving.id,) if self._moving else (),
        )  # fmt: skip


def times_of(keys: Collection[str]) -> set[datetime]:
    """When these free times begin."""
    return {slot.starts_at for key in keys if (slot := slot_of(key)) is not None}


def around(times: Iterable[datetime]) -> set[datetime]:
    """Every quarter of an hour that is near one of these."""
    steps = range(-(LIKE_IT // QUARTER) + 1, LIKE_IT // QUARTER)
    return {at + n * QUARTER for at in times for n in steps}


def only_one_that_suits(talk: Talk, wish: Wish, offered: Collection[str]) -> str | None:
    """The one time among those offered that they named by its day: "the 3rd", "Tuesday then"."""
    windows, excluded = wish.windows()
    if not windows or not wish.one_day():
        return None
    suits = Wishes(windows, zone=zone_of(talk), excluded=excluded).suit
    found = [
        key
        for key in offered
        if (slot := slot_of(key))
        and suits(slot.starts_at, slot.ends_at)
        and (not wish.meetings or slot.meeting in wish.meetings)
    ]
    return found[0] if len(found) == 1 else None


def zone_of(talk: Talk) -> ZoneInfo:
    """Where they live."""
    return ZoneInfo(talk.zone)


def kind_for(talk: Talk, moving: Appointment | None) -> str:
    """The kind of appointment it would be: as the one that is moved; the first talk, until there was one."""
    if moving is not None:
        return moving.kind
    met = any(a.status is AppointmentStatus.ATTENDED for a in appointments_of(talk.unit, talk.person_id))
    return "review" if met else "first"


def _with_whom(talk: Talk, moving: Appointment | None) -> tuple[list[WorkerCalendar], bool]:
    """Their own link worker's calendar, where people may book with them; else everybody's.

    And whether it is anybody's in particular.
    """
    if moving is not None:
        return calendars(talk.unit, open_to_people=True, staff_ids=[moving.staff_id]), True
    case = case_of(talk.unit, talk.person_id)
    everyone = calendars(talk.unit, open_to_people=True)
    own = [calendar for calendar in everyone if case is not None and calendar.staff_id == case.owner_id]
    return (own, True) if own else (everyone, False)
