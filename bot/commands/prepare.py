"""`prepare`, `migrate` and `keys`: what must be there before the first start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import typer
from cryptography.fernet import Fernet

from bot.app import open_store
from bot.appointments.example import add_example_hours
from bot.casework.staffing import add_staff, all_staff, by_email
from bot.directory.example import add_examples
from bot.settings import Settings
from bot.staff.passwords import one_time_password
from bot.store import migrations
from bot.store.engines import make_engine
from bot.store.tables import Role
from bot.store.unit_of_work import UnitOfWork

ENV = Path(".env")

#: Whoever signs in first; they add the others, and may then leave it.
FIRST = "admin@linkline.example"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(prepare)
    app.command()(migrate)
    app.command()(keys)


def prepare() -> None:
    """Make keys if there are none, bring the store up to date, make the first sign-in and an example."""
    settings = Settings.load()
    if not settings.keys or not settings.lookup_key.get_secret_value():
        _write_keys(settings)
        settings = Settings.load()
    upgrade(settings)
    store = open_store(settings)
    try:
        made = store.run(first_administrator, acting="command").result()
        # Only on the very first start: a service that is in use must not wake up with invented entries.
        examples = (
            add_examples(store, store.clock.now().astimezone(settings.hours.zone).date()) if made else 0
        )
        if made is not None:
            store.run(lambda unit: _example_hours(unit, settings), acting="command").result()
    finally:
        store.close()
    if made is not None:
        email, password = made
        typer.echo(f"First sign-in at {settings.base_url}/staff, shown once:")
        typer.echo(f"  email     {email}\n  password  {password}")
    if examples:
        typer.echo(
            f"{examples} invented services are in the directory, to look round. They are marked as examples."
        )
        typer.echo(
            "Whoever signs in first has invented working hours, so that appointments can be tried; "
            f"change them at {settings.base_url}/staff/hours."
        )


def first_administrator(unit: UnitOfWork) -> tuple[str, str] | None:
    """The first administrator's address and one-time password; None when somebody works here already."""
    if all_staff(unit):
        return None
    password = one_time_password()
    add_staff(unit, FIRST, "Robin Example", Role.ADMINISTRATOR, password)
    return FIRST, password


def _example_hours(unit: UnitOfWork, settings: Settings) -> None:
    first = by_email(unit, FIRST)
    if first is not None:
        add_example_hours(unit, first.id, settings.hours.zone)


def _write_keys(settings: Settings) -> None:
    """New keys at the end of .env, which only its owner can read."""
    lines = []
    if not settings.keys:
        lines.append(f"LINKLINE_KEYS={Fernet.generate_key().decode()}")
    if not settings.lookup_key.get_secret_value():
        lines.append(f"LINKLINE_LOOKUP_KEY={secrets.token_urlsafe(32)}")
    before = ENV.read_text() if ENV.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    descriptor = os.open(ENV, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(before + "\n".join(lines) + "\n")
    ENV.chmod(0o600)
    typer.echo(
        f"New keys are in {ENV}. Keep a copy apart from the backups: without them nothing can be read."
    )


def upgrade(settings: Settings) -> None:
    """Bring the store to the newest shape."""
    engine = make_engine(settings.database_url)
    try:
        migrations.upgrade(engine)
    finally:
        engine.dispose()


def migrate() -> None:
    """Bring the store up to date."""
    upgrade(Settings.load())
    typer.echo("The store is up to date.")


def keys() -> None:
    """Print a new sealing key and a new lookup key, for LINKLINE_KEYS and LINKLINE_LOOKUP_KEY."""
    typer.echo(f"LINKLINE_KEYS={Fernet.generate_key().decode()}")
    typer.echo(f"LINKLINE_LOOKUP_KEY={secrets.token_urlsafe(32)}")
