"""What people ask for against what there is: counted right, and no few of them can be worked out."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.casework import plans
from bot.directory import services
from bot.directory.details import Location, ServiceDetails
from bot.directory.onward import refer
from bot.directory.outcomes import record_outcome
from bot.directory.suggestions import answer_suggestion, offer
from bot.messages import ChannelName
from bot.people import contact_points, persons
from bot.records.gaps import (
    ANYTHING,
    CODES,
    EVERYWHERE,
    NOT_KNOWN,
    OTHER,
    OWN_WORDS,
    About,
    Shown,
    gaps,
    hidden,
)
from bot.store.tables import Heading, Onward, Outcome, SuggestionStatus, person

FEW, WITHHELD = Shown.FEW, Shown.WITHHELD


# -- hiding ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ([7, 7, 7], [7, 7, 7, 21]),
        ([10, 3], [WITHHELD, FEW, 13]),  # or 13 - 10 would be 3
        ([10, 6, 3], [10, WITHHELD, FEW, 19]),
        ([20, 8, 3, 2, 1], [20, 8, FEW, FEW, FEW, 34]),  # 6 between three tells of none
        ([20, 4, 4], [WITHHELD, FEW, FEW, 28]),  # 8 between two would be 4 and 4
        ([9, 0, 0], [WITHHELD, FEW, FEW, 9]),  # nothing left over would be none and none
        ([6, 0], [WITHHELD, WITHHELD, 6]),  # neither is told, so that the total can be
        ([3, 2], [WITHHELD, WITHHELD, 5]),
        ([2, 1], [FEW, FEW, FEW]),
        ([], [FEW]),
    ],
)
def test_what_would_give_a_few_away_is_withheld_with_it(parts, shown):
    assert hidden(parts) == shown


def could_be(shown, most):
    """Every set of parts that fits what is shown, up to `most` each, worked out as anybody could."""

    def fits(number, as_shown):
        if as_shown is WITHHELD:  # whoever knows how we hide knows that beside a few it is at least 5
            return number >= 5 or FEW not in shown[:-1]
        return number < 5 if as_shown is FEW else number == as_shown

    ranges = [[n for n in range(most + 1) if fits(n, one)] for one in shown[:-1]]
    return [parts for parts in product(*ranges) if fits(sum(parts), shown[-1])]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_nobody_can_work_out_a_few_from_what_is_shown(parts):
    shown = hidden(parts)
    possible = could_be(shown, most=max(20, sum(parts)))

    assert tuple(parts) in possible
    for nth, one in enumerate(shown[:-1]):
        if one is FEW:
            assert {parts[nth] for parts in possible} == {0, 1, 2, 3, 4}
        elif one is WITHHELD and parts[nth] < 5:
            assert {parts[nth] for parts in possible} >= {0, 1, 2, 3, 4, 5}


@given(st.lists(st.integers(0, 60), max_size=9))
def test_no_number_under_five_is_ever_shown_and_what_is_shown_is_true(parts):
    for number, shown in zip([*parts, sum(parts)], hidden(parts), strict=True):
        assert isinstance(shown, Shown) or (shown == number and shown >= 5)


# -- counting --------------------------------------------------------------------------------------


class Town:
    """People who say what they want, and services, in one unit of work."""

    def __init__(self, unit):
        self.unit, self.last = unit, 0

    def somebody(self, *wants, area="LE65", barriers=(), agreed=True):
        self.last += 1
        who = contact_points.first_contact(
            self.unit, ChannelName.SMS, f"+447700900{self.last:03}", language="en", zone="Europe/London"
        ).person_id
        if agreed:
            persons.agreed(self.unit, who)
        if area:
            persons.plan_contact(self.unit, who, outward=area)
        plan_id = plans.start_plan(self.unit, who)
        for heading, codes in ((Heading.WANT, wants), (Heading.BARRIER, barriers)):
            for code in codes:
                said = {"code": code} if " " not in code else {"words": code}
                plans.add_line(self.unit, plan_id, heading, **said)
        return who

    def service(self, *wants, at="LE65 1AA", eases=(), online=False):
        return services.add_service(
            self.unit,
            ServiceDetails(
                name="A service", wants=wants, eases=eases, online=online,
                locations=(Location(postcode=at),) if at else (),
            ),
        )  # fmt: skip

    def says_yes(self, who, service_id, attended=None):
        made = offer(self.unit, who, service_id)
        answer_suggestion(self.unit, made, SuggestionStatus.ACCEPTED)
        onward = refer(self.unit, who, service_id, Onward.SIGNPOSTED, suggestion_id=made).onward_id
        if attended is not None:
            outcome = Outcome.ATTENDED if attended else Outcome.NOT_ATTENDED
            record_outcome(self.unit, onward, outcome, by="person", why=None if attended else "nerves")


@pytest.fixture
def counted(store, done):
    """The gaps once `work(town)` is done."""

    def count(work):
        done(lambda unit: work(Town(unit)))
        with store.reading() as reading:
            return gaps(reading)

    return count


def test_an_empty_town_says_so(counted):
    found = counted(lambda town: town.service("company"))

    assert found.empty and found.services == 1


def test_each_want_has_who_said_it_what_there_is_who_said_yes_and_who_got_there(counted):
    def work(town):
        lunch, other = town.service("company", "food_energy"), town.service("debt")
        people = [town.somebody("company", "money") for _ in range(9)]
        for nth, who in enumerate(people[:7]):
            town.says_yes(who, lunch, attended=nth < 6)
        town.says_yes(people[8], other)  # a service that is not for company

    found = counted(work)

    company = found.line(About.WANTS, "company")
    assert (company.said, company.services, company.said_yes, company.got_there) == (9, 1, 7, 6)
    money = found.line(About.WANTS, "money")
    assert (money.said, money.services, money.said_yes, money.got_there) == (9, 0, FEW, FEW)


def test_what_gets_in_the_way_is_counted_with_what_eases_it(counted):
    def work(town):
        lunch = town.service("company", eases=("nerves",))
        for _ in range(6):
            town.says_yes(town.somebody("company", barriers=("nerves",)), lunch, attended=True)

    found = counted(work)

    nerves = found.line(About.BARRIERS, "nerves")
    assert (nerves.said, nerves.services, nerves.said_yes, nerves.got_there) == (6, 1, 6, 6)
    assert found.line(About.BARRIERS, "cost").services == 0


def test_areas_are_first_halves_of_postcodes_and_what_is_online_is_everywhere(counted):
    def work(town):
        (
            town.service("company"),
            town.service("company", at="DE12 7HR"),
            town.service("company", at="", online=True),
        )
        for area in ("LE65", "DE12"):
            for _ in range(6):
                town.somebody("company", area=area)
        for _ in range(7):
            town.somebody("company", area="")

    found = counted(work)

    assert found.areas == ("DE12", "LE65", NOT_KNOWN)
    by_area = {line.area: (line.said, line.services) for line in found.by_area(About.WANTS, "company")}
    assert by_area == {"DE12": (6, 2), "LE65": (6, 2), NOT_KNOWN: (7, None), EVERYWHERE: (19, 3)}


def test_an_area_with_few_people_is_not_even_named(counted):
    def work(town):
        town.service("company", at="LE67 3PW"), town.service("company", at="CV9 1AA")
        for area, many in (("LE65", 8), ("DE12", 3), ("LE67", 4)):
            for _ in range(many):
                town.somebody("company", area=area)

    found = counted(work)

    assert found.areas == ("LE65", OTHER)
    other = found.line(About.WANTS, "company", OTHER)
    assert (other.said, other.services) == (7, 2)


def test_a_total_gives_no_area_away(counted):
    def work(town):
        for area, many in (("LE65", 9), ("DE12", 6)):
            for nth in range(many):
                town.somebody("company" if area == "LE65" or nth < 2 else "debt", area=area)

    found = counted(work)

    assert found.line(About.WANTS, "company", "DE12").said is FEW
    assert found.line(About.WANTS, "company", "LE65").said is WITHHELD
    assert found.line(About.WANTS, "company", EVERYWHERE).said == 11


def test_their_own_words_count_as_something_else_and_are_not_there(counted):
    found = counted(lambda town: [town.somebody("sorting my knees out") for _ in range(5)])

    assert found.line(About.WANTS, OWN_WORDS).said == 5
    assert "knees" not in repr(found)


def test_somebody_who_said_it_twice_counts_once(counted):
    found = counted(lambda town: [town.somebody("company", "company") for _ in range(5)])

    assert found.line(About.WANTS, "company").said == 5
    assert found.line(About.WANTS, ANYTHING).said == 5


def test_only_a_yes_that_stands_and_lines_that_hold_are_counted(counted):
    def work(town):
        for _ in range(5):
            town.somebody("company")
        town.somebody("company", agreed=False)
        who = town.somebody("company")
        plan = plans.plan_of(town.unit, who)
        plans.end_line(town.unit, plan.lines[0].id)
        erased = town.somebody("company")
        town.unit.execute(person.update().where(person.c.id == erased).values(erased_at=town.unit.now))

    assert counted(work).line(About.WANTS, "company").said == 5


def test_a_service_that_is_paused_or_closed_is_not_there(counted):
    def work(town):
        services.pause(town.unit, town.service("company"), 1, "ill")
        services.close(town.unit, town.service("company"), 1, "ended")
        town.service("company")
        for _ in range(5):
            town.somebody("company")

    found = counted(work)

    assert found.line(About.WANTS, "company").services == 1 and found.services == 1


def test_the_order_tells_nothing_that_is_hidden(counted):
    def work(town):
        for want, many in (("debt", 1), ("company", 6), ("give", 4), ("work", 8)):
            for _ in range(many):
                town.somebody(want)

    found = counted(work)

    codes = [line.code for line in found.by_code(About.WANTS)]
    assert codes[:2] == ["work", "company"]
    assert codes[2:] == [c for c in CODES[About.WANTS] if c not in ("work", "company")]
