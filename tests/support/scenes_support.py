"""Scenes about local services: finding one, going there, and what happens when that does not work."""

from __future__ import annotations

from bot.directory.onward import suggest_by_hand
from tests.support import near
from tests.support.conversation import Conversation
from tests.support.near import CHOIR, DEBT, GARDEN, TEA, WALK
from tests.support.phone import Phone
from tests.support.scenes import refers_themselves, says, scene


def known(conversation: Conversation, phone: Phone | None = None) -> Phone:
    """Ray was referred, and a link worker has been in touch; the page begins after that."""
    phone = refers_themselves(phone or conversation.phone())
    conversation.worker("Ann Lee").picks_up(phone).writes(phone, "Hello Ray, it is Ann.").hands_back(phone)
    begins_here(conversation)
    return phone


def begins_here(conversation: Conversation) -> None:
    conversation.lines.clear()
    for phone in conversation.phones:
        phone.everything[:] = phone.everything[-1:]
        phone.heard = []
    conversation.says_when()


def looks(phone: Phone, *lines: str) -> Phone:
    return says(phone, "MENU", "find things near me", *lines)


@scene
def something_near_by_text(conversation):
    """One at a time, each in two texts at most. He goes, and says how it was."""
    near.add(conversation, TEA, WALK, CHOIR)
    ray = looks(known(conversation), "my postcode is LE65 1AA", "company", "others", "tell me more", "1")
    conversation.forward(days=2)
    says(ray, "yes", "they saved me a chair")


@scene
def something_near_in_a_chat(conversation):
    """Three in a list. The service is told with a yes, and of the hearing aid with another."""
    near.add(conversation, TEA, WALK, CHOIR)
    kit = conversation.phone("telegram").opens()
    kit.presses("Me, 18 or over").presses("Yes").presses("Here, in this chat").presses("Yes, only I see it")
    kit.says("company").says("Kit").presses("Yes").says("I use a hearing aid")
    begins_here(conversation)
    looks(kit, "LE65").presses("Company").presses(CHOIR.name).presses("Interested")
    kit.presses("Yes").presses("Yes")


@scene
def a_service_that_may_not_be_told(conversation):
    """She would like it, but nobody is to know of her. Nobody does."""
    near.add(conversation, CHOIR)
    looks(known(conversation), "skip", "company", "interested", "no")


@scene
def someone_to_come_with_me(conversation):
    """Promised where the service has people it has vetted; elsewhere asked for, and not promised."""
    near.add(conversation, WALK)
    ray = looks(known(conversation), "LE65", "company", "someone to come with me", "you tell them")
    near.add(conversation, TEA)
    looks(ray, "i don't want to go alone")


@scene
def nothing_near_that_fits(conversation):
    """Said honestly; a link worker looks too."""
    near.add(conversation, TEA)
    looks(known(conversation), "near the church", "somewhere in Ashby", "learn to weld")


@scene
def not_for_me_and_it_has_stopped(conversation):
    """What does not suit is not shown again. What stopped meanwhile is said kindly, with another."""
    _, tea, _ = near.add(conversation, CHOIR, TEA, WALK)
    ray = looks(known(conversation), "LE65", "company")
    while TEA.name not in ray.words:
        says(ray, "not for me", "wrong day")
    near.pause(conversation, tea)
    says(ray, "interested", "tell me more")


@scene
def advice_that_was_not_checked_lately(conversation):
    """It says so itself."""
    near.add(conversation, DEBT)
    looks(known(conversation), "LE65", "7", "yes please")


@scene
def not_yet_and_another_time(conversation):
    """Nerves. He would go with someone, and tries again; the second time he goes."""
    near.add(conversation, TEA)
    ray = looks(known(conversation), "LE65", "company", "1")
    conversation.forward(days=2)
    says(ray, "no", "i was nervous", "2")
    conversation.forward(days=8)
    says(ray, "not yet", "skip", "another time")
    conversation.forward(days=7)
    says(ray, "I went!", "yes")


@scene
def asked_twice_and_then_a_person(conversation):
    """She does not answer. Nobody asks a third time; a link worker finds out."""
    near.add(conversation, TEA)
    looks(known(conversation), "LE65", "company", "1")
    conversation.forward(days=40)


@scene
def something_different_instead(conversation):
    """It costs too much to get there. Something else is looked for at once."""
    near.add(conversation, CHOIR)
    ray = looks(known(conversation), "LE65", "company", "1", "yes")
    conversation.forward(days=10)
    near.add(conversation, TEA)
    says(ray, "not yet", "getting there", "something different", "interested")


@scene
def something_near_on_a_phone_that_others_see(conversation):
    """Nothing of hers is repeated, and later nothing is sent: a link worker finds out."""
    near.add(conversation, TEA)
    di = says(conversation.phone(), "HELLO", "1", "1", "4", "3", "tulip", "skip", "Di", "1")
    begins_here(conversation)
    looks(di, "LE65", "company", "what", "1")
    conversation.forward(days=14)


@scene
def a_place_comes_up(conversation):
    """Ray and Mo wait for the garden. One place is free; Mo says yes first, and Ray hears kindly."""
    (garden,) = near.add(conversation, GARDEN)
    ray = looks(known(conversation), "LE65", "give", "interested", "yes, tell me")
    mo = conversation.phone("sms", "+447700900107")
    refers_themselves(mo)
    looks(mo, "LE65", "help others", "1", "1")
    begins_here(conversation)
    conversation.forward(days=1)
    near.places(conversation, garden, 1)
    mo.says("yes please")
    conversation.forward(hours=1)
    ray.says("ok")


@scene
def a_link_workers_idea(conversation):
    """Ann thinks of a walk for him."""
    (walk,) = near.add(conversation, WALK)
    ray = known(conversation)
    ann = conversation.worker("Ann Lee")
    conversation.forward(hours=1)
    near.run(conversation, lambda unit: suggest_by_hand(unit, ray.person.id, walk, ann.id), f"staff:{ann.id}")
    says(ray, "more", "1", "i will ring them")


@scene
def something_near_in_welsh(conversation):
    """The same in Welsh, as people type it."""
    near.add(conversation, TEA)
    sian = conversation.phone()
    says(sian, "SHWMAE", "1", "ydw", "1", "bore", "Dw i'n unig", "Fy enw i yw Siân", "ie")
    begins_here(conversation)
    says(sian, "dewislen", "3", "LE65", "cwmni", "mwy", "oes")
    conversation.forward(days=2)
    says(sian, "naddo", "nerfau", "amser arall")
    conversation.forward(days=9)
    says(sian, "do", "roedd pawb yn glên")
