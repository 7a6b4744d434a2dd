"""A reason as a sentence: which one of `templates/prompts/reasons.txt`, with which values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from babel.dates import format_date

from bot.directory.matching import CAUTIONS, Reason
from bot.words.languages import ENGLISH
from bot.words.prompts import Prompts

FLOW = "reasons"

#: These say what somebody told us: never sent to a phone that others read (practice section 3).
REPEATS = frozenset({"want", "words", "free", "eases", "helps", "time", "costs"})


def sentence(reason: Reason, language: str) -> tuple[str, dict[str, Any]]:
    """The prompt's key and its values: `prompts.say(key, language, found=values)` says it.

    Raises ValueError for a reason there is no sentence for.
    """
    detail = reason.detail
    match reason.code:
        case "want" | "eases" | "helps" | "time":
            return f"{FLOW}.{reason.code}_{detail.lower()}", {}
        case "words":
            return f"{FLOW}.words", {"word": detail}
        case "near" if detail == "0":
            return f"{FLOW}.near_here", {}
        case "near":
            return f"{FLOW}.near", {"miles": int(detail)}
        case "ages":
            youngest, _, oldest = detail.partition("-")
            form = "between" if youngest and oldest else "from" if youngest else "to"
            ages = {"youngest": youngest, "oldest": oldest}
            return f"{FLOW}.ages_{form}", {name: int(age) for name, age in ages.items() if age}
        case "full" if detail:
            return f"{FLOW}.full_weeks", {"weeks": int(detail)}
        case "waiting":
            return f"{FLOW}.waiting", {"weeks": int(detail)}
        case "checked" if detail:
            return f"{FLOW}.checked", {"month": _month(detail, language)}
        case "checked":
            return f"{FLOW}.checked_never", {}
        case "free" | "language" | "online" | "costs" | "full":
            return f"{FLOW}.{reason.code}", {}
    raise ValueError(f"no sentence for the reason {reason.code!r}")


def chosen(reasons: Iterable[Reason], *, most: int | None = None, discreet: bool = False) -> list[Reason]:
    """What to tell of these: at most `most` that speak for it, and every caution.

    `discreet` leaves out whatever repeats what somebody said.
    """
    told = [reason for reason in reasons if not (discreet and reason.code in REPEATS)]
    speaking = [reason for reason in told if reason.code not in CAUTIONS]
    return speaking[:most] + [reason for reason in told if reason.code in CAUTIONS]


def in_words(
    prompts: Prompts, reasons: Sequence[Reason], language: str, *, channel: str | None = None
) -> list[str]:
    """Each reason as a sentence, in their order."""
    keys = (sentence(reason, language) for reason in reasons)
    return [prompts.say(key, language, channel=channel, found=values) for key, values in keys]


def _month(detail: str, language: str) -> str:
    year, _, month = detail.partition("-")
    locale = "en_GB" if language == ENGLISH else language.replace("-", "_")
    return format_date(date(int(year), int(month), 1), "MMMM y", locale=locale)
