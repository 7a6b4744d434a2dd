"""The tests' own database server: real, private, and a clean database each time."""

from __future__ import annotations

import pytest
import sqlalchemy as sa


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_gets_an_empty_database(database_url, time):
    engine = sa.create_engine(database_url)
    assert sa.inspect(engine).get_table_names() == []

    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE said (words TEXT)"))
    engine.dispose()


def test_a_filled_database_can_be_copied(postgres):
    def fill(url):
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE said AS SELECT 'hello' AS words"))
        engine.dispose()

    postgres.template("with_words", fill)
    copies = [postgres.fresh(postgres.template("with_words", fill)) for _ in range(2)]

    for url in copies:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            assert connection.scalar(sa.text("SELECT words FROM said")) == "hello"
            connection.execute(sa.text("DELETE FROM said"))
        engine.dispose()


def test_the_server_cannot_be_reached_from_the_network(postgres):
    engine = sa.create_engine(postgres.url("postgres"))
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW listen_addresses")) == ""
    engine.dispose()
