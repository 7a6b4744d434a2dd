"""What falls due about a time that came free: whom to ask, asking each, and telling them that it has gone.

Each is a turn of that person's own conversation. Somebody who cannot be asked at that moment is passed
over, and the next is asked: nobody waits while an hour goes by.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.appointments import freed_time
from bot.appointments.calendar import calendar_of
from bot.appointments.freed_time import Answer, Fit, FreedTime, Offer
from bot.appointments.places import place_of
from bot.appointments.reminders import DISCREET, Wishes, when_to_send, wishes_of
from bot.appointments.safe_hours import is_safe
from bot.appointments.short_notice import in_the_middle, purpose_of
from bot.appointments.slots import Slot
from bot.casework.staffing import staff_of
from bot.conversation.appointment_words import offer_of, told_of
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.conversation.voice import Voice
from bot.messages import ChannelName, Status
from bot.people.contact_points import of_person
from bot.people.conversations import conversation_of
from bot.people.for_a_human import has_open_concern
from bot.people.persons import person_of
from bot.people.safe_contact import Purpose, Way, why_not
from bot.requests import TimeFreed
from bot.requests.appointments import Told
from bot.store import timers
from bot.store.tables import Priority, outbox
from bot.store.timers import Timer
from bot.store.unit_of_work import UnitOfWork

FLOW = "freed_time"

#: An offer that has not left by then would come too late to be one of the first.
USEFUL_FOR = timedelta(hours=1)

Happens = Callable[[UnitOfWork, Voice, Timer], str]


def _look(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """Whom to ask next; or, once somebody has it, who is to hear so. Nobody is spoken to here."""
    freed_id = _id(timer)
    if timer.details.get("ended"):
        return f"{freed_time.tell_it_has_gone(unit, freed_id)} to hear"
    return f"{len(freed_time.offer_next(unit, freed_id))} asked"


def _tell(unit: UnitOfWork, voice: Voice, timer: Timer) -> str:
    """One person hears that a time is free, or that it has gone."""
    offer = freed_time.offer_of(unit, _id(timer))
    conversation_id = conversation_of(unit, offer.person_id) if offer is not None else None
    if offer is None or conversation_id is None:
        return "gone"
    talk = Talk(unit, voice, conversation_id)
    offer = freed_time.offer_of(unit, offer.id)  # as it is under the conversation's lock
    time = freed_time.time_of(unit, offer.freed_id) if offer is not None else None
    if offer is None or time is None:
        return "gone"
    if timer.details.get("what") == "gone":
        return _it_has_gone(talk, timer, offer, time)
    return _ask(talk, offer, time)


# -- asked ---------------------------------------------------------------------------------------


def _ask(talk: Talk, offer: Offer, time: FreedTime) -> str:
    unit = talk.unit
    if offer.answered_at is not None or not time.offered or time.starts_at <= unit.now:
        return "too late"
    fits = freed_time.still_fits(unit, offer, time)
    how = wishes_of(person_of(unit, talk.person_id))
    if fits is None or not _may_be_asked(talk, how):
        freed_time.pass_over(unit, offer.id)
        return "passed over"
    _take_away(talk)
    instead_of = told_of(fits.moves, talk.zone) if fits.moves is not None else None
    found = TimeFreed(offer.id, _told(talk, time, fits), instead_of, how.words == DISCREET)
    frame = Frame(talk.state.next(), FLOW, "offered", found={found.trigger(): found})
    talk.state.stack.append(frame)
    talk.ask(
        frame, purpose=purpose_of(how), useful_until=_useful_until(time, how, unit.now),
        about=freed_time.subject(time.id),
    )  # fmt: skip
    talk.says[-1].priority = Priority.LINK_WORKER  # not behind a morning's reminders
    talk.finish()
    return "asked"


def _may_be_asked(talk: Talk, how: Wishes) -> bool:
    """Now, here: whoever is talked to, in trouble, asleep, or nowhere safe, is not."""
    if talk.held_by is not None or talk.in_concern or has_open_concern(talk.unit, talk.person_id):
        return False
    if in_the_middle(talk.row.heard_at, talk.now) or not is_safe(talk.now, how.zone, how.hours):
        return False
    return _somewhere_safe(talk, purpose_of(how))


def _told(talk: Talk, time: FreedTime, fits: Fit) -> Told:
    """What they would have, as it is told: with whom, how and where."""
    if fits.moves is not None and fits.keeps_place:
        there = told_of(fits.moves, talk.zone)
        return {**there, "starts_at": time.starts_at.isoformat()}
    worker, calendar = staff_of(talk.unit, time.staff_id), calendar_of(talk.unit, time.staff_id)
    place = place_of(talk.unit, fits.place_id) if fits.place_id is not None else None
    slot = Slot(time.staff_id, time.starts_at, time.ends_at, fits.meeting, fits.place_id)
    return {
        **offer_of(slot, place, talk.zone, calendar.zone if calendar is not None else talk.zone),
        "id": 0,
        "minutes": fits.minutes,
        "who": worker.first_name if worker is not None else "",
        "where": "",
        "bring": "",
        "group": False,
    }


def _useful_until(time: FreedTime, how: Wishes, now: datetime) -> datetime:
    """Not after it begins, nor when it is night where they are or no time they called safe."""
    local = now.astimezone(how.zone)
    minute = local.hour * 60 + local.minute
    left = next((end - minute for start, end in how.hours.on(local.date()) if start <= minute < end), 0)
    return min(time.starts_at, now + USEFUL_FOR, now + timedelta(minutes=left))


def _somewhere_safe(talk: Talk, purpose: Purpose) -> bool:
    """Where they wrote last, or another way of theirs alone; a page they may have left comes last."""
    here = talk.point_id is not None and why_not(talk.way, purpose, now=talk.now) is None
    if here and talk.channel is not ChannelName.WEB:
        return True
    for point in of_person(talk.unit, talk.person_id):
        way = Way(point.channel, point.safe, point.opted_out_at, point.unreachable_at, point.last_inbound_at)
        if point.id == talk.point_id or point.channel is ChannelName.WEB:
            continue
        if why_not(way, purpose, now=talk.now, elsewhere=True) is None:
            talk.move_to(point.id)
            return True
    return here


# -- gone ----------------------------------------------------------------------------------------


def _it_has_gone(talk: Talk, timer: Timer, offer: Offer, time: FreedTime) -> str:
    """Said once, kindly, to whoever was asked and has not answered; never to who never heard of it."""
    if offer.answer != Answer.GONE:
        return "answered"
    frame = next((f for f in talk.state.stack if f.flow == FLOW and _offer_in(f) == offer.id), None)
    if frame is None:
        return "never asked"
    if not _was_said(talk, time):
        talk.state.stack.remove(frame)
        talk.finish()
        return "never heard of it"
    how = wishes_of(person_of(talk.unit, talk.person_id))
    at = when_to_send(talk.now, talk.now, time.starts_at, zone=how.zone, hours=how.hours)
    if at is not None and at > talk.now:
        timers.put_off(talk.unit, timer.id, at)
        return "put off"
    # Pressed or answered later it says that it has gone, as a yes that came too late would hear.
    frame.path, frame.answers = ["offered"], {"offered": None}
    talk.state.end(frame)
    if at is not None and _somewhere_safe(talk, purpose_of(how)):
        step = talk.prompt_for(replace(frame, step="gone_first"))
        talk.say(f"{FLOW}.{step}", frame=frame, purpose=purpose_of(how), useful_until=time.starts_at)
        talk.finish()
        return "told"
    talk.finish()
    return "not safe to"


def _was_said(talk: Talk, time: FreedTime) -> bool:
    """Whether the question has left, or may have; what was taken back in time never reached them."""
    about = outbox.c.about == freed_time.subject(time.id)
    said = select(outbox.c.id).where(
        about, outbox.c.conversation_id == talk.id, outbox.c.status != Status.NOT_SENT
    )
    return talk.unit.execute(said.limit(1)).first() is not None


# -- inside --------------------------------------------------------------------------------------


def _take_away(talk: Talk) -> None:
    """Times asked about before and not answered: each has gone, or has begun."""
    for frame in [f for f in talk.state.stack if f.flow == FLOW]:
        talk.state.stack.remove(frame)


def _offer_in(frame: Frame) -> int:
    found = frame.found.get(TimeFreed.trigger())
    return found.offer_id if isinstance(found, TimeFreed) else 0


def _id(timer: Timer) -> int:
    return int(timer.subject.partition(":")[2])


HAPPENS: dict[str, Happens] = {freed_time.LOOK: _look, freed_time.TELL: _tell}
