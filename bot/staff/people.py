"""Finding people, opening a case for someone who rang or walked in, and making two records one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from bot.casework import caseload, cases, walk_ins
from bot.casework.access import may_open
from bot.casework.cases import Case
from bot.people import access_needs, contact_points, joining, persons
from bot.people.numbers import as_number
from bot.people.persons import Person
from bot.staff import wording
from bot.staff.case import subject
from bot.staff.pages import BASE, Ask, NotAllowed, NotFound, Refused
from bot.store.tables import Safe
from bot.store.unit_of_work import Reading, UnitOfWork

HOW = {"rang": "They rang us", "walked in": "They walked in", "met": "We met them"}


@dataclass(frozen=True, slots=True)
class Found:
    """Someone a search found. Without agreement there is no name here, and nothing else to see."""

    person: Person
    name: str
    numbers: tuple[str, ...]
    case: Case | None


def found_page(ask: Ask) -> Response:
    """A search by name or number."""
    words = ask.query.get("q", "").strip()[:100]
    found: list[Found] = []
    if words:
        with ask.reading() as reading:
            found = [found_one(reading, p) for p in persons.search(reading, words)]
        ask.write(lambda unit: unit.audit("people searched", f"staff:{ask.me.staff_id}", found=len(found)))
    return ask.page("people.html", words=words, found=found)


def found_one(reading: Reading, person: Person) -> Found:
    """One person, as a list shows them."""
    agreed = person.agreed_at is not None
    points = contact_points.of_person(reading, person.id)
    numbers = [wording.number(p.address) for p in points if p.channel in wording.BY_PHONE]
    if other := person.contact_plan.get("number"):
        numbers.append(wording.number(str(other)))
    case = cases.case_of(reading, person.id) if agreed else None
    return Found(person, person.name if agreed else "", tuple(dict.fromkeys(numbers)), case)


# -- someone who rang or walked in ---------------------------------------------------------


def new_page(
    ask: Ask, wrong: dict[str, str] | None = None, known: list[Found] | None = None, status: int = 200
) -> Response:
    """The form. It keeps what was typed when something is missing."""
    return ask.page(
        "new_person.html", status, wrong=wrong or {}, known=known or [], form=ask.form, hows=HOW,
        languages=ask.parts.settings.languages, contact_days=ask.parts.settings.contact_within_days,
    )  # fmt: skip


def open_case(ask: Ask) -> Response:
    """Open their case, once they have said yes aloud; someone we may know already is shown first."""
    name, number = ask.sent("name", 60), ask.sent("number", 30)
    wrong = {}
    if not name:
        wrong["name"] = "Ask what they wish to be called."
    if number and as_number(number) is None:
        wrong["number"] = "That number cannot be rung. It should look like 07700 900123."
    if ask.sent("agreed") != "yes":
        wrong["agreed"] = "Ask if they agree. Nothing is kept of someone who has not agreed."
    if wrong:
        return new_page(ask, wrong, status=422)
    if ask.sent("someone_new") != "yes":
        with ask.reading() as reading:
            known = _may_be(reading, name, number)
        if known:
            return new_page(ask, known=known)
    plan = {
        "number": as_number(number) if number else None,
        "safe": ask.sent("safe", 20) if ask.sent("safe", 20) in {s.value for s in Safe} else None,
        "times": ask.sent("times", 200) or None,
        "word": ask.sent("word", 60) or None,
        "who_answers": ask.sent("who_answers", 200) or None,
    }
    content = {step: words for step in ("matters", "first") if (words := ask.sent(step))}
    settings, me = ask.parts.settings, ask.me.staff_id
    language = ask.sent("language", 12)

    def work(unit: UnitOfWork) -> tuple[walk_ins.WalkInOpened, caseload.Caseload | None]:
        beyond = caseload.at_limit(unit, me) if ask.sent("mine") == "yes" else None
        made = walk_ins.open_for_walk_in(
            unit, me, name=name, agreed=True, hours=settings.hours, within_days=settings.contact_within_days,
            content=content, plan={k: v for k, v in plan.items() if v},
            how=ask.sent("how", 20) if ask.sent("how", 20) in HOW else "rang",
            language=language if language in settings.languages else "en", zone=settings.zone,
            mine=ask.sent("mine") == "yes",
        )  # fmt: skip
        if need := ask.sent("need", 300):
            access_needs.record_need(unit, made.person_id, need)
        if beyond:
            caseload.note_beyond_limit(unit, beyond, made.referral.case_id)
        return made, beyond

    made, beyond = ask.write(work)
    more = f" {wording.beyond_limit(beyond.open_cases + 1, beyond.staff.case_limit)}" if beyond else ""
    return ask.go(f"people/{made.person_token}", f"A case is open for {name}.{more}")


def _may_be(reading: Reading, name: str, number: str) -> list[Found]:
    people = {p.id: p for words in (number, name) if words for p in persons.search(reading, words)}
    return [found_one(reading, p) for p in list(people.values())[:5]]


# -- two that are one ----------------------------------------------------------------------


def compare_page(ask: Ask) -> Response:
    """Both, side by side, so that a human decides."""
    with ask.reading() as reading:
        pair = _both(ask, reading)
        sides = [_side(reading, person) for person in pair]
    return ask.page("compare.html", sides=sides, url=f"{BASE}/people/{pair[0].token}")


def merge(ask: Ask) -> Response:
    """Make them one. The record that is kept gets everything of the other; undo puts it back."""

    def work(unit: UnitOfWork) -> tuple[str, int]:
        pair = _both(ask, unit)
        keep, other = pair if ask.sent("keep", 40) != pair[1].token else reversed(pair)
        try:
            return keep.token, joining.join(unit, keep.id, other.id)
        except joining.CannotJoin:
            raise Refused("These two are one already, or one was joined into another.") from None

    token, made = ask.write(work)
    url = f"{BASE}/people/{token}"
    return ask.go(url, "They are one record now.", undo=(f"{url}/part/{made}", {}))


def part(ask: Ask) -> Response:
    """They were two people after all."""

    def work(unit: UnitOfWork) -> tuple[str, bool]:
        person, _ = subject(ask, unit)
        made = _number(ask, "joining_id")
        if made not in {j.id for j in joining.joinings_of(unit, person.id)}:
            raise NotFound
        try:
            return person.token, joining.undo(unit, made)
        except joining.CannotJoin:
            raise Refused("They were joined into another record since. Undo that one first.") from None

    token, undone = ask.write(work)
    return ask.go(f"people/{token}", "They are two records again." if undone else "That was undone already.")


def _both(ask: Ask, reading: Reading) -> tuple[Person, Person]:
    person, access = subject(ask, reading)
    other = persons.by_token(reading, ask.path("other"))
    if other is None or other.id == person.id:
        raise NotFound
    if not access.all or not may_open(reading, ask.me.staff_id, other.id).all:
        raise NotAllowed("Both people need to have said yes before their records can be made one.")
    return person, other


def _side(reading: Reading, person: Person) -> dict[str, Any]:
    found = found_one(reading, person)
    return {
        "person": person,
        "name": found.name,
        "numbers": found.numbers,
        "case": found.case,
        "needs": [need.need for need in access_needs.needs_of(reading, person.id)],
    }


def _number(ask: Ask, name: str) -> int:
    try:
        return int(ask.path(name))
    except ValueError:
        raise NotFound from None
