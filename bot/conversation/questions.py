"""Whose answer is this? The question asked last, an older one by its whole phrase, a button's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.conversation import engine
from bot.conversation.heard import Heard
from bot.conversation.state import Frame, Question
from bot.conversation.talk import Talk
from bot.flowkit.answers import Expects, Offered, Vocabulary, bare, choice_of, plain, whole_phrase
from bot.flowkit.reading import read
from bot.flowkit.several import ENOUGH, only_numbers, several_in
from bot.people.originals import original_of, said_before

#: A bare yes or digit goes to an open question only when no closed one was asked this recently.
CLOSED_LATELY = timedelta(hours=48)

#: Answering takes this many tries before a person is offered.
TRIES = 3

#: A message of this many words says something worth keeping for "what matters".
SAYS_SOMETHING = 5

#: And of this many, something to somebody: it is no slip of the thumb at a question.
SAYS_A_LITTLE = 3

#: The same button again this soon is a second press, not a question what became of it.
PRESSED_TWICE = timedelta(minutes=1)


def last_asked(talk: Talk) -> Question | None:
    """The question asked last on this channel that still waits; else the last on any."""
    open_ = talk.state.open_questions(talk.now)
    here = [q for q in open_ if q.channel == talk.channel]
    return (here or open_ or [None])[0]


def offered_by(talk: Talk, question: Question) -> tuple[Offered, ...]:
    """What it offered, in today's words for it."""
    if question.change:
        return talk.voice.changes(question.flow, question.offered, talk.language)
    frame = talk.state.frame(question.frame)
    found = frame.found if frame is not None else {}
    offers = talk.voice.offers(question.flow, question.step, found, talk.language, talk.channel)
    if ENOUGH in question.offered:  # of several, some are picked
        left = (o for o in offers if o.key in question.offered)
        return (*left, talk.voice.enough(talk.language))
    return offers


def choice_said(talk: Talk, question: Question, text: str) -> str | None:
    """The choice of this question that the whole text is, if any."""
    return whole_phrase(text, offered_by(talk, question))


def answered(talk: Talk, heard: Heard) -> bool:
    """Give the words to the question they answer. False when no question waits."""
    question = last_asked(talk)
    if question is None:
        return False
    vocabulary = talk.voice.vocabulary(talk.language)
    is_bare = bare(heard.text, vocabulary) or _row_of_numbers(talk, question, heard.text)
    if is_bare and _another_was_asked_since(talk, question):
        engine.return_to_what_waits(talk)  # a digit never falls through to an older question
        return True
    frame = talk.state.frame(question.frame)
    expects = talk.voice.expects(frame.flow, frame.step) if frame else None
    if frame is None or expects is None:
        return False
    if question.closed and is_a_nod(talk, heard.text):
        _ask_again(talk, frame, question)
        return True
    thanks = _only_thanks(question, heard.text, vocabulary)
    if talk.state.spoke and thanks:
        return True  # thanks for what we said last, which asked nothing
    if question.change:
        return _change_chosen(talk, question, heard.text)
    if expects.optional and not heard.text.strip() and not heard.unreadable:
        talk.ask(frame, "asked_again")
        return True
    if expects.optional and thanks:
        return True  # "thanks" needs no answer, and is no access need
    if expects.optional and not expects.closed and is_bare:
        _needs_no_words(talk, frame, heard.text)
        return True
    if frame.picked and plain(heard.text) in vocabulary.skip | vocabulary.thanks:
        value: object | None = []  # they have picked some, and leave it there
    else:
        value = read(expects, heard.text, offered_by(talk, question), vocabulary)
    own_words = _has_own_words(expects, value, question.offered)
    if value is None or own_words:
        if _older(talk, question, heard.text) or _was_still_typing(talk, frame, question, heard):
            return True
    if own_words and is_bare and _closed_lately(talk, question):
        value = None
    if value is not None:
        engine.answer(talk, frame, value)
    elif heard.unreadable:
        pass  # we have said that we cannot see it, and what stands under it fits nothing
    elif expects.optional and not is_bare:
        return _said_something_else(talk, frame)
    elif not _for_the_team(talk, heard.text):
        misfit(talk, frame, heard)
    return True


def _only_thanks(question: Question, text: str, vocabulary: Vocabulary) -> bool:
    """ "Thanks" answers nothing. Nor does "ok thanks", but to a question that a yes would answer."""
    said = plain(text)
    nod, _, rest = said.partition(" ")
    nodded = not question.closed and nod in vocabulary.yes and rest in vocabulary.thanks
    return said in vocabulary.thanks or nodded


def _has_own_words(expects: Expects, value: object, offered: tuple[str, ...]) -> bool:
    said = value if isinstance(value, list) else [value]
    known = (ENOUGH, *expects.choices, *offered)
    return expects.own_words and any(
        isinstance(one, str) and one not in known and expects.choice(one) is None for one in said
    )


def _row_of_numbers(talk: Talk, question: Question, text: str) -> bool:
    """Such as "1 3 5": it is for a question of which several may be chosen, and for no older one."""
    return any(q.closed and q.n >= question.n and _several(talk, q) for q in talk.state.questions) and (
        only_numbers(text, talk.voice.vocabulary(talk.language))
    )


def _several(talk: Talk, question: Question) -> bool:
    expects = talk.voice.expects(question.flow, question.step)
    return expects is not None and expects.several


def answers_it(talk: Talk, question: Question, text: str) -> bool:
    """Whether the text is among what this closed question offers, own words aside."""
    vocabulary, offered = talk.voice.vocabulary(talk.language), offered_by(talk, question)
    if not question.change and (expects := talk.voice.expects(question.flow, question.step)) is not None:
        if expects.several:
            found = several_in(replace(expects, own_words=False), text, offered, vocabulary)
            return bool(found)
    return choice_of(text, offered, vocabulary) is not None


def is_a_nod(talk: Talk, text: str) -> bool:
    """A bare "ok" or "no" after we said something that asked nothing: too little to agree to anything by."""
    if not talk.state.spoke:
        return False
    vocabulary, said = talk.voice.vocabulary(talk.language), plain(text)
    return said in vocabulary.yes or said in vocabulary.no


def _ask_again(talk: Talk, frame: Frame, question: Question) -> None:
    if question.change:
        talk.ask_which_to_change(frame, offered_by(talk, question))
    else:
        talk.ask(frame, "asked_again")


def _another_was_asked_since(talk: Talk, question: Question) -> bool:
    """Whether something was asked after it, here or where it was asked, and answered or let go."""
    return any(
        q.n > question.n and q.channel in (talk.channel, question.channel) for q in talk.state.questions
    )


def _needs_no_words(talk: Talk, frame: Frame, text: str) -> None:
    """A bare word where nothing need be said: a yes may mean that there is something; the rest is a nod."""
    if frame.tries == 0 and plain(text) in talk.voice.vocabulary(talk.language).yes:
        frame.tries += 1
        talk.ask(frame, "second_try")


def _for_the_team(talk: Talk, text: str) -> bool:
    """They asked for a person, and talk to them now: it is no misfit for our question."""
    if len(plain(text).split()) < SAYS_A_LITTLE or talk.row.handoff_id is None:
        return False
    talk.say("talk.still_with_team")
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
            engine.answer(talk, frame, [choice] if _several(talk, question) else choice)
            return True
    return False


def _closed_lately(talk: Talk, question: Question) -> bool:
    """Whether a bare yes could be meant for a closed question asked these two days."""
    return any(
        q.closed and q.n != question.n and talk.now - q.at < CLOSED_LATELY for q in talk.state.questions
    )


def _was_still_typing(talk: Talk, frame: Frame, question: Question, heard: Heard) -> bool:
    """They had not seen the question: it belongs to what they said before, or is kept for later."""
    if heard.received_at >= question.at:
        return False
    before = frame.path[-1] if frame.path else ""
    expects = talk.voice.expects(frame.flow, before) if before else None
    if expects is not None and not expects.choices and expects.own_words and frame.answers.get(before):
        joined = f"{frame.answers[before]}\n{heard.text}"
        if talk.voice.flows[frame.flow].only_keeps(before):
            frame.answers[before] = joined
        else:
            engine.change_to(talk, frame, before, joined)
    else:
        _keep_for_later(talk, frame, heard)
    return True


def _keep_for_later(talk: Talk, frame: Frame, heard: Heard) -> bool:
    """Words that say something are kept for "what matters", while that has no answer."""
    flow, step = engine.FIRST_WORDS_ANSWER
    if frame.flow not in (flow, "welcome") or frame.answers.get(step) is not None:
        return False
    if len(heard.text.split()) < SAYS_SOMETHING:
        return False
    if step in frame.path:  # they skipped it, and tell us after all
        frame.answers[step], frame.said[step] = heard.text, heard.id
        return True
    words, id_ = talk.state.first_words or ("", heard.id)
    talk.state.first_words = (f"{words}\n{heard.text}".strip(), id_)
    return True


def _said_something_else(talk: Talk, frame: Frame) -> bool:
    """Nobody needs to answer that question, and their words are about something else.

    What waits beneath is asked again; with nothing beneath, their words are for a person to read,
    and the question may still be answered.
    """
    engine.return_to_what_waits(talk)
    if talk.says:
        talk.state.stack.remove(frame)
    return bool(talk.says)


def misfit(talk: Talk, frame: Frame, heard: Heard) -> None:
    """It does not fit: other words the second time, a person the third. The question stays open."""
    frame.tries += 1
    if heard.text.rstrip().endswith("?") and len(heard.text.split()) >= SAYS_A_LITTLE:
        talk.say("talk.a_question")
        talk.ask(frame, "asked_again")
    elif _keep_for_later(talk, frame, heard):
        talk.say("talk.kept")
        talk.ask(frame, "asked_again")
    else:
        if frame.tries >= TRIES:
            talk.say("talk.offer_person")
        talk.ask(frame, "second_try")


def _change_chosen(talk: Talk, question: Question, text: str) -> bool:
    """Which answer to change; or, after all, the answer to what was open before."""
    frame = talk.state.frame(question.frame)
    assert frame is not None
    vocabulary = talk.voice.vocabulary(talk.language)
    step = choice_of(text, offered_by(talk, question), vocabulary)
    if step is not None:
        engine.go_to(talk, frame, step)
        return True
    if plain(text) in vocabulary.no:  # nothing to change after all
        talk.ask(frame, "asked_again")
        return True
    expects = talk.voice.expects(frame.flow, frame.step)
    if expects is not None and expects.closed:
        offered = talk.offered(frame, frame.step)
        choice = whole_phrase(text, offered)
        if choice is not None:
            engine.answer(talk, frame, [choice] if expects.several else choice)
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
    over = None if frame else next((f for f in talk.state.ended if f.id == question.frame), None)
    if question.change and frame is not None:
        engine.go_to(talk, frame, choice)
    elif frame is not None and frame.step == question.step and frame.question:
        _pressed_now(talk, frame, question, choice)
    elif (known := frame or over) is None or question.change or question.step not in known.path:
        _too_old(talk)
    elif (after := _pressed_later(talk, known, question, choice)) == known.answers.get(question.step):
        _already_so(talk)
    else:
        if over is not None:
            talk.state.take_up(over)
        engine.change_to(talk, known, question.step, after)


def _pressed_now(talk: Talk, frame: Frame, question: Question, choice: str) -> None:
    if not _several(talk, question):
        engine.answer(talk, frame, choice)
    elif choice in frame.picked:
        _already_so(talk)
    else:
        engine.pick(talk, frame, choice)


def _pressed_later(talk: Talk, known: Frame, question: Question, choice: str) -> object:
    """What they have answered once this button counts: of several, one more."""
    expects = talk.voice.expects(question.flow, question.step)
    before = known.answers.get(question.step)
    if expects is None or not expects.several:
        return choice
    if choice == ENOUGH:
        return before
    others = [one for one in before or [] if expects.alone not in (one, choice)]
    return [*others, choice] if choice not in others else before


def _already_so(talk: Talk) -> None:
    """It was pressed twice; or long after, by somebody who wonders where we were."""
    asked = talk.state.questions[-1].at
    if talk.now - asked > PRESSED_TWICE:
        engine.return_to_what_waits(talk)


def _too_old(talk: Talk) -> None:
    talk.say("talk.old_button")
    engine.return_to_what_waits(talk)


def corrected(talk: Talk, heard: Heard) -> bool:
    """They edited a message that answered something: the answer changes with it.

    False when it was their last one and answered nothing: the new words are heard as said now.
    """
    original = original_of(talk.unit, heard.id)
    if original is None:
        return False
    for frame in reversed(talk.state.stack):
        for step, inbox_id in frame.said.items():
            if inbox_id != original or step not in frame.path:
                continue
            expects = talk.voice.expects(frame.flow, step)
            offered = talk.offered(frame, step)
            value = (
                read(expects, heard.text, offered, talk.voice.vocabulary(talk.language)) if expects else None
            )
            if value is None:
                engine.return_to_what_waits(talk)
            else:
                talk.corrects = original
                engine.change_to(talk, frame, step, value)
            return True
    if original == said_before(talk.unit, talk.id, heard.id):
        return False
    engine.return_to_what_waits(talk)
    return True
