"""What was said without a yes is erased when its time is over; what must stay, stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import LargeBinary, func, select

from bot.casework import concerns, handoffs, tasks
from bot.casework.access import may_open
from bot.conversation.inbox import Inbox
from bot.messages import ChannelName, InboundMessage, Status
from bot.people import access_needs, contact_points, joining, persons
from bot.records.retention import copies_deleted, copies_left, erase_unagreed
from bot.settings import Settings
from bot.store.tables import (
    contact_point,
    conversation,
    handoff,
    inbox,
    metadata,
    outbox,
    person,
    task,
    timer,
)
from bot.store.timers import set_timer
from bot.web.pages import LOCALES
from bot.words.languages import Languages
from tests.support.people import (
    RAY,
    audited,
    comes,
    hears,
    is_referred,
    tasks_to_do,
    works_here,
    writes,
)

DAYS = 30


@pytest.fixture
def a_year_later(clock):
    def go():
        clock.forward(days=365)

    return go


def erases(done, clock, **more):
    return done(lambda unit: erase_unagreed(unit, clock.now() - timedelta(days=DAYS), **more), acting="timer")


def words_left(store):
    """Everything sealed that can still be opened, whatever table it is in."""
    left = []
    with store.reading() as reading:
        for table in metadata.tables.values():
            for column in table.c:
                if isinstance(column.type, LargeBinary):
                    sealed = reading.execute(select(column).where(column.is_not(None))).scalars()
                    left += [(f"{table.name}.{column.name}", reading.sealer.open(s)) for s in sealed if s]
    return left


@pytest.fixture
def unfinished(done):
    """Someone who told us much, said no yes, and went quiet."""
    ray = comes(done, RAY, name="Ray", source="library poster")
    message = writes(done, ray, "I lost my job", provider_id="SM-first")
    hears(done, ray, "Thank you Ray", provider_id="SM-ours")

    def more(unit):
        persons.plan_contact(unit, ray.person_id, number="01632 960555", word="bluebell")
        access_needs.record_need(unit, ray.person_id, "large print", "format", inbox_id=message)
        state = unit.sealer.seal_json({"answers": {"own_words": "I lost my job"}})
        mine = conversation.c.id == ray.conversation_id
        unit.execute(conversation.update().where(mine).values(state=state))
        set_timer(unit, "nudge", unit.now + timedelta(days=7), conversation_id=ray.conversation_id)
        tasks.open_task(unit, ray.person_id, "ring", unit.now, "about the job")
        joining.ask_to_join(unit, ray.person_id, comes_too)

    comes_too = comes(done, "4200009", channel=ChannelName.TELEGRAM, name="May", agrees=True)
    done(more)
    return ray


def test_a_year_old_unfinished_intake_leaves_no_word_name_or_number(
    store, done, clock, unfinished, a_year_later
):
    a_year_later()

    erased = erases(done, clock)

    assert (erased.people, erased.messages_in, erased.messages_out, erased.more) == (1, 1, 1, False)
    assert sorted(words_left(store)) == [
        ("contact_point.address", "4200009"),
        ("inbox.provider_ref", "SM-first"),
        ("person.name", "May"),
    ]
    with store.reading() as reading:
        gone = reading.execute(select(person).where(person.c.id == unfinished.person_id)).one()
        assert (gone.name, gone.source, gone.erased_at) == (None, None, clock.now())
        assert contact_points.known(reading, ChannelName.SMS, RAY) is None
        assert persons.search(reading, "07700 900001") == []
        assert tasks_to_do(reading, unfinished.person_id) == []
        nudges = select(timer.c.result).where(timer.c.conversation_id == unfinished.conversation_id)
        assert reading.execute(nudges).scalars().all() == ["erased"]
        (row,) = audited(reading, "erased")
        assert row.details == {"why": "no agreement"}


@pytest.mark.parametrize("stopped", [False, True])
def test_a_copy_of_an_erased_message_is_still_a_duplicate_and_makes_nobody_known(
    store, done, clock, unfinished, a_year_later, stopped
):
    if stopped:
        done(lambda unit: contact_points.opt_out(unit, unfinished.id, "carrier"))
    a_year_later()
    erases(done, clock)
    before = words_left(store)

    settings = Settings.load(_env_file=None)
    receive = Inbox(store, Languages.load(LOCALES), settings).receive
    copy = receive(InboundMessage(ChannelName.SMS, "SM-first", RAY, "I lost my job")).result(timeout=30)

    assert copy.duplicate
    assert words_left(store) == before
    with store.reading() as reading:
        assert contact_points.known(reading, ChannelName.SMS, RAY) is None


def test_what_lies_at_the_provider_is_listed_until_it_is_deleted_there(
    store, done, clock, unfinished, a_year_later
):
    a_year_later()
    erased = erases(done, clock)

    names = [(c.channel, c.provider_id) for c in erased.at_provider]
    assert names == [(ChannelName.SMS, "SM-first"), (ChannelName.SMS, "SM-ours")]
    with store.reading() as reading:
        assert tuple(copies_left(reading)) == erased.at_provider

    done(lambda unit: copies_deleted(unit, erased.at_provider))

    with store.reading() as reading:
        assert copies_left(reading) == []


def test_a_month_not_yet_over_erases_nothing(store, done, clock, unfinished):
    clock.forward(days=DAYS, hours=-1)

    assert erases(done, clock).people == 0
    clock.forward(hours=2)
    assert erases(done, clock).people == 1
    assert erases(done, clock).people == 0


def test_someone_who_wrote_again_has_another_month(store, done, clock, unfinished):
    clock.forward(days=20)
    writes(done, unfinished, "I am back")
    clock.forward(days=20)

    assert erases(done, clock).people == 0


def test_someone_who_said_yes_is_kept(store, done, hours, clock, a_year_later):
    ray = comes(done, RAY, name="Ray")
    writes(done, ray, "company")
    is_referred(done, ray, hours)
    a_year_later()

    assert erases(done, clock).people == 0

    done(lambda unit: persons.no_longer_agreed(unit, ray.person_id))
    assert erases(done, clock).people == 0  # a record of care has a rule of its own


def test_after_a_stop_only_its_lookup_is_kept_and_the_stop_still_stands(
    store, done, clock, unfinished, a_year_later
):
    done(lambda unit: contact_points.opt_out(unit, unfinished.id, "carrier"))
    a_year_later()
    erases(done, clock)
    with store.reading() as reading:
        assert contact_points.known(reading, ChannelName.SMS, RAY) is None

    back = comes(done, RAY)

    assert back.opted_out_at is not None
    assert back.address == RAY
    with store.reading() as reading:
        who = persons.person_of(reading, back.person_id)
        assert (who.name, who.contact_plan, who.agreed_at) == ("", {}, None)
        stored = select(func.count()).select_from(contact_point).where(contact_point.c.channel == "sms")
        assert reading.execute(stored).scalar_one() == 1


def test_someone_erased_who_comes_back_is_nobody_we_know(store, done, clock, unfinished, a_year_later):
    a_year_later()
    erases(done, clock)

    back = comes(done, RAY)

    assert back.person_id != unfinished.person_id
    assert back.opted_out_at is None


def test_what_still_waited_to_be_sent_is_not_sent(store, done, clock, a_year_later):
    ray = comes(done)
    writes(done, ray, "hello")
    message = hears(done, ray, "Shall we carry on?", status=Status.QUEUED)
    a_year_later()

    erases(done, clock)

    with store.reading() as reading:
        row = reading.execute(select(outbox).where(outbox.c.id == message)).one()
    assert (row.status, row.reason, row.text) == (Status.NOT_SENT, "erased", None)


def test_whoever_was_joined_into_them_is_erased_with_them(store, done, clock, a_year_later):
    ray, telegram = comes(done, RAY, name="Ray"), comes(done, "4200001", channel=ChannelName.TELEGRAM)
    writes(done, telegram, "hello")
    done(lambda unit: persons.call(unit, telegram.person_id, "Raymond"))
    joining_id = done(lambda unit: joining.join(unit, ray.person_id, telegram.person_id))
    a_year_later()

    assert erases(done, clock).people == 1

    assert [what for what, _ in words_left(store)] == ["inbox.provider_ref"]
    assert done(lambda unit: joining.undo(unit, joining_id)) is False


def test_an_open_handoff_of_someone_erased_is_closed_and_says_so(store, done, clock, a_year_later):
    ray = comes(done, RAY)
    asked = writes(done, ray, "PERSON")
    waiting = done(
        lambda unit: handoffs.open_handoff(unit, ray.conversation_id, reason="person", sees_from=asked)
    )
    a_year_later()

    erases(done, clock)

    with store.reading() as reading:
        row = reading.execute(select(handoff).where(handoff.c.id == waiting)).one()
        assert (row.status, row.outcome) == ("closed", "erased")


# -- a concern ------------------------------------------------------------------------------


def concern_noticed(done, hours, point, message):
    return done(
        lambda unit: concerns.record_concern(
            unit, point.conversation_id, message, level="risk", category="suicide", why=["a"], hours=hours
        )
    ).concern_id


def test_of_someone_with_a_concern_only_its_record_stays(store, done, clock, hours, a_year_later):
    amina = works_here(done, "Amina Shah")
    ray = comes(done, RAY, name="Ray")
    writes(done, ray, "I lost my job")
    hears(done, ray, "Thank you")
    clock.forward(minutes=1)
    message = writes(done, ray, "I cannot go on")
    hears(done, ray, "Please talk to a person now")
    concern_noticed(done, hours, ray, message)
    a_year_later()

    erased = erases(done, clock)

    assert (erased.people, erased.messages_in, erased.messages_out) == (0, 1, 1)
    said = [text for what, text in words_left(store) if what in ("inbox.body", "outbox.text")]
    assert said == ['{"text":"I cannot go on"}', "Please talk to a person now"]
    with store.reading() as reading:
        assert persons.person_of(reading, ray.person_id).name == "Ray"
        assert may_open(reading, amina, ray.person_id).from_inbox_id == message
    again = erases(done, clock)
    assert (again.people, again.messages_in, again.more) == (0, 0, False)


def test_what_two_found_to_be_no_concern_is_erased_with_the_rest(store, done, clock, hours, a_year_later):
    amina, bob = works_here(done, "Amina Shah"), works_here(done, "Bob Jones")
    ray = comes(done, RAY, name="Ray")
    noticed = concern_noticed(done, hours, ray, writes(done, ray, "suicide is painless, that song"))
    done(lambda unit: concerns.not_a_concern(unit, noticed, amina, "a song about Ray", hours=hours))
    a_year_later()
    assert erases(done, clock).people == 0

    done(lambda unit: concerns.confirm(unit, noticed, bob))

    assert erases(done, clock).people == 1
    assert "Ray" not in str(words_left(store))


def test_a_city_is_erased_a_few_at_a_time(store, done, clock, a_year_later):
    for n in range(7):
        writes(done, comes(done, f"+4477009002{n:02d}"), "hello")
    a_year_later()

    rounds = [erases(done, clock, most=3) for _ in range(3)]

    assert [(r.people, r.more) for r in rounds] == [(3, True), (3, True), (1, False)]
    with store.reading() as reading:
        assert reading.execute(select(inbox.c.id).where(inbox.c.body.is_not(None))).all() == []
        assert reading.execute(select(task.c.id)).all() == []
