"""The site as a whole: what every page carries, who is let in, and what is said of how things are."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot import counts
from bot.store.engines import make_engine
from bot.store.timers import set_timer
from bot.web.guard import Limiter, caller
from tests.support.web_site import VISITOR, Answer, Web, settings

PAGES = ["/", "/chat", "/privacy", "/nowhere", "/healthz"]


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_safe_from_other_sites_and_from_being_kept(web_on_sqlite: Web, path):
    async with web_on_sqlite.client() as someone:
        headers = (await someone.get(path)).headers

    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers


@pytest.mark.parametrize("path", ["/", "/chat", "/privacy", "/nowhere"])
async def test_no_page_holds_a_script_or_style_of_its_own(web_on_sqlite: Web, path):
    """The policy would refuse it, and the page would break for the person."""
    async with web_on_sqlite.client() as someone:
        page = (await someone.get(path)).text

    assert "<style" not in page and " style=" not in page and " onclick=" not in page
    assert all("src=" in tag for tag in page.split("<script")[1:])


async def test_styles_and_scripts_are_kept_until_they_change(web_on_sqlite: Web):
    async with web_on_sqlite.client() as someone:
        page = (await someone.get("/chat")).text
        path = page.split('href="/static/chat.css')[1].split('"')[0]
        versioned = await someone.get("/static/chat.css" + path)
        plain = await someone.get("/static/chat.css")
        listed = await someone.get("/static/vendor/VENDORED.toml")

    assert "immutable" in versioned.headers["cache-control"]
    assert plain.headers["cache-control"] == "no-cache"
    assert listed.status_code == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("links.example", 200),
        ("LINKS.example:443", 200),
        ("127.0.0.1:8000", 200),
        ("elsewhere.example", 421),
        ("links.example.elsewhere.example", 421),
        ("", 421),
    ],
)
async def test_only_our_own_names_are_answered_to(web_on_sqlite: Web, host, status):
    web_on_sqlite.settings = web_on_sqlite.parts.settings = settings(public_url="https://links.example")
    async with web_on_sqlite.client() as someone:
        page = await someone.get("/chat", headers={"Host": host})
        health = await someone.get("/healthz", headers={"Host": host})

    assert page.status_code == status
    assert health.status_code == 200


async def test_the_front_page_shows_the_ways_that_are_switched_on(web_on_sqlite: Web):
    async with web_on_sqlite.client() as someone:
        assert "Text HELLO" not in (await someone.get("/")).text
        web_on_sqlite.parts.settings = settings(
            twilio_account_sid="AC1", twilio_auth_token="t", twilio_from="+447700900000"
        )
        page = (await someone.get("/")).text

    assert 'href="sms:+447700900000"' in page
    assert 'href="/chat?lang=en"' in page


async def test_the_privacy_page_says_who_and_how_long(web_on_sqlite: Web):
    web_on_sqlite.settings = web_on_sqlite.parts.settings = settings(
        controller="Ashby Community Trust",
        privacy_contact="privacy@ashby.example",
        keep_without_agreement_days=20,
        keep_years=6,
    )
    async with web_on_sqlite.client() as someone:
        page = (await someone.get("/privacy")).text

    assert "Ashby Community Trust is in charge of it" in page
    assert 'href="mailto:privacy@ashby.example"' in page
    assert "after 20 days" in page and "6 years" in page
    assert "ico.org.uk" in page and "01632 960001" in page
    assert "Twilio" not in page  # no texts here


async def test_staff_pages_are_under_staff_and_take_no_endless_forms(web_on_sqlite: Web):
    async def reads(request):
        return PlainTextResponse(str(len(await request.body())))

    web_on_sqlite.parts.staff = Starlette(routes=[Route("/reads", reads, methods=["POST"])])
    async with web_on_sqlite.client() as someone:
        short = await someone.post("/staff/reads", content=b"a" * 1000)
        long = await someone.post("/staff/reads", content=b"a" * 1_000_001)
        front = await someone.get("/")

    assert short.text == "1000"
    assert long.status_code == 413
    assert 'href="/staff/"' in front.text


async def test_it_is_ready_when_its_store_is(web: Web):
    async with web.client() as someone:
        ready = await someone.get("/readyz")
        up = await someone.get("/healthz")

    assert (ready.status_code, ready.text) == (200, "ready")
    assert (up.status_code, up.text) == (200, "up")


async def test_it_is_not_ready_while_the_store_is_locked(web_on_sqlite: Web):
    path = web_on_sqlite.store.url.removeprefix("sqlite:///")
    web_on_sqlite.store.run(lambda unit: None, acting="test").result(20)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with web_on_sqlite.client(timeout=30) as someone:
        locked = await someone.get("/readyz")
        other.execute("ROLLBACK")
        free = await someone.get("/readyz")
    other.close()

    assert (locked.status_code, locked.text) == (503, "the store cannot be written to")
    assert free.status_code == 200


async def test_it_is_not_ready_before_the_store_has_its_newest_shape(web_on_sqlite: Web):
    engine = make_engine(web_on_sqlite.store.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    engine.dispose()
    async with web_on_sqlite.client() as someone:
        answer = await someone.get("/readyz")

    assert answer.status_code == 503
    assert "migrate" in answer.text


async def test_what_is_counted_says_nothing_of_anyone(web: Web):
    web.answers = lambda message: [Answer("Hello Ray")]
    async with web.client(VISITOR) as visitor:
        await visitor.post("/chat/messages", json={"text": "My name is Ray", "id": "1"})
        await visitor.post("/chat/messages", json={"text": "My name is Ray", "id": "1"})
        text = (await visitor.get("/metrics")).text

    numbers = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(numbers['linkline_inbound_total{channel="web",kind="words"}']) >= 1
    assert float(numbers['linkline_inbound_duplicates_total{channel="web"}']) >= 1
    assert float(numbers['linkline_waiting{for="turn"}']) == 1  # nobody here takes turns
    assert float(numbers['linkline_oldest_waiting_seconds{for="turn"}']) >= 0
    assert 'linkline_waiting{for="delivery"}' in numbers and 'linkline_waiting{for="timer"}' in numbers
    assert "Ray" not in text and VISITOR not in text


async def test_what_falls_due_later_is_not_waiting(web: Web):
    def set_two(unit):
        set_timer(unit, "nudge", unit.now + timedelta(days=1))
        set_timer(unit, "nudge", unit.now - timedelta(minutes=2))

    web.store.run(set_two, acting="test").result(20)
    async with web.client() as someone:
        text = (await someone.get("/metrics")).text

    assert 'linkline_waiting{for="timer"} 1.0' in text
    (seconds,) = [line.split()[-1] for line in text.splitlines() if 'seconds{for="timer"}' in line]
    assert 120 <= float(seconds) < 200


async def test_an_error_of_ours_says_sorry_and_nothing_else(web_on_sqlite: Web):
    def breaks(message):
        raise RuntimeError("My name is Ray")

    web_on_sqlite.parts.receive = breaks
    async with web_on_sqlite.client(VISITOR) as visitor:
        answer = await visitor.post("/chat/messages", json={"text": "My name is Ray"})

    assert answer.status_code == 500
    assert "went wrong" in answer.text and "Call 999" in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "Ray" not in answer.text and "Traceback" not in answer.text


def test_so_many_at_once_then_so_many_a_second():
    now = 0.0
    limiter = Limiter(at_once=3, a_second=2, now=lambda: now)
    assert [limiter.allows("ann") for _ in range(4)] == [True, True, True, False]
    assert limiter.allows("bob")

    now = 0.5
    assert [limiter.allows("ann") for _ in range(2)] == [True, False]


def test_those_who_are_long_gone_take_no_room(monkeypatch):
    monkeypatch.setattr(Limiter, "REMEMBERED", 10)
    limiter = Limiter(at_once=1, a_second=0)
    for n in range(100):
        limiter.allows(str(n))

    assert len(limiter._left) == 10


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("127.0.0.1", None),
        ("::1", None),
        ("testclient", None),
    ],
)
def test_whom_a_request_counts_against(address, counted_as):
    assert caller({"client": (address, 1)}) == counted_as


def test_counts_have_no_place_for_a_person():
    labels = {label for metric in vars(counts).values() for label in getattr(metric, "_labelnames", ())}

    assert labels <= {"channel", "kind", "why", "webhook", "began_by", "status"}
