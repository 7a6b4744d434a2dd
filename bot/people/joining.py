"""Two that turn out to be one: by a code sent to the way we know, or by a link worker, with undo."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from unicodedata import digit

from sqlalchemy import func, select, update

from bot.people.contact_points import ContactPoint
from bot.people.conversations import lock
from bot.people.duplicates import Duplicate, likely_duplicates
from bot.people.moving import (
    OF_A_CONVERSATION,
    OF_A_PERSON,
    Moves,
    about_their_care,
    one_conversation,
    one_handoff,
    one_person,
    put_back,
)
from bot.people.persons import Person, find_by_again, kept, person_of
from bot.store.tables import join_code, joining, person, timer
from bot.store.unit_of_work import Reading, UnitOfWork

__all__ = [
    "CannotJoin", "Duplicate", "Expired", "Joined", "Joining", "TooManyTries", "WrongCode",
    "ask_to_join", "join", "joinings_of", "likely_duplicates", "pretend_to_send", "try_code", "undo",
]  # fmt: skip

CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
#: Codes in a day, by who asks and for whom: more would be guessing, or would pester a phone.
MOST_CODES_A_DAY = 3


class CannotJoin(ValueError):
    """These two cannot be joined; the message says why, without names."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The code was right: they are one person now, and the conversation known before goes on."""

    joining_id: int
    person_id: int
    conversation_id: int


@dataclass(frozen=True, slots=True)
class WrongCode:
    """Not that one; `left` more tries."""

    left: int


@dataclass(frozen=True, slots=True)
class TooManyTries:
    """Five tries are used up."""


@dataclass(frozen=True, slots=True)
class Expired:
    """Ten minutes have passed, or no code was sent."""


@dataclass(frozen=True, slots=True)
class Joining:
    """Two that were made one: who was joined in, when (aware UTC), on whose account, and whether undone."""

    id: int
    kept_id: int
    joined_id: int
    at: datetime
    acting: str
    undone_at: datetime | None


# -- by a code -----------------------------------------------------------------------------


def ask_to_join(unit: UnitOfWork, asking_person_id: int, known: ContactPoint) -> str | None:
    """A six-digit code to send to `known`, the way of reaching them that we have had before.

    It works once, for ten minutes and five tries, and ends any code asked for earlier. None when
    too many were asked for today, or when both are one person already: then nothing is sent. Say
    the same to the person whatever comes back, so that nobody learns which numbers we know.
    """
    known_person_id = kept(unit, known.person_id)
    unit.audit("code asked for", f"person:{asking_person_id}")
    if known_person_id == kept(unit, asking_person_id):
        return None
    since = unit.now + CODE_LASTS - timedelta(days=1)
    sent = join_code.c.known_person_id != join_code.c.asking_person_id
    for whose in (
        join_code.c.asking_person_id == asking_person_id,
        join_code.c.known_person_id == known_person_id,
    ):
        recent = (whose, sent, join_code.c.expires_at > since)
        asked = unit.execute(select(func.count()).select_from(join_code).where(*recent)).scalar_one()
        if asked >= MOST_CODES_A_DAY:
            return None
    unit.execute(
        update(join_code)
        .where(join_code.c.asking_person_id == asking_person_id, join_code.c.used_at.is_(None))
        .values(used_at=unit.now)
    )
    code = f"{secrets.randbelow(1_000_000):06d}"
    unit.insert(
        join_code,
        asking_person_id=asking_person_id,
        known_person_id=known_person_id,
        code=_digest(unit, asking_person_id, code),
        expires_at=unit.now + CODE_LASTS,
        tries=0,
    )
    return code


def pretend_to_send(unit: UnitOfWork, asking_person_id: int) -> None:
    """A code that nobody has: a wrong one is then answered alike, whether we know the number or not.

    Ask before `ask_to_join`, whose code takes its place.
    """
    unit.insert(
        join_code,
        asking_person_id=asking_person_id,
        known_person_id=asking_person_id,
        code=_digest(unit, asking_person_id, secrets.token_hex(16)),
        expires_at=unit.now + CODE_LASTS,
        tries=0,
    )


def try_code(
    unit: UnitOfWork, asking_person_id: int, code: str
) -> Joined | WrongCode | TooManyTries | Expired:
    """The code they typed, in anybody's digits and with spaces or dashes. The right one joins the two."""
    row = unit.execute(
        select(join_code)
        .where(join_code.c.asking_person_id == asking_person_id, join_code.c.used_at.is_(None))
        .order_by(join_code.c.id.desc())
        .limit(1)
        .with_for_update()
    ).first()
    if row is None or row.expires_at <= unit.now:
        return Expired()
    if row.tries >= MOST_TRIES:
        return TooManyTries()
    digits = "".join(str(digit(c)) for c in code[:40] if digit(c, None) is not None)
    right = hmac.compare_digest(_digest(unit, asking_person_id, digits), row.code)
    unit.execute(
        update(join_code)
        .where(join_code.c.id == row.id)
        .values(tries=row.tries + 1, used_at=unit.now if right else None)
    )
    if not right:
        unit.audit("wrong code", f"person:{asking_person_id}", tries=row.tries + 1)
        left = MOST_TRIES - row.tries - 1
        return WrongCode(left) if left else TooManyTries()
    known_person_id = kept(unit, row.known_person_id)
    joining_id = join(unit, known_person_id, asking_person_id)
    return Joined(joining_id, known_person_id, person_of(unit, known_person_id).conversation_id)


def _digest(reading: Reading, asking_person_id: int, code: str) -> str:
    return reading.sealer.lookup("join code", f"{asking_person_id}:{code}")


# -- joining and parting -------------------------------------------------------------------


def join(unit: UnitOfWork, kept_id: int, joined_id: int) -> int:
    """Make one person of two: everything of `joined_id` becomes `kept_id`'s. The joining's id.

    Both conversations are locked, in id order. What moved is written down, so that `undo` puts
    back exactly that. Where the kept person has told us nothing (a name, an agreement, a contact
    plan), what the other told us counts. Raises CannotJoin.
    """
    one, other = person_of(unit, kept_id), person_of(unit, joined_id)
    talks = {t.id: t for t in lock(unit, one.conversation_id, other.conversation_id)}
    # Looked at again now that nobody else can join them meanwhile.
    one, other = person_of(unit, kept_id), person_of(unit, joined_id)
    if kept_id == joined_id or one.joined_into is not None or other.joined_into is not None:
        raise CannotJoin("they are one person already, or one was joined into another")
    kept_talk, joined_talk = talks[one.conversation_id], talks[other.conversation_id]
    moves = Moves(unit)
    one_handoff(moves, unit, kept_talk.id, joined_talk.id)
    for table in OF_A_PERSON:
        moves.theirs(table, joined_id, kept_id)
    moves.trials(joined_id, kept_id)
    for table in OF_A_CONVERSATION:
        which = (timer.c.done_at.is_(None), about_their_care()) if table is timer else ()
        moves.rows(table, table.c.conversation_id, joined_talk.id, kept_talk.id, *which)
    moves.stop_timers(joined_talk.id)
    one_conversation(moves, unit, kept_talk, joined_talk)
    one_person(moves, unit, kept_id, joined_id)
    unit.execute(update(person).where(person.c.id == joined_id).values(joined_into=kept_id))
    find_by_again(unit, kept_id)
    made = unit.insert(
        joining,
        kept_id=kept_id,
        joined_id=joined_id,
        at=unit.now,
        acting=unit.acting,
        moved=unit.sealer.seal_json(moves.written),
    )
    unit.audit("joined", f"person:{kept_id}", joined=joined_id, joining=made)
    _tell(unit, one, other)
    return made


def undo(unit: UnitOfWork, joining_id: int) -> bool:
    """Part them again: exactly what moved goes back. False when it was undone already.

    What came since stays with the kept person. Raises CannotJoin when a later joining must be
    undone first.
    """
    row = unit.execute(select(joining).where(joining.c.id == joining_id)).one()
    one, other = person_of(unit, row.kept_id), person_of(unit, row.joined_id)
    lock(unit, one.conversation_id, other.conversation_id)
    first = unit.execute(
        update(joining)
        .where(joining.c.id == joining_id, joining.c.undone_at.is_(None))
        .values(undone_at=unit.now)
    ).rowcount
    if not first:
        return False
    if kept(unit, row.kept_id) != row.kept_id:
        raise CannotJoin("they were joined into another since: undo that first")
    put_back(
        unit,
        unit.sealer.open_json(row.moved),
        person_id=row.joined_id,
        conversation_id=other.conversation_id,
    )
    unit.execute(update(person).where(person.c.id == row.joined_id).values(joined_into=None))
    find_by_again(unit, row.kept_id)
    unit.audit("joining undone", f"person:{row.kept_id}", joined=row.joined_id, joining=joining_id)
    _tell(unit, one, other)
    return True


def joinings_of(reading: Reading, person_id: int) -> list[Joining]:
    """Who was joined into this person, newest first; those undone say so."""
    rows = reading.execute(
        select(
            joining.c.id, joining.c.kept_id, joining.c.joined_id, joining.c.at, joining.c.acting,
            joining.c.undone_at,
        )
        .where(joining.c.kept_id == person_id)
        .order_by(joining.c.id.desc())
    )  # fmt: skip
    return [Joining(*row) for row in rows]


def _tell(unit: UnitOfWork, one: Person, other: Person) -> None:
    for talk in (one.conversation_id, other.conversation_id):
        unit.tell(f"conversation:{talk}")
    unit.tell("queue")
    unit.tell("timers")
