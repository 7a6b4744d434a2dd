"""A group session is off: everybody who had a place hears so by their own channel, in a turn of their own.

Whoever cannot be told in time, or nowhere safe, is for a link worker to ring; the session's page lists them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

from bot.appointments.appointment import Appointment, maybe, subject
from bot.appointments.groups import NoSuchSession, Session, next_like, session_of
from bot.appointments.groups_told import CANCELLED, FOR_A_HUMAN
from bot.appointments.reminders import DISCREET, when_to_send
from bot.appointments.safe_hours import ANY
from bot.conversation.reminding import ask_link_worker, goes, on_a_page, purpose_of, take_away, wishes
from bot.conversation.talk import Talk
from bot.conversation.voice import Voice
from bot.messages import COUNTED
from bot.people.conversations import conversation_of
from bot.store import timers
from bot.store.tables import AppointmentStatus, Priority
from bot.store.timers import Timer
from bot.store.unit_of_work import UnitOfWork
from bot.words import gsm
from bot.words.dates import hour, whole_day

#: What a link worker is asked to do for each who could not be told.
TASK = "session-cancelled"

#: Somebody hears of it at least this long before it begins; later than that a person rings.
TOLD_BEFORE = timedelta(minutes=30)

#: What a name and a reason may take of a text.
NAME, WHY = 34, 60

TOO_LATE = "too late to write"

Happens = Callable[[UnitOfWork, Voice, Timer], str]


def _cancelled(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """One person is told; what comes of it is what `groups.told_of` lists."""
    one = maybe(unit, int(timer.subject.partition(":")[2]))
    conversation_id = conversation_of(unit, one.person_id) if one is not None else None
    if one is None or conversation_id is None:
        return "erased"
    talk = Talk(unit, voice, conversation_id)
    one = maybe(unit, one.id)
    if one is None or one.version != timer.version or one.status is not AppointmentStatus.CANCELLED:
        return "moved on"
    try:
        session = session_of(unit, one.session_id or 0)
    except NoSuchSession:
        return "erased"
    how = wishes(talk)
    at = when_to_send(
        unit.now, unit.now, session.starts_at, zone=how.zone, hours=how.hours, latest=TOLD_BEFORE
    )
    if at is None and how.hours == ANY and session.starts_at > unit.now:
        at = unit.now  # late in the evening, about tomorrow morning: better now than at the door
    if at is not None and at > unit.now:
        timers.put_off(unit, timer.id, at)
        return "put off"
    take_away(talk, one.id)
    why = TOO_LATE if at is None else goes(talk, purpose_of(how))
    if why is None:
        _say(talk, one, session, discreet=how.words == DISCREET or not talk.may_repeat_words)
        why = "only on a web page" if on_a_page(talk) else None
    talk.finish()
    if why is None:
        return "told"
    ask_link_worker(talk, TASK, one)
    return f"{FOR_A_HUMAN}{why}"[:40]


def _say(talk: Talk, one: Appointment, session: Session, *, discreet: bool) -> None:
    """What is off and when, why, and when the next one is."""
    following = next_like(talk.unit, session, talk.person_id)
    found = {
        "name": _cut(talk, session.name, NAME),
        "when": _when(talk, one, session.starts_at),
        "why": _sentence(_cut(talk, session.cancelled_why, WHY)),
        "next": _when(talk, one, following[0]) if following else "",
        "yours": bool(following and following[1]),
    }
    talk.say(
        "session.discreet__cancelled" if discreet else "session.cancelled",
        purpose=purpose_of(wishes(talk)), useful_until=session.starts_at, about=subject(one.id),
        found={"session": found},
    )  # fmt: skip
    talk.says[-1].priority = Priority.LINK_WORKER  # it is the link worker who says it


def _when(talk: Talk, one: Appointment, at) -> str:  # type: ignore[no-untyped-def]
    """ "Thursday 5 March at 10am", by the clock where it would have been."""
    day, at_hour = whole_day(at, talk.language, one.zone), hour(at, talk.language, one.zone)
    return talk.voice.prompts.say(
        "appointment.short", talk.language, channel=talk.channel,
        found=SimpleNamespace(appointment=SimpleNamespace(day=day, at=at_hour)),
    )  # fmt: skip


def _cut(talk: Talk, words: str, most: int) -> str:
    return gsm.cut(gsm.fold(words), most) if talk.channel in COUNTED else words


def _sentence(words: str) -> str:
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."


HAPPENS: dict[str, Happens] = {CANCELLED: _cancelled}
