"""The outbox: the one door through which anything is said to a person."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, insert, or_, select, update
from sqlalchemy import text as sql

from bot.messages import RANK, ChannelName, Choice, File, Status
from bot.people.safe_contact import Purpose, Reachable, Way, why_not
from bot.store.prepared import Prepared
from bot.store.sealed import Sealer
from bot.store.tables import Priority, concern, contact_point, inbox, outbox, outbox_event
from bot.store.unit_of_work import Reading, UnitOfWork
from bot.words.gsm import segments

SUPERSEDED = "superseded"
#: The topic that wakes whoever tells a human: words did not, or may not, reach someone.
NOT_REACHED = "not-reached"

#: Who goes first, by what it is for.
PRIORITY = {
    Purpose.CARD: Priority.SAFETY,
    Purpose.REPLY: Priority.REPLY,
    Purpose.UNREADABLE: Priority.REPLY,
    Purpose.STOP: Priority.REPLY,
    Purpose.CODE: Priority.REPLY,
    Purpose.STAFF: Priority.LINK_WORKER,
    Purpose.CLOSING: Priority.LINK_WORKER,
    Purpose.WAITING: Priority.APPOINTMENT,
    Purpose.APPOINTMENT: Priority.APPOINTMENT,
    Purpose.DISCREET: Priority.APPOINTMENT,
    Purpose.SUPPORT: Priority.CHECK_IN,
    Purpose.NUDGE: Priority.CHECK_IN,
}

_add = Prepared(
    insert(outbox).returning(outbox.c.id),
    (
        "conversation_id",
        "contact_point_id",
        "channel",
        "purpose",
        "priority",
        "prompt",
        "values",
        "language",
        "text",
        "choices",
        "segments",
        "status",
        "rank",
        "reason",
        "follow_up",
        "created_at",
        "due_at",
        "useful_until",
        "answers_inbox_id",
        "staff_id",
        "replaces_id",
        "about",
        "file",
    ),
)
#: The columns of a `Way`.
WAY = (
    contact_point.c.channel,
    contact_point.c.safe,
    contact_point.c.opted_out_at,
    contact_point.c.unreachable_at,
    contact_point.c.last_inbound_at,
)
#: What was queued for somebody before they wrote goes with the answer, in its order: an answer waits
#: neither behind what goes to everyone nor overtakes what is meant for them.
_hurry = Prepared(
    update(outbox)
    .where(
        outbox.c.conversation_id == bindparam("conversation"),
        outbox.c.channel == bindparam("to"),
        sql("rank < 30"),
        outbox.c.rank == RANK[Status.QUEUED],
        outbox.c.priority > bindparam("as_soon"),
        outbox.c.due_at <= bindparam("now"),
    )
    .values(priority=bindparam("as_soon"))
)
_way = select(*WAY).where(contact_point.c.id == bindparam("point"))


def queue_message(
    unit: UnitOfWork,
    *,
    conversation_id: int,
    contact_point_id: int,
    channel: ChannelName,
    purpose: Purpose | str,
    text: str,
    language: str,
    choices: Sequence[Choice] = (),
    prompt: str | None = None,
    values: Mapping[str, Any] | None = None,
    priority: Priority | None = None,
    due_at: datetime | None = None,
    useful_until: datetime | None = None,
    answers_inbox_id: int | None = None,
    staff_id: int | None = None,
    replaces_id: int | None = None,
    safe: Reachable | None = None,
    elsewhere: bool = False,
    about: str | None = None,
    file: File | None = None,
) -> int:
    """Put one message in the outbox; its id. It is sent once this unit is on disk.

    `text` is complete for its channel: choices are already numbered in it where there are no
    buttons. `priority` is the purpose's own unless given; a card is always first. It goes at
    `due_at` (now unless given) and never after `useful_until` (aware UTC): give one to whatever
    harms when late, such as an abuse card (practice, section 4: within five minutes).
    `answers_inbox_id` is the message it answers: for a card, what shows that they are holding
    the phone now. `safe` is the contact point as the turn already has it; without it, it is
    looked up. `elsewhere` is for words that were meant for another contact point. `about` names what
    it is about ("appointment:7"), so that it can be taken back; `file` goes where a channel carries one.

    Safe contact is asked first. What may not go is kept all the same, as not-sent with its reason,
    and delivery sees that a human is told.
    """
    purpose = Purpose(purpose)
    point = safe if safe is not None else way_of(unit, contact_point_id)
    reason = why_not(
        point,
        purpose,
        now=unit.now,
        answers_at=_answers_at(unit, purpose, answers_inbox_id, contact_point_id),
        concern=purpose == Purpose.NUDGE and concern_noticed(unit, conversation_id),
        elsewhere=elsewhere,
    )
    status = Status.QUEUED if reason is None else Status.NOT_SENT
    if purpose == Purpose.CARD:
        priority = Priority.SAFETY
    priority = PRIORITY[purpose] if priority is None else priority
    if Priority.SAFETY < priority < Priority.APPOINTMENT:
        _hurry.do(
            unit.connection,
            {"conversation": conversation_id, "to": channel, "as_soon": priority, "now": unit.now},
        )
    sealer = unit.sealer
    added = _add.first(
        unit.connection,
        {
            "conversation_id": conversation_id,
            "contact_point_id": contact_point_id,
            "channel": channel,
            "purpose": purpose,
            "priority": priority,
            "prompt": prompt,
            "values": sealer.seal_json(dict(values)) if values else None,
            "language": language,
            "text": sealer.seal(text),
            "choices": sealer.seal_json([[c.id, c.label] for c in choices]) if choices else None,
            "segments": segments(text) if channel == ChannelName.SMS else 1,
            "status": status,
            "rank": RANK[status],
            "reason": reason,
            "follow_up": reason is not None,
            "created_at": unit.now,
            "due_at": due_at or unit.now,
            "useful_until": useful_until,
            "answers_inbox_id": answers_inbox_id,
            "staff_id": staff_id,
            "replaces_id": replaces_id,
            "about": about,
            "file": sealer.seal_json(_as_json(file)) if file else None,
        },
    )
    unit.tell("outbox" if reason is None else NOT_REACHED)
    unit.tell(f"conversation:{conversation_id}")
    return added.id


def supersede(
    unit: UnitOfWork,
    *,
    outbox_id: int | None = None,
    conversation_id: int | None = None,
    purpose: Purpose | str | None = None,
    prompt: str | None = None,
    about: str | None = None,
) -> int:
    """Take back what is still queued and no longer fits; how many. Say which by any of the five.

    What has already begun to leave cannot be taken back. Raises ValueError when nothing says which.
    """
    if outbox_id is None and conversation_id is None and about is None:
        raise ValueError("say which message, or whose")
    which = [outbox.c.status == Status.QUEUED]
    for column, value in (
        (outbox.c.id, outbox_id),
        (outbox.c.conversation_id, conversation_id),
        (outbox.c.purpose, purpose),
        (outbox.c.prompt, prompt),
        (outbox.c.about, about),
    ):
        if value is not None:
            which.append(column == value)
    taken_back = unit.execute(
        update(outbox)
        .where(*which)
        .values(status=Status.NOT_SENT, rank=RANK[Status.NOT_SENT], reason=SUPERSEDED)
        .returning(outbox.c.id, outbox.c.conversation_id)
    ).all()
    for id_, conversation in taken_back:
        unit.insert(outbox_event, outbox_id=id_, status=Status.NOT_SENT, code=SUPERSEDED, at=unit.now)
        unit.tell(f"conversation:{conversation}")
    return len(taken_back)


_shown = (
    outbox.c.id, outbox.c.channel, outbox.c.purpose, outbox.c.text, outbox.c.choices, outbox.c.language,
    outbox.c.staff_id, outbox.c.status, outbox.c.reason, outbox.c.created_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """One message as a page shows it. `at` is aware UTC."""

    id: int
    channel: ChannelName
    purpose: str
    text: str
    choices: tuple[Choice, ...]
    language: str
    staff_id: int | None
    status: Status
    reason: str | None
    at: datetime


def for_page(
    reading: Reading,
    conversation_id: int,
    after: int = 0,
    *,
    channel: ChannelName | None = ChannelName.WEB,
    most: int = 200,
) -> list[Said]:
    """What was said in this conversation since message `after`, oldest first: the last `most`.

    On the web chat's own page unless another `channel` is named; None gives all of them, and then
    also what was not sent, with its reason, as staff see it. What is due later is not there yet.
    """
    query = select(*_shown).where(
        outbox.c.conversation_id == conversation_id, outbox.c.id > after, outbox.c.due_at <= reading.now
    )
    if channel is not None:
        # What was due at once is shown at once; what waited is asked about again before it leaves.
        left = or_(outbox.c.due_at <= outbox.c.created_at, outbox.c.rank >= RANK[Status.SENDING])
        query = query.where(outbox.c.channel == channel, outbox.c.status != Status.NOT_SENT, left)
    rows = reading.execute(query.order_by(outbox.c.id.desc()).limit(most)).all()
    return [_said(reading, row) for row in reversed(rows)]


def way_of(reading: Reading, contact_point_id: int) -> Way:
    """A contact point as safe contact sees it."""
    return Way(*reading.execute(_way, {"point": contact_point_id}).one())


def choices_of(reading: Reading, sealed: bytes | None) -> tuple[Choice, ...]:
    """What was offered with a message."""
    return tuple(Choice(*pair) for pair in reading.sealer.open_json(sealed)) if sealed else ()


def file_of(sealer: Sealer, sealed: bytes | None) -> File | None:
    """The file that goes with a message, if one does."""
    if not sealed:
        return None
    held = sealer.open_json(sealed)
    return File(held["name"], held["type"], base64.b64decode(held["content"]))


def _as_json(file: File) -> dict[str, str]:
    return {"name": file.name, "type": file.type, "content": base64.b64encode(file.content).decode()}


def concern_noticed(reading: Reading, conversation_id: int) -> bool:
    """Whether a concern was noticed here that nobody has since said was none."""
    noticed = exists().where(
        concern.c.conversation_id == conversation_id, concern.c.not_a_concern_at.is_(None)
    )
    return bool(reading.execute(select(noticed)).scalar())


def _answers_at(
    reading: Reading, purpose: Purpose, inbox_id: int | None, contact_point_id: int
) -> datetime | None:
    """When the message it answers came in by this contact point, if it did."""
    if inbox_id is None:
        return None
    if purpose == Purpose.REPLY:  # a reply is of this turn: no need to look
        return reading.now
    came: Select[Any] = select(inbox.c.received_at).where(
        inbox.c.id == inbox_id, inbox.c.contact_point_id == contact_point_id
    )
    return reading.execute(came).scalar()


def _said(reading: Reading, row: Any) -> Said:
    id_, channel, purpose, text, choices, language, staff_id, status, reason, at = row
    return Said(
        id_, channel, purpose, reading.sealer.open(text) if text else "", choices_of(reading, choices),
        language, staff_id, status, reason, at,
    )  # fmt: skip
