"""`diagrams`: every flow as a picture and in its English words, for whoever checks a conversation."""

from __future__ import annotations

import inspect
from dataclasses import fields
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, get_type_hints

import typer

import flows
from bot.app import ROOT
from bot.clock import SetClock
from bot.conversation.state import RESULTS
from bot.conversation.told import in_words
from bot.conversation.voice import Voice
from bot.flowkit import Flow, Step
from bot.flowkit.drawing import diagram
from bot.flowkit.gather import gather
from bot.messages import ChannelName
from bot.requests import Result
from bot.settings import Settings
from bot.words.languages import Languages
from bot.words.prompts import Prompts

PAGE = ROOT / "flows" / "README.md"

#: It is a Tuesday morning in every example, and the person is called Ray.
NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
SOON = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
SAID = {"name": "Ray", "matters": "some company", "safe": "only_me", "times": "any", "their_name": "Joan"}
#: A service, as the directory's example has them.
TEA: dict[str, Any] = {
    "id": 1, "name": "Tea and Chat", "by": "Ashby Neighbours", "description": "Tea, cake and company.",
    "times": [{"freq": "WEEKLY", "interval": 1, "byday": "WE", "opens": "10:00"}],
    "next": "2026-03-04T10:00:00+00:00", "place": "Town Hall, Ashby", "miles": 1.0, "online": False,
    "free": True, "pence": 0, "fees": "", "access": "A ramp", "assured": "2026-03-02",
    "reasons": [["want", "company"]], "direct": False, "phone": "01632 960111", "contact": "Jan",
    "email": "", "url": "", "vetted": False,
}  # fmt: skip
#: A time with a link worker, and the one it would be instead of.
TALK: dict[str, Any] = {
    "id": 1, "starts_at": "2026-03-05T10:00:00+00:00", "minutes": 30, "zone": "Europe/London",
    "meeting": "phone", "who": "Amina", "where": "", "bring": "", "group": False, "place": None,
}  # fmt: skip
LATER = {**TALK, "id": 2, "starts_at": "2026-03-12T14:00:00+00:00"}
EXAMPLE: dict[Any, Any] = {
    datetime: SOON, bool: True, int: 1, str: "Ray", list[int]: [1], list[str]: ["matters"],
    dict[str, Any]: TEA, list[dict[str, Any]]: [TEA], list[list[str]]: [["1", "Tea and Chat"]],
    int | None: 1, datetime | None: SOON, dict[str, Any] | None: LATER,
}  # fmt: skip
#: Where a field's type does not say what stands in it.
EXAMPLE_OF: dict[str, Any] = {
    "on": "2026-03-11", "until": SOON.isoformat(), "instead_of": "", "by": "", "companion": "",
    "needs": "I use a hearing aid", "PlanRead.lines": "1 What matters to you: company",
    "OnTheWay.name": "Tea and Chat", "PlaceGone.name": "Tea and Chat", "appointment": TALK, "why": "",
    "wording": "", "asks": "", "who": "Amina",
}  # fmt: skip

HEAD = """\
# The flows

Written by `python -m bot diagrams` from the flows and their prompts; change those, not this page.

Each picture reads from the first dot: a box is a step, an arrow what was said or found there (in
brackets: only if). A box with a colon carries something out or is an end. Below it stand the words, as
the web chat says them, and as a text says them where that differs. The examples are Ray's, in Ashby.
"""


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(diagrams)


def diagrams() -> None:
    """Draw every flow again, into flows/README.md."""
    PAGE.write_text(page(), encoding="utf-8")
    typer.echo(f"Wrote {PAGE.relative_to(ROOT)}.")


def page() -> str:
    """The whole page, the same on every machine and whatever the operator set."""
    prompts = Prompts(ROOT / "templates" / "prompts", ROOT / "locales", clock=SetClock(NOW))
    voice = Voice(prompts, Languages.load(ROOT / "locales"), gather(flows), Settings.model_construct())
    parts = [_flow(voice, kind) for kind in voice.flows.values()]
    listed = "\n".join(f"- [{name}](#{name})" for name in voice.flows)
    return "\n".join([HEAD, listed, "", *parts])


def _flow(voice: Voice, kind: type[Flow]) -> str:
    lines = [f"## {kind.name}", "", inspect.getdoc(kind) or "", "", "```mermaid", diagram(kind), "```", ""]
    for step in kind.steps:
        lines += _step(voice, kind, step)
    if voice.prompts.has(f"{kind.name}.change"):
        lines += ["**change** (asked when they wish to change an answer)", ""]
        lines += _quoted(_words(voice, kind, "change", ChannelName.WEB), [])
    return "\n".join(lines)


def _step(voice: Voice, kind: type[Flow], step: Step) -> list[str]:
    if step.awaits is not None:
        results = ", ".join(f"`{result.trigger()}`" for result in step.awaits.results)
        return [f"**{step.name}** carries out `{step.awaits.__name__}`: {results}", ""]
    if not voice.prompts.has(f"{kind.name}.{step.name}"):
        return [f"**{step.name}** says nothing" + (f"; {step.ends}" if step.ends else ""), ""]
    head = f"**{step.name}**" + (f" (the end: {step.ends})" if step.ends else "")
    said = {
        channel: _quoted(
            _words(voice, kind, step.name, channel),
            [o.label for o in voice.offered(kind.name, step.name, "en", channel)],
        )
        for channel in (ChannelName.WEB, ChannelName.SMS)
    }
    lines = [head, "", *said[ChannelName.WEB]]
    if said[ChannelName.SMS] != said[ChannelName.WEB]:
        lines += ["By text:", "", *said[ChannelName.SMS]]
    return lines


def _words(voice: Voice, kind: type[Flow], step: str, channel: ChannelName) -> str:
    return voice.prompts.say(
        f"{kind.name}.{step}",
        "en",
        channel=channel,
        service=voice.service("en", NOW),
        answers={s.name: SAID.get(s.name) for s in kind.steps},
        found={
            name: in_words(voice, "en", channel, NOW, _example(result)) for name, result in RESULTS.items()
        },
        person=SimpleNamespace(name="Ray"),
    )


def _example(kind: type[Result]) -> Result:
    hints = get_type_hints(kind)

    def example(field: str) -> Any:
        own = EXAMPLE_OF.get(f"{kind.__name__}.{field}", EXAMPLE_OF.get(field))
        if isinstance(own, str) and hints[field] is not str:
            own = None
        return own if own is not None else EXAMPLE[hints[field]]

    return kind(**{f.name: example(f.name) for f in fields(kind)})  # type: ignore[arg-type]


def _quoted(words: str, labels: list[str]) -> list[str]:
    shown = [f"{number}. {label}" for number, label in enumerate(labels, 1) if label]
    paragraphs = [*words.splitlines(), *(["\n> ".join(shown)] if shown else [])]
    return [*"\n>\n".join(f"> {paragraph}" for paragraph in paragraphs).splitlines(), ""]
