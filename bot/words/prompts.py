"""What is said to people: sentences from `templates/prompts`, in their language, for their channel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, Undefined, nodes, pass_context
from jinja2.ext import InternationalizationExtension
from jinja2.runtime import Context

from bot.clock import LONDON, Clock, SystemClock
from bot.messages import COUNTED
from bot.words import catalogue, dates, gsm
from bot.words.languages import ENGLISH, Languages, isolate_numbers, unaccented

ON_SMS = "on_sms__"
VARIANTS = ("second_try", "asked_again")
#: Said instead where others may read it: it quotes nothing of theirs (practice.md section 3).
DISCREET = "discreet__"
WORDS = "words__"
COMMON = "common"
#: All that a prompt sees.
VALUES = ("answers", "found", "person", "service")

#: How much of someone's own words is quoted back to them (practice.md section 1).
QUOTED_ON_SMS, QUOTED = 60, 300
#: How long what they chose of several may be when it is said back in a text; and own words among it.
CHOSEN_ON_SMS, OWN_AMONG_CHOSEN = 105, 30

Saying = Callable[[dict[str, Any], str | None], str]
Sentence = tuple[str | None, str]

_PREFIX = re.compile(rf"^(?:{ON_SMS})?(?:(?:{'|'.join(VARIANTS)})__)?(?:{DISCREET})?")
_SPACES = re.compile(r"[ \t]{2,}|[ \t]+(?=\n)|(?<=\n)[ \t]+")


class Prompts:
    """Every sentence the service says. How they are written: `templates/prompts/README.md`.

    `templates` is the folder of prompt files, `locales` the folder of translations. The
    clock and zone are for dates inside sentences ("by 5pm Tuesday").
    """

    def __init__(
        self,
        templates: Path,
        locales: Path,
        *,
        clock: Clock | None = None,
        zone: tzinfo = LONDON,
    ):
        self.languages = Languages.load(locales)
        self._flows = tuple(sorted(path.stem for path in Path(templates).glob("*.txt")))
        self._words: dict[tuple[str, str], tuple[str, ...]] = {}
        self._voices: dict[str, _Voice] = {}
        for code in self.languages.offered:  # English first: the others fall back to it
            catalog = None if code == ENGLISH else catalogue.read(Path(locales), code)
            env = _environment(Path(templates), code, catalog, clock or SystemClock(), zone)
            rtl = self.languages.direction(code) == "rtl"
            self._voices[code] = _Voice(env, self._flows, catalog, self._voices.get(ENGLISH), rtl)
        self._keys = tuple(
            f"{f}.{block}" for f in self._flows for block in self.blocks(f) if "__" not in block
        )

    # Saying

    def say(
        self,
        key: str,
        language: str,
        *,
        channel: str | None = None,
        variant: str | None = None,
        **values: Any,
    ) -> str:
        """What to say for `key`, whole in this language or whole in English.

        `variant` is "second_try" or "asked_again"; where that, or a text's own short form,
        was not written the plain one is said. `values` are `answers`, `found`, `person` and
        `service`. Raises KeyError for a key nobody wrote, and jinja2's UndefinedError when a
        value it needs is missing.
        """
        if variant is not None and variant not in VARIANTS:
            raise ValueError(f"a variant is one of {', '.join(VARIANTS)}, not {variant!r}")
        flow, step = self._parts(key)
        names = [f"{variant}__{step}", step] if variant else [step]
        return self._render(flow, names, language, channel, values)

    def label(
        self, key: str, choice: str, language: str, *, channel: str | None = None, **values: Any
    ) -> str:
        """A choice as people see it: short, and without its number. Raises KeyError like `say`."""
        flow, step = self._parts(key)
        return self._render(flow, [f"{step}__{choice}"], language, channel, values)

    def words(self, key: str, language: str) -> tuple[str, ...]:
        """Further words to be heard, in this language and in English, in lower case.

        Each is there with its accents and without, since few phones make them easy.
        `key` names a block of words with or without its prefix: "words__yes" and "yes" of
        common.txt, "intake.words__need__company" or "intake.need__company". Empty when
        there are none.
        """
        if (key, language) not in self._words:
            self._words[key, language] = self._read_words(
                key, language if language in self._voices else ENGLISH
            )
        return self._words[key, language]

    # What there is

    def keys(self) -> tuple[str, ...]:
        """Every prompt's key, such as "intake.consent"."""
        return self._keys

    def has(self, key: str, variant: str | None = None) -> bool:
        """Whether somebody wrote this prompt, or exactly this variant of it (in either length)."""
        flow, _, step = key.rpartition(".")
        if variant is None:
            return self._wrote(flow, step)
        return any(self._wrote(flow, f"{short}{variant}__{step}") for short in ("", ON_SMS))

    def blocks(self, flow: str) -> tuple[str, ...]:
        """The names of the blocks of a prompts file, in its order. Raises KeyError."""
        return tuple(self._voices[ENGLISH].templates[flow].blocks)

    def flows(self) -> tuple[str, ...]:
        """The prompts files there are."""
        return self._flows

    def choices(self, key: str) -> tuple[str, ...]:
        """The choices a prompt has labels for, in the order of the file."""
        flow, step = self._parts(key)
        return tuple(b.removeprefix(f"{step}__") for b in self.blocks(flow) if b.startswith(f"{step}__"))

    def values(self, key: str) -> frozenset[str]:
        """The values a prompt may say, in any variant and in its labels: "service.area", "answers.times"."""
        flow, step = self._parts(key)
        said = self._voices[ENGLISH].values.items()
        return frozenset(
            path for (f, block), paths in said if f == flow and _step(block) == step for path in paths
        )

    def untranslated(self, language: str) -> dict[str, set[Sentence]]:
        """For each "flow.block" not whole in this language, its (context, sentence)s in English only."""
        return {f"{flow}.{block}": left for (flow, block), left in self._voices[language].missing.items()}

    # Inside

    def _parts(self, key: str) -> tuple[str, str]:
        flow, _, step = key.rpartition(".")
        if flow not in self._flows:
            raise KeyError(f"there is no templates/prompts/{flow}.txt for {key!r}")
        return flow, step

    def _wrote(self, flow: str, block: str) -> bool:
        return (flow, block) in self._voices[ENGLISH].sayings

    def _render(
        self, flow: str, names: list[str], language: str, channel: str | None, values: dict[str, Any]
    ) -> str:
        short = channel in COUNTED
        voice = self._voices.get(language) or self._voices[ENGLISH]
        for name in names:
            for block in (ON_SMS + name, name) if short else (name,):
                if saying := voice.sayings.get((flow, block)):
                    return saying(values, channel)
        raise KeyError(f"templates/prompts/{flow}.txt has no block {names[-1]}")

    def _read_words(self, key: str, language: str) -> tuple[str, ...]:
        flow, _, block = key.rpartition(".")
        flow, block = flow or COMMON, WORDS + block.removeprefix(WORDS)
        found: dict[str, None] = {}
        for code in dict.fromkeys((language, ENGLISH)):
            if saying := self._voices[code].sayings.get((flow, block)):
                for word in re.split("[,،]", saying({}, None)):
                    if (word := word.strip().casefold()) and word != "-":
                        found |= {word: None, unaccented(word): None}
        return tuple(found)


class _Voice:
    """One language's sentences, compiled once: an environment takes milliseconds to make."""

    def __init__(
        self,
        env: Environment,
        flows: Iterable[str],
        catalog: Catalog | None,
        english: _Voice | None,
        rtl: bool,
    ):
        self._env, self._rtl = env, rtl
        self.templates: dict[str, Template] = {}
        self.sayings: dict[tuple[str, str], Saying] = {}
        self.missing: dict[tuple[str, str], set[Sentence]] = {}
        self.values: dict[tuple[str, str], frozenset[str]] = {}
        for flow in flows:
            template = self.templates[flow] = env.get_template(f"{flow}.txt")
            source = env.loader.get_source(env, f"{flow}.txt")[0]
            blocks = {block.name: block for block in env.parse(source).find_all(nodes.Block)}
            if catalog is not None:
                self._note_missing(flow, blocks.values(), catalog)
            steps_missing = {_step(block) for f, block in self.missing if f == flow}
            for name, written in template.blocks.items():
                self.values[flow, name] = _values_in(blocks[name])
                # Whole in this language or whole in English: a question never with half its labels.
                if english and _step(name) in steps_missing:
                    self.sayings[flow, name] = english.sayings[flow, name]
                else:
                    saying = self._saying(template, written)
                    self.sayings[flow, name] = saying if self.values[flow, name] else _said_once(saying)

    def _note_missing(self, flow: str, blocks: Iterable[nodes.Block], catalog: Catalog) -> None:
        for block in blocks:
            left = {
                (context, sentence)
                for context, sentence in catalogue.messages_in(block)
                if not catalogue.is_translated(catalog.get(sentence, context))
            }
            if left:
                self.missing[flow, block.name] = left

    def _saying(self, template: Template, written: Callable) -> Saying:
        rtl = self._rtl

        def say(values: dict[str, Any], channel: str | None) -> str:
            answers = values.get("answers")
            if isinstance(answers, dict):
                values = {**values, "answers": _Answers(answers)}
            context = template.new_context({**values, "_channel": channel})
            text = _SPACES.sub(_squeezed, "".join(written(context))).strip()
            if rtl:
                text = isolate_numbers(text, "rtl")
            return gsm.cheapest(text) if channel in COUNTED else text

        return say


class NotAnswered(StrictUndefined):
    """What was never asked: a prompt may look whether it was answered, and may not say it."""

    __slots__ = ()
    __bool__, __eq__, __ne__, __hash__ = (
        Undefined.__bool__, Undefined.__eq__, Undefined.__ne__, Undefined.__hash__
    )  # fmt: skip


class _Answers(dict[str, Any]):
    """The answers so far. People take different ways, so any may be missing."""

    def __missing__(self, step: str) -> NotAnswered:
        return NotAnswered(name=f"answers.{step}")


def _values_in(block: nodes.Block) -> frozenset[str]:
    """The values a block names, each with its full path; of "a.b.c" only the longest."""
    found = {path for node in block.find_all((nodes.Name, nodes.Getattr)) if (path := _path(node))}
    return frozenset(path for path in found if not any(other.startswith(f"{path}.") for other in found))


def _path(node: nodes.Node) -> str | None:
    names: list[str] = []
    while isinstance(node, nodes.Getattr):
        names.insert(0, node.attr)
        node = node.node
    return ".".join([node.name, *names]) if isinstance(node, nodes.Name) and node.name in VALUES else None


def _said_once(saying: Saying) -> Saying:
    """Most labels and many prompts say no value: rendered once, for texts and for the rest."""
    once: dict[bool, str] = {}

    def say(values: dict[str, Any], channel: str | None) -> str:
        short = channel in COUNTED
        if short not in once:
            once[short] = saying({}, channel)
        return once[short]

    return say


def numbered(text: str, labels: Iterable[str], *, channel: str | None = None) -> str:
    """How choices appear where there are no buttons: the question, then "1 Yes", "2 No" below it.

    An empty label keeps its number and is not shown. Name the channel, so that a text is
    spelt as cheaply as the whole of it allows.
    """
    shown = (f"{number} {label}" for number, label in enumerate(labels, 1) if label)
    whole = "\n".join([text, *shown])
    return gsm.cheapest(whole) if channel in COUNTED else whole


def _squeezed(spaces: re.Match[str]) -> str:
    whole, start, end = spaces.string, spaces.start(), spaces.end()
    at_an_edge = start == 0 or whole[start - 1] == "\n" or whole[end : end + 1] in ("", "\n")
    return "" if at_an_edge else " "


def _step(block: str) -> str:
    """The step a block belongs to; each block of further words stands alone."""
    return block if block.startswith(WORDS) else _PREFIX.sub("", block).partition("__")[0]


def _environment(
    templates: Path, language: str, catalog: Catalog | None, clock: Clock, zone: tzinfo
) -> Environment:
    env = Environment(
        loader=FileSystemLoader(templates),
        autoescape=False,
        undefined=StrictUndefined,
        auto_reload=False,
        extensions=[InternationalizationExtension, catalogue.WrittenLines],
    )
    env.policies["ext.i18n.trimmed"] = True
    translated = catalogue.translations(catalog) if catalog is not None else None

    def gettext(sentence: str) -> str:
        return lines((translated.ugettext(sentence) if translated else sentence) if sentence else "")

    def pgettext(context: str, sentence: str) -> str:
        return lines(translated.upgettext(context, sentence) if translated else sentence)

    def ngettext(one: str, many: str, n: int) -> str:
        return lines(translated.ungettext(one, many, n) if translated else one if n == 1 else many)

    def npgettext(context: str, one: str, many: str, n: int) -> str:
        return lines(translated.unpgettext(context, one, many, n) if translated else one if n == 1 else many)

    env.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext)

    @pass_context
    def quoted(context: Context, text: Any) -> str:
        if context.get("_channel") in COUNTED:
            return gsm.cut(gsm.fold(str(text)), QUOTED_ON_SMS)
        return gsm.cut(str(text), QUOTED)

    @pass_context
    def labels(context: Context, chosen: Any, step: str) -> str:
        """What they chose of several, by the labels of that step; their own words in quotes."""
        by_text, said = context.get("_channel") in COUNTED, []
        for one in chosen or ():
            block = context.blocks.get(f"{step}__{one}")
            if block:
                said.append("".join(block[0](context)).strip())
            else:
                own = gsm.cut(gsm.fold(str(one)), OWN_AMONG_CHOSEN) if by_text else gsm.cut(str(one), QUOTED)
                said.append(f'"{own}"')
        return gsm.cut(", ".join(said), CHOSEN_ON_SMS) if by_text else ", ".join(said)

    def day(at: date) -> str:
        return dates.day(at, language, zone, clock.now())

    def hour(at: datetime) -> str:
        return dates.hour(at, language, zone)

    def moment(at: datetime) -> str:
        return dates.moment(at, language, zone, clock.now())

    env.filters |= {"quoted": quoted, "labels": labels, "day": day, "hour": hour, "moment": moment}
    return env


@lru_cache(maxsize=8192)
def lines(sentence: str) -> str:
    """A sentence's " / " as ends of lines. Done before values go in, so a value's own slash stays."""
    return re.sub(r"(?:^|\s)/\s", "\n", sentence)
