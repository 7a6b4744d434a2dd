"""Invented people for tests of the store: how they come, what they write, who works here.

Each function takes `done`, does its work in one transaction, and gives what a test needs to know.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from bot.casework import referrals, staffing
from bot.casework.referrals import ReferralOpened
from bot.clock import OpeningHours
from bot.messages import RANK, ChannelName, Kind, Status
from bot.people import persons
from bot.people.contact_points import ContactPoint, first_contact
from bot.store.engines import Store
from bot.store.tables import Handling, audit, conversation, inbox, outbox, task, timer
from bot.store.unit_of_work import Reading, UnitOfWork
from tests.support.stores import Done

RAY = "+447700900001"
MAY = "+447700900002"


def comes(
    done: Done,
    address: str = RAY,
    *,
    channel: ChannelName = ChannelName.SMS,
    name: str = "",
    agrees: bool = False,
    source: str | None = None,
) -> ContactPoint:
    """Someone is in touch for the first time, and may give a name and a yes."""

    def work(unit: UnitOfWork) -> ContactPoint:
        point = first_contact(unit, channel, address, language="en", zone="Europe/London", source=source)
        if name:
            persons.call(unit, point.person_id, name)
        if agrees:
            persons.agreed(unit, point.person_id)
        return point

    return done(work, acting="person")


def writes(done: Done, point: ContactPoint, text: str, provider_id: str | None = None) -> int:
    """They write this; the inbox id. It has had its turn."""

    def work(unit: UnitOfWork) -> int:
        name = provider_id or f"SM{unit.execute(select(func.count()).select_from(inbox)).scalar_one():032x}"
        unit.execute(
            conversation.update()
            .where(conversation.c.id == point.conversation_id)
            .values(last_inbound_at=unit.now, channel=point.channel, contact_point_id=point.id)
        )
        return unit.insert(
            inbox,
            channel=point.channel,
            provider_digest=unit.sealer.lookup("inbound", f"{point.channel}\0{name}"),
            conversation_id=point.conversation_id,
            contact_point_id=point.id,
            received_at=unit.now,
            kind=Kind.WORDS,
            body=unit.sealer.seal_json({"text": text}),
            provider_ref=unit.sealer.seal(name),
            handling=Handling.HANDLED,
            handled_at=unit.now,
        )

    return done(work, acting="person")


def hears(
    done: Done, point: ContactPoint, text: str, *, status: Status = Status.DELIVERED, provider_id: str = "SM9"
) -> int:
    """We said this to them; the outbox id."""

    def work(unit: UnitOfWork) -> int:
        return unit.insert(
            outbox,
            conversation_id=point.conversation_id,
            contact_point_id=point.id,
            channel=point.channel,
            purpose="reply",
            priority=10,
            language="en",
            text=unit.sealer.seal(text),
            values=unit.sealer.seal_json({"name": "Ray"}),
            status=status,
            rank=RANK[status],
            created_at=unit.now,
            due_at=unit.now,
            provider_id=provider_id if status is not Status.QUEUED else None,
        )

    return done(work, acting="person")


def works_here(done: Done, name: str, role: str = "link-worker", *, alert_by: str = "none") -> int:
    """Someone on the team; their id."""

    def work(unit: UnitOfWork) -> int:
        staff_id = staffing.add_staff(unit, f"{name.split()[0].lower()}@ashby.example", name, role)
        staffing.set_alerts(unit, staff_id, alert_by=alert_by, hours=None)
        return staff_id

    return done(work)


def is_referred(done: Done, point: ContactPoint, hours: OpeningHours, days: int = 5) -> ReferralOpened:
    """They said yes, and wait for a link worker."""
    return done(
        lambda unit: referrals.open_referral(
            unit,
            point.person_id,
            point.conversation_id,
            by="self",
            source=None,
            content={"need": "company"},
            hours=hours,
            within_days=days,
        ),
        acting="person",
    )


def at_once(store: Store, *works: Callable[[UnitOfWork], Any], acting: str = "test") -> list[Any]:
    """Do all of these at the same moment; what came of each.

    On PostgreSQL each has its transaction open before any goes on; SQLite has one writer.
    """
    together = threading.Barrier(len(works)) if not store.url.startswith("sqlite") else None

    def met(work: Callable[[UnitOfWork], Any]) -> Callable[[UnitOfWork], Any]:
        def do(unit: UnitOfWork) -> Any:
            if together is not None:
                unit.execute(select(1))
                together.wait(timeout=20)
            return work(unit)

        return do

    futures = [store.run(met(work), acting=acting) for work in works]
    return [future.result(timeout=30) for future in futures]


def timers(reading: Reading, kind: str) -> list[Any]:
    """What is still to fall due of this kind, soonest first."""
    waiting = (timer.c.kind == kind, timer.c.done_at.is_(None))
    return list(reading.execute(select(timer).where(*waiting).order_by(timer.c.due_at)))


def tasks_to_do(reading: Reading, person_id: int) -> list[str]:
    """The kinds of task open for someone."""
    mine = (task.c.person_id == person_id, task.c.done_at.is_(None))
    return list(reading.execute(select(task.c.kind).where(*mine).order_by(task.c.id)).scalars())


def audited(reading: Reading, action: str) -> list[Any]:
    """Every audit row of this action, oldest first."""
    return list(reading.execute(select(audit).where(audit.c.action == action).order_by(audit.c.id)))
