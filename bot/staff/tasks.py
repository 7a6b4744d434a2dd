"""What is to be done, by when: the team's tasks, and the next steps of a worker's own cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from bot.casework import cases, tasks
from bot.people.persons import person_of
from bot.staff import wording
from bot.staff.next_steps import appointment_at
from bot.staff.pages import Ask


@dataclass(frozen=True, slots=True)
class ToDo:
    """One line of the list. `task_id` is None for a case's next step, which its page ends."""

    text: str
    name: str
    token: str
    by: datetime | None
    task_id: int | None
    confirms: bool = False


def tasks_page(ask: Ask) -> Response:
    """Both lists."""
    with ask.reading() as reading:
        team = [
            ToDo(
                wording.task(one.kind, one.details),
                one.name,
                one.person_token,
                one.due_at,
                one.id,
                one.kind == "confirm",
            )
            for one in tasks.open_tasks(reading)
        ]
        mine = []
        for case in cases.cases_owned_by(reading, ask.me.staff_id):
            person = person_of(reading, case.person_id)
            by, text = case.next_step_by, case.next_step
            if not text:  # a day without words is their next appointment
                text = appointment_at(by, ask.now) if by else "No next step is set."
            if not case.first_contact_at and case.promised_by and not case.next_step:
                text, by = "Be in touch. We told them we would.", case.promised_by
            mine.append(ToDo(text, person.name, person.token, by, None))
    mine.sort(key=lambda one: (one.by is None, one.by or ask.now))
    return ask.page("tasks.html", team=team, mine=mine)
