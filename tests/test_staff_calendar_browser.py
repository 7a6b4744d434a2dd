"""The calendar in a real browser: at a desk, on a phone, by keyboard alone, and without a script."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from bot.appointments.appointment import appointment_of
from bot.appointments.outcomes import said_coming
from tests.support.calendars import ON_ONE_ENGINE, at
from tests.test_staff_browser import barriers, open_page, served  # noqa: F401

pytestmark = [pytest.mark.browser, ON_ONE_ENGINE]

PAGES = {
    "a day": "/calendar",
    "a week": "/calendar?view=week",
    "the team": "/calendar?view=team",
    "an empty day": "/calendar?on=2026-04-03",
    "who is it for": "/calendar/book?at=2026-03-05T11:00",
    "booking": "/calendar/book?for={ray}",
    "an appointment": "/appointments/{a_home}",
    "moving": "/appointments/{a_video}/move",
    "time off": "/calendar/time-off",
}


@pytest.fixture
def goes(served, ashby, booked):  # noqa: F811
    """Open a page by its path; `{ray}` becomes a person's token, `{a_ray}` their appointment."""
    names = {name: who.token for name, who in ashby.people.items()}
    names |= {f"a_{name}": one for name, one in booked.items()}

    def go(page, path):
        page.goto(f"{served.url}/staff" + path.format(**names))
        page.wait_for_load_state("load")

    return go


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_no_page_has_a_barrier_or_is_wider_than_the_screen(open_page, goes, phone):  # noqa: F811
    page = open_page("lou", phone)
    found = {}
    for name, path in PAGES.items():
        goes(page, path + (("&" if "?" in path else "?") + "who=2" if name in ("a day", "a week") else ""))
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if problems := barriers(page) + (["wider than the screen"] if wide else []):
            found[name] = problems

    assert found == {}


def test_the_calendar_by_keyboard_alone(open_page, goes):  # noqa: F811
    page = open_page("bea")
    goes(page, "/calendar")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Gwen")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name=re.compile(r"Free 11\.55am"))).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("link", name="Ray")).to_be_focused()

    page.keyboard.press("w")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 to 8 March")
    page.wait_for_selector("body.js-enabled")
    page.get_by_role("link", name="Ray").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("link", name=re.compile(r"Free 10\.40am to 12\.30pm")).first).to_be_focused()
    page.keyboard.press("d")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday 3 March")
    page.wait_for_selector("body.js-enabled")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wednesday 4 March")
    page.wait_for_selector("body.js-enabled")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday 3 March")
    page.wait_for_selector("body.js-enabled")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Book an appointment")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Book an appointment")


def test_keys_can_be_turned_off(open_page, goes):  # noqa: F811
    page = open_page("bea")
    goes(page, "/calendar")
    page.keyboard.press("?")
    page.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("w")
    page.reload()
    page.keyboard.press("w")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday 3 March")

    page.get_by_role("button", name=re.compile("Keys")).click()
    page.get_by_label("Use these keys").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("w")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 to 8 March")


def test_between_visits_a_free_time_is_booked_in_three_taps(open_page, goes, ashby, store):  # noqa: F811
    page = open_page("bea", phone=True)
    goes(page, "/calendar?view=week")
    days = page.locator(".ll-cal__head")
    expect(days.nth(1)).to_contain_text("Tuesday 3")
    top, below = (days.nth(n).bounding_box()["y"] for n in (1, 2))
    assert below > top  # one under the other

    page.get_by_role("link", name=re.compile(r"Free 2\.25 to 3pm")).tap()
    page.get_by_role("link", name="Mrs Pryce").tap()
    page.get_by_role("button", name="Book it").tap()

    expect(page.locator("#said")).to_contain_text("Booked: Mrs Pryce, tomorrow at 2.25pm.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wednesday 4 March")


def test_what_somebody_says_appears_by_itself_and_keeps_the_place(open_page, goes, booked, done):  # noqa: F811
    page = open_page("bea")
    goes(page, "/calendar?on=2026-03-05")
    page.get_by_role("link", name="Jo").focus()
    done(lambda unit: said_coming(unit, booked["video"]), acting="person")

    expect(page.locator("#calendar")).to_contain_text("Said they are coming")
    expect(page.get_by_role("link", name="Jo")).to_be_focused()


def test_what_a_text_reminder_says_and_costs_is_shown_while_writing(open_page, goes):  # noqa: F811
    page = open_page("bea", phone=True)
    goes(page, "/people/{ray}")
    page.get_by_text("Set a text reminder of something else").tap()
    page.get_by_label("What to remind them of").press_sequentially("Choir at 7pm")

    expect(page.locator("#reminder-count")).to_contain_text("link worker: Choir at 7pm 1 text")
    assert barriers(page) == []


def test_everything_works_without_javascript(open_page, goes, booked, store):  # noqa: F811
    page = open_page("bea", java_script_enabled=False)
    goes(page, "/calendar")
    page.locator("#calendar").get_by_role("button", name=re.compile("^Attended.*Gwen")).click()
    expect(page.locator("#said")).to_contain_text("Written down: Gwen came.")
    page.get_by_label("Go to date").fill("2026-03-05")
    page.get_by_role("button", name="Go", exact=True).click()
    page.get_by_role("link", name="Jo", exact=True).click()
    page.get_by_role("link", name="Move").click()
    page.get_by_label("Time", exact=True).fill("08:30")
    page.get_by_role("button", name="Move it", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("That is outside your working hours.")
    page.get_by_role("button", name="Move it anyway").click()
    expect(page.locator("#said")).to_contain_text("Moved to Thursday 5 March at 8.30am.")
    with store.reading() as reading:
        assert appointment_of(reading, booked["video"]).starts_at == at(date(2026, 3, 5), 8, 30)
