"""People who may be one and the same, and why; a link worker decides."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from bot.people.contact_points import BY_PHONE
from bot.people.persons import Person, name_words, number_lookup, person_of, staff_may_find
from bot.store.tables import contact_point, name_lookup, person
from bot.store.unit_of_work import Reading

SAME_NUMBER = "same number given"
SAME_NAME = "same name"
MOST = 10


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Someone who may be the same person, and why, in words a worker reads."""

    person: Person
    why: tuple[str, ...]


def likely_duplicates(reading: Reading, person_id: int) -> list[Duplicate]:
    """Who may be the same person: the same number first, then the same name. At most MOST.

    Only people link workers may come across; none of them is joined by this.
    """
    who = person_of(reading, person_id)
    why: dict[int, list[str]] = {}
    for other in _with_number(reading, who):
        why.setdefault(other, []).append(SAME_NUMBER)
    for other in _with_name(reading, who):
        why.setdefault(other, []).append(SAME_NAME)
    found = sorted(why.items(), key=lambda item: (SAME_NUMBER not in item[1], -len(item[1]), item[0]))
    return [Duplicate(person_of(reading, other), tuple(reasons)) for other, reasons in found[:MOST]]


def _with_number(reading: Reading, who: Person) -> list[int]:
    numbers = set(
        reading.execute(
            select(contact_point.c.lookup).where(
                contact_point.c.person_id == who.id,
                contact_point.c.channel.in_(BY_PHONE),
                contact_point.c.address.is_not(None),
            )
        ).scalars()
    )
    if number := number_lookup(reading, who.contact_plan):
        numbers.add(number)
    if not numbers:
        return []
    theirs = select(contact_point.c.person_id).where(
        contact_point.c.channel.in_(BY_PHONE), contact_point.c.lookup.in_(numbers)
    )
    given = select(name_lookup.c.person_id).where(name_lookup.c.lookup.in_(numbers))
    return _found(reading, who, person.c.id.in_(theirs.union(given)))


def _with_name(reading: Reading, who: Person) -> list[int]:
    words = [reading.sealer.lookup("name word", word) for word in set(name_words(who.name))]
    if not words:
        return []
    every_word = (
        select(name_lookup.c.person_id)
        .where(name_lookup.c.lookup.in_(words))
        .group_by(name_lookup.c.person_id)
        .having(func.count() == len(words))
    )
    return _found(reading, who, person.c.id.in_(every_word))


def _found(reading: Reading, who: Person, where) -> list[int]:  # type: ignore[no-untyped-def]
    query = select(person.c.id).where(where, person.c.id != who.id, staff_may_find())
    return list(reading.execute(query.order_by(person.c.id.desc()).limit(MOST)).scalars())
