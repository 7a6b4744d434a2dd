"""A file that goes with our words: to Telegram as a document, on the web chat as a link, nowhere else."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.channels.telegram import TelegramChannel
from bot.messages import RANK, ChannelName, Choice, File, OutboundMessage, Refused, Sent, Status, Uncertain
from bot.outbox.queue import file_of, queue_message
from bot.people.contact_points import known
from bot.practice.telegram_stand_in import TelegramStandIn
from bot.settings import Settings
from bot.store.tables import outbox
from tests.support.serving import serving
from tests.support.web_site import VISITOR, Web

RAY = 1111111
TUESDAY = File(
    "appointment.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nSUMMARY:Caf\xc3\xa9\r\nEND:VCALENDAR\r\n"
)
BUTTONS = (Choice("q:1", "Yes"), Choice("q:2", "No"))


# Telegram


@pytest.fixture
async def telegram():
    stand_in = TelegramStandIn()
    stand_in.chats.known.add(RAY)
    async with serving(stand_in) as served:
        stand_in.url = served.url
        yield stand_in


@pytest.fixture
async def channel(telegram):
    settings = Settings.load(
        _env_file=None, telegram_token=telegram.token, telegram_api_url=telegram.url, telegram_secret="s3cret"
    )
    channel = TelegramChannel(settings, answer_seconds=0.5)
    yield channel
    await channel.close()


def message(text="It is booked.", **more):
    return OutboundMessage(17, ChannelName.TELEGRAM, str(RAY), text, **more)


async def test_a_document_carries_the_words_and_the_buttons(telegram, channel):
    outcome = await channel.send(message(file=TUESDAY, choices=BUTTONS))
    said = telegram.chats.last(RAY)

    assert outcome == Sent(str(said.message_id))
    assert said.text == "It is booked." and said.buttons == [[("Yes", "q:1"), ("No", "q:2")]]
    kept = telegram.chats.files[said.file]
    assert (kept.name, kept.content) == (TUESDAY.name, TUESDAY.content)
    assert [method for method, _ in telegram.asked] == ["sendDocument"]


async def test_words_too_long_for_a_caption_go_first_and_once(telegram, channel):
    outcome = await channel.send(message("A long word. " * 100, file=TUESDAY, choices=BUTTONS))
    words, document = [m for m in telegram.chats.messages if m.from_bot]

    assert outcome == Sent(str(words.message_id))
    assert words.buttons and not words.file
    assert document.file and not document.text and not document.buttons


@pytest.mark.parametrize(
    ("trouble", "outcome"), [("403", Refused), ("hang", Uncertain), ("500", Refused), ("429:3", Refused)]
)
async def test_trouble_is_the_same_as_with_words(telegram, channel, trouble, outcome):
    telegram.chats.troubles.append(trouble)

    assert isinstance(await channel.send(message(file=TUESDAY)), outcome)


# The web chat


async def say(web: Web, file: File | None = TUESDAY, sent: bool = True) -> int:
    def work(unit):
        point = known(unit, ChannelName.WEB, VISITOR)
        id_ = queue_message(
            unit, conversation_id=point.conversation_id, contact_point_id=point.id, channel=ChannelName.WEB,
            purpose="reply", text="It is booked.", language="en", file=file, about="appointment:7",
        )  # fmt: skip
        if sent:
            went = {"status": Status.SENT, "rank": RANK[Status.SENT], "sent_at": unit.now}
            unit.execute(update(outbox).where(outbox.c.id == id_).values(**went))
        return id_

    return web.store.run(work, acting="system").result(20)


async def test_their_own_page_has_a_link_and_the_file_behind_it(web: Web):
    async with web.client(VISITOR) as visitor:
        await visitor.post("/chat/messages", json={"text": "hello"})
        number = await say(web)
        said = (await visitor.get("/chat/messages")).json()["messages"][-1]
        got = await visitor.get(said["file"]["url"])

    assert said["file"] == {"name": "appointment.ics", "url": f"/chat/files/us-{number}"}
    assert got.content == TUESDAY.content
    assert got.headers["content-type"].startswith("text/calendar")
    assert got.headers["content-disposition"] == 'attachment; filename="appointment.ics"'
    assert got.headers["cache-control"] == "no-store"


async def test_the_page_without_javascript_has_the_link_too(web: Web):
    async with web.client(VISITOR) as visitor:
        await visitor.post("/chat/messages", json={"text": "hello"})
        number = await say(web)
        html = (await visitor.get("/chat")).text

    assert f'href="/chat/files/us-{number}"' in html and "Add it to your calendar" in html


async def test_nobody_else_gets_it_and_nothing_that_was_not_sent(web: Web):
    async with web.client(VISITOR) as visitor:
        await visitor.post("/chat/messages", json={"text": "hello"})
        mine, waiting, plain = await say(web), await say(web, sent=False), await say(web, file=None)
        for id_ in (waiting, plain, 10**30, "x", "-1"):
            assert (await visitor.get(f"/chat/files/us-{id_}")).status_code == 404
    async with web.client("somebody-else-0123456789") as other, web.client() as nobody:
        await other.post("/chat/messages", json={"text": "hello"})
        assert (await other.get(f"/chat/files/us-{mine}")).status_code == 404
        assert (await nobody.get(f"/chat/files/us-{mine}")).status_code == 404


# The outbox


def test_it_is_sealed_in_the_store(post):
    ray = post.someone(ChannelName.TELEGRAM)

    def queue(unit):
        return queue_message(
            unit, conversation_id=ray.conversation_id, contact_point_id=ray.points[ChannelName.TELEGRAM],
            channel=ChannelName.TELEGRAM, purpose="reply", text="It is booked.", language="en", file=TUESDAY,
            about="appointment:7",
        )  # fmt: skip

    post.done(queue)
    with post.store.reading() as reading:
        row = reading.execute(select(outbox.c.file, outbox.c.about)).one()
        assert b"VCALENDAR" not in row.file and row.about == "appointment:7"
        assert file_of(reading.sealer, row.file) == TUESDAY


async def test_delivery_hands_it_to_the_channel(post):
    ray = post.someone(ChannelName.TELEGRAM)
    post.done(
        lambda unit: queue_message(
            unit,
            conversation_id=ray.conversation_id,
            contact_point_id=ray.points[ChannelName.TELEGRAM],
            channel=ChannelName.TELEGRAM,
            purpose="reply",
            text="It is booked.",
            language="en",
            file=TUESDAY,
        )
    )
    await post.deliverer.deliver(ray.conversation_id)

    assert post.telegram.carried[0].file == TUESDAY
