"""`python -m bot …`: everything an operator does."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from sqlalchemy.exc import OperationalError

from bot.app import NotReady
from bot.commands import diagrams, doctor, export, prepare, prove, serve, services, staff, talk
from bot.settings import WrongSetting

app = typer.Typer(
    name="python -m bot", help="Linkline.", no_args_is_help=True, add_completion=False,
    rich_markup_mode=None, pretty_exceptions_enable=False,
)  # fmt: skip
for commands in (serve, prepare, doctor, prove, talk, diagrams):
    commands.add_to(app)
app.add_typer(staff.app, name="staff", help="The people who work here.")
app.add_typer(export.app, name="export", help="A person's record, for another system.")
app.add_typer(services.app, name="services", help="The directory of local services.")


def main() -> None:
    """Run a command. A wrong setting is told plainly, and nothing starts."""
    try:
        app()
    except (WrongSetting, NotReady) as error:
        _refuse(str(error))
    except OperationalError as error:
        _refuse(f"The store cannot be opened. Look at LINKLINE_DATABASE_URL.\n{error.orig}")
    except PermissionError as error:
        _refuse(f"{error.filename} cannot be used: whoever runs this has no right to it.")


def _refuse(why: str) -> NoReturn:
    print(why.strip(), file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
