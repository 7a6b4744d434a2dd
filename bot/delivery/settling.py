"""What became of a message that was taken to be sent, written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, literal, select, update

from bot import counts
from bot.delivery.taking import TOO_LATE, Taken, add_event, not_sent
from bot.messages import RANK, ChannelName, Outcome, Refused, Sent, Status, Uncertain
from bot.outbox.queue import NOT_REACHED
from bot.people import contact_points
from bot.store.prepared import Prepared
from bot.store.tables import outbox, outbox_event
from bot.store.unit_of_work import Reading, UnitOfWork

#: A temporary failure is tried again after these many seconds: about five minutes in all, because
#: that is how long it may hold up what is said after it (design, section 2).
TRY_AGAIN_AFTER = (2, 8, 20, 60, 90, 120)
LONGEST_HOLDING_UP = timedelta(minutes=5)
#: A card holds nothing up, so it is tried for longer, where the rules still let it go; after the
#: first five minutes a human knows.
CARD_TRIED_FOR = timedelta(hours=1)
CARD_TRIED_EVERY = timedelta(minutes=2)
#: A fault on our side or the provider's is tried again after these, then a human looks.
TRY_FAULT_AGAIN_AFTER = (5, 30)
#: Twilio may still tell us by a receipt; until then it is not looked for.
RECEIPT_COMES_WITHIN = timedelta(seconds=60)
LOOKED_FOR = frozenset({ChannelName.SMS, ChannelName.WHATSAPP})
#: Twilio's code for someone whom the carrier has stopped for us.
OPTED_OUT_CODE = "21610"

#: A channel's code for a message that it was no longer any use to send.
CHANNEL_SAYS_TOO_LATE = "too-late"

_SENT = RANK[Status.SENT]
# A receipt may be here before us: then only what it could not know is filled in.
_sent = (
    update(outbox)
    .where(outbox.c.id == bindparam("message"))
    .values(
        status=case(
            (outbox.c.rank < _SENT, literal(Status.SENT, outbox.c.status.type)), else_=outbox.c.status
        ),
        rank=case((outbox.c.rank < _SENT, _SENT), else_=outbox.c.rank),
        provider_id=bindparam("theirs"),
        sent_at=func.coalesce(outbox.c.sent_at, bindparam("now", type_=outbox.c.sent_at.type)),
        lease_until=None,
    )
)
_note = Prepared(add_event, ["outbox_id", "status", "code", "at"])
_leave_sending = update(outbox).where(
    outbox.c.id == bindparam("message"), outbox.c.rank.in_((RANK[Status.SENDING], RANK[Status.UNCERTAIN]))
)


def settle(unit: UnitOfWork, results: Sequence[tuple[Taken, Outcome]]) -> None:
    """Write down what came of each. Many that were sent cost little more than one."""
    sent = [(taken, outcome) for taken, outcome in results if isinstance(outcome, Sent)]
    if sent:
        unit.execute(
            _sent, [{"message": t.id, "theirs": o.provider_id[:80], "now": unit.now} for t, o in sent]
        )
        unit.execute(
            add_event,
            [{"outbox_id": t.id, "status": Status.SENT, "code": None, "at": unit.now} for t, _ in sent],
        )
    for taken, outcome in results:
        if isinstance(outcome, Refused):
            refused(unit, taken, outcome)
        elif isinstance(outcome, Uncertain):
            uncertain(unit, taken, outcome.code)
        unit.tell(f"conversation:{taken.conversation_id}")


def refused(unit: UnitOfWork, taken: Taken, outcome: Refused) -> None:
    """The provider said no: try again later, or it has failed for good and delivery looks after that."""
    if outcome.code == CHANNEL_SAYS_TOO_LATE:
        not_sent(unit, taken.id, taken.conversation_id, TOO_LATE)
        return
    note(unit, taken.id, outcome.status, outcome.code)
    if outcome.unreachable:
        cannot_be_reached(unit, taken.contact_point_id, outcome.code)
    again_at = _again_at(unit, taken, outcome)
    if again_at is None and _is_kept_trying(unit, taken, outcome):
        back_to_queue(unit, taken.id, unit.now + CARD_TRIED_EVERY, follow_up=True)
    elif again_at is not None:
        back_to_queue(unit, taken.id, again_at)
    else:
        _failed(unit, taken.id, outcome)


def uncertain(unit: UnitOfWork, taken: Taken, code: str) -> None:
    """It may or may not have gone. Twilio first has a minute to tell us."""
    look_at = unit.now + (RECEIPT_COMES_WITHIN if taken.channel in LOOKED_FOR else timedelta())
    unit.execute(
        _leave_sending.values(status=Status.UNCERTAIN, rank=RANK[Status.UNCERTAIN], lease_until=look_at),
        {"message": taken.id},
    )
    note(unit, taken.id, Status.UNCERTAIN, code)
    unit.tell(NOT_REACHED)


def back_to_queue(
    unit: UnitOfWork,
    outbox_id: int,
    due_at: datetime,
    *,
    possible_repeat: bool = False,
    follow_up: bool = False,
) -> None:
    """It goes again at `due_at`, unless a receipt has said meanwhile that it went."""
    values = {"status": Status.QUEUED, "rank": RANK[Status.QUEUED], "due_at": due_at, "lease_until": None}
    if possible_repeat:
        values["possible_repeat"] = True
    if follow_up:
        values["follow_up"] = True
        unit.tell(NOT_REACHED)
    unit.execute(_leave_sending.values(**values), {"message": outbox_id})
    unit.tell("outbox")


def cannot_be_reached(unit: UnitOfWork, contact_point_id: int, code: str | None) -> None:
    """The provider says nobody is reached this way; for one code, because they said stop."""
    if code == OPTED_OUT_CODE:
        contact_points.opt_out(unit, contact_point_id, "carrier")
    else:
        contact_points.mark_unreachable(unit, contact_point_id, code or "unreachable")


def note(unit: UnitOfWork, outbox_id: int, status: Status, code: str | None) -> None:
    """Add to what happened to a message."""
    unit.execute(
        add_event,
        {"outbox_id": outbox_id, "status": status, "code": (code or "")[:40] or None, "at": unit.now},
    )


def happened(
    reading: Reading, outbox_id: int, status: Status, code: str | None = None
) -> tuple[int, datetime | None]:
    """How often this befell a message (with this code, where one is named), and when first (aware UTC)."""
    which = [outbox_event.c.outbox_id == outbox_id, outbox_event.c.status == status]
    if code is not None:
        which.append(outbox_event.c.code == code)
    return tuple(reading.execute(select(func.count(), func.min(outbox_event.c.at)).where(*which)).one())


def _again_at(unit: UnitOfWork, taken: Taken, outcome: Refused) -> datetime | None:
    """When to try again; None when that would be no use or hold up the rest too long."""
    if outcome.unreachable or outcome.status == Status.PERMANENT_FAILURE:
        return None
    times, first = happened(unit, taken.id, outcome.status)
    pauses = TRY_AGAIN_AFTER if outcome.status == Status.TEMPORARY_FAILURE else TRY_FAULT_AGAIN_AFTER
    until = (first or unit.now) + LONGEST_HOLDING_UP
    if times > len(pauses) or unit.now >= until:
        return None
    if outcome.retry_after is not None and unit.now + timedelta(seconds=outcome.retry_after) > until:
        return None
    at = unit.now + timedelta(seconds=max(pauses[times - 1], outcome.retry_after or 0))
    return min(at, until)  # once more at the very end


def _is_kept_trying(unit: UnitOfWork, taken: Taken, outcome: Refused) -> bool:
    if not taken.is_safety or outcome.status != Status.TEMPORARY_FAILURE or outcome.unreachable:
        return False
    _, first = happened(unit, taken.id, outcome.status)
    return unit.now - (first or unit.now) < CARD_TRIED_FOR


def _failed(unit: UnitOfWork, outbox_id: int, outcome: Refused) -> None:
    unit.execute(
        _leave_sending.values(
            status=outcome.status,
            rank=RANK[outcome.status],
            reason=outcome.code[:60],
            follow_up=True,
            lease_until=None,
        ),
        {"message": outbox_id},
    )
    unit.tell("outbox")
    unit.tell(NOT_REACHED)


def count(results: Sequence[tuple[Taken, Outcome]]) -> None:
    """For /metrics, once it is on disk."""
    for taken, outcome in results:
        status = (
            Status.SENT
            if isinstance(outcome, Sent)
            else Status.UNCERTAIN
            if isinstance(outcome, Uncertain)
            else outcome.status
        )
        counts.DELIVERIES.labels(taken.channel, status).inc()
