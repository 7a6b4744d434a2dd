"""From a suggestion to being there: offered, said yes to, told to the service, and how it ended."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.casework.tasks import open_task
from bot.clock import OpeningHours
from bot.directory.outcomes import (
    NoSuchOnward,
    OnwardReferral,
    ask_whether_there,
    onward_by_id,
    onward_of,
    opened,
    record_outcome,
    session_moved,
    with_service,
)
from bot.directory.suggestions import (
    Suggestion,
    answer_suggestion,
    newest_suggestion,
    offer,
    suggest_by_hand,
    suggestions_of,
)
from bot.people.access_needs import needs_of
from bot.people.consents import stands
from bot.people.contact_points import BY_PHONE, of_person
from bot.people.for_a_human import open_case_id
from bot.people.persons import person_of
from bot.store.tables import (
    Onward,
    Outcome,
    Safe,
    onward_referral,
    organisation,
    service,
    service_contact,
)
from bot.store.unit_of_work import Reading, UnitOfWork

__all__ = [
    "LINK_LASTS",
    "NoSuchOnward",
    "OnwardReferral",
    "ProviderView",
    "Referred",
    "Suggestion",
    "answer_suggestion",
    "new_link",
    "newest_suggestion",
    "offer",
    "onward_by_id",
    "onward_of",
    "provider_says",
    "provider_view",
    "record_outcome",
    "refer",
    "suggest_by_hand",
    "suggestions_of",
    "tell_service",
]  # fmt: skip

#: A provider's link ends after this long (practice, section 9).
LINK_LASTS = timedelta(days=14)

#: The purposes in the ledger under which a service is told of somebody: one a service.
TELL, TELL_NEEDS = "tell-service", "tell-needs"


@dataclass(frozen=True, slots=True)
class Referred:
    """It is written down. The link's token is given here once; only its lookup is kept."""

    onward_id: int
    link_token: str

    def __repr__(self) -> str:
        return f"Referred(onward_id={self.onward_id})"


# -- going on to it ------------------------------------------------------------------------------


def refer(
    unit: UnitOfWork,
    person_id: int,
    service_id: int,
    kind: Onward | str,
    *,
    suggestion_id: int | None = None,
    by: str = "person",
    someone_along: str | None = None,
    first_session_at: datetime | None = None,
    ask_at: datetime | None = None,
) -> Referred:
    """They go on to it: referred (the service is told) or signposted (they get in touch themselves).

    `ask_at` is when we ask whether they got there (aware UTC). One that is still open for the same
    service is gone on with, and not made twice; its link is a new one.
    """
    kind = Onward(kind)
    token = secrets.token_hex(16)
    lookup = _lookup(unit, token)
    values: dict[str, Any] = {
        "token": lookup, "kind": kind, "someone_along": someone_along, "first_session_at": first_session_at,
        "link_ends_at": unit.now + LINK_LASTS if kind is Onward.REFERRED else None, "link_used_at": None,
    }  # fmt: skip
    standing = unit.execute(
        select(onward_referral.c.id, onward_referral.c.someone_along)
        .where(
            onward_referral.c.person_id == person_id,
            onward_referral.c.service_id == service_id,
            onward_referral.c.outcome.is_(None),
        )
        .order_by(onward_referral.c.id.desc())
        .limit(1)
    ).first()
    if standing is not None:
        onward_id = standing.id
        values["someone_along"] = someone_along or standing.someone_along
        unit.change(onward_referral, onward_id, **values)
    else:
        onward_id = unit.insert(
            onward_referral,
            person_id=person_id,
            case_id=open_case_id(unit, person_id),
            service_id=service_id,
            suggestion_id=suggestion_id,
            made_at=unit.now,
            made_by=by,
            **values,
        )
    unit.audit(f"{kind.value} onward", f"person:{person_id}", service=service_id, onward=onward_id)
    if ask_at is not None:
        ask_whether_there(unit, onward_id, ask_at)
    unit.tell("queue")
    return Referred(onward_id, token)


def tell_service(unit: UnitOfWork, onward_id: int, hours: OpeningHours, *, by_mail: bool) -> bool:
    """Have the service told: by email when `by_mail` and it has an address, else a link worker rings it.

    True when a mail goes; False when a link worker has a task.

    The mail holds a link and no personal data; its token is made when it leaves, and not kept.
    """
    onward = onward_by_id(unit, onward_id)
    if by_mail and address_of(unit, onward.service_id):
        unit.change(onward_referral, onward_id, mail_due_at=unit.now, mail_failed=None, mail_tries=0)
        unit.tell("provider-mail")
        return True
    ring_the_service(unit, onward, hours)
    return False


def ring_the_service(unit: UnitOfWork, onward: OnwardReferral, hours: OpeningHours) -> None:
    """A link worker tells the service, by the number that is in the directory."""
    numbers = phones_of(unit, onward.service_id)
    details = f"{onward.service_name}: {', '.join(numbers) or 'no number in the directory'}"
    due = hours.working_days_after(unit.now, 1)
    open_task(unit, onward.person_id, "tell-service", due, details, onward.case_id)


def told_service(unit: UnitOfWork, onward_id: int) -> None:
    """The service knows: a link worker told it, or the mail has left."""
    unit.change(onward_referral, onward_id, told_provider_at=unit.now, mail_due_at=None)
    unit.audit("service told", f"onward:{onward_id}")


def new_link(unit: UnitOfWork, onward_id: int) -> str:
    """A new link for the service; the one before no longer works. Its token is given here once."""
    token = secrets.token_hex(16)
    unit.change(
        onward_referral, onward_id, token=_lookup(unit, token), link_ends_at=unit.now + LINK_LASTS,
        link_used_at=None,
    )  # fmt: skip
    unit.audit("link for the service made", f"onward:{onward_id}")
    return token


def agreed_to_tell(reading: Reading, onward: OnwardReferral) -> bool:
    """Whether they said that this service may know of them; a no later stops it from then on."""
    return stands(reading, onward.person_id, f"{TELL}:{onward.service_id}") is True


def needs_shared(reading: Reading, onward: OnwardReferral) -> bool:
    """Whether they said that this service may know what makes contact easier for them."""
    return stands(reading, onward.person_id, f"{TELL_NEEDS}:{onward.service_id}") is True


# -- the service's own link ----------------------------------------------------------------------

#: What a service can say by its link. "moved" does not use it up.
SAYS = ("came", "did-not-come", "not-reached", "no-place", "moved")


@dataclass(frozen=True, slots=True)
class ProviderView:
    """All a service sees: a first name, the safe way, and the needs they agreed to share; never more.

    `number` is empty where the way leads through us. `times` is "any", "mornings", "afternoons" or as
    they put it. Instants are aware UTC.
    """

    service_name: str
    first_name: str
    number: str
    may_ring: bool
    may_text: bool
    may_leave_message: bool
    times: str
    needs: tuple[str, ...]
    someone_along: str | None
    first_session_at: datetime | None
    ends_at: datetime

    def __repr__(self) -> str:
        return "ProviderView()"


def provider_view(reading: Reading, token: str) -> ProviderView | None:
    """What the link shows. None when it leads nowhere: wrong, answered, over, or they said no since."""
    onward = by_link(reading, token)
    if onward is None or not _works(reading, onward):
        return None
    who = person_of(reading, onward.person_id)
    plan = who.contact_plan
    number, safe = "", Safe.NOT_NOW
    for point in of_person(reading, onward.person_id):
        if point.channel in BY_PHONE and point.opted_out_at is None and point.safe is not Safe.NOT_NOW:
            number, safe = point.address, point.safe
            break
    if plan.get("number") and safe not in (Safe.ONLY_ME, Safe.TEXT_ONLY):
        number, safe = plan["number"], Safe.NO_MESSAGE  # rung, and never texted unasked
    elif safe in (Safe.SHARED, Safe.NOT_ASKED):
        number = ""
    return ProviderView(
        service_name=onward.service_name,
        first_name=who.name.split()[0] if who.name else "",
        number=number,
        may_ring=bool(number) and safe in (Safe.ONLY_ME, Safe.NO_MESSAGE),
        may_text=bool(number) and safe in (Safe.ONLY_ME, Safe.TEXT_ONLY),
        may_leave_message=bool(number) and safe is Safe.ONLY_ME,
        times=str(plan.get("times") or ""),
        needs=tuple(n.need for n in needs_of(reading, onward.person_id))
        if needs_shared(reading, onward)
        else (),
        someone_along=onward.someone_along,
        first_session_at=onward.first_session_at,
        ends_at=onward.link_ends_at or onward.made_at + LINK_LASTS,
    )


def provider_says(unit: UnitOfWork, token: str, what: str, *, session_at: datetime | None = None) -> bool:
    """The service answers by its link, once; False when the link no longer works.

    `what` is one of SAYS; "moved" comes with `session_at` (aware UTC) and leaves the link as it is.
    That they came is the outcome. Whatever else it says, the person or a link worker is asked next:
    what got in the way is theirs to say. Raises ValueError for anything else.
    """
    if what not in SAYS or (what == "moved") != (session_at is not None):
        raise ValueError(f"a service cannot say {what!r}")
    onward = by_link(unit, token)
    if onward is None or not _works(unit, onward):
        return False
    if session_at is not None:
        session_moved(unit, onward.id, session_at, session_at + timedelta(days=1))
        return True
    used = unit.execute(
        update(onward_referral)
        .where(onward_referral.c.id == onward.id, onward_referral.c.link_used_at.is_(None))
        .values(link_used_at=unit.now)
    ).rowcount
    if not used:  # the same link, answered twice at once
        return False
    unit.audit("service said", f"onward:{onward.id}", what=what)
    if what == "came":
        record_outcome(unit, onward.id, Outcome.ATTENDED, by="provider")
    elif onward.outcome is None:
        ask_whether_there(unit, onward.id, unit.now, said=what)
    return True


def _works(reading: Reading, onward: OnwardReferral) -> bool:
    return (
        onward.kind is Onward.REFERRED
        and onward.link_used_at is None
        and onward.link_ends_at is not None
        and reading.now < onward.link_ends_at
        and agreed_to_tell(reading, onward)
    )


def address_of(reading: Reading, service_id: int) -> str:
    """Where a mail to this service goes: its own address, a contact's, or its organisation's."""
    row = reading.execute(
        select(service.c.email, organisation.c.email.label("of_all"))
        .outerjoin(organisation, organisation.c.id == service.c.organisation_id)
        .where(service.c.id == service_id)
    ).one()
    contacts = reading.execute(
        select(service_contact.c.email)
        .where(service_contact.c.service_id == service_id, service_contact.c.email != "")
        .order_by(service_contact.c.id)
    ).scalars()
    return row.email or next(iter(contacts.all()), "") or row.of_all or ""


def phones_of(reading: Reading, service_id: int) -> list[str]:
    """The numbers to ring there, as the directory has them."""
    rows = reading.execute(
        select(service_contact.c.phone)
        .where(service_contact.c.service_id == service_id, service_contact.c.phone != "")
        .order_by(service_contact.c.id)
    )
    return list(dict.fromkeys(rows.scalars()))


# -- inside --------------------------------------------------------------------------------------


def _lookup(reading: Reading, token: str) -> str:
    return reading.sealer.lookup("provider link", token)


def by_link(reading: Reading, token: str) -> OnwardReferral | None:
    """What a service's link leads to, used or not, over or not."""
    row = reading.execute(with_service.where(onward_referral.c.token == _lookup(reading, token))).first()
    return opened(reading, row) if row else None
