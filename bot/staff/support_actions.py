"""What a worker does about local support: offer a talk, suggest a service, say whether they got there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import update
from starlette.responses import Response

from bot.casework import tasks
from bot.conversation import offering
from bot.conversation.carrying_out.services import ASK_AT
from bot.conversation.staff_turns import CannotReply
from bot.directory import onward, outcomes, suggestions
from bot.directory.outcomes import NoSuchOnward, OnwardReferral
from bot.people.persons import Person
from bot.staff import support_words, wording
from bot.staff.case import subject
from bot.staff.case_actions import on_their_page
from bot.staff.directory import find, in_hand, is_on_the_way, url_of
from bot.staff.pages import BASE, Ask, NotFound, Refused
from bot.store.tables import Onward, Outcome, task
from bot.store.unit_of_work import UnitOfWork

#: What can be offered with one tap, and how the worker hears that it was.
OFFERS = {
    "what_matters": "Offered: a talk about what matters to them.",
    "find_support": "Offered: to look for local support.",
    "appointment": "Offered: an appointment. They choose a time that suits them.",
}


#: Why it cannot be offered now, and what to do first.
CANNOT = {
    offering.HELD: "Somebody is talking with them now. Hand back to the computer first, then offer it.",
    offering.NO_AGREEMENT: "They have not said yes to our link workers yet.",
    offering.UNDER_AGE: "They are under the service's age. A person helps them find the right place.",
    offering.CONCERN_OPEN: "A concern about them is open. Look after that first.",
    offering.IN_THE_MIDDLE: "They are in the middle of it already.",
}


# -- offering --------------------------------------------------------------------------------------


def offer(ask: Ask) -> Response:
    """One tap: shall we talk about what matters, or look for local support? They hear it as a question."""
    flow = ask.sent("flow", 20)
    if flow not in OFFERS:
        raise NotFound
    with ask.reading() as reading:
        who, access = subject(ask, reading)
    if not access.all:
        raise Refused(CANNOT[offering.NO_AGREEMENT])
    made = ask.wait(ask.parts.turns.offer(who.conversation_id, flow, ask.me.staff_id))
    if isinstance(made, CannotReply):
        raise Refused(CANNOT.get(made.why) or f"It could not be offered: {wording.why_not(made.why)}.")
    return ask.go(_page(who), OFFERS[flow])


def suggest(ask: Ask) -> Response:
    """A worker thinks of this service for somebody: they hear it in their own conversation."""
    token = ask.sent("person", 64)

    def work(unit: UnitOfWork) -> tuple[str, Person]:
        one, who = find(ask, unit), in_hand(ask, unit, token)
        if who is None:
            raise NotFound
        if not one.may_be_suggested:
            raise Refused("It cannot be suggested while it is closed, paused, or gone from its feed.")
        if is_on_the_way(unit, one.id, who.id):
            raise Refused("They said yes to it already.")
        if suggestions.suggest_by_hand(unit, who.id, one.id, ask.me.staff_id) is None:
            raise Refused("There is no conversation with them to tell it in. Ring them.")
        unit.tell(f"conversation:{who.conversation_id}")
        return f"{url_of(one)}?for={who.token}", who

    back, who = ask.write(work)
    return ask.go(back, f"{who.name or 'They'} will be told of it, as soon as it is a good time to write.")


# -- whether they got there ------------------------------------------------------------------------


def record_outcome(ask: Ask) -> Response:
    """They went, or did not go because of something; as a worker heard it."""
    outcome, why, words = ask.sent("outcome", 20), ask.sent("why", 40), ask.sent("words", 1000)
    if outcome not in (Outcome.ATTENDED, Outcome.NOT_ATTENDED):
        raise Refused("Choose whether they went.")
    if outcome == Outcome.NOT_ATTENDED and why not in support_words.WHY_NOT:
        raise Refused("Choose what got in the way. If you do not know yet, ask them first.")

    def work(unit: UnitOfWork, who: Person) -> OnwardReferral:
        before = _theirs(ask, unit, who)
        outcomes.record_outcome(
            unit,
            before.id,
            outcome,
            by=f"staff:{ask.me.staff_id}",
            why=why if outcome == Outcome.NOT_ATTENDED else None,
            words=words or None,
        )
        return before

    url, before = on_their_page(ask, work, all_only=True)
    went = outcome == Outcome.ATTENDED
    said = (
        "Written down: they went."
        if went
        else f"Written down: they did not go. {support_words.in_the_way(why)}."
    )
    back: dict[str, Any] = {
        "outcome": before.outcome.value if before.outcome else "",
        "why": before.why or "",
        "by": before.outcome_by or "",
        "at": before.outcome_at.isoformat() if before.outcome_at else "",
        "words": before.words,
    }
    return ask.go(f"{url}#support", said, undo=(f"{url}/onward/{before.id}/undo", back))


def undo_outcome(ask: Ask) -> Response:
    """It was written down by mistake: it stands as it stood, and we ask again where we were going to."""
    was = ask.sent("outcome", 20)
    at = datetime.fromisoformat(ask.sent("at", 40)) if ask.sent("at", 40) else None
    if was and was not in list(Outcome):
        raise NotFound

    def work(unit: UnitOfWork, who: Person) -> None:
        now = _theirs(ask, unit, who)
        outcomes.put_back_outcome(
            unit, now.id, Outcome(was) if was else None, by=ask.sent("by", 80) or None, at=at,
            why=ask.sent("why", 40) or None, words=ask.sent("words", 1000) or None,
            ask_at=_ask_at(ask, now.first_session_at),
        )  # fmt: skip
        if was == Outcome.TASK and now.task_id is not None:
            unit.execute(update(task).where(task.c.id == now.task_id).values(done_at=None, done_by=None))
            unit.tell("queue")

    url, _ = on_their_page(ask, work, all_only=True)
    return ask.go(f"{url}#support", "Taken back.")


def set_session(ask: Ask) -> Response:
    """The day of the first session: we ask the day after whether they got there."""
    zone = ask.parts.settings.hours.zone
    try:
        day = date.fromisoformat(ask.sent("on", 10))
        at = time.fromisoformat(ask.sent("at", 5)) if ask.sent("at", 5) else time(12)
    except ValueError:
        raise Refused("That day is not a date. Choose one such as 12 March 2026.") from None
    session = datetime.combine(day, at, zone).astimezone(UTC)
    if not ask.now - timedelta(days=60) < session < ask.now + timedelta(days=366):
        raise Refused("Choose a day between two months ago and a year from now.")

    def work(unit: UnitOfWork, who: Person) -> None:
        one = _theirs(ask, unit, who)
        if one.outcome not in (None, Outcome.TASK):
            raise Refused("It is written down already how this ended. Take that back first.")
        if one.outcome is Outcome.TASK:
            outcomes.put_back_outcome(unit, one.id, None, ask_at=_ask_at(ask, session))
            if one.task_id is not None:
                tasks.done(unit, one.task_id, ask.me.staff_id)
        outcomes.session_moved(unit, one.id, session, max(_ask_at(ask, session), ask.now))

    url, _ = on_their_page(ask, work, all_only=True)
    return ask.go(f"{url}#support", "Saved. We ask them the day after whether they got there.")


def told_them(ask: Ask) -> Response:
    """A worker told the service that they would like to come."""

    def work(unit: UnitOfWork, who: Person) -> None:
        one = _theirs(ask, unit, who)
        if one.kind is not Onward.REFERRED or one.told_provider_at is not None:
            raise Refused("The service knows already.")
        onward.told_service(unit, one.id)
        for to_do in tasks.open_tasks(unit, person_id=who.id, kind="tell-service"):
            if to_do.details.startswith(f"{one.service_name}:"):
                tasks.done(unit, to_do.id, ask.me.staff_id)

    url, _ = on_their_page(ask, work, all_only=True)
    return ask.go(f"{url}#support", "Written down: the service knows.")


# -- inside ----------------------------------------------------------------------------------------


def _theirs(ask: Ask, unit: UnitOfWork, who: Person) -> OnwardReferral:
    try:
        one = outcomes.onward_by_id(unit, int(ask.path("onward_id")))
    except (ValueError, NoSuchOnward):
        raise NotFound from None
    if one.person_id != who.id:
        raise NotFound
    return one


def _ask_at(ask: Ask, session: datetime | None) -> datetime:
    """When we ask whether they got there, as the conversation reckons it."""
    settings = ask.parts.settings
    after = session + timedelta(days=1) if session else ask.now + timedelta(days=settings.got_there_days)
    return datetime.combine(after.astimezone(settings.hours.zone).date(), ASK_AT, settings.hours.zone)


def _page(who: Person) -> str:
    return f"{BASE}/people/{who.token}"
