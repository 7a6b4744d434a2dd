"""A photo and a voice note are opened in a real browser: seen and heard, and the page knows it at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.sync_api import Page, expect

from bot.conversation.inbox import Inbox
from bot.messages import ChannelName, Fetched, InboundMessage, Kind, Media
from bot.practice.samples import sample
from bot.store.engines import Store
from bot.store.sealed import Sealer
from bot.words.languages import Languages
from tests.support.browser import axe
from tests.support.seeds import PASSWORD, seed
from tests.support.serving import Served, serving_in_thread
from tests.support.staff_site import ROOT, settings, staff_site
from tests.support.stores import KEYS, LOOKUP_KEY

pytestmark = pytest.mark.browser


@pytest.fixture
def store(migrated_sqlite, tmp_path, clock) -> Iterator[Store]:
    """One engine is enough to look at pages."""
    path = tmp_path / "store.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    opened = Store(f"sqlite:///{path}", Sealer(KEYS, LOOKUP_KEY), clock)
    yield opened
    opened.close()


@pytest.fixture
def ashby(store, clock):
    clock.forward(minutes=80)
    return seed(store)


async def fetch(channel: ChannelName, media: Media, part: str) -> Fetched:
    """A provider that gives samples whole, whatever part was asked for."""
    content = sample(media.ref).content

    async def pieces() -> AsyncIterator[bytes]:
        yield content

    async def close() -> None:
        pass

    return Fetched(media.type, len(content), "", pieces(), close)


@pytest.fixture
def served(store, ashby) -> Iterator[Served]:
    with serving_in_thread(staff_site(store, fetch=fetch)) as up:
        yield up


@pytest.fixture
def at_rays(new_page, served, store, ashby):
    """Bea at Ray's page, once he has sent these: `at_rays("photo", "voice")`."""

    def open_it(*sent: str, phone: bool = False) -> Page:
        receive = Inbox(store, Languages.load(ROOT / "locales"), settings()).receive
        media = tuple(Media(what, sample(what).type) for what in sent)
        receive(
            InboundMessage(
                ChannelName.SMS, "MM1", "+447700900101", kind=Kind.UNREADABLE, unreadable=sent[0], media=media
            )
        ).result(20)
        page = new_page(phone)
        page.goto(f"{served.url}/staff/sign-in?next=/staff/people/{ashby.ray.token}")
        page.get_by_label("Email address").fill("bea@ashby.example")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Skip this for now").click()
        page.goto(f"{served.url}/staff/people/{ashby.ray.token}")
        page.wait_for_load_state("load")
        return page

    return open_it


def opens(page: Page, name: str) -> Page:
    with page.expect_popup() as popup:
        page.get_by_role("link", name=name).click()
    popup.value.wait_for_load_state("load")
    return popup.value


def test_a_photo_is_seen_in_a_new_tab_and_the_page_says_that_it_was(at_rays):
    page = at_rays("photo")
    expect(page.locator("#line")).to_contain_text("Nobody has looked at it for safety yet.")
    page.locator("#text").fill("I am just writing")

    photo = opens(page, "Open the photo")

    assert photo.evaluate("document.images[0].naturalWidth") == 320
    expect(page.locator("#line")).not_to_contain_text("Nobody has looked at it for safety yet.")
    expect(page.locator("#text")).to_have_value("I am just writing")


def test_a_voice_note_plays(at_rays):
    page = at_rays("voice")

    voice = opens(page, "Listen to it")

    voice.wait_for_function("document.querySelector('video, audio').duration > 1.9")


def test_the_page_with_something_to_open_has_no_barrier(at_rays):
    page = at_rays("photo", "photo", phone=True)

    expect(page.get_by_role("link", name="Open the photo (2 of 2)")).to_be_visible()
    assert axe(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
