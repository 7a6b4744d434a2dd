"""What falls due becomes a turn of that person's own conversation, under that person's lock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta

from bot.casework import cases, escalation
from bot.casework.handoffs import back_to_queue, open_handoff_of
from bot.conversation import due_appointments, due_freed, due_groups, due_plans, due_support, engine
from bot.conversation.quiet import quiet_until
from bot.conversation.talk import Talk
from bot.conversation.voice import Voice
from bot.people import contact_points, joining
from bot.people.for_a_human import ask_a_human
from bot.people.safe_contact import Purpose, why_not
from bot.store import timers
from bot.store.engines import Store
from bot.store.tables import CaseStatus
from bot.store.timers import Timer
from bot.store.unit_of_work import UnitOfWork

#: The second nudge, and the last.
SECOND_NUDGE_AFTER = timedelta(days=7)

Happens = Callable[[UnitOfWork, Voice, Timer], str]


class Due:
    """Carries out timers. Each is one unit of work; what came of it is written on the timer."""

    def __init__(self, store: Store, voice: Voice):
        self.store, self.voice = store, voice

    def waiting(self, most: int = 100) -> list[Timer]:
        """What is due now."""
        with self.store.reading() as reading:
            return timers.due(reading, most)

    def take(self, timer: Timer) -> Future[str]:
        """Let one timer have its turn; what came of it, in a word."""
        return self.store.run(lambda unit: self.turn(unit, timer.id), acting="timer")

    def turn(self, unit: UnitOfWork, timer_id: int) -> str:
        """The turn itself. Does nothing for a timer somebody has handled meanwhile."""
        timer = timers.still_due(unit, timer_id)
        if timer is None:
            return "gone"
        result = _HAPPENS[timer.kind](unit, self.voice, timer)
        if result != "put off":
            timers.done(unit, timer.id, result)
        return result


def _nudge(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """A day after they last wrote, then a week after that, then silence."""
    talk = Talk(unit, voice, timer.conversation_id)
    waits = next((f for f in talk.state.stack if not engine.is_optional(talk, f)), None)
    if waits is None or talk.row.agreed_at is not None or talk.held_by is not None:
        return "nothing to carry on with"
    nth = timer.details.get("nth", 1)
    after = timedelta(hours=24) if nth == 1 else SECOND_NUDGE_AFTER
    heard = talk.row.heard_at
    if heard is not None and heard + after > unit.now:
        timers.put_off(unit, timer.id, heard + after)
        return "put off"
    if later := quiet_until(unit.now, voice.settings.hours.zone):
        timers.put_off(unit, timer.id, later)
        return "put off"
    if why_not(talk.way, Purpose.NUDGE, now=unit.now, concern=talk.concern_until is not None):
        return "not safe to"
    frame = engine.begin(talk, "nudge")
    talk.ask(frame, purpose=Purpose.NUDGE)
    talk.finish()
    if nth == 1:
        timers.set_timer(
            unit, "nudge", unit.now + SECOND_NUDGE_AFTER, conversation_id=timer.conversation_id, nth=2
        )
    return "asked"


def _late(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """The promised day has come, and nobody was in touch: they are told first, with a new day."""
    case = cases.case_by_id(unit, int(timer.subject.partition(":")[2]))
    if (
        case.version != timer.version
        or case.status is not CaseStatus.OPEN
        or case.first_contact_at is not None
    ):
        return "moved on"
    hours, settings = voice.settings.hours, voice.settings
    new_day = hours.working_days_after(unit.now, settings.late_extra_days)
    talk = Talk(unit, voice, timer.conversation_id)
    reason = (
        "nobody to write to" if talk.point_id is None else why_not(talk.way, Purpose.WAITING, now=unit.now)
    )
    if reason is not None:
        ask_a_human(unit, talk.person_id, "ring-late", hours.closing(unit.now), case_id=case.id)
    else:
        frame = engine.begin(talk, "waiting")
        talk.ask(frame, purpose=Purpose.WAITING)
        talk.finish()
    cases.promise(unit, case.id, new_day, hours)
    return "told" if reason is None else "for a human"


def _unanswered(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """They wrote while a worker holds it and nobody answered: they are told so, and it is anyone's again."""
    talk = Talk(unit, voice, timer.conversation_id)
    if talk.row.unanswered_since is None:
        return "answered"
    handoff = open_handoff_of(unit, talk.id)
    if handoff is not None:
        back_to_queue(
            unit,
            handoff.id,
            waiting_for_reply=True,
            why="nobody answered",
            hours=voice.settings.hours,
            alarm=escalation.Alarm.of(voice.settings),
        )
    talk.say("talk.nobody_yet", purpose=Purpose.WAITING)
    talk.finish()
    return "told"


def _hold_ends(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """Holding ends with the worker's hours, unless extended."""
    talk = Talk(unit, voice, timer.conversation_id)
    if talk.held_by is None:
        return "let go"
    until = talk.row.held_until
    if until is not None and until > unit.now:
        timers.put_off(unit, timer.id, until)
        return "put off"
    handoff = open_handoff_of(unit, talk.id)
    if handoff is not None:
        back_to_queue(
            unit,
            handoff.id,
            waiting_for_reply=talk.row.unanswered_since is not None,
            why="the worker's hours ended",
            hours=voice.settings.hours,
            alarm=escalation.Alarm.of(voice.settings),
        )
    return "back in the queue"


def _join_code(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """The code is made and said in the conversation already known, where only they may see it."""
    point = contact_points.point_of(unit, timer.details["contact_point_id"])
    if point is None:
        return "erased"
    talk = Talk(unit, voice, point.conversation_id, point.id)
    if why_not(talk.way, Purpose.CODE, now=unit.now):
        return "not safe to"
    code = joining.ask_to_join(unit, timer.details["asking_person_id"], point)
    if code is None:
        return "too many"
    talk.say(
        "join_channels.your_code",
        purpose=Purpose.CODE,
        useful_until=unit.now + joining.CODE_LASTS,
        found={"code": code},
    )
    talk.finish_words()
    return "sent"


def _escalate(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    settings = voice.settings
    told = escalation.escalate(
        unit,
        int(timer.subject.partition(":")[2]),
        hours=settings.hours,
        alarm=escalation.Alarm.of(settings),
        staffed=settings.out_of_hours == "staffed",
    )
    return f"{told} told"


_HAPPENS: dict[str, Happens] = {
    "nudge": _nudge,
    "late": _late,
    "unanswered": _unanswered,
    "hold-ends": _hold_ends,
    "join-code": _join_code,
    "escalate": _escalate,
    **due_support.HAPPENS,
    **due_plans.HAPPENS,
    **due_appointments.HAPPENS,
    **due_freed.HAPPENS,
    **due_groups.HAPPENS,
}
