"""Everything that was said and done, in one line of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.casework import staffing
from bot.casework.access import Access
from bot.casework.cases import contacts_of
from bot.casework.handoff_events import events_of
from bot.casework.handoffs import handoffs_of
from bot.casework.looking import media_in
from bot.conversation.written import PLAN_PAGE
from bot.messages import Kind, Status
from bot.outbox.queue import Said, for_page
from bot.people.safe_contact import Purpose
from bot.staff import wording
from bot.store.tables import inbox
from bot.store.unit_of_work import Reading

#: So many messages each way are shown at first; the rest is one press away.
SHOWN = 100
EVERYTHING = 100_000

_DONE = {
    "picked up": "{who} picked this up.",
    "hold extended": "{who} kept it longer.",
    "handed-back": "{who} handed back to the computer.",
    "closed": "{who} closed it.",
    "closing undone": "{who} undid the closing.",
    "handing back undone": "{who} took this up again.",
    "back in the queue": "Back in the queue: nobody had answered in time.",
    "leads alerted": "Nobody had picked this up, so the leads were alerted.",
    "duty contact alerted": "We are closed, so the duty contact was alerted.",
    "concern acknowledged": "{who} said they know of the concern.",
    "not a concern": "{who} said there is no concern.",
    "note": "{who} wrote a note. Only staff see it.",
}


#: Where words came, and a card was shown, that went by no channel.
ON_THEIR_PAGE = "their plan's page"


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing on the line. `side`: "them", "us" (the computer), "staff"; "done" when nothing was said."""

    at: datetime
    side: str
    text: str
    anchor: str = ""
    who: str = ""
    channel: str = ""
    status: str = ""
    failed: bool = False
    level: str | None = None
    unreadable: str | None = None
    inbox_id: int | None = None
    looked_at: datetime | None = None
    opens: tuple[str, ...] = ()  # what each thing it holds is opened by, in order
    card: bool = False
    note: str = ""
    contact_id: int | None = None
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The moments, oldest first; `more` when earlier ones are not shown."""

    moments: list[Moment]
    more: bool
    first_inbox_id: int

    def link(self, inbox_id: int | None) -> str:
        """Where a message is on the page."""
        if inbox_id is None:
            return ""
        return f"#m-{inbox_id}" if inbox_id >= self.first_inbox_id else f"?all=1#m-{inbox_id}"


def timeline(
    reading: Reading, person_id: int, conversation_id: int, access: Access, *, all_of_it: bool
) -> Timeline:
    """What `access` opens of it."""
    most = EVERYTHING if all_of_it else SHOWN
    said = for_page(reading, conversation_id, channel=None, most=most)
    labels = {choice.id: choice.label for one in said for choice in one.choices}
    heard, since = _heard(reading, conversation_id, access, most, labels)
    names = {member.id: member.name for member in staffing.all_staff(reading)}
    spoken = [_spoken(one, names) for one in said if since is None or one.at >= since]
    done = _done(reading, conversation_id, names) + _contacts(reading, person_id)
    more = not all_of_it and (len(said) == most or len(heard) == most)
    # Where earlier messages are not shown, neither is what was done between them.
    from_ = min((m.at for m in heard + spoken), default=None) if more else since
    moments = heard + spoken + [m for m in done if from_ is None or m.at >= from_]
    first = min((m.inbox_id for m in heard if m.inbox_id), default=0)
    return Timeline(sorted(moments, key=lambda m: m.at), more, first)


def _heard(
    reading: Reading, conversation_id: int, access: Access, most: int, labels: dict[str, str]
) -> tuple[list[Moment], datetime | None]:
    query = select(
        inbox.c.id, inbox.c.received_at, inbox.c.kind, inbox.c.unreadable, inbox.c.body, inbox.c.level,
        inbox.c.channel, inbox.c.looked_at,
    ).where(inbox.c.conversation_id == conversation_id)  # fmt: skip
    if not access.all:
        query = query.where(inbox.c.id >= (access.from_inbox_id or 0))
    rows = reading.execute(query.order_by(inbox.c.id.desc()).limit(most)).all()
    moments = [_came(row, reading.sealer.open_json(row.body) if row.body else {}, labels) for row in rows]
    since = None if access.all else min((m.at for m in moments), default=reading.now)
    return moments, since


def _came(row: Any, body: dict[str, Any], labels: dict[str, str]) -> Moment:
    return Moment(
        at=row.received_at,
        side="them",
        text=_words(row, body, labels),
        anchor=f"m-{row.id}",
        channel=ON_THEIR_PAGE if body.get("source") == PLAN_PAGE else wording.CHANNELS[row.channel],
        level=row.level,
        unreadable=row.unreadable,
        inbox_id=row.id,
        looked_at=row.looked_at,
        opens=wording.opens(row.unreadable, len(media_in(body))) if row.unreadable else (),
    )


def _words(row: Any, body: dict[str, Any], labels: dict[str, str]) -> str:
    text = body.get("text") or ""
    if row.unreadable:
        what = wording.plain(row.unreadable, wording.UNREADABLE)
        what = f"{what}: {body['detail']}" if body.get("detail") else f"{what}."
        return f"They sent {what} {text}".strip()
    match row.kind:
        case Kind.BUTTON:
            return text or labels.get(body.get("choice", ""), "Pressed a button")
        case Kind.OPT_OUT:
            return text or "They asked for no more messages here."
        case Kind.OPT_IN:
            return text or "They asked for messages here again."
        case Kind.START:
            return text or "They opened the chat."
    if row.body is None:
        return "This was erased."
    return text


def _spoken(one: Said, names: dict[int, str]) -> Moment:
    status = wording.STATUSES[Status(one.status)]
    if one.reason and one.status in wording.FAILED:
        status = f"{status}: {one.reason}"
    return Moment(
        at=one.at,
        side="staff" if one.staff_id and one.purpose == Purpose.STAFF else "us",
        text=one.text,
        anchor=f"o-{one.id}",
        who=names.get(one.staff_id or 0, "") if one.purpose == Purpose.STAFF else "",
        channel=ON_THEIR_PAGE if one.reason == PLAN_PAGE else wording.CHANNELS[one.channel],
        status=status,
        failed=one.status in wording.FAILED,
        card=one.purpose == Purpose.CARD,
    )


def _done(reading: Reading, conversation_id: int, names: dict[int, str]) -> list[Moment]:
    moments = []
    for handoff in handoffs_of(reading, conversation_id):
        for event in events_of(reading, handoff.id):
            kind, _, reason = event.what.partition(": ")
            if kind in ("opened", "raised"):
                text = f"Put before the team: {wording.reason(reason)[0].lower()}."
            else:
                text = _DONE.get(event.what, event.what.capitalize() + ".").format(
                    who=_who(event.acting, names)
                )
            moments.append(Moment(at=event.at, side="done", text=text, note=event.note))
    return moments


def _contacts(reading: Reading, person_id: int) -> list[Moment]:
    return [
        Moment(
            at=one.at,
            side="done",
            text=f"{one.staff_name}: {wording.CONTACTS[one.kind].lower()}.",
            note=one.note,
            contact_id=one.id,
            undone=one.undone_at is not None,
        )
        for one in contacts_of(reading, person_id)
    ]


def _who(acting: str, names: dict[int, str]) -> str:
    kind, _, number = acting.partition(":")
    if kind == "staff" and number.isdigit():
        return names.get(int(number), "Somebody")
    return "They" if kind == "person" else "The computer"
