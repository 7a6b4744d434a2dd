"""The staff pages in a real browser: at a desk, on a phone, by keyboard alone, and while things change."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bot.people import contact_points
from bot.store.engines import Store
from bot.store.sealed import Sealer
from tests.support.browser import axe
from tests.support.seeds import PASSWORD, Seeder
from tests.support.serving import Served, serving_in_thread
from tests.support.stores import KEYS, LOOKUP_KEY

pytestmark = pytest.mark.browser

DESK = {"viewport": {"width": 1280, "height": 800}}
PAGES = {
    "queue": "/",
    "all of the queue": "/?show=all",
    "an empty queue": "/?q=zebedee",
    "someone in danger": "/people/{josie}",
    "a referral": "/people/{ray}",
    "someone without a yes": "/people/{unsaid}",
    "a call back": "/people/{amina}",
    "one I hold": "/people/{pryce}",
    "what could not be read": "/people/{dev}",
    "found": "/people?q=ray",
    "a new case": "/people/new",
    "two records": "/people/{ray}/merge/{tom}",
    "tasks": "/tasks",
    "team": "/team",
    "a member": "/team/2",
    "my settings": "/me",
    "a new password": "/password",
    "audit": "/audit",
    "not here": "/nowhere",
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
def served(site, ashby) -> Iterator[Served]:
    with serving_in_thread(site) as up:
        yield up


@pytest.fixture
def open_page(new_page, served):
    """A page on which somebody has signed in: `open_page("bea", phone=True)`."""

    def sign_in(name: str, phone: bool = False, **context) -> Page:
        page = new_page(phone, **({} if phone else DESK), **context)
        page.goto(f"{served.url}/staff/sign-in")
        page.get_by_label("Email address").fill(f"{name}@ashby.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Skip this for now").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
        if context.get("java_script_enabled", True):
            page.wait_for_selector("body.js-enabled")  # keys are heard once the script is there
        return page

    return sign_in


def barriers(page: Page) -> list[str]:
    """What axe finds, once the page has its styles."""
    page.wait_for_load_state("load")
    return axe(page)


def where(served, ashby, path):
    return f"{served.url}/staff" + path.format(**{name: who.token for name, who in ashby.people.items()})


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_no_page_has_a_barrier_or_is_wider_than_the_screen(open_page, served, ashby, phone):
    page = open_page("sam", phone)
    found = {}
    for name, path in PAGES.items():
        page.goto(where(served, ashby, path))
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if problems := barriers(page) + (["wider than the screen"] if wide else []):
            found[name] = problems

    assert found == {}


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_signing_in_has_no_barrier(new_page, served, phone):
    page = new_page(phone)
    page.goto(f"{served.url}/staff/sign-in")
    assert barriers(page) == []
    page.get_by_label("Email address").fill("bea@ashby.example")
    page.get_by_label("Password", exact=True).fill("not this")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("That email and password do not match")
    assert barriers(page) == []
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your phone")
    assert barriers(page) == []


def test_every_open_form_has_no_barrier(open_page, served, ashby):
    page = open_page("bea", phone=True)
    for who in ("josie", "pryce"):
        page.goto(where(served, ashby, f"/people/{{{who}}}"))
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        assert barriers(page) == []


def test_between_visits_the_first_who_needs_someone_is_picked_up_in_one_tap(open_page, ashby):
    page = open_page("bea", phone=True)
    first = page.locator("[data-row]").first
    expect(first).to_contain_text("Josie")
    assert first.bounding_box()["y"] + first.bounding_box()["height"] < page.viewport_size["height"]

    first.get_by_role("button", name="Pick up").tap()

    expect(page.get_by_role("heading", level=1)).to_have_text("Josie")
    expect(page.locator("#who")).to_contain_text("With you until 5pm")


def test_who_waits_appears_by_itself(open_page, ashby, done):
    page = open_page("bea")
    expect(page).to_have_title("(5) Queue - Ashby Links")

    def comes(unit):
        s = Seeder(unit)
        kim = s.someone("+447700900150", ago=0, name="Kim")
        s.refers(kim, {"matters": {"words": "Company", "inbox_id": None}}, ago=0)

    done(comes)

    expect(page.get_by_role("link", name="Kim")).to_be_visible()
    expect(page).to_have_title("(6) Queue - Ashby Links")
    expect(page.locator("#count-waiting")).to_have_text("6")
    assert barriers(page) == []


def test_what_they_write_appears_by_itself_and_takes_nothing_away(open_page, served, ashby, done):
    page = open_page("bea")
    page.goto(where(served, ashby, "/people/{pryce}"))
    page.get_by_text("Set the next step").click()
    page.get_by_label("Next step").fill("Find the hall's number")
    page.get_by_label("Write to Mrs Pryce").fill("Yes, the same")

    done(lambda unit: Seeder(unit).says(ashby.pryce, "And may I bring my sister?", ago=0))

    expect(page.locator("#line")).to_contain_text("And may I bring my sister?")
    expect(page.get_by_label("Next step")).to_have_value("Find the hall's number")
    expect(page.get_by_label("Write to Mrs Pryce")).to_have_value("Yes, the same")
    expect(page.locator("#news")).to_have_text("Their last message came today at 11.20am")


def test_a_contact_is_logged_in_one_tap_without_leaving(open_page, served, ashby):
    page = open_page("bea", phone=True)
    page.goto(where(served, ashby, "/people/{ray}"))
    page.get_by_label("Write to Ray Poole").fill("Half a thought")

    page.get_by_role("button", name="Rang, no answer").tap()

    expect(page.locator("#said")).to_contain_text("Logged: rang, no answer.")
    expect(page.locator("#line")).to_contain_text("Bea Marsh: rang, no answer.")
    expect(page.get_by_label("Write to Ray Poole")).to_have_value("Half a thought")
    expect(page.get_by_role("button", name="Rang, no answer")).to_be_focused()
    page.get_by_role("button", name="Undo").tap()
    expect(page.locator("#said")).to_contain_text("Taken back.")


def test_what_a_text_costs_is_shown_while_writing(open_page, served, ashby):
    page = open_page("bea")
    page.goto(where(served, ashby, "/people/{pryce}"))

    page.get_by_label("Write to Mrs Pryce").press_sequentially("Hello")
    expect(page.locator("#count")).to_have_text("1 text")
    page.get_by_label("Write to Mrs Pryce").fill("")
    page.get_by_label("Write to Mrs Pryce").press_sequentially("ŵ" * 70)
    expect(page.locator("#count")).to_have_text("1 text")


def test_a_reply_is_sent_and_said(open_page, served, ashby):
    page = open_page("bea", phone=True)
    page.goto(where(served, ashby, "/people/{pryce}"))
    page.get_by_label("Write to Mrs Pryce").fill("Yes, the same place.")

    page.get_by_role("button", name="Send").tap()

    expect(page.locator("#said")).to_contain_text("Sent.")
    expect(page.locator("#said")).to_be_in_viewport()
    expect(page.locator("#line")).to_contain_text("Bea, link worker: Yes, the same place.")


def test_the_queue_by_keyboard_alone(open_page, ashby):
    page = open_page("bea")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Josie")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Ray Poole")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("j")
    page.keyboard.press("p")

    expect(page.get_by_role("heading", level=1)).to_have_text("Ray Poole")
    page.wait_for_selector("body.js-enabled")
    page.keyboard.press("r")
    expect(page.get_by_label("Write to Ray Poole")).to_be_focused()


def test_keys_do_nothing_while_someone_types_and_say_what_they_do(open_page, ashby):
    page = open_page("bea")
    page.keyboard.press("/")
    expect(page.get_by_label("Find a name in the queue")).to_be_focused()
    page.keyboard.type("pj?")
    expect(page.get_by_label("Find a name in the queue")).to_have_value("pj?")
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.get_by_label("Find a name in the queue").blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name=re.compile("Keys")).click()
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_opening_with_enter(open_page, ashby):
    page = open_page("bea")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Josie")


def test_everything_works_without_javascript(open_page, served, ashby, done):
    page = open_page("bea", java_script_enabled=False)
    page.get_by_label("Order").select_option("waiting")
    page.get_by_role("button", name="Show").click()
    page.locator("[data-row]").filter(has_text="Ray Poole").get_by_role("button", name="Pick up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ray Poole")

    page.get_by_role("button", name="Rang and spoke").click()
    expect(page.locator("#said")).to_contain_text("Logged: rang and spoke.")
    page.get_by_text("Set the next step").click()
    page.get_by_label("Next step").fill("Visit the allotment")
    page.locator("#next").get_by_role("button", name="Save").click()
    expect(page.locator("#next")).to_contain_text("Visit the allotment")
    page.get_by_label("Write to Ray Poole").fill("See you on Monday.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#line")).to_contain_text("Bea, link worker: See you on Monday.")
    page.get_by_text("Close it", exact=True).click()
    page.get_by_label("How did it end?").select_option("helped")
    page.get_by_role("button", name="Close it and tell them").click()
    expect(page.locator("#who")).to_contain_text("Closed today")


def test_where_no_message_may_go_there_is_nothing_to_send(open_page, served, ashby, done):
    done(lambda unit: contact_points.opt_out(unit, ashby.pryce.point_id, "carrier"))
    page = open_page("bea")
    page.goto(where(served, ashby, "/people/{pryce}"))

    expect(page.locator("#reply")).to_contain_text("A message cannot go now: they said stop.")
    expect(page.get_by_role("button", name="Send")).to_have_count(0)
