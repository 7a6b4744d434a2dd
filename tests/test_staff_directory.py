"""The directory as link workers use it: looking, adding, putting right, pausing, closing, checking."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.directory import services
from bot.directory.services import history_of, service_of
from bot.store.tables import ServiceStatus, audit, service, service_check
from tests.support.nearby import DEBT, seed_services


@pytest.fixture
def near(store, ashby):
    return seed_services(store, ashby)


@pytest.fixture
def bea(at_work, near):
    return at_work("bea")


@pytest.fixture
def now_of(store):
    """A service as it is now."""

    def of(one):
        with store.reading() as reading:
            return service_of(reading, one.id)

    return of


def names(visitor):
    """The services on the page, in order."""
    return re.findall(r'<a href="/staff/directory/[^"]+" data-open>([^<]+)</a>', visitor.page.text)


def undoes(visitor):
    """Press the undo that the page offers."""
    form = re.search(r'<form method="post" action="/staff([^"]+/undo)">(.*?)</form>', visitor.page.text, re.S)
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[2]))
    visitor.presses(form[1], **fields)


def audited(store, action):
    with store.reading() as reading:
        rows = reading.execute(select(audit.c.acting, audit.c.subject).where(audit.c.action == action))
        return [tuple(row) for row in rows]


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


# -- adding and putting right ----------------------------------------------------------------------

TYPED = {
    "name": "Knit and Natter",
    "organisation": "St John's",
    "description": "Wool, tea and talk.",
    "wants": ["company", "learn"],
    "eases": ["nerves"],
    "place-0-name": "Church hall",
    "place-0-town": "Ashby",
    "place-0-postcode": "le651ab",
    "when-0-often": "second",
    "when-0-days": ["WE"],
    "when-0-opens_at": "10:30",
    "when-0-closes_at": "12:00",
    "free": "no",
    "cost-0-option": "Tea",
    "cost-0-pounds": "1.50",
    "minimum_age": "16",
    "languages": "Welsh, polish and BSL",
    "joining": "direct",
    "contact-0-name": "Ann",
    "contact-0-phone": "01632 960210",
    "places_left": "0",
    "checked_now": "yes",
}


def test_a_service_is_added_with_all_that_is_known(bea, store):
    bea.goes("/directory/new")

    bea.presses("/directory/new", **TYPED)

    assert "Knit and Natter is in the directory now." in bea.text
    with store.reading() as reading:
        (one,) = services.services(reading, words="knit")
    assert one.organisation.name == "St John's"
    assert (one.wants, one.eases, one.languages) == (("company", "learn"), ("nerves",), ("cy", "pl", "bfi"))
    assert (one.locations[0].postcode, one.locations[0].town) == ("LE65 1AB", "Ashby")
    time = one.schedules[0]
    assert (time.freq, time.byday, time.opens_at, time.closes_at) == ("MONTHLY", "2WE", "10:30", "12:00")
    assert (one.costs[0].option, one.costs[0].pence) == ("Tea", 150)
    assert (one.free, one.minimum_age, one.maximum_age, one.places_left) == (False, 16, None, 0)
    assert one.assured_on.isoformat() == "2026-03-03" and one.source == ""
    assert len(one.contacts) == 1
    assert "Second Wednesday of the month, 10.30am to midday" in bea.text
    assert "None: it is full" in bea.text
    assert audited(store, "service added")[-1][1] == f"service:{one.id}"


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"name": " "}, "name", "A service needs a name."),
        ({"place-0-postcode": "nowhere"}, "place-0-postcode", "NOWHERE is not a UK postcode."),
        ({"when-0-opens_at": "half ten"}, "when-0-opens_at", "Half ten is not a time such as 09:30."),
        ({"url": "growers dot example"}, "url", "This is not a link such as https://example.org.uk."),
        ({"email": "ann"}, "email", "This is not an e-mail address."),
        ({"contact-0-email": "ann at home"}, "contact-0-email", "This is not an e-mail address."),
        ({"minimum_age": "sixteen"}, "minimum_age", "Write a whole number, such as 12, or leave it empty."),
        ({"minimum_age": "60", "maximum_age": "18"}, "maximum_age", "This is less than the youngest age."),
        (
            {"cost-0-pounds": "a pound"},
            "cost-0-pounds",
            "Write pounds, such as 3 or 2.50, or leave it empty.",
        ),
        ({"languages": "Welsh, Klingish"}, "languages", "We do not know the language “Klingish”."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(bea, store, wrong, field, said):
    bea.goes("/directory/new")

    bea.presses("/directory/new", **{**TYPED, **wrong})

    assert bea.page.status_code == 422
    beside = re.search(rf'id="{field}-error">(.*?)</p>', bea.page.text)[1]
    assert said in re.sub("<[^>]+>", "", beside)
    assert f'href="#{field}"' in bea.page.text  # from the summary to the field
    for name, typed in {**TYPED, **wrong}.items():
        if isinstance(typed, str) and name not in ("joining", "free", "checked_now", "when-0-often"):
            assert (typed.strip() or name) in bea.page.text.replace("&#39;", "'"), name
    assert re.search(r'id="wants-company"[^>]* checked', bea.page.text)
    assert re.search(r'id="when-0-days-WE"[^>]* checked', bea.page.text)
    assert '<option value="second" selected>' in bea.page.text
    with store.reading() as reading:
        assert services.services(reading, words="knit") == []


def fields_of(visitor):
    """Every field of the form on the page, as a browser would send it."""
    sent = {}
    for kind, name, value, more in re.findall(
        r'<input class="[^"]*" id="[^"]*" name="([^"]+)" type="(\w+)" value="([^"]*)"([^>]*)>',
        visitor.page.text,
    ):
        name, kind = kind, name
        if kind in ("checkbox", "radio"):
            if " checked" in more:
                sent.setdefault(name, []).append(value)
        else:
            sent[name] = value
    for name, words in re.findall(
        r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', visitor.page.text
    ):
        sent[name] = words
    for name, options in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', visitor.page.text, re.S):
        if chosen := re.search(r'value="([^"]*)" selected', options):
            sent[name] = chosen[1]
    sent["version"] = re.search(r'name="version" value="(\d+)"', visitor.page.text)[1]
    return sent


@pytest.mark.parametrize("which", ["allotment", "lunch", "debt", "choir", "online", "walks"])
def test_a_form_saved_as_it_opened_changes_nothing(bea, near, now_of, which):
    one = getattr(near, which)
    bea.goes(f"/directory/{one.token}/correct")

    bea.presses(f"/directory/{one.token}/correct", **fields_of(bea))

    assert "Nothing was changed." in bea.text
    assert now_of(one) == one


def test_one_thing_is_put_right_and_its_history_says_what_it_was(bea, near, now_of, store):
    bea.goes(f"/directory/{near.lunch.token}/correct")
    typed = fields_of(bea) | {"contact-0-phone": "01632 960299"}

    bea.presses(f"/directory/{near.lunch.token}/correct", **typed)

    assert "Put right." in bea.text
    assert now_of(near.lunch).contacts[0].phone == "01632 960299"
    assert now_of(near.lunch).locations == near.lunch.locations
    assert "Bea Marsh put it right. Contacts: was 01632 960202 01632 960299" in bea.text
    with store.reading() as reading:
        assert list(history_of(reading, near.lunch.id)[0].details["changed"]) == ["contacts"]
    assert audited(store, "service corrected")[-1][0].startswith("staff:")


def test_what_a_feed_says_is_left_alone_once_put_right_and_can_be_given_back(bea, near, now_of, done):
    there = service.update().where(service.c.id == near.choir.id).values(gone_from_source_at=None)
    done(lambda unit: unit.execute(there))
    bea.goes(f"/directory/{near.choir.token}/correct")
    assert "It came from the feed ashby-feed." in bea.text
    bea.presses(f"/directory/{near.choir.token}/correct", **(fields_of(bea) | {"fees": "A pound for tea"}))
    assert now_of(near.choir).corrected == ("fees",)
    assert "Put right by us, and left alone by the feed" in bea.text

    bea.presses(f"/directory/{near.choir.token}/follow", field="fees")

    assert now_of(near.choir).corrected == ()
    assert "From the next import on the feed says this again." in bea.text


def test_two_at_once_do_not_write_over_each_other(bea, near, done, now_of):
    bea.goes(f"/directory/{near.lunch.token}/correct")
    typed = fields_of(bea) | {"fees": "£5"}
    done(lambda unit: services.correct(unit, near.lunch.id, 3, fees="£6"))

    bea.presses(f"/directory/{near.lunch.token}/correct", **typed)

    assert bea.page.status_code == 409
    assert "Somebody else changed this service while you were writing." in bea.text
    assert 'value="£5"' in bea.page.text and now_of(near.lunch).fees == "£6"


def test_a_row_that_is_emptied_is_gone(bea, near, now_of):
    bea.goes(f"/directory/{near.debt.token}/correct")
    typed = fields_of(bea)
    emptied = {name: "" for name in typed if name.startswith("contact-0-")}

    bea.presses(f"/directory/{near.debt.token}/correct", **(typed | emptied))

    assert now_of(near.debt).contacts == ()


def test_a_place_that_moved_loses_its_old_position(bea, near, now_of):
    bea.goes(f"/directory/{near.debt.token}/correct")
    bea.presses(
        f"/directory/{near.debt.token}/correct", **(fields_of(bea) | {"place-0-postcode": "DE12 7HR"})
    )

    place = now_of(near.debt).locations[0]
    assert (place.postcode, place.latitude, place.longitude) == ("DE12 7HR", None, None)


def test_times_our_form_has_no_words_for_stay_as_they_are(bea, near, now_of):
    bea.goes(f"/directory/{near.choir.token}/correct")
    assert "As it is: 1MO,3MO" in bea.text

    bea.presses(f"/directory/{near.choir.token}/correct", **(fields_of(bea) | {"fees": "Tea money"}))

    assert now_of(near.choir).schedules == near.choir.schedules


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
