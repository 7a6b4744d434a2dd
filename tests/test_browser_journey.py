"""In a real browser, on the real service: somebody asks for help on a phone, and a link worker answers."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import NewPage, axe
from tests.support.service import Service, clean_environment, running_service
from tests.support.town import NEW_PASSWORD

pytestmark = pytest.mark.browser

OWN_WORDS = "Since I moved here I know nobody. I used to sing in a choir."
NARROW = {"viewport": {"width": 360, "height": 740}}
DESK = {"viewport": {"width": 1280, "height": 800}}


@dataclass
class Ashby:
    """A running service, and who signs in to it first."""

    service: Service
    environment: dict[str, str]
    administrator: tuple[str, str]
    cookies: dict[str, Any] | None = None  # the administrator's, once they have arrived

    def takes_on(self, email: str, name: str) -> str:
        """As the operator does, while the service runs. Gives the first password."""
        added = subprocess.run(
            [sys.executable, "-m", "bot", "staff", "add", email, name],
            cwd=self.service.folder, env=self.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return re.search(r"First password, shown once: (\S+)", added.stdout)[1]


@pytest.fixture(scope="module")
def ashby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ashby]:
    """What `make run` starts, on this machine, with no account anywhere."""
    folder: Path = tmp_path_factory.mktemp("ashby")
    with running_service(folder) as service:
        printed = re.search(r"email +(\S+)\n +password +(\S+)", service.log)
        port = service.url.rpartition(":")[2]
        yield Ashby(service, clean_environment(folder, port=port), (printed[1], printed[2]))


def arrives(page: Page, at: str, email: str, password: str, *, sets_up_phone: bool) -> Page:
    """The first day of somebody who works here."""
    page.goto(f"{at}/staff/")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your phone")
    if sets_up_phone:
        secret = page.locator(".ll-secret").inner_text().replace(" ", "")
        page.get_by_label("6-digit code").fill(pyotp.TOTP(secret).now())
        page.get_by_role("button", name="Carry on").click()
    else:
        page.get_by_role("button", name="Skip this for now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose your own password")
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("New password again").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Queue")
    return page


def says(page: Page, words: str) -> None:
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()


def refers_themselves(page: Page, at: str, name: str) -> Page:
    """All of the way in, on a phone."""
    page.goto(at)
    page.get_by_role("link", name="Chat with us here").click()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Me, 18 or over").click()
    expect(page.get_by_text("Do you live in Ashby?")).to_be_visible()
    page.get_by_role("button", name="Yes", exact=True).click()
    page.get_by_role("button", name="Here, in this chat").click()
    page.get_by_role("button", name="Yes, only I see it").click()
    expect(page.get_by_text("What matters to you just now?")).to_be_visible()
    says(page, OWN_WORDS)
    expect(page.get_by_text("What name shall we call you?")).to_be_visible()
    says(page, name)
    expect(page.get_by_text("May I pass this to our link workers")).to_be_visible()
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.get_by_text(f"Done, {name}.")).to_be_visible()
    return page


def test_somebody_asks_for_help_and_a_link_worker_answers(ashby: Ashby, new_page: NewPage):
    at = ashby.service.url
    password = ashby.takes_on("bea@ashby.example", "Bea Marsh")
    bea = arrives(new_page(**DESK), at, "bea@ashby.example", password, sets_up_phone=True)
    expect(bea.get_by_text("Nobody is waiting.")).to_be_visible()
    bea.evaluate("window.stillTheSame = true")

    ray = refers_themselves(new_page(phone=True), at, "Ray")

    expect(bea.get_by_role("link", name="Ray")).to_be_visible()
    expect(bea).to_have_title(re.compile(r"^\(1\) Queue"))
    assert bea.evaluate("window.stillTheSame") is True  # it came by itself
    bea.get_by_role("button", name="Pick up").click()
    expect(bea.get_by_role("heading", level=1)).to_have_text("Ray")
    expect(bea.locator("#about").get_by_text(OWN_WORDS)).to_be_visible()

    bea.get_by_label("Write to Ray").fill("Hello Ray, there is a choir on Thursdays. Shall we go together?")
    bea.get_by_role("button", name="Send", exact=True).click()
    expect(ray.get_by_text("there is a choir on Thursdays. Shall we go together?")).to_be_visible()
    says(ray, "Yes please, I would like that")
    expect(bea.locator("#line").get_by_text("Yes please, I would like that")).to_be_visible()

    expect(ray.get_by_role("button", name="Leave now")).to_be_in_viewport(ratio=1)  # however long they talk
    assert ray.evaluate("document.documentElement.scrollHeight <= innerHeight") is True

    bea.get_by_role("button", name="Hand back to the computer").click()
    expect(ray.get_by_text("You are back with me, the computer.")).to_be_visible()


def test_the_one_who_signs_in_first_takes_on_the_others(ashby: Ashby, new_page: NewPage):
    page = arrives(new_page(**DESK), ashby.service.url, *ashby.administrator, sets_up_phone=False)
    page.get_by_role("link", name="Team").click()
    page.get_by_label("Name").fill("Ali Rahman")
    page.get_by_label("Email address").fill("ali@ashby.example")
    page.get_by_role("button", name="Add them").click()
    said = page.get_by_text("Give Ali Rahman this first password:").inner_text()
    ashby.cookies = page.context.storage_state()

    ali = new_page(phone=True)
    arrives(ali, ashby.service.url, "ali@ashby.example", said.split(": ")[1].split()[0], sets_up_phone=True)


def pages(ashby: Ashby, person: str) -> dict[str, str]:
    """Every page somebody meets, by its address."""
    at = ashby.service.url
    return {
        "front": f"{at}/",
        "front, in Welsh": f"{at}/?lang=cy",
        "privacy": f"{at}/privacy",
        "not here": f"{at}/nowhere",
        "chat": f"{at}/chat",
        "practice phone": f"{at}/phone",
        "queue": f"{at}/staff/",
        "person": person,
        "find someone": f"{at}/staff/people",
        "new case": f"{at}/staff/people/new",
        "tasks": f"{at}/staff/tasks",
        "team": f"{at}/staff/team",
        "audit": f"{at}/staff/audit",
        "my settings": f"{at}/staff/me",
        "password": f"{at}/staff/password",
    }


@pytest.mark.parametrize("size", [NARROW, DESK], ids=["360 px", "1280 px"])
def test_no_page_stands_in_anyones_way_or_runs_out_of_the_screen(ashby: Ashby, new_page: NewPage, size):
    at = ashby.service.url
    visitor = refers_themselves(new_page(**size), at, "Josie")
    wrong = {"chat, talking": in_the_way(visitor)}
    visitor.goto(f"{at}/phone")
    visitor.get_by_label("Text to send").fill("HELLO")
    visitor.get_by_role("button", name="Send", exact=True).click()
    expect(visitor.get_by_text("Who is it for?")).to_be_visible()
    wrong["practice phone, talking"] = in_the_way(visitor)

    stranger = new_page(**size)
    stranger.goto(f"{at}/staff/")
    wrong["sign in"] = in_the_way(stranger)
    if ashby.cookies is None:
        stranger = arrives(stranger, at, *ashby.administrator, sets_up_phone=False)
        ashby.cookies = stranger.context.storage_state()
    worker = new_page(**size, storage_state=ashby.cookies)
    worker.goto(f"{at}/staff/")
    person = worker.get_by_role("link", name="Josie").first.evaluate("link => link.href")
    for name, address in pages(ashby, person).items():
        worker.goto(address)
        wrong[name] = in_the_way(worker)

    assert {name: found for name, found in wrong.items() if found} == {}


def in_the_way(page: Page) -> list[str]:
    """What axe finds, and whether somebody would have to scroll sideways."""
    too_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return axe(page) + (["wider than the screen"] if too_wide else [])
