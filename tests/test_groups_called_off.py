"""A group session called off with one action: everybody hears by their channel, and staff see who did not."""

from __future__ import annotations

import pytest

from bot.appointments import groups
from bot.appointments.groups import Heard
from bot.messages import RANK, Status
from bot.people import persons
from bot.people.contact_points import known, opt_out, set_safe
from bot.store.tables import Safe, outbox
from tests.support import near
from tests.support.appointments import at
from tests.support.freed import leaves, works
from tests.support.near import tasks_of
from tests.support.scenes import refers_themselves

FRIDAY = at(2026, 3, 6, 10)
WHY = "The hall has no heating"

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def walk(conversation):
    """Walk and Talk, this Friday and next; their ids."""
    amina = works(conversation)
    return near.run(
        conversation,
        lambda unit: groups.plan_weekly(unit, "Walk and Talk", amina, FRIDAY, weeks=2, minutes=60).ids,
        f"staff:{amina}",
    )


def comes(phone, session_id):
    near.run(phone.conversation, lambda unit: groups.invite(unit, session_id, phone.person.id), "person")
    return phone


@pytest.fixture
def ray(conversation, walk):
    return comes(refers_themselves(conversation.phone("sms", "+447700900101")), walk[0])


@pytest.fixture
def kit(conversation, walk):
    phone = conversation.phone("telegram").opens().presses("Me, 18 or over").presses("Yes")
    phone.presses("Here, in this chat").presses("Yes, only I see it").says("company").says("Kit")
    return comes(phone.presses("Yes"), walk[0])


def called_off(conversation, session_id, why=WHY):
    conversation.next_line()
    told = near.run(conversation, lambda unit: groups.cancel_session(unit, session_id, why), "staff:1")
    leaves(conversation)
    return told


def told_of(conversation, session_id):
    with conversation.reading() as reading:
        return {one.name: (one.heard, one.reason) for one in groups.told_of(reading, session_id)}


def point(unit, phone):
    return known(unit, phone.channel, phone.address).id


def test_everybody_hears_by_their_own_channel(conversation, walk, ray, kit):
    comes(ray, walk[1])
    called_off(conversation, walk[0])

    ray.hears("session.cancelled").hears_words(
        "Hello Ray", "Walk and Talk is off on Friday 6 March at 10am", "The hall has no heating.",
        "You have a place in the next one, Friday 13 March at 10am",
    )  # fmt: skip
    kit.hears("session.cancelled").hears_words("The next one is Friday 13 March at 10am")
    assert told_of(conversation, walk[0]) == {"Ray": (Heard.TOLD, ""), "Kit": (Heard.TOLD, "")}


def test_who_could_not_be_reached_is_listed_with_a_task_for_each(conversation, walk, ray, kit):
    near.run(conversation, lambda unit: opt_out(unit, point(unit, ray), "words"))
    before = called_off(conversation, walk[0])

    assert [one.heard for one in before] == [Heard.WAITING, Heard.WAITING]  # as it began
    ray.hears_nothing()
    assert list(told_of(conversation, walk[0]).items()) == [
        ("Ray", (Heard.NOT_REACHED, "opted out")),
        ("Kit", (Heard.TOLD, "")),
    ]
    assert ("session-cancelled", "Friday 6 March, 10am") in tasks_of(ray)
    assert tasks_of(kit) == []


def test_what_the_carrier_could_not_deliver_is_listed(conversation, walk, ray):
    called_off(conversation, walk[0])
    near.run(
        conversation,
        lambda unit: unit.execute(
            outbox.update()
            .where(outbox.c.prompt == "session.cancelled")
            .values(status=Status.PERMANENT_FAILURE, rank=RANK[Status.PERMANENT_FAILURE])
        ),
    )

    assert told_of(conversation, walk[0]) == {"Ray": (Heard.NOT_REACHED, "permanent-failure")}


def test_on_a_shared_phone_it_names_nothing(conversation, walk, ray):
    def work(unit):
        set_safe(unit, point(unit, ray), Safe.SHARED)
        persons.plan_contact(unit, ray.person.id, reminders="discreet")

    near.run(conversation, work)
    called_off(conversation, walk[0])

    ray.hears("session.discreet__cancelled").hears_words("Hello, it is Sam", "Friday 6 March at 10am is off")
    ray.hears_no_words("Walk", "Ashby", "hall", "Ray")


def test_at_night_it_waits_for_the_morning_and_staff_see_that(conversation, walk, ray):
    conversation.forward(hours=12)
    called_off(conversation, walk[0])
    ray.hears_nothing()
    with conversation.reading() as reading:
        (told,) = groups.told_of(reading, walk[0])
    assert (told.heard, told.at) == (Heard.WAITING, at(2026, 3, 4, 9))
    conversation.forward(hours=11, minutes=5)

    assert "session.cancelled" in [m.prompt for m in ray.heard]


def test_late_in_the_evening_before_it_is_said_all_the_same(conversation, walk, ray):
    conversation.clock.set(at(2026, 3, 6, 7, 45))
    near.run(
        conversation, lambda unit: groups.correct_session(unit, walk[0], starts_at=at(2026, 3, 6, 9, 15))
    )
    conversation.clock.set(at(2026, 3, 6, 7, 50))
    called_off(conversation, walk[0])

    ray.hears("session.cancelled")  # better than to find the door shut


def test_the_question_whether_they_come_is_taken_away_with_it(conversation, walk, ray):
    conversation.forward(days=2)  # the reminder of the day before
    assert any(m.prompt.startswith("reminder.") for m in ray.everything)
    called_off(conversation, walk[0])
    leaves(conversation)

    assert ray.frame("reminder") is None
