"""What a person can always do: a person, back, menu, again, change, pause, language, my details, stop."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from rapidfuzz import fuzz

from bot.flowkit.answers import plain


class Command(StrEnum):
    """Each loses nothing: the same question is open afterwards."""

    PERSON = "person"
    BACK = "back"
    MENU = "menu"
    AGAIN = "again"
    CHANGE = "change"
    PAUSE = "pause"
    LANGUAGE = "language"
    DETAILS = "details"
    STOP = "stop"
    CARRY_ON = "carry_on"
    CALL = "call"
    PRIVACY = "privacy"
    APPOINTMENT = "appointment"


def command_in(text: str, words: Mapping[str, Command], *, typos: bool = True) -> Command | None:
    """The command this whole message is, or nearly is. `words` maps each plain phrase to its command."""
    said = plain(text)
    if not said or len(said) > 60:
        return None
    for polite in ("", "please ", "can we ", "can i "):
        if polite and said.startswith(polite) and (found := words.get(said.removeprefix(polite))):
            return found
        if not polite and (found := words.get(said) or words.get(said.removesuffix(" please"))):
            return found
    if not typos or len(said) < 5 or len(said) > 20:
        return None
    best = max(words, key=lambda phrase: fuzz.ratio(said, phrase), default="")
    # One slip of the thumb in a word of five letters or more; "stop" is never guessed at.
    if best and len(best) >= 5 and words[best] is not Command.STOP and fuzz.ratio(said, best) >= 88:
        return words[best]
    return None
