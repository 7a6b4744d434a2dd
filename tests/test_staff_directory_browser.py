"""The directory, the gaps and a plan in a real browser: at a desk, on a phone, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from bot.directory.services import service_of
from bot.store.engines import Store
from bot.store.sealed import Sealer
from bot.store.tables import ServiceStatus
from tests.support.nearby import Near, seed_plan, seed_services, seed_wants
from tests.support.stores import KEYS, LOOKUP_KEY
from tests.test_staff_browser import barriers, open_page, served  # noqa: F401

pytestmark = pytest.mark.browser

PAGES = {
    "the directory": "/directory",
    "narrowed": "/directory?q=allotment&want=company&near=LE65&free=yes&day=TU&language=cy",
    "to look at": "/directory?show=look",
    "nothing found": "/directory?q=zebedee",
    "a postcode nobody knows": "/directory?near=ZZ99",
    "for somebody": "/directory?for={ray}",
    "a service": "/directory/{allotment}?for={ray}",
    "a service with findings": "/directory/{lunch}",
    "a paused service": "/directory/{walks}",
    "a service of a feed": "/directory/{choir}",
    "a new service": "/directory/new",
    "putting one right": "/directory/{choir}/correct",
    "gaps": "/directory/gaps",
    "gaps, what gets in the way": "/directory/gaps?by=barriers",
    "gaps, one thing by area": "/directory/gaps?code=company",
    "a person with a plan": "/people/{ray}",
}


@pytest.fixture
def store(migrated_sqlite, tmp_path, clock) -> Iterator[Store]:
    """One engine is enough to look at pages."""
    path = tmp_path / "store.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    opened = Store(f"sqlite:///{path}", Sealer(KEYS, LOOKUP_KEY), clock)
    yield opened
    opened.close()


@pytest.fixture
def near(store, ashby) -> Near:
    made = seed_services(store, ashby)
    seed_plan(store, ashby, made)
    return made


@pytest.fixture
def goes(served, ashby, near):  # noqa: F811
    """Open a page by its path; `{ray}` and `{lunch}` in it become their tokens."""
    tokens = {name: who.token for name, who in ashby.people.items()}
    tokens |= {name: one.token for name, one in near.services.items()}

    def go(page, path):
        page.goto(f"{served.url}/staff" + path.format(**tokens))

    return go


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_no_page_has_a_barrier_or_is_wider_than_the_screen(open_page, goes, store, phone):  # noqa: F811
    seed_wants(store)
    page = open_page("bea", phone)
    found = {}
    for name, path in PAGES.items():
        goes(page, path)
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if problems := barriers(page) + (["wider than the screen"] if wide else []):
            found[name] = problems

    assert found == {}


def test_a_form_that_is_wrong_has_no_barrier_and_leads_to_the_field(open_page, goes):  # noqa: F811
    page = open_page("bea", phone=True)
    goes(page, "/directory/new")
    page.get_by_label("Name", exact=True).fill("Knit and Natter")
    page.get_by_label("Postcode").first.fill("nowhere")
    page.get_by_role("button", name="Add it").tap()

    expect(page.get_by_role("alert")).to_contain_text("NOWHERE is not a UK postcode.")
    assert barriers(page) == []
    expect(page.get_by_label("Name", exact=True)).to_have_value("Knit and Natter")
    page.get_by_role("alert").get_by_role("link").tap()
    expect(page.get_by_label("Postcode").first).to_be_focused()


def test_the_directory_by_keyboard_alone(open_page, goes):  # noqa: F811
    page = open_page("bea")
    goes(page, "/directory")
    page.wait_for_selector("body.js-enabled")
    page.keyboard.press("/")
    expect(page.get_by_label("Words")).to_be_focused()
    page.keyboard.type("allotment")
    page.keyboard.press("Enter")
    page.wait_for_selector("body.js-enabled")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Holywell Allotment Mornings")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Holywell Allotment Mornings")


def test_between_visits_a_service_is_found_suggested_and_the_way_back_is_one_tap(open_page, goes):  # noqa: F811
    page = open_page("bea", phone=True)
    goes(page, "/people/{ray}")
    page.get_by_role("link", name="Look in the directory").tap()
    page.get_by_role("link", name="Holywell Allotment Mornings").tap()
    page.get_by_role("button", name="Suggest it to Ray Poole").tap()
    expect(page.locator("#said")).to_contain_text("Ray Poole will be told of it")

    page.get_by_role("link", name="Ray Poole").tap()

    expect(page.get_by_role("heading", level=1)).to_have_text("Ray Poole")
    expect(page.locator("#support")).to_be_in_viewport()


def test_whether_they_went_is_one_tap_without_leaving_and_one_to_take_back(open_page, goes):  # noqa: F811
    page = open_page("bea", phone=True)
    goes(page, "/people/{ray}")
    page.get_by_label("Write to Ray Poole").fill("Half a thought")

    page.get_by_role("button", name=re.compile("They went.*Thursday Lunch Club")).tap()

    expect(page.locator("#said")).to_contain_text("Written down: they went.")
    expect(page.get_by_label("Write to Ray Poole")).to_have_value("Half a thought")
    page.get_by_role("button", name="Undo").tap()
    expect(page.locator("#said")).to_contain_text("Taken back.")


def test_everything_works_without_javascript(open_page, goes, near, store):  # noqa: F811
    page = open_page("bea", java_script_enabled=False)
    goes(page, "/directory")
    page.get_by_label("Good for").select_option("debt")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Money Advice Drop-in").click()
    page.get_by_text("Pause it", exact=True).first.click()
    page.get_by_label("Why, in a few words").fill("The library is shut")
    page.get_by_role("button", name="Pause it").click()
    expect(page.get_by_text("Paused: The library is shut.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    with store.reading() as reading:
        assert service_of(reading, near.debt.id).status is ServiceStatus.ACTIVE

    goes(page, "/people/{ray}")
    page.get_by_text("Change the day of the first session").click()
    page.get_by_label("Day", exact=True).first.fill("2026-03-12")
    page.get_by_role("button", name=re.compile("Save.*Thursday Lunch Club")).click()
    expect(page.locator("#support")).to_contain_text("First session Thursday 12 March")


def test_the_chart_can_be_heard_and_every_number_is_in_the_table(open_page, goes, store):  # noqa: F811
    seed_wants(store)
    page = open_page("bea")
    goes(page, "/directory/gaps")

    chart = page.get_by_role("img", name="Said most: company (15 people, 4 services)")
    expect(chart).to_be_visible()
    expect(page.get_by_role("row", name="Company 15 4")).to_be_visible()
    expect(page.get_by_role("row", name="Getting around No service 6 0")).to_be_visible()
    expect(page.get_by_role("row", name="Housing fewer than 5 0")).to_be_visible()
    page.get_by_role("link", name="Company").click()
    expect(page.get_by_role("row", name="Everywhere 15")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all of it").click()
    assert download.value.suggested_filename == "gaps-2026-03-03.csv"
