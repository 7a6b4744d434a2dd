"""Somebody else's feed may lie, stop half-way or send nonsense: it neither loops nor duplicates nor loses."""

from __future__ import annotations

import pytest

from bot.directory import reports
from bot.directory.services import Location, Schedule, ServiceStatus
from bot.store.engines import Store
from tests.support.feeds import Feed, Lie


@pytest.fixture
def feed(store: Store) -> Feed:
    return Feed(store)


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (Lie.TOTALS, "it says it has 261 services, and gave 11"),
        (Lie.FEWER, "it says it has 5 services, and gave 11"),
        (Lie.TWICE, "it gives the same id twice"),
        (Lie.CIRCLE, "it gives the same id twice; its pages go round in a circle"),
        (Lie.EMPTY, "it has no services at all"),
    ],
)
def test_a_feed_that_lies_neither_loops_nor_duplicates_nor_marks_anything_gone(
    feed: Feed, lie: Lie, why: str
) -> None:
    feed.imported()
    feed.services.popitem()

    report = feed.imported(lie)

    assert report.not_marked == why
    assert "gone" not in report.counts and "added" not in report.counts
    assert len(feed.kept()) == 12
    assert feed.stand_in.calls < 40


@pytest.mark.parametrize("lie", [Lie.HANGS, Lie.BREAKS_OFF, Lie.FAILS])
def test_a_feed_that_stops_half_way_leaves_what_it_gave(store: Store, lie: Lie) -> None:
    feed = Feed(store, 30)

    report = feed.imported(lie)

    assert report.failed_why.startswith("it stopped answering after ")
    assert 0 < report.counts["added"] < 30
    assert report.counts["refused"] >= 8
    assert len(feed.kept()) == report.counts["added"]
    with store.reading() as reading:
        (run,) = reports.runs(reading)
    assert run.failed_why == report.failed_why and run.ended_at is not None

    assert feed.imported().counts["added"] == 30 - report.counts["added"], "and the next run brings the rest"


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        (Lie.NONSENSE, "page 1 of its list: it answered something that is not JSON"),
        (Lie.STRANGE, "its list is neither HSDS-UK 3.0 (contents) nor v1 (content)"),
    ],
)
def test_nonsense_is_told_as_such(feed: Feed, lie: Lie, why: str) -> None:
    feed.imported()

    report = feed.imported(lie)

    assert report.failed_why == why
    assert all(one.may_be_suggested for one in feed.kept().values())


def test_a_feed_that_is_busy_is_asked_again_when_it_says(feed: Feed) -> None:
    assert feed.imported(Lie.BUSY).counts == {"read": 12, "added": 12}
    assert set(feed.waited) == {1.0}


def test_a_feed_that_counts_its_pages_from_nought(store: Store) -> None:
    feed = Feed(store, 130)

    report = feed.imported(Lie.FROM_NOUGHT)

    assert report.counts == {"read": 130, "added": 130}
    assert feed.imported().counts == {"read": 130, "same": 130}


def test_a_feed_that_gives_another_service_than_asked_for(feed: Feed) -> None:
    report = feed.imported(Lie.SWAPS)

    assert report.counts == {"read": 12, "refused": 12}
    assert {one.why for one in report.refused} == {"its details are another service's"}


def test_a_feed_without_end_is_left(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.directory.feeds.SERVICES_MOST", 250)

    report = feed.imported(Lie.ENDLESS)

    assert report.failed_why == "it has more than 250 services" or report.failed_why.startswith("it stopped")
    assert feed.kept() == {}


def test_what_a_feed_may_write_in_a_field(feed: Feed) -> None:
    theirs = feed.services[feed.id_of(0)]
    theirs["description"] = "<p>Come in.</p><p>Sit\u0000 down.</p>"
    theirs["fees"] = "£2 a session, first one free"
    theirs["cost_options"] = []
    theirs["status"] = "temporarily closed"
    theirs["url"] = "www.group.example"
    theirs["schedules"] = [{"freq": "MONTHLY", "byday": "2TU", "opens_at": "9:30Z", "closes_at": "12.00"}]
    theirs["service_at_locations"][0]["location"]["latitude"] = 0
    theirs["service_at_locations"][0]["location"]["longitude"] = 0
    theirs["minimum_age"], theirs["maximum_age"] = 0, 999
    theirs["languages"] = [{"name": "Welsh"}, {"language": "pl"}, {"code": "ur"}, {"name": "Klingon-ish"}]

    report = feed.imported()

    one = feed.kept()[feed.id_of(0)]
    assert one.description == "Come in.\nSit down."
    assert (one.free, one.status, one.url) == (False, ServiceStatus.PAUSED, "https://www.group.example")
    assert one.schedules == (Schedule("MONTHLY", 1, "2TU", "09:30", "12:00"),)
    assert isinstance(one.locations[0], Location) and one.locations[0].latitude is None
    assert (one.minimum_age, one.maximum_age) == (None, None)
    assert one.languages == ("cy", "pl", "ur")
    assert [note.why for note in report.notes] == ["languages: 'Klingon-ish' is no language we know"]
