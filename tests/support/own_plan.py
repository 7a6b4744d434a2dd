"""Somebody with a plan of their own, and a browser without JavaScript to look at it.

theirs = has_plan(web.store)
async with web.client() as client:
    page = PlainBrowser(client)
    await page.opens(f"/mine/{theirs.token}")
    await page.presses("Add it", about="enjoys", words="Singing")
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser

import httpx

from bot.casework import plans
from bot.casework.plans import Plan
from bot.casework.referrals import open_referral
from bot.clock import OpeningHours
from bot.directory import onward, services
from bot.directory.onward import TELL, TELL_NEEDS
from bot.directory.services import ServiceDetails
from bot.messages import ChannelName
from bot.people import access_needs, consents, contact_points, persons
from bot.store.engines import Store
from bot.store.tables import Heading, Ledger, Onward, Safe
from bot.store.unit_of_work import UnitOfWork

RAYS_NUMBER = "+447700900171"
SAID = "My wife died in May and the house is so quiet"


@dataclass(frozen=True, slots=True)
class Theirs:
    """Whose plan it is."""

    token: str
    person_id: int
    conversation_id: int


def has_plan(
    store: Store,
    *,
    name: str = "Ray",
    number: str = RAYS_NUMBER,
    safe: Safe = Safe.ONLY_ME,
    word: str | None = None,
    language: str = "en",
    case: bool = True,
) -> Theirs:
    """Ray, who said what matters to him by text; with an open case unless told otherwise."""

    def work(unit: UnitOfWork) -> Theirs:
        point = contact_points.first_contact(
            unit, ChannelName.SMS, number, language=language, zone="Europe/London"
        )
        contact_points.set_safe(unit, point.id, safe)
        persons.call(unit, point.person_id, name)
        if word:
            persons.plan_contact(unit, point.person_id, word=word)
        if case:
            open_referral(
                unit, point.person_id, point.conversation_id, by="self", source=None,
                content={"matters": [SAID, None]}, hours=OpeningHours.parse("Mon-Fri 09:00-17:00"),
                within_days=5,
            )  # fmt: skip
        plan = plans.start_plan(unit, point.person_id)
        plans.add_line(unit, plan, Heading.MATTERS, words=SAID)
        plans.add_line(unit, plan, Heading.WANT, code="company")
        plans.add_line(unit, plan, Heading.BARRIER, code="nerves")
        plans.add_line(unit, plan, Heading.STEP, words="Walk to the library on Thursday")
        plans.add_line(unit, plan, Heading.IMPORTANCE, number=8)
        token = plans.plan_of(unit, point.person_id).token
        return Theirs(token, point.person_id, point.conversation_id)

    return store.run(work, acting="person").result(20)


def is_told_of(store: Store) -> str:
    """Una said yes to a choir, and yes to it being told of her: the token of the choir's link."""
    theirs = has_plan(store, name="Una", number="+447700900174")

    def work(unit: UnitOfWork) -> str:
        choir = services.add_service(unit, ServiceDetails(name="Ashby Choir", places_left=3))
        persons.plan_contact(unit, theirs.person_id, times="mornings")
        access_needs.record_need(unit, theirs.person_id, "I lip-read, please face me")
        for purpose in (TELL, TELL_NEEDS):
            consents.record(unit, theirs.person_id, Ledger.AGREEMENT, f"{purpose}:{choir}", True)
        return onward.refer(unit, theirs.person_id, choir, Onward.REFERRED).link_token

    return store.run(work, acting="person").result(20)


def plan_now(store: Store, theirs: Theirs) -> Plan:
    """Their plan as it stands."""
    with store.reading() as reading:
        found = plans.plan_of(reading, theirs.person_id)
        assert found is not None
        return found


def said(store: Store, theirs: Theirs, heading: Heading) -> list[str | int]:
    """What it says under one heading: words, codes and numbers."""
    lines = plan_now(store, theirs).under(heading)
    return [next(v for v in (line.words, line.code, line.number) if v is not None) for line in lines]


@dataclass
class _Form:
    action: str
    fields: list[tuple[str, str]]
    buttons: list[tuple[str, str, str]]  # label, name, value


class _Forms(HTMLParser):
    """Every form of a page, with what it would send and the buttons it has."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._in: _Form | None = None
        self._button: tuple[str, str] | None = None
        self._area: str | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._in = _Form(given.get("action", ""), [], [])
            self.forms.append(self._in)
        if self._in is None:
            return
        if tag == "input":
            kind = given.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in given:
                self._in.fields.append((given.get("name", ""), given.get("value", "")))
        elif tag == "button":
            self._button, self._text = (given.get("name", ""), given.get("value", "")), ""
        elif tag == "textarea":
            self._area, self._text = given.get("name", ""), ""
        elif tag == "select":
            self._select = (given.get("name", ""), [])
        elif tag == "option" and self._select:
            self._text = ""
            self._select[1].append((given.get("value", ""), "selected" in given))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if self._in is None:
            return
        if tag == "form":
            self._in = None
        elif tag == "button" and self._button:
            self._in.buttons.append((" ".join(self._text.split()), *self._button))
            self._button = None
        elif tag == "textarea" and self._area is not None:
            self._in.fields.append((self._area, self._text))
            self._area = None
        elif tag == "option" and self._select and not self._select[1][-1][0]:
            self._select[1][-1] = (self._text.strip(), self._select[1][-1][1])
        elif tag == "select" and self._select:
            name, options = self._select
            chosen = next((value for value, on in options if on), options[0][0])
            self._in.fields.append((name, chosen))
            self._select = None


class PlainBrowser:
    """Someone with the cheapest phone: no script, cookies kept, presses what is on the page."""

    def __init__(self, client: httpx.AsyncClient):
        self.client = client
        self.page: httpx.Response

    async def opens(self, path: str) -> httpx.Response:
        """Goes there, following where it leads."""
        self.page = await self.client.get(path, follow_redirects=True)
        return self.page

    async def presses(
        self, button: str, within: str = "", **fields: str | list[str] | None
    ) -> httpx.Response:
        """Fills `fields` into the form that has this button and presses it.

        `within` is part of the form's address, where several have the same button. A list ticks those
        boxes and no others; None leaves a field out.
        """
        for form in self.forms:
            if within not in form.action:
                continue
            for label, name, value in form.buttons:
                if label == button:
                    return await self._send(form, fields, (name, value))
        raise AssertionError(f"there is no button {button!r} on the page: {self.buttons}")

    async def _send(
        self, form: _Form, fields: dict[str, str | list[str] | None], button: tuple[str, str]
    ) -> httpx.Response:
        pairs = [(name, value) for name, value in form.fields if name and name not in fields]
        for name, value in fields.items():
            if isinstance(value, list):
                pairs += [(name, one) for one in value]
            elif value is not None:
                pairs.append((name, value))
        if button[0]:
            pairs.append(button)
        sent: dict[str, list[str]] = {}
        for name, value in pairs:
            sent.setdefault(name, []).append(value)
        self.page = await self.client.post(form.action.partition("#")[0], data=sent)
        if self.page.is_redirect and self.page.headers["location"].startswith("/"):
            self.page = await self.client.get(self.page.headers["location"])
        return self.page

    @property
    def forms(self) -> list[_Form]:
        """The forms on the page."""
        reader = _Forms()
        reader.feed(self.page.text)
        return reader.forms

    @property
    def buttons(self) -> list[str]:
        """What can be pressed."""
        return [label for form in self.forms for label, _, _ in form.buttons]

    @property
    def text(self) -> str:
        """What can be read on the page."""
        body = re.sub(r"<(script|style|head).*?</\1>", " ", self.page.text, flags=re.S)
        body = re.sub(r"</?(?:a|bdi|q|span)\b[^>]*>", "", body)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))
