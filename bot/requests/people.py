"""What is asked for about a person: who they are, how to reach them, what they agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.requests.base import Request, Result


@dataclass(frozen=True, slots=True)
class Noted(Result):
    """It is kept."""


@dataclass(frozen=True, slots=True)
class RecordSafeContact(Request):
    """How safe this way of reaching them is: only-me, text-only, no-message, shared or not-now."""

    safe: str
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class RecordContactPlan(Request):
    """When and how to reach them, and the word they chose, in their words."""

    times: str | None = None
    how: str | None = None
    word: str | None = None
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class RecordName(Request):
    """What they wish to be called."""

    name: str
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class RecordAccessNeed(Request):
    """Something that makes contact easier, in their words."""

    need: str
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class RecordAnswer(Request):
    """An agreement, a consent, or something told, in the words just asked.

    `kind` is agreement, consent or told; `purpose` a short word such as "pass-on".
    """

    kind: str
    purpose: str
    given: bool
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class RecordUnderAge(Request):
    """They are younger than the service's age: concerns go to the safeguarding lead."""

    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class SetLanguage(Request):
    """Talk in this language from now on."""

    language: str
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class NoMoreNudges(Request):
    """They asked not to be reminded that they stopped half-way."""

    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class StopMessages(Request):
    """Nothing more by this way of reaching them."""

    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class CodeSent(Result):
    """If that number is known and safe, a code has gone to it. Says the same when it is not."""


@dataclass(frozen=True, slots=True)
class AskToJoin(Request):
    """They have been in touch before by this number: send it a short code."""

    number: str
    results: ClassVar = (CodeSent,)


@dataclass(frozen=True, slots=True)
class Joined(Result):
    """The two are one person; the conversation known before goes on."""

    conversation_id: int


@dataclass(frozen=True, slots=True)
class WrongCode(Result):
    """Not that one; they may try again."""


@dataclass(frozen=True, slots=True)
class NoMoreTries(Result):
    """Too many, or too late."""


@dataclass(frozen=True, slots=True)
class TryCode(Request):
    """The code they were sent on the channel we know."""

    code: str
    results: ClassVar = (Joined, WrongCode, NoMoreTries)


@dataclass(frozen=True, slots=True)
class DetailsFound(Result):
    """What we hold, as short as it may be said here. `name` may be empty."""

    name: str
    agreed: bool
    waiting: bool


@dataclass(frozen=True, slots=True)
class WordNeeded(Result):
    """Others may see this: the short word they chose comes first."""


@dataclass(frozen=True, slots=True)
class NotShown(Result):
    """It cannot be said here; a person can."""


@dataclass(frozen=True, slots=True)
class WordRight(Result):
    """It is they who hold the phone; or nobody else sees it."""


@dataclass(frozen=True, slots=True)
class CheckWord(Request):
    """Is it they who write? `word` is what they chose, when we asked for it."""

    word: str | None = None
    results: ClassVar = (WordRight, WordNeeded, NotShown)


@dataclass(frozen=True, slots=True)
class OfferChanges(Request):
    """Ask which of their answers to change."""

    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class FindMyDetails(Request):
    """What do you hold about me? `word` is what they chose, when we asked for it."""

    word: str | None = None
    results: ClassVar = (DetailsFound, WordNeeded, NotShown)
