"""Ray and his appointment, day by day: what happens to it, what he hears and when, and what staff see.

    ray = Reminded(conversation, now="Tue 3 Mar 2026 10:00")
    ray.books("Wed 11 Mar 2026 14:00")
    ray.until("Mon 9 Mar 2026 09:00")
    assert ray.heard == ["Wed 4 Mar 10:00 coming"]

Times are by London's clock wherever Ray is. Nothing is left out: `heard` is every message about it in
the order it was queued, `staff` every task.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.appointments import booking, outcomes, reminders
from bot.appointments.appointment import Appointment, appointment_of, events_of, subject
from bot.appointments.calendar import set_calendar
from bot.appointments.places import add_place
from bot.casework.staffing import add_staff
from bot.clock import LONDON
from bot.messages import RANK, ChannelName, Status
from bot.outbox.queue import SUPERSEDED
from bot.people import contact_points, persons
from bot.store.tables import Meeting, Safe, outbox, person, task, timer
from tests.support.appointments import nine_to_five
from tests.support.conversation import Conversation
from tests.support.phone import Phone

WRITTEN = "%a %d %b %Y %H:%M"


def instant(words: str) -> datetime:
    """ "Tue 3 Mar 2026 10:00" by London's clock, aware UTC. Raises ValueError where it is no Tuesday."""
    found = datetime.strptime(words, WRITTEN)
    if found.strftime("%a") != words.partition(" ")[0]:
        raise ValueError(f"{words} is a {found:%A}")
    return found.replace(tzinfo=LONDON).astimezone(UTC)


def local(at: datetime) -> str:
    """ "Tue 3 Mar 10:00", by London's clock."""
    here = at.astimezone(LONDON)
    return f"{here:%a} {here.day} {here:%b %H:%M}"


class Reminded:
    """Ray, who wrote to us by text once and said that only he sees this phone."""

    def __init__(
        self,
        conversation: Conversation,
        now: str,
        *,
        zone: str = "Europe/London",
        safe: Safe = Safe.ONLY_ME,
        **plan: Any,
    ):
        self.conversation = conversation
        self.clock = conversation.clock
        self.clock.set(instant(now))
        self.sms: Phone = conversation.phone("sms")
        self.phones = {"sms": self.sms}
        self.appointment_id = 0

        def work(unit: Any) -> tuple[int, int, int]:
            staff_id = add_staff(unit, "amina@ashby.example", "Amina Shah", "link-worker")
            set_calendar(unit, staff_id, hours=nine_to_five(), open_to_people=True)
            point = contact_points.first_contact(
                unit, ChannelName.SMS, self.sms.address, language="en", zone=zone
            )
            contact_points.heard_from(unit, point.id)
            contact_points.set_safe(unit, point.id, safe)
            persons.call(unit, point.person_id, "Ray")
            persons.agreed(unit, point.person_id)
            if plan:
                persons.plan_contact(unit, point.person_id, **plan)
            return staff_id, point.person_id, point.id

        self.staff_id, self.person_id, self.point_id = self.does(work)

    # -- what happens ---------------------------------------------------------------------------

    def does(self, work: Any, acting: str = "test") -> Any:
        """One unit of work; what falls due at once has its turn."""
        return self.conversation.store.run(work, acting=acting).result(timeout=30)

    def somebody_else(self) -> int:
        """Another person, whom nobody here hears of; their id."""
        return self.does(
            lambda unit: contact_points.first_contact(
                unit, ChannelName.SMS, "+447700900199", language="en", zone="Europe/London"
            )
        ).person_id

    def books(self, starts: str, *, by: str = "person", person: int = 0, **details: Any) -> Reminded:
        """It is booked, for half an hour by phone with Amina where nothing else is said."""
        details = {"minutes": 30, "kind": "review", "meeting": "phone", "anyway": True} | details
        acting = "person" if by == "person" else f"staff:{self.staff_id}"

        def work(unit: Any) -> Appointment:
            found = booking.book(unit, person or self.person_id, self.staff_id, instant(starts), **details)
            assert isinstance(found, Appointment), found
            return found

        self.appointment_id = self.does(work, acting).id
        self.conversation.run_timers()
        return self

    def until(self, when: str) -> Reminded:
        """Time passes; what falls due meanwhile happens when it is due, and what was queued has left."""
        self.conversation.forward(seconds=(instant(when) - self.clock.now()).total_seconds())
        left = (outbox.c.status == Status.QUEUED, outbox.c.created_at < self.clock.now())
        sent = {"status": Status.SENT, "rank": RANK[Status.SENT]}
        self.does(lambda unit: unit.execute(update(outbox).where(*left).values(**sent)))
        return self

    def down_until(self, when: str) -> Reminded:
        """The service is off until then."""
        self.clock.set(instant(when))
        self.conversation.run_timers()
        return self

    def moved(self, starts: str, *, by: str = "staff") -> Reminded:
        self.conversation.next_line()
        acting = "person" if by == "person" else f"staff:{self.staff_id}"
        self.does(lambda unit: booking.move(unit, self.appointment_id, instant(starts), anyway=True), acting)
        self.conversation.run_timers()
        return self

    def cancelled(self, *, by: str = "staff") -> Reminded:
        self.conversation.next_line()
        acting = "person" if by == "person" else f"staff:{self.staff_id}"
        self.does(lambda unit: booking.cancel(unit, self.appointment_id, why="staff-away"), acting)
        self.conversation.run_timers()
        return self

    def did_not_come(self) -> Reminded:
        self.does(lambda unit: outcomes.did_not_attend(unit, self.appointment_id), f"staff:{self.staff_id}")
        return self

    def put_back(self) -> Reminded:
        """It was a slip of the link worker's thumb."""
        self.does(lambda unit: outcomes.outcome_back(unit, self.appointment_id), f"staff:{self.staff_id}")
        return self

    def place(self, meeting: str, name: str, address: str, way: str) -> int:
        """A place to meet; its id."""
        return self.does(lambda unit: add_place(unit, Meeting(meeting), name, address, way))

    def goes_to(self, zone: str) -> Reminded:
        """They are abroad from now on."""
        self.does(lambda unit: unit.change(person, self.person_id, zone=zone))
        return self

    def speaks(self, language: str) -> Reminded:
        self.does(lambda unit: persons.set_language(unit, self.person_id, language))
        return self

    def wishes(self, **plan: Any) -> Reminded:
        """They tell us how they wish to be reminded."""

        def work(unit: Any) -> None:
            persons.plan_contact(unit, self.person_id, **plan)
            reminders.set_again(unit, appointment_of(unit, self.appointment_id))

        self.does(work)
        return self

    def also_has(self, channel: str, safe: Safe = Safe.ONLY_ME) -> Reminded:
        """They wrote by another way too, before they last wrote by text."""
        phone = self.conversation.phone(channel)
        self.phones[channel] = phone

        def work(unit: Any) -> None:
            point = contact_points.first_contact(
                unit, phone.channel, phone.address, language="en", zone="Europe/London"
            )
            unit.execute(
                update(contact_points.contact_point)
                .where(contact_points.contact_point.c.id == point.id)
                .values(person_id=self.person_id, safe=safe, last_inbound_at=unit.now - timedelta(minutes=10))
            )

        self.does(work)
        return self

    def says_stop(self) -> Reminded:
        """The carrier takes their STOP to our texts."""
        self.does(lambda unit: contact_points.opt_out(unit, self.point_id, "carrier"))
        return self

    def phone_is_dead(self) -> Reminded:
        """The provider says that nobody is reached by text."""
        self.does(lambda unit: contact_points.mark_unreachable(unit, self.point_id, "30003"))
        return self

    def leaving(self) -> Reminded:
        """What was said last is just being handed to the carrier."""
        self.does(
            lambda unit: unit.execute(
                update(outbox)
                .where(
                    outbox.c.id == select(outbox.c.id).order_by(outbox.c.id.desc()).limit(1).scalar_subquery()
                )
                .values(status=Status.SENDING, rank=RANK[Status.SENDING])
            )
        )
        return self

    # -- what came of it ------------------------------------------------------------------------

    @property
    def appointment(self) -> Appointment:
        with self.conversation.reading() as reading:
            return appointment_of(reading, self.appointment_id)

    @property
    def heard(self) -> list[str]:
        """ "Wed 4 Mar 10:00 coming", and "by telegram", "in cy", "discreetly", "(taken back)" where so."""
        return [_as_heard(row) for row in self.rows()]

    def rows(self) -> list[Any]:
        """Every message about it, as it is stored."""
        with self.conversation.reading() as reading:
            about = outbox.c.about == subject(self.appointment_id)
            return list(reading.execute(select(outbox).where(about).order_by(outbox.c.id)))

    @property
    def words(self) -> str:
        """The last message, as it was said."""
        with self.conversation.reading() as reading:
            last = reading.execute(select(outbox.c.text).order_by(outbox.c.id.desc()).limit(1)).scalar_one()
            return reading.sealer.open(last)

    @property
    def staff(self) -> list[str]:
        """ "remind-by-phone by Tue 3 Mar 17:00"."""
        with self.conversation.reading() as reading:
            rows = reading.execute(select(task.c.kind, task.c.due_at).order_by(task.c.id)).all()
        return [f"{row.kind} by {local(row.due_at)}" for row in rows]

    @property
    def not_reminded(self) -> list[str]:
        """ "two_hours: too late"."""
        with self.conversation.reading() as reading:
            events = events_of(reading, self.appointment_id)
        return [f"{e.step}: {e.details['why']}" for e in events if e.what == reminders.NOT_REMINDED]

    @property
    def waits(self) -> list[str]:
        """The reminders that are set, and when they are due: "Wed 4 Mar 10:00 week"."""
        with self.conversation.reading() as reading:
            rows = reading.execute(
                select(timer.c.due_at, timer.c.details)
                .where(timer.c.kind == reminders.REMIND, timer.c.done_at.is_(None))
                .order_by(timer.c.due_at)
            ).all()
        return [f"{local(row.due_at)} {row.details['step']}" for row in rows]


def _as_heard(row: Any) -> str:
    said = row.prompt.removeprefix("reminder.")
    discreet = said.startswith("discreet__")
    said = said.removeprefix("discreet__")
    parts = [local(row.created_at), said]
    if discreet:
        parts.append("discreetly")
    if row.channel is not ChannelName.SMS:
        parts.append(f"by {row.channel.value}")
    if row.language != "en":
        parts.append(f"in {row.language}")
    if row.status is Status.NOT_SENT:
        parts.append("(taken back)" if row.reason == SUPERSEDED else f"(not sent: {row.reason})")
    return " ".join(parts)
