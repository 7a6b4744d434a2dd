"""Noticing, in what someone says, that they or someone near them may be in danger.

Pure: no file, clock or network after import. `notice` looks at one message;
`notice_together` at the last few, for words split over them. The words themselves
never leave here: `why` names patterns, and `reason` says in plain words what a
pattern means. Recall first: a false alarm costs one kind message.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.safety.language import Hit, Language
from bot.safety.levels import Level
from bot.safety.normalising import fold

__all__ = ["Level", "Noticed", "get_ready", "notice", "notice_together", "reason"]


@dataclass(frozen=True, slots=True)
class Noticed:
    """What was noticed in a message.

    `category`: suicide, self-harm, means, emergency, abuse, harm-to-others, neglect or worry.
    `about_self` is False when it is someone else who may be in danger. `why` holds the ids of
    the patterns, the weightiest first, never words.
    """

    level: Level
    category: str
    about_self: bool
    why: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        """Whether they only spoke of danger to say that it is past, or is not so."""
        return set(self.why) <= _SOFTENED.keys()


#: Said of patterns that were softened; staff read these like any other reason.
_SOFTENED = {
    "worry.denied": "They say it is not so: look at what else they said",
    "worry.past": "They speak of a time that is over, or of getting better",
}


@cache
def languages() -> tuple[Language, ...]:
    """Every language there is a pattern file for, English first."""
    folder = files("bot.safety") / "patterns"
    found = sorted(
        (f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: (f.name != "en.toml", f.name)
    )
    return tuple(Language(tomllib.loads(f.read_text(encoding="utf-8"))) for f in found)


def get_ready() -> None:
    """Do now, in a few seconds, what the first messages would each wait a moment for."""
    for language in languages():
        language.compile()


def reason(pattern_id: str) -> str:
    """What a pattern means, in plain words for staff. Raises KeyError for an id there is none of."""
    if pattern_id in _SOFTENED:
        return _SOFTENED[pattern_id]
    for language in languages():
        if pattern_id in language.reasons:
            return language.reasons[pattern_id]
    raise KeyError(pattern_id)


def _found(text: str) -> list[Hit]:
    folded = fold(text)
    return [hit for language in languages() for hit in language.look(folded)]


def _worst(hits: list[Hit]) -> Noticed | None:
    if not hits:
        return None
    hits = sorted(hits, key=lambda h: (-h.level.rank, h.softened is not None, h.pattern.order))
    first = hits[0]
    why = [hit.pattern.id for hit in hits if not hit.softened]
    why += [f"worry.{hit.softened}" for hit in hits if hit.softened]
    about_self = any(h.about_self for h in hits if h.level is first.level)
    category = "worry" if first.softened else first.pattern.category
    return Noticed(first.level, category, about_self, tuple(dict.fromkeys(why)))


def notice(text: str) -> Noticed | None:
    """What one message gives reason to notice, or None. Any length, any characters; never raises."""
    return _worst(_found(text))


def notice_together(texts: Sequence[str]) -> Noticed | None:
    """The same for someone's last messages, oldest first, read as if they were one.

    Only what the last message says or completes counts: what an earlier one said by itself
    was noticed when it came.
    """
    if not texts:
        return None
    whole = _found(" ".join(texts))
    if whole and len(texts) > 1:
        before = {(h.pattern.id, h.level) for h in _found(" ".join(texts[:-1]))}
        whole = [h for h in whole if (h.pattern.id, h.level) not in before]
    return _worst([*_found(texts[-1]), *whole])


languages()
