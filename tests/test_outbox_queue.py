"""The outbox: what is queued, what is refused at the door, what is taken back, what a page shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.messages import ChannelName, Choice, Status
from bot.outbox.queue import concern_noticed, for_page, supersede
from bot.people.contact_points import opt_out
from bot.people.safe_contact import Purpose, Way
from bot.store.tables import Priority, Safe, concern

YES_NO = (Choice("yes", "Yes"), Choice("no", "No"))


def test_a_message_waits_in_the_outbox_with_all_that_was_said(post):
    ann = post.someone()

    message = post.says(ann, "Hello Ann.", choices=YES_NO, prompt="intake.need", values={"name": "Ann"})

    row = post.row(message)
    assert (row.status, row.channel, row.purpose) == (Status.QUEUED, ChannelName.SMS, "reply")
    assert (row.prompt, row.language, row.priority) == ("intake.need", "en", Priority.REPLY)
    assert row.created_at == row.due_at == post.clock.now()
    assert post.opened(row) == "Hello Ann."
    assert post.store.sealer.open_json(row.choices) == [["yes", "Yes"], ["no", "No"]]
    assert post.store.sealer.open_json(row.values) == {"name": "Ann"}
    assert post.events(message) == []


def test_what_was_said_can_be_read_in_no_file_and_no_table(post):
    ann = post.someone()
    post.says(ann, "Wisteria grows there", choices=(Choice("a", "Wisteria"),), values={"said": "wisteria"})

    with post.store.reading() as reading:
        held = str(reading.execute(text("SELECT * FROM outbox")).all())

    assert "isteria" not in held


@pytest.mark.parametrize(
    ("words", "segments"), [("x" * 160, 1), ("x" * 161, 2), ("ŷ" * 71, 2), ("{" * 81, 2), ("", 1)]
)
def test_a_text_is_counted_in_segments(post, words, segments):
    ann = post.someone()

    assert post.row(post.says(ann, words)).segments == segments


def test_only_texts_are_counted(post):
    bob = post.someone(ChannelName.TELEGRAM)

    assert post.row(post.says(bob, "x" * 500)).segments == 1


@pytest.mark.parametrize(
    ("purpose", "priority"),
    [
        (Purpose.CARD, Priority.SAFETY),
        (Purpose.REPLY, Priority.REPLY),
        (Purpose.UNREADABLE, Priority.REPLY),
        (Purpose.STAFF, Priority.LINK_WORKER),
        (Purpose.NUDGE, Priority.CHECK_IN),
    ],
)
def test_who_goes_first_follows_from_what_it_is_for(post, purpose, priority):
    ann = post.someone()

    assert post.row(post.says(ann, "Hello", purpose)).priority == priority


def test_a_card_is_first_whatever_was_asked_for(post):
    ann = post.someone()

    assert post.row(post.says(ann, "Hello", Purpose.CARD, priority=Priority.CHECK_IN)).priority == 0


def test_what_may_not_go_is_kept_with_its_reason(post):
    ann = post.someone(safe=Safe.NOT_NOW)

    row = post.row(post.says(ann, "Hello"))

    assert (row.status, row.reason, row.follow_up) == (Status.NOT_SENT, "not safe now", True)


def test_the_contact_point_a_turn_already_holds_is_not_looked_up_again(post):
    ann = post.someone()
    held = Way(ChannelName.SMS, Safe.NOT_NOW, last_inbound_at=post.clock.now())

    assert post.row(post.says(ann, "Hello", safe=held)).reason == "not safe now"


def test_an_answer_to_the_first_message_ever_goes(post):
    """The turn holds the contact point as it was made, before anything came in by it."""
    ann = post.someone(wrote=False)
    came = post.message_from(ann)
    as_made = Way(ChannelName.SMS, Safe.NOT_ASKED)

    assert post.status(post.says(ann, "Hello", safe=as_made, answers_inbox_id=came)) == Status.QUEUED
    card = post.says(ann, "Call 999", Purpose.CARD, safe=as_made, answers_inbox_id=came)
    assert post.status(card) == Status.QUEUED


def test_a_card_for_a_message_by_another_way_does_not_count_as_an_answer(post):
    ann = post.someone(safe=Safe.NOT_ASKED)
    post.also_has(ann, ChannelName.TELEGRAM)
    post.forward(minutes=10)
    came = post.message_from(ann, ChannelName.TELEGRAM)

    by_text = post.says(ann, "Call 999", Purpose.CARD, ChannelName.SMS, answers_inbox_id=came)

    assert post.row(by_text).reason == "not known to be safe"


def test_nobody_is_nudged_after_a_concern_until_it_turns_out_to_be_none(post):
    ann = post.someone()
    came = post.message_from(ann)
    noticed = post.done(
        lambda unit: unit.insert(
            concern, conversation_id=ann.conversation_id, inbox_id=came, level="risk", category="suicide",
            why=[], noticed_at=unit.now,
        )
    )  # fmt: skip

    assert post.row(post.says(ann, "Shall we carry on?", Purpose.NUDGE)).reason == "a concern was noticed"

    post.done(lambda unit: unit.execute(concern.update().values(not_a_concern_at=unit.now)))
    with post.store.reading() as reading:
        assert noticed and not concern_noticed(reading, ann.conversation_id)
    assert post.status(post.says(ann, "Shall we carry on?", Purpose.NUDGE)) == Status.QUEUED


def test_delivery_and_the_open_pages_are_woken_once_it_is_on_disk(post):
    ann = post.someone()
    heard = []
    post.store.listen(heard.append)

    post.says(ann, "Hello")

    assert heard == [{"outbox", f"conversation:{ann.conversation_id}"}]


# -- taking back ---------------------------------------------------------------------------------


async def test_what_is_still_queued_can_be_taken_back(post):
    ann = post.someone()
    gone = post.says(ann, "First question")
    await post.deliver(ann)
    nudge = post.says(ann, "Shall we carry on?", Purpose.NUDGE)
    reply = post.says(ann, "Second question")

    taken_back = post.done(
        lambda unit: supersede(unit, conversation_id=ann.conversation_id, purpose=Purpose.NUDGE)
    )

    assert taken_back == 1
    assert (post.status(nudge), post.row(nudge).reason) == (Status.NOT_SENT, "superseded")
    assert post.events(nudge) == [(Status.NOT_SENT, "superseded")]
    assert (post.status(gone), post.status(reply)) == (Status.SENT, Status.QUEUED)
    assert post.done(lambda unit: supersede(unit, outbox_id=gone)) == 0
    await post.deliver(ann)
    assert post.sms.words == ["First question", "Second question"]
    assert post.tasks(ann) == []


def test_taking_back_must_say_whose(post):
    with pytest.raises(ValueError, match="whose"):
        post.done(lambda unit: supersede(unit, purpose=Purpose.NUDGE))


# -- what a page shows ---------------------------------------------------------------------------


def shown(post, person, after=0, **given):
    with post.store.reading() as reading:
        return for_page(reading, person.conversation_id, after, **given)


def test_web_chat_shows_what_was_said_there_in_order(post):
    eve = post.someone(ChannelName.WEB)
    first = post.says(eve, "Hello", choices=YES_NO)
    second = post.says(eve, "A link worker writes", Purpose.STAFF)

    page = shown(post, eve)

    assert [(said.id, said.text) for said in page] == [(first, "Hello"), (second, "A link worker writes")]
    assert page[0].choices == YES_NO
    assert page[1].purpose == "staff"
    assert [said.id for said in shown(post, eve, after=first)] == [second]


async def test_web_chat_shows_nothing_from_other_channels_and_nothing_due_later(post):
    eve = post.someone(ChannelName.WEB)
    post.also_has(eve, ChannelName.SMS)
    post.says(eve, "By text", channel=ChannelName.SMS)
    later = post.says(eve, "Later", due_at=post.clock.now() + timedelta(hours=1), channel=ChannelName.WEB)

    assert shown(post, eve) == []
    assert [said.text for said in shown(post, eve, channel=None)] == ["By text"]

    post.forward(hours=1)
    assert shown(post, eve) == []
    await post.deliver(eve)
    assert [said.id for said in shown(post, eve)] == [later]


async def test_web_chat_shows_nothing_that_was_refused(post):
    eve = post.someone(ChannelName.WEB)
    later = post.says(eve, "Later", due_at=post.clock.now() + timedelta(hours=1))
    post.done(lambda unit: opt_out(unit, eve.points[ChannelName.WEB], "words"))
    now = post.says(eve, "Now")
    post.forward(hours=1)
    await post.deliver(eve)

    assert shown(post, eve) == []
    assert [(said.id, said.reason) for said in shown(post, eve, channel=None)] == [
        (later, "opted out"),
        (now, "opted out"),
    ]


def test_a_long_conversation_opens_at_its_end(post):
    eve = post.someone(ChannelName.WEB)
    said = [post.says(eve, str(n)) for n in range(5)]

    assert [s.id for s in shown(post, eve, most=2)] == said[-2:]
