"""The ledger of agreement, consent and what people were told: added to, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.store.tables import Ledger, ledger
from bot.store.unit_of_work import Reading, UnitOfWork


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: what they said, to which words, in which message."""

    id: int
    kind: Ledger
    purpose: str
    given: bool
    prompt: str | None
    wording: str | None
    language: str | None
    inbox_id: int | None
    at: datetime
    said_by: str


def record(
    unit: UnitOfWork,
    person_id: int,
    kind: Ledger,
    purpose: str,
    given: bool,
    *,
    prompt: str | None = None,
    words: str | None = None,
    language: str | None = None,
    inbox_id: int | None = None,
) -> int:
    """Write down a yes or a no; the entry's id.

    `purpose` is a short word ("pass-on", "contact"); `words` the exact wording they were asked
    in, of which only a keyed digest is kept, so that the wording can be proved.
    """
    made = unit.insert(
        ledger,
        person_id=person_id,
        kind=kind,
        purpose=purpose,
        given=given,
        prompt=prompt,
        wording=wording(unit, words) if words else None,
        language=language,
        inbox_id=inbox_id,
        at=unit.now,
        said_by=unit.acting[:40],
    )
    unit.audit(f"{kind.value} recorded", f"person:{person_id}", purpose=purpose, given=given)
    return made


def wording(reading: Reading, words: str) -> str:
    """The digest an entry keeps of the words it answers."""
    return reading.sealer.lookup("wording", words)


def stands(reading: Reading, person_id: int, purpose: str) -> bool | None:
    """What they last said about this purpose; None when they were never asked."""
    return reading.execute(
        select(ledger.c.given)
        .where(ledger.c.person_id == person_id, ledger.c.purpose == purpose)
        .order_by(ledger.c.at.desc(), ledger.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def entries(reading: Reading, person_id: int) -> list[Entry]:
    """All they agreed to, consented to and were told, oldest first."""
    rows = reading.execute(
        select(
            ledger.c.id, ledger.c.kind, ledger.c.purpose, ledger.c.given, ledger.c.prompt, ledger.c.wording,
            ledger.c.language, ledger.c.inbox_id, ledger.c.at, ledger.c.said_by,
        )
        .where(ledger.c.person_id == person_id)
        .order_by(ledger.c.at, ledger.c.id)
    )  # fmt: skip
    return [Entry(*row) for row in rows]
