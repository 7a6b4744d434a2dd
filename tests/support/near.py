"""Services near Ashby for tests, all invented, and somebody who was referred and looks for one."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.casework.tasks import open_tasks
from bot.conversation import engine
from bot.conversation.talk import Talk
from bot.directory import services
from bot.directory.onward import OnwardReferral, onward_of, suggestions_of
from bot.directory.services import Contact, Cost, Joining, Location, Organisation, Schedule, ServiceDetails
from bot.people import consents
from bot.store.tables import service
from bot.store.unit_of_work import UnitOfWork
from tests.support.conversation import Conversation
from tests.support.phone import Phone
from tests.support.scenes import refers_themselves, says

#: Checked the day before the tests' first day.
CHECKED = date(2026, 3, 2)

TEA = ServiceDetails(
    name="Tea and Chat",
    organisation=Organisation("Ashby Neighbours"),
    description="Tea, cake and somebody to talk with. Newcomers are met at the door.",
    joining=Joining.DIRECT,
    free=True,
    wants=("company",),
    eases=("nerves",),
    assured_on=CHECKED,
    locations=(Location("Town Hall", "1 Market Street", "Ashby", "LE65 1AA"),),
    schedules=(Schedule(byday="WE", opens_at="10:00", closes_at="12:00"),),
    contacts=(Contact("Jan", "", "01632 960111"),),
)
WALK = ServiceDetails(
    name="Ashby Slow Walkers",
    organisation=Organisation("Ashby Walkers"),
    description="An hour on flat paths, and a cup of tea.",
    joining=Joining.EITHER,
    free=True,
    wants=("company", "active"),
    eases=("someone_along",),
    email="walks@ashby-walkers.example",
    assured_on=CHECKED,
    locations=(Location("Hood Park", "", "Ashby", "LE65 1HU"),),
    schedules=(Schedule(byday="MO,FR", opens_at="10:30"),),
    contacts=(Contact("Ola", "", "01632 960112"),),
)
CHOIR = ServiceDetails(
    name="Measham Singers",
    description="Songs everybody knows. Nobody is asked to sing alone.",
    joining=Joining.REFERRAL,
    free=False,
    costs=(Cost("a session", 200),),
    wants=("company", "learn"),
    assured_on=CHECKED,
    locations=(Location("Measham Community Centre", "", "Measham", "DE12 7HR"),),
    schedules=(Schedule(byday="TU", opens_at="19:00"),),
    contacts=(Contact("", "", "01632 960113"),),
)
GARDEN = ServiceDetails(
    name="The Friday Garden",
    description="Digging, seeds and soup.",
    joining=Joining.REFERRAL,
    free=True,
    wants=("company", "give"),
    places_left=0,
    waiting_weeks=3,
    assured_on=CHECKED,
    locations=(Location("Mill Lane", "", "Ashby", "LE65 2AB"),),
    schedules=(Schedule(byday="FR", opens_at="13:00"),),
    contacts=(Contact("Bea", "", "01632 960114"),),
)
DEBT = ServiceDetails(
    name="Ashby Debt Advice",
    joining=Joining.DIRECT,
    free=True,
    wants=("debt", "money"),
    assured_on=date(2024, 5, 1),
    locations=(Location("Library", "", "Ashby", "LE65 1BW"),),
    contacts=(Contact("", "", "01632 960115"),),
)


def add(conversation: Conversation, *some: ServiceDetails) -> list[int]:
    """These are in the directory; their ids, in this order."""

    def work(unit: UnitOfWork) -> list[int]:
        return [services.add_service(unit, one) for one in some]

    return run(conversation, work, "staff:1")


def run(conversation: Conversation, work: Any, acting: str = "test") -> Any:
    """Do some work and let what it set off happen."""
    done = conversation.store.run(work, acting=acting).result(timeout=30)
    conversation.run_timers()
    conversation.hear()
    return done


def pause(conversation: Conversation, service_id: int) -> None:
    """A link worker pauses it."""
    conversation.next_line()
    run(conversation, lambda unit: services.pause(unit, service_id, 1), "staff:1")


def places(conversation: Conversation, service_id: int, left: int) -> None:
    """A link worker puts its free places right."""
    conversation.next_line()
    run(conversation, lambda unit: services.correct(unit, service_id, 1, places_left=left), "staff:1")


def places_left(conversation: Conversation, service_id: int) -> int:
    with conversation.reading() as reading:
        return reading.execute(
            service.select().with_only_columns(service.c.places_left).where(service.c.id == service_id)
        ).scalar_one()


def looks(phone: Phone, *lines: str) -> Phone:
    """Somebody who was referred looks for local support, and says these."""
    if not phone.everything:
        refers_themselves(phone)
    begins(phone)
    return says(phone, *lines)


def begins(phone: Phone, flow: str = "find_support") -> None:
    """It is offered to them."""

    def work(unit: UnitOfWork) -> None:
        talk = Talk(unit, phone.conversation.voice, phone.conversation_id)
        engine.start(talk, flow)
        talk.finish()

    phone.conversation.next_line()
    run(phone.conversation, work)


def tasks_of(phone: Phone) -> list[tuple[str, str]]:
    """What a link worker is to do for them: (kind, about what), in the order it came."""
    with phone.conversation.reading() as reading:
        tasks = open_tasks(reading, person_id=phone.person.id)
    return [(task.kind, task.details) for task in sorted(tasks, key=lambda task: task.id)]


def going(phone: Phone) -> list[OnwardReferral]:
    """What they said yes to, newest first."""
    with phone.conversation.reading() as reading:
        return onward_of(reading, phone.person.id)


def suggested(phone: Phone) -> dict[str, str]:
    """What was suggested to them and what they said to it, by name."""
    with phone.conversation.reading() as reading:
        return {s.service_name: s.status.value for s in reversed(suggestions_of(reading, phone.person.id))}


def said_yes(phone: Phone) -> dict[str, bool]:
    """What the ledger has of telling services."""
    with phone.conversation.reading() as reading:
        entries = consents.entries(reading, phone.person.id)
    return {e.purpose: e.given for e in entries if e.purpose.startswith("tell-")}
