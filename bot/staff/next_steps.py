"""What to do next for someone, and by when: the first thing on their page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.outbox.notices import pages
from bot.staff import calendar_words, wording
from bot.staff.about import About
from bot.staff.calendar_entries import Entry
from bot.staff.coming_up import NOTHING, ComingUp
from bot.staff.times import length
from bot.store.tables import CaseStatus

When = Callable[[datetime], str]


@dataclass(frozen=True, slots=True)
class Next:
    """One thing to do. `where` is a place on the page; a task can be ticked off.

    An appointment says its own time, so that `by` only puts it in its place.
    """

    text: str
    by: datetime | None = None
    where: str = ""
    task_id: int | None = None
    urgent: bool = False
    says_when: bool = False


def what_next(about: About, now: datetime, coming: ComingUp = NOTHING, when: When = str) -> list[Next]:
    """Safety first, then whoever waits for an answer, then what is due soonest.

    `coming` are their appointments; `when` puts an instant in words.
    """
    first = []
    for noticed in about.not_told[:1]:
        _, _, asks = wording.level(noticed.concern.level)
        due = about.standing.due_at if about.standing else None
        first.append(Next(asks, due, "#concerns", urgent=True))
    if about.unanswered_since:
        first.append(
            Next(f"They wrote {length(now - about.unanswered_since)} ago. Answer them.", where="#reply")
        )
    for unopened in about.unopened:
        what = wording.plain(unopened.what, wording.UNREADABLE)
        first.append(
            Next(
                f"Open {what} they sent. Nobody has looked at it for safety.", where=f"#m-{unopened.inbox_id}"
            )
        )
    standing = about.standing
    if standing and pages(standing.level) and standing.picked_up_at and not about.not_told:
        if not any(c.undone_at is None and c.at >= standing.picked_up_at for c in about.contacts):
            first.append(Next("Talk with them. Then log it here.", where="#contact", urgent=True))
    if standing and (asks := wording.reason(standing.reason)[2]) and not _is_a_task(standing.reason, about):
        first.append(Next(asks, standing.due_at, "#line"))
    then = [
        Next(wording.task(task.kind, task.details), task.due_at, task_id=task.id)
        for task in about.tasks
        if task.kind not in ("look", "confirm")
    ]
    then += [_meets(entry, now, when) for entry in coming.ahead[:1]]
    then += [_meets(e, now, when) for e in coming.past if e.appointment.stands]
    case = about.case
    if case and case.status is CaseStatus.OPEN:
        if case.next_step:
            then.append(Next(case.next_step, case.next_step_by))
        elif case.next_step_by and coming is NOTHING:  # else it stands among their appointments
            then.append(Next(appointment_at(case.next_step_by, now), case.next_step_by, "#appointments"))
        if case.promised_by and not case.first_contact_at:
            then.append(Next("Be in touch. We told them we would.", case.promised_by, "#contact"))
    return first + sorted(then, key=lambda n: (n.by is None, n.by or now))


def appointment_at(at: datetime, now: datetime) -> str:
    """A case's next step with a day and no words: its next appointment, or one nobody has said more of."""
    return "Appointment." if at > now else "Say how the appointment went."


def _meets(entry: Entry, now: datetime, when: When) -> Next:
    """Their next appointment; or, once it is over, whether they came."""
    one = entry.appointment
    if one.over(now):
        text = f"Did they come {when(one.starts_at)}? Write it down."
    else:
        text = f"{calendar_words.kind(one.kind)}, {when(one.starts_at)}"
    return Next(text, one.starts_at, "#appointments", says_when=True)


def _is_a_task(reason: str, about: About) -> bool:
    """A call asked for stands among the tasks already, where it can be ticked off."""
    return {"call-back": "ring", "carer": "ring-carer"}.get(reason) in {task.kind for task in about.tasks}
