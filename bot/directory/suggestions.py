"""What was suggested to somebody, and what they said to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from bot.people.conversations import conversation_of
from bot.people.for_a_human import open_case_id
from bot.store.tables import SuggestionStatus, place_waited_for, service, suggestion
from bot.store.timers import clear, set_timer
from bot.store.unit_of_work import Reading, UnitOfWork

#: What they turned down, or said yes to, is not suggested again for half a year.
TURNED_DOWN_FOR = timedelta(days=182)
#: What they saw and passed over may be shown again after a month.
SEEN_ENOUGH_FOR = timedelta(days=30)
#: Shown within these days, it was shown in this conversation.
LATELY = timedelta(days=2)
#: A share is counted among so many of the newest suggestions.
LAST = 500


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One service offered to one person. `reasons` are codes, as they were told. Instants are aware UTC."""

    id: int
    person_id: int
    case_id: int | None
    service_id: int
    service_name: str
    offered_at: datetime
    offered_by: str
    reasons: list[Any]
    status: SuggestionStatus
    answered_at: datetime | None
    inbox_id: int | None
    why_not: str | None


def offer(
    unit: UnitOfWork,
    person_id: int,
    service_id: int,
    reasons: Sequence[Any] = (),
    *,
    by: str = "system",
) -> int:
    """Write down that this was suggested; the suggestion's id. `reasons` are codes, never words.

    One that is still open for them is the same suggestion, told again.
    """
    open_ = unit.execute(
        select(suggestion.c.id)
        .where(
            suggestion.c.person_id == person_id,
            suggestion.c.service_id == service_id,
            suggestion.c.status == SuggestionStatus.OFFERED,
        )
        .order_by(suggestion.c.id.desc())
        .limit(1)
    ).scalar()
    if open_ is not None:
        unit.change(suggestion, open_, offered_at=unit.now)
        return open_
    made = unit.insert(
        suggestion,
        person_id=person_id,
        case_id=open_case_id(unit, person_id),
        service_id=service_id,
        offered_at=unit.now,
        offered_by=by,
        reasons=list(reasons),
        status=SuggestionStatus.OFFERED,
    )
    unit.audit("service suggested", f"person:{person_id}", service=service_id, suggestion=made, by=by)
    unit.tell("queue")
    return made


def suggest_by_hand(unit: UnitOfWork, person_id: int, service_id: int, staff_id: int) -> int | None:
    """A link worker thinks of a service for them: told in a turn of theirs, as soon as that is fit.

    The suggestion's id; None when there is no conversation to tell it in.
    """
    conversation_id = conversation_of(unit, person_id)
    if conversation_id is None:
        return None
    made = offer(unit, person_id, service_id, by=f"staff:{staff_id}")
    subject = f"suggestion:{made}"
    clear(unit, "suggest", subject=subject)
    set_timer(unit, "suggest", unit.now, conversation_id=conversation_id, subject=subject)
    unit.tell("timers")
    return made


def answer_suggestion(
    unit: UnitOfWork,
    suggestion_id: int,
    status: SuggestionStatus | str,
    *,
    inbox_id: int | None = None,
    why_not: str | None = None,
) -> None:
    """What they said to it. They may think again: the last word counts, and each is in the audit."""
    status = SuggestionStatus(status)
    values: dict[str, Any] = {"status": status, "answered_at": unit.now, "why_not": why_not}
    if inbox_id is not None:
        values["inbox_id"] = inbox_id
    unit.change(suggestion, suggestion_id, **values)
    unit.audit(f"suggestion {status.value}", f"suggestion:{suggestion_id}", why=why_not)
    unit.tell("queue")


def not_again(reading: Reading, person_id: int) -> set[int]:
    """The services not to suggest to them now: turned down, seen enough of lately, or on their way to."""
    since = {
        SuggestionStatus.DECLINED: reading.now - TURNED_DOWN_FOR,
        SuggestionStatus.PASSED_OVER: reading.now - SEEN_ENOUGH_FOR,
        SuggestionStatus.ACCEPTED: reading.now - TURNED_DOWN_FOR,
    }
    rows = reading.execute(
        select(suggestion.c.service_id, suggestion.c.status, suggestion.c.answered_at).where(
            suggestion.c.person_id == person_id, suggestion.c.status.in_(list(since))
        )
    )
    waits = reading.execute(
        select(place_waited_for.c.service_id).where(
            place_waited_for.c.person_id == person_id,
            place_waited_for.c.taken_at.is_(None),
            place_waited_for.c.left_at.is_(None),
        )
    ).scalars()
    return {r.service_id for r in rows if r.answered_at and r.answered_at >= since[r.status]} | set(waits)


def shown_lately(reading: Reading, person_id: int) -> int:
    """How many services they were shown these days."""
    return reading.execute(
        select(func.count()).where(
            suggestion.c.person_id == person_id, suggestion.c.offered_at >= reading.now - LATELY
        )
    ).scalar_one()


def shares_lately(reading: Reading) -> dict[int, int]:
    """How often each service was among the last suggestions made, so that none gets more than its share."""
    last = select(suggestion.c.service_id).order_by(suggestion.c.id.desc()).limit(LAST).subquery()
    rows = reading.execute(select(last.c.service_id, func.count()).group_by(last.c.service_id))
    return {service_id: times for service_id, times in rows}


_suggestions = select(suggestion, service.c.name.label("service_name")).join(
    service, service.c.id == suggestion.c.service_id
)


def suggestion_of(reading: Reading, suggestion_id: int) -> Suggestion | None:
    """One suggestion."""
    row = reading.execute(_suggestions.where(suggestion.c.id == suggestion_id)).first()
    return _suggestion(row) if row else None


def suggestions_of(reading: Reading, person_id: int) -> list[Suggestion]:
    """Everything suggested to them, newest first."""
    rows = reading.execute(
        _suggestions.where(suggestion.c.person_id == person_id).order_by(suggestion.c.id.desc())
    )
    return [_suggestion(row) for row in rows]


def newest_suggestion(reading: Reading, person_id: int, service_id: int) -> Suggestion | None:
    """The last time this service was suggested to them."""
    row = reading.execute(
        _suggestions.where(suggestion.c.person_id == person_id, suggestion.c.service_id == service_id)
        .order_by(suggestion.c.id.desc())
        .limit(1)
    ).first()
    return _suggestion(row) if row else None


def _suggestion(row: Any) -> Suggestion:
    return Suggestion(
        row.id, row.person_id, row.case_id, row.service_id, row.service_name, row.offered_at, row.offered_by,
        row.reasons, row.status, row.answered_at, row.inbox_id, row.why_not,
    )  # fmt: skip
