"""Scenes about reminders: what goes before an appointment, what they say to it, and when nobody came."""

from __future__ import annotations

from typing import Any

from bot.appointments import booking, outcomes, written
from bot.appointments.appointment import appointments_of
from bot.people.persons import plan_contact
from bot.store.unit_of_work import UnitOfWork
from tests.support.appointments import at
from tests.support.conversation import Conversation
from tests.support.phone import Phone
from tests.support.scenes import says, scene
from tests.support.scenes_appointments import sam
from tests.support.scenes_support import begins_here, known


def does(conversation: Conversation, work: Any, acting: str = "person") -> Any:
    return conversation.store.run(work, acting=acting).result(timeout=30)


def meets(conversation: Conversation, phone: Phone, **plan: Any) -> int:
    """Wednesday week at two, with Sam, by phone; Sam's id."""
    staff_id = sam(conversation)
    who = phone.person.id

    def work(unit: UnitOfWork) -> None:
        if plan:
            plan_contact(unit, who, **plan)
        starts = at(2026, 3, 11, 14)
        booking.book(unit, who, staff_id, starts, minutes=30, kind="review", meeting="phone")

    does(conversation, work)
    begins_here(conversation)
    return staff_id


def goes_on(conversation: Conversation, day: int, hour: int, minute: int = 0) -> None:
    """Until then in March; what falls due meanwhile happens."""
    left = at(2026, 3, day, hour, minute) - conversation.clock.now()
    conversation.forward(seconds=left.total_seconds())


@scene
def reminders_by_text(conversation):
    """A week before he says yes; two days before, what he needs; the day before he is told where and when."""
    ray = known(conversation)
    meets(conversation, ray, two_hours=True)
    goes_on(conversation, 4, 10, 5)
    says(ray, "1")
    goes_on(conversation, 9, 11)
    says(ray, "I don't hear well on the phone, please speak up")
    goes_on(conversation, 10, 12)
    says(ray, "who is it with again?", "thanks")
    goes_on(conversation, 11, 13, 50)
    says(ray, "bus is late, 10 mins")


@scene
def a_reminder_and_he_cannot_come(conversation):
    """The time is free at once, and another is found. Nobody asks why."""
    ray = known(conversation)
    meets(conversation, ray)
    goes_on(conversation, 9, 11)
    says(ray, "sorry can't make it", "1", "1", "1")


@scene
def a_reminder_and_a_slip_of_the_thumb(conversation):
    """He meant yes. It is his again."""
    ray = known(conversation)
    meets(conversation, ray)
    goes_on(conversation, 4, 11)
    says(ray, "2", "sorry, I can come")


@scene
def reminders_on_a_phone_that_others_see(conversation):
    """As she asked: no service, no name, no reason, in what goes out and in what is answered."""
    di = says(conversation.phone(), "HELLO", "1", "1", "4", "3", "tulip", "skip", "Di", "1")
    meets(conversation, di, reminders="discreet")
    goes_on(conversation, 4, 11)
    says(di, "yes", "who is it with?")
    goes_on(conversation, 10, 11)
    says(di, "where is it?")


@scene
def reminders_in_welsh(conversation):
    """She changed her language after it was booked."""
    ray = known(conversation)
    meets(conversation, ray)
    says(ray, "Cymraeg")
    goes_on(conversation, 4, 11)
    says(ray, "byddaf")


@scene
def he_did_not_come(conversation):
    """A kind word the same day, and an easy way back."""
    ray = known(conversation)
    staff_id = meets(conversation, ray)
    goes_on(conversation, 11, 14, 40)
    does(conversation, lambda unit: _missed(unit, ray.person.id), f"staff:{staff_id}")
    goes_on(conversation, 11, 15, 30)
    says(ray, "I forgot, sorry. another time please")


def _missed(unit: UnitOfWork, person_id: int) -> None:
    outcomes.did_not_attend(unit, appointments_of(unit, person_id)[0].id)


@scene
def a_link_workers_own_reminder(conversation):
    """For anything else, in Sam's own words, at the time he set."""
    ray = known(conversation)
    staff_id = sam(conversation)
    begins_here(conversation)
    words = "Choir starts on Thursday at 7pm. Meet at the side door."
    does(
        conversation,
        lambda unit: written.write_reminder(
            unit, ray.person.id, staff_id, words, at(2026, 3, 5, 12), at(2026, 3, 5, 19)
        ),
        f"staff:{staff_id}",
    )
    goes_on(conversation, 5, 12, 5)
