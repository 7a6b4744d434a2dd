"""`staff add`, `staff list`: who works here."""

from __future__ import annotations

import typer

from bot.app import open_store
from bot.casework.staffing import AlreadyStaff, add_staff, all_staff
from bot.settings import Settings
from bot.staff.passwords import one_time_password
from bot.store.tables import Role

app = typer.Typer(no_args_is_help=True)


@app.command("add")
def add(email: str, name: str, role: Role = Role.LINK_WORKER) -> None:
    """Add someone; their first password is shown once."""
    store = open_store(Settings.load())
    password = one_time_password()
    try:
        store.run(lambda u: add_staff(u, email, name, role, password), acting="command").result()
    except (AlreadyStaff, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    finally:
        store.close()
    typer.echo(f"Added. First password, shown once: {password}")


@app.command("list")
def list_() -> None:
    """List everyone who works here, without addresses."""
    store = open_store(Settings.load())
    with store.reading() as reading:
        for one in all_staff(reading):
            now = "active" if one.active else "left"
            typer.echo(f"{one.id:4}  {one.role.value:15} {now:8} {one.first_name}")
    store.close()
