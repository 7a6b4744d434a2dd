"""What a worker does with a handoff: pick it up, keep it longer, hand it back, close it, take that back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from starlette.responses import Response

from bot.casework import caseload, cases, handoffs
from bot.casework.handoff_events import Handoff, NoSuchHandoff
from bot.casework.staffing import name_of, staff_of
from bot.outbox.notices import hours_of, pages
from bot.staff import wording
from bot.staff.case import subject
from bot.staff.pages import BASE, Ask, NotAllowed, NotFound, Refused
from bot.store.tables import HandoffStatus, conversation
from bot.store.timers import set_timer
from bot.store.unit_of_work import Reading, UnitOfWork

#: After these a worker is asked how they are (practice, section 8).
HARD = ("danger-now", "risk")
TALK_IT_OVER = "That may have been a hard one. Do you want to talk this over? Your lead is there for it."


def pick_up(ask: Ask) -> Response:
    """Take it, and open their page. Of two who press at once, the other is told who was first.

    Somebody at their limit is told so and decides; where it is urgent, after they have it.
    """
    handoff_id = _id(ask)
    with ask.reading() as reading:
        waits = _find(reading, handoff_id)
        beyond = caseload.beyond_limit(reading, ask.me.staff_id, waits.case_id)
    if beyond and not pages(waits.level) and ask.sent("all_the_same") != "yes":
        path = f"{BASE}/handoffs/{handoff_id}/pick-up"
        return ask.page("over_limit.html", load=beyond, name=waits.name, path_on=path, back=f"{BASE}/")
    got = ask.wait(ask.parts.turns.pick_up(handoff_id, ask.me.staff_id))
    if isinstance(got, handoffs.AlreadyPickedUp):
        return ask.go("", _who_was_first(ask, got), wrong=True)
    page = _page_of(ask, handoff_id)
    if beyond is None or waits.case_id is None:
        return ask.go(page)
    case_id = waits.case_id
    ask.write(lambda unit: caseload.note_beyond_limit(unit, beyond, case_id))
    return ask.go(page, wording.beyond_limit(beyond.open_cases + 1, beyond.staff.case_limit))


def keep(ask: Ask) -> Response:
    """Hold it past the end of the worker's hours."""
    handoff_id, me = _id(ask), ask.me.staff_id
    longer = timedelta(minutes=ask.parts.settings.hold_extends_minutes)
    with ask.reading() as reading:
        until = max(ask.now, _held_until(reading, handoff_id) or ask.now) + longer
    if not ask.write(lambda unit: handoffs.extend_hold(unit, handoff_id, me, until=until)):
        raise Refused("This is not with you any more, so it cannot be kept longer.")
    return ask.go(_page_of(ask, handoff_id), f"It stays with you until {ask.times.by(until, ask.now)}.")


def put_back(ask: Ask) -> Response:
    """A lead gives what a colleague holds to whoever is there: they went home, or are ill."""
    handoff_id = _id(ask)
    page = _page_of(ask, handoff_id)

    def work(unit: UnitOfWork) -> bool:
        held = _find(unit, handoff_id)
        waits = unit.execute(
            select(conversation.c.unanswered_since).where(conversation.c.id == held.conversation_id)
        ).scalar()
        return handoffs.back_to_queue(
            unit, handoff_id, waiting_for_reply=waits is not None, why="a lead put it back",
            hours=ask.parts.settings.hours,
        )  # fmt: skip

    if not ask.write(work):
        raise Refused("Nobody holds this now.")
    return ask.go(page, "It waits for anyone again.")


def hand_back(ask: Ask) -> Response:
    """The questions go on where they were."""
    handoff_id = _id(ask)
    page = _page_of(ask, handoff_id)
    _must_be_mine(ask, handoff_id)
    if not ask.wait(ask.parts.turns.hand_back(handoff_id, ask.me.staff_id)):
        raise Refused("This was finished already.")
    undo = (f"{BASE}/handoffs/{handoff_id}/undo-close", {})
    return ask.go(page, "Handed back. The computer carries on from where it was.", undo=undo)


def close(ask: Ask) -> Response:
    """It is finished; they are told kindly."""
    handoff_id, outcome, note = _id(ask), ask.sent("outcome", 40), ask.sent("note", 4000)
    page = _page_of(ask, handoff_id)
    if outcome not in wording.OUTCOMES:
        return ask.go(f"{page}?do=close#close", "Choose how it ended, then close it.", wrong=True)
    _must_be_mine(ask, handoff_id)
    with ask.reading() as reading:
        hard = _find(reading, handoff_id).level in HARD
    if not ask.wait(ask.parts.turns.close(handoff_id, ask.me.staff_id, outcome, note)):
        raise Refused("This was finished already.")
    said = "Closed." + (f" {TALK_IT_OVER}" if hard else "")
    return ask.go(page, said, undo=(f"{BASE}/handoffs/{handoff_id}/undo-close", {}))


def close_case(ask: Ask) -> Response:
    """Close a case that nobody holds just now; they are told all the same."""
    outcome, note = ask.sent("outcome", 40), ask.sent("note", 4000)
    url, case = _case(ask)
    if outcome not in wording.OUTCOMES:
        return ask.go(f"{url}?do=close#close", "Choose how it ended, then close it.", wrong=True)
    if case is None or not ask.wait(ask.parts.turns.close_case(case.id, ask.me.staff_id, outcome, note)):
        raise Refused("This was closed already.")
    return ask.go(url, "Closed.", undo=(f"{url}/reopen", {}))


def reopen_case(ask: Ask) -> Response:
    """A closed case is open again."""
    url, case = _case(ask)
    team = ask.parts.settings.hours
    if case is None or not ask.write(lambda unit: cases.reopen(unit, case.id, ask.me.staff_id, team)):
        raise Refused("This case is open already.")
    return ask.go(url, "The case is open again.")


def undo_close(ask: Ask) -> Response:
    """Closed or handed back by mistake: it is open again, with whoever held it."""
    handoff_id, me = _id(ask), ask.me.staff_id
    team = ask.parts.settings.hours
    with ask.reading() as reading:
        worker = staff_of(reading, me)
    hours = hours_of(worker.hours if worker else None, team)
    until = ask.now + timedelta(minutes=ask.parts.settings.hold_extends_minutes)
    if hours.is_open(ask.now):
        until = max(until, hours.closing(ask.now))

    def work(unit: UnitOfWork) -> bool:
        if not handoffs.undo_close(unit, handoff_id, me, until=until, hours=team):
            return False
        conversation_id = handoffs.handoff_of(unit, handoff_id).conversation_id
        set_timer(unit, "hold-ends", until, conversation_id=conversation_id)
        unit.tell("timers")
        return True

    with ask.reading() as reading:
        closed = _find(reading, handoff_id).status is HandoffStatus.CLOSED
    if not ask.write(work):
        raise Refused("It is too late to undo this. Write to them, or open a new case instead.")
    said = "It is open again. They may have been told that it was closed."
    if not closed:
        said = "They are with you again. They may have heard that the computer carries on: say it is you."
    return ask.go(_page_of(ask, handoff_id), said)


def open_by_id(ask: Ask) -> Response:
    """Where a link in an alert leads: the person's page."""
    return ask.go(_page_of(ask, _id(ask)))


def _id(ask: Ask) -> int:
    try:
        return int(ask.path("handoff_id"))
    except ValueError:
        raise NotFound from None


def _find(reading: Reading, handoff_id: int) -> Handoff:
    try:
        return handoffs.handoff_of(reading, handoff_id)
    except NoSuchHandoff:
        raise NotFound from None


def _case(ask: Ask) -> tuple[str, cases.Case | None]:
    with ask.reading() as reading:
        person, access = subject(ask, reading)
        if not access.all:
            raise NotAllowed
        return f"{BASE}/people/{person.token}", cases.case_of(reading, person.id)


def _must_be_mine(ask: Ask, handoff_id: int) -> None:
    """Nobody ends what a colleague is in the middle of."""
    with ask.reading() as reading:
        held = _find(reading, handoff_id)
        holder = name_of(reading, held.picked_up_by)
    if held.status is HandoffStatus.PICKED_UP and held.picked_up_by != ask.me.staff_id:
        raise Refused(f"{holder} has this now. Ask them to finish it, or a lead to put it back in the queue.")
    if held.status is HandoffStatus.WAITING:
        raise Refused("Pick this up first.")


def _page_of(ask: Ask, handoff_id: int) -> str:
    with ask.reading() as reading:
        return f"{BASE}/people/{_find(reading, handoff_id).person_token}"


def _held_until(reading: Reading, handoff_id: int) -> datetime | None:
    conversation_id = _find(reading, handoff_id).conversation_id
    return reading.execute(
        select(conversation.c.held_until).where(conversation.c.id == conversation_id)
    ).scalar_one()


def _who_was_first(ask: Ask, got: handoffs.AlreadyPickedUp) -> str:
    if got.status is not HandoffStatus.PICKED_UP:
        return "Somebody has finished with this one already."
    when = f" at {ask.times.hour(got.at)}" if got.at else ""
    return f"{got.by_name} picked this up{when}."
