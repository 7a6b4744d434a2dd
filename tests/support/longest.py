"""The longest values people really have, for every value a prompt may say: one place to add to.

A tuple lists values to try one after another, ABSENT among them when it may not be there.
Prompts are measured with all of them: how many texts they take, and how hard they are to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

ABSENT = object()

#: It is Wednesday 4 March 2026, ten in the morning; later instants are said as far off as they get.
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
FAR = datetime(2026, 9, 30, 9, 30, tzinfo=UTC)  # "10.30am Wednesday 30 September"
NEAR = datetime(2026, 3, 9, 17, 0, tzinfo=UTC)  # "5pm Monday"

OWN_WORDS = (
    "I’m on my own since my wife died and the flat is cold, I can’t get to the shops – "
    "it’s my knees… and I don’t know who to ask about the letters that keep coming 😢"
)

VALUES: dict[str, Any] = {
    "person.name": ("Anne-Marie Okonkwo", "Siân Llŷr Williams"),
    "service.name": "Ashby Community Connectors",
    "service.area": "Ashby-de-la-Zouch",
    "service.phone": "01632 960001",
    "service.caller_name": "Anne-Marie",
    "service.nation": ("england", "wales", "scotland", "northern-ireland"),
    "service.neighbour_name": ("Measham and Coalville Links", ""),
    "service.neighbour_phone": ("01632 960002", ""),
    "service.minimum_age": 18,
    "service.contact_within_days": 5,
    "service.late_extra_days": 10,
    "service.keep_without_agreement_days": 30,
    "service.keep_years": 8,
    "service.controller": "Ashby Community Connectors CIC",
    "service.privacy_contact": "privacy@ashby-links.example",
}

#: What the same values are when reading is measured: a name is no harder than another.
SIMPLE = {
    "person.name": "Sam",
    "service.name": "Ash Links",
    "service.area": "Ash",
    "service.caller_name": "Sam",
    "service.neighbour_name": ("Oak Links", ""),
    "service.controller": "Ash Links",
    "service.privacy_contact": "Sam",
}


def unknown(paths: Iterable[str]) -> list[str]:
    """The paths no value is known for: add them above."""
    return sorted(path for path in paths if path not in VALUES)


def scenes(paths: Iterable[str], simple: bool = False) -> Iterator[dict[str, Any]]:
    """Every set of values for these paths ("answers.need"), as `Prompts.say` takes them."""
    known = VALUES | SIMPLE if simple else VALUES
    paths = sorted(paths)
    each = [known[path] if isinstance(known[path], tuple) else (known[path],) for path in paths]
    for chosen in product(*each):
        given: dict[str, Any] = {"answers": {}, "found": {}, "person": {}, "service": {}}
        for path, value in zip(paths, chosen, strict=True):
            if value is not ABSENT:
                *parents, name = path.split(".")
                place = given
                for parent in parents:
                    place = place.setdefault(parent, {})
                place[name] = value
        yield {root: _as_seen(values) for root, values in given.items()}


def _as_seen(values: Any) -> Any:
    """Dotted, and with `in` and `.get` as a mapping has them."""
    if isinstance(values, dict):
        return _Seen({name: _as_seen(value) for name, value in values.items()})
    return values


class _Seen(dict):
    """A mapping whose items are attributes too, as `answers` and `found` are to a prompt."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None
