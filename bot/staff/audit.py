"""What was seen and done, by whom and when: for leads and administrators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from starlette.responses import Response

from bot.casework import staffing
from bot.people.persons import NoSuchPerson, by_token, person_of
from bot.staff.pages import Ask
from bot.store.tables import audit
from bot.store.unit_of_work import Reading

A_PAGE = 100
#: Who did it, where it was nobody on the team.
OTHERS = {
    "person": "The person",
    "provider": "The phone company",
    "timer": "The computer, by the clock",
    "system": "The computer",
    "check": "The computer",
    "notices": "The computer",
    "command": "Whoever runs this service",
    "retention": "The computer, at night",
    "nightly": "The computer, at night",
    "link": "A service, by its link",
    "signing in": "Somebody signing in",
}
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, in words. `token` leads to the person it is about, where there is one."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    token: str
    details: str


def audit_page(ask: Ask) -> Response:
    """A page of it, newest first, narrowed by who, what, whom and when. Looking here is written down too."""
    given = {
        name: ask.query.get(name, "").strip()[:60]
        for name in ("who", "what", "person", "from", "to", "before")
    }
    wrong = ""
    with ask.reading() as reading:
        query = select(audit).order_by(audit.c.id.desc()).limit(A_PAGE + 1)
        if given["who"]:
            query = query.where(audit.c.acting == given["who"])
        if given["what"]:
            query = query.where(audit.c.action == given["what"])
        if given["person"]:
            found = by_token(reading, given["person"])
            query = query.where(audit.c.subject == f"person:{found.id if found else 0}")
        try:
            if given["from"]:
                query = query.where(audit.c.at > ask.times.end_of_day(given["from"]) - timedelta(days=1))
            if given["to"]:
                query = query.where(audit.c.at <= ask.times.end_of_day(given["to"]))
        except ValueError:
            wrong = "That day is not a date. Choose one such as 12 March 2026."
        if given["before"].isdigit():
            query = query.where(audit.c.id < int(given["before"]))
        rows = reading.execute(query).all()
        members = staffing.all_staff(reading)
        names = {f"staff:{m.id}": m.name for m in members}
        lines = [_line(ask, reading, row, names) for row in rows[:A_PAGE]]
        actions = reading.execute(select(audit.c.action).distinct().order_by(audit.c.action)).scalars().all()
    ask.write(lambda unit: unit.audit("audit seen", f"staff:{ask.me.staff_id}"))
    more = {**given, "before": str(rows[A_PAGE - 1].id)} if len(rows) > A_PAGE else None
    return ask.page(
        "audit.html", lines=lines, names=names, actions=actions, given=given, more=more, wrong=wrong,
        others={code: OTHERS[code] for code in ("person", "timer", "system")},
    )  # fmt: skip


def _line(ask: Ask, reading: Reading, row: Any, names: dict[str, str]) -> Line:
    kind, _, number = row.subject.partition(":")
    token = ""
    if kind == "person" and number.isdigit():
        try:
            token = person_of(reading, int(number)).token
        except NoSuchPerson:
            pass
    details = ", ".join(
        f"{k.replace('_', ' ')}: {names.get(f'staff:{v}', '') if k == 'staff' else _plainly(v, ask)}"
        for k, v in row.details.items()
        if v not in (None, [], "")
    )
    who = names.get(row.acting) or OTHERS.get(row.acting) or row.acting
    subject = names.get(row.subject, row.subject.replace(":", " ").replace("-", " "))
    return Line(row.id, row.at, who, row.action, subject, token, details)


def _plainly(value: Any, ask: Ask) -> str:
    if isinstance(value, str) and _MOMENT.match(value):
        return ask.times.moment(datetime.fromisoformat(value), ask.now)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
