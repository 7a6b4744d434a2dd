"""Takes the pictures in docs/screenshots: `make screenshots`. The real service, with invented people.

The service runs as it does for anyone, but on a Tuesday morning that stands still, so that the
pictures change only when the pages do.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.app import Service
from bot.clock import SetClock
from bot.settings import Settings
from bot.store import migrations
from bot.store.engines import Store, make_engine
from bot.store.sealed import Sealer
from tests.support.browser import HOW_TO_INSTALL, QUIET, chromium
from tests.support.calendars import seed_calendar
from tests.support.nearby import Near, seed_plan, seed_services, seed_wants
from tests.support.own_plan import has_plan, is_told_of
from tests.support.seeds import PASSWORD, Ashby, seed
from tests.support.service import free_port
from tests.support.serving import serving_in_thread
from tests.support.stores import KEYS, LOOKUP_KEY
from tests.support.web_site import Web

HERE = Path(__file__).parent / "screenshots"
TUESDAY_MORNING = datetime(2026, 3, 3, 10, 40, tzinfo=UTC)
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 780}, "is_mobile": True, "has_touch": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}

RAY = [
    ("HELLO", "Who is it for?"),
    ("1", "Do you live in Ashby?"),
    ("1", "Is it safe for us to use this phone?"),
    ("1", "When is a good time to ring you?"),
    ("1", "What matters to you just now?"),
    ("My wife died in May and the house is so quiet. I would like some company", "What name shall we"),
    ("Ray", "May I pass this to our link workers"),
]

BOOKS = [
    ("1", "Done, Ray."),
    ("APPOINTMENT", "Which suits you?"),
    ("Thursday after 10", "Which suits you?"),
    ("1", "Shall I book it?"),
    ("1", "It is booked."),
]


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, Ashby, Near]]:
    """The service with the people of tests/support: its address, who is in it, and what is near them."""
    settings = Settings(
        _env_file=None,
        port=free_port(),
        database_url=f"sqlite:///{folder / 'pictures.db'}",
        keys=KEYS,
        lookup_key=LOOKUP_KEY,
    )
    engine = make_engine(settings.database_url)
    migrations.upgrade(engine)
    engine.dispose()
    service = Service(settings, SetClock(TUESDAY_MORNING))
    ashby = seed(service.store)
    near = seed_services(service.store, ashby)
    seed_plan(service.store, ashby, near)
    seed_wants(service.store)
    seed_calendar(service.store, ashby)
    with serving_in_thread(service.site, settings.port) as served:
        working = served.call(_begin(service))
        yield served.url, ashby, near
        served.call(_end(working, service))


async def _begin(service: Service) -> asyncio.Task[None]:
    return asyncio.create_task(service.run())


async def _end(working: asyncio.Task[None], service: Service) -> None:
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await service.close()


def picture(page: Page, name: str) -> None:
    """What the screen shows now."""
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement?.blur()")
    page.screenshot(path=HERE / f"{name}.png", animations="disabled", caret="hide")
    print(f"docs/screenshots/{name}.png")


def new_page(browser: Browser, device: dict[str, Any]) -> Page:
    return browser.new_context(locale="en-GB", **device).new_page()


def signed_in(browser: Browser, at: str, device: dict[str, Any]) -> Page:
    """Bea, at the queue."""
    page = new_page(browser, device)
    page.goto(f"{at}/staff/sign-in")
    page.get_by_label("Email address").fill("bea@ashby.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Skip this for now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    return page


def staff_pages(browser: Browser, at: str, ashby: Ashby, near: Near) -> None:
    """The queue, one person's page, the directory and what is missing in it, on a desk and on a phone."""
    for where, device in (("desk", DESK), ("phone", PHONE)):
        page = signed_in(browser, at, device)
        picture(page, f"queue-{where}")
        page.goto(f"{at}/staff/people/{ashby.ray.token}")
        picture(page, f"person-{where}")
        if where == "desk":
            page.set_viewport_size({"width": 1280, "height": 1000})  # tall enough for both columns to stay
        page.locator("#matters").evaluate("it => it.scrollIntoView()")
        picture(page, f"plan-{where}")
        page.locator("#support").evaluate("it => it.scrollIntoView()")
        picture(page, f"support-{where}")
        page.set_viewport_size(device["viewport"])
        page.goto(f"{at}/staff/directory?want=company&near=LE65")
        picture(page, f"directory-{where}")
        page.goto(f"{at}/staff/directory/{near.allotment.token}?for={ashby.ray.token}")
        picture(page, f"service-{where}")
        page.goto(f"{at}/staff/directory/gaps")
        picture(page, f"gaps-{where}")


def calendar_pages(browser: Browser, at: str, ashby: Ashby) -> None:
    """A link worker's week and day, on a desk and on a phone, and a time being picked for somebody."""
    page = signed_in(browser, at, {"viewport": {"width": 1280, "height": 1130}})
    page.goto(f"{at}/staff/calendar?view=week")
    picture(page, "calendar-desk")
    page.goto(f"{at}/staff/calendar")
    picture(page, "calendar-day-desk")
    phone = signed_in(browser, at, PHONE)
    phone.goto(f"{at}/staff/calendar")
    phone.locator("h1").evaluate("it => it.scrollIntoView()")
    picture(phone, "calendar-phone")
    phone.goto(f"{at}/staff/calendar?view=week")
    phone.locator(".ll-cal__head").nth(2).evaluate("it => it.scrollIntoView()")
    picture(phone, "calendar-week-phone")
    phone.goto(f"{at}/staff/calendar/book?for={ashby.josie.token}")
    picture(phone, "booking-phone")


def chat(browser: Browser, at: str) -> None:
    """The web chat on a phone: the last question, and what a link worker writes."""
    page = new_page(browser, PHONE)
    page.goto(f"{at}/chat")
    for press in ("Start", "Me, 18 or over", "Yes", "Here, in this chat", "Yes, only I see it"):
        page.get_by_role("button", name=press, exact=True).click()
    for words, hears in (("I would like to sing again", "What name"), ("Amir", "May I pass this")):
        says(page, words)
        expect(page.get_by_text(hears)).to_be_visible()
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.get_by_text("Done, Amir.")).to_be_visible()

    bea = signed_in(browser, at, DESK)
    bea.get_by_role("link", name="Amir").click()
    bea.get_by_role("button", name="Pick up").click()
    bea.get_by_label("Write to Amir").fill("Hello Amir. There is a choir on Thursdays. Shall we go together?")
    bea.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("There is a choir on Thursdays.")).to_be_visible()
    page.get_by_label("Your message").fill("Yes please, I would like that")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Yes please, I would like that")).to_be_visible()
    expect(page.get_by_text("Sending")).to_have_count(0)
    picture(page, "chat-phone")


def chat_booking(browser: Browser, at: str) -> None:
    """A time booked in the web chat, with what comes of it and a file for one's own calendar."""
    page = new_page(browser, PHONE)
    page.goto(f"{at}/chat")
    for press in ("Start", "Me, 18 or over", "Yes", "Here, in this chat", "Yes, only I see it"):
        page.get_by_role("button", name=press, exact=True).click()
    for words, hears in (("I would like some help with forms", "What name"), ("Noor", "May I pass this")):
        says(page, words)
        expect(page.get_by_text(hears)).to_be_visible()
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.get_by_text("Done, Noor.")).to_be_visible()
    says(page, "appointment")
    expect(page.get_by_text("Which suits you?").last).to_be_visible()
    says(page, "Thursday after 10")
    page.get_by_role("button", name="Thursday 5 March").last.click()
    expect(page.get_by_text("Shall I book it?")).to_be_visible()
    page.get_by_role("button", name="Yes", exact=True).last.click()
    expect(page.get_by_text("It is booked.")).to_be_visible()
    expect(page.get_by_text("Sending")).to_have_count(0)
    page.locator("main, body").first.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    picture(page, "chat-booked-phone")


def says(page: Page, words: str) -> None:
    """Write something in the web chat."""
    expect(page.get_by_label("Your message")).to_be_editable()
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()


def practice_phone(browser: Browser, at: str) -> None:
    """A referral by text, and what it costs; then a time booked by text."""
    page = new_page(browser, DESK)
    page.goto(f"{at}/phone")
    texts(page, RAY)
    picture(page, "practice-phone")
    texts(page, BOOKS)
    picture(page, "practice-phone-booked")


def texts(page: Page, conversation: list[tuple[str, str]]) -> None:
    """Text each of these, and wait for what each is answered with."""
    for words, hears in conversation:
        page.get_by_label("Text to send").fill(words)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.locator(".text--ours").last).to_contain_text(hears)
        expect(page.locator(".text--ours").last).to_contain_text("arrived")


def own_pages(browser: Browser, folder: Path) -> None:
    """Someone's own plan on a phone and in large print, and what a service sees at its link."""
    url = f"sqlite:///{folder / 'own.db'}"
    engine = make_engine(url)
    migrations.upgrade(engine)
    engine.dispose()
    store = Store(url, Sealer(KEYS, LOOKUP_KEY), SetClock(TUESDAY_MORNING))
    web = Web(store, Settings(_env_file=None))
    theirs, sent = has_plan(store), is_told_of(store)
    web.parts.the_voice()
    with serving_in_thread(web.site) as served:
        page = new_page(browser, PHONE)
        for name, query in (("mine-phone", ""), ("mine-large", "?size=large")):
            page.goto(f"{served.url}/mine/{theirs.token}{query}")
            picture(page, name)
        page.goto(f"{served.url}/services/{sent}")
        page.get_by_role("button", name="Show it here").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("would like to come")
        page.wait_for_load_state()
        picture(page, "provider-phone")
    store.close()


def main() -> None:
    """Take all pictures again."""
    where = chromium()
    if where is None:
        sys.exit(HOW_TO_INSTALL)
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, headless=True, args=QUIET)
        with running(Path(folder)) as (at, ashby, near):
            staff_pages(browser, at, ashby, near)
            calendar_pages(browser, at, ashby)
            chat(browser, at)
            chat_booking(browser, at)
            practice_phone(browser, at)
        own_pages(browser, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
