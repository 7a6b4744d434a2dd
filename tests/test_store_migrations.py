"""Migrations go up and down on both engines, match the tables, and need nothing of ours."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from bot.store import migrations
from bot.store.engines import make_engine
from bot.store.tables import metadata

VERSIONS = sorted((migrations.HERE / "versions").glob("*.py"))
REVISIONS = [s.revision for s in reversed(list(ScriptDirectory(str(migrations.HERE)).walk_revisions()))]


@pytest.fixture
def engine(database_url):
    made = make_engine(database_url)
    yield made
    made.dispose()


def tables(engine):
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_up_makes_every_table_and_down_leaves_none(engine):
    migrations.upgrade(engine)
    assert tables(engine) == set(metadata.tables)
    assert migrations.is_current(engine)

    migrations.downgrade(engine)
    assert tables(engine) == set()
    assert not migrations.is_current(engine)

    migrations.upgrade(engine)
    assert tables(engine) == set(metadata.tables)


def test_each_step_goes_up_down_and_up_again(engine):
    for revision in REVISIONS:
        migrations.upgrade(engine, revision)
        migrations.downgrade(engine, "-1")
        migrations.upgrade(engine, revision)

    assert migrations.is_current(engine)


def test_the_tables_in_the_code_are_those_in_the_store(engine):
    migrations.upgrade(engine)

    command.check(migrations.config(engine))  # raises when alembic would write another migration


def test_coming_up_twice_changes_nothing(engine):
    migrations.upgrade(engine)
    migrations.upgrade(engine)

    assert migrations.is_current(engine)


def test_what_is_in_the_store_stays_there(engine):
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO channel_state (channel, tokens, filled_at) VALUES ('sms', 1, '2026-03-03 10:00')"
            )
        )

    migrations.upgrade(engine)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT channel FROM channel_state")).scalars().all() == ["sms"]


def test_there_is_one_way_up():
    heads = ScriptDirectory(str(migrations.HERE)).get_heads()

    assert len(heads) == 1
    assert len(REVISIONS) == len(VERSIONS)


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_imports_nothing_of_ours(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])

    assert imported <= {"__future__", "alembic", "sqlalchemy", "collections", "typing"}


def test_no_migration_needs_a_key(database_url):
    """In a process of its own, with no key anywhere to be had."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LINKLINE_")}
    program = (
        "import sys\n"
        "from bot.store import migrations\n"
        "from bot.store.engines import make_engine\n"
        "engine = make_engine(sys.argv[1])\n"
        "migrations.upgrade(engine); migrations.downgrade(engine); migrations.upgrade(engine)\n"
    )
    root = Path(migrations.__file__).parents[3]
    run = subprocess.run(
        [sys.executable, "-c", program, database_url],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stderr
