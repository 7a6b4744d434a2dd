"""What is booked with somebody, what they will be reminded of, and how it went: a part of their page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.appointments.appointment import appointments_of
from bot.appointments.reminders import DISCREET, wishes_of
from bot.appointments.variants import any_runs
from bot.appointments.written import Written, written_of
from bot.casework import staffing
from bot.conversation.voice import Voice
from bot.messages import ChannelName
from bot.people import contact_points
from bot.people.persons import Person
from bot.people.safe_contact import THEIRS_ALONE
from bot.staff.calendar_entries import Entry, entries_of
from bot.staff.calendar_words import not_sent
from bot.store.tables import AppointmentStatus
from bot.store.unit_of_work import Reading
from bot.words import gsm

#: How many of those that are over are shown at once.
PAST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class TextReminder:
    """A reminder in a worker's own words: who wrote it, and where it stands."""

    written: Written
    by: str

    @property
    def why_not(self) -> str:
        """Why it did not go; empty while it waits, and when it went."""
        w = self.written
        return "" if w.waits or w.sent_at or w.taken_back_at else not_sent(w.result)


@dataclass(frozen=True, slots=True)
class ComingUp:
    """Their appointments, those ahead soonest first and those over latest first, and text reminders."""

    ahead: list[Entry]
    past: list[Entry]
    reminders: list[TextReminder]
    trial: bool = False  # of how a reminder is worded, running now

    @property
    def missed(self) -> int:
        """How many of those shown they did not come to."""
        return sum(e.appointment.status is AppointmentStatus.DID_NOT_ATTEND for e in self.past)


NOTHING = ComingUp([], [], [])


def coming_up(reading: Reading, person_id: int) -> ComingUp:
    """All of it. Only for those with whose agreement everything is open."""
    entries = entries_of(reading, appointments_of(reading, person_id))
    ahead = [e for e in entries if e.appointment.stands and not e.appointment.over(reading.now)]
    past = [e for e in entries if e not in ahead]
    names = {member.id: member.name for member in staffing.all_staff(reading)}
    return ComingUp(
        ahead[::-1],
        past,
        [TextReminder(one, names.get(one.staff_id, "")) for one in written_of(reading, person_id)],
        any_runs(reading),
    )


def as_it_goes(reading: Reading, voice: Voice | None, person: Person, name: str, words: str) -> str:
    """A worker's reminder exactly as this person gets it: in their language, discreet where they need it."""
    first = name.split()[0] if name.split() else ""
    if voice is None:
        return f"A reminder from {first}, link worker: {words}"
    asked = wishes_of(person).words == DISCREET
    alone = any(point.safe in THEIRS_ALONE for point in contact_points.of_person(reading, person.id))
    found = {"who": first, "words": words}
    key = "reminder.discreet__written" if asked or not alone else "reminder.written"
    service = voice.service(person.language, reading.now)
    said = voice.prompts.say(
        key, person.language, channel=ChannelName.SMS.value, found=found, service=service, person=person
    )  # fmt: skip
    return said.strip()


def counted(goes: str) -> dict[str, Any]:
    """What a text of exactly these words costs, as the compose box says it."""
    cheapest = gsm.cheapest(goes)
    return {"segments": gsm.segments(cheapest), "plain": gsm.is_gsm(cheapest), "left": 0}
