"""What a provider says later about a message: in any order, twice, or never."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select, update

from bot import counts
from bot.delivery.settling import cannot_be_reached, note
from bot.messages import RANK, Receipt, Status
from bot.outbox.queue import NOT_REACHED
from bot.store.prepared import Prepared
from bot.store.tables import outbox
from bot.store.unit_of_work import UnitOfWork

#: What a receipt may say. Anything else is not for a provider to decide.
SAID_BY_PROVIDERS = frozenset(
    {
        Status.SENT,
        Status.DELIVERED,
        Status.TEMPORARY_FAILURE,
        Status.PERMANENT_FAILURE,
        Status.TECHNICAL_FAILURE,
    }
)
_FAILED = SAID_BY_PROVIDERS - {Status.SENT, Status.DELIVERED}

_found = select(
    outbox.c.id, outbox.c.contact_point_id, outbox.c.conversation_id, outbox.c.channel, outbox.c.rank
)
_ours = Prepared(_found.where(outbox.c.id == bindparam("message")))
_theirs = Prepared(_found.where(outbox.c.provider_id == bindparam("theirs")).order_by(outbox.c.id).limit(1))
#: The whole rule: forward by rank, or not at all.
_forward = Prepared(
    update(outbox)
    .where(outbox.c.id == bindparam("message"), outbox.c.rank < bindparam("new_rank"))
    .values(
        status=bindparam("new_status", type_=outbox.c.status.type),
        rank=bindparam("new_rank"),
        reason=bindparam("why"),
        follow_up=bindparam("follow"),
        provider_id=func.coalesce(outbox.c.provider_id, bindparam("theirs", type_=outbox.c.provider_id.type)),
        sent_at=func.coalesce(outbox.c.sent_at, bindparam("now", type_=outbox.c.sent_at.type)),
        lease_until=None,
    )
)


def record_receipt(unit: UnitOfWork, receipt: Receipt) -> bool:
    """Write down what became of a message; False when we know no such message.

    Its status only moves forward (`RANK`), so every order and repetition ends the same: a late
    "sent" never undoes "delivered". What failed is then looked after by delivery: another safe
    channel, or a human. A contact point that cannot be reached is marked so.
    """
    row = None
    if receipt.message_id is not None:
        row = _ours.first(unit.connection, {"message": receipt.message_id})
    if row is None and receipt.provider_id is not None:
        row = _theirs.first(unit.connection, {"theirs": receipt.provider_id})
    if row is None or receipt.status not in SAID_BY_PROVIDERS:
        counts.UNKNOWN_RECEIPTS.inc()
        return False
    moved = _forward.do(
        unit.connection,
        {
            "message": row.id,
            "new_rank": RANK[receipt.status],
            "new_status": receipt.status,
            "why": (receipt.code or "")[:60] or None,
            "follow": receipt.status in _FAILED,
            "theirs": receipt.provider_id and receipt.provider_id[:80],
            "now": unit.now,
        },
    )
    note(unit, row.id, receipt.status, receipt.code)
    if receipt.unreachable:
        cannot_be_reached(unit, row.contact_point_id, receipt.code)
    if moved:
        counts.DELIVERIES.labels(row.channel, receipt.status).inc()
        if row.rank < RANK[Status.SENT]:
            unit.tell("outbox")  # what waited for it may go now
        if receipt.status in _FAILED:
            unit.tell(NOT_REACHED)
        unit.tell(f"conversation:{row.conversation_id}")
    return True
