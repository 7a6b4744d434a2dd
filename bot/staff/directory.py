"""The directory: looking for a service, and everything known of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.responses import Response

from bot.casework import staffing
from bot.casework.access import may_open
from bot.directory import outcomes
from bot.directory.checking import ASSURED, open_findings
from bot.directory.keeping import GONE
from bot.directory.services import (
    Event,
    NoSuchService,
    Service,
    history_of,
    service_by_token,
)
from bot.flowkit.lists import WANTS
from bot.people.persons import Person, by_token
from bot.staff import service_words, support_words
from bot.staff.directory_search import SHOW, SORTS, Asked, looked_for, to_look_at
from bot.staff.pages import BASE, Ask, NotFound
from bot.store.tables import Outcome, SuggestionStatus, onward_referral, suggestion
from bot.store.unit_of_work import Reading

#: "Lately", on a service's page.
LATELY = timedelta(days=90)
SHOWN_LATELY = 20


@dataclass(frozen=True, slots=True)
class Suggested:
    """Once that it was suggested: when, by whom, and what became of it. To whom is not for this page."""

    at: datetime
    by: str
    became: str
    outcome: Outcome | None


# -- looking ---------------------------------------------------------------------------------


def directory_page(ask: Ask) -> Response:
    """What is there, narrowed, in order, a page at a time; for one person where somebody is in hand."""
    asked = Asked.of(ask.query)
    months = stale_months(ask)
    with ask.reading() as reading:
        person = in_hand(ask, reading)
        hits = looked_for(reading, asked, today(ask), months)
    given = {
        "q": asked.words, "want": asked.want, "near": asked.near, "free": "yes" if asked.free else "",
        "day": asked.day, "language": asked.language, "show": asked.show if asked.show != "open" else "",
        "sort": ask.query.get("sort", "") if asked.sort in SORTS else "",
        "for": person.token if person else "",
    }  # fmt: skip

    def address(**changed: Any) -> str:
        asks = {name: value for name, value in {**given, **changed}.items() if value}
        return f"{BASE}/directory" + (f"?{urlencode(asks)}" if asks else "")

    return ask.page(
        "directory.html", hits=hits, asked=asked, person=person, shows=SHOW, sorts=SORTS, wants=WANTS,
        address=address, s=support_words, sw=service_words, months=months,
        no_place=bool(asked.near) and hits.here is None,
    )  # fmt: skip


def in_hand(ask: Ask, reading: Reading, token: str | None = None) -> Person | None:
    """Whom a service is looked for, if this worker may open them: `token`, or the address's `for`."""
    token = ask.query.get("for", "") if token is None else token
    person = by_token(reading, token) if token else None
    if person is None or not may_open(reading, ask.me.staff_id, person.id).all:
        return None
    return person


# -- one service -----------------------------------------------------------------------------


def find(ask: Ask, reading: Reading) -> Service:
    """The service of this address. Raises NotFound."""
    try:
        return service_by_token(reading, ask.path("service"))
    except NoSuchService:
        raise NotFound from None


def url_of(one: Service) -> str:
    """Its page."""
    return f"{BASE}/directory/{one.token}"


def service_page(
    ask: Ask, wrong: dict[str, str] | None = None, doing: str = "", status: int = 200
) -> Response:
    """Everything about one service. `doing` keeps the form open that was `wrong`."""
    months = stale_months(ask)
    with ask.reading() as reading:
        one = find(ask, reading)
        person = in_hand(ask, reading)
        names = {member.id: member.name for member in staffing.all_staff(reading)}
        history = history_of(reading, one.id)
        checks = [c for c in open_findings(reading, service_id=one.id) if c.what != ASSURED]
        lately, totals = _lately(reading, one.id, names)
        on_the_way = len(outcomes.still_open(reading, one.id))
        told_already = _offered_to(reading, one.id, person.id) if person else False
        going = is_on_the_way(reading, one.id, person.id) if person else False
    return ask.page(
        "service.html", status, one=one, url=url_of(one), person=person, checks=checks,
        look=to_look_at(one, len(checks), today(ask), months), months=months, lately=lately, totals=totals,
        history=[service_words.done(event, names) for event in history],
        checked_by=_checked_by(history, names, one), s=support_words, sw=service_words,
        wrong=wrong or {}, doing=doing or ask.query.get("do", ""), form=ask.form, today=today(ask),
        told_already=told_already, going=going, gone_mark=GONE, on_the_way=on_the_way,
    )  # fmt: skip


def stale_months(ask: Ask) -> int:
    """After so many months without a check an entry is stale."""
    return ask.parts.settings.directory_checked_within_months


def today(ask: Ask) -> date:
    """The day it is here."""
    return ask.times.local(ask.now).date()


def _checked_by(history: list[Event], names: dict[int, str], one: Service) -> str:
    """Who said that it was checked on the day it says; empty when nobody did."""
    if one.assured_on is None:
        return ""
    for event in history:
        if "assured_on" in event.details.get("changed", {}):
            return service_words.by(event.acting, names)
    added = next((event for event in history if event.what in ("added", "imported")), None)
    return service_words.by(added.acting, names) if added else ""


def _lately(reading: Reading, service_id: int, names: dict[int, str]) -> tuple[list[Suggested], Counter[str]]:
    """The last times it was suggested, and how often in all: suggested, yes, got there."""
    rows = reading.execute(
        select(
            suggestion.c.offered_at, suggestion.c.offered_by, suggestion.c.status, onward_referral.c.outcome
        )
        .outerjoin(onward_referral, onward_referral.c.suggestion_id == suggestion.c.id)
        .where(suggestion.c.service_id == service_id, suggestion.c.offered_at > reading.now - LATELY)
        .order_by(suggestion.c.id.desc())
    ).all()
    totals: Counter[str] = Counter(suggested=len(rows))
    for row in rows:
        totals["yes"] += row.status is SuggestionStatus.ACCEPTED
        totals["there"] += row.outcome is Outcome.ATTENDED
    shown = [
        Suggested(
            row.offered_at,
            service_words.by(row.offered_by, names),
            support_words.BECAME[row.status],
            row.outcome,
        )
        for row in rows[:SHOWN_LATELY]
    ]
    return shown, totals


def is_on_the_way(reading: Reading, service_id: int, person_id: int) -> bool:
    """Whether they said yes to it, and we do not know yet whether they got there."""
    return any(
        o.service_id == service_id and o.outcome in (None, Outcome.TASK)
        for o in outcomes.onward_of(reading, person_id)
    )


def _offered_to(reading: Reading, service_id: int, person_id: int) -> bool:
    """Whether this person has it before them now, unanswered."""
    return bool(
        reading.execute(
            select(suggestion.c.id).where(
                suggestion.c.service_id == service_id,
                suggestion.c.person_id == person_id,
                suggestion.c.status == SuggestionStatus.OFFERED,
            )
        ).first()
    )
