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
    "person.name": ("Anne-Marie Okonkwo", "Siân Llŷr Williams", ""),
    # as the operator set it
    "service.name": "Ashby Community Connectors",
    "service.area": "Ashby-de-la-Zouch",
    "service.phone": "01632 960001",
    "service.caller_name": "Anne-Marie",
    "service.nation": ("england", "wales", "scotland", "northern-ireland"),
    "service.minimum_age": 18,
    "service.contact_within_days": 5,
    "service.keep_days": 30,
    "service.more_weeks": 2,
    "service.neighbour_name": ("Measham and Coalville Links", ""),
    "service.neighbour_phone": ("01632 960002", ""),
    "service.controller": "Ashby Community Connectors CIC",
    "service.privacy_url": "https://links.ashby-connectors.example/privacy",
    "service.privacy_contact": "privacy@ashby-connectors.example",
    "service.text_number": "+447700900000",
    "service.urgent_food": ("Ashby Food Bank 01632 960003", ""),
    "service.homelessness": ("Ashby Council 01632 960004", ""),
    "service.hours_words": "Mon-Fri 09:00-17:00; Sat 10:00-12:00",
    "service.opens": "9.30am Wednesday 30 September",
    "service.is_open": (True, False),
    # what they answered
    "answers.safe": ("only_me", "text_only", "no_message", "others_see"),
    "answers.safe_here": ("only_me", "others_see", ABSENT),
    "answers.shared_how": ("other_number", "set_times", "i_will_write", OWN_WORDS, ABSENT),
    "answers.shared_times": (OWN_WORDS, ABSENT),
    "answers.times": ("any", "mornings", "afternoons", OWN_WORDS, ABSENT),
    "answers.way": ("phone", "here", ABSENT),
    "answers.number": "07700 900123",
    "answers.word": ("butterscotch", None),
    "answers.matters": (OWN_WORDS, None),
    "answers.name": ("Anne-Marie Okonkwo", None),
    "answers.their_name": "Anne-Marie Okonkwo",
    "answers.helped": 10,
    # what was found for them
    "found.handoff_opened.open_now": (True, False),
    "found.handoff_opened.by": (FAR, NEAR),
    "found.referral_opened.by": (FAR, NEAR),
    "found.carer_to_be_rung.by": (FAR, NEAR),
    "found.call_back_promised.by": (FAR, NEAR),
    "found.not_a_number.why": "",
    "found.to_look_at.by": (FAR, NEAR),
    "found.details_found.name": ("Anne-Marie Okonkwo", ""),
    "found.details_found.agreed": (True, False),
    "found.details_found.waiting": (True, False),
}

#: What the same values are when reading is measured: a name is no harder than another.
SIMPLE = {
    "person.name": ("Sam", ""),
    "service.name": "Ash Links",
    "service.area": "Ash",
    "service.caller_name": "Sam",
    "service.neighbour_name": ("Oak Links", ""),
    "service.controller": "Ash Links",
    "service.privacy_url": "our page",
    "service.privacy_contact": "Sam",
    "service.urgent_food": ("Ash Food 01632 960003", ""),
    "service.homelessness": ("Ash Homes 01632 960004", ""),
    "service.opens": "9am today",
    "answers.their_name": "Sam",
    "answers.name": ("Sam", None),
    "found.details_found.name": ("Sam", ""),
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
