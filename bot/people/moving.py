"""What a joining moves and changes, written down so that it can be put back exactly."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, select, update

from bot.people.for_a_human import STANDING
from bot.store.tables import (
    HandoffStatus,
    access_need,
    appointment,
    cases,
    concern,
    contact_log,
    contact_point,
    conversation,
    freed_offer,
    handoff,
    handoff_event,
    inbox,
    ledger,
    onward_referral,
    outbox,
    person,
    place_waited_for,
    plan,
    referral,
    short_notice,
    suggestion,
    task,
    timer,
    trial_arm,
    written_reminder,
)
from bot.store.types import UtcTime
from bot.store.unit_of_work import UnitOfWork

#: What goes along to the kept person, and to the kept conversation.
OF_A_PERSON = (
    contact_point, ledger, access_need, referral, cases, task, contact_log,
    plan, suggestion, onward_referral, place_waited_for,
    appointment, short_notice, freed_offer, written_reminder,
)  # fmt: skip
#: Of what nobody has twice, the column that says which it is: the kept person's own stays.
NOT_TWICE = {freed_offer: freed_offer.c.freed_id}
OF_A_CONVERSATION = (handoff, concern, inbox, outbox, timer)

_TABLES: dict[str, Table] = {t.name: t for t in (person, conversation, handoff, timer)}
_CHUNK = 500
#: The outcome of a handoff that another one of the same person goes on for.
JOINED = "joined"


class Moves:
    """One joining as it is being done: `written` is what undoing it needs."""

    def __init__(self, unit: UnitOfWork):
        self._unit = unit
        self.written: dict[str, Any] = {"rows": {}, "stopped": [], "changes": []}

    def rows(self, table: Table, column: ColumnElement[Any], come: int, go: int, *where: Any) -> None:
        """Every row of `come` becomes `go`'s."""
        unit = self._unit
        ids = list(unit.execute(select(table.c.id).where(column == come, *where)).scalars())
        for chunk in _chunks(ids):
            unit.execute(update(table).where(table.c.id.in_(chunk)).values({column: go}))
        self.written["rows"][str(table.name)] = ids

    def theirs(self, table: Table, come: int, go: int) -> None:
        """Every row of the person `come` becomes `go`'s, but of what nobody has twice."""
        once = NOT_TWICE.get(table)
        where = () if once is None else (once.not_in(select(once).where(table.c.person_id == go)),)
        self.rows(table, table.c.person_id, come, go, *where)

    def trials(self, come: int, go: int) -> None:
        """Which arm of a trial they were in goes along; where both were in one, each keeps their own."""
        unit, arm = self._unit, trial_arm.c
        both = select(arm.trial).where(arm.person_id == go)
        names = list(
            unit.execute(select(arm.trial).where(arm.person_id == come, arm.trial.not_in(both))).scalars()
        )
        unit.execute(
            update(trial_arm).where(arm.person_id == come, arm.trial.in_(names)).values(person_id=go)
        )
        self.written["trials"] = {"kept": go, "names": names}

    def change(self, table: Table, row_id: int, **values: Any) -> None:
        """Change one row, remembering what was there where it differs."""
        unit = self._unit
        row = unit.execute(select(table).where(table.c.id == row_id)).one()._mapping
        values = {name: value for name, value in values.items() if row[name] != value}
        if not values:
            return
        unit.execute(update(table).where(table.c.id == row_id).values(**values))
        self.written["changes"].append(
            {
                "table": str(table.name),
                "id": row_id,
                "before": {name: _to_json(row[name]) for name in values},
                "after": {name: _to_json(value) for name, value in values.items()},
            }
        )

    def stop_timers(self, conversation_id: int) -> None:
        """What is still to fall due here comes to nothing: it was about questions that do not go on."""
        unit = self._unit
        mine = (timer.c.conversation_id == conversation_id, timer.c.done_at.is_(None))
        ids = list(unit.execute(select(timer.c.id).where(*mine)).scalars())
        unit.execute(update(timer).where(timer.c.id.in_(ids)).values(done_at=unit.now, result=JOINED))
        self.written["stopped"] = ids


def about_their_care() -> ColumnElement[bool]:
    """Timers that go along: about a case, a handoff, an answer they wait for, or who holds it."""
    return (
        timer.c.subject.startswith("case:")
        | timer.c.subject.startswith("handoff:")
        | timer.c.subject.startswith("onward:")
        | timer.c.subject.startswith("waited:")
        | timer.c.subject.startswith("suggestion:")
        | timer.c.subject.startswith("appointment:")
        | timer.c.subject.startswith("freed-offer:")
        | timer.c.kind.in_(["unanswered", "hold-ends"])
    )


def one_handoff(moves: Moves, unit: UnitOfWork, kept_talk: int, joined_talk: int) -> None:
    """Of two open handoffs the one in somebody's hands goes on, else the worse, raised by the other."""
    standing = unit.execute(
        select(handoff)
        .where(handoff.c.conversation_id.in_([kept_talk, joined_talk]), handoff.c.status.in_(STANDING))
        .with_for_update()
    ).all()
    if len(standing) < 2:
        return
    goes_on, ends = sorted(
        standing,
        key=lambda h: (
            h.status != HandoffStatus.PICKED_UP,
            -h.rank,
            h.waiting_since,
            h.conversation_id != kept_talk,
        ),
    )
    moves.change(handoff, ends.id, status=HandoffStatus.CLOSED, outcome=JOINED, closed_at=unit.now)
    raised: dict[str, Any] = {
        name: _least(getattr(goes_on, name), getattr(ends, name))
        for name in ("due_at", "sees_from", "waiting_since")
    }
    raised["case_id"] = goes_on.case_id if goes_on.case_id is not None else ends.case_id
    if ends.rank > goes_on.rank:
        raised |= {"rank": ends.rank, "level": ends.level, "reason": ends.reason}
    moves.change(handoff, goes_on.id, **raised)
    # The clock until the leads are told runs on for the one that goes on.
    about_it = (timer.c.subject == f"handoff:{ends.id}", timer.c.done_at.is_(None))
    for timer_id in unit.execute(select(timer.c.id).where(*about_it)).scalars().all():
        moves.change(timer, timer_id, subject=f"handoff:{goes_on.id}")
    # Written as a second reason is, so that it is still known when the first proves to be nothing.
    for which, what in ((ends, "joined into another"), (goes_on, f"raised: {ends.reason}")):
        unit.insert(handoff_event, handoff_id=which.id, what=what[:40], acting=unit.acting, at=unit.now)


def one_conversation(moves: Moves, unit: UnitOfWork, kept_talk: Any, joined_talk: Any) -> None:
    """The kept conversation goes on; where the other was held, or is watched over, so is this one."""
    later = max(
        kept_talk, joined_talk, key=lambda t: t.last_inbound_at.timestamp() if t.last_inbound_at else 0.0
    )
    values = {
        "concern_until": _most(kept_talk.concern_until, joined_talk.concern_until),
        "unanswered_since": _least(kept_talk.unanswered_since, joined_talk.unanswered_since),
        "last_inbound_at": later.last_inbound_at,
        "channel": later.channel,
        "contact_point_id": later.contact_point_id,
    }
    if kept_talk.held_by is None:
        values |= {"held_by": joined_talk.held_by, "held_until": joined_talk.held_until}
    if kept_talk.state is None:
        values["state"] = joined_talk.state
    moves.change(conversation, kept_talk.id, **values)
    moves.change(conversation, joined_talk.id, held_by=None, held_until=None, unanswered_since=None)


def one_person(moves: Moves, unit: UnitOfWork, kept_id: int, joined_id: int) -> None:
    """Where the kept person has told us nothing, what the other told us counts."""
    both = {row.id: row for row in unit.execute(select(person).where(person.c.id.in_([kept_id, joined_id])))}
    one, other = both[kept_id], both[joined_id]
    blank = [n for n in ("name", "contact_plan", "agreed_at", "nation") if getattr(one, n) is None]
    values = {name: getattr(other, name) for name in blank}
    values["under_age"] = one.under_age or other.under_age
    moves.change(person, kept_id, **values)


def put_back(unit: UnitOfWork, written: dict[str, Any], *, person_id: int, conversation_id: int) -> None:
    """Undo what was `written`: rows to this person and conversation again, and what was changed.

    What has been changed since by someone else stays as they left it.
    """
    for tables, owner in (
        (OF_A_PERSON, {"person_id": person_id}),
        (OF_A_CONVERSATION, {"conversation_id": conversation_id}),
    ):
        for table in tables:
            for chunk in _chunks(written["rows"].get(table.name, [])):
                unit.execute(update(table).where(table.c.id.in_(chunk)).values(**owner))
    if trials := written.get("trials"):
        unit.execute(
            update(trial_arm)
            .where(trial_arm.c.person_id == trials["kept"], trial_arm.c.trial.in_(trials["names"]))
            .values(person_id=person_id)
        )
    for chunk in _chunks(written["stopped"]):
        unit.execute(
            update(timer)
            .where(timer.c.id.in_(chunk), timer.c.result == JOINED)
            .values(done_at=None, result=None)
        )
    for change in reversed(written["changes"]):
        _change_back(unit, change)


def _change_back(unit: UnitOfWork, change: dict[str, Any]) -> None:
    table = _TABLES[change["table"]]
    row = unit.execute(select(table).where(table.c.id == change["id"])).one()._mapping
    if table is handoff and "status" in change["before"] and _another_stands(unit, row):
        return
    values = {
        name: _from_json(table, name, value)
        for name, value in change["before"].items()
        if row[name] == _from_json(table, name, change["after"][name])
    }
    if values:
        unit.execute(update(table).where(table.c.id == change["id"]).values(**values))


def _another_stands(unit: UnitOfWork, row: Any) -> bool:
    return bool(
        unit.execute(
            select(handoff.c.id).where(
                handoff.c.conversation_id == row["conversation_id"], handoff.c.status.in_(STANDING)
            )
        ).first()
    )


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    # What is sealed is plain ASCII already.
    return bytes(value).decode("ascii") if isinstance(value, (bytes, memoryview)) else value


def _from_json(table: Table, name: str, value: Any) -> Any:
    if value is None:
        return None
    kind = table.c[name].type
    if isinstance(kind, UtcTime):
        return datetime.fromisoformat(value)
    return value.encode("ascii") if isinstance(kind, LargeBinary) else value


def _least(one: Any, other: Any) -> Any:
    return min((x for x in (one, other) if x is not None), default=None)


def _most(one: Any, other: Any) -> Any:
    return max((x for x in (one, other) if x is not None), default=None)


def _chunks(ids: list[int]) -> list[list[int]]:
    return [ids[i : i + _CHUNK] for i in range(0, len(ids), _CHUNK)]
