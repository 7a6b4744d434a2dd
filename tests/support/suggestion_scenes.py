"""Somebody's wishes, an invented town and what is suggested there: pages in tests/data/suggestions."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from bot.directory.matching import Match, Wishes, suggest
from bot.directory.reasons import in_words
from bot.directory.services import Joining, Service
from bot.words.prompts import Prompts
from tests.support.local_services import LATELY, TODAY, a_service, closed, snapshot

FOLDER = Path(__file__).parents[1] / "data" / "suggestions"


def _town() -> Iterator[Service]:
    """The services of town.csv, one a line. `checked` is empty for lately; `pounds` 0 is free."""
    with (FOLDER / "town.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            youngest, _, oldest = row["ages"].partition("-")
            checked = row["checked"]
            yield a_service(
                int(row["number"]),
                row["name"],
                by=row["by"],
                at=row["at"],
                when=row["when"],
                wants=tuple(row["wants"].split()),
                eases=tuple(row["eases"].split()),
                free=not int(row["pounds"]),
                joining=Joining(row["joining"] or "either"),
                minimum_age=int(youngest) if youngest else None,
                maximum_age=int(oldest) if oldest else None,
                languages=tuple(row["languages"].split()),
                assured_on=None if checked == "never" else date.fromisoformat(checked) if checked else LATELY,
                places_left=int(row["left"]) if row["left"] else None,
                waiting_weeks=int(row["weeks"]) if row["weeks"] else None,
                online=bool(row["online"]),
                description=row["description"],
            )


TOWN: tuple[Service, ...] = tuple(_town())


@dataclass(frozen=True)
class Scene:
    """Somebody, in a line; what they said; and what is different from the directory as it stands."""

    name: str
    about: str
    wishes: Wishes
    changed: dict[int, dict[str, object]] = field(default_factory=dict)
    closed: tuple[int, ...] = ()
    without: tuple[int, ...] = ()
    shares: dict[int, int] = field(default_factory=dict)

    @property
    def services(self) -> list[Service]:
        # A directory is of one place. Who did not say where they live is in Ashby.
        there = [one for one in TOWN if one.id < 30 or self.wishes.outward]
        town = [replace(one, **self.changed.get(one.id, {})) for one in there]  # type: ignore[arg-type]
        return [closed(one) if one.id in self.closed else one for one in town]


def _w(*wants: str, at: str | None = "LE65", times: str = "", **said: object) -> Wishes:
    return Wishes(wants=wants, outward=at, times=frozenset(times.split()), **said)  # type: ignore[arg-type]


SCENES = (
    Scene(
        "01-guitar",
        "He is 67, used to play, and would rather not walk in alone.",
        _w("company", words="I used to play guitar, years ago", barriers=("nerves",), age=67),
    ),
    Scene(
        "02-lunch",
        "She is 78 and has no way to get about.",
        _w("company", "food_energy", at="DE12", barriers=("getting_there",), age=78),
    ),
    Scene(
        "03-letters",
        "Letters about money are unopened. A call first would help.",
        _w("debt", "benefits", words="I do not open the letters", helps=("call_first",)),
    ),
    Scene(
        "04-canu",
        "She writes Welsh and would like to sing again, of an evening.",
        _w("company", at="SY23", words="Hoffwn i ganu eto", language="cy", times="evening"),
    ),
    Scene(
        "05-landlord",
        "Trouble with a landlord, and little English.",
        _w("housing", at="LE67", barriers=("language",), words="my landlord"),
    ),
    Scene(
        "06-knees",
        "Bad knees; Friday afternoons are free.",
        _w("active", barriers=("health_access",), times="FR afternoon"),
    ),
    Scene(
        "07-one-organisation",
        "Only wants to move more. Most of what there is belongs to one organisation.",
        _w("active"),
    ),
    Scene(
        "08-full",
        "Weekends, and best of all in the water. The pool is full, and that is said.",
        _w("active", words="swimming", times="weekends"),
    ),
    Scene(
        "09-not-checked",
        "Likes books. What fits best was never checked, and that is said.",
        _w("learn", "notice", words="books, and a good story", times="TH"),
    ),
    Scene(
        "10-carer",
        "Looks after her mother, and has evenings.",
        _w("caring", "company", at="LE67", barriers=("caring", "time"), times="evening"),
    ),
    Scene(
        "11-no-age",
        "We do not know how old they are: they are told whom it is for.",
        _w("learn", "company", at="LE67", words="film"),
    ),
    Scene(
        "12-nineteen", "She is 19 and likes film.", _w("learn", "company", at="LE67", words="film", age=19)
    ),
    Scene(
        "13-forty-five",
        "He is 45: a lunch for people of 60 and over is not for him.",
        _w("company", "food_energy", at="DE12", age=45),
    ),
    Scene(
        "14-no-postcode",
        "Would not say where they live: no distance is told.",
        _w("company", "active", at=None, barriers=("nerves",)),
    ),
    Scene(
        "15-stays-in",
        "Seldom leaves the house, and likes the phone.",
        _w("company", barriers=("getting_there", "health_access"), meeting=("phone",)),
    ),
    Scene(
        "16-safety",
        "Wants to be safe. The message does not say so: someone else may read it.",
        _w("safety", helps=("call_first",)),
    ),
    Scene("17-give", "Would like to be of use, at the weekend.", _w("give", times="weekends")),
    Scene(
        "18-belfast",
        "In Belfast, where we know towns and not streets: short distances are not told.",
        _w("active", at="BT7"),
    ),
    Scene(
        "19-others",
        "The same man as in the first, who asked for others.",
        _w("company", words="I used to play guitar, years ago", barriers=("nerves",), age=67),
        without=(1, 2, 3),
    ),
    Scene(
        "20-too-far", "All that fits is a hundred miles away: nothing is suggested.", _w("work", at="SY23")
    ),
    Scene(
        "21-turns",
        "As in the first, after a month in which many heard of the walkers.",
        _w("company", barriers=("nerves",), age=67),
        shares={1: 30, 3: 2},
    ),
    Scene(
        "22-short-of-money",
        "Money is short. What costs something is not hidden, and says so.",
        _w("company", words="guitar", barriers=("cost",), times="evening"),
    ),
    Scene(
        "23-closed",
        "The allotment has closed and the walkers wait for a leader: others come instead.",
        _w("company", "active", barriers=("nerves",)),
        closed=(3,),
        changed={1: {"places_left": 0}},
    ),
)


def page(scene: Scene, prompts: Prompts) -> str:
    """What they said, what is suggested with why in each language, and what came after those."""
    held = snapshot(*scene.services)
    ranked = suggest(held, scene.wishes, today=TODAY, most=6, without=scene.without, shares=scene.shares)
    told, after = ranked[:3], ranked[3:]
    lines = [scene.about, "", *_said(scene.wishes)]
    for one in scene.services:
        if one.id in scene.closed:
            lines.append(f"Closed: {one.name}")
        elif one.id in scene.changed:
            lines.append(f"Full: {one.name}")
    if scene.without:
        lines.append(f"Told before: {', '.join(held.get(n).name for n in scene.without)}")
    if scene.shares:
        told_lately = (f"{held.get(n).name} {times} times" for n, times in scene.shares.items())
        lines.append(f"Suggested lately: {', '.join(told_lately)}")
    if not told:
        lines += ["", "Nothing fits."]
    for number, match in enumerate(told, 1):
        lines += ["", f"{number}. {held.get(match.service_id).name}", *_why(match, prompts)]
    if after:
        lines += [
            "",
            "After these: " + "; ".join(f"{held.get(m.service_id).name} ({m.points:.0f})" for m in after),
        ]
    return "\n".join(lines) + "\n"


def _said(wishes: Wishes) -> list[str]:
    said = {
        "Wants": ", ".join(wishes.wants),
        "In their words": f'"{wishes.words}"' if wishes.words else "",
        "Gets in the way": ", ".join(wishes.barriers),
        "Would help": ", ".join(wishes.helps),
        "Likes to meet": ", ".join(wishes.meeting),
        "Can come": ", ".join(sorted(wishes.times)),
        "Lives in": wishes.outward or "",
        "Age": str(wishes.age or ""),
        "Writes": {"cy": "Welsh"}.get(wishes.language, ""),
    }
    return [f"{what}: {value}" for what, value in said.items() if value]


def _why(match: Match, prompts: Prompts) -> list[str]:
    away = f", {match.miles:.1f} miles" if match.miles is not None else ""
    lines = [f"   {match.points:.0f} points{away}"]
    for language in prompts.languages.offered:
        lines += ["   " + " ".join(in_words(prompts, match.reasons, language))]
    short = (
        " ".join(in_words(prompts, match.reasons, code, channel="sms")) for code in prompts.languages.offered
    )
    return [*lines, *(f"   By text: {said}" for said in short)]
