"""A person's own plan: what matters to them, line by line, each from the message it came in."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from bot.clock import OpeningHours
from bot.flowkit import lists
from bot.people.conversations import conversation_of
from bot.store.tables import Heading, plan, plan_line, timer
from bot.store.timers import set_timer
from bot.store.unit_of_work import Reading, UnitOfWork

#: Who may see a plan: their link worker at least, since they agreed to that when they were referred.
LINK_WORKER, GP, SERVICES = "link-worker", "gp", "services"
MAY_SEE = (LINK_WORKER, GP, SERVICES)

#: A plan is looked at again after half a year. The span is ours: the five criteria of a personalised
#: care and support plan ask for a review and name none (england.nhs.uk, personalised care and support
#: planning).
REVIEW_AFTER = timedelta(days=182)


#: The two questions about what they want.
FIVE_WAYS, PRACTICAL = "five_ways", "practical"


#: The timer by which it is offered to somebody who was referred.
OFFER = "what-matters"


class NoSuchPlan(LookupError):
    """There is no plan, or no line of one, with this id."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says: a choice's `code` (flows/lists.toml), their own `words`, or a `number` from 0 to 10.

    One of the three. `inbox_id` is the message it came in; None for what staff or their page wrote.
    `asked` names the question it answers, where one heading has several.
    """

    code: str | None = None
    words: str | None = None
    number: int | None = None
    inbox_id: int | None = None
    asked: str | None = None

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.code, self.words, self.number)) != 1:
            raise ValueError("a line says one thing: a code, words or a number")

    def __repr__(self) -> str:
        return f"Said(inbox_id={self.inbox_id})"

    def same_as(self, line: Line) -> bool:
        """Whether that line says this already."""
        return (self.code, self.words, self.number) == (line.code, line.words, line.number)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan. Instants are aware UTC; `said_by` is person, or staff:3.

    Exactly one of `code`, `words` and `number` is there. `asked` is the question it answers: the
    heading, but for wants, of which there are two lists. One that was put right or taken out has
    `ended_at`.
    """

    id: int
    plan_id: int
    heading: Heading
    code: str | None
    words: str | None
    number: int | None
    inbox_id: int | None
    said_at: datetime
    said_by: str
    ended_at: datetime | None
    asked: str = ""

    def __repr__(self) -> str:
        return f"Line(id={self.id}, heading={self.heading.value})"


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody told us matters, as it stands. Instants are aware UTC.

    `may_see` holds link-worker, gp and services, as they chose; `token` is 128 random bits, for
    links. Of two people who were joined it holds the lines of both; what either kept to their link
    worker stays there.
    """

    id: int
    token: str
    person_id: int
    started_at: datetime
    changed_at: datetime
    agreed_at: datetime | None
    may_see: tuple[str, ...]
    review_at: datetime | None
    version: int
    lines: tuple[Line, ...]

    def __repr__(self) -> str:
        return f"Plan(id={self.id}, lines={len(self.lines)})"

    def under(self, heading: Heading) -> tuple[Line, ...]:
        """The lines about this, in the order they were said."""
        return tuple(line for line in self.lines if line.heading is heading)


# -- reading -----------------------------------------------------------------------------------


def plan_of(reading: Reading, person_id: int) -> Plan | None:
    """Their plan with the lines that hold now; None before they began one."""
    rows = reading.execute(select(plan).where(plan.c.person_id == person_id).order_by(plan.c.id)).all()
    if not rows:
        return None
    first = rows[0]
    agreed = [row.agreed_at for row in rows]
    return Plan(
        first.id, first.token, first.person_id, first.started_at,
        max(row.changed_at for row in rows),
        None if None in agreed else max(agreed),
        tuple(who for who in MAY_SEE if all(who in row.may_see for row in rows)),
        min((row.review_at for row in rows if row.review_at is not None), default=None),
        max(row.version for row in rows),
        tuple(_lines(reading, [row.id for row in rows], plan_line.c.ended_at.is_(None))),
    )  # fmt: skip


def plan_by_token(reading: Reading, token: str) -> Plan | None:
    """The plan a link leads to; of two people joined since, the plan of both."""
    person_id = reading.execute(select(plan.c.person_id).where(plan.c.token == token)).scalar_one_or_none()
    return plan_of(reading, person_id) if person_id is not None else None


def line_of(reading: Reading, line_id: int) -> Line:
    """One line, whether or not it still holds. Raises NoSuchPlan."""
    row = reading.execute(select(plan_line).where(plan_line.c.id == line_id)).first()
    if row is None:
        raise NoSuchPlan(line_id)
    return _opened(reading, row)


def history_of(reading: Reading, person_id: int) -> list[Line]:
    """Every line they ever had, oldest first: what was put right or taken out says when it ended."""
    ids = list(reading.execute(select(plan.c.id).where(plan.c.person_id == person_id)).scalars())
    return _lines(reading, ids)


def _lines(reading: Reading, plan_ids: list[int], *where: Any) -> list[Line]:
    if not plan_ids:
        return []
    rows = reading.execute(
        select(plan_line).where(plan_line.c.plan_id.in_(plan_ids), *where).order_by(plan_line.c.id)
    )
    return [_opened(reading, row) for row in rows]


def _opened(reading: Reading, row: Any) -> Line:
    value, heading = reading.sealer.open_json(row.value), Heading(row.heading)
    return Line(
        row.id, row.plan_id, heading, value.get("code"), value.get("words"), value.get("number"),
        row.inbox_id, row.said_at, row.said_by, row.ended_at,
        value.get("asked") or question_of(heading, value.get("code")),
    )  # fmt: skip


def question_of(heading: Heading, code: str | None = None) -> str:
    """The question a line answers, where nothing else says: its heading, or which list of wants."""
    if heading is not Heading.WANT:
        return heading.value
    return PRACTICAL if code in lists.PRACTICAL else FIVE_WAYS


# -- offering ----------------------------------------------------------------------------------


def offer_later(unit: UnitOfWork, conversation_id: int, case_id: int, hours: OpeningHours) -> None:
    """Offer to begin one a day after their referral. Nobody is offered it twice.

    Whether it is still a good time is decided when it falls due (bot/conversation/due_plans.py).
    """
    before = select(timer.c.id).where(timer.c.kind == OFFER, timer.c.conversation_id == conversation_id)
    if unit.execute(before.limit(1)).first() is None:
        due = a_day_after(unit.now, hours)
        set_timer(unit, OFFER, due, conversation_id=conversation_id, subject=f"case:{case_id}")


def a_day_after(at: datetime, hours: OpeningHours) -> datetime:
    """A day later, when the team is there: on Friday that is Monday morning. Aware UTC."""
    return hours.next_opening(at + timedelta(days=1))


# -- writing -----------------------------------------------------------------------------------


def start_plan(unit: UnitOfWork, person_id: int) -> int:
    """Begin their plan; its id. Somebody who has one keeps it."""
    found = unit.execute(select(func.min(plan.c.id)).where(plan.c.person_id == person_id)).scalar_one()
    if found is not None:
        return int(found)
    made = unit.insert(
        plan,
        token=secrets.token_urlsafe(16),
        person_id=person_id,
        started_at=unit.now,
        changed_at=unit.now,
        may_see=[LINK_WORKER],
        version=0,
    )
    unit.audit("plan started", f"plan:{made}", person=person_id)
    return made


def add_line(
    unit: UnitOfWork,
    plan_id: int,
    heading: Heading,
    *,
    code: str | None = None,
    words: str | None = None,
    number: int | None = None,
    inbox_id: int | None = None,
) -> int:
    """Add one line, as it was said; its id. Raises ValueError unless exactly one thing is said."""
    made = _add(unit, plan_id, heading, Said(code, words, number, inbox_id))
    _changed(unit, plan_id, "plan line added", heading)
    return made


def correct_line(
    unit: UnitOfWork,
    line_id: int,
    *,
    code: str | None = None,
    words: str | None = None,
    number: int | None = None,
    inbox_id: int | None = None,
) -> int:
    """Put one line right; the new line's id. What it said before is kept in the history.

    Somebody else may have ended it meanwhile: then this is one more line. Raises NoSuchPlan, and
    ValueError unless exactly one thing is said.
    """
    line = line_of(unit, line_id)
    said = Said(code, words, number, inbox_id, line.asked)
    if line.ended_at is None and said.same_as(line):
        return line_id
    _end(unit, line_id)
    made = _add(unit, line.plan_id, line.heading, said)
    _changed(unit, line.plan_id, "plan line put right", line.heading)
    return made


def end_line(unit: UnitOfWork, line_id: int) -> bool:
    """Take one line out; False when it was out already. It stays in the history. Raises NoSuchPlan."""
    line = line_of(unit, line_id)
    if not _end(unit, line_id):
        return False
    _changed(unit, line.plan_id, "plan line taken out", line.heading)
    return True


def set_lines(
    unit: UnitOfWork, plan_id: int, heading: Heading, said: Iterable[Said], *, asked: str | None = None
) -> bool:
    """Let these be all the lines under this heading; True when that changed any.

    With `asked`, all that answer this question of the heading's, and no other. A line that says the
    same already stays as it is, with the message it first came in: a conversation may go over an
    answer more than once. Raises NoSuchPlan.
    """
    stand = _lines(
        unit, _of_the_same(unit, plan_id), plan_line.c.ended_at.is_(None), plan_line.c.heading == heading
    )
    stand = [line for line in stand if asked is None or line.asked == asked]
    new: list[Said] = []
    for one in said:
        same = next((line for line in stand if one.same_as(line)), None)
        if same is not None:
            stand.remove(same)
        else:
            new.append(one if asked is None else replace(one, asked=asked))
    for line in stand:
        _end(unit, line.id)
    for one in new:
        _add(unit, plan_id, heading, one)
    if stand or new:
        _changed(unit, plan_id, "plan lines set", heading, ended=len(stand), added=len(new))
    return bool(stand or new)


def agree(unit: UnitOfWork, plan_id: int) -> None:
    """They read it and said that it is right. It is looked at again after REVIEW_AFTER."""
    for one in _of_the_same(unit, plan_id):
        unit.change(plan, one, agreed_at=unit.now, review_at=unit.now + REVIEW_AFTER)
    _changed(unit, plan_id, "plan agreed", still_agreed=True)


def set_may_see(unit: UnitOfWork, plan_id: int, who: Iterable[str]) -> None:
    """Who may see it: of MAY_SEE, their link worker always. Raises ValueError for anyone else.

    This changes the plan alone. What they agreed to, in which words, is for the ledger
    (bot/people/consents.py).
    """
    chosen = set(who) | {LINK_WORKER}
    if unknown := chosen - set(MAY_SEE):
        raise ValueError(f"{sorted(unknown)} is none of {', '.join(MAY_SEE)}")
    for one in _of_the_same(unit, plan_id):
        unit.change(plan, one, may_see=[w for w in MAY_SEE if w in chosen])
    _changed(unit, plan_id, "plan shared", still_agreed=True, may_see=sorted(chosen))


def _of_the_same(unit: UnitOfWork, plan_id: int) -> list[int]:
    """This plan, and that of whoever was joined into the same person."""
    person_id = select(plan.c.person_id).where(plan.c.id == plan_id).scalar_subquery()
    found = list(unit.execute(select(plan.c.id).where(plan.c.person_id == person_id)).scalars())
    if not found:
        raise NoSuchPlan(plan_id)
    return found


def _add(unit: UnitOfWork, plan_id: int, heading: Heading, said: Said) -> int:
    parts = {"code": said.code, "words": said.words, "number": said.number}
    if said.asked not in (None, question_of(heading, said.code)):
        parts["asked"] = said.asked
    return unit.insert(
        plan_line,
        plan_id=plan_id,
        heading=heading,
        value=unit.sealer.seal_json({name: part for name, part in parts.items() if part is not None}),
        inbox_id=said.inbox_id,
        said_at=unit.now,
        said_by=unit.acting[:80],
    )


def _end(unit: UnitOfWork, line_id: int) -> bool:
    ended = unit.execute(
        update(plan_line)
        .where(plan_line.c.id == line_id, plan_line.c.ended_at.is_(None))
        .values(ended_at=unit.now)
    )
    return bool(ended.rowcount)


def _changed(
    unit: UnitOfWork, plan_id: int, what: str, *headings: Heading, still_agreed: bool = False, **details: Any
) -> None:
    """Note that it changed. A plan changed after they said it is right is to be read to them again."""
    values: dict[str, Any] = {"changed_at": unit.now, "version": plan.c.version + 1}
    if not still_agreed:
        values["agreed_at"] = None
    row = unit.execute(
        update(plan).where(plan.c.id == plan_id).values(**values).returning(plan.c.person_id)
    ).first()
    if row is None:
        raise NoSuchPlan(plan_id)
    unit.audit(what, f"plan:{plan_id}", headings=[h.value for h in headings], **details)
    conversation_id = conversation_of(unit, row.person_id)
    if conversation_id is not None:
        unit.tell(f"conversation:{conversation_id}")
