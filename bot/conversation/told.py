"""What was found, in the words of the moment: a service told shortly, in a language, for a channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any

from babel import Locale
from babel.dates import format_date, get_day_names
from babel.lists import format_list

from bot.conversation.appointment_words import AppointmentWords
from bot.conversation.voice import Voice
from bot.directory.matching import CAUTIONS, Reason
from bot.directory.reasons import chosen
from bot.directory.reasons import in_words as reasons_in_words
from bot.messages import COUNTED, ChannelName
from bot.requests import (
    AnotherTime,
    AppointmentDue,
    AppointmentOff,
    CompanionAsked,
    OnTheWay,
    Result,
    ServicesFound,
)
from bot.requests.services import Card
from bot.words import dates, gsm

#: What one service may take of a text, in GSM characters: with its choices it is two segments.
ROOM = 168
#: And what may be said of it when they ask for more.
ROOM_FOR_MORE = 214
#: A name longer than this is cut in a text, so that the rest still stands there.
NAME = 40
PLACE = 38
#: An address or a link longer than this does not stand in a text.
LINK = 48
#: In a chat nobody pays by the letter; this is about a screen of a small phone.
SCREEN = 600

_DAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}


def in_words(voice: Voice, language: str, channel: ChannelName, now: datetime, result: Result) -> Any:
    """A result as a prompt sees it: with a service's words beside its codes. Others are as they were."""
    if isinstance(result, ServicesFound):
        if channel in COUNTED:
            return result  # by text they are named as choices, and told one at a time
        tellers = [_Teller(voice, language, channel, now, card) for card in result.cards]
        return SimpleNamespace(
            told="\n\n".join(f"{n}. {one.told()}" for n, one in enumerate(tellers, 1)),
            plain="\n\n".join(f"{n}. {one.told(why=False)}" for n, one in enumerate(tellers, 1)),
        )
    if isinstance(result, (AppointmentDue, AppointmentOff)):
        return AppointmentWords(voice.prompts, language, channel, result.appointment)
    if isinstance(result, OnTheWay):
        seen = _seen(result)
        seen.name = short_name(result.name, channel)
        return seen
    if isinstance(result, (AnotherTime, CompanionAsked)):
        seen = _seen(result)
        seen.on = date.fromisoformat(result.on) if result.on else None
        return seen
    if (appointment := getattr(result, "appointment", None)) is not None:
        instead_of = getattr(result, "instead_of", None)
        return AppointmentWords(voice.prompts, language, channel, appointment, instead_of)
    card = getattr(result, "card", None)
    if card is None:
        return result
    return _OfAService(result, _Teller(voice, language, channel, now, card))


class _OfAService:
    """A result about one service, as a prompt sees it. Its words are made only where they are said."""

    def __init__(self, result: Result, teller: _Teller):
        self._result, self._teller = result, teller

    def __getattr__(self, name: str) -> Any:
        if name in _SAID:
            return _SAID[name](self._teller)
        value = getattr(self._result, name)
        return datetime.fromisoformat(value) if name == "until" else value


def short_name(name: str, channel: ChannelName) -> str:
    """A service's name as it stands in a sentence: cut where it would cost another text."""
    return gsm.cut(gsm.fold(name), NAME) if channel in COUNTED else name


def _seen(result: Result) -> SimpleNamespace:
    return SimpleNamespace(**{f.name: getattr(result, f.name) for f in fields(result)})  # type: ignore[arg-type]


class _Teller:
    """One service's card, said in one language on one channel."""

    def __init__(self, voice: Voice, language: str, channel: ChannelName, now: datetime, card: Card):
        self._voice, self._language, self._channel, self._now = voice, language, channel, now
        self._card, self._short = card, channel in COUNTED
        self.name, self.direct = self._cut(card["name"], NAME), card["direct"]

    def told(self, why: bool = True) -> str:
        """Its name; when; where and how far; cost; why: as far as there is room.

        What to beware of comes first into it: a service not checked lately never goes without saying
        so. Without `why` nothing repeats what they told us.
        """
        reasons = [Reason(code, detail) for code, detail in self._card["reasons"] if code != "near"]
        reasons = chosen(reasons, discreet=not why)
        beware = self._say_all(r for r in reversed(reasons) if r.code in CAUTIONS)
        speaks = self._say_all(r for r in reasons if r.code not in CAUTIONS)
        facts = [said for said in (self._when(), self._where(), self._cost()) if said]
        room = (ROOM if self._short else SCREEN) - gsm.units(self.name)
        kept = []
        for said in (*beware, *facts, *speaks):
            if gsm.units(said) + 1 <= room:
                kept.append(said)
                room -= gsm.units(said) + 1
        return _joined([self.name, *(said for said in (*facts, *speaks, *reversed(beware)) if said in kept)])

    def _say_all(self, reasons: Iterable[Reason]) -> list[str]:
        return reasons_in_words(self._voice.prompts, list(reasons), self._language, channel=self._channel)

    def more(self) -> str:
        """What it is, its times, access, cost and who runs it, as far as there is room."""
        card = self._card
        parts = [
            self._cut(card["description"], 90 if self._short else 400),
            self._all_times(),
            self._say("access", words=self._cut(card["access"], 60 if self._short else 200))
            if card["access"]
            else "",
            self._cost() or self._say("ask_the_cost"),
            self._say("run_by", by=self._cut(card["by"], NAME)) if card["by"] else "",
        ]
        checked = self._say("checked", month=self._month()) if card["assured"] else ""
        room = (ROOM_FOR_MORE if self._short else 2 * SCREEN) - gsm.units(f"{self.name} {checked}") - 2
        kept = []
        for part in filter(None, parts):
            room -= gsm.units(part) + 1
            if room < 0:
                break
            kept.append(part)
        return _joined([self.name, *kept, *([checked] if checked else [])])

    def how(self) -> str:
        """How to get in touch, or that they can just come."""
        card = self._card
        if card["phone"]:
            return self._say("ring", phone=card["phone"], who=self._cut(card["contact"], 24))
        if card["email"] and not (self._short and len(card["email"]) > LINK):
            return self._say("write", email=card["email"])
        if card["url"] and not (self._short and len(card["url"]) > LINK):
            return self._say("look", url=card["url"])
        return self._say("come")

    def next(self) -> str:
        """When and where they can go first."""
        card = self._card
        if not card["next"]:
            return " ".join(filter(None, (self._when(), self._where())))
        said = self._say("next_time", at=datetime.fromisoformat(card["next"]))
        return " ".join(filter(None, (said, self._where())))

    # -- pieces ---------------------------------------------------------------------------------

    def _when(self) -> str:
        times = self._card["times"]
        if not times:
            return ""
        first = times[0]
        opens = time.fromisoformat(first["opens"]) if first["opens"] else None
        days = [day for day in first["byday"].split(",") if day]
        if days and first["freq"] == "WEEKLY" and first["interval"] == 1:
            return self._say("every_week", days=self._days(days), opens=opens, more=len(times) > 1)
        if self._card["next"]:
            return self._say("now_and_then", next=datetime.fromisoformat(self._card["next"]))
        return ""

    def _all_times(self) -> str:
        said = [
            self._say(
                "every_week",
                days=self._days(one["byday"].split(",")),
                opens=time.fromisoformat(one["opens"]) if one["opens"] else None,
                more=False,
            )
            for one in self._card["times"][1:4]
            if one["byday"] and one["freq"] == "WEEKLY" and one["interval"] == 1
        ]
        return " ".join(said)

    def _days(self, days: list[str]) -> str:
        locale = Locale.parse(self._language.replace("-", "_"))
        names = get_day_names("wide", locale=locale)
        wanted = sorted({_DAYS[day[-2:]] for day in days if day[-2:] in _DAYS})
        said = [names[day] for day in wanted]
        if dates.written().get(self._language, {}).get("weekday_in_lower_case"):
            said = [name[:1].lower() + name[1:] for name in said]
        return format_list(said, locale=locale)

    def _where(self) -> str:
        card = self._card
        if card["place"]:
            miles = card["miles"]
            return self._say(
                "where",
                place=self._cut(card["place"], PLACE),
                miles=None if miles is None else round(miles),
            )
        return self._say("online") if card["online"] else ""

    def _cost(self) -> str:
        card = self._card
        if card["free"]:
            return self._say("free")
        if card["pence"]:
            return self._say("costs", sum=money(card["pence"]))
        return self._say("fees", words=self._cut(card["fees"], 40)) if card["fees"] else ""

    def _month(self) -> str:
        locale = Locale.parse(self._language.replace("-", "_"))
        return format_date(date.fromisoformat(self._card["assured"]), "MMMM y", locale=locale)

    def _say(self, block: str, **values: Any) -> str:
        return self._voice.prompts.say(
            f"find_support.{block}",
            self._language,
            channel=self._channel,
            found=SimpleNamespace(service=SimpleNamespace(**values)),
        )

    def _cut(self, words: str, most: int) -> str:
        words = " ".join(words.split())
        return gsm.cut(gsm.fold(words), most) if self._short else gsm.cut(words, 4 * most)


#: What a prompt may say of a service, beside the fields of its result.
_SAID: dict[str, Callable[[_Teller], Any]] = {
    "told": _Teller.told,
    "plain": lambda teller: teller.told(why=False),
    "more": _Teller.more,
    "name": lambda teller: teller.name,
    "how": _Teller.how,
    "next": _Teller.next,
    "direct": lambda teller: teller.direct,
}


def money(pence: int) -> str:
    """A sum as people write it: "50p", "£3", "£2.50"."""
    if pence < 100:
        return f"{pence}p"
    return f"£{pence // 100}" if pence % 100 == 0 else f"£{pence / 100:.2f}"


def _joined(parts: list[str]) -> str:
    """The name on a line of its own, then the sentences."""
    head, *rest = parts
    return f"{head}\n{' '.join(rest)}" if rest else head
