"""`services import`, `check`, `template` and `list`: the directory of local services."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.app import open_store
from bot.directory import refreshing
from bot.directory.checking import Checked, open_findings
from bot.directory.csv_form import template as csv_template
from bot.directory.feeds import FeedFailed
from bot.directory.importing import Progress
from bot.directory.reports import Report
from bot.directory.services import Service, ServiceStatus, how_many, services
from bot.settings import Settings
from bot.store.engines import Store

app = typer.Typer(no_args_is_help=True)

#: So many lines of each kind are printed; a file given with --report holds every one.
LINES = 20


@app.command("import")
def import_(
    where: Annotated[
        str, typer.Argument(metavar="URL|FILE", help="An Open Referral UK feed, or a .csv or .json file.")
    ],
    source: Annotated[str, typer.Option(help="What to call it; the same name again updates.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="The file holds only some of them: nothing is taken for gone.")
    ] = False,
    accept_gone: Annotated[
        bool, typer.Option("--accept-gone", help="However many are gone, they are.")
    ] = False,
    report_to: Annotated[
        Path | None, typer.Option("--report", help="A CSV file for every row refused or cut, and why.")
    ] = None,
) -> None:
    """Fill or update the directory. Nothing is deleted, and what staff put right stays as they have it."""
    settings = Settings.load()
    with _store(settings) as store, _bar("Reading") as progress:
        work = refreshing.import_services(
            store, settings, where, name=source, dry_run=dry_run, whole=not partial, accept_gone=accept_gone,
            progress=progress,
        )  # fmt: skip
        try:
            report = asyncio.run(work)
        except FeedFailed as error:
            report = Report(source or where, failed_why=str(error))
    for line in told(report, dry_run):
        typer.echo(line)
    if report_to is not None:
        _write_report(report_to, report)
    if report.failed_why:
        early = "It ended early: " if report.counts["read"] else ""
        typer.echo(f"{early}{report.failed_why}. Nothing was marked as gone.", err=True)
        raise typer.Exit(1)


def told(report: Report, dry_run: bool = False) -> Iterator[str]:
    """What an import came to, in lines for whoever ran it."""
    n = report.counts
    changed = n["changed"] + n["back"]
    yield (
        f"{'Nothing was written. It would be' if dry_run else 'Done'}: {n['read']} read, {n['added']} added, "
        f"{changed} changed, {n['same']} as before, {n['gone']} gone, {n['refused']} refused."
    )
    for one in report.refused[:LINES]:
        yield f"  refused  {one.row}: {one.why}"
    yield from _more(n["refused"])
    for one in report.notes[:LINES]:
        yield f"  left out {one.row}: {one.why}"
    yield from _more(n["notes"])
    changes = [change for change in report.changes if change.what != "added"]
    for change in changes[:LINES]:
        what = {"gone": "no longer in the feed", "back": "in the feed again"}.get(change.what, "")
        fields = ", ".join(name.replace("_", " ") for name in change.changed)
        yield f"  {change.what:8} {change.name}: {'; '.join(filter(None, (what, fields)))}".rstrip(": ")
        if change.left:
            yield f"           left as the team has it: {', '.join(change.left)}"
    if len(changes) > LINES:
        yield f"  … and {len(changes) - LINES} more, each in its service's history"
    if report.not_marked:
        yield f"Nothing was marked as gone: {report.not_marked}."
        if "at once" in report.not_marked:
            yield "If that is right, run it again with --accept-gone."


def _write_report(path: Path, report: Report) -> None:
    """Every row that was refused or cut, for whoever keeps the feed or the spreadsheet."""
    rows = [("refused", one) for one in report.refused] + [("left out", one) for one in report.notes]
    with path.open("w", newline="", encoding="utf-8-sig") as file:  # so that Excel reads it as UTF-8
        writer = csv.writer(file)
        writer.writerow(("row", "id", "what", "why"))
        writer.writerows((one.row, one.id, what, one.why) for what, one in rows)


def _more(of: int) -> Iterator[str]:
    if of > LINES:
        yield f"  … and {of - LINES} more; --report FILE keeps every one"


@app.command()
def check(
    links: Annotated[bool, typer.Option(help="Follow every link, too.")] = True,
) -> None:
    """Look for numbers, links and postcodes that no longer look right, and what was not checked for long."""
    settings = Settings.load()
    with _store(settings) as store:
        with _bar("Checking") as progress:
            checked: Checked = asyncio.run(
                refreshing.check_services(store, settings, links=links, progress=progress)
            )
        with store.reading() as reading:
            findings = open_findings(reading, most=LINES)
    typer.echo(
        f"{checked.services} looked at. What does not look right: {checked.found}, "
        f"new since the last check: {checked.new}, right again: {checked.settled}."
    )
    if checked.unsure:
        typer.echo(f"{checked.unsure} links did not answer just now; they are looked at again next time.")
    for one in findings:
        typer.echo(f"  {one.what:9} {one.service_name}: {one.why}")
    if checked.found > len(findings):
        typer.echo("  …")


@app.command()
def template() -> None:
    """Print a CSV file to fill in, with one line to show how: `services template > services.csv`."""
    typer.echo(csv_template(), nl=False)


@app.command("list")
def list_(
    words: Annotated[list[str] | None, typer.Argument(help="Words to look for.")] = None,
    status: Annotated[ServiceStatus | None, typer.Option(help="Only these.")] = None,
    source: Annotated[str | None, typer.Option(help="Only from this feed or file.")] = None,
    most: Annotated[int, typer.Option(min=1)] = 50,
) -> None:
    """List the services, by name."""
    asked: dict[str, Any] = {"words": " ".join(words or ()), "status": status, "source": source}
    with _store(Settings.load()) as store, store.reading() as reading:
        found = services(reading, most=most, **asked)
        there = how_many(reading, **asked)
    for one in found:
        typer.echo(_line(one))
    if there > len(found):
        typer.echo(f"… and {there - len(found)} more: say --most {there}, or words to look for.")
    if not there:
        typer.echo("None.")


def _line(one: Service) -> str:
    town = next((place.town for place in one.locations if place.town), "")
    state = "gone from its feed" if one.gone_from_source_at else str(one.status)
    checked = f"checked {one.assured_on:%B %Y}" if one.assured_on else "never checked"
    about = (one.name, one.organisation.name if one.organisation else "", town, state, checked)
    example = " (an example)" if one.example else ""
    return f"{one.id:5}  {' · '.join(part for part in about if part)}{example}"


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _bar(what: str) -> Iterator[Progress]:
    """A progress bar that learns how long it is on the way; only on a terminal."""
    with typer.progressbar(length=1, label=what, show_pos=True) as bar:

        def progress(done: int, total: int | None) -> None:
            # A feed that does not say, or lies, must not end the bar before the end.
            bar.length = max(total or 0, done + (total is None or done > total))
            bar.update(done - bar.pos)

        yield progress
