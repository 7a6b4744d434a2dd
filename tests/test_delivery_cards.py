"""Crisis cards, and WhatsApp's twenty-four hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.messages import ChannelName, Refused, Status, Uncertain
from bot.people.safe_contact import Purpose
from bot.store.tables import Safe

NO_SIGNAL = Refused("503", Status.TEMPORARY_FAILURE)


# -- a crisis card --------------------------------------------------------------------------------


async def test_a_card_that_has_not_left_in_five_minutes_is_not_sent_to_a_phone_others_may_see(post):
    eve = post.someone(safe=Safe.NOT_ASKED)
    post.sms.answers.extend([NO_SIGNAL] * 9)
    card = post.says(eve, "Call 999", Purpose.CARD)

    await post.keep_trying(eve, minutes=8)

    assert post.sms.words == []
    assert (post.status(card), post.row(card).reason) == (Status.NOT_SENT, "not known to be safe")
    assert post.tasks(eve) == ["ring"]


async def test_a_card_found_in_the_outbox_too_late_is_not_sent_to_a_phone_others_may_see(post):
    """The service was down when it was due."""
    eve, ann = post.someone(safe=Safe.SHARED), post.someone(safe=Safe.ONLY_ME)
    to_eve, to_ann = (post.says(p, "Call 999", Purpose.CARD) for p in (eve, ann))

    post.forward(minutes=6)
    await post.deliver(eve)
    await post.deliver(ann)

    assert (post.status(to_eve), post.row(to_eve).reason) == (Status.NOT_SENT, "not known to be safe")
    assert post.tasks(eve) == ["ring"]
    assert (post.status(to_ann), post.tasks(ann)) == (Status.SENT, [])


async def test_an_abuse_card_is_never_sent_late_even_where_it_is_safe(post):
    ann = post.someone()
    soon = post.clock.now() + timedelta(minutes=5)
    card = post.says(ann, "If it is not safe now call 999.", Purpose.CARD, useful_until=soon)

    post.forward(minutes=6)
    await post.deliver(ann)

    assert (post.sms.carried, post.row(card).reason) == ([], "too late")
    assert post.tasks(ann) == ["ring"]


async def test_a_card_is_kept_trying_where_it_is_theirs_alone_and_a_human_knows_after_five_minutes(post):
    ann = post.someone()
    post.sms.answers.extend([NO_SIGNAL] * 15)
    card = post.says(ann, "Call 999", Purpose.CARD)

    await post.keep_trying(ann, minutes=4)
    assert post.tasks(ann) == []
    await post.keep_trying(ann, minutes=2)
    assert post.tasks(ann) == ["ring"]
    await post.keep_trying(ann, minutes=20)

    assert (post.sms.words, post.status(card)) == (["Call 999"], Status.SENT)
    assert post.tasks(ann) == ["ring"]


async def test_a_card_is_not_tried_for_ever(post):
    ann = post.someone()
    post.sms.answers.extend([NO_SIGNAL] * 99)
    card = post.says(ann, "Call 999", Purpose.CARD)

    await post.keep_trying(ann, minutes=70)

    assert post.status(card) == Status.TEMPORARY_FAILURE
    assert post.tasks(ann) == ["ring"]


async def test_a_card_that_is_kept_trying_goes_another_safe_way_meanwhile_and_once(post):
    ann = post.someone()
    post.also_has(ann, ChannelName.TELEGRAM)
    post.sms.answers.extend([NO_SIGNAL] * 15)
    post.says(ann, "Call 999", Purpose.CARD, channel=ChannelName.SMS)

    await post.keep_trying(ann, minutes=30)

    assert (post.telegram.words, post.sms.words) == (["Call 999"], ["Call 999"])


@pytest.mark.parametrize(
    ("safe", "arrives"), [(Safe.ONLY_ME, True), (Safe.TEXT_ONLY, True), (Safe.SHARED, False)]
)
async def test_a_card_that_may_have_gone_is_sent_again_only_where_it_is_theirs_alone(post, safe, arrives):
    bob = post.someone(ChannelName.TELEGRAM, safe)
    post.telegram.answers.append(Uncertain("no-answer"))
    card = post.says(bob, "Call 999", Purpose.CARD)

    await post.deliver(bob)
    await post.deliverer.sweep()
    await post.deliver(bob)

    assert post.telegram.words == (["Call 999"] if arrives else [])
    assert post.status(card) == (Status.SENT if arrives else Status.UNCERTAIN)
    assert post.row(card).possible_repeat == arrives
    await post.deliverer.sweep()
    assert post.tasks(bob) == ([] if arrives else ["ring"])


# -- WhatsApp -------------------------------------------------------------------------------------


async def test_after_whatsapps_day_it_goes_by_text_instead(post):
    eve = post.someone(ChannelName.WHATSAPP)
    post.also_has(eve, ChannelName.SMS)
    post.forward(hours=25)
    post.says(eve, "Hello", Purpose.STAFF, channel=ChannelName.WHATSAPP)

    await post.deliver(eve)

    assert (post.whatsapp.carried, post.sms.words) == ([], ["Hello"])


async def test_after_whatsapps_day_with_no_other_way_the_template_goes_and_a_human_knows(post):
    post.settings.twilio_whatsapp_template = "HX123"
    post.deliverer = post.a_deliverer()
    eve = post.someone(ChannelName.WHATSAPP)
    post.forward(hours=25)
    post.says(eve, "Your place is free", Purpose.STAFF)

    await post.deliver(eve)

    [carried] = post.whatsapp.carried
    assert (carried.template, carried.text) == ("HX123", "We have news for you.")
    assert post.tasks(eve) == ["cannot-reach"]


async def test_after_whatsapps_day_without_a_template_a_human_is_told(post):
    eve = post.someone(ChannelName.WHATSAPP)
    post.forward(hours=25)
    message = post.says(eve, "Hello", Purpose.STAFF)

    await post.deliver(eve)

    assert (post.row(message).reason, post.tasks(eve)) == ("needs a template", ["cannot-reach"])
