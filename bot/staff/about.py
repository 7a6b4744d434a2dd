"""One person as a link worker needs them: everything their page says, gathered in one look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.casework import cases, concerns, referrals, staffing, tasks
from bot.casework.access import Access
from bot.casework.cases import Case, Contact
from bot.casework.concerns import CONFIRMED_BY_TWO, Concern
from bot.casework.handoff_events import Handoff
from bot.casework.handoffs import handoffs_of
from bot.casework.referrals import Referral
from bot.casework.tasks import Task
from bot.people import access_needs, consents, contact_points, joining
from bot.people.access_needs import AccessNeed
from bot.people.consents import Entry
from bot.people.contact_points import ContactPoint
from bot.people.duplicates import Duplicate, likely_duplicates
from bot.people.persons import Person
from bot.people.safe_contact import Purpose, why_not
from bot.safety import noticing
from bot.staff.support import NOTHING, Support, support_of
from bot.store.sealed import maybe_open
from bot.store.tables import conversation, inbox, outbox
from bot.store.unit_of_work import Reading

#: Answers that are said elsewhere on the page, or are only a step on the way.
ELSEWHERE = frozenset(
    {
        "agree", "area", "carer_name", "carer_way", "first", "name", "number", "number_again", "safe",
        "safe_here", "shared_how", "shared_number", "shared_number_again", "shared_times", "their_name",
        "their_way", "times", "way", "who_asks", "word",
    }
)  # fmt: skip
#: What the questions were about, for those who read the answers.
ABOUT = {
    "matters": "What matters",
    "where": "Where they live",
    "referred": "They added",
    "need_noted": "They added",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something they said, in their words, and the message it is in."""

    about: str
    words: str
    inbox_id: int | None


@dataclass(frozen=True, slots=True)
class Noticed:
    """A concern: in which words, why it was noticed, what they were told, and how that went."""

    concern: Concern
    words: str
    why: tuple[str, ...]
    card: str
    card_at: datetime | None
    card_status: Any
    said_none_by: str

    @property
    def to_confirm(self) -> bool:
        """Said to be none, and waiting for a second person."""
        c = self.concern
        return bool(c.not_a_concern_at and not c.confirmed_at and c.level in CONFIRMED_BY_TWO)


@dataclass(frozen=True, slots=True)
class Unopened:
    """Something they sent that nobody could read yet."""

    inbox_id: int
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Way:
    """Where a worker's words would go now; `why_not` when they would go nowhere."""

    point: ContactPoint | None
    why_not: str | None


@dataclass(frozen=True, slots=True)
class About:
    """Everything on the page, in no order: the page has the order."""

    person: Person
    access: Access
    name: str
    points: list[ContactPoint]
    needs: list[AccessNeed]
    noticed: list[Noticed]
    matters: list[Line]
    first: str
    ledger: list[Entry]
    referral: Referral | None
    case: Case | None
    handoff: Handoff | None
    holder: str
    held_until: datetime | None
    unanswered_since: datetime | None
    tasks: list[Task]
    contacts: list[Contact]
    unopened: list[Unopened]
    duplicates: list[Duplicate]
    joinings: list[joining.Joining]
    way: Way
    support: Support

    @property
    def standing(self) -> Handoff | None:
        """The handoff nobody has finished with."""
        return self.handoff if self.handoff and self.handoff.standing else None

    @property
    def not_told(self) -> list[Noticed]:
        """What was noticed and no worker has said they know of."""
        return [n for n in self.noticed if n.concern.told_at is None and not n.concern.not_a_concern_at]

    def said(self, step: str) -> str:
        """Their answer to one question of the referral; empty when there is none."""
        answer = _content(self.referral).get(step)
        return answer[0] if answer else ""


def about(reading: Reading, person: Person, access: Access) -> About:
    """All of it that `access` opens. Without agreement there is no name and nothing said earlier."""
    talk = reading.execute(
        select(
            conversation.c.id,
            conversation.c.contact_point_id,
            conversation.c.held_until,
            conversation.c.unanswered_since,
        ).where(conversation.c.person_id == person.id)
    ).one()
    handoffs = handoffs_of(reading, talk.id)
    newest = next((h for h in handoffs if h.standing), handoffs[0] if handoffs else None)
    points = contact_points.of_person(reading, person.id)
    found = referrals.referrals_of(reading, person.id) if access.all else []
    content = _content(found[0] if found else None)
    support = support_of(reading, person.id) if access.all else NOTHING
    return About(
        person=person,
        access=access,
        name=person.name if access.all else "",
        points=points,
        needs=[n for n in access_needs.needs_of(reading, person.id) if _may_see(access, n.inbox_id)],
        noticed=_noticed(reading, talk.id),
        matters=[
            Line(ABOUT.get(step, step.replace("_", " ").capitalize()), words, inbox_id)
            for step, (words, inbox_id) in content.items()
            if step not in ELSEWHERE and words and inbox_id not in support.messages
        ],
        first=str(person.contact_plan.get("first") or content.get("first", ("",))[0]) if access.all else "",
        ledger=consents.entries(reading, person.id) if access.all else [],
        referral=found[0] if found else None,
        case=cases.case_of(reading, person.id) if access.all else None,
        handoff=newest,
        holder=staffing.name_of(reading, newest.picked_up_by if newest else None),
        held_until=talk.held_until,
        unanswered_since=talk.unanswered_since,
        tasks=tasks.open_tasks(reading, person_id=person.id),
        contacts=cases.contacts_of(reading, person.id),
        unopened=_unopened(reading, talk.id, access),
        duplicates=likely_duplicates(reading, person.id) if access.all else [],
        joinings=joining.joinings_of(reading, person.id),
        way=_way(reading, points, talk.contact_point_id),
        support=support,
    )


def _may_see(access: Access, inbox_id: int | None) -> bool:
    if access.all:
        return True
    return inbox_id is not None and access.from_inbox_id is not None and inbox_id >= access.from_inbox_id


def _content(found: Referral | None) -> dict[str, tuple[str, int | None]]:
    """A referral's answers: each its words and its message. Staff write plain words; flows keep both."""
    if found is None or not isinstance(found.content, dict):
        return {}
    made = {}
    for step, answer in found.content.items():
        if isinstance(answer, dict):
            made[step] = (str(answer.get("words") or ""), answer.get("inbox_id"))
        elif answer:
            made[step] = (str(answer), None)
    return made


def _noticed(reading: Reading, conversation_id: int) -> list[Noticed]:
    made = []
    for c in concerns.concerns_of(reading, conversation_id, with_none=True):
        row = None
        if c.card_outbox_id is not None:
            row = reading.execute(
                select(outbox.c.text, outbox.c.created_at, outbox.c.status).where(
                    outbox.c.id == c.card_outbox_id
                )
            ).first()
        body = reading.execute(select(inbox.c.body).where(inbox.c.id == c.inbox_id)).scalar()
        one = Noticed(
            concern=c,
            words=reading.sealer.open_json(body).get("text", "") if body else "",
            why=tuple(_why(pattern) for pattern in c.why),
            card=maybe_open(reading.sealer, row.text) if row else "",
            card_at=row.created_at if row else None,
            card_status=row.status if row else None,
            said_none_by=staffing.name_of(reading, c.not_a_concern_by),
        )
        if c.not_a_concern_at is None or one.to_confirm:
            made.append(one)
    return made


def _why(pattern: str) -> str:
    try:
        return noticing.reason(pattern)
    except KeyError:
        return pattern.replace("-", " ").replace(".", " ")


def _unopened(reading: Reading, conversation_id: int, access: Access) -> list[Unopened]:
    rows = reading.execute(
        select(inbox.c.id, inbox.c.unreadable, inbox.c.received_at)
        .where(
            inbox.c.conversation_id == conversation_id,
            inbox.c.unreadable.is_not(None),
            inbox.c.looked_at.is_(None),
        )
        .order_by(inbox.c.id)
    )
    return [Unopened(*row) for row in rows if _may_see(access, row.id)]


def _way(reading: Reading, points: list[ContactPoint], spoke_last: int | None) -> Way:
    """The way they spoke last, if it may be used; else another that may."""
    ordered = sorted(points, key=lambda p: (p.id != spoke_last, p.id))
    for point in ordered:
        if why_not(point, Purpose.STAFF, now=reading.now, elsewhere=point.id != spoke_last) is None:
            return Way(point, None)
    if not ordered:
        return Way(None, "there is no phone or chat to write to")
    return Way(ordered[0], why_not(ordered[0], Purpose.STAFF, now=reading.now))
