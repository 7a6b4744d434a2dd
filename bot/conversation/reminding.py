"""A reminder as a conversation holds it: the flow about one appointment, and the way it may go."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.appointments.appointment import Appointment
from bot.appointments.reminders import DISCREET, Wishes, wishes_of
from bot.casework.tasks import open_task, open_tasks
from bot.clock import OpeningHours
from bot.conversation.appointment_words import told_of
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.messages import ChannelName
from bot.people.contact_points import ContactPoint, of_person
from bot.people.for_a_human import open_case_id
from bot.people.persons import person_of
from bot.people.safe_contact import NEEDS_TEMPLATE, Purpose, Way, why_not
from bot.requests import AppointmentDue, AppointmentOff, Result
from bot.store.tables import task
from bot.words.dates import hour, whole_day
from bot.words.languages import ENGLISH

FLOW = "reminder"

#: Where no message can go to somebody, a person rings well before: by closing time on a day before, or this
#: long before it begins.
IN_GOOD_TIME, AT_THE_LATEST = timedelta(hours=12), timedelta(hours=1)
#: The closing times before an appointment are looked for in as many days.
FURTHEST = timedelta(days=14)

#: Whoever rings for one of these need not be asked to ring for the other.
SAME_CALL = frozenset({"remind-by-phone", "ring-about-appointment", "ring-after-stop"})

#: There is no way to write to them at all.
NO_WAY = "no way to write to them"


# -- the flow ------------------------------------------------------------------------------------


def wishes(talk: Talk) -> Wishes:
    """How whoever talks here wishes to be reminded."""
    return wishes_of(person_of(talk.unit, talk.person_id))


def due_of(talk: Talk, one: Appointment, *, how: Wishes | None = None, wording: str = "") -> AppointmentDue:
    """The appointment as a reminder is about it, in the zone it is told in. `how` spares looking it up."""
    discreet = (how or wishes(talk)).words == DISCREET
    return AppointmentDue(told_of(one, talk.zone), one.ends_at, discreet, wording)


def off_of(talk: Talk, one: Appointment) -> AppointmentOff:
    """An appointment that is off, or was missed, as they hear of it."""
    return AppointmentOff(told_of(one, talk.zone), wishes(talk).words == DISCREET)


def begin(talk: Talk, step: str, found: Result) -> Frame:
    """The reminder's flow at this step, on top of whatever waits; nothing is asked yet.

    Whatever was asked about the same appointment before and not answered goes.
    """
    take_away(talk, getattr(found, "about", 0))
    frame = _frame(talk, step, found)
    talk.state.stack.append(frame)
    return frame


def tell(talk: Talk, step: str, found: Result, purpose: Purpose, useful_until: datetime, about: str) -> None:
    """The words of this step alone: nothing is offered and nothing waits for an answer."""
    frame = _frame(talk, step, found)
    talk.say(
        f"{FLOW}.{talk.prompt_for(frame)}", frame=frame, purpose=purpose, useful_until=useful_until,
        about=about,
    )  # fmt: skip


def _frame(talk: Talk, step: str, found: Result) -> Frame:
    return Frame(talk.state.next(), FLOW, step, found={found.trigger(): found})


def frames_about(talk: Talk, appointment_id: int) -> list[Frame]:
    """What waits here about this appointment, the newest last."""
    return [frame for frame in talk.state.stack if frame.flow == FLOW and _about(frame) == appointment_id]


def take_away(talk: Talk, appointment_id: int) -> None:
    """Nothing asked about this appointment waits any more."""
    for frame in frames_about(talk, appointment_id):
        talk.state.stack.remove(frame)


def _about(frame: Frame) -> int | None:
    found = (r for r in frame.found.values() if isinstance(r, (AppointmentDue, AppointmentOff)))
    return next((result.about for result in found), None)


# -- the way it goes -----------------------------------------------------------------------------


def purpose_of(how: Wishes) -> Purpose:
    """What it is for, as safe contact asks: discreet words may go where others would not."""
    return Purpose.DISCREET if how.words == DISCREET else Purpose.APPOINTMENT


def goes(talk: Talk, purpose: Purpose) -> str | None:
    """Move to where it may go: the way they used last, else the next they agreed to. Why not, where none is.

    A page they may have left comes last of all: there it waits until they look.
    """
    first: str | None = NO_WAY
    page = template = None
    for point in _ways(talk):
        own = point.id == talk.point_id
        why = why_not(point, purpose, now=talk.now, elsewhere=not own)
        first = why if own else first
        if why is None and point.channel is not ChannelName.WEB:
            _move_to(talk, point)
            return None
        if why is None:
            page = page or point
        elif _by_template(talk, point, purpose, why):
            template = template or point
    if (chosen := template or page) is None:
        return first or NO_WAY
    _move_to(talk, chosen)
    return None


def on_a_page(talk: Talk) -> bool:
    """Whether it only waits on a page that they may have left."""
    return talk.channel is ChannelName.WEB


def _ways(talk: Talk) -> list[ContactPoint]:
    """Every way of theirs that they wrote from themselves: the one used last here first."""
    points = [(p, p.last_inbound_at) for p in of_person(talk.unit, talk.person_id) if p.last_inbound_at]
    points.sort(key=lambda one: (one[0].id == talk.point_id, one[1]), reverse=True)
    return [point for point, _ in points]


def _move_to(talk: Talk, point: ContactPoint) -> None:
    if point.id != talk.point_id:
        talk.move_to(point.id)


def _by_template(talk: Talk, point: ContactPoint, purpose: Purpose, why: str) -> bool:
    """WhatsApp's day is over: delivery sends its template there, and a person says the words."""
    if why != NEEDS_TEMPLATE or not talk.voice.settings.twilio_whatsapp_template:
        return False
    way = Way(ChannelName.SMS, point.safe, point.opted_out_at, point.unreachable_at, point.last_inbound_at)
    return why_not(way, purpose, now=talk.now, elsewhere=point.id != talk.point_id) is None


# -- a person instead ----------------------------------------------------------------------------


def ask_link_worker(talk: Talk, kind: str, one: Appointment, due_at: datetime | None = None) -> None:
    """A task for the link worker whose appointment it is; once for each appointment.

    Due (aware UTC) in good time before it, unless said otherwise.
    """
    details = in_english(one)
    same = SAME_CALL if kind in SAME_CALL else {kind}
    to_do = open_tasks(talk.unit, person_id=talk.person_id)
    if any(open_.kind in same and open_.details == details for open_ in to_do):
        return
    due = due_at or in_good_time(talk.voice.settings.hours, talk.now, one.starts_at)
    case_id = one.case_id or open_case_id(talk.unit, talk.person_id)
    made = open_task(talk.unit, talk.person_id, kind, due, details, case_id)
    talk.unit.change(task, made, owner_id=one.staff_id)


def in_english(one: Appointment) -> str:
    """An appointment as staff read it in a task: "Tuesday 3 March, 2pm"."""
    return f"{whole_day(one.starts_at, ENGLISH, one.zone)}, {hour(one.starts_at, ENGLISH, one.zone)}"


def in_good_time(hours: OpeningHours, now: datetime, starts_at: datetime) -> datetime:
    """By when a person rings about what begins at `starts_at`; all aware UTC.

    By closing time on the last working day that leaves a night, else an hour before it begins, else now.
    """
    best, at = None, max(now, starts_at - FURTHEST)
    while (closes := hours.closing(at)) <= starts_at - IN_GOOD_TIME:
        best, at = closes, closes
    return best or max(now, starts_at - AT_THE_LATEST)
