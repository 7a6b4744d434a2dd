"""A person: what they wish to be called, their language, how to contact them, and finding them again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from bot.people.contact_points import BY_PHONE
from bot.people.for_a_human import STANDING
from bot.people.numbers import as_number
from bot.store.prepared import Prepared
from bot.store.sealed import maybe_open
from bot.store.tables import contact_point, conversation, handoff, name_lookup, person
from bot.store.unit_of_work import Reading, UnitOfWork

#: A search shows at most this many: more cannot be told apart on a page.
MOST_FOUND = 50


class NoSuchPerson(LookupError):
    """There is no person with this id, or they were erased."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone we talk with. `name` is empty until they gave one; `zone` is an IANA name.

    `contact_plan` holds, where they told us, `times`, `how`, `word` (a code word), `number`
    (another number to ring) and `who_answers`.
    """

    id: int
    token: str
    name: str
    language: str
    zone: str
    nation: str | None
    source: str | None
    agreed_at: datetime | None
    under_age: bool
    joined_into: int | None
    contact_plan: dict[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    conversation_id: int = 0

    def __repr__(self) -> str:
        return f"Person(id={self.id})"


_person = select(
    person.c.id, person.c.token, person.c.name, person.c.language, person.c.zone, person.c.nation,
    person.c.source, person.c.agreed_at, person.c.under_age, person.c.joined_into, person.c.contact_plan,
    person.c.created_at, conversation.c.id.label("conversation_id"),
).join(conversation, conversation.c.person_id == person.c.id)  # fmt: skip
_by_id = Prepared(_person.where(person.c.id == bindparam("id")))
_agreed = Prepared(
    update(person)
    .where(person.c.id == bindparam("person"), person.c.agreed_at.is_(None))
    .values(agreed_at=bindparam("now"))
)
_not_found_by = Prepared(delete(name_lookup).where(name_lookup.c.person_id == bindparam("person")))


def person_of(reading: Reading, person_id: int) -> Person:
    """This person. Raises NoSuchPerson. One who was joined into another says so in `joined_into`."""
    row = _by_id.first(reading.connection, {"id": person_id})
    if row is None:
        raise NoSuchPerson(person_id)
    return _opened(reading, row)


def by_token(reading: Reading, token: str) -> Person | None:
    """The person a link leads to; the kept one, where two were joined."""
    row = reading.execute(_person.where(person.c.token == token)).first()
    if row is None:
        return None
    return _opened(reading, row) if row.joined_into is None else person_of(reading, kept(reading, row.id))


def kept(reading: Reading, person_id: int) -> int:
    """Who this person is now: themselves, or whom they were joined into."""
    while True:
        into = reading.execute(
            select(person.c.joined_into).where(person.c.id == person_id)
        ).scalar_one_or_none()
        if into is None:
            return person_id
        person_id = into


def call(unit: UnitOfWork, person_id: int, name: str) -> None:
    """What they wish to be called. An empty name takes back the one they gave."""
    name = " ".join(name.split())
    unit.change(person, person_id, name=unit.sealer.seal(name) if name else None)
    find_by_again(unit, person_id)
    unit.audit("name set", f"person:{person_id}")


def plan_contact(unit: UnitOfWork, person_id: int, **wishes: str | None) -> None:
    """When and how to contact them: `times`, `how`, `word`, `number`, `who_answers`; None takes one back."""
    plan = dict(person_of(unit, person_id).contact_plan)
    plan.update(wishes)
    plan = {wish: words for wish, words in plan.items() if words}
    unit.change(person, person_id, contact_plan=unit.sealer.seal_json(plan) if plan else None)
    if "number" in wishes:
        find_by_again(unit, person_id)
    unit.audit("contact plan set", f"person:{person_id}", wishes=sorted(wishes))


def set_language(unit: UnitOfWork, person_id: int, language: str) -> None:
    """Talk with them in this language from now on."""
    unit.execute(update(person).where(person.c.id == person_id).values(language=language))
    unit.audit("language set", f"person:{person_id}", language=language)


def set_nation(unit: UnitOfWork, person_id: int, nation: str | None) -> None:
    """Which nation they are in: the help named to them depends on it."""
    unit.execute(update(person).where(person.c.id == person_id).values(nation=nation))
    unit.audit("nation set", f"person:{person_id}", nation=nation)


def set_under_age(unit: UnitOfWork, person_id: int, under_age: bool = True) -> None:
    """They are younger than the service's age: concerns go to the safeguarding lead."""
    unit.execute(update(person).where(person.c.id == person_id).values(under_age=under_age))
    unit.audit("under age set", f"person:{person_id}", under_age=under_age)


def agreed(unit: UnitOfWork, person_id: int) -> None:
    """From now on link workers may see what they said. The first yes counts."""
    _agreed.do(unit.connection, {"person": person_id, "now": unit.now})
    unit.audit("agreed", f"person:{person_id}")


def no_longer_agreed(unit: UnitOfWork, person_id: int) -> None:
    """They changed their mind: from now on nothing more is passed on."""
    unit.execute(update(person).where(person.c.id == person_id).values(agreed_at=None))
    unit.audit("agreement withdrawn", f"person:{person_id}")


def staff_may_find() -> ColumnElement[bool]:
    """People link workers may come across: they agreed, or wait for a human; not joined, not erased."""
    waits = (
        select(handoff.c.id)
        .join(conversation, conversation.c.id == handoff.c.conversation_id)
        .where(conversation.c.person_id == person.c.id, handoff.c.status.in_(STANDING))
        .correlate(person)
        .exists()
    )
    return (
        person.c.joined_into.is_(None)
        & person.c.erased_at.is_(None)
        & (person.c.agreed_at.is_not(None) | waits)
    )


def search(reading: Reading, words: str) -> list[Person]:
    """People with this name or this telephone number, sorted by name.

    A name matches by whole words or by its first three letters or more; accents and capitals do
    not matter. Only people link workers may come across; at most MOST_FOUND.
    """
    number = as_number(words)
    if number is not None:
        found = _by_number(reading, number)
    else:
        found = _by_name(reading, name_words(words))
    return sorted(found, key=lambda p: (folded(p.name), p.id))


def _by_number(reading: Reading, number: str) -> list[Person]:
    lookup = reading.sealer.lookup("phone", number)
    given = select(name_lookup.c.person_id).where(name_lookup.c.lookup == lookup)
    theirs = select(contact_point.c.person_id).where(
        contact_point.c.channel.in_(BY_PHONE), contact_point.c.lookup == lookup
    )
    rows = reading.execute(
        _person.where(person.c.id.in_(given.union(theirs)), staff_may_find()).limit(MOST_FOUND)
    )
    return [_opened(reading, row) for row in rows]


def _by_name(reading: Reading, wanted: list[str]) -> list[Person]:
    if not wanted:
        return []
    whole = {word: reading.sealer.lookup("name word", word) for word in wanted}
    start = {word: reading.sealer.lookup("name start", word[:3]) for word in wanted}
    query = _person.where(staff_may_find())
    # One or two letters find little by themselves; after another word ("Ray B") they choose.
    for word in [w for w in wanted if len(w) > 2] or wanted:
        has = select(name_lookup.c.person_id).where(name_lookup.c.lookup.in_([whole[word], start[word]]))
        query = query.where(person.c.id.in_(has))
    # Whole words first, so that "Ann" is not lost among every Annette when there are too many.
    exact = (
        select(func.count())
        .where(name_lookup.c.person_id == person.c.id, name_lookup.c.lookup.in_(whole.values()))
        .correlate(person)
        .scalar_subquery()
    )
    rows = reading.execute(query.order_by(exact.desc(), person.c.id).limit(4 * MOST_FOUND))
    found = [_opened(reading, row) for row in rows]
    matching = [p for p in found if all(any(w.startswith(q) for w in name_words(p.name)) for q in wanted)]
    return matching[:MOST_FOUND]


def folded(words: str) -> str:
    """Small letters without accents: what two spellings of one name share."""
    decomposed = unicodedata.normalize("NFKD", words.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def name_words(name: str) -> list[str]:
    """A name's words, folded: "Zoë O'Neil" is zoe, oneil."""
    return re.findall(r"[^\W_]+", re.sub(r"['’`-]", "", folded(name)))


def number_lookup(reading: Reading, plan: dict[str, Any]) -> str | None:
    """What another number in a contact plan is found by."""
    number = as_number(str(plan.get("number") or ""))
    return reading.sealer.lookup("phone", number) if number else None


def lookups_of(reading: Reading, who: Person) -> set[str]:
    """Everything this person is found by besides their contact points."""
    seal = reading.sealer.lookup
    words = name_words(who.name)
    found = {seal("name word", w) for w in words} | {seal("name start", w[:3]) for w in words}
    if number := number_lookup(reading, who.contact_plan):
        found.add(number)
    return found


def find_by_again(unit: UnitOfWork, person_id: int) -> None:
    """Write anew what this person is found by, after a name or a number changed."""
    lookups = lookups_of(unit, person_of(unit, person_id))
    _not_found_by.do(unit.connection, {"person": person_id})
    for lookup in sorted(lookups):
        unit.insert(name_lookup, person_id=person_id, lookup=lookup)


def _opened(reading: Reading, row: Any) -> Person:
    plan = reading.sealer.open_json(row.contact_plan) if row.contact_plan is not None else {}
    return Person(
        row.id, row.token, maybe_open(reading.sealer, row.name), row.language, row.zone, row.nation,
        row.source, row.agreed_at, row.under_age, row.joined_into, plan, row.created_at, row.conversation_id,
    )  # fmt: skip
