"""Scenes about a time that comes free, and a group that is called off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.appointments import groups
from bot.people import persons
from bot.people.contact_points import known, opt_out, set_safe
from bot.store.tables import Safe
from tests.support import near
from tests.support.appointments import at, thursday
from tests.support.conversation import Conversation
from tests.support.freed import has, leaves, works, would_come_sooner
from tests.support.phone import Line, Phone
from tests.support.scenes import refers_themselves, says, scene
from tests.support.scenes_support import begins_here

NEXT_WEEK = thursday(14) + timedelta(days=7)


def by_text(conversation: Conversation, name: str = "Ray", nth: int = 1) -> Phone:
    phone = conversation.phone("sms", f"+4477009001{nth:02}")
    return says(phone, "HELLO", "1", "1", "1", "1", "some company", name, "1")


def in_a_chat(conversation: Conversation) -> Phone:
    kit = conversation.phone("telegram").opens().presses("Me, 18 or over").presses("Yes")
    kit.presses("Here, in this chat").presses("Yes, only I see it").says("company")
    return kit.says("Kit").presses("Yes")


def by_whatsapp(conversation: Conversation) -> Phone:
    return refers_themselves(conversation.phone("whatsapp"))


def an_hour_goes_by(conversation: Conversation) -> None:
    conversation.forward(hours=1)
    begins_here(conversation)


def cannot_come(ray: Phone) -> None:
    """Said to nobody's question, by the word for it, and then in a word."""
    says(ray, "appointment", "i can't make it")
    leaves(ray.conversation)


def not_for_others(phone: Phone, safe: Safe = Safe.SHARED, **plan: Any) -> None:
    def work(unit: Any) -> None:
        point = known(unit, phone.channel, phone.address)
        assert point is not None
        set_safe(unit, point.id, safe)
        persons.plan_contact(unit, point.person_id, **plan)

    near.run(phone.conversation, work)


def three_of_them(conversation: Conversation) -> tuple[Phone, Phone, Phone]:
    """Ray has Thursday at ten; Kit and Jo would come sooner than next week."""
    amina = works(conversation)
    ray, kit, jo = by_text(conversation), in_a_chat(conversation), by_whatsapp(conversation)
    has(ray, amina, thursday(10))
    has(kit, amina, NEXT_WEEK)
    has(jo, amina, NEXT_WEEK + timedelta(hours=1))
    would_come_sooner(kit), would_come_sooner(jo)
    an_hour_goes_by(conversation)
    return ray, kit, jo


@scene
def a_time_comes_free(conversation):
    """Ray cannot come. Kit and Jo hear of it in the same minute; Kit presses first, and Jo hears kindly."""
    ray, kit, jo = three_of_them(conversation)
    cannot_come(ray)
    kit.presses("Yes, please")
    kit.presses("Yes, please")
    says(jo, "ok thanks")


@scene
def a_time_comes_free_and_two_say_yes(conversation):
    """Both at once: Jo has it, and Kit is told that it has just gone, whatever button is pressed after."""
    ray, kit, jo = three_of_them(conversation)
    cannot_come(ray)
    offered = kit.everything[-1]
    jo.says("yes please")
    kit.presses("Yes, please", of=offered)


@scene
def a_time_comes_free_but_not_this_one(conversation):
    """Kit would rather keep next week, and Jo wants to hear of no more."""
    ray, kit, jo = three_of_them(conversation)
    cannot_come(ray)
    kit.presses("Not this time")
    says(jo, "can I bring my sister?", "stop asking")


@scene
def a_time_comes_free_on_a_phone_that_others_see(conversation):
    """She asked for words that give nothing away."""
    amina = works(conversation)
    ray, di = by_text(conversation), by_text(conversation, "Di", 2)
    has(ray, amina, thursday(10))
    has(di, amina, NEXT_WEEK)
    would_come_sooner(di)
    not_for_others(di, reminders="discreet")
    an_hour_goes_by(conversation)
    cannot_come(ray)
    says(di, "yes")


@scene
def a_time_comes_free_at_night(conversation):
    """Nobody is woken. In the morning it is still free, and they are asked."""
    ray, kit, _ = three_of_them(conversation)
    conversation.forward(hours=10)
    cannot_come(ray)
    conversation.forward(hours=12, minutes=5)
    kit.presses("Yes, please")


@scene
def a_group_is_called_off(conversation):
    """The hall is closed. Amina calls it off with one tap; who could not be reached is listed for her."""
    amina, when = works(conversation), at(2026, 3, 6, 10)
    ray, kit, di = by_text(conversation), in_a_chat(conversation), by_text(conversation, "Di", 2)
    first, second = near.run(
        conversation,
        lambda unit: groups.plan_weekly(unit, "Walk and Talk", amina, when, weeks=2, minutes=60).ids,
    )
    for phone in (ray, kit, di):
        comes(phone, first)
    comes(kit, second)
    near.run(conversation, lambda unit: opt_out(unit, known(unit, di.channel, di.address).id, "carrier"))
    an_hour_goes_by(conversation)
    conversation.next_line()
    conversation.lines.append(Line("worker", "Amina Shah calls off Walk and Talk: The hall is closed"))
    near.run(
        conversation, lambda unit: groups.cancel_session(unit, first, "The hall is closed"), f"staff:{amina}"
    )
    leaves(conversation)
    with conversation.reading() as reading:
        for one in groups.told_of(reading, first):
            why = f", {one.reason}" if one.reason else ""
            conversation.lines.append(Line("worker", f"the page shows: {one.name}, {one.heard}{why}"))


def comes(phone: Phone, session_id: int) -> None:
    near.run(phone.conversation, lambda unit: groups.invite(unit, session_id, phone.person.id), "person")
