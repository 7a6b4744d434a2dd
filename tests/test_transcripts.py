"""Whole conversations, word for word. Each is a page in tests/transcripts, to be read as prose.

`pytest tests/test_transcripts.py --write-transcripts` writes the pages anew.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from bot.messages import Kind
from bot.people import joining
from tests.support.conversation import Conversation, Phone
from tests.support.transcripts import FOLDER, page

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


# At any step


@scene
def another_language_half_way(conversation):
    """By the command, and then by the language's own name."""
    says(conversation.phone(), "HELLO", "1", "1", "LANGUAGE", "2", "1", "English", "1", "company", "Ray", "1")


@scene
def change_back_again_pause(conversation):
    """Nothing is lost by any of them."""
    ray = says(
        conversation.phone(), "HELLO", "1", "1", "again", "1", "back", "1", "mornings", "the rent", "Ray",
        "change", "when to ring", "3", "back", "back", "the rent and the gas", "privacy", "menu", "5",
        "pause",
    )  # fmt: skip
    conversation.forward(hours=5)
    says(ray, "ok", "yes")


@scene
def what_we_cannot_read(conversation):
    """A photo, a voice message, an emoji, nothing at all, and four thousand characters."""
    ray = says(conversation.phone(), "HELLO", "1")
    ray.sends("photo")
    says(ray, "🙂", "", "yess")
    ray.sends("voice", "this is my voice")
    says(ray, "1", "1", "It is a long story. " * 200, "and " * 40, "Ray", "👍")


@scene
def slips_of_the_thumb(conversation):
    """Numbers, words, typing errors, and three that do not fit."""
    says(
        conversation.phone(), "Helllo", "One", "1 yes", "umm", "hm", "eh", "only me", "afternons", "company",
        "im Ray", "yes plese",
    )  # fmt: skip


@scene
def three_weeks_later(conversation):
    """She stopped, and writes again when everybody has forgotten but us."""
    jo = says(conversation.phone(), "HELLO", "1", "1")
    conversation.forward(weeks=3)
    says(jo, "hello", "1", "1")


@scene
def two_messages_at_once(conversation):
    """Sent before the first was answered."""
    ray = conversation.phone()
    ray.says_at_once("HELLO", "I cannot pay the gas this month")
    says(ray, "1", "1", "1", "1")
    ray.says_at_once("Ray", "Jones")
    ray.says("1")


@scene
def a_person_and_words_for_them(conversation):
    """They asked for a person, and then talk to them, not to our question."""
    says(conversation.phone(), "hello", "person", "my husband died and I do not know what to do", "1", "1")


@scene
def buttons_pressed_twice_and_long_after(conversation):
    """And an answer corrected by editing it, and one by another button."""
    kit = conversation.phone("telegram").opens()
    kit.presses("Me, 18 or over").presses("Me, 18 or over").presses("Yes").presses("Here, in this chat")
    conversation.forward(weeks=1)
    kit.presses("Not sure").says("near Measham").presses("Yes, only I see it")
    kit.says("I have no freinds here")
    kit.edits("I have no friends here")
    kit.says("Kit").presses("No").presses("Yes")


# Safety


@scene
def a_crisis_in_the_middle(conversation):
    """The card first, the words after it to a person, and then on."""
    says(
        conversation.phone(), "HELLO", "1", "1", "1", "1", "I want to kill myself",
        "nobody wants me here", "ok", "details", "carry on", "someone to have tea with", "Ray", "1",
    )  # fmt: skip


@scene
def a_crisis_at_night(conversation):
    """Our team is asleep, and that is said."""
    conversation.forward(hours=13)
    says(conversation.phone(), "i have taken all my tablets", "please help")


@scene
def a_crisis_from_a_child(conversation):
    """Under the service's age."""
    says(conversation.phone(), "HELLO", "2", "I want to die")


@scene
def worried_about_a_friend(conversation):
    """It is somebody else who may be in danger."""
    says(conversation.phone(), "HELLO", "my friend says she wants to end her life", "3", "2", "no")


@scene
def hit_at_home(conversation):
    """No service and no reason is named."""
    says(conversation.phone(), "HELLO", "1", "1", "4", "he hits me when he is drunk")


# With a link worker


@scene
def held_and_nobody_answers(conversation):
    """Ann picks it up, and is called away. Ray is told honestly, and it is anyone's again."""
    ray = refers_themselves(conversation.phone())
    ann = conversation.worker("Ann Lee")
    ann.picks_up(ray).writes(ray, "Hello Ray, it is Ann. Shall I ring at 2?")
    ray.says("yes please, or 3")
    conversation.forward(minutes=31)
    ray.says("are you there?")
    ann.picks_up(ray).writes(ray, "Sorry Ray, I was with someone. I will ring at 3.")
    ray.says("thanks Ann")


@scene
def held_at_closing_time(conversation):
    """He writes after everyone has gone home."""
    ray = refers_themselves(conversation.phone())
    conversation.worker("Ann Lee").picks_up(ray).writes(ray, "Hello Ray. I will ring tomorrow.")
    conversation.forward(hours=7)
    says(ray, "can it be in the morning?", "yes", "2", "carry on")


@scene
def handed_back(conversation):
    """Ann answers a question, and the computer goes on from where it was."""
    ray = says(conversation.phone(), "HELLO", "1", "1", "is there a real person?", "person")
    ann = conversation.worker("Ann Lee")
    ann.picks_up(ray).writes(ray, "Yes, I am Ann. How can I help?")
    ray.says("is it free?")
    ann.writes(ray, "It is.").hands_back(ray)
    says(ray, "1", "1", "company", "Ray", "1")


@scene
def closed_and_coming_back(conversation):
    """Weeks after we finished."""
    ray = refers_themselves(conversation.phone())
    conversation.worker("Ann Lee").picks_up(ray).writes(ray, "It was good to meet you.").closes(ray)
    ray.says("9")
    conversation.forward(weeks=9)
    says(ray, "HELLO", "1", "It is about the rent again")


@scene
def closed_without_a_number(conversation):
    """They say it in words instead."""
    ray = refers_themselves(conversation.phone())
    conversation.worker("Ann Lee").picks_up(ray).closes(ray)
    says(ray, "it was lovely, thank you", "10")


# Stopping


@scene
def please_stop(conversation):
    """In words; then he writes all the same, and comes back with START, which the carrier answers."""
    ray = says(refers_themselves(conversation.phone()), "please stop", "is anyone there?")
    ray.carrier(Kind.OPT_IN, "START")
    ray.says("hello")


@scene
def the_carriers_own_words(conversation):
    """STOP, CANCEL and HELP are answered by the phone company; we write them down and say nothing."""
    ray = says(conversation.phone(), "HELLO", "1")
    ray.carrier(Kind.HELP, "HELP")
    ray.carrier(Kind.OPT_OUT, "STOP")
    ray.carrier(Kind.OPT_IN, "START")
    ray.says("1")
    ray.carrier(Kind.OPT_OUT, "CANCEL")


@scene
def stop_in_a_chat(conversation):
    """Where no carrier does it for us; also while a link worker holds it."""
    kit = says(conversation.phone("telegram").opens(), "stop", "hello?", "start", "1", "person")
    conversation.worker("Ann Lee").picks_up(kit)
    says(kit, "stop messaging me")


# Waiting, and stopping half-way


@scene
def told_that_it_is_late(conversation):
    """Before the promised day passes, and every two weeks after."""
    ray = refers_themselves(conversation.phone())
    conversation.forward(days=7)
    says(ray, "what does that mean?", "1")
    conversation.forward(days=14)
    says(ray, "thanks")
    conversation.forward(days=14)


@scene
def told_that_it_is_late_and_it_is_worse(conversation):
    """A person the same working day."""
    ray = refers_themselves(conversation.phone())
    conversation.forward(days=7)
    says(ray, "3")


@scene
def told_that_it_is_late_and_no_longer_needed(conversation):
    """It is closed kindly, by a person."""
    ray = refers_themselves(conversation.phone())
    conversation.forward(days=7)
    says(ray, "no longer need it")


@scene
def stopping_half_way(conversation):
    """A day later, a week later, then silence."""
    jo = says(conversation.phone(), "HELLO", "1", "1", "1")
    conversation.forward(days=2)
    says(jo, "not now")
    conversation.forward(weeks=6)
    says(jo, "hello")


@scene
def stopping_half_way_and_wanting_no_more(conversation):
    """And one who carries on."""
    jo = says(conversation.phone(), "HELLO", "1", "1", "1")
    conversation.forward(days=1)
    says(jo, "1", "1")
    conversation.forward(weeks=1)
    says(jo, "no thanks")
    conversation.forward(weeks=2)


@scene
def stopping_half_way_before_we_know_the_phone_is_safe(conversation):
    """No message goes where others may read it."""
    says(conversation.phone(), "HELLO", "1", "1")
    conversation.forward(weeks=2)


# The pages


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # the words do not know the store
@pytest.mark.parametrize("name", SCENES)
def test_what_is_said_is_what_was_read(name, conversation, request, monkeypatch):
    monkeypatch.setattr(joining.secrets, "randbelow", lambda below: 402_917)
    conversation.says_when()
    SCENES[name](conversation)
    title = name.replace("-", " ").capitalize()
    written = page(title, inspect.getdoc(SCENES[name]) or "", conversation)
    path = FOLDER / f"{name}.txt"
    if request.config.getoption("--write-transcripts"):
        path.write_text(written, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == written, "read it, then: pytest --write-transcripts"


def test_every_page_is_of_a_scene():
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(SCENES)
