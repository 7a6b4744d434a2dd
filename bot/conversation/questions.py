"""Whose answer is this? The question asked last, an older one by its whole phrase, a button's own."""

from __future__ import annotations

from datetime import timedelta

from bot.conversation import engine
from bot.conversation.heard import Heard
from bot.conversation.state import Frame, Question
from bot.conversation.talk import Talk
from bot.flowkit.answers import Offered, bare, choice_of, plain, read, whole_phrase
from bot.people.originals import original_of

#: A bare yes or digit goes to an open question only when no closed one was asked this recently.
CLOSED_LATELY = timedelta(hours=48)

#: Answering takes this many tries before a person is offered.
TRIES = 3


def last_asked(talk: Talk) -> Question | None:
    """The question asked last on this channel that still waits; else the last on any."""
    open_ = talk.state.open_questions(talk.now)
    here = [q for q in open_ if q.channel == talk.channel]
    return (here or open_ or [None])[0]


def offered_by(talk: Talk, question: Question) -> tuple[Offered, ...]:
    """What it offered, in today's words for it."""
    if question.change:
        return talk.voice.changes(question.flow, question.offered, talk.language)
    return talk.voice.offered(question.flow, question.step, talk.language, talk.channel)


def choice_said(talk: Talk, question: Question, text: str) -> str | None:
    """The choice of this question that the whole text is, if any."""
    return whole_phrase(text, offered_by(talk, question))


def answered(talk: Talk, heard: Heard) -> bool:
    """Give the words to the question they answer. False when no question waits."""
    question = last_asked(talk)
    if question is None:
        return False
    if question.change:
        return _change_chosen(talk, question, heard.text)
    frame = talk.state.frame(question.frame)
    expects = talk.voice.expects(frame.flow, frame.step) if frame else None
    if frame is None or expects is None:
        return False
    vocabulary = talk.voice.vocabulary(talk.language)
    offered = offered_by(talk, question)
    if expects.optional and not expects.closed and plain(heard.text) in vocabulary.thanks:
        return True  # "thanks" needs no answer, and is no access need
    value = read(expects, heard.text, offered, vocabulary)
    own_words = isinstance(value, str) and value not in expects.choices and expects.own_words
    if value is None or own_words:
        if _older(talk, question, heard.text):
            return True
    if own_words and bare(heard.text, vocabulary) and _closed_lately(talk, question):
        value = None
    if value is None:
        if _adds_to_what_they_said(talk, frame, question, heard):
            return True
        if expects.optional and not bare(heard.text, vocabulary):
            return _said_something_else(talk, frame)
        misfit(talk, frame)
        return True
    engine.answer(talk, frame, value)
    return True


def _older(talk: Talk, last: Question, text: str) -> bool:
    """An older question takes only a whole phrase of its own; never a digit, a yes or a no."""
    if bare(text, talk.voice.vocabulary(talk.language)):
        return False
    for question in talk.state.open_questions(talk.now):
        if question.n == last.n or question.change or question.channel != talk.channel:
            continue
        frame = talk.state.frame(question.frame)
        choice = choice_said(talk, question, text)
        if frame is not None and choice is not None and choice not in ("yes", "no"):
            engine.answer(talk, frame, choice)
            return True
    return False


def _closed_lately(talk: Talk, question: Question) -> bool:
    """Whether a bare yes could be meant for a closed question asked these two days."""
    return any(
        q.closed and q.n != question.n and talk.now - q.at < CLOSED_LATELY for q in talk.state.questions
    )


def _adds_to_what_they_said(talk: Talk, frame: Frame, question: Question, heard: Heard) -> bool:
    """They were still typing when we asked the next thing: it belongs to what they said before."""
    if heard.received_at >= question.at or not frame.path:
        return False
    before = frame.path[-1]
    expects = talk.voice.expects(frame.flow, before)
    if expects is None or expects.choices or not expects.own_words or not frame.answers.get(before):
        return False
    frame.answers[before] = f"{frame.answers[before]}\n{heard.text}"
    return True


def _said_something_else(talk: Talk, frame: Frame) -> bool:
    """Nobody needs to answer that question, and their words are about something else.

    What waits beneath is asked again; with nothing beneath, their words are for a person to read.
    """
    talk.state.stack.remove(frame)
    engine.return_to_what_waits(talk)
    return bool(talk.says)


def misfit(talk: Talk, frame: Frame) -> None:
    """It does not fit: other words the second time, a person the third. The question stays open."""
    frame.tries += 1
    if frame.tries >= TRIES:
        talk.say("talk.offer_person")
    talk.ask(frame, "second_try")


def _change_chosen(talk: Talk, question: Question, text: str) -> bool:
    """Which answer to change; or, after all, the answer to what was open before."""
    frame = talk.state.frame(question.frame)
    if frame is None:
        return False
    step = choice_of(text, offered_by(talk, question), talk.voice.vocabulary(talk.language))
    if step is not None:
        engine.go_to(talk, frame, step)
        return True
    expects = talk.voice.expects(frame.flow, frame.step)
    if expects is not None and expects.closed:
        offered = talk.voice.offered(frame.flow, frame.step, talk.language, talk.channel)
        choice = whole_phrase(text, offered)
        if choice is not None:
            engine.answer(talk, frame, choice)
            return True
    frame.tries += 1
    if frame.tries >= TRIES:
        talk.say("talk.offer_person")
    talk.ask_which_to_change(frame, offered_by(talk, question))
    return True


# -- buttons and corrections -------------------------------------------------------------------


def pressed(talk: Talk, carried: str) -> None:
    """A button belongs to its own question: it does what it says, or says why it cannot."""
    number, _, choice = carried.partition(".")
    question = talk.state.question(int(number)) if number.isdigit() else None
    if question is None or choice not in question.offered:
        _too_old(talk)
        return
    frame = talk.state.frame(question.frame)
    if question.change and frame is not None:
        engine.go_to(talk, frame, choice)
    elif frame is not None and frame.step == question.step and frame.question:
        engine.answer(talk, frame, choice)
    elif frame is not None and question.step in frame.path:
        if frame.answers.get(question.step) == choice:
            engine.return_to_what_waits(talk)  # pressed twice: already so
            return
        engine.change_to(talk, frame, question.step, choice)
    else:
        _too_old(talk)


def _too_old(talk: Talk) -> None:
    talk.say("talk.old_button")
    engine.return_to_what_waits(talk)


def corrected(talk: Talk, heard: Heard) -> bool:
    """They edited a message that answered something: the answer changes with it."""
    original = original_of(talk.unit, heard.id)
    if original is None:
        return False
    for frame in reversed(talk.state.stack):
        for step, inbox_id in frame.said.items():
            if inbox_id != original or step not in frame.path:
                continue
            expects = talk.voice.expects(frame.flow, step)
            offered = talk.voice.offered(frame.flow, step, talk.language, talk.channel)
            value = (
                read(expects, heard.text, offered, talk.voice.vocabulary(talk.language)) if expects else None
            )
            if value is None:
                engine.return_to_what_waits(talk)
            else:
                engine.change_to(talk, frame, step, value)
            return True
    return False
