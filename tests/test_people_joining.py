"""Two that are one person: by a code, or by a link worker, and parted again exactly."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.casework import cases, concerns, handoffs
from bot.messages import ChannelName
from bot.people import access_needs, consents, contact_points, joining, persons
from bot.store.tables import (
    Ledger,
    access_need,
    concern,
    contact_log,
    contact_point,
    conversation,
    handoff,
    inbox,
    ledger,
    name_lookup,
    outbox,
    person,
    referral,
    task,
    timer,
)
from bot.store.tables import cases as case_table
from bot.store.timers import set_timer
from tests.support.people import MAY, RAY, comes, hears, is_referred, timers, works_here, writes

CHAT = "4200001"
EVERYTHING = (
    person, contact_point, conversation, ledger, access_need, name_lookup, referral, case_table, task,
    contact_log, handoff, concern, inbox, outbox, timer,
)  # fmt: skip


def everything(store):
    with store.reading() as reading:
        return {t.name: sorted(map(tuple, reading.execute(select(t))), key=str) for t in EVERYTHING}


@pytest.fixture
def texted(done):
    """Someone who referred themselves by text."""
    return comes(done, RAY, name="Ray")


@pytest.fixture
def on_telegram(done):
    """The same someone, come back by Telegram, whom we do not know yet."""
    return comes(done, CHAT, channel=ChannelName.TELEGRAM)


def asks(done, asking, known):
    return done(lambda unit: joining.ask_to_join(unit, asking.person_id, known))


def tries(done, asking, code):
    return done(lambda unit: joining.try_code(unit, asking.person_id, code))


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


# -- by a code ------------------------------------------------------------------------------


def test_the_right_code_makes_them_one_and_the_known_conversation_goes_on(store, done, texted, on_telegram):
    code = asks(done, on_telegram, texted)
    assert len(code) == 6
    assert code.isdigit()

    came_of_it = tries(done, on_telegram, f" {code[:3]} {code[3:]} ")

    assert came_of_it.person_id == texted.person_id
    assert came_of_it.conversation_id == texted.conversation_id
    with store.reading() as reading:
        by_telegram = contact_points.known(reading, ChannelName.TELEGRAM, CHAT)
        assert by_telegram.conversation_id == texted.conversation_id
        assert by_telegram.person_id == texted.person_id
        assert len(contact_points.of_person(reading, texted.person_id)) == 2


def test_a_wrong_code_joins_nobody_and_five_are_the_end_of_it(store, done, texted, on_telegram):
    code = asks(done, on_telegram, texted)

    answers = [tries(done, on_telegram, wrong(code)) for _ in range(5)]

    assert answers[:4] == [joining.WrongCode(4 - n) for n in range(4)]
    assert answers[4] == joining.TooManyTries()
    assert tries(done, on_telegram, code) == joining.TooManyTries()
    with store.reading() as reading:
        assert persons.person_of(reading, on_telegram.person_id).joined_into is None


def test_a_code_ends_after_ten_minutes(done, clock, texted, on_telegram):
    code = asks(done, on_telegram, texted)

    clock.forward(minutes=10)

    assert tries(done, on_telegram, code) == joining.Expired()


def test_a_code_works_once(done, texted, on_telegram):
    code = asks(done, on_telegram, texted)
    tries(done, on_telegram, code)

    assert tries(done, on_telegram, code) == joining.Expired()


def test_a_new_code_ends_the_one_before(done, texted, on_telegram):
    first = asks(done, on_telegram, texted)
    second = asks(done, on_telegram, texted)

    if first != second:
        assert tries(done, on_telegram, first) == joining.WrongCode(4)
    assert isinstance(tries(done, on_telegram, second), joining.Joined)


def test_a_code_is_of_no_use_to_anyone_else(done, texted, on_telegram):
    code = asks(done, on_telegram, texted)
    somebody = comes(done, "4200002", channel=ChannelName.TELEGRAM)

    assert tries(done, somebody, code) == joining.Expired()


@pytest.mark.parametrize("code", ["", "hello", "٣٤٥٦٧٨", "1" * 500])
def test_what_is_no_code_is_a_wrong_one(done, texted, on_telegram, code):
    asks(done, on_telegram, texted)

    assert tries(done, on_telegram, code) == joining.WrongCode(4)


def test_nobodys_phone_is_pestered_with_codes(done, clock, texted, on_telegram):
    assert all(asks(done, on_telegram, texted) for _ in range(3))
    assert asks(done, on_telegram, texted) is None
    somebody = comes(done, "4200002", channel=ChannelName.TELEGRAM)
    assert asks(done, somebody, texted) is None

    clock.forward(days=1, minutes=1)
    assert asks(done, on_telegram, texted)


def test_someone_already_joined_needs_no_code(done, texted, on_telegram):
    tries(done, on_telegram, asks(done, on_telegram, texted))

    assert asks(done, texted, texted) is None


# -- joining and parting --------------------------------------------------------------------


@pytest.fixture
def busy_pair(done, hours, clock, texted, on_telegram):
    """Both have a case, an open handoff, answers, needs, messages and something to fall due."""
    sam = works_here(done, "Sam Lee")
    writes(done, texted, "I would like company")
    hears(done, texted, "Thank you")
    is_referred(done, texted, hours)
    clock.forward(minutes=5)
    message = writes(done, on_telegram, "I would like company, and a lift")
    opened = is_referred(done, on_telegram, hours)

    def more(unit):
        who = on_telegram.person_id
        persons.plan_contact(unit, who, times="mornings")
        access_needs.record_need(unit, who, "large print", "format", inbox_id=message)
        consents.record(
            unit, who, Ledger.AGREEMENT, "pass-on", True,
            prompt="intake.consent", words="May I?", language="en", inbox_id=message,
        )  # fmt: skip
        set_timer(unit, "nudge", unit.now, conversation_id=on_telegram.conversation_id, subject="flow")
        handoffs.open_handoff(
            unit, on_telegram.conversation_id, reason="concern", level="risk", rank=30, sees_from=message
        )
        handoffs.pick_up(unit, opened.handoff_id, sam, until=hours.closing(unit.now))
        set_timer(unit, "hold-ends", unit.now, conversation_id=on_telegram.conversation_id)
        cases.log_contact(unit, who, sam, "rang", "a good talk")

    done(more)
    hears(done, on_telegram, "Hello, this is Sam")
    return opened


def test_everything_is_the_kept_persons(store, done, busy_pair, texted, on_telegram):
    done(lambda unit: joining.join(unit, texted.person_id, on_telegram.person_id))

    with store.reading() as reading:
        who = persons.person_of(reading, texted.person_id)
        assert who.name == "Ray"
        assert who.contact_plan == {"times": "mornings"}
        assert [n.need for n in access_needs.needs_of(reading, who.id)] == ["large print"]
        assert consents.stands(reading, who.id, "pass-on") is True
        assert len(cases.cases_of(reading, who.id)) == 2
        assert [c.note for c in cases.contacts_of(reading, who.id)] == ["a good talk"]
        mine = inbox.c.conversation_id == texted.conversation_id
        assert len(reading.execute(select(inbox.c.id).where(mine)).all()) == 2
        assert persons.kept(reading, on_telegram.person_id) == texted.person_id
        assert [p.id for p in persons.search(reading, "ray")] == [texted.person_id]


def test_of_two_handoffs_the_one_in_somebodys_hands_goes_on(store, done, busy_pair, texted, on_telegram):
    done(lambda unit: joining.join(unit, texted.person_id, on_telegram.person_id))

    with store.reading() as reading:
        goes_on = handoffs.open_handoff_of(reading, texted.conversation_id)
        assert goes_on.id == busy_pair.handoff_id
        assert goes_on.level == "risk"
        assert goes_on.status == "picked-up"
        talk = reading.execute(select(conversation).where(conversation.c.id == texted.conversation_id)).one()
        assert talk.held_by == goes_on.picked_up_by


def test_a_worse_one_that_waits_raises_the_one_in_somebodys_hands_and_its_clock_runs_on(
    store, done, hours, texted, on_telegram
):
    sam = works_here(done, "Sam Lee")
    message = writes(done, on_telegram, "I cannot go on")

    def both(unit):
        held = handoffs.open_handoff(unit, texted.conversation_id, reason="person")
        handoffs.pick_up(unit, held, sam, until=hours.closing(unit.now))
        worse = concerns.record_concern(
            unit, on_telegram.conversation_id, message,
            level="risk", category="suicide", why=["a"], due_at=unit.now, hours=hours,
        )  # fmt: skip
        return held, worse.handoff_id

    held, worse = done(both)
    joining_id = done(lambda unit: joining.join(unit, texted.person_id, on_telegram.person_id))

    with store.reading() as reading:
        goes_on = handoffs.open_handoff_of(reading, texted.conversation_id)
        assert (goes_on.id, goes_on.level, goes_on.rank, goes_on.sees_from) == (held, "risk", 30, message)
        assert [t.subject for t in timers(reading, "escalate")] == [f"handoff:{held}"]
    done(lambda unit: joining.undo(unit, joining_id))
    with store.reading() as reading:
        back = handoffs.open_handoff_of(reading, on_telegram.conversation_id)
        assert (back.id, back.status, back.level) == (worse, "waiting", "risk")
        assert handoffs.open_handoff_of(reading, texted.conversation_id).level is None
        assert [t.subject for t in timers(reading, "escalate")] == [f"handoff:{worse}"]


def test_what_was_about_questions_that_do_not_go_on_comes_to_nothing(
    store, done, busy_pair, texted, on_telegram
):
    done(lambda unit: joining.join(unit, texted.person_id, on_telegram.person_id))

    with store.reading() as reading:
        assert timers(reading, "nudge") == []
        for kind in ("late", "hold-ends"):
            assert {t.conversation_id for t in timers(reading, kind)} == {texted.conversation_id}


@pytest.mark.parametrize("way", ["texted kept", "telegram kept"])
def test_a_joining_undone_leaves_everything_as_it_was(store, done, busy_pair, texted, on_telegram, way):
    kept, joined = (texted, on_telegram) if way == "texted kept" else (on_telegram, texted)
    before = everything(store)

    joining_id = done(lambda unit: joining.join(unit, kept.person_id, joined.person_id), acting="staff:1")
    assert everything(store) != before
    assert done(lambda unit: joining.undo(unit, joining_id), acting="staff:1") is True

    assert everything(store) == before
    with store.reading() as reading:
        (written,) = joining.joinings_of(reading, kept.person_id)
        assert written.acting == "staff:1"
        assert written.undone_at is not None


def test_what_came_after_a_joining_stays_when_it_is_undone(store, done, clock, texted, on_telegram):
    writes(done, on_telegram, "before")
    joining_id = done(lambda unit: joining.join(unit, texted.person_id, on_telegram.person_id))
    with store.reading() as reading:
        now_known = contact_points.known(reading, ChannelName.TELEGRAM, CHAT)
    clock.forward(minutes=1)
    later = writes(done, now_known, "after")
    done(lambda unit: persons.call(unit, texted.person_id, "Raymond"))

    done(lambda unit: joining.undo(unit, joining_id))

    with store.reading() as reading:
        where = dict(reading.execute(select(inbox.c.id, inbox.c.conversation_id)).all())
        assert where.pop(later) == texted.conversation_id
        assert set(where.values()) == {on_telegram.conversation_id}
        assert persons.person_of(reading, texted.person_id).name == "Raymond"
        assert contact_points.known(reading, ChannelName.TELEGRAM, CHAT).person_id == on_telegram.person_id


def test_undone_twice_is_undone_once(done, texted, on_telegram):
    joining_id = done(lambda unit: joining.join(unit, texted.person_id, on_telegram.person_id))

    assert done(lambda unit: joining.undo(unit, joining_id)) is True
    assert done(lambda unit: joining.undo(unit, joining_id)) is False


def test_nobody_is_joined_to_themselves_or_twice(done, texted, on_telegram):
    with pytest.raises(joining.CannotJoin):
        done(lambda unit: joining.join(unit, texted.person_id, texted.person_id))
    done(lambda unit: joining.join(unit, texted.person_id, on_telegram.person_id))
    may = comes(done, MAY)
    with pytest.raises(joining.CannotJoin):
        done(lambda unit: joining.join(unit, may.person_id, on_telegram.person_id))


def test_a_chain_of_joinings_is_undone_from_its_end(store, done, texted, on_telegram):
    may = comes(done, MAY, name="Ray")
    first = done(lambda unit: joining.join(unit, texted.person_id, on_telegram.person_id))
    second = done(lambda unit: joining.join(unit, may.person_id, texted.person_id))
    with store.reading() as reading:
        by_telegram = contact_points.known(reading, ChannelName.TELEGRAM, CHAT)
        assert by_telegram.conversation_id == may.conversation_id

    with pytest.raises(joining.CannotJoin):
        done(lambda unit: joining.undo(unit, first))
    done(lambda unit: joining.undo(unit, second))
    done(lambda unit: joining.undo(unit, first))

    with store.reading() as reading:
        assert contact_points.known(reading, ChannelName.TELEGRAM, CHAT).person_id == on_telegram.person_id


# -- who may be the same --------------------------------------------------------------------


def why(store, person_id):
    with store.reading() as reading:
        return [(d.person.id, d.why) for d in joining.likely_duplicates(reading, person_id)]


def test_likely_duplicates_say_why_the_number_first(store, done):
    ray = comes(done, RAY, name="Ray Brown", agrees=True)
    namesake = comes(done, MAY, name="ray  BROWN", agrees=True)
    walked_in = comes(done, "4200003", channel=ChannelName.TELEGRAM, name="Raymond", agrees=True)
    done(lambda unit: persons.plan_contact(unit, walked_in.person_id, number="07700 900001"))

    assert why(store, ray.person_id) == [
        (walked_in.person_id, ("same number given",)),
        (namesake.person_id, ("same name",)),
    ]
    assert why(store, walked_in.person_id) == [(ray.person_id, ("same number given",))]


def test_an_unfinished_intake_is_shown_as_nobodys_duplicate(store, done):
    ray = comes(done, RAY, name="Ray", agrees=True)
    comes(done, MAY, name="Ray")

    assert why(store, ray.person_id) == []
