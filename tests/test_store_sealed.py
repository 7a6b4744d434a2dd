"""What people tell us is sealed wherever it is kept, and found again without being opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import LargeBinary, inspect, select, text

from bot.casework import cases, handoffs, tasks
from bot.people import persons
from bot.store.sealed import CannotOpen, Sealer, maybe_open
from bot.store.tables import audit, metadata, name_lookup

#: Invented, and nowhere in any prompt: found in a file, it was not sealed.
WORDS = "marmalade under the lighthouse"
NAME = "Zebediah Quillfeather"
NUMBER = "+447700900777"
OTHER_NUMBER = "07700 900778"
CODE_WORD = "gooseberry"
TIMES = "when the tide is out"
NEED = "a lipspeaker called Thomasina"
REPLY = "Pemberton will ring you"
NOTE = "spoke about the harmonica"
PLANTED = [
    *WORDS.split(), *NAME.split(), "7700900777", "7700 900778", "7700900778", CODE_WORD, "tide is out",
    "Thomasina", "lipspeaker", "Pemberton", "harmonica", "Quillfeather@", "oystercatcher",
]  # fmt: skip
PLANTED = [word for word in PLANTED if len(word) > 3 and word != "under"]


@pytest.fixture
def told(conversation):
    """Somebody who told us everything that can be told, and was helped."""
    phone = conversation.phone("sms", NUMBER)
    for line in ("HELLO", "1", "1", "4", "1", OTHER_NUMBER, TIMES, CODE_WORD, WORDS, NAME, "1", NEED):
        phone.says(line)
    worker = conversation.worker("Oystercatcher Quillfeather")
    worker.picks_up(phone)
    conversation.staff.reply(phone.conversation_id, worker.id, REPLY).result(timeout=30)

    def work(unit):
        cases.log_contact(unit, phone.person.id, worker.id, "rang", NOTE)
        tasks.open_task(unit, phone.person.id, "ring", unit.now, NOTE)

    conversation.store.run(work, acting=f"staff:{worker.id}").result(timeout=30)
    with conversation.reading() as reading:
        assert handoffs.handoffs_of(reading, phone.conversation_id)
    phone.sends("photo", WORDS)
    phone.says("I want to kill myself " + WORDS)
    return phone


def test_no_planted_word_is_in_any_table(told, conversation):
    engine = conversation.store.engine
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                for column, value in row._mapping.items():
                    shown = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                    there = [word for word in PLANTED if word.lower().encode() in shown.lower()]
                    assert not there, f"{table}.{column} holds {there}"


def test_no_planted_word_is_in_any_file(told, conversation, tmp_path, request):
    """SQLite's file, its write-ahead log and whatever else stands beside it; PostgreSQL's own files."""
    if conversation.store.url.startswith("sqlite"):
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert any(path.name.endswith("-wal") and path.stat().st_size for path in files)
    else:
        with conversation.store.engine.connect() as connection:
            folder = connection.execute(text("SHOW data_directory")).scalar_one()
        server = request.getfixturevalue("postgres")
        assert Path(folder).is_relative_to(server.folder)
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
    assert files
    for path in files:
        data = path.read_bytes().lower()
        there = [word for word in PLANTED if word.lower().encode() in data]
        assert not there, f"{path.name} holds {there}"


def test_the_same_words_can_be_read_again_with_the_key(told, conversation):
    assert told.person.name == NAME
    assert told.person.contact_plan["word"] == CODE_WORD
    assert any(WORDS in str(frame.answers) for frame in told.state.stack)


def test_a_person_is_found_by_name_and_number_without_opening_anything(told, conversation, monkeypatch):
    with conversation.reading() as reading:
        assert [p.id for p in persons.search(reading, "quillfeather")] == [told.person.id]
        assert [p.id for p in persons.search(reading, "Zeb")] == [told.person.id]
        assert [p.id for p in persons.search(reading, NUMBER)] == [told.person.id]
        assert [p.id for p in persons.search(reading, OTHER_NUMBER)] == [told.person.id]
        assert persons.search(reading, "Nobody") == []
        lookups = reading.execute(select(name_lookup.c.lookup)).scalars().all()
    assert all(len(lookup) == 64 and int(lookup, 16) >= 0 for lookup in lookups)


def test_with_another_lookup_key_nobody_is_found(told, conversation):
    stranger = Sealer([Fernet.generate_key().decode()], "another key")

    for kind, value in (("phone", NUMBER), ("name word", "quillfeather"), ("name start", "zeb")):
        assert stranger.lookup(kind, value) != conversation.store.sealer.lookup(kind, value)


def test_the_audit_names_no_one(told, conversation):
    with conversation.reading() as reading:
        rows = reading.execute(select(audit)).all()
    assert len(rows) > 10
    assert not [word for row in rows for word in PLANTED if word.lower() in str(row).lower()]


# The sealer itself


def test_what_is_sealed_by_an_older_key_is_opened_and_sealed_anew():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = Sealer([old], "k").seal("words")
    both = Sealer([new, old], "k")

    assert both.open(sealed) == "words"
    assert Sealer([new], "k").open(both.reseal(sealed)) == "words"


def test_without_the_key_it_is_not_opened():
    sealed = Sealer([Fernet.generate_key().decode()], "k").seal_json({"a": "words"})
    stranger = Sealer([Fernet.generate_key().decode()], "k")

    with pytest.raises(CannotOpen) as refused:
        stranger.open_json(sealed)
    with pytest.raises(CannotOpen):
        stranger.open(sealed)
    assert "words" not in str(refused.value)


def test_nothing_kept_opens_as_nothing():
    assert maybe_open(Sealer([Fernet.generate_key().decode()], "k"), None) == ""


@pytest.mark.parametrize(("keys", "lookup_key"), [([], "k"), ([Fernet.generate_key().decode()], "")])
def test_a_missing_key_is_named(keys, lookup_key):
    with pytest.raises(ValueError, match="LINKLINE_"):
        Sealer(keys, lookup_key)


def test_one_kind_of_lookup_never_finds_another():
    sealer = Sealer([Fernet.generate_key().decode()], "k")

    assert sealer.lookup("phone", "1") != sealer.lookup("telegram", "1")


def test_sealed_columns_are_plain_bytes_so_that_no_migration_needs_a_key():
    sealed = {
        "body", "text", "choices", "values", "state", "address", "need", "contact_plan", "moved",
        "value", "words",
    }  # fmt: skip
    # Where a service is, where link workers meet people, and where a feed comes from.
    public = {"location", "appointment_place", "import_run"}
    for table in metadata.tables.values():
        for column in table.columns:
            if column.name in sealed and table.name not in public:
                assert type(column.type) is LargeBinary, f"{table.name}.{column.name}"
