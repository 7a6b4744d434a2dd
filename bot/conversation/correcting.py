""" "Sorry, I meant 2": what they answered before is put right, and the open question is asked again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from bot.conversation import engine, questions
from bot.conversation.heard import Heard
from bot.conversation.state import OF, Frame, Question
from bot.conversation.talk import Talk
from bot.flowkit.answers import Expects, Offered, Vocabulary, bare, plain, whole_phrase
from bot.flowkit.reading import read
from bot.flowkit.several import only_numbers
from bot.store.tables import inbox

#: After this long "sorry, I meant" is about something that they have in mind and we do not.
A_MOMENT_AGO = timedelta(minutes=30)

#: Fewer letters than these are no words of theirs.
A_WORD = 3

_WORD = re.compile(r"[^\W_]+(?:['\u2018\u2019][^\W_]+)*")
_BETWEEN = re.compile(r"^[\s,;:.!\u2026\u2013\u2014-]+")
_APOSTROPHES = re.compile(r"['\u2018\u2019]")


#: The most words there are in one of the phrases.
_LONGEST_PHRASE = 6


class _Is(Enum):
    """What a phrase at the front is."""

    MEANT = "i meant"
    OTHERWISE = "i meant to"  # it opens no correction
    OOPS = "oops"
    ACTUALLY = "actually"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Opening:
    """How a message opens that puts something right, and what stands after it, as they wrote it.

    `surely` speaks of what they said before ("I meant"); without it, it may speak of what is asked now
    ("actually"). Where it `explains` ("I mean", no "sorry") a word or two puts right; a sentence says more.
    """

    rest: str
    surely: bool
    explains: bool


@dataclass(frozen=True, slots=True)
class _Before:
    """What they answered last, a moment ago."""

    frame: Frame
    step: str
    expects: Expects
    over: bool  # its flow has ended

    @property
    def answer(self) -> Any:
        return self.frame.answers.get(self.step)


def opening_of(text: str, vocabulary: Vocabulary) -> Opening | None:
    """How `text` puts something right; None when it does not open so."""
    words = list(_WORD.finditer(text))
    folded = [_folded(word[0]) for word in words]
    phrases = _phrases(
        vocabulary.no, vocabulary.meant, vocabulary.meant_otherwise, vocabulary.oops, vocabulary.actually
    )
    found: list[tuple[_Is, int]] = []  # what each phrase is, and after how many words it ends
    at = 0
    while at < len(words) and not (found and found[-1][0] is _Is.MEANT):
        ends = range(min(len(words), at + _LONGEST_PHRASE), at, -1)
        end = next((end for end in ends if " ".join(folded[at:end]) in phrases), None)
        if end is None:
            break
        found.append((phrases[" ".join(folded[at:end])], end))
        at = end
    while found and found[-1][0] is _Is.NO:  # "actually, no": their answer
        found.pop()
    kinds = [kind for kind, _ in found]
    surely = bool({_Is.MEANT, _Is.OOPS} & set(kinds))
    if not kinds or _Is.OTHERWISE in kinds or (_Is.NO in kinds and not surely):  # "no, sorry" is an answer
        return None
    rest = _BETWEEN.sub("", text[words[found[-1][1] - 1].end() :])
    return Opening(rest, surely, explains=kinds == [_Is.MEANT])


def put_right(talk: Talk, heard: Heard) -> bool:
    """They put right what they said before. False when their words are for what is asked now, as they stand.

    What they agreed to, and what others act on already, is never changed in passing: it is asked again.
    """
    opening = opening_of(heard.text, talk.voice.vocabulary(talk.language))
    if opening is None:
        return False
    question = questions.last_asked(talk)
    asked = talk.state.frame(question.frame) if question is not None else None
    if question is not None and (question.change or (asked is not None and asked.picked)):
        return False
    tried = asked is not None and asked.tries > 0  # what they said last was meant for this question
    before = None if tried else _answered_last(talk, question)
    if not opening.rest:
        return _said_no_more(talk, opening, question, asked, before)
    if before is not None and _speaks_of(talk, before, question, opening):
        value = _read(talk, before, opening, heard.text)
        if value is not None:
            _change(talk, before, value)
            return True
    return question is not None and asked is not None and _meant_now(talk, heard, opening, question, asked)


# -- what they answered before -------------------------------------------------------------------


def _answered_last(talk: Talk, question: Question | None) -> _Before | None:
    """The step they answered last, if it was here and a moment ago, with no other closed question since."""
    said = [
        (id_, frame, step)
        for frame in (*talk.state.ended, *talk.state.stack)
        for step, id_ in frame.said.items()
        if OF not in step
    ]
    if not said:
        return None
    id_, frame, step = max(said, key=lambda one: one[0])
    asked = [q for q in talk.state.questions if q.frame == frame.id and q.step == step and not q.change]
    if step not in frame.path or not asked:
        return None
    at = talk.unit.execute(
        select(inbox.c.received_at).where(inbox.c.id == id_, inbox.c.channel == talk.channel)
    ).scalar()
    if at is None or talk.now - at > A_MOMENT_AGO:
        return None
    open_now = (question.frame, question.step) if question is not None else None
    since = (q for q in talk.state.questions if q.n > asked[-1].n and q.at >= at and q.closed)
    if any((q.frame, q.step) != open_now for q in since):
        return None
    expects = talk.voice.expects(frame.flow, step)
    if expects is None:
        return None
    return _Before(frame, step, expects, over=frame in talk.state.ended)


def _speaks_of(talk: Talk, before: _Before, question: Question | None, opening: Opening) -> bool:
    """Whether it is about the answer before: "I meant" is; "actually" where only that can take it."""
    if opening.surely:
        return not (question is not None and _takes_it_back(talk, before, question, opening.rest))
    if question is not None and question.closed and questions.answers_it(talk, question, opening.rest):
        return False
    return before.expects.closed and _exactly(talk, opening.rest, talk.offered(before.frame, before.step))


def _takes_it_back(talk: Talk, before: _Before, question: Question, rest: str) -> bool:
    """What binds is put right by a choice that the open question has for it: "I can come after all"."""
    if not _binds(talk, before.frame, before.step) or bare(rest, talk.voice.vocabulary(talk.language)):
        return False
    return question.closed and questions.choice_said(talk, question, rest) is not None


def _exactly(talk: Talk, text: str, offered: Sequence[Offered]) -> bool:
    """A number, a yes or a no, or the whole phrase of a choice: nothing is read into it."""
    vocabulary = talk.voice.vocabulary(talk.language)
    exact = bare(text, vocabulary) or only_numbers(text, vocabulary)
    return exact or whole_phrase(text, offered) is not None


def _binds(talk: Talk, frame: Frame, step: str) -> bool:
    return talk.voice.flows[frame.flow].step(step).binds


def _read(talk: Talk, before: _Before, opening: Opening, text: str) -> Any:
    """The answer they now give to it; None when it cannot be one."""
    vocabulary, offered = talk.voice.vocabulary(talk.language), talk.offered(before.frame, before.step)
    words, expects = opening.rest, before.expects
    too_little = bare(words, vocabulary) or (len(plain(words)) < A_WORD and not expects.a_name)
    if not expects.closed and too_little:
        return None  # "I mean it"
    if opening.explains and expects.own_words and len(words.split()) >= questions.SAYS_SOMETHING:
        if expects.closed or expects.a_name or not before.answer:
            return None
        words = f"{before.answer}\n{text}"
    return read(expects, words, offered, vocabulary)


def _change(talk: Talk, before: _Before, value: Any) -> None:
    frame, step = before.frame, before.step
    if value == before.answer:
        engine.return_to_what_waits(talk)
    elif _binds(talk, frame, step):
        _ask_back(talk, before)
    else:
        _take_up(talk, before)
        talk.corrects = frame.said.get(step)
        talk.say("talk.put_right")
        engine.change_to(talk, frame, step, value)


def _ask_back(talk: Talk, before: _Before) -> None:
    _take_up(talk, before)
    engine.go_to(talk, before.frame, before.step)


def _take_up(talk: Talk, before: _Before) -> None:
    if before.over:
        talk.state.take_up(before.frame)


# -- what is asked now ---------------------------------------------------------------------------


def _said_no_more(
    talk: Talk, opening: Opening, question: Question | None, asked: Frame | None, before: _Before | None
) -> bool:
    """ "Sorry, I meant" and nothing else: the question before again. "Sorry": the one that is open."""
    if opening.surely and before is not None:
        _ask_back(talk, before)
        return True
    if question is None or asked is None:
        return False
    if engine.is_optional(talk, asked):
        return not opening.surely  # a bare "sorry" needs no answer
    talk.ask(asked, "asked_again")
    return True


def _meant_now(talk: Talk, heard: Heard, opening: Opening, question: Question, asked: Frame) -> bool:
    """What stands after "actually", or after "I meant" when they had tried before, answers what is open."""
    if not question.closed:
        if not (opening.surely and asked.tries):
            return False
    elif (
        questions.answers_it(talk, question, heard.text)
        or not questions.answers_it(talk, question, opening.rest)
        or (
            _binds(talk, asked, asked.step)
            and not _exactly(talk, opening.rest, questions.offered_by(talk, question))
        )
    ):
        return False
    elif opening.surely and not asked.tries and _binds(talk, asked, asked.step):
        talk.ask(asked, "asked_again")  # it speaks of something else, and agrees to nothing
        return True
    return questions.answered(talk, replace(heard, text=opening.rest))


# -- the words -----------------------------------------------------------------------------------


def _folded(words: str) -> str:
    """As `plain`, and without apostrophes, which few people type."""
    return _APOSTROPHES.sub("", plain(words))


@lru_cache(maxsize=32)
def _phrases(
    no: frozenset[str],
    meant: frozenset[str],
    otherwise: frozenset[str],
    oops: frozenset[str],
    actually: frozenset[str],
) -> dict[str, _Is]:
    """What each phrase is, as it is folded."""
    of = {_Is.NO: no, _Is.ACTUALLY: actually, _Is.OOPS: oops, _Is.OTHERWISE: otherwise, _Is.MEANT: meant}
    return {
        _folded(" ".join(_WORD.findall(phrase))): kind for kind, phrases in of.items() for phrase in phrases
    }
