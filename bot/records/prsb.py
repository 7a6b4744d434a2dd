"""A person's plan and record as JSON, under the headings of the PRSB Social Prescribing Information Standard.

Every leaf is `{"value": …, "from": […]}`: each entry of `from` is a line, an answer or an entry of
ours with the message it came in and when, so that the plan can be read back whole (`leaves.lines_in`).
Nothing is put under a heading it does not belong to: lines with no heading of their own are in
`export.beside`, and what the standard wants and we do not hold is named in `export.missing`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.casework import plans
from bot.casework.cases import case_of, contacts_of
from bot.casework.plans import Line, Plan
from bot.casework.referrals import Referral, referrals_of
from bot.directory.outcomes import OnwardReferral, onward_of
from bot.people import access_needs, consents, contact_points
from bot.people.contact_points import BY_PHONE
from bot.people.persons import Person, person_of
from bot.people.safe_contact import THEIRS_ALONE
from bot.records.codes import codes
from bot.records.leaves import Tree, coded, instant, leaf, lines_in, of_line, on_day, origin, without_empty
from bot.records.prsb_headings import missing_in, problems_in, standard
from bot.settings import Settings
from bot.store.tables import Heading, Ledger, Onward, Outcome, ReferralStatus, Safe
from bot.store.unit_of_work import Reading
from bot.words.languages import ENGLISH
from bot.words.prompts import Prompts

#: The form of our own file. Change it with every change that a reader must know of.
FORM = "linkline-prsb/1"
ROOT = "Social Prescribing"

#: The standard's headings that an export of ours never fills, and why.
LEFT_OUT = {
    "Risks": "What was noticed about somebody's safety is passed on by a person, not in a file.",
    "Safeguarding": "What was noticed about somebody's safety is passed on by a person, not in a file.",
    "GP practice": "Not held.",
}

#: A number that others may hold is in nobody's file.
MAY_BE_USED = frozenset({*THEIRS_ALONE, Safe.NO_MESSAGE})

#: The questions whose labels name a choice (templates/prompts/what_matters.txt).
_ASKED = ("wants", "five_ways", "practical", "barriers", "helps", "meeting")

#: A choice in words: its heading, its code.
Label = Callable[[Heading, str], str]


@dataclass(frozen=True, slots=True)
class _Look:
    """One person, as they are at this moment."""

    reading: Reading
    who: Person
    plan: Plan | None
    settings: Settings
    label: Label

    def under(self, *headings: Heading) -> list[Line]:
        return [line for line in self.plan.lines if line.heading in headings] if self.plan else []


def export(reading: Reading, person_id: int, settings: Settings, label: Label, made_by: str) -> Tree:
    """Everything of theirs that has a heading, as it stands. `made_by` is "staff:3" or "command".

    Raises NoSuchPerson, and ValueError where what we wrote is not of the standard's form: that is a
    fault of ours, and nobody is to be sent it.
    """
    who = person_of(reading, person_id)
    look = _Look(reading, who, plans.plan_of(reading, person_id), settings, label)
    tree = {
        "Person demographics": _demographics(look),
        "About me": _about_me(look),
        "Individual requirements": _requirements(look),
        "Consent": _consent(look),
        "Referral details": _referrals(look),
        "Contacts with professionals": _contacts(look),
        "Signpost details": _signposts(look),
        "Care and support plan": _plan(look),
    }
    tree = without_empty(tree)
    if problems := problems_in(tree):
        raise ValueError("; ".join(problems))
    return {"export": _about_the_export(look, tree, made_by), ROOT: tree}


def labels(prompts: Prompts) -> Label:
    """Choices in English, as the conversation says them."""

    def label(heading: Heading, code: str) -> str:
        for asked in _ASKED:
            try:
                return prompts.label(f"what_matters.{asked}", code, ENGLISH)
            except KeyError:
                continue
        return code.replace("_", " ").capitalize()

    return label


# -- the headings ------------------------------------------------------------------------------


def _demographics(look: _Look) -> Tree:
    who = look.who
    points = contact_points.of_person(look.reading, who.id)
    numbers = [
        {"Person's telephone number": leaf(point.address)}
        for point in points
        if point.channel in BY_PHONE and point.opted_out_at is None and point.safe in MAY_BE_USED
    ]
    safe = {point.safe.value for point in points}
    how = [f"safe contact: {', '.join(sorted(safe))}"] if safe else []
    how += [f"{name}: {who.contact_plan[name]}" for name in ("how", "times") if who.contact_plan.get(name)]
    return {
        "Person name": {"Person preferred name": leaf(who.name) if who.name else None},
        "Other identifier": [leaf(who.token)],
        "Person's contact details": {
            "Person's telephone number details": numbers,
            "Other contact information": leaf("; ".join(how)) if how else None,
        },
    }


def _about_me(look: _Look) -> Tree:
    needs = access_needs.needs_of(look.reading, look.who.id)
    talking = [n for n in needs if n.kind in ("contact", "format", "professional")]
    texts = {
        "What is most important to me": _said(look, look.under(Heading.MATTERS)),
        "People who are important to me": _said(look, look.under(Heading.AROUND)),
        "How I communicate and how to communicate with me": leaf(
            "\n".join(need.need for need in talking),
            [origin(need.inbox_id, need.recorded_at, need.said_by) for need in talking],
        )
        if talking
        else None,
        "How and when to support me": _said(
            look, look.under(Heading.MEETING, Heading.WHEN, Heading.WITH_WHOM, Heading.HELP)
        ),
    }
    return {heading: {heading: leaf} for heading, leaf in texts.items() if leaf}


def _requirements(look: _Look) -> Tree:
    entries = [
        {
            "Reasonable adjustment": {
                "Free text": leaf(n.need, [origin(n.inbox_id, n.recorded_at, n.said_by)])
            },
            "Reasonable adjustment additional detail": leaf(f"review by {on_day(n.review_at)}")
            if n.review_at
            else None,
        }
        for n in access_needs.needs_of(look.reading, look.who.id)
    ]
    return {"Reasonable adjustment": {"Reasonable adjustment record entry": entries}}


def _consent(look: _Look) -> Tree:
    entries = [e for e in consents.entries(look.reading, look.who.id) if e.kind is not Ledger.TOLD]
    if not entries:
        return {}
    last = {e.purpose: e for e in entries}
    words = "; ".join(f"{purpose}: {'yes' if e.given else 'no'}" for purpose, e in sorted(last.items()))
    origins = [origin(e.inbox_id, e.at, e.said_by) for _, e in sorted(last.items())]
    return {"Consent for information sharing": leaf(words, origins)}


def _referrals(look: _Look) -> Tree:
    case = case_of(look.reading, look.who.id)
    entries = [_came(look, one) for one in reversed(referrals_of(look.reading, look.who.id))]
    # The code goes with the first contact of an episode only (bot/records/codes.toml).
    code = codes().events.get("referral")
    if entries and code and case is not None and case.first_contact_at is not None:
        entries[-1]["Referral to"]["Service"]["Coded value"] = coded(code, case.first_contact_at)
    onward = [one for one in onward_of(look.reading, look.who.id) if one.kind is Onward.REFERRED]
    return {"Referral details record entry": [*entries, *(_onward(look, one) for one in reversed(onward))]}


def _came(look: _Look, one: Referral) -> Tree:
    """How they came to us."""
    told = one.content.get("matters") if isinstance(one.content, dict) else None
    words, message = (told.get("words"), told.get("inbox_id")) if isinstance(told, dict) else (None, None)
    declined = codes().events.get("declined")
    entry: Tree = {
        "Date": leaf(instant(one.made_at)),
        "Referrer details": {"Name": leaf("Self" if one.by == "self" else one.by)},
        "Referral method": leaf("Self referral") if one.by == "self" else None,
        "Reason for referral": {"Free text": leaf(str(words), [origin(message, one.made_at, one.by)])}
        if words
        else None,
        "Referral to": {
            "Service": {"Free text": leaf("Social prescribing")},
            "Organisation": {"Free text": leaf(look.settings.service_name)},
        },
    }
    if one.status is ReferralStatus.DECLINED and declined:
        entry["Referral to"]["Service"]["Coded value"] = coded(declined, one.made_at)
    return entry


def _onward(look: _Look, one: OnwardReferral) -> Tree:
    """Where they were referred on to."""
    return {
        "Date": leaf(instant(one.made_at)),
        "Referrer details": {
            "Name": leaf(one.made_by),
            "Organisation": {"Free text": leaf(look.settings.service_name)},
        },
        "Referral to": {"Service": {"Free text": leaf(one.service_name)}},
    }


def _contacts(look: _Look) -> Tree:
    entries = [
        {
            "Date and time of contact": leaf(instant(one.at)),
            "Seen by": [{"Name": leaf(one.staff_name)}],
            "Contact type": leaf(one.kind.value),
        }
        for one in contacts_of(look.reading, look.who.id)
        if one.undone_at is None
    ]
    return {"Contacts with professionals record entry": entries}


def _signposts(look: _Look) -> Tree:
    code = codes().events.get("signposted")
    entries = [
        {
            "Date": leaf(instant(one.made_at)),
            "Signpost to": {
                "Service": {
                    "Free text": leaf(one.service_name),
                    "Coded value": coded(code, one.made_at) if code else None,
                }
            },
        }
        for one in reversed(onward_of(look.reading, look.who.id))
        if one.kind is Onward.SIGNPOSTED
    ]
    return {"Signpost details record entry": entries}


def _plan(look: _Look) -> Tree:
    plan = look.plan
    if plan is None:
        return {}
    case = case_of(look.reading, look.who.id)
    owner = case.owner_name if case else ""
    needs: list[Tree] = []
    for line in look.under(Heading.WANT, Heading.BARRIER):
        code = codes().wants.get(line.code or "")
        needs.append(
            {
                "Free text": _said(look, [line], "What gets in the way: " if _is_barrier(line) else ""),
                "Coded value": coded(code, line.said_at) if code else None,
            }
        )
    if goal := _goal(look):
        needs.append({"Goals and hopes": [goal]})
    return {
        "Strengths": [
            {"Free text": _said(look, [line])} for line in look.under(Heading.GOING_WELL, Heading.ENJOYS)
        ],
        "Needs, concerns or problems": needs,
        "Agreed with person or legitimate representative": {
            "Person or legitimate representative": leaf(
                plan.agreed_at is not None,
                [origin(None, plan.agreed_at, "person")] if plan.agreed_at else [],
            )
        },
        "Date this plan was last updated": leaf(instant(plan.changed_at)),
        "Planned review date/interval": leaf(instant(plan.review_at)) if plan.review_at else None,
        "Responsibility for review": {"Name": leaf(owner)} if owner else None,
    }


def _goal(look: _Look) -> Tree:
    """Their small step, why it matters, and what came of what they went to."""
    actions: list[Tree] = []
    for line in look.under(Heading.STEP):
        actions.append({"What": [{"Free text": _said(look, [line])}], "Who": {"Role": leaf("the person")}})
    if actions and (sure := look.under(Heading.CONFIDENCE)):
        actions[0]["Confidence"] = _number(sure[-1])
    for one in reversed(onward_of(look.reading, look.who.id)):
        actions.append(
            {
                "What": [{"Free text": leaf(one.service_name)}],
                "When": leaf(instant(one.first_session_at)) if one.first_session_at else None,
                "Status": {"Free text": leaf(_ended(one))},
            }
        )
    why = look.under(Heading.WHY_IMPORTANT)
    matters = look.under(Heading.IMPORTANCE)
    return without_empty(
        {
            "Free text": _said(look, why) if why else None,
            "Goal importance score": _number(matters[-1]) if matters else None,
            "Actions and activities": actions,
        }
    )


def _ended(one: OnwardReferral) -> str:
    match one.outcome:
        case None:
            return "under way"
        case Outcome.NOT_ATTENDED:
            return f"not attended: {one.why}"
        case Outcome.TASK:
            return "with a link worker"
    return one.outcome.value


# -- inside ------------------------------------------------------------------------------------


def _about_the_export(look: _Look, tree: Tree, made_by: str) -> Tree:
    s, plan = standard(), look.plan
    placed = {one["line"] for one in lines_in(tree)}
    beside = [line for line in plan.lines if line.id not in placed] if plan else []
    return {
        "form": FORM,
        "made_at": instant(look.reading.now),
        "made_by": made_by,
        "made_for": look.settings.service_name,
        "standard": {
            "name": s.name, "version": s.version, "licence": s.licence, "published_at": s.published_at,
            "read_from": s.read_from, "checked": s.checked, "digest": s.digest,
        },
        "snomed": {"version": codes().version, "empty": list(codes().empty)},
        "scales": "Importance and confidence are from 0 to 10 here; the standard's scales are from 1 to 10.",
        "language": look.who.language,
        "may_see": list(plan.may_see) if plan else [],
        "consent": [
            {
                "kind": e.kind.value, "purpose": e.purpose, "given": e.given, "at": instant(e.at),
                "message": e.inbox_id, "language": e.language, "by": e.said_by,
            }
            for e in consents.entries(look.reading, look.who.id)
        ],
        "left_out": LEFT_OUT,
        "missing": missing_in(tree),
        "beside": [{"value": _words(look, line), "from": [of_line(line)]} for line in beside],
    }  # fmt: skip


def _said(look: _Look, lines: Iterable[Line], before: str = "") -> Tree | None:
    """Some lines as one text, in their words, each named in `from`."""
    lines = list(lines)
    if not lines:
        return None
    return leaf("\n".join(before + str(_words(look, line)) for line in lines), [of_line(x) for x in lines])


def _number(line: Line) -> Tree:
    return leaf(line.number, [of_line(line)])


def _words(look: _Look, line: Line) -> str | int:
    if line.number is not None:
        return line.number
    return line.words if line.words is not None else look.label(line.heading, line.code or "")


def _is_barrier(line: Line) -> bool:
    return line.heading is Heading.BARRIER
