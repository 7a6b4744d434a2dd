"""Laws of suggesting that hold whatever somebody says and whatever the directory has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as some

from bot.directory.details import EASES
from bot.directory.matching import CAUTIONS, REASONS, WEIGHTS, Match, Wishes, suggest
from bot.directory.places import known
from bot.directory.services import Service
from bot.directory.times import TIMES
from bot.flowkit.lists import BARRIERS, HELPS, MEETING, WANTS
from tests.support.local_services import TODAY, a_service, snapshot


def suggested(wishes: Wishes, *services: Service, **said) -> list[Match]:
    return suggest(snapshot(*services), wishes, today=TODAY, **said)


def ids(matches: list[Match]) -> list[int]:
    return [match.service_id for match in matches]


SERVICES = some.builds(
    lambda number, **said: a_service(number, **said),
    number=some.integers(1, 400),
    at=some.sampled_from(["LE65", "LE67", "DE11", "LE1", "EH1", "BT9", ""]),
    by=some.sampled_from(["", "Big Charity", "Parish"]),
    when=some.sampled_from(["", "TU 10:00-12:00", "TH 19:00-21:00; SA 14:00-16:00"]),
    wants=some.lists(some.sampled_from(WANTS[:5]), max_size=3, unique=True).map(tuple),
    eases=some.lists(some.sampled_from(EASES), max_size=3, unique=True).map(tuple),
    free=some.sampled_from([None, True, False]),
    online=some.booleans(),
    languages=some.sampled_from([(), ("en",), ("cy", "en")]),
    minimum_age=some.sampled_from([None, 16, 18, 60]),
    maximum_age=some.sampled_from([None, 11, 25, 70]),
    assured_on=some.sampled_from([None, date(2026, 2, 1), date(2024, 5, 5)]),
    places_left=some.sampled_from([None, 0, 4]),
    waiting_weeks=some.sampled_from([None, 0, 2, 30]),
)
TOWNS = some.lists(SERVICES, max_size=14, unique_by=lambda one: one.id)


def _some(codes) -> some.SearchStrategy:
    return some.lists(some.sampled_from(list(codes)), max_size=3, unique=True).map(tuple)


WISHES = some.builds(
    Wishes,
    wants=_some(WANTS[:5]),
    words=some.sampled_from(["", "tea", "service", "organisation 7"]),
    barriers=_some(BARRIERS),
    helps=_some(HELPS),
    meeting=_some(MEETING),
    outward=some.sampled_from([None, "LE65", "DE11", "BT7", "ZZ99"]),
    times=_some(TIMES).map(frozenset),
    language=some.sampled_from(["en", "cy"]),
    age=some.sampled_from([None, 17, 30, 65]),
)
PLAIN_WISHES = WISHES.map(lambda wishes: replace(wishes, words=""))


@settings(max_examples=150)
@given(TOWNS, WISHES)
def test_whatever_is_suggested_may_be_suggested(town, wishes):
    found = suggested(wishes, *town)
    assert len(found) <= 3 and len(set(ids(found))) == len(found)
    there = {one.id: one for one in town}
    for match in found:
        one = there[match.service_id]
        if wishes.age is not None:
            assert (one.minimum_age or 0) <= wishes.age <= (one.maximum_age or 200)
        if wishes.wants and not wishes.words:
            assert set(one.wants) & set(wishes.wants)
        old = one.assured_on is None or one.assured_on.year < 2026
        assert old == any(reason.code == "checked" for reason in match.reasons)
        assert (one.places_left == 0) == any(reason.code == "full" for reason in match.reasons)


@settings(max_examples=150)
@given(TOWNS, WISHES)
def test_every_reason_is_true_of_both(town, wishes):
    there = {one.id: one for one in town}
    for match in suggested(wishes, *town):
        one = there[match.service_id]
        codes = [REASONS.index(reason.code) for reason in match.reasons]
        assert codes == sorted(codes)
        for reason in match.reasons:
            match reason.code:
                case "want":
                    assert reason.detail in wishes.wants and reason.detail in one.wants
                case "eases":
                    assert reason.detail in wishes.barriers and reason.detail in one.eases
                case "helps":
                    assert reason.detail in wishes.helps and reason.detail in one.eases
                case "free":
                    assert "cost" in wishes.barriers and one.free
                case "costs":
                    assert "cost" in wishes.barriers and one.free is False
                case "time":
                    assert reason.detail in wishes.times
                case "language":
                    assert reason.detail == wishes.language and reason.detail in one.languages
                case "online":
                    assert one.online
                case "words":
                    assert reason.detail in wishes.words


@settings(max_examples=150)
@given(TOWNS, WISHES, some.randoms())
def test_the_order_of_the_directory_changes_nothing(town, wishes, random):
    shuffled = list(town)
    random.shuffle(shuffled)
    assert suggested(wishes, *town) == suggested(wishes, *shuffled)


@settings(max_examples=150)
@given(TOWNS, SERVICES, PLAIN_WISHES)
def test_a_service_that_fits_worse_changes_nothing_above_it(town, other, wishes):
    town = [one for one in town if one.id != other.id]
    before, after = suggested(wishes, *town), suggested(wishes, *town, other)
    if other.id in ids(after):
        place = ids(after).index(other.id)
        assert after[:place] == before[:place]
    else:
        assert after == before


@settings(max_examples=100)
@given(TOWNS, PLAIN_WISHES, some.integers(0, 13))
def test_taking_one_away_leaves_the_others_before_it(town, wishes, at):
    found = suggested(wishes, *town)
    if found:
        gone = found[at % len(found)].service_id
        left = suggested(wishes, *(one for one in town if one.id != gone))
        assert gone not in ids(left)
        assert ids(left)[: ids(found).index(gone)] == ids(found)[: ids(found).index(gone)]


@settings(max_examples=100)
@given(TOWNS, WISHES)
def test_asking_for_others_goes_on_where_it_stopped(town, wishes):
    """Two at a time until there are no more: nothing twice, and everything that fits."""
    seen: list[int] = []
    while found := suggested(wishes, *town, most=2, without=seen):
        assert not set(ids(found)) & set(seen)
        seen += ids(found)
    assert sorted(seen) == sorted(ids(suggested(wishes, *town, most=100)))


@given(some.sampled_from(sorted(known())), TOWNS)
def test_any_postcode_of_the_country_will_do(outward, town):
    for match in suggested(Wishes(outward=outward), *town):
        assert match.miles is None or 0 <= match.miles <= WEIGHTS["distance"]["furthest_miles"]


def test_every_caution_is_a_reason_and_comes_last():
    assert set(REASONS[-len(CAUTIONS) :]) == CAUTIONS
