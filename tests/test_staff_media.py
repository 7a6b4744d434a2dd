"""What the program cannot read is opened by a link worker: fetched over HTTP from where it came by."""

from __future__ import annotations

import asyncio
import logging

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from bot.channels.twilio import TwilioChannel
from bot.channels.twilio_webhooks import read_message
from bot.conversation.inbox import Inbox
from bot.messages import Media, NoMedia
from bot.practice.samples import Sample, sample
from bot.practice.twilio_stand_in import TwilioStandIn
from bot.store.tables import inbox
from bot.words.languages import Languages
from tests.support.media import SECRET, by, looked_at, opened, put_before_staff
from tests.support.serving import free_address, serving, serving_in_thread
from tests.support.staff_site import ROOT, settings, staff_site

RAY, DEV, UNSAID = "+447700900101", "+447700900105", "+447700900103"


class Twilio:
    """Twilio on this machine, and what people send through it into our inbox."""

    def __init__(self, store):
        self.stand_in = TwilioStandIn()
        self._inbox = Inbox(store, Languages.load(ROOT / "locales"), settings())

    def hears(self, number: str, *media: Sample, words: str = "") -> int:
        """They send these in one message; its inbox id."""
        heard, _ = self.stand_in.carrier.hear(number, words, media=media)
        message = read_message(self.stand_in.form(heard))
        return self._inbox.receive(message).result(20).inbox_id

    @property
    def texts(self):
        return self.stand_in.carrier


@pytest.fixture
def twilio(store) -> Twilio:
    return Twilio(store)


@pytest.fixture
def site(store, twilio) -> Starlette:
    """The staff pages with a way to Twilio: to a served stand-in, by the real channel, over HTTP."""
    with serving_in_thread(twilio.stand_in) as served:
        given = settings(
            twilio_account_sid=twilio.stand_in.account_sid,
            twilio_auth_token=twilio.stand_in.auth_token,
            twilio_from=twilio.stand_in.carrier.number,
            twilio_api_url=served.url,
        )
        yield staff_site(store, fetch=by(lambda: TwilioChannel(given)))


def at(who, inbox_id, nth=1):
    return f"/people/{who.token}/media/{inbox_id}/{nth}"


def test_a_photo_is_opened_and_that_counts_as_looked_at(at_work, ashby, twilio, store):
    photo = twilio.hears(RAY, Sample("image/png", SECRET))
    ali = at_work("ali")
    ali.goes(f"/people/{ashby.ray.token}")
    assert "Open a photo they sent. Nobody has looked at it for safety." in ali.text
    assert f'href="/staff{at(ashby.ray, photo)}"' in ali.page.text

    ali.goes(at(ashby.ray, photo))

    assert (ali.page.status_code, ali.page.content) == (200, SECRET)
    assert looked_at(store, photo) is not None
    said = {"person": ashby.ray.person_id, "nth": 1, "reason": "agreed"}
    assert opened(store) == [(f"staff:{ashby.ali}", f"inbox:{photo}", said)]
    ali.goes(f"/people/{ashby.ray.token}")
    assert "Nobody has looked at it" not in ali.text
    assert "Open the photo" in ali.text, "it can be opened again"


def test_it_is_sent_so_that_nothing_in_it_can_run(at_work, ashby, twilio):
    photo = twilio.hears(RAY, Sample("image/jpeg", SECRET))
    ali = at_work("ali")

    headers = ali.goes(at(ashby.ray, photo)).headers

    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox allow-same-origin; default-src 'none'")
    assert "allow-scripts" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Disposition"].startswith(f'inline; filename="photo-{photo}-1.jpg"')


@pytest.mark.parametrize(
    ("type_", "how"),
    [
        ("image/png", "inline"),
        ("audio/amr", "inline"),
        ("video/mp4", "inline"),
        ("application/pdf", "inline"),
        ("image/svg+xml", "attachment"),
        ("text/html", "attachment"),
        ("application/xhtml+xml", "attachment"),
        ("text/vcard", "attachment"),
        ("", "attachment"),
    ],
)
def test_only_what_runs_nothing_is_shown_and_the_rest_is_saved(at_work, ashby, twilio, type_, how):
    file = twilio.hears(RAY, Sample(type_, b"<script>alert(1)</script>"))
    ali = at_work("ali")

    headers = ali.goes(at(ashby.ray, file)).headers

    assert headers["Content-Disposition"].partition(";")[0] == how
    assert headers["Content-Type"] == (type_ if how == "inline" else "application/octet-stream")


def test_several_in_one_message_are_looked_at_once_all_are_open(at_work, ashby, twilio, store):
    three = twilio.hears(RAY, *(Sample("image/png", b"number %d" % n) for n in (1, 2, 3)))
    ali, bea = at_work("ali"), at_work("bea")
    ali.goes(f"/people/{ashby.ray.token}")
    assert "Open the photo (2 of 3)" in ali.text

    assert ali.goes(at(ashby.ray, three, 1)).content == b"number 1"
    assert ali.goes(at(ashby.ray, three, 3)).content == b"number 3"
    assert ali.goes(at(ashby.ray, three, 3)).status_code == 200
    assert looked_at(store, three) is None
    assert bea.goes(at(ashby.ray, three, 2)).content == b"number 2"

    assert looked_at(store, three) is not None
    assert [(who, d["nth"]) for who, _, d in opened(store)] == [
        (f"staff:{ashby.ali}", 1),
        (f"staff:{ashby.ali}", 3),
        (f"staff:{ashby.bea}", 2),
    ]
    assert ali.goes(at(ashby.ray, three, 4)).status_code == 404
    assert ali.goes(at(ashby.ray, three, 0)).status_code == 404


def test_a_sound_is_given_in_parts_to_a_phone_that_asks_for_them_and_that_is_one_opening(
    at_work, ashby, twilio, store
):
    voice = twilio.hears(RAY, Sample("audio/ogg", b"0123456789"))
    ali = at_work("ali")

    part = ali.goes(at(ashby.ray, voice), Range="bytes=0-1")
    assert (part.status_code, part.content) == (206, b"01")
    assert part.headers["Content-Range"] == "bytes 0-1/10"
    rest = ali.goes(at(ashby.ray, voice), Range="bytes=4-")
    assert (rest.status_code, rest.content) == (206, b"456789")

    assert len(opened(store)) == 1


def test_without_a_yes_only_what_came_with_the_concern_or_after_is_opened(at_work, ashby, twilio, store):
    ali = at_work("ali")
    with store.reading() as reading:
        before = min(
            reading.execute(
                select(inbox.c.id).where(inbox.c.conversation_id == ashby.unsaid.conversation_id)
            ).scalars()
        )
    store.run(
        lambda unit: unit.execute(
            inbox.update()
            .where(inbox.c.id == before)
            .values(unreadable="photo", body=unit.sealer.seal_json({"media": [["x", "image/png", ""]]}))
        ),
        acting="test",
    ).result(20)
    after = twilio.hears(UNSAID, Sample("image/png", SECRET))

    assert ali.goes(at(ashby.unsaid, before)).status_code == 404
    assert ali.presses(f"/people/{ashby.unsaid.token}/looked/{before}").status_code in (403, 404)
    assert ali.goes(at(ashby.unsaid, after)).content == SECRET
    assert [details["reason"] for *_, details in opened(store)] == ["concern"]


def test_it_is_opened_only_from_the_page_of_whoever_sent_it(at_work, ashby, twilio, store):
    photo = twilio.hears(RAY, Sample("image/png", SECRET))
    ali = at_work("ali")

    assert ali.goes(at(ashby.dev, photo)).status_code == 404
    assert ali.goes(at(ashby.ray, 999_999)).status_code == 404
    assert ali.goes(at(ashby.ray, "1%20or%201")).status_code == 404
    assert (opened(store), looked_at(store, photo)) == ([], None)


def test_nobody_opens_it_without_signing_in(at_work, ashby, twilio, store):
    photo = twilio.hears(RAY, Sample("image/png", SECRET))
    ali = at_work("ali")
    ali.goes("/")
    ali.presses("/sign-out")

    ali.goes(at(ashby.ray, photo))

    assert ali.at == "/sign-in"
    assert opened(store) == []


def test_looking_whether_it_is_there_opens_nothing(at_work, ashby, twilio, store):
    photo = twilio.hears(RAY, Sample("image/png", SECRET))

    assert at_work("ali").asks("HEAD", at(ashby.ray, photo)).status_code == 200

    assert (opened(store), looked_at(store, photo)) == ([], None)


def test_what_the_provider_no_longer_has_is_said_kindly_and_is_not_looked_at(at_work, ashby, twilio, store):
    photo = twilio.hears(RAY, Sample("image/png", SECRET))
    (sid,) = twilio.texts.texts
    twilio.texts.forget(sid)
    ali = at_work("ali")

    ali.goes(at(ashby.ray, photo))

    assert ali.page.status_code == 404
    assert "This cannot be opened any more" in ali.text
    assert "Ring or write, and ask them to tell you in words." in ali.text
    assert f"/staff/people/{ashby.ray.token}#m-{photo}" in ali.page.text
    assert (opened(store), looked_at(store, photo)) == ([], None)


def test_a_provider_in_trouble_is_asked_again_later(at_work, ashby, twilio, store, caplog):
    photo = twilio.hears(RAY, Sample("image/png", SECRET))
    twilio.stand_in.habits.gives_media = False
    ali = at_work("ali")

    with caplog.at_level(logging.DEBUG):
        ali.goes(at(ashby.ray, photo))
        assert (ali.page.status_code, looked_at(store, photo)) == (503, None)
        assert "Try again in a few minutes." in ali.text
        assert twilio.stand_in.auth_token not in caplog.text

    twilio.stand_in.habits.gives_media = True
    assert ali.goes(at(ashby.ray, photo)).content == SECRET


def test_what_is_too_large_is_said(at_work, ashby, twilio, store, monkeypatch):
    monkeypatch.setattr("bot.channels.twilio_media.MOST_MEDIA_BYTES", 100)
    photo = twilio.hears(RAY, Sample("image/png", b"x" * 101))
    ali = at_work("ali")

    ali.goes(at(ashby.ray, photo))

    assert "This is too large to open here" in ali.text
    assert looked_at(store, photo) is None


def test_looked_at_by_mistake_is_taken_back(at_work, ashby, twilio, store):
    photo = twilio.hears(RAY, Sample("image/png", SECRET))
    ali = at_work("ali")
    ali.goes(f"/people/{ashby.ray.token}")
    ali.presses(f"/people/{ashby.ray.token}/looked/{photo}")
    assert looked_at(store, photo) is not None

    ali.presses(f"/people/{ashby.ray.token}/looked/{photo}/undo")

    assert looked_at(store, photo) is None
    assert "Taken back: nobody has looked at it yet." in ali.text
    assert "Open a photo they sent. Nobody has looked at it for safety." in ali.text


def test_a_place_is_read_on_the_page(at_work, ashby, twilio, store):
    heard, _ = twilio.texts.hear(f"whatsapp:{RAY}", "")
    form = twilio.stand_in.form(heard) | {
        "Latitude": "52.7461",
        "Longitude": "-1.4718",
        "Label": "The library",
    }
    message = read_message(form)
    assert (message.unreadable, message.detail) == ("place", "The library (52.7461, -1.4718)")
    made = Inbox(store, Languages.load(ROOT / "locales"), settings()).receive(message).result(20)

    token = put_before_staff(store, made)
    ali = at_work("ali")
    ali.goes(f"/people/{token}")

    assert "They sent a place on a map: The library (52.7461, -1.4718)" in ali.text
    assert "It cannot be opened here" not in ali.text


def test_what_came_before_we_could_open_it_says_what_to_do(at_work, ashby):
    ali = at_work("ali")
    ali.goes(f"/people/{ashby.dev.token}")

    assert "It cannot be opened here: ring or write, and ask what it says." in ali.text


def test_words_about_it_are_sealed_like_the_rest(twilio, store):
    twilio.hears(RAY, Sample("image/png", SECRET), words="look at this")

    with store.reading() as reading:
        body = reading.execute(select(inbox.c.body).order_by(inbox.c.id.desc()).limit(1)).scalar_one()
    assert b"/Media/ME" not in body
    assert b"Media" not in body


async def test_erasing_at_twilio_takes_what_came_with_it_too(twilio):
    heard, _ = twilio.texts.hear(RAY, "", media=[sample("photo")])
    (media,) = read_message(twilio.stand_in.form(heard)).media
    async with serving(twilio.stand_in) as served:
        channel = TwilioChannel(
            settings(
                twilio_account_sid=twilio.stand_in.account_sid,
                twilio_auth_token=twilio.stand_in.auth_token,
                twilio_from=twilio.texts.number,
                twilio_api_url=served.url,
            )
        )
        fetched = await channel.fetch(media)
        assert b"".join([piece async for piece in fetched.pieces]) == sample("photo").content
        await fetched.close()

        assert await channel.erase(RAY, heard.sid)

        with pytest.raises(NoMedia, match="gone"):
            await channel.fetch(media)
        await channel.close()


async def test_a_provider_that_cannot_be_reached_is_away():
    given = settings(twilio_account_sid="AC1", twilio_auth_token="t", twilio_from="+447700900000")
    channel = TwilioChannel(given.model_copy(update={"twilio_api_url": free_address()}))
    path = "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
    with pytest.raises(NoMedia, match="away"):
        await asyncio.wait_for(channel.fetch(Media(path)), 20)
    await channel.close()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
        "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/../../../x",
        "",
    ],
)
def test_our_credentials_go_only_where_twilio_keeps_media(twilio, url):
    heard, _ = twilio.texts.hear(RAY, "", media=[sample("photo")])
    assert read_message(twilio.stand_in.form(heard) | {"MediaUrl0": url}).media == ()
