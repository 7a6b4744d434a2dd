"""What people ask for against what there is: a page with a chart and a table, and a file to take along."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from starlette.responses import Response

from bot.records.gaps import (
    ANYTHING,
    CODES,
    EVERYWHERE,
    NOT_KNOWN,
    OTHER,
    OWN_WORDS,
    About,
    Gap,
    People,
    Shown,
    gaps,
)
from bot.staff import support_words
from bot.staff.pages import Ask

TABS = {About.WANTS: "What they want", About.BARRIERS: "What gets in the way"}
WORDS = {About.WANTS: support_words.WANTS, About.BARRIERS: support_words.BARRIERS}
#: Columns of the page and of the file; the second word of each pair is for the file.
HEADS = {
    About.WANTS: ("People who said it", "Services for it", "Said yes to one", "Got there"),
    About.BARRIERS: ("People who said it", "Services that ease it", "Said yes to any service", "Got there"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table and of the chart. `bars` are percent of the longest."""

    name: str
    code: str
    said: str
    services: str
    said_yes: str
    got_there: str
    bars: tuple[int, int]
    few: bool
    nothing: bool


def gaps_page(ask: Ask) -> Response:
    """By what they want or what gets in the way, everywhere or in one area; or one thing by area."""
    with ask.reading() as reading:
        found = gaps(reading)
    about = About.BARRIERS if ask.query.get("by") == About.BARRIERS else About.WANTS
    area = ask.query.get("area", EVERYWHERE)
    area = area if area in found.areas else EVERYWHERE
    code = ask.query.get("code", "")
    code = code if code in (*CODES[about], ANYTHING) else ""
    lines: list[Gap] = []
    if not found.empty:
        lines = found.by_area(about, code) if code else found.by_code(about, area)
    ask.write(lambda unit: unit.audit("gaps seen", f"staff:{ask.me.staff_id}", by=about.value, area=area))
    return ask.page(
        "gaps.html", found=found, rows=_rows(lines, about, by_area=bool(code)), about=about, area=area,
        code=code, code_name=code_name(about, code) if code else "", tabs=TABS, heads=HEADS[about],
        names={one: area_name(one) for one in (*found.areas, EVERYWHERE)},
        summary=_summary(lines, about, by_area=bool(code)),
        chart=any(isinstance(line.said, int) for line in lines),
    )  # fmt: skip


def gaps_file(ask: Ask) -> Response:
    """The same numbers, hidden in the same places, for a spreadsheet."""
    with ask.reading() as reading:
        found = gaps(reading)
    ask.write(lambda unit: unit.audit("gaps downloaded", f"staff:{ask.me.staff_id}"))
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["About", "What", "Area", "People who said it", "Services", "Said yes", "Got there"])
    for line in found.lines.values():
        rows.writerow(
            [
                TABS[line.about], code_name(line.about, line.code), area_name(line.area), people(line.said),
                "" if line.services is None else line.services, people(line.said_yes), people(line.got_there),
            ]
        )  # fmt: skip
    name = f"gaps-{ask.times.local(found.at):%Y-%m-%d}.csv"
    return Response(
        "\ufeff" + out.getvalue(),  # so that a spreadsheet reads it as UTF-8
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def people(number: People) -> str:
    """A number of people as it may be shown."""
    return (
        {Shown.FEW: "fewer than 5", Shown.WITHHELD: "not shown"}[number]
        if isinstance(number, Shown)
        else str(number)
    )


def area_name(area: str) -> str:
    """An area in words; an outward code is its own."""
    return {EVERYWHERE: "Everywhere", OTHER: "Other areas", NOT_KNOWN: "We do not know where"}.get(area, area)


def code_name(about: About, code: str) -> str:
    """What they said, in words."""
    return {OWN_WORDS: "Something else, in their own words", ANYTHING: "Anything at all"}.get(code) or WORDS[
        about
    ].get(code, code)


def _rows(lines: list[Gap], about: About, *, by_area: bool) -> list[Row]:
    longest = max((n for line in lines for n in (line.said, line.services) if isinstance(n, int)), default=0)
    longest = max(longest, 5)

    def bar(number: People | int | None) -> int:
        return round(100 * number / longest) if isinstance(number, int) else 0

    return [
        Row(
            name=area_name(line.area) if by_area else code_name(about, line.code),
            code=line.code,
            said=people(line.said),
            services="" if line.services is None else str(line.services),
            said_yes=people(line.said_yes),
            got_there=people(line.got_there),
            bars=(bar(line.said), bar(line.services)),
            few=isinstance(line.said, Shown),
            nothing=line.services == 0 and isinstance(line.said, int),
        )
        for line in lines
    ]


def _summary(lines: list[Gap], about: About, *, by_area: bool) -> str:
    """What the chart shows, in a sentence or two, also for those who do not see it."""

    def name(line: Gap) -> str:
        return area_name(line.area) if by_area else code_name(about, line.code).lower()

    said = [
        line for line in lines if isinstance(line.said, int) and not (by_area and line.area == EVERYWHERE)
    ]
    if not said:
        return (
            "Fewer than 5 people have said each of these so far, so there are no numbers of people to show."
        )
    most = ", ".join(f"{name(line)} ({line.said} people, {_services(line)})" for line in said[:3])
    nothing = [name(line) for line in said if line.services == 0]
    return f"Said most: {most}." + (f" No service for: {', '.join(nothing)}." if nothing else "")


def _services(line: Gap) -> str:
    if line.services is None:
        return "services not counted"
    return f"{line.services} service{'' if line.services == 1 else 's'}"
