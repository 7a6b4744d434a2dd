"""Whether they got there: asked, recorded, or with a link worker. Every yes ends in one of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, literal, select, update

from bot.casework.tasks import done, open_task
from bot.clock import OpeningHours
from bot.people.conversations import conversation_of
from bot.store.sealed import maybe_open
from bot.store.tables import Onward, Outcome, onward_referral, service, timer
from bot.store.timers import clear, set_timer
from bot.store.unit_of_work import Reading, UnitOfWork

#: Nobody is asked about the same suggestion for longer than this: then a link worker has it.
ASKED_AT_MOST_FOR = timedelta(days=60)

#: Who may come along: vetted, by the service itself; or somebody a link worker is to look for.
PROMISED, WISHED = "promised", "wished"

#: Reasons beside the barriers of flows/lists.toml, where what got in the way was not the person's.
STOPPED, OTHER = "service_closed", "other"


class NoSuchOnward(LookupError):
    """There is no onward referral with this id."""


@dataclass(frozen=True, slots=True)
class OnwardReferral:
    """A suggestion they said yes to, up to where it ended. Instants are aware UTC.

    `asked` counts how often we asked whether they got there; `why` is a barrier's code, `words` what
    they said of it; `outcome_by` is "person", "provider", "timer" or "staff:3".
    """

    id: int
    person_id: int
    case_id: int | None
    service_id: int
    service_name: str
    suggestion_id: int | None
    kind: Onward
    made_at: datetime
    made_by: str
    someone_along: str | None
    first_session_at: datetime | None
    told_provider_at: datetime | None
    link_ends_at: datetime | None
    link_used_at: datetime | None
    mail_due_at: datetime | None
    mail_failed: str | None
    asked: int
    asked_at: datetime | None
    outcome: Outcome | None
    outcome_at: datetime | None
    outcome_by: str | None
    why: str | None
    words: str
    task_id: int | None
    version: int

    def __repr__(self) -> str:
        return f"OnwardReferral(id={self.id}, outcome={self.outcome.value if self.outcome else None})"


def ask_whether_there(unit: UnitOfWork, onward_id: int, at: datetime, said: str = "") -> None:
    """Ask "did you get there?" at `at` (aware UTC). What was set before does nothing any more.

    `said` is what the service told us, a code of SAYS, where that is why we look at it now.
    """
    row = unit.execute(
        update(onward_referral)
        .where(onward_referral.c.id == onward_id)
        .values(version=onward_referral.c.version + 1)
        .returning(onward_referral.c.version, onward_referral.c.person_id)
    ).one()
    clear(unit, "got-there", subject=f"onward:{onward_id}")
    set_timer(
        unit, "got-there", at, conversation_id=conversation_of(unit, row.person_id),
        subject=f"onward:{onward_id}", version=row.version, **({"said": said} if said else {}),
    )  # fmt: skip
    unit.tell("timers")


def forgotten(reading: Reading, most: int = 100) -> list[int]:
    """The open onward referrals nothing will ask about: a timer that was set aside, a joining undone."""
    asks = (
        select(timer.c.id)
        .where(
            timer.c.kind == "got-there",
            timer.c.done_at.is_(None),
            timer.c.subject == literal("onward:") + cast(onward_referral.c.id, String),
        )
        .correlate(onward_referral)
        .exists()
    )
    rows = reading.execute(
        select(onward_referral.c.id)
        .where(onward_referral.c.outcome.is_(None), ~asks)
        .order_by(onward_referral.c.id)
        .limit(most)
    )
    return list(rows.scalars())


def remember(unit: UnitOfWork) -> int:
    """Have those nothing would ask about asked about now: no yes is ever lost. How many there were."""
    ids = forgotten(unit)
    for onward_id in ids:
        ask_whether_there(unit, onward_id, unit.now)
    return len(ids)


def asked(unit: UnitOfWork, onward_id: int) -> int:
    """We asked; how often by now."""
    return unit.execute(
        update(onward_referral)
        .where(onward_referral.c.id == onward_id)
        .values(asked=onward_referral.c.asked + 1, asked_at=unit.now)
        .returning(onward_referral.c.asked)
    ).scalar_one()


def session_moved(unit: UnitOfWork, onward_id: int, to: datetime | None, ask_at: datetime) -> None:
    """The first session is at another time (aware UTC), or at one nobody knows; we ask after it."""
    unit.change(onward_referral, onward_id, first_session_at=to, asked=0)
    ask_whether_there(unit, onward_id, ask_at)
    unit.audit("first session moved", f"onward:{onward_id}", to=to.isoformat() if to else None)


def along(unit: UnitOfWork, onward_id: int, how: str) -> None:
    """Someone is to come with them: PROMISED by the service, or WISHED and to be looked for."""
    unit.change(onward_referral, onward_id, someone_along=how)
    unit.audit("someone to come along", f"onward:{onward_id}", how=how)


def record_outcome(
    unit: UnitOfWork,
    onward_id: int,
    outcome: Outcome | str,
    *,
    by: str,
    why: str | None = None,
    words: str | None = None,
    task_id: int | None = None,
) -> None:
    """Where it ended, who says so ("person", "provider", "timer", "staff:3"), and what got in the way.

    Later news replaces earlier: somebody handed to a link worker may still get there. Raises
    ValueError for "not attended" without a reason: that is a task for a link worker instead.
    """
    outcome = Outcome(outcome)
    before = onward_by_id(unit, onward_id)
    if outcome is Outcome.NOT_ATTENDED and not why:
        raise ValueError("not attended needs a reason")
    values: dict[str, Any] = {
        "outcome": outcome, "outcome_at": unit.now, "outcome_by": by, "why": why,
        "version": onward_referral.c.version + 1,
    }  # fmt: skip
    if words:
        values["words"] = unit.sealer.seal(words)
    if task_id is not None:
        values["task_id"] = task_id
    unit.execute(update(onward_referral).where(onward_referral.c.id == onward_id).values(**values))
    clear(unit, "got-there", subject=f"onward:{onward_id}")
    if before.task_id is not None and outcome is not Outcome.TASK:
        done(unit, before.task_id, None)  # they were asked about by a task, and told us themselves
    unit.audit("got there" if outcome is Outcome.ATTENDED else f"onward ended: {outcome.value}",
               f"onward:{onward_id}", by=by, why=why)  # fmt: skip
    unit.tell("queue")


def put_back_outcome(
    unit: UnitOfWork,
    onward_id: int,
    outcome: Outcome | None,
    *,
    ask_at: datetime,
    by: str | None = None,
    at: datetime | None = None,
    why: str | None = None,
    words: str | None = None,
) -> None:
    """What was written down was a mistake: it stands as it stood before. Instants are aware UTC.

    Where it stood open, we ask at `ask_at`, or at once if that is past.
    """
    unit.change(
        onward_referral, onward_id, outcome=outcome, outcome_by=by, outcome_at=at, why=why,
        words=unit.sealer.seal(words) if words else None,
    )  # fmt: skip
    if outcome is None:
        ask_whether_there(unit, onward_id, max(ask_at, unit.now))
    unit.audit("onward outcome taken back", f"onward:{onward_id}", to=outcome.value if outcome else None)
    unit.tell("queue")


def give_to_link_worker(
    unit: UnitOfWork,
    onward_id: int,
    hours: OpeningHours,
    *,
    by: str,
    kind: str = "got-there",
    why: str | None = None,
    words: str | None = None,
) -> int:
    """It ends in a task: a link worker finds out, or helps. The task's id."""
    onward = onward_by_id(unit, onward_id)
    due = hours.working_days_after(unit.now, 1)
    task_id = open_task(unit, onward.person_id, kind, due, onward.service_name, onward.case_id)
    record_outcome(unit, onward_id, Outcome.TASK, by=by, why=why, words=words, task_id=task_id)
    return task_id


def in_the_way(unit: UnitOfWork, onward_id: int, why: str | None, words: str | None = None) -> None:
    """What got in the way this time, while they try again: a code, and their own words."""
    values: dict[str, Any] = {"why": why} if why else {}
    if words:
        values["words"] = unit.sealer.seal(words)
    if values:
        unit.change(onward_referral, onward_id, **values)
        unit.audit("something got in the way", f"onward:{onward_id}", why=why)


#: An onward referral with its service's name.
with_service = select(onward_referral, service.c.name.label("service_name")).join(
    service, service.c.id == onward_referral.c.service_id
)


def onward_by_id(reading: Reading, onward_id: int) -> OnwardReferral:
    """One onward referral. Raises NoSuchOnward."""
    row = reading.execute(with_service.where(onward_referral.c.id == onward_id)).first()
    if row is None:
        raise NoSuchOnward(onward_id)
    return opened(reading, row)


def onward_of(reading: Reading, person_id: int) -> list[OnwardReferral]:
    """All they said yes to, newest first."""
    return _all(
        reading,
        with_service.where(onward_referral.c.person_id == person_id).order_by(onward_referral.c.id.desc()),
    )


def still_open(reading: Reading, service_id: int) -> list[OnwardReferral]:
    """Who is on the way to this service, oldest first."""
    open_ = (onward_referral.c.service_id == service_id, onward_referral.c.outcome.is_(None))
    return _all(reading, with_service.where(*open_).order_by(onward_referral.c.id))


def _all(reading: Reading, query: Select[Any]) -> list[OnwardReferral]:
    return [opened(reading, row) for row in reading.execute(query)]


def opened(reading: Reading, row: Any) -> OnwardReferral:
    """A row of `with_service`, opened."""
    return OnwardReferral(
        row.id, row.person_id, row.case_id, row.service_id, row.service_name, row.suggestion_id, row.kind,
        row.made_at, row.made_by, row.someone_along, row.first_session_at, row.told_provider_at,
        row.link_ends_at, row.link_used_at, row.mail_due_at, row.mail_failed, row.asked, row.asked_at,
        row.outcome, row.outcome_at, row.outcome_by, row.why, maybe_open(reading.sealer, row.words),
        row.task_id, row.version,
    )  # fmt: skip
