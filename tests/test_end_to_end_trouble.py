"""The whole service when things go wrong: forged, too much, or nowhere to write it down."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx
import pytest

from tests.support.town import PATIENCE, Mobile, Town, Worker, town, until

SECRET_WORDS = "what nobody else may read"


@pytest.fixture(scope="module")
def ashby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One service for everybody in this file."""
    with town(tmp_path_factory.mktemp("ashby"), telegram_mode="webhook") as running:
        until(lambda: running.telegram.target, "the webhook was not set")
        yield running


@pytest.fixture(scope="module")
def bea(ashby: Town) -> Worker:
    """A link worker, signed in."""
    return ashby.worker("Bea Marsh")


@contextmanager
def locked(ashby: Town) -> Iterator[None]:
    """Somebody else writes to the store, and does not stop."""
    with closing(sqlite3.connect(ashby.service.folder / "linkline.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def post(ashby: Town, path: str, **more: object) -> httpx.Response:
    return httpx.post(f"{ashby.service.url}{path}", timeout=PATIENCE, **more)


def texts_anyway(phone: Mobile, words: str, **more: str) -> tuple[str, int]:
    """A text whose webhook may be refused: its id, and the answer."""
    return phone.carrier.call(phone.twilio.text(phone.number, words, **more), PATIENCE)


def test_a_forged_text_is_turned_away_and_not_written_down(ashby: Town):
    ray = ashby.mobile()
    heard, _ = ashby.twilio.carrier.hear(ray.number, SECRET_WORDS)
    form = ashby.twilio.form(heard)
    for headers in ({}, {"X-Twilio-Signature": "bm90IHRoZSBrZXk="}):
        assert post(ashby, "/webhooks/twilio/messages", data=form, headers=headers).status_code == 403

    assert "the signature is wrong" in ashby.service.log
    assert SECRET_WORDS not in ashby.service.log and ray.number[3:] not in ashby.service.log
    assert ray.received() == []


@pytest.mark.parametrize(
    "path",
    ["/webhooks/twilio/messages", "/webhooks/telegram", "/chat/messages", "/chat", "/staff/sign-in"],
)
def test_too_much_is_refused(ashby: Town, path: str):
    assert post(ashby, path, content=b"x" * 1_100_000).status_code == 413


def test_what_is_no_update_is_refused(ashby: Town):
    headers = {"X-Telegram-Bot-Api-Secret-Token": ashby.telegram.secret}

    for body in (b"", b"[]", b'{"update_id": 1, "message": {"text": "half'):
        assert post(ashby, "/webhooks/telegram", content=body, headers=headers).status_code == 400


def test_while_nothing_can_be_written_down_nobody_is_told_that_it_was(ashby: Town, bea: Worker):
    ray, ana = ashby.mobile(), ashby.visitor()
    ray.texts("HELLO").reads("Who is it for?")
    ray.texts("PERSON").reads("a person will answer you here")
    until(lambda: bea.goes("/") and bea.links(), "nobody waits")
    bea.goes(next(iter(bea.links().values())))

    with locked(ashby):
        sid, answered = texts_anyway(ray, "Are you there?")
        chatted = ana.client.post("/chat/messages", json={"text": "hello", "id": "the-same"})
        bea.does("/pick-up")
        assert httpx.get(f"{ashby.service.url}/chat", timeout=PATIENCE).status_code == 200  # pages still open

    assert answered == 503
    assert (chatted.status_code, chatted.json()["error"]) == (503, "not-stored")
    assert bea.page.status_code == 503
    assert "Nothing was lost and nothing was done." in bea.text
    assert len(ashby.queue_json()) == 1 and ashby.queue_json()[0]["picked_up_by"] is None

    # And then it goes on: what is sent again is taken once.
    ray.texts("Are you there?", sid=sid)
    assert ana.client.post("/chat/messages", json={"text": "hello", "id": "the-same"}).status_code == 202
    ana.reads("Who is it for?")
    until(lambda: bea.goes("/") and bea.links(), "nobody waits")
    bea.goes(next(iter(bea.links().values()))).raise_for_status()
    bea.does("/pick-up")
    assert "With you until" in bea.text and bea.text.count("Are you there?") == 1
