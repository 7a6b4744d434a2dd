"""A council's feed fills the directory; a second run updates it and removes nothing silently."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.directory import importing, reports
from bot.directory import services as directory
from bot.directory.example import add_examples
from bot.directory.files import FileSource
from bot.directory.importing import import_from
from bot.directory.services import ServiceStatus
from bot.staff import service_words
from bot.store.engines import Store
from tests.support.feeds import Feed
from tests.support.stores import Done


@pytest.fixture
def feed(store: Store) -> Feed:
    return Feed(store)


def history(store: Store, service_id: int) -> list[tuple[str, dict[str, Any]]]:
    with store.reading() as reading:
        return [(event.what, event.details) for event in directory.history_of(reading, service_id)]


@pytest.mark.parametrize("form", ["hsds-uk-3.0", "oruk-v1"])
def test_a_feed_in_either_form_fills_the_directory(feed: Feed, form: str) -> None:
    report = feed.imported(form=form)

    assert report.counts == {"read": 12, "added": 12}
    assert (report.form, report.failed_why, report.not_marked) == (form, "", "")
    one, theirs = feed.kept()[feed.id_of(0)], feed.services[feed.id_of(0)]
    assert one.name == theirs["name"]
    assert one.organisation is not None and one.organisation.name == theirs["organization"]["name"]
    (place,) = one.locations
    address = theirs["service_at_locations"][0]["location"]["addresses"][0]
    assert (place.address, place.town) == (address["address_1"], address["city"])
    assert place.accessibility == one.accessibility == "Step free from the street"
    (times,) = one.schedules
    assert times.byday == theirs["schedules"][0]["byday"]
    assert times.opens_at == theirs["schedules"][0]["opens_at"][:5]
    assert one.contacts[0].phone == theirs["contacts"][0]["phones"][0]["number"]
    assert one.wants and "health_access" in one.eases
    assert one.assured_on == date.fromisoformat(theirs["assured_date"])
    assert history(feed.store, one.id) == [("added", {})]


def test_the_same_feed_again_changes_nothing(feed: Feed) -> None:
    feed.imported()
    before = feed.kept()

    assert feed.imported().counts == {"read": 12, "same": 12}
    assert feed.kept() == before


def test_the_same_feed_in_the_other_form_changes_nothing(feed: Feed) -> None:
    feed.imported()

    assert feed.imported(form="oruk-v1").counts == {"read": 12, "same": 12}


def test_what_changed_is_told_field_by_field(feed: Feed) -> None:
    feed.imported()
    theirs = feed.services[feed.id_of(3)]
    was = theirs["name"]
    theirs["name"] = "A New Name"
    theirs["contacts"] = []

    report = feed.imported()

    assert (report.counts["changed"], report.counts["same"]) == (1, 11)
    (change,) = report.changes
    assert change.changed["name"] == [was, "A New Name"]
    assert change.changed["contacts"][1] == []
    one = feed.kept()[feed.id_of(3)]
    assert (one.name, one.contacts) == ("A New Name", ())
    assert history(feed.store, one.id)[0] == ("updated", {"changed": change.changed})


def test_an_organisation_that_moves_its_page_is_followed(feed: Feed) -> None:
    feed.imported()
    feed.services[feed.id_of(0)]["organization"]["website"] = "https://new.example"

    assert list(feed.imported().changes[0].changed) == ["organisation"]
    organisation = feed.kept()[feed.id_of(0)].organisation
    assert organisation is not None and organisation.url == "https://new.example"


def test_what_staff_put_right_is_left_and_shown(feed: Feed, done: Done) -> None:
    feed.imported()
    one = feed.kept()[feed.id_of(0)]
    done(lambda unit: directory.correct(unit, one.id, 3, name="As the team knows it"))
    done(lambda unit: directory.pause(unit, one.id, 3, "They are moving"))
    theirs = feed.services[feed.id_of(0)]
    theirs["name"], theirs["alert"] = "As the feed has it", "Shut in May"

    report = feed.imported()

    kept = feed.kept()[feed.id_of(0)]
    assert (kept.name, kept.alert) == ("As the team knows it", "Shut in May")
    assert kept.status is ServiceStatus.PAUSED
    (change,) = report.changes
    assert change.left["name"] == ["As the team knows it", "As the feed has it"]
    assert change.left["status"] == ["paused", "active"]
    assert change.changed == {"alert": ["", "Shut in May"]}
    with feed.store.reading() as reading:
        event = directory.history_of(reading, one.id)[0]
    assert (event.acting, event.details["left"]) == ("import:ashby", change.left)
    shown = service_words.done(event, {})
    assert f"{shown.who} {shown.what}" == "The feed ashby brought it up to date"
    assert ("name", "As the feed has it") in shown.left
    assert feed.imported().counts == {"read": 12, "same": 12}


def test_staff_can_follow_the_feed_again(feed: Feed, done: Done) -> None:
    feed.imported()
    one = feed.kept()[feed.id_of(0)]
    done(lambda unit: directory.correct(unit, one.id, 3, name="As the team knows it"))

    assert done(lambda unit: directory.follow_source(unit, one.id, 3, "name"))
    assert not done(lambda unit: directory.follow_source(unit, one.id, 3, "email")), "it was never put right"
    feed.imported()

    assert feed.kept()[feed.id_of(0)].name == one.name


def test_the_later_of_two_checks_counts(feed: Feed, done: Done) -> None:
    feed.imported()
    one = feed.kept()[feed.id_of(0)]
    done(lambda unit: directory.assure(unit, one.id, 3, date(2026, 3, 2)))
    theirs = feed.services[feed.id_of(0)]

    theirs["assured_date"] = "2025-05-05"
    feed.imported()
    assert feed.kept()[feed.id_of(0)].assured_on == date(2026, 3, 2)

    theirs["assured_date"] = "2026-03-03"
    feed.imported()
    assert feed.kept()[feed.id_of(0)].assured_on == date(2026, 3, 3)


def test_a_check_on_a_day_to_come_is_none(feed: Feed) -> None:
    feed.services[feed.id_of(0)]["assured_date"] = "2062-03-03"

    report = feed.imported()

    assert [note.why for note in report.notes] == ["assured_on: 2062-03-03 is a day to come"]
    assert feed.kept()[feed.id_of(0)].assured_on is None


def test_what_a_whole_feed_no_longer_has_is_marked_and_never_deleted(feed: Feed) -> None:
    feed.imported()
    missing = feed.id_of(5)
    held = feed.services.pop(missing)

    report = feed.imported()

    assert report.counts == {"read": 11, "same": 11, "gone": 1}
    one = feed.kept()[missing]
    assert one.gone_from_source_at == feed.store.clock.now()
    assert one.status is ServiceStatus.ACTIVE and not one.may_be_suggested
    assert history(feed.store, one.id)[0][0] == "gone"
    with feed.store.reading() as reading:
        assert [g.id for g in directory.services(reading, gone=True)] == [one.id]
        assert one.id not in {s.id for s in directory.services(reading, suggestible=True)}
    assert feed.imported().counts == {"read": 11, "same": 11}, "it is gone once"

    feed.services[missing] = held
    report = feed.imported()
    assert report.counts == {"read": 12, "same": 11, "back": 1}
    assert feed.kept()[missing].may_be_suggested
    assert history(feed.store, one.id)[0][0] == "back"


def test_staff_say_it_goes_on_although_the_feed_has_lost_it(feed: Feed, done: Done) -> None:
    feed.imported()
    missing = feed.id_of(5)
    held = feed.services.pop(missing)
    feed.imported()
    one = feed.kept()[missing]
    done(lambda unit: directory.reopen(unit, one.id, 3))

    assert feed.imported().counts == {"read": 11, "same": 11}
    assert feed.kept()[missing].may_be_suggested

    feed.services[missing] = held
    feed.imported()
    del feed.services[missing]
    assert feed.imported().counts["gone"] == 1, "since then it has been in the feed, and is gone anew"


def test_a_quarter_of_a_directory_does_not_end_in_one_night(feed: Feed) -> None:
    feed.imported()
    for _ in range(6):
        feed.services.popitem()

    report = feed.imported()
    assert "gone" not in report.counts
    assert report.not_marked == "6 of 12 services would be gone at once"

    assert feed.imported(accept_gone=True).counts["gone"] == 6


def test_a_row_that_is_no_service_is_refused_and_the_rest_load(feed: Feed) -> None:
    feed.services[feed.id_of(1)]["name"] = "  "
    feed.services[feed.id_of(2)]["url"] = "javascript:alert(1)"

    report = feed.imported()

    assert report.counts == {"read": 12, "added": 11, "refused": 1, "notes": 1}
    (refused,) = report.refused
    assert (refused.row, refused.id, refused.why) == ("page 1, entry 2", feed.id_of(1), "it has no name")
    assert report.notes[0].why == "url: is not a link such as https://example.org.uk"
    assert feed.kept()[feed.id_of(2)].url is None


def test_a_row_refused_today_is_not_gone(feed: Feed) -> None:
    feed.imported()
    name = feed.services[feed.id_of(1)]["name"]
    feed.services[feed.id_of(1)]["name"] = ""

    report = feed.imported()

    assert report.counts == {"read": 12, "same": 11, "refused": 1}
    assert feed.kept()[feed.id_of(1)].name == name


def test_a_dry_run_says_what_would_change_and_writes_nothing(feed: Feed) -> None:
    assert feed.imported(dry_run=True).counts == {"read": 12, "added": 12}
    assert feed.kept() == {}

    feed.imported()
    feed.services[feed.id_of(0)]["name"] = "A New Name"
    del feed.services[feed.id_of(1)]
    before = feed.kept()
    report = feed.imported(dry_run=True)

    assert report.counts == {"read": 11, "changed": 1, "same": 10, "gone": 1}
    assert feed.kept() == before
    with feed.store.reading() as reading:
        assert len(reports.runs(reading)) == 1


def test_a_part_of_a_directory_takes_nothing_for_gone(feed: Feed) -> None:
    feed.imported()
    feed.services.popitem()

    assert "gone" not in feed.imported(whole=False).counts


def test_two_sources_with_the_same_ids_are_two(feed: Feed, store: Store, tmp_path: Path) -> None:
    feed.imported()
    path = tmp_path / "elsewhere.json"
    path.write_bytes(orjson.dumps([feed.services[feed.id_of(0)] | {"name": "Elsewhere"}]))

    report = asyncio.run(import_from(store, FileSource(path, date(2026, 3, 3)), "elsewhere"))

    assert report.counts == {"read": 1, "added": 1}
    with store.reading() as reading:
        assert directory.how_many(reading) == 13
        assert [one.name for one in directory.services(reading, source="elsewhere")] == ["Elsewhere"]


def test_a_stop_by_hand_is_written_down(feed: Feed) -> None:
    def stop(done: int, total: int | None) -> None:
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        feed.imported(progress=stop)

    with feed.store.reading() as reading:
        (run,) = reports.runs(reading)
    assert (run.failed_why, run.ended_at is not None) == ("it was stopped", True)


def test_progress_knows_how_far_it_is(feed: Feed) -> None:
    seen: list[tuple[int, int | None]] = []
    feed.imported(progress=lambda done, total: seen.append((done, total)))

    assert seen == [(n, 12) for n in range(1, 13)]


def test_a_write_is_short_so_that_nobody_waits(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK_SECONDS", 0.0)
    chunks: list[set[str]] = []
    run = feed.store.writer.run
    monkeypatch.setattr(
        feed.store.writer, "run", lambda work, acting: chunks.append(set()) or run(work, acting=acting)
    )

    feed.imported()

    assert len(chunks) == 1 + 12 + 1 + 1, "a start, a chunk for each service, the examples, the end"


def test_whoever_keeps_the_directory_in_mind_hears_once_at_the_end(feed: Feed) -> None:
    heard: list[str] = []
    feed.store.listen(heard.extend)
    feed.imported()

    assert heard == ["directory"]


def test_the_run_and_its_refused_rows_can_be_looked_up(feed: Feed) -> None:
    feed.services[feed.id_of(1)]["name"] = ""
    feed.imported()

    with feed.store.reading() as reading:
        (run,) = reports.runs(reading, source="ashby")
    assert (run.form, run.address) == ("hsds-uk-3.0", "http://feed.example")
    assert run.counts == {"read": 12, "added": 11, "refused": 1}
    assert [one.why for one in run.refused] == ["it has no name"]


def test_examples_are_paused_once_there_are_real_services(store: Store, feed: Feed) -> None:
    assert add_examples(store, date(2026, 3, 3)) == 25
    assert add_examples(store, date(2026, 3, 3)) == 0
    with store.reading() as reading:
        examples = directory.services(reading, source="example")
    assert all(
        one.example and one.wants and one.contacts[0].phone.startswith("01632 960") for one in examples
    )
    assert len([one for one in examples if one.may_be_suggested]) == 24

    feed.imported()

    with store.reading() as reading:
        offered = directory.services(reading, suggestible=True)
    assert len(offered) == 12 and not any(one.example for one in offered)
