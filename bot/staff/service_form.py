"""The form for a service: what is known of it as fields, and what was typed as details again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, TypeVar

from babel import Locale
from starlette.datastructures import FormData

from bot.directory.details import (
    PARTS,
    Contact,
    Cost,
    Location,
    Organisation,
    Problem,
    Schedule,
    ServiceDetails,
    problems_of,
    tidied,
)
from bot.staff import wording
from bot.store.tables import Joining

T = TypeVar("T")

#: Empty rows under the ones there are, for one more place, time, price or contact.
SPARE = 2
#: How often, and what it is in RFC 5545: frequency, interval, and what stands before the day.
OFTEN = {
    "weekly": ("Every week", "WEEKLY", 1, ""),
    "fortnightly": ("Every two weeks", "WEEKLY", 2, ""),
    "first": ("First of the month", "MONTHLY", 1, "1"),
    "second": ("Second of the month", "MONTHLY", 1, "2"),
    "third": ("Third of the month", "MONTHLY", 1, "3"),
    "fourth": ("Fourth of the month", "MONTHLY", 1, "4"),
    "last": ("Last of the month", "MONTHLY", 1, "-1"),
}
#: Kept as the feed has it: this form has no words for it.
AS_IT_IS = "as-it-is"

_TEXTS = ("name", "description", "url", "email", "fees", "eligibility", "accessibility", "alert")
_NUMBERS = ("minimum_age", "maximum_age", "places_left", "waiting_weeks")
#: The fields of a service that the form asks for: no other changes by it.
ASKED_FOR = (
    *_TEXTS, *_NUMBERS, "organisation", "joining", "free", "languages", "wants", "eases", "online", *PARTS,
)  # fmt: skip
_ROWS = {"locations": "place", "schedules": "when", "costs": "cost", "contacts": "contact"}
_FREE = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Filled:
    """What the form shows: each field's text, what is ticked, and how many rows of each part."""

    values: dict[str, str]
    ticked: dict[str, Sequence[str]]
    rows: dict[str, int]

    def value(self, name: str) -> str:
        """The text of a field; empty when there is none."""
        return self.values.get(name, "")

    def used(self, row: str) -> bool:
        """Whether anything is in a row such as "when-1"."""
        own = (f"{row}-often", f"{row}-as_it_is")
        text = any(v for name, v in self.values.items() if name.startswith(f"{row}-") and name not in own)
        return text or bool(self.ticked.get(f"{row}-days"))

    def has(self, name: str, code: str) -> bool:
        """Whether a box is ticked."""
        return code in self.ticked.get(name, ())


def from_details(details: ServiceDetails) -> Filled:
    """The form as it opens."""
    values = {name: getattr(details, name) or "" for name in _TEXTS}
    for name in _NUMBERS:
        number = getattr(details, name)
        values[name] = "" if number is None else str(number)
    values["organisation"] = details.organisation.name if details.organisation else ""
    values["joining"] = details.joining.value
    values["free"] = {True: "yes", False: "no", None: ""}[details.free]
    values["languages"] = ", ".join(wording.language(code) for code in details.languages)
    ticked: dict[str, Sequence[str]] = {
        "wants": details.wants, "eases": details.eases, "online": ("yes",) if details.online else (),
    }  # fmt: skip
    rows = {}
    for part, short in _ROWS.items():
        there = getattr(details, part)
        rows[short] = len(there) + SPARE
        for nth, one in enumerate(there):
            _fill_row(values, ticked, f"{short}-{nth}", one)
    return Filled(values, ticked, rows)


def from_form(form: FormData) -> Filled:
    """The form as it was sent, so that nothing typed is lost."""
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    ticked = {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in form}
    rows = {short: min(_rows_in(form, short), 50) for short in _ROWS.values()}
    return Filled(values, ticked, rows)


def _rows_in(form: FormData, short: str) -> int:
    numbers = [int(found[1]) for name in form if (found := re.match(rf"{short}-(\d{{1,3}})-", name))]
    return max(numbers, default=SPARE - 1) + 1


def _fill_row(values: dict[str, str], ticked: dict[str, Sequence[str]], at: str, one: Any) -> None:
    for field in fields(one):
        value = getattr(one, field.name)
        if isinstance(value, str):
            values[f"{at}-{field.name}"] = value
    if isinstance(one, Cost):
        values[f"{at}-pounds"] = "" if one.pence is None else pounds(one.pence)
    if isinstance(one, Schedule):
        values[f"{at}-often"], ticked[f"{at}-days"] = _often(one)
        values[f"{at}-as_it_is"] = one.byday


def pounds(pence: int) -> str:
    """A sum as it is typed: "3", "2.50"."""
    return f"{pence // 100}" if pence % 100 == 0 else f"{pence // 100}.{pence % 100:02}"


def _often(one: Schedule) -> tuple[str, Sequence[str]]:
    days = [day for day in one.byday.split(",") if day]
    before = {re.sub(r"[A-Z]+", "", day).lstrip("+") for day in days}
    for code, (_, freq, interval, nth) in OFTEN.items():
        if (one.freq, one.interval) == (freq, interval) and before <= {nth}:
            return code, [re.sub(r"[^A-Z]", "", day) for day in days]
    return AS_IT_IS, ()


# -- back again ------------------------------------------------------------------------------


def read(form: FormData, before: ServiceDetails | None = None) -> tuple[ServiceDetails, dict[str, str]]:
    """What was typed as details, and what is wrong: for each field's id, in words that stand beside it.

    What the form does not ask for (a place's position, from when a time holds) stays as it was in
    `before`, row by row.
    """
    wrong: dict[str, str] = {}
    before = before or ServiceDetails(name="")
    text = _texts(form)
    numbers = {name: _number(text(name), name, wrong) for name in _NUMBERS}
    languages = _languages(text("languages"), wrong)
    plain = replace(
        before,
        **{name: text(name) for name in _TEXTS},
        **numbers,
        organisation=_organisation(text("organisation"), before.organisation),
        joining=Joining(text("joining")) if text("joining") in list(Joining) else before.joining,
        free=_FREE.get(text("free")),
        languages=languages,
        wants=_codes(_ticked(form, "wants"), before.wants),
        eases=_codes(_ticked(form, "eases"), before.eases),
        online=bool(_ticked(form, "online")),
        **{name: () for name in PARTS},
    )
    for name, why in beside(problems_of(tidied(plain))).items():
        wrong.setdefault(name, why)
    parts = {part: _read_rows(form, part, getattr(before, part), wrong) for part in PARTS}
    return replace(plain, **parts), wrong


def beside(problems: Sequence[Problem]) -> dict[str, str]:
    """What cannot be right, by the field of the form it stands beside."""
    return {_field_of(problem): _sentence(problem.why) for problem in reversed(problems)}


def _read_rows(form: FormData, part: str, before: Sequence[Any], wrong: dict[str, str]) -> tuple[Any, ...]:
    short, kind, text, made = _ROWS[part], PARTS[part], _texts(form), []
    for nth in range(min(_rows_in(form, short), 50)):
        at = f"{short}-{nth}"
        was = before[nth] if nth < len(before) else kind()
        asked = {name: text(f"{at}-{name}") for name in _ASKED[kind]}
        if kind is Schedule:
            asked |= _schedule(form, at, was)
        elif kind is Cost:
            asked["pence"] = _pence(text(f"{at}-pounds"), f"{at}-pounds", wrong)
        if not any(text(f"{at}-{name}") for name in (*_ASKED[kind], "pounds")) and not asked.get("byday"):
            continue
        if kind is Location and asked["postcode"] != was.postcode:
            asked |= {"latitude": None, "longitude": None}  # it is somewhere else now
        row = replace(was, **asked)
        for problem in problems_of(tidied(ServiceDetails(name="-", **{part: (row,)}))):
            field = _row_field(kind, problem.why)
            wrong.setdefault(f"{at}-{field}", _sentence(problem.why))
        made.append(row)
    return tuple(made)


#: What the form asks of each part, as text.
_ASKED: dict[type, tuple[str, ...]] = {
    Location: ("name", "address", "town", "postcode", "accessibility"),
    Schedule: ("opens_at", "closes_at", "notes"),
    Cost: ("option",),
    Contact: ("name", "phone", "email"),
}


def _schedule(form: FormData, at: str, was: Schedule) -> dict[str, Any]:
    often, days = str(form.get(f"{at}-often", "weekly")), _ticked(form, f"{at}-days")
    if often not in OFTEN:
        return {"byday": was.byday, "freq": was.freq, "interval": was.interval}
    _, freq, interval, nth = OFTEN[often]
    return {"byday": ",".join(f"{nth}{day}" for day in days), "freq": freq, "interval": interval}


def _codes(ticked: Sequence[str], before: Sequence[str]) -> tuple[str, ...]:
    """What is ticked, in the order it had: to save a form is not to change it."""
    return tuple([code for code in before if code in ticked] + [c for c in ticked if c not in before])


def _organisation(name: str, before: Organisation | None) -> Organisation | None:
    if before is not None and name == before.name:
        return before
    return Organisation(name) if name else None


def _number(words: str, name: str, wrong: dict[str, str]) -> int | None:
    if words and not re.fullmatch(r"\d{1,6}", words):
        wrong[name] = "Write a whole number, such as 12, or leave it empty."
        return None
    return int(words) if words else None


def _pence(words: str, name: str, wrong: dict[str, str]) -> int | None:
    found = re.fullmatch(r"£?\s*(\d{1,5})(?:\.(\d\d))?", words)
    if words and not found:
        wrong[name] = "Write pounds, such as 3 or 2.50, or leave it empty."
    return int(found[1]) * 100 + int(found[2] or 0) if found else None


def _languages(words: str, wrong: dict[str, str]) -> tuple[str, ...]:
    made = []
    for name in (part.strip() for part in re.split(r"[,;/]|\band\b", words)):
        if not name:
            continue
        code = _language_codes().get(name.casefold())
        if code is None:
            wrong["languages"] = (
                f"We do not know the language “{name[:40]}”. Write it in English, such as Polish."
            )
        else:
            made.append(code)
    return tuple(dict.fromkeys(made))


@cache
def _language_codes() -> dict[str, str]:
    names = {name.casefold(): code.replace("_", "-") for code, name in Locale("en").languages.items()}
    known = {code.casefold(): code for code in names.values()}
    return (
        known
        | names
        | {"panjabi": "pa", "punjabi": "pa", "british sign language": "bfi", "bsl": "bfi", "farsi": "fa"}
    )


def _texts(form: FormData) -> Callable[[str], str]:
    def text(name: str) -> str:
        value = form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    return text


def _ticked(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]


def _field_of(problem: Problem) -> str:
    """The field of the form a problem of the service itself stands beside."""
    if problem.field:
        return problem.field
    if "link" in problem.why:
        return "url"
    if "e-mail" in problem.why:
        return "email"
    return problem.why.split(" ", 1)[0]


def _row_field(kind: type, why: str) -> str:
    """The field of a row a problem stands beside."""
    for word, field in (
        ("postcode", "postcode"), ("time", "opens_at"), ("days", "days"), ("e-mail", "email"),
        ("cost", "pounds"),
    ):  # fmt: skip
        if word in why:
            return field
    first = why.split(" ", 1)[0]
    return first if first in _ASKED[kind] else _ASKED[kind][0]


def _sentence(why: str) -> str:
    """A problem's words as a sentence beside its field."""
    words = why if why[:1].isupper() else why[:1].upper() + why[1:]
    if words.startswith(("Is ", "Should ", "Are ")):
        words = f"This {words[:1].lower()}{words[1:]}"
    return words.replace("_", " ").rstrip(".") + "."
