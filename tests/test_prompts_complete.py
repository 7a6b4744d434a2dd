"""Every prompt in every language: there, whole, plain, short enough for a text, and safe to answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError

import flows
from bot.clock import SetClock
from bot.flowkit.answers import plain
from bot.flowkit.gather import gather
from bot.words import catalogue, fits, gsm
from bot.words.prompts import DISCREET, ON_SMS, VARIANTS, WORDS, Prompts
from tests.support import longest, reading

ROOT = Path(__file__).parents[1]
PROMPTS = Prompts(ROOT / "templates" / "prompts", ROOT / "locales", clock=SetClock(longest.NOW))
OFFERED = PROMPTS.languages.offered
OTHERS = [code for code in OFFERED if code != "en"]

#: Most grade a file, and a message of it, may have (design section 6): read at nine.
FILE_GRADE, MESSAGE_GRADE = 4.0, 6.0
#: Published measures and the privacy page are not counted (design section 6).
NOT_GRADED = {"privacy"}

#: Words the phone company acts on before we see them (domain facts, section 6).
# fmt: off
CARRIER = {
    "STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL",
    "START", "YES", "UNSTOP",
    "HELP", "INFO",
}
# fmt: on
#: The only prompts that may tell anyone to text one, as practice section 1 and 5 write them.
MAY_SAY = {
    "intake.area": {"STOP"},
    "talk.stopped": {"START"},
    "talk.stopped_here": {"START"},
}

#: Capitals that are no word to text us.
NOT_OURS = {"SHOUT", "NHS", "GIG", "BSL", "ICO"}


@dataclass(frozen=True)
class Message:
    """One thing somebody may be sent, with its choices numbered where there are no buttons."""

    key: str
    language: str
    channel: str
    variant: str | None
    text: str

    def __str__(self) -> str:
        how = f", {self.variant}" if self.variant else ""
        return f"{self.key} in {self.language} by {self.channel}{how}:\n{self.text}\n"


def said(
    key: str, language: str, channel: str, variant: str | None, simple: bool = False
) -> Iterator[Message]:
    """Everything this prompt may say, over all values known for it."""
    if unknown := longest.unknown(PROMPTS.values(key)):
        pytest.fail(f"{key} says {', '.join(unknown)}: add to tests/support/longest.py", pytrace=False)
    seen = set()
    for values in longest.scenes(PROMPTS.values(key), simple):
        text = _whole(key, language, channel, variant, values)
        if text not in seen:
            seen.add(text)
            yield Message(key, language, channel, variant, text)


def _whole(key: str, language: str, channel: str, variant: str | None, values: dict[str, Any]) -> str:
    try:
        return fits.whole(PROMPTS, key, language, channel, variant, values)
    except UndefinedError as error:
        pytest.fail(f"{key} in {language}: {error}; see tests/support/longest.py", pytrace=False)


def texts(key: str, language: str) -> Iterator[Message]:
    """Everything this prompt may say in a text."""
    for variant in fits.variants_of(PROMPTS, key):
        yield from said(key, language, "sms", variant)


def everything(key: str, language: str, simple: bool = False) -> Iterator[Message]:
    """Everything it may say on any channel, once."""
    seen = set()
    for channel in ("sms", "telegram"):
        for variant in fits.variants_of(PROMPTS, key):
            for message in said(key, language, channel, variant, simple):
                if message.text not in seen:
                    seen.add(message.text)
                    yield message


def each_key(function):
    return pytest.mark.parametrize("key", PROMPTS.keys())(function)


def each_flow(function):
    return pytest.mark.parametrize("flow", PROMPTS.flows())(function)


# There, and whole


@pytest.mark.parametrize("language", OTHERS)
@each_flow
def test_every_sentence_is_translated(flow, language):
    left = {
        key: sentences
        for key, sentences in PROMPTS.untranslated(language).items()
        if key.split(".")[0] == flow
    }
    shown = "\n".join(f"  {key}: {s!r}" for key, sentences in left.items() for _, s in sentences)
    assert not left, f"not translated into {language} (make words, then locales/{language}):\n{shown}"


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_of_the_chat_page_is_translated(language):
    left = [
        message.id
        for message in catalogue.read(ROOT / "locales", language)
        if any(path.startswith("templates/chat/") for path, _ in message.locations)
        and not catalogue.is_translated(message)
    ]
    assert not left, f"not translated into {language}:\n" + "\n".join(f"  {sentence!r}" for sentence in left)


def messages(language: str) -> list[Any]:
    return [m for m in catalogue.read(ROOT / "locales", language) if m.id and m.string]


def pairs(language: str) -> Iterator[tuple[str, str, str]]:
    """(where, English, translation), plurals one by one."""
    for message in messages(language):
        where = ", ".join(path for path, _ in message.locations)
        if isinstance(message.id, tuple):
            for string in message.string:
                yield where, message.id[1], string
        else:
            yield where, message.id, message.string


PLACE = re.compile(r"%(?:\((\w+)\)s|%|.?)", re.S)


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_says_the_same_values(language):
    wrong = [
        f"{where}: {english!r} -> {translation!r}"
        for where, english, translation in pairs(language)
        if {m[0] for m in PLACE.finditer(english) if m[0] != "%%"}
        != {m[0] for m in PLACE.finditer(translation) if m[0] != "%%"}
    ]
    assert not wrong, f"values differ in {language}:\n" + "\n".join(wrong)


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_gives_every_number_to_call(language):
    """A digit wrong in a crisis card sends someone nowhere."""
    number = re.compile(r"\d[\d ]*\d")
    wrong = [
        f"{where}: {missing} is not in {translation!r}"
        for where, english, translation in pairs(language)
        if (missing := sorted(set(number.findall(english)) - set(number.findall(translation))))
    ]
    assert not wrong, f"numbers lost in {language}:\n" + "\n".join(wrong)


def test_the_catalogues_are_up_to_date():
    """`make words` was run after the last change of a sentence."""
    template = {(m.context, m.id) for m in catalogue.extract(ROOT / "templates") if m.id}
    for language in OTHERS:
        written = {(m.context, m.id) for m in catalogue.read(ROOT / "locales", language) if m.id}
        assert written == template, f"run `make words`: locales/{language} differs by {written ^ template}"


@each_flow
def test_every_block_belongs_to_a_prompt(flow):
    """A misspelt name would never be said: every variant, label and word has its question."""
    blocks = PROMPTS.blocks(flow)
    for block in blocks:
        name = block.removeprefix(WORDS).removeprefix(ON_SMS)
        for variant in VARIANTS:
            name = name.removeprefix(f"{variant}__")
        name = name.removeprefix(DISCREET)
        step, _, choice = name.partition("__")
        if block.startswith(WORDS) and flow == "common":
            continue
        assert PROMPTS.has(f"{flow}.{step}"), f"{flow}.{block} is of no prompt: there is no block {step}"
        if choice:
            assert choice in PROMPTS.choices(f"{flow}.{step}") or block.startswith(WORDS), (
                f"{flow}.{block} is of no choice: there is no block {step}__{choice}"
            )


# Plain


@pytest.mark.parametrize("flow", [flow for flow in PROMPTS.flows() if flow not in NOT_GRADED])
def test_english_is_read_at_nine(flow):
    keys = [key for key in PROMPTS.keys() if key.startswith(f"{flow}.")]  # noqa: SIM118 - no mapping
    found = {m.text: m for key in keys for m in everything(key, "en", simple=True)}
    hard = sorted(((reading.grade(text), m) for text, m in found.items()), key=lambda pair: -pair[0])

    too_hard = "\n".join(f"grade {grade:.1f}: {m}" for grade, m in hard if grade > MESSAGE_GRADE)
    assert not too_hard, f"harder than grade {MESSAGE_GRADE}:\n{too_hard}"
    whole = reading.grade("\n".join(found))
    assert whole <= FILE_GRADE, f"{flow}.txt is grade {whole:.1f}; its hardest: " + "\n".join(
        f"{grade:.1f}: {m}" for grade, m in hard[:5]
    )


@each_key
def test_english_is_written_in_letters_a_text_has(key):
    for message in everything(key, "en", simple=True):
        strange = sorted({c for c in message.text if not gsm.is_gsm(c)})
        assert not strange, f"{strange} are not in GSM-7 (straight quotes, plain hyphens): {message}"


# Short enough for a text


@pytest.mark.parametrize("language", OFFERED)
@each_key
def test_it_fits_in_two_texts(key, language):
    for message in texts(key, language):
        used, most = gsm.segments(message.text), fits.most_segments(key, language)
        assert used <= most, (
            f"{used} segments where {most} are allowed; {gsm.units(message.text)} units"
            f"{'' if gsm.is_gsm(message.text) else ', not all in GSM-7'}. "
            f"Shorten it or write {ON_SMS}{key.rpartition('.')[2]}. {message}"
        )


# Safe to answer


@pytest.mark.parametrize("language", OFFERED)
@each_key
def test_no_text_asks_for_a_word_the_phone_company_acts_on(key, language):
    may = MAY_SAY.get(key, set())
    asked = re.compile(r"\b(?:text|reply|send|say|type|write|tecstiwch|atebwch|anfonwch)\s+\W?(\w+)", re.I)
    for message in texts(key, language):
        capitals = set(re.findall(r"\b[A-Z]{3,}\b", message.text))
        found = (capitals | {word.upper() for word in asked.findall(message.text)}) & CARRIER - may
        assert not found, f"{', '.join(found)} would never reach us (or MAY_SAY lists it): {message}"


@pytest.mark.parametrize("language", OFFERED)
def test_no_word_of_a_command_is_taken_by_the_phone_company(language):
    for block in PROMPTS.blocks("common"):
        if block.startswith(f"{WORDS}command_") and block != f"{WORDS}command_stop":
            taken = {word for word in PROMPTS.words(block, language) if word.upper() in CARRIER}
            assert not taken, f"common.{block} in {language} cannot be {taken}"


@pytest.mark.parametrize("language", OFFERED)
def test_no_word_means_two_things(language):
    meanings: dict[str, str] = {}
    whole = (block for block in PROMPTS.blocks("common") if block != f"{WORDS}before_a_name")
    for block in whole:  # "call me" alone is one thing; "call me Ray" is a name
        for word in PROMPTS.words(block, language):
            other = meanings.setdefault(plain(word), block)
            assert other == block, f"{word!r} in {language} is in both {other} and {block}"


def choice_words(language: str) -> Iterator[tuple[str, str, str]]:
    """(question, choice, a phrase that means it), labels and all, plainly spelt."""
    service = {
        name: value[0] if isinstance(value, tuple) else value for name, value in longest.SERVICE.items()
    }
    for flow in gather(flows).values():
        for step in (s for s in flow.steps if s.expects):
            key = f"{flow.name}.{step.name}"
            for choice in step.expects.choices:
                for channel in ("sms", "telegram"):
                    label = PROMPTS.label(key, choice, language, channel=channel, service=service)
                    yield from ((key, choice, plain(label)),) if label else ()
                for word in PROMPTS.words(f"{key}__{choice}", language):
                    yield key, choice, plain(word)


@pytest.mark.parametrize("language", OFFERED)
def test_no_word_means_two_choices_of_a_question(language):
    meanings: dict[tuple[str, str], str] = {}
    for key, choice, word in choice_words(language):
        other = meanings.setdefault((key, word), choice)
        assert other == choice, f"{word!r} in {language} is both {other} and {choice} of {key}"


@pytest.mark.parametrize("language", OFFERED)
def test_no_command_says_that_a_phone_is_safe(language):
    """Somebody who asks about privacy has not said that nobody else reads their phone."""
    commands = {
        plain(word)
        for block in PROMPTS.blocks("common")
        if block.startswith(f"{WORDS}command_")
        for word in PROMPTS.words(block, language)
    }
    safe = {word for key, _, word in choice_words(language) if key in ("intake.safe", "intake.safe_here")}
    assert safe and not safe & commands


@pytest.mark.parametrize("language", OFFERED)
@each_key
def test_a_word_people_are_asked_to_text_is_understood(key, language):
    """Whatever a prompt writes in capitals is a command, a greeting or a word of this question."""
    flow = key.rpartition(".")[0]
    blocks = [f"common.{b}" for b in PROMPTS.blocks("common")]
    blocks += [f"{flow}.{b}" for b in PROMPTS.blocks(flow) if b.startswith(WORDS)]
    understood = {plain(word) for block in blocks for word in PROMPTS.words(block, language)}
    for message in everything(key, language, simple=True):
        for word in re.findall(r"\b[^\W\d_a-zà-ÿŵŷ]{2,}(?: [^\W\d_a-zà-ÿŵŷ]{2,})*\b", message.text):
            if len(word) > 2 and word.isupper() and word not in NOT_OURS | MAY_SAY.get(key, set()):
                ours = plain(word) in understood or PROMPTS.languages.by_first_word(word)
                assert ours, f"{word} is asked for, and nobody would understand it: {message}"


# The measures themselves


SAID = """
I 1, hello 2, computer 3, questions 2, private 2, lonely 2, agreement 3, people 2, little 2, called 1,
needed 2, times 1, places 2, trying 2, interpreter 4, area 3, don't 1, call-back 2, language 2, social 2
"""


@pytest.mark.parametrize(("word", "count"), re.findall(r"([\w'-]+) (\d)", SAID))
def test_syllables_are_counted_as_said(word, count):
    assert reading.syllables(word) == int(count)


def test_easy_and_hard_words_are_told_apart():
    easy = "Hello. I am Sam. We can ring you. When is a good time?"
    hard = (
        "Notwithstanding the aforementioned considerations, participants are required to "
        "communicate their individual preferences regarding continued participation."
    )
    assert reading.grade(easy) < 1 < 12 < reading.grade(hard)


def test_a_number_is_as_easy_as_a_word():
    assert reading.grade("Ring 0808 2000 247 now.") == reading.grade("Ring ten now.")
