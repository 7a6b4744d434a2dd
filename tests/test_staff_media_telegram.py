"""What came by Telegram is opened by a link worker: Telegram is asked where it lies, then it is fetched."""

from __future__ import annotations

import logging

import pytest

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_updates import read_update
from bot.conversation.inbox import Inbox
from bot.practice import telegram_chats
from bot.practice.samples import Sample
from bot.practice.telegram_stand_in import TelegramStandIn
from bot.words.languages import Languages
from tests.support.media import SECRET, by, looked_at, put_before_staff
from tests.support.serving import serving_in_thread
from tests.support.staff_site import ROOT, Visitor, settings, staff_site


@pytest.fixture
def telegram():
    stand_in = TelegramStandIn()
    with serving_in_thread(stand_in) as served:
        stand_in.url = served.url
        yield stand_in


@pytest.fixture
def by_telegram(store, telegram, ashby):
    """What somebody in Telegram sends, and the staff pages with a way there; their page's path."""
    given = settings(telegram_token=telegram.token, telegram_api_url=telegram.url)
    received = Inbox(store, Languages.load(ROOT / "locales"), settings())

    def hears(what, caption="", file=None):
        update = {"update_id": 1, "message": telegram.chats.holding(1111111, what, caption, file)}
        made = received.receive(read_update(update, "1")).result(20)
        return f"/people/{put_before_staff(store, made)}/media/{made.inbox_id}/1", made.inbox_id

    hears.site = staff_site(store, fetch=by(lambda: TelegramChannel(given, answer_seconds=2)))
    return hears


@pytest.fixture
def lou(by_telegram, ashby):
    visitor = Visitor(by_telegram.site)
    visitor.signs_in("lou@ashby.example")
    visitor.presses("/sign-in/skip")
    yield visitor
    visitor.leaves()


@pytest.mark.parametrize(
    ("what", "file", "type_"),
    [
        ("photo", Sample("image/jpeg", SECRET), "image/jpeg"),
        ("voice", Sample("audio/ogg", b"OggS"), "audio/ogg"),
        ("video_note", Sample("video/mp4", b"round"), "video/mp4"),
        ("sticker", Sample("image/webp", b"RIFF"), "image/webp"),
        ("document", Sample("application/pdf", b"%PDF"), "application/pdf"),
    ],
)
def test_telegram_is_asked_where_it_lies_and_it_is_fetched_from_there(
    lou, by_telegram, store, what, file, type_
):
    path, inbox_id = by_telegram(what, file=file)

    lou.goes(path)

    assert (lou.page.status_code, lou.page.content) == (200, file.content)
    assert lou.page.headers["Content-Type"] == type_
    assert looked_at(store, inbox_id) is not None


def test_a_files_name_cannot_break_out_of_its_header(lou, by_telegram):
    path, _ = by_telegram("document", file=Sample("text/html", b"x", 'my "letter"\r\n../ż.html'))

    said = lou.goes(path).headers["Content-Disposition"]

    assert said == (
        "attachment; filename=\"my _letter___..__.html\"; filename*=UTF-8''my%20%22letter%22__.._%C5%BC.html"
    )


def test_telegram_gives_nothing_larger_than_20_mb(lou, by_telegram, store, monkeypatch):
    monkeypatch.setattr(telegram_chats, "MOST_TO_FETCH", 10)
    path, inbox_id = by_telegram("video", file=Sample("video/mp4", b"x" * 11))

    lou.goes(path)

    assert "This is too large to open here" in lou.text
    assert looked_at(store, inbox_id) is None


def test_what_telegram_has_forgotten(lou, by_telegram, telegram):
    path, _ = by_telegram("photo")
    telegram.chats.files.clear()

    assert "This cannot be opened any more" in (lou.goes(path), lou.text)[1]


def test_the_bots_token_is_not_in_the_log(lou, by_telegram, telegram, caplog):
    with caplog.at_level(logging.DEBUG):
        path, _ = by_telegram("photo")
        assert lou.goes(path).status_code == 200
        telegram.chats.files.clear()
        lou.goes(path)

    assert telegram.token not in caplog.text
    assert telegram.token.partition(":")[2] not in caplog.text
