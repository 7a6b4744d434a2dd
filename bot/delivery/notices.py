"""Sending notices to staff: something waits, how urgent it is, and where to look. No name, no words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select, update

from bot.casework.staffing import by_email
from bot.delivery.rounds import Rounds
from bot.messages import Channel, ChannelName, OutboundMessage, Outcome, Refused, Sent, Status, Uncertain
from bot.outbox.notices import NO_LONGER_STAFF, SEEN_TO, hours_of, pages, urgency
from bot.safety.noticing import Level
from bot.settings import Settings
from bot.store.engines import Store
from bot.store.tables import HandoffStatus, handoff, notice, staff
from bot.store.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

#: Takes an address, a subject and a body.
Email = Callable[[str, str, str], Awaitable[Outcome]]

_LEASE = timedelta(seconds=120)
_PATIENCE = 60.0
#: What did not go is tried again after these, then shown as failed.
_TRY_AGAIN_AFTER = (15, 60, 300, 900)

LEVELS = {
    "danger-now": "danger now",
    "risk": "risk",
    "abuse": "possible abuse",
    "worry": "worry",
}


@dataclass(frozen=True, slots=True)
class Due:
    """All that one member of staff is to be told now, in one notice."""

    ids: tuple[int, ...]
    staff_id: int
    by: str
    address: bytes | None
    level: str | None
    waiting: int
    tries: int


class NoticeSender(Rounds):
    """Tells staff by email or Telegram that something waits, within their hours."""

    acting, topic, looks_every = "notices", "notices", 15.0

    def __init__(
        self, store: Store, settings: Settings, *, email: Email | None = None, telegram: Channel | None = None
    ):
        super().__init__(store)
        self._settings, self._email, self._telegram = settings, email, telegram

    async def send_due(self) -> int:
        """Send what is due now; how many notices went."""
        due = await self._do(self._take)
        outcomes = await asyncio.gather(*(self._send(one) for one in due))
        for one, outcome in zip(due, outcomes, strict=True):
            await self._do(lambda unit, one=one, outcome=outcome: _settle(unit, one, outcome))
            if not isinstance(outcome, Sent):
                log.warning("notices: staff %d not told by %s: %s", one.staff_id, one.by, outcome.code)
        return sum(isinstance(outcome, Sent) for outcome in outcomes)

    def _take(self, unit: UnitOfWork) -> list[Due]:
        """What may go now, put together by member of staff; what may not is put off or let go."""
        rows = unit.execute(_due.where(notice.c.due_at <= unit.now)).all()
        team, staffed = self._settings.hours, self._settings.out_of_hours == "staffed"
        on_duty = self._on_duty(unit)
        now: list[Any] = []
        for row in rows:
            if row.lease_until is not None and row.lease_until > unit.now:
                continue
            if _seen_to(row):
                _let_go(unit, row.id, SEEN_TO)
            elif not row.active:
                _let_go(unit, row.id, NO_LONGER_STAFF)
            elif (staffed and pages(row.level)) or (
                row.staff_id == on_duty and row.level == Level.DANGER_NOW
            ):
                now.append(row)
            elif not hours_of(row.hours, team).is_open(unit.now):
                _put_off(unit, row.id, hours_of(row.hours, team).next_opening(unit.now))
            else:
                now.append(row)
        if now:
            unit.execute(
                update(notice)
                .where(notice.c.id.in_([row.id for row in now]))
                .values(lease_until=unit.now + _LEASE)
            )
        return [_together(rows) for _, rows in groupby(now, key=lambda row: (row.staff_id, row.by))]

    def _on_duty(self, unit: UnitOfWork) -> int | None:
        """Who is woken by *danger now*: no hours of theirs hold it back."""
        found = by_email(unit, self._settings.duty_email) if self._settings.duty_email else None
        return found.id if found else None

    async def _send(self, one: Due) -> Outcome:
        """Never raises but for being cancelled."""
        if one.address is None:
            return Refused("no-address", Status.PERMANENT_FAILURE)
        subject, body = words(one, self._settings.base_url)
        try:
            address = self._store.sealer.open(one.address)
            async with asyncio.timeout(_PATIENCE):
                if one.by == "email" and self._email is not None:
                    return await self._email(address, subject, body)
                if one.by == "telegram" and self._telegram is not None:
                    text = f"{subject}\n{body}"
                    return await self._telegram.send(
                        OutboundMessage(-one.ids[0], ChannelName.TELEGRAM, address, text)
                    )
        except Exception as error:
            return Uncertain(type(error).__name__)
        return Refused("not-set-up", Status.PERMANENT_FAILURE)


def words(one: Due, base_url: str) -> tuple[str, str]:
    """A subject and a body that say that something waits, how urgent it is, and where to look."""
    who = "Someone is waiting" if one.waiting == 1 else f"{one.waiting} people are waiting"
    level = LEVELS.get(one.level or "")
    subject = f"{who}: {level}" if level else who
    return subject, f"Please look: {base_url}/staff/"


_due = (
    select(
        notice.c.id, notice.c.staff_id, notice.c.by, notice.c.level, notice.c.handoff_id, notice.c.tries,
        notice.c.lease_until, staff.c.active, staff.c.hours, staff.c.email, staff.c.telegram_chat,
        notice.c.created_at, handoff.c.status, handoff.c.picked_up_at,
    )
    .join(staff, staff.c.id == notice.c.staff_id)
    .outerjoin(handoff, handoff.c.id == notice.c.handoff_id)
    .where(notice.c.sent_at.is_(None), notice.c.failed.is_(None))
    .order_by(notice.c.staff_id, notice.c.by, notice.c.id)
    .limit(500)
    .with_for_update(skip_locked=True, of=notice)
)  # fmt: skip


def _seen_to(row: Any) -> bool:
    """Somebody has it. What was noticed after they picked it up, they may not have seen."""
    if row.status == HandoffStatus.PICKED_UP:
        return row.picked_up_at >= row.created_at
    return row.status is not None and row.status != HandoffStatus.WAITING


def _together(rows: Iterable[Any]) -> Due:
    all_ = list(rows)
    first = all_[0]
    return Due(
        tuple(row.id for row in all_),
        first.staff_id,
        first.by,
        first.email if first.by == "email" else first.telegram_chat,
        max((row.level for row in all_), key=urgency),
        len({row.handoff_id or -row.id for row in all_}),
        max(row.tries for row in all_),
    )


def _settle(unit: UnitOfWork, one: Due, outcome: Outcome) -> None:
    for id_ in one.ids:
        if isinstance(outcome, Sent):
            unit.execute(
                update(notice)
                .where(notice.c.id == id_)
                .values(sent_at=unit.now, tries=notice.c.tries + 1, lease_until=None)
            )
        elif one.tries < len(_TRY_AGAIN_AFTER) and _may_pass(outcome):
            # To be told twice does no harm.
            wait = max(_TRY_AGAIN_AFTER[one.tries], getattr(outcome, "retry_after", None) or 0)
            _put_off(unit, id_, unit.now + timedelta(seconds=wait), tried=1)
        else:
            _let_go(unit, id_, outcome.code)
    unit.tell("queue")


def _may_pass(outcome: Outcome) -> bool:
    return isinstance(outcome, Uncertain) or outcome.status != Status.PERMANENT_FAILURE


def _put_off(unit: UnitOfWork, notice_id: int, until: datetime, tried: int = 0) -> None:
    unit.execute(
        update(notice)
        .where(notice.c.id == notice_id)
        .values(due_at=until, tries=notice.c.tries + tried, lease_until=None)
    )


def _let_go(unit: UnitOfWork, notice_id: int, why: str) -> None:
    unit.execute(update(notice).where(notice.c.id == notice_id).values(failed=why[:40], lease_until=None))
