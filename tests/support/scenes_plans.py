"""Scenes about what matters to somebody: how their own plan comes to be, and stays theirs."""

from __future__ import annotations

from tests.support.scenes import refers_themselves, says, scene

MENU = "what matters to me"


def refers_themselves_in_a_chat(phone):
    phone.presses("Me, 18 or over").presses("Yes").presses("Here, in this chat")
    phone.presses("Yes, only I see it")
    return phone.says("I have no friends here").says("Kit").presses("Yes")


@scene
def what_matters_to_ray(conversation):
    """Offered a day after he was referred. He answers everything; his words come back to him."""
    ray = refers_themselves(conversation.phone())
    conversation.forward(days=1, minutes=1)
    says(
        ray, "1", "I want to feel useful again", "my garden", "I used to sing in a choir",
        "my sister Jo, and the dog", "1 5", "money", "go on", "nerves", "1 and 3", "phone, in a cafe",
        "mornings", "Jo", "1", "ring the choir and ask", "8", "singing always lifted me", "5/10",
        "they were kind when I left", "1", "3", "18 point", "ok", "3", "not now",
    )  # fmt: skip


@scene
def what_matters_and_skipping_everything(conversation):
    """She would rather not, and that is all right."""
    jo = says(conversation.phone(), "HELLO", "1", "1", "1", "1", "skip", "Jo", "1", "menu", MENU)
    says(jo, "skip", "pass", "rather not say", "skip", "skip", "none of these", "1", "skip", "skip", "skip",
         "skip", "skip", "1", "skip", "skip")  # fmt: skip


@scene
def what_matters_put_right_line_by_line(conversation):
    """He changes a line, takes one out, names a line that is not there, and reads it once more."""
    al = says(conversation.phone(), "HELLO", "1", "1", "1", "1", "skip", "Al", "1", "menu", MENU)
    says(
        al, "my grandson", "my alotment", "skip", "my wife", "2", "skip", "1", "cost", "skip", "skip",
        "skip", "skip", "1", "walk to the shop", "6", "my knees like it", "9", "it is near", "1", "no",
    )  # fmt: skip
    says(al, "2", "my allotment", "4", "company and active", "6", "skip", "20", "7", "8", "it keeps me well",
         "read", "OK", "1", "2")  # fmt: skip


@scene
def what_matters_and_wandering_off(conversation):
    """She asks for a menu, goes quiet, and comes back after three weeks: nothing is asked twice."""
    mo = refers_themselves(conversation.phone())
    says(mo, "menu", MENU, "skip", "my bike", "menu", "8")
    conversation.forward(weeks=3)
    says(mo, "hello", "riding to the sea", "back", "riding by the sea", "nobody much", "privacy", "1")


@scene
def what_matters_several_at_once(conversation):
    """However people write more than one thing, what we took is said back."""
    di = refers_themselves(conversation.phone())
    says(
        di, "menu", "2", "skip", "skip", "skip", "skip", "1, 3 and 4", "det and a bed for my son", "1",
        "1-3", "1 3", "all", "none", "skip", "skip", "change", "on my mind", "money, benefits",
    )  # fmt: skip


@scene
def what_matters_in_welsh(conversation):
    """From the first word on; and in Welsh "a" stands between two things."""
    sian = says(conversation.phone(), "SHWMAE", "1", "ydw", "1", "bore", "Dw i'n unig", "Siân", "ie")
    says(
        sian, "dewislen", "2", "sgipio", "fy ngardd", "canu mewn côr", "fy chwaer", "cwmni a dysgu",
        "dyled", "awn", "nerfau", "1 a 2", "caffi", "bore Mawrth", "fy chwaer", "1", "ffonio'r côr", "8",
        "dw i'n hoffi canu", "saith", "mae'n agos", "1", "dim un", "2", "yr ardd a'r adar", "iawn",
        "neb arall", "2",
    )  # fmt: skip


@scene
def what_matters_on_a_phone_others_read(conversation):
    """It is not offered there. She asks for it herself: nothing of hers is repeated, and no link goes out."""
    di = says(
        conversation.phone(), "HELLO", "1", "1", "4", "3", "tulip", "some time to draw", "Di", "1",
    )  # fmt: skip
    conversation.forward(days=2)
    says(
        di, "menu", MENU, "skip", "my mother", "drawing", "skip", "2", "skip", "1", "skip", "skip", "skip",
        "skip", "skip", "1", "draw on Sunday", "8", "skip", "6", "skip", "1", "skip", "change", "tulip",
        "I enjoy", "painting", "ok", "no one else", "2",
    )  # fmt: skip


@scene
def what_matters_with_buttons(conversation):
    """On Telegram each press adds one; lists that are typed work too, and an old button adds one more."""
    kit = refers_themselves_in_a_chat(conversation.phone("telegram").opens())
    kit.says("menu").presses("What matters to me").says("skip").says("my flatmate").says("skip").says("skip")
    kit.presses("Company").presses("Helping others").presses("Helping others").presses("That is all")
    kit.presses("Debt").says("my home and work").presses("Benefits")
    kit.says("nerves, cost").presses("A call first").says("back").presses("A text the day before")
    kit.presses("That is all").says("skip").says("skip").says("skip").says("go to the library").says("7")
    kit.says("I miss books").says("about 9").says("skip").says("none").presses("It is right")
    kit.presses("My GP").presses("Groups I join").presses("Not now")


@scene
def what_matters_and_a_crisis_in_the_middle(conversation):
    """The card comes first. The question is still there, and is not pressed on her."""
    jo = refers_themselves(conversation.phone())
    says(jo, "menu", MENU, "skip", "nothing. I want to kill myself", "I mean it", "carry on", "my cat")


@scene
def what_matters_in_another_language_half_way(conversation):
    """The answers stand; the questions go on in Welsh."""
    eli = refers_themselves(conversation.phone())
    says(eli, "menu", MENU, "skip", "my dog", "Cymraeg", "cerdded", "LANGUAGE", "1", "skip", "2")


@scene
def what_matters_and_resting_after_six(conversation):
    """He rests when it is offered, and carries on next week. Six later it is offered again."""
    ray = refers_themselves(conversation.phone())
    says(ray, "menu", MENU, "skip", "the pub quiz", "skip", "my mates", "1", "4", "later", "thanks")
    conversation.forward(days=4)
    says(ray, "1", "time", "skip", "by text", "skip", "skip", "pause")
    conversation.forward(days=1)
    says(ray, "go on")


@scene
def what_matters_and_who_may_see_it(conversation):
    """Only the link worker at first; later her GP too; and then not any more."""
    sue = refers_themselves(conversation.phone())
    says(sue, "menu", MENU, "skip", "my choir", "skip", "skip", "skip", "skip", "1", "skip", "skip", "skip",
         "skip", "skip", "1", "skip", "skip", "OK", "no one else", "not now")  # fmt: skip
    conversation.forward(weeks=2)
    says(sue, "menu", "my plan", "who may see it", "my GP", "2")
    says(sue, "menu", "2", "3", "none", "2")
    says(sue, "menu", "2", "add", "I have a new neighbour", "ok")


@scene
def what_matters_offered_by_a_link_worker(conversation):
    """Ann offers it, and then to look for what is near. While she holds it, it cannot be offered."""
    ray = refers_themselves(conversation.phone())
    ann = conversation.worker().picks_up(ray).writes(ray, "Hello Ray, shall I ring you on Monday?")
    ray.says("yes please")
    ann.offers(ray, "what_matters").hands_back(ray).offers(ray, "what_matters")
    says(ray, "not now")
    ann.offers(ray, "find_support")
    says(ray, "no thanks")
