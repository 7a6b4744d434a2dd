"""Words for a turn: prompts in the person's language, choices as offered, commands as understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from bot.conversation import appointment_words
from bot.flowkit import Flow
from bot.flowkit.answers import ABOUT, Expects, Offered, Vocabulary, plain
from bot.flowkit.commands import Command
from bot.flowkit.several import ENOUGH
from bot.messages import WITH_BUTTONS, ChannelName
from bot.settings import Settings
from bot.words.dates import moment
from bot.words.languages import Languages
from bot.words.prompts import Prompts, numbered

NUMBERS = range(11)


class Voice:
    """Everything said by the service, and every word it understands. Made once, shared by all turns."""

    def __init__(
        self, prompts: Prompts, languages: Languages, flows: Mapping[str, type[Flow]], settings: Settings
    ):
        self.prompts, self.languages, self.flows, self.settings = prompts, languages, flows, settings
        #: Each flow's old step names and what they are now, for conversations that slept.
        self.renamed = {name: kind.renamed for name, kind in flows.items() if kind.renamed}
        s = settings
        self._service = {
            "name": s.service_name, "area": s.area, "phone": s.service_phone, "caller_name": s.caller_name,
            "minimum_age": s.minimum_age, "contact_within_days": s.contact_within_days,
            "keep_days": s.keep_without_agreement_days, "neighbour_name": s.neighbour_name,
            "neighbour_phone": s.neighbour_phone, "controller": s.controller or s.service_name,
            "privacy_url": f"{s.base_url}/privacy", "nation": s.nation,
            "more_weeks": -(-s.late_extra_days // 5),
            "text_number": s.twilio_from, "privacy_contact": s.privacy_contact or s.service_phone,
            "urgent_food": s.urgent_food, "homelessness": s.homelessness,
        }  # fmt: skip

    def service(self, language: str, now: datetime) -> SimpleNamespace:
        """What a prompt sees as `service`; `opens` is when someone is next there, in words."""
        return self._service_at(language, now.replace(second=0, microsecond=0))

    @lru_cache(maxsize=64)  # noqa: B019
    def _service_at(self, language: str, minute: datetime) -> SimpleNamespace:
        opens = self.settings.hours.next_opening(minute)
        return SimpleNamespace(
            **self._service,
            opens=moment(opens, language, self.settings.zone, minute),
            is_open=opens == minute,
            hours_words=self.settings.opening_hours,
        )

    # -- what a step offers -----------------------------------------------------------------

    @lru_cache(maxsize=4096)  # noqa: B019 - one of these lives as long as the program
    def offered(
        self, flow: str, step: str, language: str, channel: ChannelName | None = None
    ) -> tuple[Offered, ...]:
        """The choices of a step in order, with their labels on this channel and the words for them."""
        expects = self.flows[flow].step(step).expects
        if expects is None:
            return ()
        if expects.languages:
            return tuple(Offered(lang.code, lang.name, tuple(lang.also)) for lang in self.languages)
        return tuple(self._offer(flow, step, choice, language, channel) for choice in expects.choices)

    def offers(
        self, flow: str, step: str, found: Mapping[str, Any], language: str, channel: ChannelName | None
    ) -> tuple[Offered, ...]:
        """The choices of a step with what was `found` for it: first what was found, then its own."""
        expects = self.flows[flow].step(step).expects
        own = self.offered(flow, step, language, channel)
        if expects is None or not (expects.found or expects.about):
            return own
        if expects.about:
            about = getattr(found.get(expects.about), "about", "")
            return tuple(replace(o, key=f"{o.key}{ABOUT}{about}") for o in own)
        result = found.get(expects.found or "")
        offers = getattr(result, "offers", None)
        if offers is None:
            offers = appointment_words.offers(self.prompts, result, language, channel)
        return (*(Offered(str(key), label) for key, label in offers), *own)

    def _offer(
        self, flow: str, step: str, choice: str, language: str, channel: ChannelName | None
    ) -> Offered:
        service = SimpleNamespace(**self._service)
        label = self.prompts.label(f"{flow}.{step}", choice, language, channel=channel, service=service)
        words = list(self.prompts.words(f"{flow}.{step}__{choice}", language))
        if channel is not None:  # the full label is understood, whatever was short enough to be shown
            words.append(self.prompts.label(f"{flow}.{step}", choice, language, service=service))
        return Offered(choice, label, tuple(words))

    @lru_cache(maxsize=32)  # noqa: B019
    def enough(self, language: str) -> Offered:
        """The button that ends a row of presses."""
        words = self.prompts.words("enough", language)
        return Offered(ENOUGH, self.prompts.label("talk.anything_else", ENOUGH, language), words)

    @lru_cache(maxsize=512)  # noqa: B019
    def changes(self, flow: str, steps: tuple[str, ...], language: str) -> tuple[Offered, ...]:
        """The answers that can be changed, by their short names."""
        return tuple(
            Offered(s, self.prompts.label(f"{flow}.change", s, language), ())
            for s in steps
            if s in self.prompts.choices(f"{flow}.change")
        )

    # -- what is understood at every step -----------------------------------------------------

    @lru_cache(maxsize=32)  # noqa: B019
    def vocabulary(self, language: str) -> Vocabulary:
        """What is heard at every step, yes and no and the numbers, in this language and in English."""

        def words(block: str) -> frozenset[str]:
            return frozenset(plain(w) for w in self.prompts.words(block, language))

        numbers = {plain(w): n for n in NUMBERS for w in self.prompts.words(f"number_{n}", language)}
        return Vocabulary(
            words("yes"), words("no"), words("skip"), numbers, words("thanks"), words("before_a_name"),
            words("everything"), words("none_of_them"), words("enough"), words("and"),
            words("meant"), words("meant_otherwise"), words("oops"), words("actually"),
        )  # fmt: skip

    @lru_cache(maxsize=32)  # noqa: B019
    def commands(self, language: str) -> dict[str, Command]:
        """Each plain phrase and the command it is."""
        return {
            plain(w): command
            for command in Command
            for w in self.prompts.words(f"command_{command.value}", language)
        }

    def expects(self, flow: str, step: str) -> Expects | None:
        """What fits a step."""
        return self.flows[flow].step(step).expects

    # -- saying -------------------------------------------------------------------------------

    def render(
        self, key: str, language: str, channel: ChannelName, now: datetime, *,
        variant: str | None = None, offered: tuple[Offered, ...] = (), **values: Any,
    ) -> str:  # fmt: skip
        """The whole text for a channel: the prompt, and its choices numbered where there are no buttons.

        A choice with an empty label is understood and not shown; its number is still its own.
        """
        values = {"answers": {}, "found": {}, "person": SimpleNamespace(name="")} | values
        text = self.prompts.say(
            key, language, channel=channel, variant=variant, service=self.service(language, now), **values
        )
        if channel in WITH_BUTTONS:
            return text
        return numbered(text, [o.label for o in offered], channel=channel)
