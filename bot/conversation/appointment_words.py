"""An appointment in words: day, time, with whom, how, where, how long; as long as there is room.

`told_of` keeps an appointment as codes, names and instants, and `AppointmentWords` says it, in the language
and on the channel of the moment. `plain` forms name nobody and no service, for a phone that others read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from bot.appointments.appointment import Appointment
from bot.appointments.places import Place
from bot.appointments.slots import Slot
from bot.appointments.windows import Exact, Window
from bot.flowkit.answers import plain
from bot.messages import COUNTED, ChannelName
from bot.requests import READING, SLOT, AppointmentsFound, Result, SlotsFound, TimeUnclear
from bot.requests.appointments import Offer, Told
from bot.store.tables import Meeting
from bot.words import dates, gsm
from bot.words.prompts import Prompts

FLOW = "appointment"

#: A place's name longer than this is cut in a text; and shorter still where three stand in a list.
PLACE, PLACE_IN_A_LIST = 34, 22
#: What where it is and what to bring may take of a text; and where it is when they ask for it.
ROOM_FOR_WHERE, ROOM_FOR_BRING, ROOM_FOR_THE_WAY = 84, 30, 150
#: In a chat nobody pays by the letter; but its words stand under a file, which takes 1,024.
SCREEN = 320
#: A link longer than this does not stand in a text.
LINK = 60

#: Ways of meeting that happen wherever they are: their clock counts, and not the link worker's.
FROM_AFAR = frozenset({Meeting.PHONE, Meeting.VIDEO})
#: "In person" is any of these.
_IN_PERSON = (Meeting.CAFE, Meeting.SURGERY, Meeting.ELSEWHERE, Meeting.HOME)


# -- kept --------------------------------------------------------------------------------------


def told_of(one: Appointment, zone: ZoneInfo | str) -> Told:
    """An appointment as a conversation keeps it. `zone` is where the person lives."""
    return {
        "id": one.id,
        "starts_at": one.starts_at.isoformat(),
        "minutes": one.minutes,
        "zone": str(zone if one.meeting in FROM_AFAR else one.zone),
        "meeting": one.meeting.value,
        "who": one.staff_name,
        "where": one.where,
        "bring": one.bring,
        "group": one.session_id is not None,
        "place": _kept(one.place),
    }


def offer_of(slot: Slot, place: Place | None, zone: ZoneInfo | str, at_place: ZoneInfo | str) -> Offer:
    """A free time as it is offered. `zone` is where they live, `at_place` where the link worker is."""
    return {
        "key": key_of(slot),
        "starts_at": slot.starts_at.isoformat(),
        "zone": str(zone if slot.meeting in FROM_AFAR else at_place),
        "meeting": slot.meeting.value,
        "place": _kept(place),
    }


def key_of(slot: Slot) -> str:
    """A free time as an answer: it means the same in an old button, and fits one."""
    start, end = (round(at.timestamp()) // 60 for at in (slot.starts_at, slot.ends_at))
    return f"{SLOT}{slot.staff_id}.{start}.{end - start}.{slot.meeting.value}.{slot.place_id or 0}"


def slot_of(key: str) -> Slot | None:
    """The time an answer means; None when it means none."""
    try:
        staff_id, start, minutes, meeting, place_id = key.removeprefix(SLOT).split(".")
        starts, ends = (_instant(60 * n) for n in (int(start), int(start) + int(minutes)))
        return Slot(int(staff_id), starts, ends, Meeting(meeting), int(place_id) or None)
    except (ValueError, OverflowError, OSError):
        return None


def readings_of(readings: Iterable[Exact | Window], zone: ZoneInfo) -> list[Offer]:
    """What somebody's words may mean, as they are asked which: instants as UTC, days as local dates."""
    kept = []
    for n, reading in enumerate(readings):
        if isinstance(reading, Exact):
            days: dict[str, Any] = {"at": reading.at.astimezone(UTC).isoformat()}
        else:
            days = {name: _plainly(value) for name, value in asdict(reading).items()}
        kept.append({"key": f"{READING}{n}", "zone": str(zone), **days})
    return kept


def reading_of(kept: Offer) -> Exact | Window:
    """The meaning they chose."""
    if "at" in kept:
        return Exact(datetime.fromisoformat(kept["at"]).astimezone(ZoneInfo(kept["zone"])))
    weekdays = kept["weekdays"]
    return Window(
        date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), _time(kept["opens"]),
        _time(kept["closes"]), frozenset(weekdays) if weekdays is not None else None,
        _time(kept["starts_by"]),
    )  # fmt: skip


# -- said --------------------------------------------------------------------------------------


class AppointmentWords:
    """One appointment, or a time that may become one, said in one language on one channel."""

    def __init__(
        self,
        prompts: Prompts,
        language: str,
        channel: ChannelName,
        told: Told,
        instead_of: Told | None = None,
    ):
        self._prompts, self._language, self._channel, self._told = prompts, language, channel, told
        self._instead_of = instead_of
        self._short = channel in COUNTED
        self._zone = ZoneInfo(told["zone"])
        self.starts_at = datetime.fromisoformat(told["starts_at"])

    @property
    def who(self) -> str:
        """The link worker's first name."""
        return self._told["who"]

    @property
    def day(self) -> str:
        """ "Tuesday 3 March": whole, since it may be read again next week."""
        return dates.whole_day(self.starts_at, self._language, self._zone)

    @property
    def at(self) -> str:
        """ "2pm"."""
        return dates.hour(self.starts_at, self._language, self._zone)

    @property
    def short(self) -> str:
        """ "Tuesday 3 March at 2pm"."""
        return self._say("short", day=self.day, at=self.at)

    @property
    def how(self) -> str:
        """ "by phone"; "at Corner Cafe"."""
        return self._how(PLACE)

    @property
    def told(self) -> str:
        """ "Tuesday 3 March at 2pm, with Sam, by phone, 30 minutes."."""
        return self._summary(self.who)

    @property
    def plain(self) -> str:
        """The same, naming nobody."""
        return self._summary("")

    @property
    def where(self) -> str:
        """Where it is and how to get there, as far as there is room beside the rest."""
        return self._where(ROOM_FOR_WHERE, self.who)

    @property
    def where_plain(self) -> str:
        """The same, naming nobody."""
        return self._where(ROOM_FOR_WHERE, "")

    @property
    def way(self) -> str:
        """Where it is and how to get there, all of it."""
        return self._where(ROOM_FOR_THE_WAY, self.who)

    @property
    def way_plain(self) -> str:
        """The same, naming nobody."""
        return self._where(ROOM_FOR_THE_WAY, "")

    @property
    def instead(self) -> str:
        """The time it is instead of, shortly; or nothing."""
        if self._instead_of is None:
            return ""
        return AppointmentWords(self._prompts, self._language, self._channel, self._instead_of).short

    @property
    def bring(self) -> str:
        """What to bring, in the link worker's words; or nothing."""
        words = self._cut(self._told["bring"], ROOM_FOR_BRING)
        return self._say("to_bring", words=words) if words else ""

    @property
    def label(self) -> str:
        """As it stands among others to choose from: "Tuesday 3 March, 2pm, by phone"."""
        return _begun(self._say("slot", day=self.day, at=self.at, how=self._how(PLACE_IN_A_LIST)))

    def said(self, *names: str) -> dict[str, str]:
        """Some of these words, as they can be kept with what was said."""
        return {name: getattr(self, name) for name in names}

    # -- pieces ---------------------------------------------------------------------------------

    def _summary(self, who: str) -> str:
        when, how, minutes = self.short, self.how, self._told["minutes"]
        return _begun(self._say("summary", when=when, who=who, how=how, minutes=minutes))

    def _how(self, most: int) -> str:
        meeting, place = Meeting(self._told["meeting"]), self._told["place"]
        if place is not None and place["name"] and meeting not in FROM_AFAR:
            return self._say("how_at", place=self._cut(place["name"], most))
        return self._prompts.label(f"{FLOW}.ways", meeting.value, self._language, channel=self._channel)

    def _where(self, room: int, who: str) -> str:
        """The most needed first: a place's address, then the way there."""
        meeting, place = Meeting(self._told["meeting"]), self._told["place"] or {}
        room = room if self._short else SCREEN
        said, kept = [], []
        if meeting is Meeting.PHONE:
            said.append(self._say("rings", who=who))
        elif link := place.get("link", ""):
            if not self._short or len(link) <= LINK:
                said.append(self._say("join", link=link))
        elif meeting is Meeting.HOME:
            said.append(self._say("comes", who=who))
        if meeting not in FROM_AFAR:
            address = self._told["where"] or place.get("address", "")
            said += [
                f"{self._cut(words, room)}{_stop(words)}" for words in (address, place.get("way")) if words
            ]
        for words in said:
            if gsm.units(gsm.fold(words)) + 1 <= room:
                kept.append(words)
                room -= gsm.units(gsm.fold(words)) + 1
        return " ".join(kept)

    def _say(self, block: str, **values: Any) -> str:
        return self._prompts.say(
            f"{FLOW}.{block}",
            self._language,
            channel=self._channel,
            found=SimpleNamespace(appointment=SimpleNamespace(**values)),
        )

    def _cut(self, words: str, most: int) -> str:
        words = " ".join(words.split())
        return gsm.cut(gsm.fold(words), most) if self._short else gsm.cut(words, SCREEN)


def offers(
    prompts: Prompts, result: Result | None, language: str, channel: ChannelName | None
) -> list[tuple[str, str]]:
    """What a result has to choose from, each with its label in this language; nothing for most."""
    channel = channel or ChannelName.WEB
    if isinstance(result, SlotsFound):
        told = [(o["key"], {"who": "", "minutes": 0, "where": "", "bring": "", **o}) for o in result.slots]
    elif isinstance(result, AppointmentsFound):
        told = [(str(one["id"]), one) for one in result.appointments]
    elif isinstance(result, TimeUnclear):
        return [(kept["key"], _reading(prompts, kept, language, channel)) for kept in result.readings]
    else:
        return []
    return [(key, AppointmentWords(prompts, language, channel, one).label) for key, one in told]


def _reading(prompts: Prompts, kept: Offer, language: str, channel: ChannelName) -> str:
    """What their words may mean, as a choice: "Friday 6 March", "Tuesday 3 March at 7pm"."""
    zone = ZoneInfo(kept["zone"])

    def say(block: str, **values: Any) -> str:
        found = SimpleNamespace(appointment=SimpleNamespace(**values))
        return _begun(prompts.say(f"{FLOW}.{block}", language, channel=channel, found=found))

    if "at" in kept:
        at = datetime.fromisoformat(kept["at"])
        day, hour = dates.whole_day(at, language, zone), dates.hour(at, language, zone)
        return say("short", day=day, at=hour)
    meant = reading_of(kept)
    assert isinstance(meant, Window)
    day = dates.whole_day(meant.first, language, zone)
    opens, closes = (dates.hour(at, language, zone) if at else "" for at in (meant.opens, meant.closes))
    if meant.first != meant.last:
        return say("days", day=day, last=dates.whole_day(meant.last, language, zone))
    if meant.opens is not None and meant.opens == meant.starts_by:
        return say("short", day=day, at=opens)
    if opens or closes:
        return say("hours", day=day, opens=opens, closes=closes)
    return _begun(day)


# -- heard -------------------------------------------------------------------------------------


def ways_in(prompts: Prompts, language: str, words: str) -> tuple[tuple[Meeting, ...], str]:
    """How they would like to meet, and what is left of their words: "afternoons, by phone".

    A way they would rather not is left out of all the others: "not by phone".
    """
    wanted: list[Meeting] = []
    unwanted: list[Meeting] = []
    left = plain(words)
    for meetings, said in _phrases(prompts, language):
        if (found := said.search(left)) is None:
            continue
        (unwanted if found["no"] else wanted).extend(meetings)
        left = f"{left[: found.start()]} {left[found.end() :]}"
    if unwanted and not wanted:
        wanted = list(Meeting)
    kept = tuple(dict.fromkeys(m for m in wanted if m not in unwanted))
    return kept, " ".join(left.split()).strip(" ,.;")


@lru_cache(maxsize=16)
def _phrases(prompts: Prompts, language: str) -> list[tuple[tuple[Meeting, ...], re.Pattern[str]]]:
    """Each phrase for a way of meeting, the longest first, with a "not" before it or none."""
    meant: dict[str, tuple[Meeting, ...]] = {}
    for meeting in Meeting:
        for said in prompts.words(f"{FLOW}.ways__{meeting.value}", language):
            meant[plain(said)] = (meeting,)
    for said in prompts.words(f"{FLOW}.ways__in_person", language):
        meant[plain(said)] = _IN_PERSON
    no = "|".join(re.escape(plain(said)) for said in prompts.words(f"{FLOW}.ways__not", language))
    return [
        (meant[said], re.compile(rf"(?<!\w)(?P<no>(?:{no})\s+)?{re.escape(said)}(?!\w)"))
        for said in sorted(meant, key=len, reverse=True)
    ]


# -- inside ------------------------------------------------------------------------------------


def _kept(place: Place | None) -> dict[str, str] | None:
    if place is None:
        return None
    return {
        "name": place.name, "address": place.address, "way": place.how_to_get_there, "link": place.link,
    }  # fmt: skip


def _plainly(value: Any) -> Any:
    if isinstance(value, (date, time)):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value


def _time(kept: str | None) -> time | None:
    return time.fromisoformat(kept) if kept else None


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _begun(words: str) -> str:
    """As a sentence begins: in Welsh a day has a small letter inside one."""
    return words[:1].upper() + words[1:]


def _stop(words: str) -> str:
    """A full stop where there is none: an address stands before another sentence."""
    return "" if words.rstrip().endswith((".", "!", "?")) else "."
