"""A person's plan as their own page shows it: titles, lines and lists, in their language."""

from __future__ import annotations

from dataclasses import dataclass

from bot.casework.plans import GP, SERVICES, Line, Plan
from bot.flowkit.lists import BARRIERS, HELPS, MEETING, WANTS
from bot.store.tables import Heading
from bot.web.pages import Pages
from bot.words.prompts import Prompts

#: What the page shows together, in its order: the first heading of each names it.
PARTS: tuple[tuple[Heading, ...], ...] = (
    (Heading.MATTERS,),
    (Heading.GOING_WELL,),
    (Heading.ENJOYS,),
    (Heading.AROUND,),
    (Heading.WANT,),
    (Heading.BARRIER,),
    (Heading.HELP,),
    (Heading.MEETING, Heading.WHEN, Heading.WITH_WHOM),
    (
        Heading.STEP,
        Heading.IMPORTANCE,
        Heading.WHY_IMPORTANT,
        Heading.CONFIDENCE,
        Heading.WHY_CONFIDENT,
    ),
)

#: The lists people choose from, and the questions of the conversation that have the labels.
LISTS: dict[Heading, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Heading.WANT: (WANTS, ("what_matters.wants", "what_matters.five_ways", "what_matters.practical")),
    Heading.BARRIER: (BARRIERS, ("what_matters.barriers",)),
    Heading.HELP: (HELPS, ("what_matters.helps",)),
    Heading.MEETING: (MEETING, ("what_matters.meeting",)),
}

#: What somebody may be shown to, beside their link worker.
OTHERS = (GP, SERVICES)

NUMBERS = (Heading.IMPORTANCE, Heading.CONFIDENCE)


@dataclass(frozen=True, slots=True)
class Shown:
    """One line. `theirs`: their own words, to be quoted; `number` for a line from 0 to 10."""

    id: int
    label: str
    words: str
    theirs: bool
    number: int | None


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be ticked."""

    code: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What stands under one title. `options` are there where there is a list to choose from."""

    code: str
    title: str
    lines: tuple[Shown, ...]
    options: tuple[Option, ...]


class PlanPage:
    """Puts a plan into words."""

    def __init__(self, pages: Pages, prompts: Prompts):
        self._pages, self._prompts = pages, prompts

    def title(self, heading: Heading | str, language: str) -> str:
        """What a part is called, or stands before a line of it."""
        name = heading.value if isinstance(heading, Heading) else heading
        return self._pages.block("mine/words.html", name.replace("-", "_"), language)

    def label(self, heading: Heading, code: str, language: str) -> str:
        """A choice, as the conversation says it. One that is on no list any more is said plainly."""
        for key in LISTS[heading][1] if heading in LISTS else ():
            try:
                return self._prompts.label(key, code, language)
            except KeyError:
                continue
        return code.replace("_", " ").capitalize()

    def parts(self, plan: Plan, language: str) -> list[Part]:
        """Everything in the plan, and the lists that can still be chosen from."""
        found = []
        for headings in PARTS:
            first = headings[0]
            lines = tuple(
                self._shown(line, language, labelled=heading is not first)
                for heading in headings
                for line in plan.under(heading)
            )
            options = self._options(plan, first, language)
            if lines or options:
                found.append(Part(first.value, self.title(first, language), lines, options))
        return found

    def to_add(self, language: str) -> list[tuple[str, str]]:
        """What a new line may be about, in their own words."""
        return [(headings[0].value, self.title(headings[0], language)) for headings in PARTS]

    def who(self, plan: Plan, language: str) -> list[Option]:
        """Who may see it, beside the person and their link worker."""
        return [Option(code, self.other(code, language), code in plan.may_see) for code in OTHERS]

    def other(self, code: str, language: str) -> str:
        """Somebody who may see it, as the conversation calls them."""
        return self._prompts.label("what_matters.may_see", code, language)

    def _shown(self, line: Line, language: str, *, labelled: bool) -> Shown:
        label = self.title(line.heading, language) if labelled else ""
        if line.number is not None:
            words = self._pages.block("mine/words.html", "out_of_ten", language, number=line.number)
            return Shown(line.id, label, words, False, line.number)
        if line.code is not None:
            return Shown(line.id, label, self.label(line.heading, line.code, language), False, None)
        return Shown(line.id, label, line.words or "", True, None)

    def _options(self, plan: Plan, heading: Heading, language: str) -> tuple[Option, ...]:
        if heading not in LISTS:
            return ()
        chosen = {line.code for line in plan.under(heading)}
        return tuple(
            Option(code, self.label(heading, code, language), code in chosen) for code in LISTS[heading][0]
        )
