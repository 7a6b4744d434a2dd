"""Messages that may or may not have gone: looked for, sent again once, or left to a human."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, literal_column, select, update

from bot.delivery.settling import (
    LONGEST_HOLDING_UP,
    LOOKED_FOR,
    back_to_queue,
    happened,
    note,
    settle,
)
from bot.delivery.taking import COLUMNS, NOT_LEFT, TEMPLATE_PROMPT, Taken
from bot.messages import RANK, ChannelName, Sent, Status
from bot.outbox.queue import NOT_REACHED
from bot.people.safe_contact import THEIRS_ALONE, Purpose
from bot.store.tables import contact_point, outbox
from bot.store.unit_of_work import Reading, UnitOfWork

#: A provider that cannot be asked just now is asked again after this.
LOOK_AGAIN_AFTER = timedelta(seconds=30)
#: The provider's clock and ours need not agree to the second.
CLOCKS_DIFFER_BY = timedelta(seconds=30)
#: On a channel where nothing can be looked for, these may come twice: someone waits for them.
#: What we say of our own accord may not (design, section 2).
MAY_REPEAT = frozenset({Purpose.REPLY, Purpose.UNREADABLE, Purpose.STAFF, Purpose.STOP, Purpose.CODE})

LEFT_SENDING = "left in sending"
#: A crash on our side says nothing against the provider: what it was asked about and does not have,
#: or what may come twice, goes again after as many crashes as this.
MOST_CRASHES = 5
#: Asking takes no longer than this, and is asked by nobody else for a little more.
ASKS_WITHIN = timedelta(seconds=10)
ASKED_BY_ONE_FOR = timedelta(seconds=15)
MAY_HAVE_GONE = "may or may not have gone"

_overdue = (
    select(*COLUMNS)
    .join(contact_point, contact_point.c.id == outbox.c.contact_point_id)
    .where(NOT_LEFT, outbox.c.rank == literal_column("20"), outbox.c.lease_until <= bindparam("now"))
    .order_by(outbox.c.priority, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=outbox)
)
_left = (
    select(outbox.c.id)
    .where(NOT_LEFT, outbox.c.rank == literal_column("10"), outbox.c.lease_until <= bindparam("now"))
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def any_to_find_out(reading: Reading) -> bool:
    """Whether there is anything here to do, without troubling the writer."""
    values = {"now": reading.now, "most": 1}
    return any(reading.execute(query, values).first() is not None for query in (_left, _overdue))


def left_in_sending(unit: UnitOfWork, most: int = 200) -> int:
    """What a crash left half-way is uncertain now: its lease has passed. How many there were."""
    ids = unit.execute(_left, {"now": unit.now, "most": most}).scalars().all()
    for id_ in ids:
        # Twilio had the whole lease to tell us, so it is looked for at once.
        unit.execute(
            update(outbox)
            .where(outbox.c.id == id_)
            .values(status=Status.UNCERTAIN, rank=RANK[Status.UNCERTAIN], lease_until=unit.now)
        )
        note(unit, id_, Status.UNCERTAIN, LEFT_SENDING)
    return len(ids)


def to_find_out(unit: UnitOfWork, most: int = 50) -> list[Taken]:
    """What must be found out about now. Nobody else looks for it meanwhile."""
    found = [Taken(*row) for row in unit.execute(_overdue, {"now": unit.now, "most": most})]
    for taken in found:
        unit.execute(
            update(outbox).where(outbox.c.id == taken.id).values(lease_until=unit.now + ASKED_BY_ONE_FOR)
        )
    return found


def since(taken: Taken) -> datetime:
    """From when on the provider may have it (aware UTC)."""
    return taken.due_at - CLOCKS_DIFFER_BY


def can_be_looked_for(taken: Taken) -> bool:
    """Whether "not found" means "not sent" (a template's words are WhatsApp's own)."""
    return taken.channel in LOOKED_FOR | {ChannelName.WEB} and taken.prompt != TEMPLATE_PROMPT


def found_out(unit: UnitOfWork, taken: Taken, found: Sent | None) -> None:
    """The provider was asked, or cannot ever be: it is sent, or goes again once, or a human decides."""
    if not _still_uncertain(unit, taken.id):
        return  # a receipt said so meanwhile
    if found is not None and not _is_anothers(unit, taken.id, found.provider_id):
        settle(unit, [(taken, found)])
    elif _may_go_again(unit, taken):
        repeat = not can_be_looked_for(taken)
        back_to_queue(unit, taken.id, unit.now, possible_repeat=repeat)
    else:
        give_up(unit, taken)


def cannot_look(unit: UnitOfWork, taken: Taken) -> None:
    """The provider cannot be asked just now: again in a while, but it holds nothing up for ever."""
    _, first = happened(unit, taken.id, Status.UNCERTAIN)
    if unit.now - (first or unit.now) >= LONGEST_HOLDING_UP:
        give_up(unit, taken)
    else:
        unit.execute(
            update(outbox)
            .where(outbox.c.id == taken.id, outbox.c.status == Status.UNCERTAIN)
            .values(lease_until=unit.now + LOOK_AGAIN_AFTER)
        )


def give_up(unit: UnitOfWork, taken: Taken) -> None:
    """It stays uncertain, which is true; it holds nothing up, and a human is told."""
    unit.execute(
        update(outbox)
        .where(outbox.c.id == taken.id, outbox.c.status == Status.UNCERTAIN)
        .values(lease_until=None, follow_up=True, reason=MAY_HAVE_GONE)
    )
    unit.tell("outbox")
    unit.tell(NOT_REACHED)
    unit.tell(f"conversation:{taken.conversation_id}")


def _may_go_again(unit: UnitOfWork, taken: Taken) -> bool:
    in_all, _ = happened(unit, taken.id, Status.UNCERTAIN)
    crashes, _ = happened(unit, taken.id, Status.UNCERTAIN, LEFT_SENDING)
    if in_all - crashes > 1 or crashes > MOST_CRASHES:
        return False
    if taken.purpose == Purpose.CARD:  # practice, section 4: only where that channel is theirs alone
        safe = unit.execute(
            select(contact_point.c.safe).where(contact_point.c.id == taken.contact_point_id)
        ).scalar_one()
        return safe in THEIRS_ALONE
    return can_be_looked_for(taken) or taken.purpose in MAY_REPEAT


def _still_uncertain(unit: UnitOfWork, outbox_id: int) -> bool:
    status = unit.execute(
        select(outbox.c.status).where(outbox.c.id == outbox_id).with_for_update()
    ).scalar_one()
    return status == Status.UNCERTAIN


def _is_anothers(unit: UnitOfWork, outbox_id: int, provider_id: str) -> bool:
    """Whether what was found is another message of ours, with the same words."""
    other = select(outbox.c.id).where(outbox.c.provider_id == provider_id, outbox.c.id != outbox_id)
    return unit.execute(other.limit(1)).first() is not None
