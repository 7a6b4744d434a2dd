"""The queue: who needs a person, worst risk first, then longest waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from starlette.responses import JSONResponse, Response

from bot.casework.handoff_events import Handoff, handoffs, opened
from bot.people.for_a_human import STANDING
from bot.people.persons import folded, name_words
from bot.staff.changes import mark_of, marks
from bot.staff.pages import Ask, same
from bot.store.sealed import maybe_open
from bot.store.tables import HandoffStatus, concern, conversation, handoff, inbox, staff
from bot.store.unit_of_work import Reading

#: More than this on one page helps nobody; the search and the filters find the rest.
MOST = 200

SHOW = {"waiting": "Waiting", "mine": "Mine", "all": "All"}
SORTS = {"risk": "Worst risk first", "waiting": "Longest waiting first", "due": "Due soonest first"}

_WORST_FIRST = (handoff.c.rank.desc(), handoff.c.waiting_since, handoff.c.id)
_ORDERS: dict[str, Sequence[ColumnElement[Any]]] = {
    "risk": _WORST_FIRST,
    "waiting": (handoff.c.waiting_since, handoff.c.id),
    "due": (handoff.c.due_at.is_(None), handoff.c.due_at, *_WORST_FIRST),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue. `unanswered_since`: they wrote to whoever holds it, and wait.

    `noticed_at` is when the last thing about their safety was said. `unopened`: something they
    sent, such as a photo, has been opened by nobody yet.
    """

    handoff: Handoff
    holder: str
    unanswered_since: datetime | None
    noticed_at: datetime | None
    unopened: bool = False

    @property
    def shown_name(self) -> str:
        """What to call the line: their name, or that there is none to see."""
        return self.handoff.name or "No name yet"


def rows(reading: Reading, *, show: str, sort: str, search: str, me: int) -> list[Row]:
    """What stands in the queue, narrowed and in order."""
    noticed = (
        select(func.max(concern.c.noticed_at))
        .where(concern.c.conversation_id == handoff.c.conversation_id, concern.c.not_a_concern_at.is_(None))
        .correlate(handoff)
        .scalar_subquery()
    )
    unopened = (
        select(inbox.c.id)
        .where(
            inbox.c.conversation_id == handoff.c.conversation_id,
            inbox.c.unreadable.is_not(None),
            inbox.c.looked_at.is_(None),
            or_(handoff.c.sees_from.is_(None), inbox.c.id >= handoff.c.sees_from),
        )
        .correlate(handoff)
        .exists()
    )
    query = (
        handoffs()
        .add_columns(
            conversation.c.unanswered_since,
            staff.c.name.label("holder_name"),
            noticed.label("noticed_at"),
            unopened.label("unopened"),
        )
        .outerjoin(staff, staff.c.id == handoff.c.picked_up_by)
        .where(_shown(show, me))
    )
    unanswered_first = [conversation.c.unanswered_since.is_(None)] if show == "mine" else []
    # A search looks at names, which are sealed: open the whole (short) queue, then narrow.
    found = reading.execute(
        query.order_by(*unanswered_first, *_ORDERS[sort]).limit(MOST if not search else None)
    )
    made = [
        Row(
            opened(reading, r),
            maybe_open(reading.sealer, r.holder_name),
            r.unanswered_since,
            r.noticed_at,
            r.unopened,
        )
        for r in found
    ]
    return [row for row in made if _matches(row, search)][:MOST]


def counts(reading: Reading, me: int) -> dict[str, int]:
    """How many each filter would show."""
    by = reading.execute(
        select(handoff.c.status, handoff.c.picked_up_by, func.count())
        .where(handoff.c.status.in_(STANDING))
        .group_by(handoff.c.status, handoff.c.picked_up_by)
    ).all()
    return {
        "waiting": sum(n for status, _, n in by if status is HandoffStatus.WAITING),
        "mine": sum(n for status, holder, n in by if status is HandoffStatus.PICKED_UP and holder == me),
        "all": sum(n for _, _, n in by),
    }


def queue_page(ask: Ask) -> Response:
    """The whole page."""
    return ask.page("queue.html", **_listed(ask))


def queue_rows(ask: Ask) -> Response:
    """Only the rows, for a page that is open while something changes."""
    return ask.page("_queue_rows.html", live=True, **_listed(ask))


def queue_json(ask: Ask) -> Response:
    """What waits, for a program with the staff token: no names, no words."""
    token = ask.parts.settings.staff_token.get_secret_value()
    given = ask.request.headers.get("authorization", "")
    if not token or not same(given, f"Bearer {token}"):
        return JSONResponse(
            {"error": "the staff token is missing or wrong"}, 401, {"WWW-Authenticate": "Bearer"}
        )
    with ask.reading() as reading:
        found = reading.execute(
            select(
                handoff.c.id,
                handoff.c.level,
                handoff.c.waiting_since,
                handoff.c.status,
                handoff.c.picked_up_by,
            )
            .where(handoff.c.status.in_(STANDING))
            .order_by(*_WORST_FIRST)
        ).all()
    return JSONResponse(
        {
            "handoffs": [
                {
                    "id": row.id,
                    "level": row.level,
                    "waiting_since": row.waiting_since.isoformat(),
                    "status": row.status.value,
                    "picked_up_by": row.picked_up_by,
                }
                for row in found
            ]
        }
    )


def _listed(ask: Ask) -> dict[str, Any]:
    show = ask.query.get("show", "waiting")
    sort = ask.query.get("sort", "risk")
    search = ask.query.get("q", "").strip()[:100]
    show, sort = show if show in SHOW else "waiting", sort if sort in SORTS else "risk"
    with ask.reading() as reading:
        found = rows(reading, show=show, sort=sort, search=search, me=ask.me.staff_id)
        by_filter = counts(reading, ask.me.staff_id)
        seen = mark_of(marks(reading, None))
    return {
        "rows": found, "counts": by_filter, "show": show, "sort": sort, "search": search,
        "seen": seen, "shows": SHOW, "sorts": SORTS,
    }  # fmt: skip


def _shown(show: str, me: int) -> ColumnElement[bool]:
    if show == "mine":
        return (handoff.c.status == HandoffStatus.PICKED_UP) & (handoff.c.picked_up_by == me)
    if show == "all":
        return handoff.c.status.in_(STANDING)
    return handoff.c.status == HandoffStatus.WAITING


def _matches(row: Row, search: str) -> bool:
    wanted = name_words(search)
    here = name_words(row.handoff.name)
    return all(any(word.startswith(w) for word in here) or w in folded(row.holder) for w in wanted)
