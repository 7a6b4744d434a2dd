"""More scenes: what happens on the way and afterwards."""

from __future__ import annotations

from bot.messages import Kind
from tests.support.scenes import refers_themselves, says, scene

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
        "change", "when to ring", "3", "back", "back", "the rent and the gas", "privacy", "menu", "8",
        "pause",
    )  # fmt: skip
    conversation.forward(hours=5)
    says(ray, "ok", "yes")


@scene
def sorry_i_meant(conversation):
    """What he said before is put right in passing; what he agreed to is asked again."""
    says(
        conversation.phone(), "HELLO", "3", "sorry i meant 1", "1", "1", "1", "actually 3",
        "my graden", "sorry I meant", "my garden", "Rya", "no wait, I meant Ray", "sorry", "1",
        "sorry I meant no", "1",
    )  # fmt: skip


@scene
def sorry_i_meant_in_a_chat(conversation):
    """In Welsh, with buttons."""
    sian = conversation.phone("telegram")
    says(sian, "SHWMAE", "fi", "1")
    says(sian, "sori, o'n i'n meddwl ddim yn siwr", "Bangor", "yma", "wps, ffon", "07700 900333")


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
