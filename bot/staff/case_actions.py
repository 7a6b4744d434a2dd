"""What a worker does on a person's page: log a contact, plan the next step, settle a concern, reply."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from starlette.responses import Response

from bot.appointments import reminders
from bot.casework import caseload, cases, concerns, tasks
from bot.casework.handoff_events import note_event
from bot.casework.handoffs import handoffs_of, open_handoff_of
from bot.casework.staffing import name_of, staff_of
from bot.conversation.staff_turns import CannotReply
from bot.directory import onward, outcomes
from bot.people import access_needs, contact_points, persons
from bot.people.numbers import as_number
from bot.people.persons import Person
from bot.staff import wording
from bot.staff.case import LONGEST_REPLY, case_page, subject, why_not_write
from bot.staff.pages import BASE, Ask, NotFound, Refused
from bot.store.sealed import maybe_open
from bot.store.tables import CaseStatus, ContactKind, Safe, concern, contact_log, outbox, task
from bot.store.unit_of_work import UnitOfWork

#: The same words again within this are the same press, on a slow line.
ONE_PRESS = timedelta(seconds=60)


def log_contact(ask: Ask) -> Response:
    """One tap: rang, no answer, left a message, met. One more takes it back."""
    kind, note = ask.sent("kind", 20), ask.sent("note")
    if kind not in {k.value for k in ContactKind}:
        raise Refused("Choose what happened: you spoke, no answer, left a message, or met.")
    url, made = on_their_page(
        ask, lambda unit, who: cases.log_contact(unit, who.id, ask.me.staff_id, kind, note)
    )
    words = wording.CONTACTS[ContactKind(kind)]
    return ask.go(url, f"Logged: {words.lower()}.", undo=(f"{url}/contacts/{made}/undo", {}))


def undo_contact(ask: Ask) -> Response:
    """It was logged by mistake."""
    contact_id = _number(ask, "contact_id")

    def work(unit: UnitOfWork, who: Person) -> bool:
        theirs = unit.execute(select(contact_log.c.person_id).where(contact_log.c.id == contact_id)).scalar()
        if theirs != who.id:
            raise NotFound
        return cases.undo_contact(unit, contact_id, ask.me.staff_id, ask.parts.settings.hours)

    url, undone = on_their_page(ask, work)
    return ask.go(url, "Taken back." if undone else "It was taken back already.")


def next_step(ask: Ask) -> Response:
    """What is to be done next, and by which day."""
    text = ask.sent("next_step", 300)
    try:
        by = ask.times.end_of_day(ask.sent("by", 10))
    except ValueError:
        raise Refused("That day is not a date. Choose one such as 12 March 2026.") from None

    def work(unit: UnitOfWork, who: Person) -> None:
        case = cases.case_of(unit, who.id)
        if case is None or case.status is not CaseStatus.OPEN:
            raise Refused("There is no open case to plan for. Pick them up, or open a case first.")
        cases.set_next_step(unit, case.id, ask.me.staff_id, text, by)

    url, _ = on_their_page(ask, work)
    return ask.go(url, "Next step saved." if text else "Next step removed.")


def add_need(ask: Ask) -> Response:
    """Something that makes contact easier, and the language they read."""
    need, kind, language = ask.sent("need", 300), ask.sent("kind", 20), ask.sent("language", 12)
    if need and kind not in access_needs.KINDS:
        raise Refused("Choose what sort of need it is.")

    def work(unit: UnitOfWork, who: Person) -> None:
        if need:
            access_needs.record_need(unit, who.id, need, kind)
        if language and language != who.language and language in ask.parts.settings.languages:
            persons.set_language(unit, who.id, language)

    url, _ = on_their_page(ask, work)
    return ask.go(url, "Saved.")


def end_need(ask: Ask) -> Response:
    """They no longer need it."""
    need_id = _number(ask, "need_id")

    def work(unit: UnitOfWork, who: Person) -> None:
        if need_id not in {need.id for need in access_needs.needs_of(unit, who.id)}:
            raise NotFound
        access_needs.end_need(unit, need_id)

    url, _ = on_their_page(ask, work)
    return ask.go(url, "Removed.", undo=(f"{url}/needs/{need_id}/undo", {}))


def undo_need(ask: Ask) -> Response:
    """It was removed by mistake."""
    need_id = _number(ask, "need_id")
    url, back = on_their_page(ask, lambda unit, who: access_needs.undo_end(unit, who.id, need_id))
    if not back:
        raise NotFound
    return ask.go(url, "Put back.")


def contact_plan(ask: Ask) -> Response:
    """How to contact them safely, as they told a worker."""
    other = ask.sent("number", 30)
    if other and as_number(other) is None:
        raise Refused("That number cannot be rung. Check it: it should look like 07700 900123.")
    wishes = {
        name: ask.sent(name, 200) or None for name in ("times", "how", "word", "who_answers", "our_number")
    }

    def work(unit: UnitOfWork, who: Person) -> None:
        before = who.contact_plan
        changed = {
            k: v
            for k, v in {**wishes, "number": as_number(other) if other else None}.items()
            if v != before.get(k)
        }
        if changed:
            persons.plan_contact(unit, who.id, **changed)
        if "times" in changed:
            reminders.set_all_again(unit, who.id)
        for point in contact_points.of_person(unit, who.id):
            safe = ask.sent(f"safe-{point.id}", 20)
            if safe in {s.value for s in Safe} and safe != point.safe.value:
                contact_points.set_safe(unit, point.id, Safe(safe))

    url, _ = on_their_page(ask, work)
    return ask.go(url, "Saved how to contact them.")


def facts(ask: Ask) -> Response:
    """What they want first, who else helps, and what to know before a visit."""
    given = {
        name: ask.sent(name, 600) or None
        for name in ("first", "helps", "visit", "visit_where")
        if name in ask.form
    }
    url, _ = on_their_page(ask, lambda unit, who: persons.plan_contact(unit, who.id, **given), all_only=True)
    return ask.go(url, "Saved.")


def take_case(ask: Ask) -> Response:
    """The case is theirs from now on. At their limit they are told so, and decide."""
    with ask.reading() as reading:
        who, access = subject(ask, reading)
        theirs = cases.case_of(reading, who.id)
        beyond = caseload.beyond_limit(reading, ask.me.staff_id, theirs.id if theirs else None)
    if beyond and ask.sent("all_the_same") != "yes":
        url = f"{BASE}/people/{who.token}"
        name = who.name if access.all else ""
        return ask.page("over_limit.html", load=beyond, name=name, path_on=f"{url}/take", back=url)

    def work(unit: UnitOfWork, who: Person) -> int | None:
        case = cases.case_of(unit, who.id)
        if case is None or case.status is not CaseStatus.OPEN:
            raise Refused("There is no open case to take.")
        cases.take(unit, case.id, ask.me.staff_id)
        if beyond:
            caseload.note_beyond_limit(unit, beyond, case.id)
        return case.owner_id

    url, before = on_their_page(ask, work, all_only=True)
    more = f" {wording.beyond_limit(beyond.open_cases + 1, beyond.staff.case_limit)}" if beyond else ""
    undo = (f"{url}/take/undo", {"before": before or ""})
    return ask.go(url, f"This is your case now.{more}", undo=undo)


def undo_take(ask: Ask) -> Response:
    """It was taken by mistake: it is whose it was, or nobody's."""
    before = ask.sent("before", 18)

    def work(unit: UnitOfWork, who: Person) -> None:
        case = cases.case_of(unit, who.id)
        if case is None or case.owner_id != ask.me.staff_id:
            raise Refused("This is not your case any more.")
        owner = staff_of(unit, int(before)) if before.isdecimal() else None
        cases.take(unit, case.id, owner.id if owner else None)

    url, _ = on_their_page(ask, work, all_only=True)
    return ask.go(url, "Taken back.")


def task_done(ask: Ask) -> Response:
    """A task is done; back to where it was ticked."""
    task_id = _number(ask, "task_id")

    def work(unit: UnitOfWork) -> bool:
        if not tasks.done(unit, task_id, ask.me.staff_id):
            return False
        _service_knows(unit, task_id)
        return True

    if not ask.write(work):
        raise Refused("That was done already.")
    back = ask.sent("back") or "tasks"
    return ask.go(
        back if back.startswith(f"{BASE}/") else "tasks",
        "Done.",
        undo=(f"{BASE}/tasks/{task_id}/undo", {"back": back}),
    )


def _service_knows(unit: UnitOfWork, task_id: int) -> None:
    """If the task was to tell a service that somebody would like to come, it knows now."""
    row = unit.execute(
        select(task.c.person_id, task.c.details).where(task.c.id == task_id, task.c.kind == "tell-service")
    ).first()
    details = maybe_open(unit.sealer, row.details) if row else ""
    for one in outcomes.onward_of(unit, row.person_id) if row else ():
        if not one.told_provider_at and details.startswith(f"{one.service_name}:"):
            onward.told_service(unit, one.id)


def undo_task(ask: Ask) -> Response:
    """It was ticked by mistake."""
    task_id = _number(ask, "task_id")

    def work(unit: UnitOfWork) -> None:
        unit.execute(update(task).where(task.c.id == task_id).values(done_at=None, done_by=None))
        unit.audit("task not done after all", f"task:{task_id}")
        unit.tell("queue")

    ask.write(work)
    back = ask.sent("back")
    return ask.go(back if back.startswith(f"{BASE}/") else "tasks", "Put back.")


# -- concerns ------------------------------------------------------------------------------


def acknowledge(ask: Ask) -> Response:
    """A person, not an alert, knows of it."""
    url, told = on_their_page(
        ask, lambda unit, who: concerns.acknowledge(unit, who.conversation_id, ask.me.staff_id)
    )
    return ask.go(url, "Thank you. It is written down that you know." if told else "Somebody knew already.")


def not_a_concern(ask: Ask) -> Response:
    """It was none, and why. For the worst two a second person confirms."""
    concern_id, why = _number(ask, "concern_id"), ask.sent("why")
    if not why:
        raise Refused("Say why it is not a concern, in a few words.")

    def work(unit: UnitOfWork, who: Person) -> bool:
        _theirs(unit, who, concern_id)
        return concerns.not_a_concern(unit, concern_id, ask.me.staff_id, why, hours=ask.parts.settings.hours)

    url, said = on_their_page(ask, work)
    if not said:
        return ask.go(url, "Somebody said so already.")
    with ask.reading() as reading:
        waits = any(c.id == concern_id for c in concerns.to_confirm(reading))
    more = " A second person will be asked to confirm it within a working day." if waits else ""
    return ask.go(url, f"The alarm has ended.{more}")


def confirm(ask: Ask) -> Response:
    """A second person agrees that it was none, or raises the alarm again."""
    concern_id, agrees = _number(ask, "concern_id"), ask.sent("agrees", 5) == "yes"

    def work(unit: UnitOfWork, who: Person) -> None:
        _theirs(unit, who, concern_id)
        concerns.confirm(unit, concern_id, ask.me.staff_id, agrees=agrees, hours=ask.parts.settings.hours)

    try:
        url, _ = on_their_page(ask, work)
    except concerns.SamePerson:
        raise Refused("You said it was not a concern, so somebody else confirms it.") from None
    except concerns.NoSuchConcern:
        raise Refused("Somebody confirmed this already.") from None
    return ask.go(url, "Confirmed: no concern." if agrees else "The alarm is raised again.")


# -- words ---------------------------------------------------------------------------------


def reply(ask: Ask) -> Response:
    """Say this to them, on the way that is safe; or keep it as a note that they never see."""
    text = ask.sent("text", 5000)
    if ask.sent("as") == "note":
        return _note(ask, text)
    with ask.reading() as reading:
        who, _ = subject(ask, reading)
    wrong = _cannot_go(ask, who, text)
    if wrong:
        return case_page(ask, written=text, wrong=wrong, status=422)
    said = ask.wait(ask.parts.turns.reply(who.conversation_id, ask.me.staff_id, text))
    if isinstance(said, CannotReply):
        wrong = f"That could not go: {wording.why_not(said.why)}."
        return case_page(ask, written=text, wrong=wrong, status=422)
    return ask.go(f"{BASE}/people/{who.token}#reply", "Sent.")


def _cannot_go(ask: Ask, who: Person, text: str) -> str:
    if not text:
        return "Write something first."
    if len(text) > LONGEST_REPLY:
        return f"That is {len(text)} letters, and at most {LONGEST_REPLY} can go. Make it shorter."
    with ask.reading() as reading:
        standing = open_handoff_of(reading, who.conversation_id)
        holder = name_of(reading, standing.picked_up_by) if standing else ""
    if first := why_not_write(standing, holder, ask.me.staff_id):
        return first
    if _said_just_now(ask, who, text):
        return "You sent these same words a moment ago. They are on their way."
    if who.language != "en" and ask.sent("in_their_language") != "yes":
        language = wording.language(who.language)
        return f"They read {language}. Book an interpreter, or tick that you have written this in {language}."
    return ""


def _said_just_now(ask: Ask, who: Person, text: str) -> bool:
    """Whether this is the same press twice, on a slow line."""
    with ask.reading() as reading:
        last = reading.execute(
            select(outbox.c.text)
            .where(
                outbox.c.conversation_id == who.conversation_id,
                outbox.c.staff_id == ask.me.staff_id,
                outbox.c.created_at > reading.now - ONE_PRESS,
            )
            .order_by(outbox.c.id.desc())
            .limit(1)
        ).scalar()
        return last is not None and reading.sealer.open(last).endswith(text)


def _note(ask: Ask, text: str) -> Response:
    if not text:
        raise Refused("Write something first.")

    def work(unit: UnitOfWork, who: Person) -> None:
        found = handoffs_of(unit, who.conversation_id)
        if not found:
            raise Refused("There is nothing to keep a note with. Open a case first.")
        note_event(unit, found[0].id, "note", text)
        unit.audit("note written", f"person:{who.id}")
        unit.tell(f"conversation:{who.conversation_id}")

    url, _ = on_their_page(ask, work)
    return ask.go(url, "Note kept. They do not see it.")


# -- helpers -------------------------------------------------------------------------------


def on_their_page(ask: Ask, work: Callable[..., Any], *, all_only: bool = False) -> tuple[str, Any]:
    """Do `work(unit, person)` if this worker may open the person; their page, and what came of it."""

    def checked(unit: UnitOfWork) -> tuple[str, Any]:
        who, access = subject(ask, unit)
        if all_only and not access.all:
            raise Refused("They have not said yes to this being written down yet.")
        came_of_it = work(unit, who)
        unit.tell(f"conversation:{who.conversation_id}")
        return f"{BASE}/people/{who.token}", came_of_it

    return ask.write(checked)


def _theirs(unit: UnitOfWork, who: Person, concern_id: int) -> None:
    found = unit.execute(select(concern.c.conversation_id).where(concern.c.id == concern_id)).scalar()
    if found != who.conversation_id:
        raise NotFound


def _number(ask: Ask, name: str) -> int:
    try:
        return int(ask.path(name))
    except ValueError:
        raise NotFound from None
