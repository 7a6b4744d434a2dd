"""A person's plan and a service's link in a real browser: small phones, large print, paper, no barriers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bot.store.tables import Heading, Safe
from tests.support.browser import NewPage, axe
from tests.support.own_plan import SAID, Theirs, has_plan, said
from tests.support.serving import serving_in_thread
from tests.support.web_site import Web, shared_voice
from tests.test_web_providers import is_referred

pytestmark = pytest.mark.browser

WEATHER = "https://www.bbc.co.uk/weather"


@pytest.fixture
def at(web_on_sqlite: Web) -> Iterator[str]:
    """Where the site is."""
    shared_voice()  # compiled before a browser waits for it
    with serving_in_thread(web_on_sqlite.site) as served:
        yield served.url


@pytest.fixture
def ray(web_on_sqlite: Web) -> Theirs:
    """Ray, who has a plan and a phone that only he sees."""
    return has_plan(web_on_sqlite.store)


def barriers(page: Page) -> list[str]:
    """What stands in someone's way, once the page and its styles are there."""
    page.wait_for_load_state()
    return axe(page)


def too_wide(page: Page) -> list[str]:
    """What does not fit across the screen."""
    return page.evaluate(
        """() => [...document.querySelectorAll("main *")]
            .filter(it => it.getBoundingClientRect().right > innerWidth + 1 && it.offsetParent !== null
                    && !it.closest(".nhsuk-u-visually-hidden"))
            .map(it => it.outerHTML.slice(0, 80))"""
    )


def small(page: Page) -> list[str]:
    """What can be pressed and is smaller than a fingertip: 24 by 24 is WCAG 2.2's least; ours is 44 high."""
    return page.evaluate(
        """() => [..."button summary select input[type=text]".split(" ")]
            .flatMap(what => [...document.querySelectorAll(`main ${what}`)])
            .filter(it => it.offsetParent !== null && it.getBoundingClientRect().height < 43.5)
            .map(it => it.outerHTML.slice(0, 80))"""
    )


@pytest.mark.parametrize("query", ["", "?size=large", "?lang=cy&size=large"])
def test_nothing_stands_in_anyones_way(
    web_on_sqlite: Web, new_page: NewPage, at: str, ray: Theirs, query: str
):
    for phone in (False, True):
        page = new_page(phone=phone)
        page.goto(f"{at}/mine/{ray.token}{query}")
        for details in page.locator("details").all():
            details.locator("summary").click()
        assert barriers(page) == []
        assert too_wide(page) == []
        assert small(page) == []


def test_it_fits_the_narrowest_screen_in_large_print(new_page: NewPage, at: str, ray: Theirs):
    """320 pixels is what is left of a page enlarged four times (WCAG 1.4.10)."""
    page = new_page(viewport={"width": 320, "height": 480})
    page.goto(f"{at}/mine/{ray.token}?size=large")
    assert too_wide(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_large_print_is_larger_all_over(page: Page, at: str, ray: Theirs):
    page.goto(f"{at}/mine/{ray.token}")
    sizes = """() => ["h1", ".line__words", "summary", "label", ".page p"].map(
        it => parseFloat(getComputedStyle(document.querySelector(it)).fontSize))"""
    usual = page.evaluate(sizes)
    page.get_by_role("link", name="Show it in large print").click()
    page.wait_for_url("**size=large*")
    large = page.evaluate(sizes)
    assert all(b >= 1.45 * a for a, b in zip(usual, large, strict=True)), (usual, large)
    assert min(large) >= 24  # 18 point
    page.get_by_role("link", name="Show it in the usual size").click()
    page.wait_for_url(lambda url: "size" not in url)
    assert page.evaluate(sizes) == usual


@pytest.mark.parametrize(("query", "points"), [("", 14), ("?size=large", 18)])
def test_on_paper_it_is_black_on_white_large_enough_and_nothing_to_press(
    page: Page, at: str, ray: Theirs, query: str, points: int
):
    page.goto(f"{at}/mine/{ray.token}{query}")
    page.emulate_media(media="print")
    for gone in ("header", "footer", "details", "form", ".tools"):
        for it in page.locator(gone).all():
            expect(it).to_be_hidden()
    expect(page.locator("q", has_text=SAID)).to_be_visible()
    expect(page.get_by_text("My link worker")).to_be_visible()
    looks = page.evaluate(
        """() => [...document.querySelectorAll("main *")].filter(it => it.offsetParent !== null)
            .map(it => getComputedStyle(it)).map(s => [s.color, s.backgroundColor, parseFloat(s.fontSize),
                                                       s.fontStyle])"""
    )
    assert {color for color, _, _, _ in looks} == {"rgb(0, 0, 0)"}
    assert {back for _, back, _, _ in looks} <= {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    assert {style for *_, style in looks} == {"normal"}
    assert min(size for _, _, size, _ in looks) >= points * 96 / 72 - 0.1
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("arial")
    paper = page.pdf(prefer_css_page_size=True)
    boxes = {
        tuple(map(round, map(float, box.split()))) for box in re.findall(rb"/MediaBox ?\[([\d. ]+)\]", paper)
    }
    assert boxes <= {(0, 0, 595, 842), (0, 0, 596, 842)} and boxes  # A4


def test_a_line_is_put_right_without_a_script(web_on_sqlite: Web, new_page: NewPage, at: str, ray: Theirs):
    page = new_page(phone=True, java_script_enabled=False)
    page.goto(f"{at}/mine/{ray.token}")
    expect(page.get_by_role("button", name="Print it")).to_be_hidden()  # it would do nothing
    line = page.locator("#part-matters .line")
    line.locator("summary").click()
    line.get_by_label("Say it in your own words").fill("I miss singing")
    line.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Your link worker sees it too.")).to_be_visible()
    assert said(web_on_sqlite.store, ray, Heading.MATTERS) == ["I miss singing"]


def test_all_of_it_by_keyboard(web_on_sqlite: Web, page: Page, at: str, ray: Theirs):
    page.goto(f"{at}/mine/{ray.token}")
    summary = page.locator("#part-step .line").first.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Ring my sister")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved. Your link worker sees it too.")).to_be_visible()
    assert said(web_on_sqlite.store, ray, Heading.STEP) == ["Ring my sister"]


def test_danger_is_answered_at_the_top_and_read_out_first(page: Page, at: str, ray: Theirs):
    page.goto(f"{at}/mine/{ray.token}")
    page.get_by_label("In your own words", exact=True).fill("I want to kill myself")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_contain_text("999 if you are in danger")
    expect(page.locator("#card")).to_be_focused()
    assert barriers(page) == []
    top = page.locator("#card").bounding_box()
    assert top is not None and top["y"] < 300


def test_what_was_wrong_is_beside_the_box_with_what_they_wrote(page: Page, at: str, ray: Theirs):
    page.goto(f"{at}/mine/{ray.token}")
    line = page.locator("#part-matters .line")
    line.locator("summary").click()
    line.get_by_label("Say it in your own words").fill("   ")
    line.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_have_text("Write something first.")
    expect(page.locator("#part-matters .line textarea")).to_be_visible()
    assert barriers(page) == []


def test_leaving_is_one_press_or_escape_twice(new_page: NewPage, at: str, ray: Theirs):
    for way in ("button", "keys", "no script"):
        page = new_page(java_script_enabled=way != "no script")
        page.route(f"{WEATHER}**", lambda route: route.fulfill(body="Sunny"))
        page.goto(f"{at}/mine/{ray.token}")
        if way == "keys":
            page.keyboard.press("Escape")
            page.keyboard.press("Escape")
        else:
            page.get_by_role("button", name="Leave now").click()
        expect(page.get_by_text("Sunny")).to_be_visible()
        page.go_back()
        if way != "no script":  # the plan's place in the history was taken by the weather
            assert "/mine/" not in page.url


def test_the_question_for_their_word_and_a_link_to_nothing_have_no_barriers(
    web_on_sqlite: Web, new_page: NewPage, at: str
):
    una = has_plan(web_on_sqlite.store, name="Una", number="+447700900173", safe=Safe.SHARED, word="wren")
    page = new_page(phone=True)
    page.goto(f"{at}/mine/{una.token}")
    assert "Una" not in page.content()
    assert barriers(page) == []
    page.get_by_label("Your short word").fill("robin")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("That is not the word")
    assert barriers(page) == []
    page.get_by_label("Your short word").fill("Wren")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Una: what matters to me")
    page.goto(f"{at}/mine/nothing")
    assert barriers(page) == []


def test_a_service_answers_on_a_phone(web_on_sqlite: Web, new_page: NewPage, at: str):
    sent = is_referred(web_on_sqlite, share_needs=True)
    page = new_page(phone=True)
    page.goto(at + sent.at)
    assert barriers(page) == [] and too_wide(page) == [] and small(page) == []
    page.get_by_role("button", name="Show it here").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ray would like to come to Ashby Choir")
    assert barriers(page) == [] and too_wide(page) == [] and small(page) == []
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_have_text("Choose one answer first.")
    assert barriers(page) == []
    page.get_by_label("They came", exact=True).check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert barriers(page) == []
    page.goto(at + sent.at)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link shows nothing")
    assert barriers(page) == []
