"""Delivery through the providers' own libraries, to stand-ins over real HTTP."""

from __future__ import annotations

import pytest

from bot.channels.telegram import TelegramChannel
from bot.channels.twilio import TwilioChannel
from bot.channels.twilio_webhooks import read_form, read_receipt
from bot.delivery.receipts import record_receipt
from bot.delivery.throttle import Throttle
from bot.messages import ChannelName, Choice, Status
from bot.people.safe_contact import Purpose
from bot.practice.telegram_stand_in import TelegramStandIn
from bot.practice.twilio_stand_in import TwilioStandIn
from bot.practice.wire import reply, whole_body
from bot.settings import Settings
from tests.support.sending import running, until
from tests.support.serving import serving

SMS, TELEGRAM = ChannelName.SMS, ChannelName.TELEGRAM


class Everyone(set):
    """Each of them has written to the bot."""

    def __contains__(self, chat):
        return True


class Webhook:
    """Where Twilio's receipts come in: what the service does with them, without its signatures."""

    def __init__(self, store):
        self._store = store

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return
        query = dict(part.split("=") for part in scope["query_string"].decode().split("&"))
        receipt = read_receipt(read_form(await whole_body(receive)), query)
        if receipt is not None:
            self._store.run(lambda unit: record_receipt(unit, receipt), acting="twilio").result(10)
        await reply(send, 200, {})


@pytest.fixture
async def world(post):
    """The service's delivery, Twilio and Telegram, each behind its own address."""
    twilio, telegram = TwilioStandIn(), TelegramStandIn(clock=post.clock)
    twilio.carrier.clock = post.clock
    async with serving(twilio) as texts, serving(telegram) as chats, serving(Webhook(post.store)) as ours:
        post.settings = Settings.load(
            _env_file=None,
            public_url=ours.url,
            twilio_account_sid=twilio.account_sid,
            twilio_auth_token=twilio.auth_token,
            twilio_from=twilio.carrier.number,
            twilio_api_url=texts.url,
            telegram_token=telegram.token,
            telegram_api_url=chats.url,
        )
        post.channels = {
            SMS: TwilioChannel(post.settings, clock=post.clock, answer_seconds=1),
            TELEGRAM: TelegramChannel(post.settings, answer_seconds=1),
        }
        twilio.target = ours.url
        post.deliverer = post.a_deliverer()
        post.twilio, post.chats = twilio, telegram.chats
        telegram.chats.known = Everyone()
        yield post
        await twilio.settled()
        for channel in post.channels.values():
            await channel.close()


def texts(world):
    """What phones got, oldest first."""
    return [text.body for text in world.twilio.carrier.texts.values() if text.direction != "inbound"]


def chats(world):
    """What was said in Telegram chats, oldest first."""
    return [said.text for said in world.chats.messages if said.from_bot]


def number_of(world, person):
    return world.store.sealer.open(world.point(person, SMS).address)


def chat_of(world, person):
    return int(world.store.sealer.open(world.point(person, TELEGRAM).address))


async def test_a_text_is_delivered_and_its_receipts_written_down(world):
    ann = world.someone()
    message = world.says(ann, "Hello Ann.")

    await world.deliver(ann)
    await world.twilio.settled()

    assert texts(world) == ["Hello Ann."]
    row = world.row(message)
    assert (row.status, row.provider_id) == (Status.DELIVERED, next(iter(world.twilio.carrier.texts)))


async def test_receipts_in_any_order_end_in_delivered(world):
    world.twilio.habits.receipts_in_order = False
    world.twilio.habits.receipts_each = 3
    people = [world.someone() for _ in range(5)]
    for person in people:
        world.says(person, "Hello")

    async with running(world.deliverer):
        await until(lambda: all(r.status == Status.DELIVERED for p in people for r in world.rows(p)))
        await world.twilio.settled()

    assert {r.status for p in people for r in world.rows(p)} == {Status.DELIVERED}


async def test_order_is_kept_when_twilio_is_busy(world):
    ann = world.someone()
    world.twilio.carrier.troubles.extend(["503", "500"])
    for n in range(3):
        world.says(ann, f"{n}")

    while len(texts(world)) < 3:
        await world.deliver(ann)
        world.forward(seconds=10)

    assert texts(world) == ["0", "1", "2"]


async def test_429_holds_every_text_for_as_long_as_twilio_says(world):
    ann, ben = world.someone(), world.someone()
    throttle = Throttle({}, lambda: world.seconds[0])
    world.deliverer = world.a_deliverer(throttle=throttle)
    world.twilio.carrier.troubles.append("429:7")
    first = world.says(ann, "For Ann")

    await world.deliver(ann)

    assert (world.row(first).due_at - world.clock.now()).total_seconds() == 7
    assert throttle.room(SMS).budget == 0
    world.says(ben, "For Ben")
    world.forward(seconds=7)
    await world.deliver(ann)
    await world.deliver(ben)
    assert texts(world) == ["For Ann", "For Ben"]


async def test_21610_is_a_stop(world):
    ann = world.someone()
    world.twilio.carrier.trouble_for[number_of(world, ann)] = "21610"
    message = world.says(ann, "Hello")

    await world.deliver(ann)

    assert (world.status(message), world.row(message).reason) == (Status.PERMANENT_FAILURE, "21610")
    assert world.point(ann).opted_out_at is not None
    assert world.row(world.says(ann, "Again")).reason == "opted out"


async def test_30003_by_receipt_falls_to_telegram(world):
    ann = world.someone()
    world.also_has(ann, TELEGRAM)
    world.twilio.carrier.trouble_for[number_of(world, ann)] = "30003"
    message = world.says(ann, "Hello", channel=SMS)

    async with running(world.deliverer):
        await until(lambda: len(world.rows(ann)) == 2 and world.rows(ann)[1].status == Status.SENT)

    assert (world.status(message), world.row(message).reason) == (Status.TEMPORARY_FAILURE, "30003")
    assert chats(world) == ["Hello"]


async def test_30005_by_receipt_marks_the_number_and_tells_a_human(world):
    ann = world.someone()
    world.agrees(ann)
    world.twilio.carrier.trouble_for[number_of(world, ann)] = "30005"
    message = world.says(ann, "Hello")

    async with running(world.deliverer):
        await until(lambda: world.tasks(ann) == ["cannot-reach"])

    assert world.status(message) == Status.PERMANENT_FAILURE
    assert world.point(ann).unreachable_at is not None


@pytest.mark.parametrize("how", ["hang", "drop"])
async def test_what_twilio_took_without_telling_us_is_found_and_not_sent_twice(world, how):
    world.twilio.habits.receipts = ()
    ann = world.someone()
    world.twilio.carrier.troubles.append(how)
    message = world.says(ann, "Hello Ann.")
    await world.deliver(ann)
    assert world.status(message) == Status.UNCERTAIN

    world.forward(seconds=61)
    await world.deliverer.sweep()
    await world.deliver(ann)

    assert texts(world) == ["Hello Ann."]
    assert world.status(message) == Status.SENT
    assert world.row(message).provider_id in world.twilio.carrier.texts


async def test_what_twilio_never_took_is_sent_then(world):
    ann = world.someone()
    world.twilio.carrier.troubles.append("lost")
    message = world.says(ann, "Hello Ann.")
    await world.deliver(ann)
    assert (world.status(message), texts(world)) == (Status.UNCERTAIN, [])

    world.forward(seconds=61)
    await world.deliverer.sweep()
    await world.deliver(ann)

    assert texts(world) == ["Hello Ann."]


async def test_a_receipt_within_the_minute_spares_the_search(world):
    ann = world.someone()
    world.twilio.carrier.troubles.append("drop")
    message = world.says(ann, "Hello Ann.")
    await world.deliver(ann)
    await world.twilio.settled()

    assert world.status(message) == Status.DELIVERED
    world.forward(seconds=61)
    await world.deliverer.sweep()
    await world.deliver(ann)
    assert texts(world) == ["Hello Ann."]


async def test_while_twilio_is_away_nobody_is_written_to_twice(world):
    ann = world.someone()
    world.twilio.habits.receipts = ()
    world.twilio.carrier.troubles.append("hang")
    message = world.says(ann, "Hello Ann.")
    await world.deliver(ann)
    here, world.settings.twilio_api_url = world.settings.twilio_api_url, "http://127.0.0.1:9"
    away = TwilioChannel(world.settings, clock=world.clock, answer_seconds=1)
    world.deliverer = world.a_deliverer(channels=world.channels | {SMS: away})

    world.forward(seconds=61)
    await world.deliverer.sweep()
    assert world.status(message) == Status.UNCERTAIN

    await away.close()
    world.settings.twilio_api_url = here
    world.deliverer = world.a_deliverer()
    world.forward(seconds=31)
    await world.deliverer.sweep()
    assert (world.status(message), texts(world)) == (Status.SENT, ["Hello Ann."])


# -- Telegram ------------------------------------------------------------------------------------


async def test_telegram_shows_the_choices_as_buttons(world):
    bob = world.someone(TELEGRAM)
    message = world.says(bob, "Shall we ring you?", choices=(Choice("yes", "Yes"), Choice("no", "No")))

    await world.deliver(bob)

    said = world.chats.last(chat_of(world, bob))
    assert (said.text, said.buttons) == ("Shall we ring you?", [[("Yes", "yes"), ("No", "no")]])
    assert (world.status(message), world.row(message).provider_id) == (Status.SENT, str(said.message_id))


async def test_403_marks_the_chat_and_falls_to_a_text(world):
    bob = world.someone(TELEGRAM)
    world.also_has(bob, SMS)
    world.chats.blocked.add(chat_of(world, bob))
    message = world.says(bob, "Hello", channel=TELEGRAM)

    await world.deliver(bob)

    assert (world.status(message), world.row(message).reason) == (Status.PERMANENT_FAILURE, "403")
    assert world.point(bob, TELEGRAM).unreachable_at is not None
    assert texts(world) == ["Hello"]


async def test_429_from_telegram_is_waited_out(world):
    bob = world.someone(TELEGRAM)
    world.chats.troubles.append("429:5")
    message = world.says(bob, "Hello")

    await world.deliver(bob)

    assert (world.row(message).due_at - world.clock.now()).total_seconds() == 5
    world.forward(seconds=5)
    await world.deliver(bob)
    assert chats(world) == ["Hello"]


async def test_a_reply_telegram_may_have_taken_goes_again_and_is_counted(world):
    bob = world.someone(TELEGRAM)
    world.chats.troubles.append("drop")
    message = world.says(bob, "Hello")

    async with running(world.deliverer):
        await until(lambda: world.status(message) == Status.SENT)

    assert chats(world) == ["Hello", "Hello"]
    assert world.row(message).possible_repeat


async def test_a_nudge_telegram_may_have_taken_does_not(world):
    bob = world.someone(TELEGRAM)
    world.agrees(bob)
    world.chats.troubles.append("drop")
    world.says(bob, "Shall we carry on?", Purpose.NUDGE)

    async with running(world.deliverer):
        await until(lambda: world.tasks(bob) == ["not-sent"])

    assert chats(world) == ["Shall we carry on?"]
