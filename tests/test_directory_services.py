"""A link worker looks after the directory: adds a service, puts it right, closes it, opens it again."""

from __future__ import annotations

from datetime import date

import pytest

from bot.directory import services as directory
from bot.directory.services import (
    CannotBe,
    ChangedMeanwhile,
    Contact,
    Cost,
    Location,
    NoSuchService,
    Organisation,
    Schedule,
    Service,
    ServiceDetails,
    ServiceStatus,
)
from bot.store.engines import Store
from tests.support.stores import Done

WALKERS = ServiceDetails(
    name="Invented Ramblers",
    organisation=Organisation("The Made-up Walking Society"),
    description="A slow walk with a flask of tea.",
    url="https://ramblers.example",
    wants=("active", "company"),
    eases=("nerves", "cost"),
    free=True,
    minimum_age=18,
    languages=("en", "cy"),
    assured_on=date(2026, 2, 1),
    locations=(Location("The bandstand", "1 Nowhere Lane", "Inventon", "zz99 9zz"),),
    schedules=(Schedule(byday="MO,TH", opens_at="10:00", closes_at="11:30"),),
    costs=(Cost("Per walk", 0, "Free"),),
    contacts=(Contact("Wanda Walker", "Leader", "01632 960123"),),
)


def _get(store: Store, service_id: int) -> Service:
    with store.reading() as reading:
        return directory.service_of(reading, service_id)


def _names(store: Store, **asked: object) -> list[str]:
    with store.reading() as reading:
        return [one.name for one in directory.services(reading, **asked)]  # type: ignore[arg-type]


def _history(store: Store, service_id: int) -> list[directory.Event]:
    with store.reading() as reading:
        return directory.history_of(reading, service_id)


def test_what_was_added_is_found_again_whole(store: Store, done: Done) -> None:
    service_id = done(lambda unit: directory.add_service(unit, WALKERS), "staff:3")
    one = _get(store, service_id)

    assert one.name == "Invented Ramblers"
    assert one.organisation is not None and one.organisation.name == "The Made-up Walking Society"
    assert one.locations == (Location("The bandstand", "1 Nowhere Lane", "Inventon", "ZZ99 9ZZ"),)
    assert one.schedules == WALKERS.schedules
    assert one.costs == WALKERS.costs
    assert one.contacts == WALKERS.contacts
    assert (one.wants, one.eases, one.languages) == (("active", "company"), ("nerves", "cost"), ("en", "cy"))
    assert one.may_be_suggested
    assert [(event.what, event.acting) for event in _history(store, service_id)] == [("added", "staff:3")]


def test_search_reads_name_organisation_words_town_and_postcode(store: Store, done: Done) -> None:
    done(lambda unit: directory.add_service(unit, WALKERS))
    done(lambda unit: directory.add_service(unit, ServiceDetails("Pretend Bakers", description="Bread 100%")))

    assert _names(store) == ["Invented Ramblers", "Pretend Bakers"]
    for words in ("rambl", "SOCIETY made-up", "flask", "inventon walk", "zz99"):
        assert _names(store, words=words) == ["Invented Ramblers"], words
    assert _names(store, words="100%") == ["Pretend Bakers"]
    assert _names(store, words="_") == []
    with store.reading() as reading:
        assert directory.how_many(reading, words="e") == 2


def test_a_page_at_a_time_and_in_the_order_asked(store: Store, done: Done) -> None:
    for name, on in (("Cccc", date(2026, 1, 1)), ("Aaaa", None), ("Bbbb", date(2025, 1, 1))):
        done(lambda unit, n=name, o=on: directory.add_service(unit, ServiceDetails(n, assured_on=o)))

    assert _names(store, most=2) == ["Aaaa", "Bbbb"]
    assert _names(store, most=2, after=2) == ["Cccc"]
    assert _names(store, sort="assured") == ["Aaaa", "Bbbb", "Cccc"], "what was never checked comes first"


def test_a_correction_says_what_it_was_before(store: Store, done: Done) -> None:
    service_id = done(lambda unit: directory.add_service(unit, WALKERS))
    new = (Contact("Wanda Walker", "Leader", "01632 960124"),)

    assert done(lambda unit: directory.correct(unit, service_id, 3, name="Invented Walkers", contacts=new))

    event = _history(store, service_id)[0]
    assert (event.what, event.acting) == ("corrected", "staff:3")
    assert event.details["changed"]["name"] == ["Invented Ramblers", "Invented Walkers"]
    assert [c[0]["phone"] for c in event.details["changed"]["contacts"]] == ["01632 960123", "01632 960124"]
    assert set(event.details["changed"]) == {"name", "contacts"}
    assert _get(store, service_id).contacts == new


def test_saving_what_is_there_already_changes_nothing(store: Store, done: Done) -> None:
    service_id = done(lambda unit: directory.add_service(unit, WALKERS))

    assert not done(lambda unit: directory.correct(unit, service_id, 3, name=" Invented Ramblers "))
    assert len(_history(store, service_id)) == 1


def test_two_at_once_the_second_is_told(store: Store, done: Done) -> None:
    service_id = done(lambda unit: directory.add_service(unit, WALKERS))
    shown = _get(store, service_id).version
    done(lambda unit: directory.correct(unit, service_id, 3, version=shown, name="First"))

    with pytest.raises(ChangedMeanwhile):
        done(lambda unit: directory.correct(unit, service_id, 4, version=shown, name="Second"))
    assert _get(store, service_id).name == "First"


def test_paused_closed_and_open_again(store: Store, done: Done) -> None:
    service_id = done(lambda unit: directory.add_service(unit, WALKERS))

    done(lambda unit: directory.pause(unit, service_id, 3, "The leader is ill"))
    assert _get(store, service_id).status is ServiceStatus.PAUSED
    assert _get(store, service_id).status_why == "The leader is ill"
    assert _names(store, suggestible=True) == []

    done(lambda unit: directory.close(unit, service_id, 3))
    assert _names(store, status=ServiceStatus.CLOSED) == ["Invented Ramblers"], "closed is never removed"

    done(lambda unit: directory.reopen(unit, service_id, 3))
    assert _names(store, suggestible=True) == ["Invented Ramblers"]
    assert [event.what for event in _history(store, service_id)] == ["reopened", "closed", "paused", "added"]


def test_checked_with_the_service_on_a_day(store: Store, done: Done) -> None:
    service_id = done(lambda unit: directory.add_service(unit, WALKERS))

    done(lambda unit: directory.assure(unit, service_id, 3, date(2026, 3, 3)))
    assert _get(store, service_id).assured_on == date(2026, 3, 3)
    with pytest.raises(CannotBe):
        done(lambda unit: directory.assure(unit, service_id, 3, date(2026, 3, 9)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "   "),
        ("name", "x" * 301),
        ("url", "not a link"),
        ("url", "javascript:alert(1)"),
        ("email", "nobody"),
        ("wants", ("riches",)),
        ("eases", ("not_knowing",)),
        ("languages", ("Welsh",)),
        ("minimum_age", -1),
        ("locations", (Location(postcode="nowhere"),)),
        ("schedules", (Schedule(byday="FUNDAY"),)),
        ("schedules", (Schedule(opens_at="25:00"),)),
        ("costs", (Cost(pence=-1),)),
    ],
)
def test_what_cannot_be_right_is_named(done: Done, field: str, value: object) -> None:
    service_id = done(lambda unit: directory.add_service(unit, WALKERS))

    with pytest.raises(CannotBe) as refused:
        done(lambda unit: directory.correct(unit, service_id, 3, **{field: value}))
    assert [problem.field for problem in refused.value.problems] == [field]


def test_the_oldest_cannot_be_younger_than_the_youngest(done: Done) -> None:
    with pytest.raises(CannotBe, match="maximum_age"):
        done(lambda unit: directory.add_service(unit, ServiceDetails("A", minimum_age=60, maximum_age=18)))


def test_the_same_organisation_typed_again_is_the_same(store: Store, done: Done) -> None:
    a = done(lambda unit: directory.add_service(unit, ServiceDetails("A", Organisation("Make Believe Ltd"))))
    b = done(lambda unit: directory.add_service(unit, ServiceDetails("B", Organisation("make  believe ltd"))))

    assert _get(store, a).organisation == _get(store, b).organisation


def test_a_service_that_is_not_there(store: Store) -> None:
    with store.reading() as reading, pytest.raises(NoSuchService):
        directory.service_of(reading, 404)
    with store.reading() as reading, pytest.raises(NoSuchService):
        directory.service_by_token(reading, "nothing")


def test_whoever_keeps_the_directory_in_mind_is_told(store: Store, done: Done) -> None:
    heard: list[str] = []
    store.listen(heard.extend)
    service_id = done(lambda unit: directory.add_service(unit, WALKERS))
    done(lambda unit: directory.pause(unit, service_id, 3))

    assert heard == ["directory", "directory"]
