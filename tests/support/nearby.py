"""Invented services near Ashby, and what somebody wants of them, for tests and for looking round.

near = seed_services(store, ashby)
near.allotment.token
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.casework import plans
from bot.directory import services
from bot.directory.details import Contact, Cost, Location, Organisation, Schedule, ServiceDetails
from bot.directory.onward import TELL, refer, tell_service
from bot.directory.outcomes import record_outcome
from bot.directory.services import Service
from bot.directory.suggestions import answer_suggestion, offer
from bot.messages import ChannelName
from bot.people import consents, contact_points, persons
from bot.store.engines import Store
from bot.store.tables import (
    Heading,
    Joining,
    Ledger,
    Onward,
    Outcome,
    SuggestionStatus,
    service,
    service_check,
)  # fmt: skip
from bot.store.unit_of_work import UnitOfWork
from tests.support.seeds import HOURS, Ashby, Seeded, Seeder

ALLOTMENT = ServiceDetails(
    name="Holywell Allotment Mornings",
    organisation=Organisation("Ashby Growers"),
    description="Grow vegetables together. Somebody meets you at the gate the first time. Tea at eleven.",
    url="https://growers.ashby.example",
    free=True,
    eligibility="Anyone in or near Ashby",
    minimum_age=18,
    wants=("company", "active", "notice"),
    eases=("nerves", "someone_along", "cost"),
    languages=("cy",),
    accessibility="Level paths, a raised bed and a toilet",
    joining=Joining.EITHER,
    locations=(
        Location(
            "Holywell Allotments", "Mill Lane", "Ashby", "LE65 1AB", 52.75, -1.47, "Level from the car park"
        ),
    ),
    schedules=(Schedule(byday="TU,FR", opens_at="10:00", closes_at="12:00"),),
    contacts=(Contact("Nia Moss", "Who runs it", "01632 960201", "hello@growers.ashby.example"),),
    places_left=4,
)
LUNCH = ServiceDetails(
    name="Thursday Lunch Club",
    organisation=Organisation("Measham Friends"),
    description="A hot lunch in company.",
    free=False,
    fees="£4 for two courses",
    wants=("company", "food_energy"),
    eases=("getting_there",),
    joining=Joining.DIRECT,
    locations=(Location("Village hall", "High Street", "Measham", "DE12 7HR", 52.71, -1.51),),
    schedules=(Schedule(byday="TH", opens_at="12:00", closes_at="14:00"),),
    costs=(Cost("Lunch", 400),),
    contacts=(Contact(phone="01632 960202"),),
)
DEBT = ServiceDetails(
    name="Money Advice Drop-in",
    organisation=Organisation("Ashby Advice"),
    description="Help with debt, benefits and bills, in private.",
    free=True,
    wants=("money", "debt", "benefits"),
    eases=("cost", "language"),
    languages=("pl", "cy"),
    joining=Joining.DIRECT,
    locations=(Location("Library", "North Street", "Ashby", "LE65 1HU", 52.748, -1.472),),
    schedules=(Schedule(byday="MO,WE", opens_at="09:30", closes_at="16:00"),),
    contacts=(Contact(phone="01632 960203"),),
    waiting_weeks=2,
)
CHOIR = ServiceDetails(
    name="Sing For Breath",
    organisation=Organisation("Coalville Singers"),
    description="Singing for people who are short of breath. No need to read music.",
    free=True,
    wants=("company", "learn"),
    eases=("nerves", "health_access"),
    locations=(Location("Methodist church", "Bridge Road", "Coalville", "LE67 3PW", 52.72, -1.37),),
    schedules=(Schedule(freq="MONTHLY", byday="1MO,3MO", opens_at="14:00", closes_at="15:30"),),
)
ONLINE = ServiceDetails(
    name="Evening Telephone Circle",
    organisation=Organisation("Ringing Round"),
    description="Six people and a host talk on the telephone for an hour.",
    free=True,
    wants=("company",),
    eases=("getting_there", "nerves", "time"),
    online=True,
    schedules=(Schedule(byday="SU", opens_at="18:00", closes_at="19:00"),),
)
WALKS = ServiceDetails(
    name="Slow Walks",
    organisation=Organisation("Ashby Growers"),
    description="A mile at the pace of the slowest.",
    free=True,
    wants=("active", "company"),
    locations=(Location("Bath Grounds", "", "Ashby", "LE65 2GP", 52.746, -1.477),),
)


@dataclass(slots=True)
class Near:
    """The services seeded, by short name."""

    services: dict[str, Service]

    def __getattr__(self, name: str) -> Service:
        try:
            return self.services[name]
        except KeyError:
            raise AttributeError(name) from None


def seed_services(store: Store, ashby: Ashby) -> Near:
    """Six services: one open and checked, a paused one, one its feed lost, one nobody checked for long."""

    def work(unit: UnitOfWork) -> Near:
        today = unit.now.date()
        s = Seeder(unit)

        def put(details: ServiceDetails, days: int | None, **columns: Any) -> int:
            assured = today - timedelta(days=days) if days is not None else None
            made = s.at(
                60 * 24 * 40,
                lambda u: services.add_service(u, _with(details, assured)),
                f"staff:{ashby.bea}",
            )
            if columns:
                unit.execute(service.update().where(service.c.id == made).values(**columns))
            return made

        ids = {
            "allotment": put(ALLOTMENT, 20),
            "lunch": put(LUNCH, 300),
            "debt": put(DEBT, 45),
            "choir": put(CHOIR, 60, source="ashby-feed", gone_from_source_at=s.now - timedelta(days=3)),
            "online": put(ONLINE, 10, example=True),
            "walks": put(WALKS, 90),
        }
        services.pause(unit, ids["walks"], ashby.ali, "The leader is ill", until=date(2026, 4, 1))
        unit.insert(
            service_check, service_id=ids["lunch"], at=s.now - timedelta(days=1), what="phone",
            why="01632 960202 is answered by somebody else",
        )  # fmt: skip
        return Near({name: services.service_of(unit, i) for name, i in ids.items()})

    return store.run(work, acting="test").result(60)


def _with(details: ServiceDetails, assured: date | None) -> ServiceDetails:
    return replace(details, assured_on=assured)


def seed_plan(store: Store, ashby: Ashby, near: Near) -> None:
    """Ray told what matters. He went to the allotment, is on the way to lunch, and Bea thinks of one more."""

    def work(unit: UnitOfWork) -> None:
        s, ray = Seeder(unit), ashby.ray
        s.at(1300, lambda u: _plan_of_ray(u, s, ray), "person")
        persons.plan_contact(unit, ray.person_id, outward="LE65")
        ten = s.now.replace(hour=10, minute=0)
        went = _says_yes(s, ray, near.allotment, ago=1200, reasons=["want:company", "near:1"], session=ten)
        s.at(15, lambda u: record_outcome(u, went, Outcome.ATTENDED, by="person", words=DUG))
        goes = _says_yes(
            s, ray, near.lunch, ago=300, reasons=["want:company"], session=ten + timedelta(days=2, hours=2),
            kind=Onward.REFERRED,
        )  # fmt: skip
        tell = f"{TELL}:{near.lunch.id}"
        s.at(297, lambda u: consents.record(u, ray.person_id, Ledger.AGREEMENT, tell, True, language="en"))
        tell_service(unit, goes, HOURS, by_mail=False)
        no = s.at(95, lambda u: offer(u, ray.person_id, near.online.id, ["want:company", "online"]))
        s.at(94, lambda u: answer_suggestion(u, no, SuggestionStatus.DECLINED, why_not="nerves"))
        s.at(90, lambda u: offer(u, ray.person_id, near.debt.id, by=f"staff:{ashby.bea}"))

    store.run(work, acting="test").result(60)


#: Fourteen people in two areas: enough for numbers to be shown, and one few to hide.
WANTED = (
    *[("LE65", ("company", "debt"), "nerves")] * 8,
    *[("DE12", ("company", "getting_around"), "cost")] * 3,
    *[("DE12", ("company", "getting_around", "housing"), "nerves")] * 3,
)


def seed_wants(store: Store) -> None:
    """People who said what they want and what gets in the way; what gaps are counted from."""

    def work(unit: UnitOfWork) -> None:
        for nth, (area, wants, barrier) in enumerate(WANTED):
            who = contact_points.first_contact(
                unit, ChannelName.SMS, f"+4477009003{nth:02}", language="en", zone="Europe/London"
            ).person_id
            persons.agreed(unit, who)
            persons.plan_contact(unit, who, outward=area)
            plan_id = plans.start_plan(unit, who)
            for code in wants:
                plans.add_line(unit, plan_id, Heading.WANT, code=code)
            plans.add_line(unit, plan_id, Heading.BARRIER, code=barrier)

    store.run(work, acting="test").result(60)


DUG = "I dug two rows. Nia was kind."


def _says_yes(
    s: Seeder,
    who: Seeded,
    one: Service,
    *,
    ago: float,
    reasons: list[str],
    session: datetime,
    kind: Onward = Onward.SIGNPOSTED,
) -> int:
    s.hears(who, f"{one.name}: would you like to go?", ago=ago)
    made = s.at(ago, lambda u: offer(u, who.person_id, one.id, reasons))
    yes = s.says(who, "1", ago=ago - 2)
    s.at(ago - 2, lambda u: answer_suggestion(u, made, SuggestionStatus.ACCEPTED, inbox_id=yes))
    return s.at(
        ago - 2,
        lambda u: (
            refer(u, who.person_id, one.id, kind, suggestion_id=made, first_session_at=session).onward_id
        ),
    )


def _plan_of_ray(unit: UnitOfWork, s: Seeder, ray: Seeded) -> None:
    plan_id = plans.start_plan(unit, ray.person_id)

    def answers(question: str, words: str, ago: float) -> int:
        s.hears(ray, question, ago=ago + 0.5)
        return s.says(ray, words, ago=ago)

    matters = answers("What matters to you just now?", "Being with people again, and growing things", 1299)
    plans.add_line(
        unit, plan_id, Heading.MATTERS, words="Being with people again, and growing things", inbox_id=matters
    )
    well = answers("What is going well?", "My garden. And my sister rings on Sundays", 1298)
    plans.add_line(
        unit, plan_id, Heading.GOING_WELL, words="My garden. And my sister rings on Sundays", inbox_id=well
    )
    wants = answers("What would you like more of? Pick as many as you like.", "1 3", 1297)
    for code in ("company", "active"):
        plans.add_line(unit, plan_id, Heading.WANT, code=code, inbox_id=wants)
    plans.add_line(unit, plan_id, Heading.WANT, words="my knees, sorting out", inbox_id=wants)
    stops = answers("What gets in the way?", "nerves", 1296)
    plans.add_line(unit, plan_id, Heading.BARRIER, code="nerves", inbox_id=stops)
    plans.add_line(unit, plan_id, Heading.HELP, code="someone_along", inbox_id=stops)
    meets = answers("Where and when do you like to meet?", "a cafe, mornings, with my sister", 1295)
    plans.add_line(unit, plan_id, Heading.MEETING, code="cafe", inbox_id=meets)
    plans.add_line(unit, plan_id, Heading.WHEN, words="mornings", inbox_id=meets)
    plans.add_line(unit, plan_id, Heading.WITH_WHOM, words="my sister", inbox_id=meets)
    step = answers("What is one small step you could take?", "go to the allotment once", 1294)
    plans.add_line(unit, plan_id, Heading.STEP, words="go to the allotment once", inbox_id=step)
    plans.add_line(unit, plan_id, Heading.IMPORTANCE, number=9, inbox_id=step)
    plans.add_line(
        unit, plan_id, Heading.WHY_IMPORTANT, words="it was our place, mine and Joan's", inbox_id=step
    )
    plans.add_line(unit, plan_id, Heading.CONFIDENCE, number=4, inbox_id=step)
    plans.agree(unit, plan_id)
