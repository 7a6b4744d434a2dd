"""What a web chat visitor and we have said to each other, as their page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from bot.conversation.written import PLAN_PAGE
from bot.messages import ChannelName, Choice, File, Kind, Status
from bot.outbox.queue import file_of
from bot.people import contact_points
from bot.store.tables import inbox, outbox, person
from bot.store.unit_of_work import Reading

MOST = 200
#: Two things done at one moment may be committed the other way round: each look goes back this far.
OVERLAP = timedelta(seconds=10)

US, YOU, LINK_WORKER = "us", "you", "link worker"
_SHOWN = (Status.SENT, Status.DELIVERED)
_SAID = (Kind.WORDS, Kind.BUTTON, Kind.EDIT)


@dataclass(frozen=True, slots=True)
class Known:
    """Someone who has written before: where their conversation is, and in what language."""

    contact_point_id: int
    conversation_id: int
    language: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message on the page. `id` is what their page called it, or "us-34"; `at` is aware UTC."""

    id: str
    who: str
    text: str
    at: datetime
    row: int
    choices: tuple[Choice, ...] = ()
    file: str = ""  # the name of what came with it, an appointment for their own calendar

    @property
    def file_url(self) -> str:
        """Where their own page finds that file."""
        return f"/chat/files/{self.id}" if self.file else ""

    def as_json(self) -> dict[str, Any]:
        """As `GET /chat/messages` gives it."""
        shown = {
            "id": self.id,
            "from": self.who,
            "text": self.text,
            "choices": [{"id": c.id, "label": c.label} for c in self.choices],
            "at": self.at.isoformat(),
        }
        return shown | ({"file": {"name": self.file, "url": self.file_url}} if self.file else {})


def known(reading: Reading, token: str) -> Known | None:
    """The visitor with this token, if they have written before."""
    point = contact_points.known(reading, ChannelName.WEB, token)
    if point is None:
        return None
    language = reading.execute(select(person.c.language).where(person.c.id == point.person_id)).scalar_one()
    return Known(point.id, point.conversation_id, language)


def messages(reading: Reading, who: Known, since: datetime | None = None) -> list[Said]:
    """What was said here, oldest first: the newest 200, or those since an aware instant.

    Only what came and went by this page: what someone said by text stays on their phone. Ours
    appear once delivery has sent them, so nothing that safe contact held back is shown.
    """
    said = [*_theirs(reading, who, since), *_ours(reading, who, since)]
    said.sort(key=_order)
    return said[-MOST:]


def after(reading: Reading, who: Known, message_id: str) -> list[Said]:
    """What was said after the message with this id; all of it when there is none such here."""
    said = messages(reading, who)
    return said[next((n for n, m in enumerate(said, 1) if m.id == message_id), 0) :]


def file(reading: Reading, who: Known, message_id: str) -> File | None:
    """What came with one message on this visitor's own page; None when it is not theirs, or not there."""
    row = message_id.removeprefix("us-")
    if not (row.isascii() and row.isdecimal() and len(row) < 19):
        return None
    sealed = reading.execute(_went_here(who, outbox.c.file).where(outbox.c.id == int(row))).scalar()
    return file_of(reading.sealer, sealed)


def page_id(visitor: str, message_id: str) -> str:
    """What makes a message of theirs the same one: their page's id, and whose page it is."""
    return f"{visitor}:{message_id}"


def _order(said: Said) -> tuple[datetime, bool, int]:
    return said.at, said.who != YOU, said.row


def _theirs(reading: Reading, who: Known, since: datetime | None) -> Iterator[Said]:
    statement = _newest(
        select(inbox.c.id, inbox.c.kind, inbox.c.body, inbox.c.provider_ref, inbox.c.received_at).where(
            inbox.c.conversation_id == who.conversation_id,
            inbox.c.contact_point_id == who.contact_point_id,
            inbox.c.kind.in_(_SAID),
            inbox.c.body.is_not(None),
        ),
        inbox.c.id,
        inbox.c.received_at,
        since,
    )
    labels: dict[str, str] | None = None
    for row, kind, body, reference, at in reading.execute(statement):
        opened = reading.sealer.open_json(body)
        if opened.get("source") == PLAN_PAGE:
            continue  # written on a page of its own, which may be better guarded than this one
        text = opened.get("text") or ""
        if kind == Kind.BUTTON and not text:
            labels = labels if labels is not None else _labels(reading, who)
            text = labels.get(opened.get("choice") or "", "")
        id_ = reading.sealer.open(reference).partition(":")[2] if reference else f"you-{row}"
        yield Said(id_, YOU, text, at, row)


def _ours(reading: Reading, who: Known, since: datetime | None) -> Iterator[Said]:
    columns = (
        outbox.c.id, outbox.c.text, outbox.c.choices, outbox.c.staff_id, outbox.c.sent_at, outbox.c.file,
    )  # fmt: skip
    statement = _newest(_went_here(who, *columns), outbox.c.id, outbox.c.sent_at, since)
    for id_, text, choices, staff_id, at, sealed in reading.execute(statement):
        offered = tuple(Choice(*c) for c in reading.sealer.open_json(choices)) if choices else ()
        held = file_of(reading.sealer, sealed)
        from_ = LINK_WORKER if staff_id else US
        name = held.name if held else ""
        yield Said(f"us-{id_}", from_, reading.sealer.open(text), at, id_, offered, name)


def _went_here(who: Known, *columns: Any) -> Select:
    """What we said on their page: all that has left, and nothing that safe contact held back."""
    return select(*columns).where(
        outbox.c.conversation_id == who.conversation_id,
        outbox.c.contact_point_id == who.contact_point_id,
        outbox.c.status.in_(_SHOWN),
        outbox.c.text.is_not(None),
        outbox.c.sent_at.is_not(None),
        outbox.c.reason.is_(None) | (outbox.c.reason != PLAN_PAGE),
    )


def _newest(statement: Select, id_: Any, at: Any, since: datetime | None) -> Select:
    if since is not None:
        statement = statement.where(at >= since)
    return statement.order_by(id_.desc()).limit(MOST)


def _labels(reading: Reading, who: Known) -> dict[str, str]:
    """What the buttons we offered here say, by what they carry."""
    labels: dict[str, str] = {}
    for message in _ours(reading, who, None):
        for choice in message.choices:
            labels.setdefault(choice.id, choice.label)
    return labels
