"""The directory as link workers use it: looking, pausing, closing, checking, and who may."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.directory import services
from bot.store.tables import ServiceStatus, service_check
from tests.support.nearby import DEBT
from tests.support.staff_directory import audited, names, undoes

# -- looking ---------------------------------------------------------------------------------------


def test_it_is_in_the_navigation_and_shows_what_is_open_by_name(bea, near):
    bea.goes("/")
    assert 'href="/staff/directory"' in bea.page.text

    bea.goes("/directory")

    assert names(bea) == [
        "Evening Telephone Circle",
        "Holywell Allotment Mornings",
        "Money Advice Drop-in",
        "Sing For Breath",
        "Thursday Lunch Club",
    ]
    assert "Tuesdays and Fridays, 10am to midday" in bea.text
    assert "First Monday and third Monday of the month, 2pm to 3.30pm" in bea.text
    assert "Invented example" in bea.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=allotment", ["Holywell Allotment Mornings"]),
        ("q=measham", ["Thursday Lunch Club"]),
        ("q=GROWERS", ["Holywell Allotment Mornings"]),
        ("q=debt+library", []),
        ("want=debt", ["Money Advice Drop-in"]),
        ("want=company&free=yes&day=TU", ["Holywell Allotment Mornings"]),
        ("day=MO", ["Money Advice Drop-in", "Sing For Breath"]),
        ("language=cy", ["Holywell Allotment Mornings", "Money Advice Drop-in"]),
        ("language=pl", ["Money Advice Drop-in"]),
        ("show=paused", ["Slow Walks"]),
        ("show=closed", []),
        ("q=zebedee", []),
        ("want=nonsense&page=x&sort=nonsense&show=nonsense&q=allotment", ["Holywell Allotment Mornings"]),
    ],
)
def test_it_is_narrowed_by_whatever_is_asked(bea, query, found):
    bea.goes(f"/directory?{query}")

    assert names(bea) == found


def test_near_a_postcode_the_nearest_comes_first_with_how_far(bea):
    bea.goes("/directory?near=le65+1ab&want=company")

    assert names(bea)[0] == "Holywell Allotment Mornings"
    assert names(bea)[-1] == "Evening Telephone Circle"  # online: nowhere
    assert "about 1 mile" in bea.text and "about 3 miles" in bea.text


def test_a_postcode_nobody_knows_is_said_beside_it(bea):
    bea.goes("/directory?near=ZZ99")

    assert "We do not know this postcode" in bea.text
    assert 'value="ZZ99"' in bea.page.text
    assert len(names(bea)) == 5


def test_what_to_look_at_is_a_list_of_its_own_and_each_says_why(bea):
    bea.goes("/directory?show=look")

    assert names(bea) == ["Thursday Lunch Club", "Sing For Breath"]  # longest unchecked first
    assert "Not checked lately" in bea.text and "Something looks wrong" in bea.text
    assert "Gone from its feed" in bea.text


def test_a_pause_that_is_over_is_to_be_looked_at(bea, clock):
    bea.goes("/directory?show=look")
    assert "Slow Walks" not in names(bea)
    clock.forward(days=30)
    bea.signs_in("bea@ashby.example")
    bea.presses("/sign-in/skip")

    bea.goes("/directory?show=look&q=walks")

    assert names(bea) == ["Slow Walks"] and "Look again now" in bea.text


def test_orders(bea, near, done):
    bea.goes("/directory?sort=checked")
    assert names(bea)[0] == "Thursday Lunch Club"

    done(lambda unit: services.assure(unit, near.debt.id, 2, unit.now.date()))
    bea.goes("/directory?sort=changed")
    assert names(bea)[0] == "Money Advice Drop-in"


def test_a_long_directory_comes_a_page_at_a_time(bea, done):
    def many(unit):
        for nth in range(30):
            services.add_service(unit, replace(DEBT, name=f"Advice {nth:02}"))

    done(many)
    bea.goes("/directory?q=advice&want=debt")
    assert len(names(bea)) == 25 and "Page 1 of 2" in bea.text

    following = re.search(r'href="/staff([^"]+)" rel="next"', bea.page.text)[1].replace("&amp;", "&")
    bea.goes(following)

    assert names(bea) == [
        "Advice 25",
        "Advice 26",
        "Advice 27",
        "Advice 28",
        "Advice 29",
        "Money Advice Drop-in",
    ]


def test_honest_when_nothing_is_found(bea):
    bea.goes("/directory?q=zebedee")
    assert "No service fits all of this" in bea.text

    bea.goes("/directory?q=walks")
    assert "Nothing here. 1 that fits is in the other lists." in bea.text


def test_an_empty_directory_says_so(at_work, ashby):
    bea = at_work("bea")
    bea.goes("/directory")

    assert "The directory is empty." in bea.text


# -- one service -----------------------------------------------------------------------------------


def test_a_page_has_everything_and_who_checked_it_when(bea, near):
    bea.goes(f"/directory/{near.allotment.token}")

    for words in (
        "Ashby Growers. Checked 11 February 2026 by Bea Marsh.",
        "Somebody meets you at the gate the first time.",
        "Good for Company, being active, quiet and nature",
        "Holywell Allotments, Mill Lane, Ashby, LE65 1AB. Level from the car park",
        "Level paths, a raised bed and a toilet",
        "Cost Free",
        "Anyone in or near Ashby",
        "18 and over",
        "Languages Welsh",
        "Places left 4",
        "Ring 01632 960201",
        "hello@growers.ashby.example",
        "To nobody in the last 90 days.",
        "Bea Marsh added it.",
    ):
        assert words in bea.text, words


def test_an_unknown_service_is_not_here(bea):
    assert bea.goes("/directory/nonsense").status_code == 404


def test_i_have_checked_this_today_settles_what_was_found(bea, near, now_of, store):
    bea.goes(f"/directory/{near.lunch.token}")
    assert "01632 960202 is answered by somebody else" in bea.text
    assert "Nobody has checked it for more than 6 months." in bea.text

    bea.presses(f"/directory/{near.lunch.token}/assure")

    assert "It is written down that you checked it today." in bea.text
    assert "Checked 3 March 2026 by Bea Marsh." in bea.text
    assert "To look at" not in bea.text
    assert now_of(near.lunch).assured_on.isoformat() == "2026-03-03"
    assert len(audited(store, "service assured")) == 1


def test_one_finding_is_settled_by_itself(bea, near, store):
    bea.goes(f"/directory/{near.lunch.token}")
    settle = re.search(r'action="/staff(/directory/[^"]+/settle)"', bea.page.text)[1]

    bea.presses(settle)

    assert "Settled." in bea.text and "answered by somebody else" not in bea.text
    assert "Nobody has checked it" in bea.text  # that is another matter
    with store.reading() as reading:
        assert reading.execute(select(service_check.c.settled_at)).scalar_one() is not None
    bea.presses(settle)
    assert "Somebody settled that already." in bea.text


def test_pausing_needs_a_reason_and_keeps_what_was_typed(bea, near, now_of):
    url = f"/directory/{near.debt.token}"
    bea.goes(url)

    bea.presses(f"{url}/pause", why="", until="2026-04-05")

    assert bea.page.status_code == 422
    assert "Say why, in a few words" in bea.text and 'value="2026-04-05"' in bea.page.text
    assert now_of(near.debt).status is ServiceStatus.ACTIVE


@pytest.mark.parametrize(
    ("until", "said"), [("2026-03-03", "That day is past"), ("soon", "That is not a date")]
)
def test_until_is_a_day_to_come(bea, near, now_of, until, said):
    url = f"/directory/{near.debt.token}"
    bea.goes(url)
    bea.presses(f"{url}/pause", why="Shut for a while", until=until)

    assert said in bea.text and 'value="Shut for a while"' in bea.page.text
    assert now_of(near.debt).status is ServiceStatus.ACTIVE


def test_paused_with_a_reason_and_a_day_and_undone_in_one_press(bea, near, now_of, store):
    url = f"/directory/{near.debt.token}"
    bea.goes(url)
    bea.presses(f"{url}/pause", why="The library is shut", until="2026-04-05")

    assert "Paused: The library is shut. Look again 5 April 2026." in bea.text
    assert not now_of(near.debt).may_be_suggested
    assert audited(store, "service paused")[-1][1] == f"service:{near.debt.id}"

    undoes(bea)

    assert "Undone." in bea.text
    assert now_of(near.debt).status is ServiceStatus.ACTIVE


def test_undoing_the_closing_of_a_paused_one_pauses_it_again_with_its_reason(bea, near, now_of):
    url = f"/directory/{near.walks.token}"
    bea.goes(url)
    bea.presses(f"{url}/close", why="They told me it has ended")
    assert "Closed: They told me it has ended." in bea.text

    undoes(bea)

    walks = now_of(near.walks)
    assert (walks.status, walks.status_why, walks.paused_until.isoformat()) == (
        ServiceStatus.PAUSED, "The leader is ill", "2026-04-01",
    )  # fmt: skip


def test_closing_needs_to_say_how_one_knows(bea, near, now_of):
    url = f"/directory/{near.debt.token}"
    bea.goes(url)
    bea.presses(f"{url}/close", why=" ")

    assert "Say how you know" in bea.text
    assert now_of(near.debt).status is ServiceStatus.ACTIVE


def test_what_its_feed_lost_is_opened_again_by_a_human(bea, near, now_of):
    url = f"/directory/{near.choir.token}"
    bea.goes(url)
    assert "The feed it came from has not had it since" in bea.text

    bea.presses(f"{url}/reopen")

    assert now_of(near.choir).may_be_suggested and "Gone from its feed" not in bea.text


# -- who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["bea", "lou", "sam"])
def test_link_workers_and_leads_may_all_do_it(at_work, near, now_of, who):
    visitor = at_work(who)
    visitor.goes(f"/directory/{near.debt.token}")

    visitor.presses(f"/directory/{near.debt.token}/pause", why="Shut")

    assert now_of(near.debt).status is ServiceStatus.PAUSED


def test_nobody_else_may(bea, near, site):
    from tests.support.staff_site import Visitor

    stranger = Visitor(site)
    stranger.goes("/directory")
    assert stranger.at == "/sign-in"
    stranger.leaves()


def test_a_form_from_elsewhere_does_nothing(bea, near, now_of):
    bea.goes("/directory")
    bea.presses(f"/directory/{near.debt.token}/close", why="ended", csrf="wrong")

    assert now_of(near.debt).status is ServiceStatus.ACTIVE
