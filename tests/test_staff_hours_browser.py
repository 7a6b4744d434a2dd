"""Hours, places, groups and attendance in a real browser: at a desk, on a phone, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bot.appointments import groups, variants
from bot.appointments.calendar import calendar_of
from bot.appointments.places import add_place, retire_place
from bot.appointments.variants import Arm
from bot.casework.rota import take_off
from bot.store.engines import Store
from bot.store.sealed import Sealer
from bot.store.tables import appointment_event
from tests.support import diary
from tests.support.calendars import seed_hours
from tests.support.stores import KEYS, LOOKUP_KEY, TUESDAY_10AM
from tests.test_staff_browser import barriers, open_page, served  # noqa: F401

pytestmark = pytest.mark.browser

PAGES = {
    "hours": "/hours",
    "places": "/places",
    "a new place": "/places/new",
    "a place": "/places/1",
    "groups": "/sessions",
    "a new group": "/sessions/new",
    "a group": "/sessions/1?q=Pryce",
    "putting a group right": "/sessions/1/correct",
    "a group that is off": "/sessions/2",
    "attendance": "/attendance",
    "attendance by quarter": "/attendance?by=quarter",
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
def seeded(done, ashby, monkeypatch) -> None:
    """Hours of Lou's with two places, a group that is on and one that is off, and two years of attendance."""

    def work(unit):
        cafe = add_place(unit, "cafe", "The Corner Cafe", "1 High Street, Ashby", "Bus 9 to the library")
        room = add_place(unit, "video", "The team's video room", link="https://video.example/ashby")
        old = add_place(unit, "surgery", "The Old Surgery", "3 Mill Lane, Ashby")
        retire_place(unit, old)
        seed_hours(unit, ashby.lou, cafe, room)
        take_off(unit, ashby.lou, "leave", unit.now + timedelta(days=9), unit.now + timedelta(days=14))
        for days in (9, 10):
            made = groups.plan_session(
                unit, "Ashby Choir", ashby.lou, TUESDAY_10AM + timedelta(days=days, hours=9), minutes=90,
                place_id=cafe, most=12, bring="water", anyway=days == 9,
            )  # fmt: skip
            if not isinstance(made, int):
                made = groups.plan_session(
                    unit, "Slow walk", ashby.bea, TUESDAY_10AM + timedelta(days=days), minutes=60,
                    place_id=cafe, anyway=True,
                )  # fmt: skip
            for name in ("pryce", "ray"):
                groups.invite(unit, made, ashby.people[name].person_id, anyway=True)
        groups.cancel_session(unit, made, "The hall has flooded.")
        attended(unit)
        arms = (Arm("plain", 300, 300, 48), Arm("others_wait", 300, 300, 24))
        monkeypatch.setattr(variants, "results", lambda reading, trial: arms)
        for name in variants.trials():
            variants.start(unit, name)
            variants.stop(unit, name, "finished")

    done(work)


def attended(unit) -> None:
    """Sixty appointments a month for eight months; fewer missed where there was a reminder."""
    bo = diary.worker(unit, "Bo Marsh")
    people = [diary.somebody(unit, "", nth=300 + nth) for nth in range(60)]
    for nth in range(480):
        month, reminded = nth // 60, nth % 3 > 0
        missed = nth * 7 % 100 < (9 if reminded else 24) + (4 - month) / 2
        made = diary.appointment(
            unit, bo, people[nth % 60], TUESDAY_10AM - timedelta(days=5 + 30 * month, hours=nth % 9),
            status="did-not-attend" if missed else "attended", kind=("first", "review", "visit")[nth % 3],
            plan="standard" if reminded else "light", booked_before=timedelta(days=(1, 4, 9, 20)[nth % 4]),
        )  # fmt: skip
        if reminded:
            unit.insert(
                appointment_event, appointment_id=made, what="reminded", at=unit.now, acting="timer",
                step="week", details={},
            )  # fmt: skip


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_no_page_has_a_barrier_or_is_wider_than_the_screen(open_page, served, seeded, phone):  # noqa: F811
    page = open_page("lou", phone)
    found = {}
    for name, path in PAGES.items():
        page.goto(f"{served.url}/staff{path}")
        page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
        wide = page.evaluate("document.documentElement.scrollWidth") > page.viewport_size["width"]
        if problems := barriers(page) + (["wider than the screen"] if wide else []):
            found[name] = problems

    assert found == {}


def test_hours_are_set_by_keyboard_alone_and_enter_saves(open_page, served, done, ashby):  # noqa: F811
    page = open_page("bea")
    page.goto(f"{served.url}/staff/hours")
    page.locator("summary", has_text="Work on Monday").focus()
    page.keyboard.press("Enter")
    page.locator("#d0-0-opens").fill("09:00")
    page.locator("#d0-0-closes").fill("12:30")
    page.locator("#d0-0-closes").press("Enter")

    expect(page.locator("#said")).to_contain_text("Saved.")
    [only] = done(lambda unit: calendar_of(unit, ashby.bea)).hours
    assert (f"{only.opens:%H:%M}", f"{only.closes:%H:%M}") == ("09:00", "12:30")


def test_a_form_that_is_wrong_has_no_barrier(open_page, served, done, ashby):  # noqa: F811
    page = open_page("bea", phone=True)
    for path, button in (("/hours", "Save"), ("/places/new", "Add it"), ("/sessions/new", "Plan it")):
        page.goto(f"{served.url}/staff{path}")
        if path == "/hours":
            page.locator("#most_a_day").fill("none")
        page.locator("main").get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("heading", name="Please check this")).to_be_visible()
        assert barriers(page) == []


def test_the_feeds_address_can_be_copied_and_is_shown_once(open_page, served):  # noqa: F811
    page = open_page("bea", phone=True)
    page.goto(f"{served.url}/staff/hours")
    page.get_by_role("button", name="Make the address").tap()

    address = page.get_by_label("Its address.").input_value()
    assert address.startswith("http") and address.endswith(".ics")
    assert barriers(page) == []
    page.reload()
    expect(page.get_by_label("Its address.")).not_to_have_value(address)
