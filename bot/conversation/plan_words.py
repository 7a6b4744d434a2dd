"""A person's plan in words: a numbered line for each question, in parts that fit where they are said."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.casework.plans import Line, Plan
from bot.messages import COUNTED, ChannelName
from bot.people.access_needs import AccessNeed
from bot.words import gsm
from bot.words.fits import PLAN_PART
from bot.words.prompts import QUOTED, QUOTED_ON_SMS, Prompts

FLOW = "what_matters"

#: The questions in the order they are read back. A reason is a line of its own: it may be put right.
ORDER = (
    "matters", "going-well", "enjoys", "around", "five_ways", "practical", "barrier", "help", "meeting",
    "when", "with-whom", "step", "importance", "why-important", "confidence", "why-confident",
)  # fmt: skip
ACCESS = "access"
#: What they added when we asked is read with what they told us first.
ADDED = {"more": "matters"}

#: A number is changed with its reason.
GOES_WITH = {
    "importance": ("importance", "why-important"), "confidence": ("confidence", "why-confident"),
}  # fmt: skip

#: Which question of the conversation has the labels of what they chose.
LABELS = {
    "five_ways": "wants", "practical": "wants", "barrier": "barriers", "help": "helps", "meeting": "meeting",
}  # fmt: skip

#: How long one part may be: with what stands before and behind it a text takes three segments at most.
MOST_UNITS, MOST_LETTERS = PLAN_PART, 3500


def label(prompts: Prompts, asked: str, code: str, language: str) -> str:
    """A choice as the conversation says it; one that is on no list any more is said plainly."""
    try:
        return prompts.label(f"{FLOW}.{LABELS[asked]}", code, language)
    except KeyError:
        return code.replace("_", " ").capitalize()


def title(prompts: Prompts, asked: str, language: str) -> str:
    """What stands before a line: "Going well"."""
    return prompts.label(f"{FLOW}.titles", asked.replace("-", "_"), language)


def read_out(
    prompts: Prompts,
    plan: Plan | None,
    needs: Iterable[AccessNeed],
    language: str,
    channel: ChannelName,
    only: str | None = None,
) -> tuple[list[str], list[str]]:
    """The numbered lines in parts, each short enough to be said at once; and the question of each number.

    `only` names one question: what was said to it, and what follows from it, is all that is in the parts.
    """
    lines, questions = [], []
    by_text = channel in COUNTED
    quote = _short if by_text else _whole
    for asked in ORDER:
        if (
            found := [line for line in plan.lines if ADDED.get(line.asked, line.asked) == asked]
            if plan
            else []
        ):
            questions.append(asked)
            said = _line(prompts, found, language, quote)
            lines.append(f"{len(questions)} {title(prompts, asked, language)}: {said}")
    if words := list(dict.fromkeys(need.need for need in needs)):
        questions.append(ACCESS)
        said = ", ".join(quote(one) for one in words)
        lines.append(f"{len(questions)} {title(prompts, ACCESS, language)}: {said}")
    wanted = GOES_WITH.get(only or "", (only,)) if only in questions else questions
    read = [line for line, asked in zip(lines, questions, strict=True) if asked in wanted]
    return _parts(read, by_text), questions


def _line(prompts: Prompts, lines: list[Line], language: str, quote: Callable[[str], str]) -> str:
    said = []
    for line in lines:
        if line.number is not None:
            said.append(f"{line.number}/10")
        elif line.code is not None:
            said.append(label(prompts, line.asked, line.code, language))
        else:
            said.append(f'"{quote(line.words or "")}"')
    return ", ".join(said)


def _short(words: str) -> str:
    return gsm.cut(gsm.fold(" ".join(words.split())), QUOTED_ON_SMS)


def _whole(words: str) -> str:
    return gsm.cut(words, QUOTED)


def _parts(lines: list[str], by_text: bool) -> list[str]:
    """As few parts as they go into, in their order."""
    parts: list[str] = []
    for line in lines:
        if by_text:
            line = gsm.cut(gsm.fold(line), MOST_UNITS // 2)
        longer = f"{parts[-1]}\n{line}" if parts else line
        fits = gsm.units(gsm.fold(longer)) <= MOST_UNITS if by_text else len(longer) <= MOST_LETTERS
        if parts and fits:
            parts[-1] = longer
        else:
            parts.append(line)
    return parts
