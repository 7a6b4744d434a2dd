"""What is suggested to somebody: what fits what they said, why, and in fair turns."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from bot.directory.details import EASES, Cost, Schedule
from bot.directory.matching import Match, Reason, Wishes, suggest
from bot.directory.services import Service
from bot.directory.weighing import months_before
from bot.flowkit.lists import BARRIERS, HELPS
from tests.support.local_services import TODAY, a_service, closed, paused, snapshot


def suggested(wishes: Wishes, *services: Service, today: date = TODAY, **said) -> list[Match]:
    return suggest(snapshot(*services), wishes, today=today, **said)


def ids(matches: list[Match]) -> list[int]:
    return [match.service_id for match in matches]


def why(match: Match) -> list[str]:
    return [reason.kept for reason in match.reasons]


COMPANY = Wishes(wants=("company",), outward="LE65")


# What they said they want comes first


def test_at_most_three_and_only_what_they_want():
    town = [a_service(n, wants=("company",)) for n in range(1, 6)] + [a_service(9, wants=("debt",))]
    found = suggested(COMPANY, *town)
    assert len(found) == 3 and 9 not in ids(found)


def test_nothing_is_suggested_when_nothing_fits():
    assert suggested(COMPANY, a_service(1, wants=("debt",))) == []
    assert suggested(COMPANY) == []


def test_what_serves_two_of_their_wishes_comes_before_what_serves_one():
    wishes = Wishes(wants=("company", "active"), outward="LE65")
    found = suggested(
        wishes,
        a_service(1, wants=("company",)),
        a_service(2, wants=("active", "company")),
        a_service(3, wants=("active",)),
    )
    assert found[0].service_id == 2
    assert why(found[0])[:2] == ["want:company", "want:active"]  # in the order they said them


def test_their_own_words_count_and_find_what_no_list_names():
    guitars = a_service(1, "Strings", wants=("learn",), description="Bring your guitar.")
    choir = a_service(2, "Choir", wants=("company",))
    found = suggested(
        Wishes(wants=("company",), words="I used to play gitar", outward="LE65"), guitars, choir
    )
    assert set(ids(found)) == {1, 2}
    strings = next(match for match in found if match.service_id == 1)
    assert Reason("words", "gitar") in strings.reasons


def test_a_word_of_theirs_is_in_no_record_and_no_log():
    reason = Reason("words", "guitar")
    assert reason.kept == "words" and "guitar" not in repr(reason)
    wishes = Wishes(wants=("company",), words="my wife died", outward="LE65")
    assert "wife" not in repr(wishes) and "LE65" not in repr(wishes)
    assert Reason("want", "company").kept == "want:company"


def test_somebody_who_said_nothing_hears_of_what_is_near():
    found = suggested(Wishes(outward="LE65"), a_service(1, at="LE67"), a_service(2, at="LE65"))
    assert ids(found) == [2, 1]


# What gets in the way


@pytest.mark.parametrize("barrier", [code for code in BARRIERS if code not in ("cost", "not_knowing")])
def test_what_eases_what_gets_in_the_way_comes_first(barrier):
    plain, eases = a_service(1, wants=("company",)), a_service(2, wants=("company",), eases=(barrier,))
    found = suggested(replace(COMPANY, barriers=(barrier,)), plain, eases)
    assert ids(found) == [2, 1]
    assert f"eases:{barrier}" in why(found[0]) and f"eases:{barrier}" not in why(found[1])


@pytest.mark.parametrize("helps", HELPS)
def test_what_would_help_them_is_told_only_where_it_is(helps):
    plain, helping = a_service(1, wants=("company",)), a_service(2, wants=("company",), eases=(helps,))
    found = suggested(replace(COMPANY, helps=(helps,)), plain, helping)
    assert ids(found) == [2, 1]
    assert f"helps:{helps}" in why(found[0]) and f"helps:{helps}" not in why(found[1])


def test_for_whom_money_is_short_what_costs_comes_last_and_says_so():
    free = a_service(1, wants=("company",), free=True)
    unknown = a_service(2, wants=("company",))
    costs = a_service(3, wants=("company",), costs=(Cost("a session", 500),))
    found = suggested(replace(COMPANY, barriers=("cost",)), costs, unknown, free)
    assert ids(found) == [1, 2, 3]
    assert "free" in why(found[0]) and "costs" in why(found[2])
    assert {"free", "costs"}.isdisjoint(why(found[1]))  # nobody said, so nothing is


def test_ticking_every_box_is_no_way_to_the_top():
    everything = a_service(1, wants=("company",), eases=EASES)
    two_things = a_service(2, wants=("company",), eases=("nerves", "time", "call_first", "text_before"))
    wishes = replace(COMPANY, barriers=BARRIERS, helps=HELPS)
    points = {match.service_id: match.points for match in suggested(wishes, everything, two_things)}
    assert points[1] == points[2]
    assert "eases:caring" in why(suggested(wishes, everything)[0])  # told all the same


# Near, and when they can come


def test_the_nearer_comes_first_and_a_short_way_is_a_reason():
    found = suggested(COMPANY, a_service(1, at="LE1", wants=("company",)), a_service(2, wants=("company",)))
    assert ids(found) == [2, 1]
    assert "near:0" in why(found[0]) and 13 < found[1].miles < 20
    assert not any(reason.startswith("near") for reason in why(found[1]))


def test_the_other_end_of_the_country_is_never_suggested_unless_one_can_join_from_home():
    far, online = (
        a_service(1, at="EH1", wants=("company",)),
        a_service(2, at="EH1", wants=("company",), online=True),
    )
    found = suggested(COMPANY, far, online)
    assert ids(found) == [2] and found[0].miles is None


def test_for_whom_the_way_is_hard_near_counts_for_more_and_home_for_most():
    near = a_service(1, at="LE65", wants=("company",))
    better = a_service(2, at="LE67", wants=("company", "active", "learn"))
    wishes = Wishes(wants=("company", "active", "learn"), outward="LE65")
    assert ids(suggested(wishes, near, better)) == [2, 1]
    hard = replace(wishes, barriers=("getting_there",))
    assert ids(suggested(hard, near, better)) == [1, 2]
    online = a_service(3, at="", online=True, wants=("company", "active"))
    assert ids(suggested(hard, near, better, online))[0] == 3
    assert "online" in why(suggested(hard, online)[0])


def test_who_likes_to_meet_by_video_hears_of_what_is_online():
    room, online = (
        a_service(1, at="LE67", wants=("company",)),
        a_service(2, at="", online=True, wants=("company",)),
    )
    assert ids(suggested(COMPANY, room, online)) == [1, 2]
    assert ids(suggested(replace(COMPANY, meeting=("video",)), room, online)) == [2, 1]


def test_a_distance_from_town_to_town_is_not_told_where_it_says_nothing():
    belfast = replace(COMPANY, outward="BT7")
    here = suggested(belfast, a_service(1, at="BT9", wants=("company",)))[0]
    assert here.miles is None and not any(reason.startswith("near") for reason in why(here))
    away = suggested(belfast, a_service(1, at="BT20", wants=("company",)))[0]
    assert 10 < away.miles < 14


def test_without_a_postcode_no_distance_is_told():
    found = suggested(Wishes(wants=("company",)), a_service(1, wants=("company",)))[0]
    assert found.miles is None and "near" not in " ".join(why(found))


@pytest.mark.parametrize(
    ("times", "first", "reason"),
    [
        ({"morning"}, 1, "time:morning"),
        ({"evening"}, 2, "time:evening"),
        ({"TU"}, 1, "time:TU"),
        ({"weekends"}, 3, "time:weekends"),
        ({"TH", "evening"}, 2, "time:evening"),
        ({"TU", "TH", "evening"}, 2, "time:evening"),
        ({"weekdays", "morning"}, 1, "time:morning"),
    ],
)
def test_when_they_can_come(times, first, reason):
    town = (
        a_service(1, wants=("company",), when="TU 10:00-11:30"),
        a_service(2, wants=("company",), when="TH 19:00-21:00"),
        a_service(3, wants=("company",), when="SA 14:00-16:00"),
        a_service(4, wants=("company",)),
    )
    found = suggested(replace(COMPANY, times=frozenset(times)), *town, most=4)
    assert ids(found)[0] == first and reason in why(found[0])
    assert ids(found)[1] == 4  # nobody said when, so it may be then
    assert sum(reason.startswith("time") for match in found for reason in why(match)) == 1


def test_a_course_that_is_over_is_not_suggested():
    over = a_service(
        1, wants=("company",), schedules=(Schedule(byday="TU", opens_at="10:00", valid_to=date(2026, 2, 24)),)
    )
    assert suggested(COMPANY, over) == []
    assert ids(suggested(COMPANY, over, today=date(2026, 2, 24))) == [1]


# Whom it is for


def test_who_is_too_young_or_too_old_never_hears_of_it():
    over_60 = a_service(1, wants=("company",), minimum_age=60)
    young = a_service(2, wants=("company",), minimum_age=16, maximum_age=25)
    assert ids(suggested(replace(COMPANY, age=59), over_60, young)) == []
    assert ids(suggested(replace(COMPANY, age=60), over_60, young)) == [1]
    assert ids(suggested(replace(COMPANY, age=25), over_60, young)) == [2]


def test_where_their_age_is_not_known_they_are_told_whom_it_is_for():
    over_60 = a_service(1, wants=("company",), minimum_age=60)
    some_ages = a_service(2, wants=("company",), minimum_age=18, maximum_age=40)
    adults = a_service(3, wants=("company",), minimum_age=18)
    children = a_service(4, wants=("company",), maximum_age=11)
    found = suggested(COMPANY, over_60, some_ages, adults, children)
    assert ids(found)[0] == 3 and set(ids(found)) == {1, 2, 3}
    said = {match.service_id: why(match) for match in found}
    assert "ages:60-" in said[1] and "ages:18-40" in said[2]
    assert not any(reason.startswith("ages") for reason in said[3])


def test_paused_closed_and_refused_services_are_never_suggested():
    town = (paused(a_service(1, wants=("company",))), closed(a_service(2, wants=("company",))))
    assert suggested(COMPANY, *town, a_service(3, wants=("company",)), without={3}) == []


def test_what_changed_since_the_snapshot_is_left_out():
    held = replace(
        snapshot(a_service(1, wants=("company",)), a_service(2, wants=("company",))), left_out=frozenset({1})
    )
    assert ids(suggest(held, COMPANY, today=TODAY)) == [2]


def test_a_language_spoken_there_counts_for_those_who_write_in_it():
    english, welsh = (
        a_service(1, wants=("company",), languages=("en",)),
        a_service(2, wants=("company",), languages=("cy", "en")),
    )
    found = suggested(replace(COMPANY, language="cy"), english, welsh)
    assert ids(found) == [2, 1] and "language:cy" in why(found[0])
    assert not any(r.startswith("language") for m in suggested(COMPANY, english, welsh) for r in why(m))


# Fresh, and with room


def test_an_old_entry_comes_later_and_says_when_it_was_checked():
    fresh = a_service(1, wants=("company",))
    old = a_service(2, wants=("company",), assured_on=date(2025, 6, 10))
    never = a_service(3, wants=("company",), assured_on=None)
    found = suggested(COMPANY, never, old, fresh)
    assert ids(found) == [1, 2, 3]
    said = {match.service_id: why(match) for match in found}
    assert "checked:2025-06" in said[2] and "checked" in said[3]
    assert not any(reason.startswith("checked") for reason in said[1])


@pytest.mark.parametrize(
    ("checked", "months", "old"),
    [
        (date(2025, 9, 3), 6, False),
        (date(2025, 9, 2), 6, True),
        (date(2025, 9, 2), 7, False),
        (date(2026, 2, 2), 1, True),
        (date(2026, 3, 3), 0, False),
        (date(2027, 1, 1), 6, False),
    ],
)
def test_how_old_is_old_is_set(checked, months, old):
    match = suggested(COMPANY, a_service(1, wants=("company",), assured_on=checked), months=months)[0]
    assert any(reason.startswith("checked") for reason in why(match)) is old


def test_months_before_a_long_month_ends():
    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2026, 3, 3), 15) == date(2024, 12, 3)


def test_what_is_full_comes_later_and_says_so():
    free = a_service(1, wants=("company",), places_left=2)
    full = a_service(2, wants=("company",), places_left=0, waiting_weeks=3)
    waits = a_service(3, wants=("company",), waiting_weeks=5)
    found = suggested(COMPANY, full, waits, free)
    assert ids(found) == [1, 3, 2]
    assert "waiting:5" in why(found[1]) and "full:3" in why(found[2])
    assert "full" in why(suggested(COMPANY, replace(full, waiting_weeks=None))[0])


# Variety, and fair turns


def test_three_are_not_all_of_one_organisation():
    big = [a_service(n, wants=("company",), by="Big Charity") for n in range(1, 6)]
    small = [a_service(n, wants=("company",), waiting_weeks=5) for n in (8, 9)]
    found = ids(suggested(COMPANY, *big, *small))
    assert len(set(found) & {1, 2, 3, 4, 5}) == 1 and {8, 9} < set(found)


def test_one_organisation_is_better_than_nothing():
    big = [a_service(n, wants=("company",), by="Big Charity") for n in range(1, 6)]
    assert len(suggested(COMPANY, *big)) == 3


def test_variety_never_brings_what_fits_much_worse():
    two = [a_service(n, wants=("company", "active"), by="Ashby Links", eases=("nerves",)) for n in (1, 2)]
    worse = a_service(3, at="LE1", wants=("active",), places_left=0)
    wishes = Wishes(wants=("company", "active"), barriers=("nerves",), outward="LE65")
    assert set(ids(suggested(wishes, *two, worse, most=2))) == {1, 2}


def test_services_as_good_as_each_other_take_turns():
    """Told three at a time for a season, each is told as often as any, give or take one."""
    town = snapshot(*(a_service(n, wants=("company",)) for n in range(1, 8)))
    told: Counter[int] = Counter()
    for day in range(70):
        told.update(ids(suggest(town, COMPANY, today=date.fromordinal(TODAY.toordinal() + day), shares=told)))
    assert sum(told.values()) == 210
    assert max(told.values()) - min(told.values()) <= 1


def test_an_organisation_gets_no_more_turns_for_having_many_services():
    big = [a_service(n, wants=("company",), by="Big Charity") for n in range(1, 11)]
    small = [a_service(n, wants=("company",)) for n in (20, 21)]
    town = snapshot(*big, *small)
    told: Counter[int] = Counter()
    for _ in range(60):
        told.update(ids(suggest(town, COMPANY, today=TODAY, most=1, shares=told)))
    by_the_big_one = sum(told[n] for n in range(1, 11))
    assert by_the_big_one == told[20] == told[21] == 20
    assert max(told[n] for n in range(1, 11)) - min(told[n] for n in range(1, 11)) <= 1


def test_a_turn_never_goes_before_a_better_fit():
    better, other = a_service(1, wants=("company", "active")), a_service(2, wants=("company",))
    wishes = Wishes(wants=("company", "active"), outward="LE65")
    assert ids(suggested(wishes, better, other, shares={1: 1000})) == [1, 2]
