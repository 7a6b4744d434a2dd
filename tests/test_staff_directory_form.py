"""A service is added, and put right, on a form that loses nothing typed."""

from __future__ import annotations

import re

import pytest

from bot.directory import services
from bot.directory.services import history_of
from bot.store.tables import service
from tests.support.staff_directory import audited

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
