"""What falls due about appointments: a reminder, what a link worker changed, a kind word, their own words.

Each is a turn of that person's own conversation. What was promised goes also while a link worker holds it
and in a concern, only nothing is asked then. What cannot go any more, or nowhere, is written down with its
reason, and a link worker rings instead.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.appointments import reminders, variants, written
from bot.appointments.appointment import Appointment, maybe, missed, subject
from bot.appointments.reminder_plans import Step, plan_of
from bot.appointments.reminders import NONE, NOT_REMINDED, REMINDED, Wishes, due_now, noted, when_to_send
from bot.appointments.safe_hours import ANY
from bot.casework.staffing import staff_of
from bot.casework.tasks import open_task
from bot.conversation.reminding import (
    ask_link_worker,
    begin,
    due_of,
    goes,
    off_of,
    on_a_page,
    purpose_of,
    take_away,
    tell,
    wishes,
)
from bot.conversation.talk import Talk
from bot.conversation.voice import Voice
from bot.people.conversations import conversation_of
from bot.people.for_a_human import has_open_concern
from bot.people.safe_contact import Purpose
from bot.store import timers
from bot.store.tables import AppointmentStatus, task
from bot.store.timers import Timer
from bot.store.unit_of_work import UnitOfWork

#: A change is told of at least this long before it begins; later than that a person rings.
TOLD_BEFORE = timedelta(minutes=30)
#: After so many that they did not come to, a link worker thinks with them, and no text goes.
MISSED_AT_MOST = 1

TOO_LATE, NOT_WISHED, OVERTAKEN = "too late", "not wished", "a later one is due"
MOVED_ON, ERASED, FOR_A_HUMAN, PUT_OFF, TOLD = "moved on", "erased", "for a human", "put off", "told"

Happens = Callable[[UnitOfWork, Voice, Timer], str]


# -- a reminder ----------------------------------------------------------------------------------


def _remind(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """One step of its plan, if it still makes sense; written down either way."""
    talk, one = _loaded(unit, voice, timer)
    if talk is None or one is None:
        return ERASED
    step = plan_of(one.plan).step(timer.details.get("step", ""))
    if one.version != timer.version or not one.stands or step is None:
        return MOVED_ON
    how = wishes(talk)
    if how.words == NONE or (step.only_if_wished and not how.two_hours):
        return _not_reminded(talk, one, step, NOT_WISHED)
    if _overtaken(one, step, how, unit.now):
        return _not_reminded(talk, one, step, OVERTAKEN)
    # By the clock where they are today: they may be abroad since it was set.
    at = when_to_send(
        step.due(one.starts_at, how.zone), unit.now, one.starts_at, zone=how.zone, hours=how.hours,
        latest=step.latest,
    )  # fmt: skip
    if at is None:
        ask_link_worker(talk, "reminder-not-sent", one)
        return _not_reminded(talk, one, step, TOO_LATE)
    if at > unit.now:
        timers.put_off(unit, timer.id, at)
        return PUT_OFF
    return _say(talk, one, step, how)


def _say(talk: Talk, one: Appointment, step: Step, how: Wishes) -> str:
    purpose = purpose_of(how)
    if why := goes(talk, purpose):
        ask_link_worker(talk, "remind-by-phone", one)
        return _not_reminded(talk, one, step, why)
    until, about = one.starts_at - step.latest, subject(one.id)
    says, wording = step.says, variants.PLAIN
    if _press_nobody(talk):
        says = "today" if says == "today" else "day_before"
        take_away(talk, one.id)
        tell(talk, says, due_of(talk, one, how=how), purpose, until, about)
    else:
        wording = variants.wording(talk.unit, talk.person_id, one, step.name) or variants.PLAIN
        found = due_of(talk, one, how=how, wording="" if wording == variants.PLAIN else wording)
        talk.ask(begin(talk, says, found), purpose=purpose, useful_until=until, about=about)
    talk.finish()
    if on_a_page(talk):  # nobody looks at a page they have left
        ask_link_worker(talk, "remind-by-phone", one)
    noted(talk.unit, one, REMINDED, step.name, channel=talk.channel.value, wording=wording)
    return says


def _not_reminded(talk: Talk, one: Appointment, step: Step, why: str) -> str:
    noted(talk.unit, one, NOT_REMINDED, step.name, why=why)
    return why


def _overtaken(one: Appointment, step: Step, how: Wishes, now: datetime) -> bool:
    """Whether the next reminder is due as well, since we were away: two at once help nobody."""
    plan = plan_of(one.plan)
    after = plan.steps[plan.steps.index(step) + 1 :]
    due = set(due_now(one, how, now))
    return any(later.name in due and (how.two_hours or not later.only_if_wished) for later in after)


def _press_nobody(talk: Talk) -> bool:
    """With a link worker, or in a concern: they are told, and nothing is asked."""
    return talk.held_by is not None or talk.in_concern or has_open_concern(talk.unit, talk.person_id)


# -- a link worker changed it ----------------------------------------------------------------------


def _told(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """Booked, moved or called off by a link worker: they hear of it, unless it changed again since."""
    talk, one = _loaded(unit, voice, timer)
    if talk is None or one is None:
        return ERASED
    what = timer.details.get("what", "")
    off = one.status is AppointmentStatus.CANCELLED
    if one.version != timer.version or not (off if what == "cancelled" else one.stands):
        return MOVED_ON
    if one.over(unit.now):
        return "over"
    how = wishes(talk)
    at = when_to_send(unit.now, unit.now, one.starts_at, zone=how.zone, hours=how.hours, latest=TOLD_BEFORE)
    if at is None and how.hours == ANY:
        at = unit.now  # late in the evening, about tomorrow morning: better now than at the door
    if at is not None and at > unit.now:
        timers.put_off(unit, timer.id, at)
        return PUT_OFF
    if at is None or goes(talk, purpose_of(how)):
        ask_link_worker(talk, f"tell-{what}", one)
        return FOR_A_HUMAN
    found = off_of(talk, one) if off else due_of(talk, one, how=how)
    talk.ask(begin(talk, f"told_{what}", found), purpose=purpose_of(how), about=subject(one.id))
    talk.finish()
    if on_a_page(talk):
        ask_link_worker(talk, f"tell-{what}", one)
    return TOLD


# -- they did not come -----------------------------------------------------------------------------


def _missed(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """A kind word the first time. After the second, or with a concern open, a link worker, and no text."""
    talk, one = _loaded(unit, voice, timer)
    if talk is None or one is None:
        return ERASED
    if one.version != timer.version or one.status is not AppointmentStatus.DID_NOT_ATTEND:
        return MOVED_ON
    take_away(talk, one.id)
    today = voice.settings.hours.closing(unit.now)
    if missed(unit, talk.person_id) > MISSED_AT_MOST:
        return _give(talk, "missed-again", one, today)
    if has_open_concern(unit, talk.person_id) or talk.in_concern:
        return _give(talk, "missed", one, today)
    how = wishes(talk)
    if how.words == NONE:
        return _give(talk, "missed", one, today)
    until = one.ends_at + reminders.MISSED_FOR
    at = when_to_send(unit.now, unit.now, until, zone=how.zone, hours=how.hours)
    if at is None:
        return _give(talk, "missed", one, today)
    if at > unit.now:
        timers.put_off(unit, timer.id, at)
        return PUT_OFF
    if talk.held_by is not None:
        talk.finish()
        return "a link worker talks with them"
    if goes(talk, purpose_of(how)):
        return _give(talk, "missed", one, today)
    talk.ask(
        begin(talk, "missed", off_of(talk, one)), purpose=purpose_of(how), useful_until=until,
        about=subject(one.id),
    )  # fmt: skip
    talk.finish()
    return TOLD


def _give(talk: Talk, kind: str, one: Appointment, due_at: datetime) -> str:
    ask_link_worker(talk, kind, one, due_at)
    talk.finish()
    return FOR_A_HUMAN


# -- a link worker's own words ---------------------------------------------------------------------


def _written(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """A reminder they wrote for anything else, at its time and never too late."""
    one = written.written_by_id(unit, int(timer.subject.partition(":")[2]))
    conversation_id = conversation_of(unit, one.person_id) if one is not None else None
    if one is None or conversation_id is None:
        return ERASED
    talk = Talk(unit, voice, conversation_id)
    one = written.written_by_id(unit, one.id)
    if one is None or not one.waits or one.version != timer.version:
        return MOVED_ON
    how = wishes(talk)
    at = when_to_send(one.due_at, unit.now, one.useful_until, zone=how.zone, hours=how.hours)
    if at is not None and at > unit.now:
        timers.put_off(unit, timer.id, at)
        return PUT_OFF
    why = NOT_WISHED if how.words == NONE else TOO_LATE if at is None else goes(talk, Purpose.STAFF)
    written.settled(unit, one.id, why or "sent", sent=why is None)
    if why is not None:
        return _not_written(talk, one, why)
    worker = staff_of(unit, one.staff_id)
    found = {"who": worker.first_name if worker else "", "words": one.words}
    plainly = how.words != reminders.DISCREET and talk.may_repeat_words
    talk.staff_id = one.staff_id
    talk.say(
        "reminder.written" if plainly else "reminder.discreet__written", purpose=Purpose.STAFF,
        useful_until=one.useful_until, about=timer.subject, found=found,
    )  # fmt: skip
    talk.finish()
    return "sent"


def _not_written(talk: Talk, one: written.Written, why: str) -> str:
    """It did not go: the link worker who wrote it decides what to do."""
    due = talk.voice.settings.hours.closing(talk.now)
    made = open_task(talk.unit, talk.person_id, "written-not-sent", due, one.words)
    talk.unit.change(task, made, owner_id=one.staff_id)
    return why


# -- inside ----------------------------------------------------------------------------------------


def _loaded(unit: UnitOfWork, voice: Voice, timer: Timer) -> tuple[Talk | None, Appointment | None]:
    """Their conversation, locked, and the appointment as it is under that lock."""
    appointment_id = int(timer.subject.partition(":")[2])
    one = maybe(unit, appointment_id)
    conversation_id = conversation_of(unit, one.person_id) if one is not None else None
    if conversation_id is None:
        return None, None
    return Talk(unit, voice, conversation_id), maybe(unit, appointment_id)


HAPPENS: dict[str, Happens] = {
    reminders.REMIND: _remind,
    "appointment-told": _told,
    reminders.MISSED: _missed,
    written.WRITTEN: _written,
}
