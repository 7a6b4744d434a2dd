"""Obeying what a person can always say. Nothing is lost by any of them."""

from __future__ import annotations

from bot.conversation import engine
from bot.conversation.talk import Talk
from bot.flowkit.commands import Command
from bot.messages import COUNTED
from bot.people import persons
from bot.people.safe_contact import Purpose
from bot.requests import AppointmentWish
from bot.store import timers

#: The commands that are conversations of their own.
_FLOWS = {
    Command.PERSON: "talk_to_someone",
    Command.CALL: "call_back",
    Command.MENU: "menu",
    Command.LANGUAGE: "language",
    Command.DETAILS: "my_details",
}

#: By these they take up our questions again, whoever they were talking to.
_BACK_TO_OURS = frozenset({Command.CARRY_ON, Command.AGAIN, Command.BACK, Command.CHANGE})


def obey(talk: Talk, command: Command) -> None:
    """Do what was asked; afterwards the same question is open with every answer kept."""
    if command in _BACK_TO_OURS:
        talk.concern_until, talk.state.with_worker, talk.state.carries_on = None, False, True
    if command in _FLOWS:
        engine.start(talk, _FLOWS[command])
    elif command is Command.APPOINTMENT:  # always anew: the times we offered before may be gone
        engine.begin(talk, "appointment", (AppointmentWish(),))
        engine.rest(talk)
    elif command is Command.AGAIN:
        _again(talk)
    elif command is Command.BACK:
        _back(talk)
    elif command is Command.CHANGE:
        _change(talk)
    elif command is Command.CARRY_ON:
        engine.return_to_what_waits(talk)
        if not talk.says:
            engine.start(talk, "menu" if talk.row.agreed_at else "welcome")
    elif command is Command.PAUSE:
        timers.clear(talk.unit, "nudge", conversation_id=talk.id)
        talk.say("talk.paused")
    elif command is Command.PRIVACY:
        talk.say("talk.privacy")
        engine.return_to_what_waits(talk)
    elif command is Command.STOP:
        stop(talk)


def stop(talk: Talk, how: str = "words") -> None:
    """Nothing more by this way; no case is closed by it. One message says so, and how to undo it."""
    if talk.channel in COUNTED:
        talk.say("talk.stopped", purpose=Purpose.STOP)
    else:
        talk.say("talk.stopped_here", purpose=Purpose.STOP)
    talk.stop_after(how)


def set_language(talk: Talk, code: str) -> None:
    """Talk in this language from now on."""
    persons.set_language(talk.unit, talk.person_id, code)
    talk.language = code


def _again(talk: Talk) -> None:
    """Our question once more, in full; never the person's own words."""
    top = talk.state.top
    if top is not None:
        talk.ask(top)
    else:
        engine.start(talk, "menu" if talk.row.agreed_at else "welcome")


def _back(talk: Talk) -> None:
    """The question before. Answers after it are kept, and taken again once it is answered."""
    frame = talk.state.top
    kind = talk.voice.flows[frame.flow] if frame is not None else None
    path = [step for step in frame.path if not kind.step(step).aside] if frame and kind else []
    if frame is not None and path and not frame.picked:
        engine.go_to(talk, frame, path[-1])
    elif frame is not None and frame.picked:  # of several pressed one by one, the last is taken back
        frame.picked.popitem()
        talk.ask(frame)
    else:
        _again(talk)


def _change(talk: Talk) -> None:
    """Which answer? On a phone that others see the short word they chose comes first."""
    found = talk.changeable()
    if found is None:
        _back(talk)
    elif not talk.may_repeat_words and persons.person_of(talk.unit, talk.person_id).contact_plan.get("word"):
        engine.start(talk, "change_answer")
    else:
        talk.ask_which_to_change(*found)
