"""Who answers: safety, then a person who holds the conversation, then a command, then a question."""

from __future__ import annotations

from datetime import timedelta

from bot.casework.handoffs import open_handoff
from bot.casework.unanswered import note_unanswered
from bot.conversation import appointment_replies, commands, correcting, engine, lane, questions
from bot.conversation.heard import Heard
from bot.conversation.talk import Talk
from bot.flowkit.answers import bare, plain
from bot.flowkit.commands import Command, command_in
from bot.messages import COUNTED, Kind
from bot.people import contact_points

#: Somebody who comes back after this long is welcomed back.
AWAY = timedelta(hours=12)


def hear(talk: Talk, heard: Heard) -> None:
    """One turn for one thing that came in."""
    if heard.kind in (Kind.OPT_OUT, Kind.OPT_IN, Kind.HELP):
        _carrier_acted(talk, heard)
        return
    if lane.safety_first(talk, heard):
        return
    comes_back = talk.opted_out_at is not None and _opens_again(talk, heard)
    if comes_back:
        contact_points.opt_in(talk.unit, talk.point_id, "start")
        talk.opted_out_at = None
    if heard.unreadable:
        lane.cannot_read(talk, heard)
    if talk.opted_out_at is not None:
        _wrote_after_stop(talk)
    elif talk.held_by is not None:
        _while_held(talk, heard)
    else:
        appointment_replies.explain_stopped(talk)
        if comes_back:
            _greet(talk, back=True)
        elif heard.text or not heard.unreadable:
            _route(talk, heard)


def _carrier_acted(talk: Talk, heard: Heard) -> None:
    """The carrier or the app has already answered this word; we write it down and say nothing."""
    if heard.kind is Kind.OPT_OUT:
        contact_points.opt_out(talk.unit, talk.point_id, "carrier")
        appointment_replies.carrier_stopped(talk, heard)
    elif heard.kind is Kind.OPT_IN:
        contact_points.opt_in(talk.unit, talk.point_id, "carrier")
        talk.state.stopped_before = None  # texts go again: nothing is left to explain
    talk.unit.tell(f"conversation:{talk.id}")


def _opens_again(talk: Talk, heard: Heard) -> bool:
    """A clear yes to hearing from us again: opening the chat anew, or START where no carrier does it."""
    if heard.kind is Kind.START:
        return True
    return talk.channel not in COUNTED and plain(heard.text) == "start"


def _while_held(talk: Talk, heard: Heard) -> None:
    """A link worker speaks, and the questions are silent. Only a stop is obeyed all the same."""
    talk.state.carries_on = False
    if command_in(heard.text, talk.voice.commands(talk.language)) is Command.STOP:
        commands.stop(talk)
    elif heard.text.strip() or heard.unreadable:
        settings = talk.voice.settings
        note_unanswered(talk.unit, talk.id, settings.hours, settings.answer_within_minutes)


def _wrote_after_stop(talk: Talk) -> None:
    """STOP ends every text and closes no case: a human sees what they wrote."""
    due = talk.voice.settings.hours.after(talk.now, talk.voice.settings.answer_within_minutes)
    open_handoff(talk.unit, talk.id, reason="wrote-after-stop", due_at=due, sees_from=talk.inbox_id)


def _route(talk: Talk, heard: Heard) -> None:
    if heard.kind is Kind.BUTTON and heard.choice:
        questions.pressed(talk, heard.choice)
        return
    if heard.kind is Kind.EDIT and questions.corrected(talk, heard):
        return
    if heard.kind is Kind.START:
        _greet(talk)
        return
    command = _command(talk, heard.text)
    if command is not None:
        commands.obey(talk, command)
        return
    if lane.holds(talk, heard):
        return
    if _greeting_or_language(talk, heard.text):
        return
    if appointment_replies.about_appointment(talk, heard) or correcting.put_right(talk, heard):
        return
    if questions.answered(talk, heard):
        return
    _nothing_open(talk, heard)


def _command(talk: Talk, text: str) -> Command | None:
    """A command, unless the words belong to the question asked last."""
    words = talk.voice.commands(talk.language)
    asked = questions.last_asked(talk)
    if asked is not None and questions.choice_said(talk, asked, text) is not None:
        return None
    free = asked is not None and not asked.closed
    return command_in(text, words, typos=not free)


def _greeting_or_language(talk: Talk, text: str) -> bool:
    """A hello, or a language's name, from someone in the middle of something: not an answer to it."""
    if not text.strip() or text.strip().isdigit():
        return False
    languages = talk.voice.languages
    asked = questions.last_asked(talk)
    if asked is not None and questions.choice_said(talk, asked, text) is not None:
        return False
    free = asked is not None and not asked.closed
    if (named := languages.named(text)) and not (free and len(plain(text)) <= 2):
        commands.set_language(talk, named)
        if talk.state.n:
            talk.say("language.changed")
        _greet(talk)
        return True
    if not (languages.is_greeting(text) if free else _only_hello(talk, text)):
        return False
    code = languages.by_first_word(text)
    if talk.state.n == 0 and code is not None and code != talk.language:
        commands.set_language(talk, code)
    _greet(talk)
    return True


def _only_hello(talk: Talk, text: str) -> bool:
    said = plain(text)
    return len(said.split()) <= 3 and talk.voice.languages.by_first_word(text) is not None


def _greet(talk: Talk, *, back: bool = False) -> None:
    """Hello: the question that waits, shortened; else what we can do; else the way in."""
    if _over(talk):
        _begin(talk)
        return
    heard = talk.row.heard_at
    if back or (heard is not None and talk.now - heard > AWAY and not talk.says):
        talk.say("talk.hello_again")
    engine.return_to_what_waits(talk)


def _over(talk: Talk) -> bool:
    """Only things nobody needs to answer are left."""
    return all(engine.is_optional(talk, frame) for frame in talk.state.stack)


def _begin(talk: Talk) -> None:
    """The way in, or the menu for somebody we already have. What may still be answered may still be."""
    talk.state.stack = [f for f in talk.state.stack if talk.state.waits(f, talk.now)]
    if talk.row.agreed_at is not None:
        engine.start(talk, "menu")
    else:
        engine.start(talk, "welcome")


def _nothing_open(talk: Talk, heard: Heard) -> None:
    """They say something, and no question of ours waits for it. Nothing said is lost."""
    vocabulary = talk.voice.vocabulary(talk.language)
    said = plain(heard.text)
    if said in vocabulary.thanks:
        if talk.state.n:
            return  # thanks for our thanks would go on for ever, at their cost
        _begin(talk)
        return
    known = talk.row.agreed_at is not None or talk.row.handoff_id is not None
    if known and said and not bare(heard.text, vocabulary):
        settings = talk.voice.settings
        due = settings.hours.after(talk.now, settings.answer_within_minutes)
        open_handoff(talk.unit, talk.id, reason="message", due_at=due, sees_from=talk.inbox_id)
        talk.say("talk.passed_on")
        return
    if len(said.split()) >= questions.SAYS_SOMETHING and talk.row.agreed_at is None:
        talk.state.first_words = (heard.text, heard.id)
    _begin(talk)
