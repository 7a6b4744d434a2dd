"""What somebody means by an answer about an appointment, in five languages and with slips of the thumb."""

from __future__ import annotations

import pytest

from bot.appointments.replies import NOTHING, Said, understand_reply
from flows.reminder import ANSWERS
from tests.support import replies

OWN = replies.read(replies.OWN)
BLIND = replies.read(replies.BLIND)


def coming(text: str, language: str = "en"):
    return understand_reply(text, language, asked="coming")


# The set, and the figures it must keep


def test_the_set_is_as_large_as_it_should_be():
    in_english = [r for r in OWN if r.lang == "en"]
    others = [[r for r in OWN if r.lang == code] for code in ("cy", "pl", "ro", "ur")]

    assert len(OWN) >= 600 and len(in_english) >= 150
    assert all(len(some) >= 100 for some in others)
    assert all(
        sum(r.held_back for r in OWN if r.lang == code) >= 35 for code in ("en", "cy", "pl", "ro", "ur")
    )
    assert len({(r.lang, r.asked, r.text.casefold()) for r in OWN}) == len(OWN)


@pytest.mark.parametrize("lang", ["en", "cy", "pl", "ro", "ur"])
@pytest.mark.parametrize("held_back", [False, True], ids=["open", "held back"])
def test_at_least_99_in_100_are_right(lang, held_back):
    some = [r for r in OWN if r.lang == lang and r.held_back is held_back]
    wrong = [r.text for r in some if r.outcome() != "right"]

    assert len(wrong) <= len(some) // 100, wrong


def test_of_those_written_afterwards_nine_in_ten_are_right():
    """Nothing was mended by these: what else comes to is asked back, or given to a person."""
    right = sum(r.outcome() == "right" for r in BLIND)

    assert right * 10 >= len(BLIND) * 9


def test_no_appointment_is_dropped_that_was_not_meant_to_be():
    assert [r.text for r in (*OWN, *BLIND) if r.outcome() == "dropped"] == []


# What must never give a time up


@pytest.mark.parametrize(
    "text",
    """I can't wait to see you
can't come by car, is there a bus?
I won't be late
not sure if I can make it
can I come earlier?
if I can't make it what do I do
my friend can't come, can I?
don't cancel
I'd hate to miss it
no problem
no, I'll be there
yes but I might be late
yes I can't come
cancel my other one
sorry can't talk now
I cant find it
cannot come till 3
ok no
cancel
they told me I can't come
why did you cancel my appointment
I can't come up with the words
I can't do it without you
I have cancer
cant come to choir
I can't get there without a lift
I wont be able to come by myself
I'm not going to cancel
who said I can't make it
if I'm ill I can't come""".splitlines(),
)
@pytest.mark.parametrize("asked", ["coming", "needs", None])
def test_an_appointment_is_not_given_up_by(text, asked):
    assert understand_reply(text, "en", asked=asked).meaning is not Said.CANNOT


def test_two_meanings_are_asked_back():
    assert set(coming("yes I can't come").unsure) == {Said.COMING, Said.CANNOT}
    assert set(coming("cannot come till 3").unsure) == {Said.LATE, Said.ANOTHER_TIME, Said.CANNOT}
    assert Said.CANNOT in coming("cancel").unsure


def test_a_thumb_up_and_a_thumb_down():
    assert coming("\U0001f44d\U0001f3fd").meaning is Said.COMING
    assert coming("\U0001f44e").meaning is Said.CANNOT


# What was asked


@pytest.mark.parametrize("text", ["yes", "no", "ok", "1", "\U0001f44d", "maybe", "nie", "haan"])
@pytest.mark.parametrize("asked", ["needs", None])
def test_a_bare_word_means_something_only_after_are_you_coming(text, asked):
    assert understand_reply(text, "en", asked=asked) == NOTHING


def test_a_number_is_the_choice_that_was_offered_under_it():
    said = [coming(str(n)).meaning for n in range(1, len(ANSWERS) + 1)]

    assert said == [Said(answer) for answer in ANSWERS]
    assert coming(str(len(ANSWERS) + 1)) == NOTHING


def test_what_they_need_is_not_taken_for_a_no():
    for text in ("I can't manage stairs", "I can't come without my carer", "no, nothing", "a lift"):
        assert understand_reply(text, "en", asked="needs").meaning is None


def test_unasked_a_whole_phrase_counts():
    assert understand_reply("running late for my appointment", "en").meaning is Said.LATE
    assert understand_reply("please cancel my appointment", "en").meaning is Said.CANNOT
    assert understand_reply("please cancel my appointment", "en").names_it
    assert understand_reply("I can't pay my rent", "en") == NOTHING


# What else they said


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Can't make it, can we do Thursday", "Thursday"),
        ("can't make it, Thursday instead?", "Thursday"),
        ("I can't do Tuesday but I can do Wednesday", "Wednesday"),
        ("cant come at 10 can i come at 2", "at 2"),
        ("another time please", ""),
        ("nie moge we wtorek ale moge w srode", "w srode"),
        ("nu pot veni, puteti joi?", "joi"),
    ],
)
def test_the_wish_is_kept_without_the_time_they_can_not(text, wish):
    for language in ("en", "pl", "ro"):
        reply = coming(text, language)

        assert reply.meaning is Said.ANOTHER_TIME
        assert reply.rest == wish


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("rning 10 l8", 10), ("half an hour late", 30), ("5-10 mins late", 10), ("bit late", None),
        ("be there in ten", 10), ("spoznie sie pol godziny", 30), ("10 minute late ho jaunga", 10),
    ],
)  # fmt: skip
def test_how_late(text, minutes):
    reply = coming(text)

    assert reply.meaning is Said.LATE
    assert reply.late_minutes == minutes


def test_a_yes_and_a_question_are_both_heard():
    reply = coming("yes, where is it?")

    assert reply.meaning is Said.COMING
    assert reply.also is Said.WHERE


def test_any_language_is_understood_whatever_is_set():
    said = ("nie dam rady przyjsc", "nu pot sa vin", "fedra i ddim dod", "nahi aa sakta", "نہیں آ سکتا")
    for text in said:
        assert coming(text, "en").meaning is Said.CANNOT
        assert coming(text, "cy").meaning is Said.CANNOT


def test_a_polish_no_is_asked_back_from_whoever_writes_polish():
    """ "No" is a yeah in Polish."""
    assert coming("no", "pl").meaning is None
    assert coming("no", "en").meaning is Said.CANNOT


def test_nothing_is_made_of_a_story_or_of_nothing():
    assert coming("") == NOTHING
    assert coming("...") == NOTHING
    assert coming("I can't come. " * 60) == NOTHING


def test_what_was_said_is_in_no_repr():
    assert "Thursday" not in repr(coming("can we do Thursday instead"))
