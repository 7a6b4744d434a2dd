"""Scenes about a time with a link worker: booking one, moving it, and what comes in between."""

from __future__ import annotations

from datetime import time
from typing import Any

from bot.appointments.calendar import Hours
from tests.support.appointments import nine_to_five, surgery, worker
from tests.support.conversation import Conversation
from tests.support.phone import Phone
from tests.support.scenes import says, scene
from tests.support.scenes_support import begins_here, known


def sam(conversation: Conversation, *, at_the_surgery: bool = False, **more: Any) -> int:
    """Sam is there from nine to five, by phone, or at the surgery."""

    def done(work: Any, acting: str = "test") -> Any:
        return conversation.store.run(work, acting=acting).result(timeout=30)

    if at_the_surgery:
        more["hours"] = nine_to_five(surgery(done))
    return worker(done, "Sam Lee", **more)


def in_a_chat(conversation: Conversation) -> Phone:
    """Kit, on Telegram, who agreed."""
    kit = conversation.phone("telegram").opens()
    kit.presses("Me, 18 or over").presses("Yes").presses("Here, in this chat").presses("Yes, only I see it")
    kit.says("company").says("Kit").presses("Yes")
    begins_here(conversation)
    return kit


@scene
def a_time_by_text(conversation):
    """Three texts from him, and it is booked. He would like a message two hours before."""
    sam(conversation)
    says(known(conversation), "APPOINTMENT", "2", "1", "1")


@scene
def a_time_in_his_own_words(conversation):
    """What may mean two things is asked back; what is not free is said, with the nearest."""
    sam(conversation, at_the_surgery=True)
    ray = says(known(conversation), "appointment", "Tues after 2", "2", "weds at 11 instead", "lovely")
    says(ray, "no", "at 3", "Friday", "yes")


@scene
def the_last_time_has_just_gone(conversation):
    """Both are offered it. Kit says yes first; Ray hears kindly, and a link worker looks."""
    sam(conversation, hours=[Hours(3, time(10), time(10, 45))], ahead_days=6)
    ray = known(conversation)
    kit = in_a_chat(conversation)
    ray.says("appointment")
    kit.says("appointment").presses("Thursday 5 March, 10am, by phone").presses("Yes")
    ray.says("1")


@scene
def another_time_and_then_i_cannot_come(conversation):
    """The old one stands until the new one is hers. Later she cannot come, and nobody minds."""
    sam(conversation)
    ray = says(known(conversation), "appointment", "Thursday at 2", "yes", "no thanks")
    says(ray, "appointment", "another time", "Friday morning", "1", "yes")
    says(ray, "appointment", "can't make it", "not now")


@scene
def sorry_i_meant_the_second(conversation):
    """A slip of the thumb is put right before anything is booked."""
    sam(conversation)
    says(known(conversation), "appointment", "1", "sorry I meant 2", "yes")


@scene
def a_time_chosen_weeks_later(conversation):
    """What was offered is long gone. He is shown what is free now."""
    sam(conversation)
    ray = says(known(conversation), "appointment")
    conversation.forward(weeks=3)
    says(ray, "2", "2", "yes")


@scene
def a_time_while_a_link_worker_talks_with_him(conversation):
    """A person speaks, so nothing is booked. Handed back, his yes books it: it was free still."""
    sam(conversation)
    ray = says(known(conversation), "appointment", "2", "person")
    ann = conversation.worker("Ann Lee").picks_up(ray)
    ann.writes(ray, "Hello Ray, shall I bring the forms?")
    says(ray, "yes please")
    conversation.forward(minutes=15)
    ann.hands_back(ray)
    says(ray, "yes")


@scene
def a_time_and_a_crisis_in_the_middle(conversation):
    """Words and numbers at once, and a person is told. The time he was choosing is still there after."""
    sam(conversation)
    ray = says(known(conversation), "appointment", "2", "whats the point. I want to kill myself")
    conversation.forward(minutes=20)
    says(ray, "carry on", "yes")


@scene
def a_time_on_a_phone_that_others_see(conversation):
    """No name, no service. She says that messages before it may come, in such words."""
    sam(conversation, at_the_surgery=True)
    di = says(conversation.phone(), "HELLO", "1", "1", "4", "3", "tulip", "skip", "Di", "1")
    begins_here(conversation)
    says(di, "appointment", "Thursday at 2", "yes", "yes", "appointment", "where is it")


@scene
def a_time_in_a_chat(conversation):
    """With buttons, and a file for her own calendar."""
    sam(conversation, at_the_surgery=True)
    kit = in_a_chat(conversation).says("appointment")
    kit.presses("Other times").presses("Wednesday 4 March, 11am, at Ashby Surgery").presses("Yes")
    kit.presses("No")


@scene
def a_time_in_welsh(conversation):
    """The same in Welsh, as people type it."""
    sam(conversation)
    sian = says(conversation.phone(), "SHWMAE", "1", "ydw", "1", "bore", "Dw i'n unig", "Siân", "ie")
    begins_here(conversation)
    says(sian, "apwyntiad", "dydd Mawrth ar ôl 2", "2", "1", "ydw", "na")
    says(sian, "apwyntiad", "methu dod", "na")


@scene
def a_time_a_link_worker_offers(conversation):
    """He says when he can, and is offered just that."""
    sam(conversation)
    ray = known(conversation)
    conversation.worker("Ann Lee").offers(ray, "appointment")
    says(ray, "afternoons but not tues, by phone", "none of these", "1", "yes", "no")


@scene
def a_time_where_nobody_takes_bookings(conversation):
    """Said honestly, and passed on."""
    says(known(conversation), "appointment")
