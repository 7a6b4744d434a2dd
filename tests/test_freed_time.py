"""A time that comes free, as people hear of it: asked at once, first yes, too late, not now, not again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.appointments import freed_time
from bot.messages import InboundMessage
from bot.people import persons
from bot.people.contact_points import known, set_safe
from bot.store.tables import FreedStatus, Meeting, Priority, Safe, outbox
from tests.support import near
from tests.support.appointments import thursday
from tests.support.freed import freed, gives_up, has, next_of, somebody, works, would_come_sooner

#: A week later than the time that comes free: Thursday 12 March, the first of those who wait at nine.
LATER = thursday(9) + timedelta(days=7)

# The words do not know the store; who is first on each is in tests/test_appointments_freed_time.py.
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def amina(conversation):
    return works(conversation)


def waits(conversation, amina, nth, channel="sms", **wishes):
    """Somebody who would come sooner than next week."""
    address = f"+4477009008{nth:02}" if channel == "sms" else f"9008{nth:02}"
    phone = somebody(conversation, address, channel)
    has(phone, amina, LATER + timedelta(minutes=45 * nth))
    return would_come_sooner(phone, **wishes)


@pytest.fixture
def ray(conversation, amina):
    """Ray has Thursday at ten."""
    phone = somebody(conversation, "+447700900101")
    has(phone, amina, thursday(10))
    return phone


@pytest.fixture
def three(conversation, amina, ray):
    """May, Jo and Di would come sooner."""
    return [waits(conversation, amina, n) for n in range(3)]


def test_the_first_yes_has_it_and_the_others_hear_kindly(conversation, ray, three):
    may, jo, di = three
    gives_up(ray)
    for phone in three:
        phone.hears("freed_time.offered").hears_words("Thursday 5 March at 10am", "with Amina", "first yes")
    jo.says("yes please").hears("appointment.confirmed").hears_words(
        "It is moved", "Thursday 5 March at 10am"
    )

    may.hears("freed_time.gone_first").hears_words("has gone this time")
    di.hears("freed_time.gone_first").hears_no_words("Jo", "yes")
    assert next_of(jo).starts_at == thursday(10)
    assert next_of(may).starts_at == LATER
    assert freed(conversation.store)[0].status is FreedStatus.TAKEN


def test_within_a_minute_of_cannot_come_the_first_are_asked(conversation, ray, three):
    said_at = conversation.clock.now()
    gives_up(ray)

    assert all(phone.heard for phone in three)
    assert conversation.clock.now() - said_at < timedelta(seconds=60)


def test_a_mornings_reminders_do_not_stand_before_it(conversation, ray, three):
    gives_up(ray)
    with conversation.reading() as reading:
        asked = reading.execute(select(outbox.c.priority).where(outbox.c.prompt == "freed_time.offered"))
        assert set(asked.scalars()) == {Priority.LINK_WORKER}


def test_a_yes_just_too_late_is_answered_kindly_and_they_keep_their_own(conversation, ray, three):
    may, jo, _ = three
    gives_up(ray)
    conversation.next_line()
    for phone in (jo, may):
        message = InboundMessage(phone.channel, f"both-{phone.address}", phone.address, "yes")
        conversation.inbox.receive(message).result(timeout=30)
    for phone in (jo, may):  # before anything set off by the first has happened
        conversation.turns.take(phone.conversation_id).result(timeout=30)
    conversation.run_timers()

    jo.hears("appointment.confirmed")
    may.hears("freed_time.gone").hears_words("just gone", "You keep Thursday 12 March at 9am")


@pytest.mark.parametrize("text", ["no", "2", "not this time", "can't make it", "too soon"])
def test_not_this_time_and_they_keep_what_they_have(conversation, ray, three, text):
    may = three[0]
    gives_up(ray)
    may.says(text).hears("freed_time.still_waiting").hears_words("You keep Thursday 12 March at 9am")

    assert next_of(may).starts_at == LATER
    with conversation.reading() as reading:
        assert freed_time.wait_of(reading, may.person.id) is not None


@pytest.mark.parametrize("text", ["sorry can't do thursday", "I won't be able to make that one"])
def test_cannot_is_about_the_time_that_came_free_and_not_about_their_own(conversation, ray, three, text):
    may = three[0]
    gives_up(ray)
    may.says(text).hears("freed_time.still_waiting")

    assert next_of(may).starts_at == LATER  # a Thursday as well


def test_do_not_ask_me_again(conversation, ray, three):
    gives_up(ray)
    three[0].says("3").hears("freed_time.off_the_list").hears_words("will not ask again")

    with conversation.reading() as reading:
        assert freed_time.wait_of(reading, three[0].person.id) is None


def test_whoever_was_not_quick_is_asked_about_the_time_that_comes_free_in_turn(conversation, ray, three):
    may, _, di = three
    gives_up(ray)
    di.says("yes").hears("appointment.confirmed")  # what Di had is later than what May and Jo have

    assert [time.status for time in freed(conversation.store)] == [FreedStatus.TAKEN, FreedStatus.PASSED]
    may.hears("freed_time.gone_first")


def test_the_next_are_asked_when_those_before_say_no_or_nothing(conversation, amina, ray, three):
    fourth, fifth = (waits(conversation, amina, n) for n in (3, 4))
    gives_up(ray)
    fourth.hears_nothing()
    three[0].says("no")
    fourth.hears("freed_time.offered")
    fifth.hears_nothing()
    conversation.forward(minutes=16)

    fifth.hears("freed_time.offered")
    three[1].says("yes").hears("appointment.confirmed")  # a late yes is still the first


def test_nobody_is_asked_at_night(conversation, amina, ray, three):
    conversation.forward(hours=11)
    gives_up(ray)
    three[0].hears_nothing()
    conversation.forward(hours=12, minutes=5)

    three[0].hears("freed_time.offered")


def test_in_the_middle_of_something_another_is_asked(conversation, amina, ray, three):
    fourth = waits(conversation, amina, 3)
    three[0].says("menu")
    gives_up(ray)

    three[0].hears_nothing()  # what they type next answers the menu
    fourth.hears("freed_time.offered")
    conversation.forward(minutes=16)
    three[0].hears("freed_time.offered")


def test_a_phone_that_others_read_hears_only_what_it_may(conversation, amina, ray):
    di = waits(conversation, amina, 1)
    shared(di)
    gives_up(ray)
    di.hears_nothing()  # they never said that messages may go there

    may = waits(conversation, amina, 2)
    shared(may, reminders="discreet")
    has(ray, amina, thursday(11))
    gives_up(ray)
    may.hears("freed_time.discreet__offered").hears_words("Hello, it is Sam", "Thursday 5 March at 11am")
    may.hears_no_words("Amina", "Ashby", "phone")
    may.says("yes").hears("appointment.discreet__confirmed").hears_no_words("Amina")


def shared(phone, **plan):
    def work(unit):
        point = known(unit, phone.channel, phone.address)
        set_safe(unit, point.id, Safe.SHARED)
        if plan:
            persons.plan_contact(unit, point.person_id, **plan)

    near.run(phone.conversation, work)


def test_somebody_else_books_it_and_they_hear(conversation, amina, ray, three):
    gives_up(ray)
    jo = somebody(conversation, "+447700900177")
    conversation.next_line()
    has(jo, amina, thursday(10))

    three[0].hears("freed_time.gone_first")
    three[0].says("yes please").hears_no_words("It is moved")
    assert next_of(three[0]).starts_at == LATER


# In a chat


@pytest.fixture
def kit(conversation, amina, ray):
    return waits(conversation, amina, 5, "telegram")


def test_by_a_button_with_a_file_for_their_calendar(conversation, ray, kit):
    gives_up(ray)
    kit.hears("freed_time.offered").presses("Yes, please").hears("appointment.confirmed")

    assert next_of(kit).starts_at == thursday(10)
    kit.presses("Yes, please").hears_nothing()  # pressed twice it is one
    kit.presses("Not this time").hears("freed_time.stays_yours")
    assert next_of(kit).starts_at == thursday(10)


def test_a_button_pressed_when_it_has_gone_says_so(conversation, amina, ray, kit):
    gives_up(ray)
    offered = kit.heard[-1]
    jo = somebody(conversation, "+447700900177")
    has(jo, amina, thursday(10))
    kit.presses("Yes, please", of=offered).hears("freed_time.gone").hears_words("You keep")

    assert next_of(kit).starts_at != thursday(10)


def test_a_change_of_mind_while_it_is_free(conversation, ray, kit):
    gives_up(ray)
    offered = kit.heard[-1]
    kit.presses("Not this time").hears("freed_time.still_waiting")
    kit.presses("Yes, please", of=offered)

    assert next_of(kit).starts_at == thursday(10)


def test_in_welsh(conversation, amina, ray):
    sian = waits(conversation, amina, 6)
    sian.says("Cymraeg")
    conversation.forward(hours=1)
    gives_up(ray)
    sian.hears("freed_time.offered").hears_words("Daeth amser yn rhydd", "Hoffech chi")
    sian.says("hoffwn").hears("appointment.confirmed")


def test_another_way_of_meeting_they_did_not_ask_for_is_not_offered(conversation, amina, ray):
    may = waits(conversation, amina, 1, meetings=[Meeting.CAFE])
    gives_up(ray)

    may.hears_nothing()
