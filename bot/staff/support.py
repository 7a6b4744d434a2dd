"""What matters to somebody, line by line, and what became of every service suggested to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.casework import staffing
from bot.casework.plans import GP, SERVICES, Plan, plan_of
from bot.directory import outcomes, suggestions, waiting
from bot.directory.onward import TELL, TELL_NEEDS, agreed_to_tell
from bot.directory.outcomes import OnwardReferral
from bot.directory.suggestions import Suggestion
from bot.flowkit.lists import WANTS
from bot.people.consents import Entry
from bot.staff import service_words, support_words, wording
from bot.store.tables import Heading, Onward, Outcome, ServiceStatus, service
from bot.store.unit_of_work import Reading

#: The headings of each part of the page, in the order they read.
MATTERS = (
    Heading.MATTERS, Heading.GOING_WELL, Heading.ENJOYS, Heading.AROUND, Heading.WANT, Heading.BARRIER,
    Heading.HELP,
)  # fmt: skip
FIRST = (
    Heading.STEP, Heading.IMPORTANCE, Heading.WHY_IMPORTANT, Heading.CONFIDENCE, Heading.WHY_CONFIDENT,
)  # fmt: skip
MEETING = (Heading.MEETING, Heading.WHEN, Heading.WITH_WHOM)


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the plan as the page shows it. `own` when these are their words, and not a choice's."""

    words: str
    own: bool
    inbox_id: int | None
    by: str


@dataclass(frozen=True, slots=True)
class Told:
    """One service and what became of it: suggested, gone on to, or both. `token` leads to its page."""

    service_id: int
    name: str
    token: str
    status: ServiceStatus
    at: datetime
    by: str
    why: tuple[str, ...]
    suggestion: Suggestion | None
    onward: OnwardReferral | None
    outcome_by: str
    may_tell: bool

    @property
    def is_open(self) -> bool:
        """Whether we wait to hear whether they got there, or a worker is to find out."""
        return self.onward is not None and self.onward.outcome in (None, Outcome.TASK)

    @property
    def to_tell(self) -> bool:
        """Whether a worker is to tell the service that they would like to come."""
        o = self.onward
        return bool(
            o and self.is_open and o.kind is Onward.REFERRED and not o.told_provider_at and not o.mail_due_at
        )


@dataclass(frozen=True, slots=True)
class Support:
    """Their plan in the parts of the page; their services, those they are on the way to first."""

    plan: Plan | None
    matters: list[tuple[str, list[Said]]]
    first: list[tuple[str, list[Said]]]
    meeting: list[tuple[str, list[Said]]]
    may_see: str
    told: list[Told]
    waits: list[waiting.Waiting]
    wants: str

    @property
    def messages(self) -> frozenset[int]:
        """The messages its lines are from, so that nothing stands twice."""
        lines = [line for part in (self.matters, self.first) for _, said in part for line in said]
        return frozenset(line.inbox_id for line in lines if line.inbox_id and line.own)


NOTHING = Support(None, [], [], [], "", [], [], "")


def support_of(reading: Reading, person_id: int) -> Support:
    """All of it. Only for those with whose agreement everything is open."""
    plan = plan_of(reading, person_id)
    names = {member.id: member.name for member in staffing.all_staff(reading)}
    waits = [one for one in waiting.waits_of(reading, person_id) if one.waits]
    told = _told(reading, person_id, names)
    if plan is None:
        return Support(None, [], [], [], "", told, waits, "")
    wants = [line.code for line in plan.under(Heading.WANT) if line.code in WANTS]
    return Support(
        plan,
        _part(plan, MATTERS, names),
        _part(plan, FIRST, names),
        _part(plan, MEETING, names),
        may_see(plan),
        told,
        waits,
        next(iter(wants), ""),
    )


def may_see(plan: Plan) -> str:
    """Who may see it, in a sentence's words."""
    others = [support_words.MAY_SEE[who] for who in (GP, SERVICES) if who in plan.may_see]
    return (
        " and ".join(["our link workers", *others])
        if len(others) < 2
        else ", ".join(["our link workers", others[0]]) + f" and {others[1]}"
    )


def _part(plan: Plan, headings: Iterable[Heading], names: Mapping[int, str]) -> list[tuple[str, list[Said]]]:
    made = []
    for heading in headings:
        codes = support_words.CODES.get(heading, {})
        said = [
            Said(
                words=str(line.number)
                if line.number is not None
                else line.words or codes.get(line.code or "", line.code or ""),
                own=line.words is not None,
                inbox_id=line.inbox_id,
                by="" if line.said_by == "person" else service_words.by(line.said_by, names),
            )
            for line in plan.under(heading)
        ]
        if said:
            made.append((support_words.HEADINGS[heading], said))
    return made


def _told(reading: Reading, person_id: int, names: Mapping[int, str]) -> list[Told]:
    suggested = suggestions.suggestions_of(reading, person_id)
    onward = outcomes.onward_of(reading, person_id)
    by_suggestion = {o.suggestion_id: o for o in onward if o.suggestion_id is not None}
    # One that was gone on to without a suggestion of its own, or again, stands by itself.
    pairs: list[tuple[Suggestion | None, OnwardReferral | None]] = [
        (one, by_suggestion.get(one.id)) for one in suggested
    ]
    known = {o.id for _, o in pairs if o is not None}
    pairs += [(None, o) for o in onward if o.id not in known]
    there = {
        row.id: row
        for row in reading.execute(
            select(service.c.id, service.c.token, service.c.status).where(
                service.c.id.in_({(one or o).service_id for one, o in pairs})  # type: ignore[union-attr]
            )
        )
    }
    made = []
    for one, o in pairs:
        about = one or o
        assert about is not None
        row = there[about.service_id]
        by = one.offered_by if one else o.made_by if o else ""
        made.append(
            Told(
                about.service_id, about.service_name, row.token, row.status,
                one.offered_at if one else o.made_at,  # type: ignore[union-attr]
                service_words.by(by, names),
                tuple(words for code in (one.reasons if one else ()) if (words := reason(code))),
                one, o,
                _who_says(o.outcome_by, names) if o and o.outcome_by else "",
                bool(o and agreed_to_tell(reading, o)),
            )
        )  # fmt: skip
    return sorted(made, key=lambda told: (told.is_open, told.at), reverse=True)


def _who_says(by: str, names: Mapping[int, str]) -> str:
    return {"person": "they say so", "provider": "the service says so", "timer": "nobody has said yet"}.get(
        by
    ) or f"written down by {service_words.by(by, names)}"


def reason(code: str) -> str:
    """Why it was suggested, in words: "want:company" is "they said company"."""
    what, _, detail = str(code).partition(":")
    match what:
        case "want":
            return f"they said {support_words.want(detail).lower()}"
        case "words":
            return "their own words"
        case "eases":
            return support_words.EASES.get(detail, detail).lower()
        case "helps":
            return support_words.HELPS.get(detail, detail).lower()
        case "language":
            return f"in {wording.language(detail)}" if detail else "their language"
        case "near":
            far = "1 mile" if detail == "1" else f"{detail} miles"
            return f"about {far} away" if detail else "near"
        case "checked":
            return "told that it was not checked lately"
    return support_words.REASONS.get(what, "")


def status_words(one: Told) -> str:
    """Where it stands, before any outcome."""
    if one.suggestion is None:
        return "They go there"
    return support_words.BECAME[one.suggestion.status]


def purposes(ledger: Iterable[Entry], support: Support) -> dict[str, str]:
    """The purposes in the ledger that name a service, in words."""
    names = {one.service_id: one.name for one in support.told}
    made = {}
    for entry in ledger:
        what, _, which = entry.purpose.partition(":")
        name = names.get(int(which), "a service") if which.isdigit() else "a service"
        if what == TELL:
            made[entry.purpose] = f"telling {name} their first name and how to reach them safely"
        elif what == TELL_NEEDS:
            made[entry.purpose] = f"telling {name} what makes contact easier"
    return made
