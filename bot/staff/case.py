"""A person's page: what to do next, how to contact them safely, what they said, and a reply to write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from starlette.responses import Response

from bot.casework.access import Access, may_open, record_view
from bot.casework.handoff_events import Handoff
from bot.conversation.voice import Voice
from bot.messages import ChannelName
from bot.people import safe_contact
from bot.people.persons import Person, by_token
from bot.staff import calendar_words, coming_up, service_words, support, support_words, wording
from bot.staff.about import About, about
from bot.staff.changes import mark_of, marks
from bot.staff.next_steps import what_next
from bot.staff.pages import BASE, ONE_VIEW, Ask, NotAllowed, NotFound
from bot.staff.timeline import timeline
from bot.store.tables import audit
from bot.store.unit_of_work import Reading
from bot.words import gsm

#: Longer than this is a letter: six texts and more, which nobody wants to pay for or read.
LONGEST_REPLY = 900

NOT_OPEN = (
    "They have not said yes to passing this on, and nothing was noticed about their safety. "
    "What they wrote stays closed."
)


def subject(ask: Ask, reading: Reading) -> tuple[Person, Access]:
    """Whose page it is, and what this worker may open of it. Raises NotFound and NotAllowed."""
    person = by_token(reading, ask.path("token"))
    if person is None:
        raise NotFound
    access = may_open(reading, ask.me.staff_id, person.id)
    if access.none:
        raise NotAllowed(NOT_OPEN)
    return person, access


def case_page(
    ask: Ask, *, written: str = "", wrong: str = "", wrong_reminder: str = "", status: int = 200
) -> Response:
    """The page. That it was seen, and on what ground, is written down."""
    page = _gathered(ask)
    return ask.page(
        "case.html", status, written=written, wrong=wrong, wrong_reminder=wrong_reminder,
        given=ask.form if wrong_reminder else {}, **page,
    )  # fmt: skip


def live(ask: Ask) -> Response:
    """The page again, for itself, because something changed."""
    return ask.page("case.html", written="", wrong="", wrong_reminder="", given={}, **_gathered(ask))


def count(ask: Ask) -> Response:
    """How many texts the words being written are."""
    return ask.page("_count.html", **counted(ask.sent("text", 5000), ask.me.name))


def counted(text: str, name: str) -> dict[str, Any]:
    """What a text of these words costs, with the worker's first name before them as it will be sent."""
    goes = gsm.cheapest(f"{name.split()[0]}, link worker: {text}")
    return {
        "segments": gsm.segments(goes) if text else 0,
        "plain": gsm.is_gsm(goes),
        "left": LONGEST_REPLY - len(text),
    }


def _gathered(ask: Ask) -> dict[str, Any]:
    all_of_it = ask.query.get("all") == "1"
    with ask.reading() as reading:
        try:
            person, access = subject(ask, reading)
        except NotAllowed:
            token = ask.path("token")
            ask.write(lambda unit: unit.audit("case refused", f"person:{_id_of(unit, token)}"))
            raise
        seen = mark_of(marks(reading, person.conversation_id))
        seen_lately = _seen_lately(reading, ask.me.staff_id, person.id, access)
        found = about(reading, person, access)
        line = timeline(reading, person.id, person.conversation_id, access, all_of_it=all_of_it)
        coming = coming_up.coming_up(reading, person.id) if access.all else coming_up.NOTHING
        begins = coming_up.as_it_goes(reading, _voice(ask), person, ask.me.name, "\u2026")
    if not seen_lately:
        ask.write(lambda unit: record_view(unit, person.id, access))
    return {
        "about": found,
        "person": person,
        "line": line,
        "seen": seen,
        "all_of_it": all_of_it,
        "closing": ask.query.get("do") == "close",
        "next": what_next(found, ask.now, coming, lambda at: ask.times.moment(at, ask.now)),
        "me": ask.me,
        "url": f"{BASE}/people/{person.token}",
        "settings": ask.parts.settings,
        "by_text": found.way.point is not None and found.way.point.channel is ChannelName.SMS,
        "mine": bool(found.standing and found.standing.picked_up_by == ask.me.staff_id),
        "by_template": bool(ask.parts.settings.twilio_whatsapp_template)
        and found.way.why_not == safe_contact.NEEDS_TEMPLATE,
        "reply_first": why_not_write(found.standing, found.holder, ask.me.staff_id),
        "emergency": emergency(found),
        "coming": coming,
        "past_shown": coming_up.PAST_SHOWN,
        "reminder_begins": begins,
        "c": calendar_words,
        "s": support_words,
        "sw": service_words,
        "status_words": support.status_words,
        "purposes": support.purposes(found.ledger, found.support),
    }


def _voice(ask: Ask) -> Voice | None:
    """What says things to people; pages that are only looked at may have none."""
    return getattr(ask.parts.turns, "voice", None)


def _id_of(reading: Reading, token: str) -> int:
    found = by_token(reading, token)
    return found.id if found else 0


def why_not_write(standing: Handoff | None, holder: str, staff_id: int) -> str:
    """What comes before writing to them; empty when this worker may. `holder` is who has it now."""
    if standing is None or standing.picked_up_by == staff_id:
        return ""
    if holder:
        return f"{holder} has this now. Ask them, or keep what you write as a note."
    return "Pick this up first: then the computer stays silent while you talk."


def emergency(found: About) -> list[tuple[str, str]]:
    """What a 999 call handler asks for, as far as we know it."""
    numbers = [wording.number(p.address) for p in found.points if p.channel in wording.BY_PHONE]
    if other := found.person.contact_plan.get("number"):
        numbers.append(wording.number(str(other)))
    where = found.said("where") or str(found.person.contact_plan.get("visit_where") or "")
    noticed = [f"{wording.plain(n.concern.category, wording.CATEGORIES)}" for n in found.noticed]
    age = "Under the service's age" if found.person.under_age else ""
    facts = [
        ("Name", found.name),
        ("Number", ", ".join(numbers)),
        ("Where they are", where),
        ("Age", age),
        ("What happened", ". ".join(dict.fromkeys(noticed))),
        ("To talk with them", "; ".join(need.need for need in found.needs)),
    ]
    return facts


def _seen_lately(reading: Reading, staff_id: int, person_id: int, access: Access) -> bool:
    since: datetime = reading.now - ONE_VIEW
    last = reading.execute(
        select(audit.c.details)
        .where(
            audit.c.subject == f"person:{person_id}",
            audit.c.at > since,
            audit.c.acting == f"staff:{staff_id}",
            audit.c.action == "case seen",
        )
        .order_by(audit.c.id.desc())
        .limit(1)
    ).scalar()
    return last is not None and last.get("reason") == access.reason
