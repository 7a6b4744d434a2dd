"""The longest values people really have, for every value a prompt may say: one place to add to.

What people say and are told is in `bot/words/fits.py`, which measures with it at start-up too.
Prompts are measured with all of them: how many texts they take, and how hard they are to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from bot.words import fits

#: It is Wednesday 4 March 2026, ten in the morning.
NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)

#: As an operator may set them.
SERVICE: dict[str, Any] = {
    "name": "Ashby Community Connectors",
    "area": "Ashby-de-la-Zouch",
    "phone": "01632 960001",
    "caller_name": "Anne-Marie",
    "nation": ("england", "wales", "scotland", "northern-ireland"),
    "minimum_age": (18, 60),
    "contact_within_days": (10, 1),
    "keep_days": 30,
    "more_weeks": (12, 1),
    "neighbour_name": ("Measham and Coalville Links", ""),
    "neighbour_phone": ("01632 960002", ""),
    "controller": "Ashby Community Connectors CIC",
    "privacy_url": "https://links.ashby-connectors.example/privacy",
    "privacy_contact": "privacy@ashby-connectors.example",
    "text_number": ("+447700900000", ""),
    "urgent_food": ("Ashby Food Bank 01632 960003", ""),
    "homelessness": ("Ashby Council 01632 960004", ""),
    "hours_words": "Mon-Fri 09:00-17:00; Sat 10:00-12:00",
    "opens": "10.30am Wednesday 30 September",
    "is_open": (True, False),
}

VALUES = fits.WIDEST | {f"service.{name}": value for name, value in SERVICE.items()}

#: Where they answer in their own words about what matters to them.
OWN_WORDS_AT = (
    "more", "going_well", "enjoys", "around", "when", "with_whom", "small_step", "why_importance",
    "why_confidence",
)  # fmt: skip

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
    "answers.times": ("any", "mornings", "afternoons", "after ten", fits.ABSENT),
    "answers.shared_how": ("other_number", "i_will_write", fits.ABSENT),
    "answers.matters": ("I am on my own.", None),
    **{f"answers.{step}": ("My sister is kind.", None) for step in OWN_WORDS_AT},
    "answers.five_ways": (["company", "learn"], None),
    "answers.practical": (["debt", "safety"], None),
    "answers.barriers": (["cost"], None),
    "answers.helps": (["someone_along"], ["call_first"], None),
    "answers.meeting": (["cafe"], None),
    "answers.access": (["format"], None),
    "found.plan_told.words": "I am on my own.",
    "found.needs_found.words": ("I am deaf.", ""),
    "found.lines": "1 Going well: my dog",
    "found.plan_read.lines": "1 Going well: my dog",
    "found.link": "our page",
    "found.picked": ("Debt", ""),
    "found.details_found.name": ("Sam", ""),
    "found.who": ("Sam", ""),
    "found.words": "I can come with you on Tuesday.",
    "found.word": "music",
    "found.appointment_due.told": "Friday 6 March at ten, with Sam, by phone.",
    "found.appointment_due.plain": "Friday 6 March at ten, by phone.",
    "found.appointment_due.short": "Friday 6 March at ten",
    "found.appointment_due.who": "Sam",
    "found.appointment_due.where": ("Sam rings you.", ""),
    "found.appointment_due.way": ("Sam rings you.", ""),
    "found.appointment_due.way_plain": ("We ring you.", ""),
    "found.appointment_due.bring": ("Bring a pen.", ""),
    "found.appointment_off.short": "Friday 6 March at ten",
    "found.appointment_off.who": "Sam",
    "found.services_found.told": "The Ash Walk is on Friday. It is free.",
    "found.services_found.plain": "The Ash Walk is on Friday. It is free.",
    "found.service_shown.told": "The Ash Walk is on Friday. It is free.",
    "found.service_shown.plain": "The Ash Walk is on Friday. It is free.",
    "found.service_shown.more": "The Ash Walk is on Friday. It is free.",
    "found.service_shown.name": "Ash Walk",
    "found.service_shown.by": ("Sam", ""),
    "found.service_shown.instead_of": ("Ash Walk", ""),
    "found.may_tell_them.name": "Ash Walk",
    "found.needs_to_share.needs": "I do not hear well.",
    "found.service_told.name": "Ash Walk",
    "found.goes_themselves.name": "Ash Walk",
    "found.goes_themselves.how": "Ring ten.",
    "found.goes_themselves.next": "The next one is at ten on Friday.",
    "found.it_is_full.name": "Ash Walk",
    "found.on_the_list.name": "Ash Walk",
    "found.on_the_way.name": "Ash Walk",
    "found.place_offered.name": "Ash Walk",
    "found.place_taken.name": "Ash Walk",
    "found.place_taken.how": "Ring ten.",
    "found.place_taken.next": "The next one is at ten on Friday.",
    **{
        f"found.{name}.{said}": words
        for name in ("have_appointment", "slot_held", "appointment_cancelled", "booked")
        for said, words in {
            "told": "It is on Friday at ten.",
            "plain": "It is on Friday at ten.",
            "short": "Friday at ten",
            "where": "Sam rings you.",
            "where_plain": "You get a call.",
            "way": "Sam rings you.",
            "way_plain": "You get a call.",
            "bring": ("Please bring a pen.", ""),
            "instead": ("Friday at ten", ""),
        }.items()
    },
    "found.slots_found.who": ("Sam", ""),
    "found.appointment.day": "Friday",
    "found.appointment.last": "Friday",
    "found.appointment.at": "ten",
    "found.appointment.opens": ("ten", ""),
    "found.appointment.closes": "ten",
    "found.appointment.when": "Friday at ten",
    "found.appointment.who": ("Sam", ""),
    "found.appointment.how": "by phone",
    "found.appointment.place": "Ash Hall",
    "found.appointment.link": "our page",
    "found.appointment.words": "a pen",
    "found.time_freed.told": "It is on Friday at ten.",
    "found.time_freed.short": "Friday at ten",
    "found.time_freed.instead": ("Friday at ten", ""),
    "found.time_yours.short": "Friday at ten",
    "found.time_gone.short": ("Friday at ten", ""),
    "found.time_let_go.short": ("Friday at ten", ""),
    "found.session.name": "Ash Walk",
    "found.session.when": "Friday at ten",
    "found.session.why": ("The hall is closed.", ""),
    "found.session.next": ("Friday at ten", ""),
    "found.name": "Ash Walk",
    "found.service.days": "Friday",
    "found.service.place": "Ash Hall",
    "found.service.words": "a ramp",
    "found.service.by": "Ash Walk",
    "found.service.who": ("Sam", ""),
    "found.service.email": "our mail",
    "found.service.url": "our page",
    "found.service.month": "May",
}


def unknown(paths: Iterable[str]) -> list[str]:
    """The paths no value is known for: add them above, or to `bot/words/fits.py`."""
    return sorted(path for path in paths if path not in VALUES)


def scenes(paths: Iterable[str], simple: bool = False) -> Iterator[dict[str, Any]]:
    """Every set of values for these paths ("answers.need"), as `Prompts.say` takes them."""
    return fits.scenes(paths, VALUES | SIMPLE if simple else VALUES)
