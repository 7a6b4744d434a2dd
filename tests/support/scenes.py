"""Scenes: whole conversations played by a resident and a link worker. First the ways in."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.conversation import Conversation
from tests.support.phone import Phone

Scene = Callable[[Conversation], None]
SCENES: dict[str, Scene] = {}


def scene(play: Scene) -> Scene:
    """The function's name is the page's, and its docstring says what it is about."""
    SCENES[play.__name__.replace("_", "-")] = play
    return play


def says(phone: Phone, *lines: str) -> Phone:
    for line in lines:
        phone.says(line)
    return phone


def refers_themselves(phone: Phone) -> Phone:
    return says(phone, "HELLO", "1", "1", "1", "1", "some company", "Ray", "1")


# The ways in


@scene
def the_shortest_way_by_text(conversation):
    """Eight texts from Ray and twelve segments from us, then a word about what helps him."""
    ray = refers_themselves(conversation.phone())

    assert ray.segments_heard <= 12
    says(ray, "I use a hearing aid", "thanks")


@scene
def the_shortest_way_in_a_chat(conversation):
    """The same on the web page, with buttons. Sue would rather be rung."""
    sue = conversation.phone("web").opens(source="library-poster")
    sue.presses("Me, 18 or over").presses("Yes").presses("By phone").says("it's 07700 900333")
    sue.presses("Yes, ring or text, only I see it").presses("Afternoons")
    sue.says("I moved here in May and I know nobody.").says("My name is Sue").presses("Yes")


@scene
def in_the_chat_only(conversation):
    """On Telegram, and staying there."""
    kit = conversation.phone("telegram").opens()
    kit.presses("Me, 18 or over").presses("Yes").presses("Here, in this chat").presses("Yes, only I see it")
    kit.says("money").says("Kit").presses("Yes").says("no thanks")


@scene
def in_welsh_by_the_first_word(conversation):
    """A poster in Welsh says to text SHWMAE."""
    sian = conversation.phone()
    says(
        sian,
        "SHWMAE",
        "1",
        "ydw",
        "1",
        "bore",
        "Dw i'n unig ers i mi symud",
        "Fy enw i yw Siân",
        "ie",
        "diolch",
    )


@scene
def call_me(conversation):
    """The two-text way."""
    says(conversation.phone(), "CALL")


@scene
def call_me_but_not_on_this_phone(conversation):
    """It is not safe to ring after all."""
    says(conversation.phone(), "call me please", "2", "PERSON")


@scene
def call_me_from_a_chat(conversation):
    """A chat has no number."""
    kit = conversation.phone("web")
    says(kit, "hello", "call", "my mum's", "it is 07700 900333", "yes")


@scene
def words_before_any_question(conversation):
    """Somebody pours it out at once. It is kept, and not asked for again."""
    says(
        conversation.phone(),
        "Hi my husband died in May and I do not know how to pay the gas",
        "1", "1", "2", "Jo", "yes",
    )  # fmt: skip


# No, and not sure


@scene
def a_no_and_a_change_of_mind(conversation):
    """Nothing is passed on; three days later she thinks again, and is not asked it all twice."""
    jo = says(conversation.phone(), "HELLO", "1", "1", "1", "1", "the rent", "Jo", "no")
    conversation.forward(days=3)
    says(jo, "HELLO", "1", "yes")


@scene
def a_yes_taken_back(conversation):
    """A no stops the sharing from then on."""
    says(refers_themselves(conversation.phone()), "change", "if you may pass it on", "no")


@scene
def not_sure_about_anything(conversation):
    """Not sure where, and nothing that is not needed is given."""
    says(conversation.phone(), "hi", "1", "not sure", "skip", "ring only", "any time", "skip", "skip", "yes")


@scene
def outside_the_area_a_person_helps(conversation):
    """Never a closed door."""
    says(conversation.phone(), "HELLO", "1", "no", "1", "thank you")


@scene
def outside_the_area_and_carrying_on(conversation):
    """They would rather go on here."""
    says(conversation.phone(), "HELLO", "1", "2", "carry on here", "Measham, LE12", "2", "skip", "Al", "1")


@scene
def under_age(conversation):
    """Somebody of sixteen."""
    says(conversation.phone(), "HELLO", "i'm 16", "person", "nobody talks to me at school")


# For someone else


@scene
def for_my_mother_who_agreed(conversation):
    """The least is asked, and her son is offered help too."""
    says(
        conversation.phone(), "HELLO", "my mum", "1", "her name is Joan", "07700 900555 in the mornings",
        "Bob, her son", "yes", "1", "1", "2", "a rest", "Bob", "1",
    )  # fmt: skip


@scene
def for_a_friend_who_does_not_know_yet(conversation):
    """Nothing about him is kept."""
    says(conversation.phone(), "hello", "3", "not yet", "no")


@scene
def for_someone_who_cannot_decide(conversation):
    """A link worker talks with the carer first."""
    says(conversation.phone(), "hi", "3", "dementia", "I'm Ann", "07700 900556 after 6", "no thanks")


# A phone that others see


@scene
def a_shared_phone(conversation):
    """Nothing of hers is repeated, and a short word opens what is kept."""
    says(
        conversation.phone(), "HELLO", "1", "1", "4", "1", "07700 900777", "Monday 10 to 12", "tulip",
        "he reads my texts", "Di", "again", "1", "my details", "tulip", "change", "rose",
    )  # fmt: skip


@scene
def a_shared_phone_and_we_wait(conversation):
    """She will write when she can."""
    says(conversation.phone(), "HELLO", "1", "1", "no", "3", "skip", "skip", "skip", "1", "details")


# On another channel


@scene
def the_same_person_comes_by_telegram(conversation):
    """A code goes to the phone we know. The first one she types is wrong."""
    phone = says(conversation.phone(), "HELLO", "1", "1", "1", "1")
    chat = conversation.phone("telegram").opens()
    chat.presses("We have talked before, by text").says("07700 900101").says("111111").says("402917")
    chat.says("I am on my own a lot")
    phone.says("Mo")
    chat.presses("Yes") if any(m.choices for m in chat.heard) else chat.says("yes")


@scene
def somebody_tries_a_number_that_is_not_theirs(conversation):
    """It is never said whether we know a number."""
    chat = says(conversation.phone("telegram").opens(), "you know me", "07700 900999")
    says(chat, "111111", "222222", "333333", "444444", "555555")
    chat.says("hello")
