"""`export plan`: one person's plan and record, as JSON for another system."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import orjson
import typer

from bot.app import ROOT, open_store
from bot.people.persons import by_token
from bot.records import prsb
from bot.settings import Settings
from bot.store.unit_of_work import UnitOfWork
from bot.words.prompts import Prompts

app = typer.Typer(no_args_is_help=True)


@app.callback()
def exports() -> None:
    """Give a person's record to another system."""


@app.command("plan")
def plan(
    person: Annotated[str, typer.Argument(help="The last part of the address of their page.")],
    to: Annotated[Path | None, typer.Option(help="A new file to write to; otherwise it is printed.")] = None,
) -> None:
    """One person's plan and record, under the headings of the PRSB social prescribing standard."""
    settings = Settings.load()
    store = open_store(settings)
    label = prsb.labels(Prompts(ROOT / "templates" / "prompts", ROOT / "locales"))

    def work(unit: UnitOfWork) -> prsb.Tree | None:
        who = by_token(unit, person)
        if who is None:
            return None
        made = prsb.export(unit, who.id, settings, label, made_by="command")
        unit.audit("plan exported", f"person:{who.id}", form=prsb.FORM)
        return made

    try:
        made = store.run(work, acting="command").result()
    finally:
        store.close()
    if made is None:
        typer.echo("There is nobody with this token.", err=True)
        raise typer.Exit(1)
    written = orjson.dumps(made, option=orjson.OPT_INDENT_2)
    if to is None:
        typer.echo(written.decode())
        return
    try:
        # Nobody else on this machine may read it, and nothing that is there is written over.
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(written + b"\n")
    except FileExistsError:
        typer.echo(f"{to} is there already.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Written to {to}. It holds personal data: delete it when it has been used.")
