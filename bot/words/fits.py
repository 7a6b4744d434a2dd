"""Whether everything we say still fits a text with this service's own name, area and numbers in it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from bot.clock import LONDON
from bot.messages import ChannelName
from bot.settings import PREFIX
from bot.words import dates, gsm
from bot.words.languages import ENGLISH
from bot.words.prompts import DISCREET, VARIANTS, Prompts, numbered

#: Most segments a text may take (design section 6). The greeting keeps the shortest way to twelve
#: in English (practice section 1); the same words are longer in other languages.
MOST, MOST_OF_SOME = 2, 3
SOME = frozenset({"intake.agree", "what_matters.part", "what_matters.summary"})
GREETING = "welcome.who"
SOME_FLOWS = frozenset({"safety"})

ABSENT = object()

#: An instant whose name is as long as they get ("10.30am Wednesday 30 September"), gone by so that it
#: is never "tomorrow".
LONG_AGO = datetime(2020, 9, 30, 9, 30, tzinfo=UTC)

OWN_WORDS = (
    "I’m on my own since my wife died and the flat is cold, I can’t get to the shops – "
    "it’s my knees… and I don’t know who to ask about the letters that keep coming 😢"
)

#: A service as bot/conversation/told.py tells it, which never takes more of a text than this.
SERVICE_TOLD = "The walk is on flat paths. " * 6
SERVICE_MORE = "The walk is on flat paths. " * 7 + "Free to all. " * 2
SERVICE_NAME = "Ashby-de-la-Zouch Slow Walkers and Talk"
HOW_TO_JOIN = "Ring 01632 960111 and ask for Anne-Marie Okonkwo."
FIRST_TIME = "The next one is at 10.30am Wednesday 30 September. Measham Community Centre and Library."

#: An appointment as bot/conversation/appointment_words.py tells it.
APPOINTMENT_SHORT = "Wednesday 30 September at 10.30am"
APPOINTMENT_TOLD = f"{APPOINTMENT_SHORT}, with Anne-Marie, at Measham Community Centre and Li, 90 minutes."
APPOINTMENT_PLAIN = f"{APPOINTMENT_SHORT}, at Measham Community Centre and Li, 90 minutes."
APPOINTMENT_WHERE = "High Street, Measham, DE12 7HR. Bus 19 stops at the door; the lift is by the side door."
APPOINTMENT_WAY = ("It is by the church. Bus 19 stops at the door. " * 6)[:250]
APPOINTMENT_BRING = "Please bring: your glasses and the letters that came."

#: An appointment as bot/conversation/appointment_words.py tells it: cut in a text where it is longer.
TIME = "Wednesday 30 September at 10.30am"
APPOINTMENT = f"{TIME}, with Anne-Marie, at Measham Community Centre and Lib..., 45 minutes."
APPOINTMENT_WHERE = ("Measham Community Centre, 12 High Street. " * 3)[:84]
APPOINTMENT_WAY = ("Measham Community Centre, 12 High Street. " * 7)[:150]
BRING = "Please bring: the letters about your housi...."

#: A person's plan is read to them in parts of this many units at most (bot/conversation/plan_words.py).
PLAN_PART = 330
PLAN_LINES = ("10 " + "some of their own words " * 14)[:PLAN_PART]

#: What people choose from (bot/flowkit/lists.py says what each is).
_LISTS = tomllib.loads((Path(__file__).parents[2] / "flows" / "lists.toml").read_text(encoding="utf-8"))


def _all_of(kind: str, which: str = "all") -> tuple[Any, ...]:
    """Everything there is to choose, their own words beside it, and nothing."""
    codes = _LISTS[kind][which]
    return ([*codes, OWN_WORDS], codes, [], None)


#: The longest that people really say and are told. A tuple lists what to try one after another.
WIDEST: dict[str, Any] = {
    "person.name": ("Anne-Marie Okonkwo", "Siân Llŷr Williams", ""),
    "answers.safe": ("only_me", "text_only", "no_message", "others_see", ABSENT),
    "answers.safe_here": ("only_me", "others_see", ABSENT),
    "answers.shared_how": ("other_number", "i_will_write", OWN_WORDS, ABSENT),
    "answers.times": ("any", "mornings", "afternoons", OWN_WORDS, ABSENT),
    "answers.way": ("phone", "here", ABSENT),
    "answers.matters": (OWN_WORDS, None),
    "answers.more": (OWN_WORDS, None),
    "answers.going_well": (OWN_WORDS, None),
    "answers.enjoys": (OWN_WORDS, None),
    "answers.around": (OWN_WORDS, None),
    "answers.five_ways": _all_of("wants", "five_ways"),
    "answers.practical": _all_of("wants", "practical"),
    "answers.barriers": _all_of("barriers"),
    "answers.helps": _all_of("helps"),
    "answers.meeting": _all_of("meeting"),
    "answers.when": (OWN_WORDS, None),
    "answers.with_whom": (OWN_WORDS, None),
    "answers.small_step": (OWN_WORDS, None),
    "answers.importance": 10,
    "answers.why_importance": (OWN_WORDS, None),
    "answers.confidence": 10,
    "answers.why_confidence": (OWN_WORDS, None),
    "answers.access": (["professional", "contact", "format", "support", OWN_WORDS], ["format"], None),
    "answers.may_see": (["gp", "services"], ["gp"], ["services"], ["no_one_else"], None),
    "found.plan_told.words": OWN_WORDS,
    "found.needs_found.words": (OWN_WORDS, ""),
    "found.lines": PLAN_LINES,
    "found.plan_read.lines": PLAN_LINES,
    "found.plan_read.changed": (True, False),
    "answers.summary": (2, "right", ABSENT),
    "found.link": "https://links.ashby-connectors.example/mine/0123456789abcdefghijkl",
    "found.picked": ("Company, Being active, Calm and nature, Learning something", ""),
    "found.handoff_opened.open_now": (True, False),
    "found.handoff_opened.by": LONG_AGO,
    "found.carer_to_be_rung.by": LONG_AGO,
    "found.call_back_promised.by": LONG_AGO,
    "found.to_look_at.by": LONG_AGO,
    "found.details_found.name": ("Anne-Marie Okonkwo", ""),
    "found.details_found.agreed": (True, False),
    "found.details_found.waiting": (True, False),
    "found.who": ("Anne-Marie", ""),
    "found.words": "Hello, I can come with you on Tuesday at ten. Shall we meet at the library? " * 3,
    "found.code": "123456",
    "found.word": "watercolours",
    "found.miles": (1, 12),
    "found.weeks": (1, 12),
    "found.youngest": 55,
    "found.oldest": 65,
    "found.month": "September 2026",
    "found.appointment_due.told": APPOINTMENT_TOLD,
    "found.appointment_due.plain": APPOINTMENT_PLAIN,
    "found.appointment_due.short": APPOINTMENT_SHORT,
    "found.appointment_due.who": "Anne-Marie",
    "found.appointment_due.where": (APPOINTMENT_WHERE, ""),
    "found.appointment_due.way": (APPOINTMENT_WAY, ""),
    "found.appointment_due.way_plain": (APPOINTMENT_WAY, ""),
    "found.appointment_due.bring": (APPOINTMENT_BRING, ""),
    "found.appointment_off.short": APPOINTMENT_SHORT,
    "found.appointment_off.who": "Anne-Marie",
    "found.services_found.told": "\n\n".join([SERVICE_TOLD] * 3),
    "found.services_found.plain": "\n\n".join([SERVICE_TOLD] * 3),
    "found.service_shown.told": SERVICE_TOLD,
    "found.service_shown.plain": SERVICE_TOLD,
    "found.service_shown.more": SERVICE_MORE,
    "found.service_shown.name": SERVICE_NAME,
    "found.service_shown.by": ("Anne-Marie", ""),
    "found.service_shown.instead_of": (SERVICE_NAME, ""),
    "found.nothing_fits.instead_of": (SERVICE_NAME, ""),
    "found.nothing_fits.shown": (0, 3),
    "found.may_tell_them.name": SERVICE_NAME,
    "found.may_tell_them.companion": ("promised", "wished", ""),
    "found.needs_to_share.needs": OWN_WORDS,
    "found.service_told.name": SERVICE_NAME,
    "found.goes_themselves.name": SERVICE_NAME,
    "found.goes_themselves.companion": ("promised", "wished", ""),
    "found.goes_themselves.how": HOW_TO_JOIN,
    "found.goes_themselves.next": FIRST_TIME,
    "found.it_is_full.name": SERVICE_NAME,
    "found.it_is_full.weeks": (0, 1, 12),
    "found.on_the_list.name": SERVICE_NAME,
    "found.on_the_way.name": SERVICE_NAME,
    "found.on_the_way.nth": (1, 2),
    "found.another_time.on": (LONG_AGO, None),
    "found.place_offered.name": SERVICE_NAME,
    "found.place_offered.until": LONG_AGO,
    "found.place_offered.direct": (True, False),
    "found.place_taken.name": SERVICE_NAME,
    "found.place_taken.themselves": (True, False),
    "found.place_taken.how": HOW_TO_JOIN,
    "found.place_taken.next": FIRST_TIME,
    **{
        f"found.{name}.{said}": words
        for name in ("have_appointment", "slot_held", "appointment_cancelled", "booked")
        for said, words in {
            "told": APPOINTMENT,
            "plain": APPOINTMENT,
            "short": TIME,
            "where": APPOINTMENT_WHERE,
            "where_plain": APPOINTMENT_WHERE,
            "way": APPOINTMENT_WAY,
            "way_plain": APPOINTMENT_WAY,
            "bring": (BRING, ""),
            "instead": (TIME, ""),
        }.items()
    },
    "found.moved": (True, False),
    "found.slots_found.why": ("", "nearest", "far", "no_more", "gone"),
    "found.slots_found.who": ("Anne-Marie", ""),
    "found.slots_found.moving": (7, None),
    "found.time_unclear.why": (
        "which-day",
        "which-half",
        "date-or-time",
        "no-day",
        "days-disagree",
        "no-such-day",
        "gone",
        "far",
        "clock-skips",
        "vague",
        "words",
    ),
    "found.time_unclear.readings": ([1], []),
    "found.no_times.by": LONG_AGO,
    "found.no_times.moving": (True, False),
    "found.no_times.asked": (True, False),
    "found.no_times.gone": (True, False),
    "found.booked_by_a_person.by": (LONG_AGO, None),
    "found.appointment.day": "Wednesday 30 September",
    "found.appointment.last": "Wednesday 30 September",
    "found.appointment.at": "10.30am",
    "found.appointment.opens": ("10.30am", ""),
    "found.appointment.closes": "10.30am",
    "found.appointment.when": TIME,
    "found.appointment.who": ("Anne-Marie", ""),
    "found.appointment.how": "at Measham Community Centre and Lib...",
    "found.appointment.minutes": 45,
    "found.appointment.place": "Measham Community Centre and Lib...",
    "found.appointment.link": "https://meet.ashby-connectors.example/anne-marie-okonkwo",
    "found.appointment.words": "the letters about your hous...",
    "found.time_freed.told": APPOINTMENT,
    "found.time_freed.short": TIME,
    "found.time_freed.instead": (TIME, ""),
    "found.time_yours.short": TIME,
    "found.time_gone.short": (TIME, ""),
    "found.time_let_go.short": (TIME, ""),
    "found.session.name": "Measham Community Centre Walke...",
    "found.session.when": TIME,
    "found.session.why": ("The hall is closed for the week, since the heating is out.", ""),
    "found.session.next": (TIME, ""),
    "found.session.yours": (True, False),
    "found.name": SERVICE_NAME,
    "found.service.days": "Wednesday and Saturday",
    "found.service.opens": (LONG_AGO, None),
    "found.service.more": (True, False),
    "found.service.next": LONG_AGO,
    "found.service.at": LONG_AGO,
    "found.service.place": "Measham Community Centre and Library",
    "found.service.miles": (None, 0, 1, 12),
    "found.service.sum": "\u00a312.50",
    "found.service.words": "A ramp, a hearing loop and room for chairs",
    "found.service.by": SERVICE_NAME,
    "found.service.month": "September 2026",
    "found.service.phone": "01632 960111",
    "found.service.who": ("Anne-Marie Okonkwo", ""),
    "found.service.email": "walks@ashby-walkers.example",
    "found.service.url": "https://ashby-walkers.example/slow",
}

#: Which setting a value comes from, where it is the operator's own words.
_SETTING = {
    "name": "SERVICE_NAME", "area": "AREA", "phone": "SERVICE_PHONE", "caller_name": "CALLER_NAME",
    "neighbour_name": "NEIGHBOUR_NAME", "neighbour_phone": "NEIGHBOUR_PHONE", "controller": "CONTROLLER",
    "privacy_url": "PUBLIC_URL", "privacy_contact": "PRIVACY_CONTACT", "text_number": "TWILIO_FROM",
    "urgent_food": "URGENT_FOOD", "homelessness": "HOMELESSNESS",
}  # fmt: skip


def most_segments(key: str, language: str) -> int:
    """How many segments this prompt may take as a text."""
    some = key in SOME or key.partition(".")[0] in SOME_FLOWS or (key == GREETING and language != ENGLISH)
    return MOST_OF_SOME if some else MOST


def check_fits(prompts: Prompts, service: Mapping[str, Any]) -> list[str]:
    """What would be too long as a text with these settings: one line each, naming what to shorten.

    `service` is what a prompt sees as `service` (name, area, phones); when the team opens is put in
    here, as long as it gets. Empty when all of it fits.
    """
    wrong = []
    for language in prompts.languages.offered:
        opens = dates.moment(LONG_AGO, language, LONDON, LONG_AGO + timedelta(days=30))
        known = WIDEST | {f"service.{name}": value for name, value in service.items()}
        known |= {"service.opens": opens, "service.is_open": (True, False)}
        for key in prompts.keys():  # noqa: SIM118 - no mapping
            settings = _settings(prompts.values(key), service)
            if not settings:
                continue
            used, most = _most_used(prompts, key, language, known), most_segments(key, language)
            if used > most:
                name = prompts.languages.name(language)
                wrong.append(
                    f"{key} in {name} takes {used} texts where {most} fit: shorten {' or '.join(settings)}"
                )
    return wrong


def variants_of(prompts: Prompts, key: str) -> list[str | None]:
    """The ways of saying it that somebody wrote: plain, "second_try", "asked_again", "discreet"."""
    flow, _, step = key.rpartition(".")
    discreet = ["discreet"] if prompts.has(f"{flow}.{DISCREET}{step}") else []
    return [None, *(v for v in VARIANTS if prompts.has(key, v)), *discreet]


def whole(
    prompts: Prompts, key: str, language: str, channel: str, variant: str | None, values: Mapping[str, Any]
) -> str:
    """The prompt with its choices numbered, as it is said where there are no buttons."""
    flow, _, step = key.rpartition(".")
    said = f"{flow}.{DISCREET}{step}" if variant == "discreet" else key
    variant = None if variant == "discreet" else variant
    text = prompts.say(said, language, channel=channel, variant=variant, **values)
    labels = [prompts.label(key, c, language, channel=channel, **values) for c in prompts.choices(key)]
    return numbered(text, labels, channel=channel) if labels else text


def scenes(paths: Iterable[str], known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every set of values for these paths ("answers.need"), as `Prompts.say` takes them.

    `known` gives each path its value, or a tuple of those to try. Raises KeyError for one it lacks.
    """
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
        yield given


def _most_used(prompts: Prompts, key: str, language: str, known: Mapping[str, Any]) -> int:
    return max(
        gsm.segments(whole(prompts, key, language, ChannelName.SMS, variant, values))
        for values in scenes(prompts.values(key), known)
        for variant in variants_of(prompts, key)
    )


def _settings(paths: Iterable[str], service: Mapping[str, Any]) -> list[str]:
    """The settings said in these, the longest first, each with its length."""
    names = {path.removeprefix("service.") for path in paths if path.startswith("service.")}
    said = sorted((n for n in names if n in _SETTING), key=lambda n: (-len(str(service[n])), n))
    return [f"{PREFIX}{_SETTING[n]} ({len(str(service[n]))} characters)" for n in said if service[n]]
