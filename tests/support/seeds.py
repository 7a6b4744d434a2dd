"""A few invented people, their concerns and what waits, for tests and for looking at the staff pages.

    ashby = seed(store)
    ashby.ray.token, ashby.ray.handoff_id

Numbers are from the range kept for fiction (07700 900000-900999).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher

from bot.casework import handoffs, staffing
from bot.casework.concerns import ConcernRecorded, record_concern
from bot.casework.referrals import open_referral
from bot.casework.unanswered import note_unanswered
from bot.clock import OpeningHours
from bot.messages import RANK, ChannelName, Kind, Status
from bot.outbox.queue import queue_message
from bot.people import access_needs, consents, contact_points, persons
from bot.people.safe_contact import Purpose
from bot.safety.noticing import Level, notice
from bot.store.engines import Store
from bot.store.tables import Handling, Ledger, Role, Safe, conversation, inbox, outbox, staff
from bot.store.unit_of_work import UnitOfWork

HOURS = OpeningHours.parse("Mon-Fri 09:00-17:00")
PASSWORD = "purple kettle mountain"
#: Checked as quickly as argon2 can: its cost is part of what is kept.
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass(slots=True)
class Seeded:
    """One invented person, as the tests need them."""

    person_id: int
    token: str
    conversation_id: int
    point_id: int
    handoff_id: int = 0
    case_id: int = 0
    concern_id: int = 0
    inbox_id: int = 0


@dataclass(slots=True)
class Ashby:
    """Everyone seeded. `sam` administers, `bea` and `ali` are link workers, `lou` leads."""

    sam: int
    bea: int
    ali: int
    lou: int
    people: dict[str, Seeded]

    def __getattr__(self, name: str) -> Seeded:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


def add_worker(unit: UnitOfWork, email: str, name: str, role: Role) -> int:
    """A worker who can sign in with PASSWORD; the second step is not set up."""
    made = staffing.add_staff(unit, email, name, role)
    unit.execute(staff.update().where(staff.c.id == made).values(password=_QUICK))
    return made


class Seeder:
    """Lets people say things, as they were said so many minutes before one unit of work's instant."""

    def __init__(self, unit: UnitOfWork):
        self.unit = unit
        self.now: datetime = unit.now

    def at(self, minutes_ago: float, work: Any, acting: str = "person") -> Any:
        """Do `work(unit)` as it was so many minutes ago."""
        unit, before = self.unit, self.unit.acting
        unit.now, unit.acting = self.now - timedelta(minutes=minutes_ago), acting
        try:
            return work(unit)
        finally:
            unit.now, unit.acting = self.now, before

    def someone(
        self,
        address: str,
        *,
        ago: float,
        name: str = "",
        safe: Safe = Safe.ONLY_ME,
        source: str | None = None,
        channel: ChannelName = ChannelName.SMS,
        **plan: str,
    ) -> Seeded:
        """Someone who has written to us."""

        def work(unit: UnitOfWork) -> Seeded:
            point = contact_points.first_contact(
                unit, channel, address, language="en", zone="Europe/London", source=source
            )
            contact_points.heard_from(unit, point.id)
            contact_points.set_safe(unit, point.id, safe)
            if name:
                persons.call(unit, point.person_id, name)
            if plan:
                persons.plan_contact(unit, point.person_id, **plan)
            who = persons.person_of(unit, point.person_id)
            return Seeded(who.id, who.token, who.conversation_id, point.id)

        return self.at(ago, work)

    def says(
        self, who: Seeded, text: str, *, ago: float, level: Level | None = None, unreadable: str | None = None
    ) -> int:
        """They write; the inbox id."""

        def work(unit: UnitOfWork) -> int:
            unit.execute(
                conversation.update()
                .where(conversation.c.id == who.conversation_id)
                .values(last_inbound_at=unit.now, contact_point_id=who.point_id, channel=ChannelName.SMS)
            )
            contact_points.heard_from(unit, who.point_id)
            unit.tell(f"conversation:{who.conversation_id}")
            return unit.insert(
                inbox, channel=ChannelName.SMS, provider_digest=secrets.token_hex(32),
                conversation_id=who.conversation_id, contact_point_id=who.point_id, received_at=unit.now,
                kind=Kind.UNREADABLE if unreadable else Kind.WORDS, unreadable=unreadable,
                body=unit.sealer.seal_json({"text": text}), level=level.value if level else None,
                rank=level.rank if level else 0, handling=Handling.HANDLED, handled_at=unit.now,
            )  # fmt: skip

        return self.at(ago, work)

    def hears(
        self, who: Seeded, text: str, *, ago: float, purpose: Purpose = Purpose.REPLY,
        status: Status = Status.DELIVERED, staff_id: int | None = None, reason: str | None = None,
    ) -> int:  # fmt: skip
        """We say something; the outbox id."""

        def work(unit: UnitOfWork) -> int:
            made = queue_message(
                unit, conversation_id=who.conversation_id, contact_point_id=who.point_id,
                channel=ChannelName.SMS, purpose=purpose, text=text, language="en", staff_id=staff_id,
            )  # fmt: skip
            unit.execute(
                outbox.update()
                .where(outbox.c.id == made)
                .values(status=status, rank=RANK[status], reason=reason, sent_at=unit.now)
            )
            return made

        return self.at(ago, work, acting=f"staff:{staff_id}" if staff_id else "person")

    def refers(
        self,
        who: Seeded,
        content: dict[str, Any],
        *,
        ago: float,
        by: str = "self",
        agree_inbox: int | None = None,
    ) -> None:
        """They said yes: a referral, a case and a place in the queue."""

        def work(unit: UnitOfWork) -> None:
            consents.record(
                unit, who.person_id, Ledger.AGREEMENT, "pass-on", True, prompt="intake.agree",
                words="May I pass this to our link workers?", language="en", inbox_id=agree_inbox,
            )  # fmt: skip
            source = persons.person_of(unit, who.person_id).source
            made = open_referral(
                unit,
                who.person_id,
                who.conversation_id,
                by=by,
                source=source,
                content=content,
                hours=HOURS,
                within_days=5,
            )
            who.handoff_id, who.case_id = made.handoff_id, made.case_id

        self.at(ago, work)

    def waits(self, who: Seeded, reason: str, *, ago: float, **more: Any) -> None:
        """A handoff that is no referral."""

        def work(unit: UnitOfWork) -> int:
            return handoffs.open_handoff(unit, who.conversation_id, reason=reason, **more)

        who.handoff_id = self.at(ago, work)

    def worries_us(self, who: Seeded, text: str, *, ago: float, card: str) -> None:
        """They say something about their safety: a card goes, a concern and a handoff are opened."""
        seen = notice(text)
        assert seen is not None, "safety notices nothing in this"
        who.inbox_id = self.says(who, text, ago=ago, level=seen.level)
        card_id = self.hears(who, card, ago=ago, purpose=Purpose.CARD)
        due = self.now + timedelta(minutes=(15 if seen.level.pages else 240) - ago)

        def work(unit: UnitOfWork) -> ConcernRecorded:
            return record_concern(
                unit, who.conversation_id, who.inbox_id, level=seen.level, category=seen.category,
                why=seen.why, about_self=seen.about_self, due_at=due, card_outbox_id=card_id, hours=HOURS,
            )  # fmt: skip

        made = self.at(ago, work)
        who.concern_id, who.handoff_id = made.concern_id, made.handoff_id

    def picks_up(self, who: Seeded, staff_id: int, *, ago: float) -> None:
        until = self.now + timedelta(hours=6)
        self.at(
            ago,
            lambda unit: handoffs.pick_up(unit, who.handoff_id, staff_id, until=until),
            f"staff:{staff_id}",
        )


CARD = (
    "I am glad you told me. I am a computer, so please talk to a person now:\n999 if you are in danger\n"
    "111 then 2, NHS mental health\n116 123 Samaritans, free\nOr text SHOUT to 85258\nI have told our team."
)


def answers(seeder: Seeder, who: Seeded, said: dict[str, tuple[str, str]], *, ago: float) -> dict[str, Any]:
    """Questions and answers, each kept with its message: what a referral holds."""
    content = {}
    for step, (question, words) in said.items():
        seeder.hears(who, question, ago=ago)
        content[step] = {"words": words, "inbox_id": seeder.says(who, words, ago=ago - 0.5)}
        ago -= 1
    return content


def seed(store: Store) -> Ashby:
    """Everyone, in one transaction. Takes the store empty."""
    return store.run(_seed, acting="test").result(60)


def _seed(unit: UnitOfWork) -> Ashby:
    s = Seeder(unit)
    sam, bea, ali, lou = (
        s.at(60 * 24 * 30, lambda unit, w=worker: add_worker(unit, *w), "test")
        for worker in (
            ("sam@ashby.example", "Sam Field", Role.ADMINISTRATOR),
            ("bea@ashby.example", "Bea Marsh", Role.LINK_WORKER),
            ("ali@ashby.example", "Ali Rahman", Role.LINK_WORKER),
            ("lou@ashby.example", "Lou Carey", Role.LEAD),
        )
    )

    ray = s.someone("+447700900101", ago=1500, name="Ray Poole", source="library-poster", times="any")
    content = answers(
        s, ray,
        {
            "safe": ("Is it safe for us to use this phone?", "1"),
            "times": ("When is a good time to ring you?", "Any weekday, but not before ten"),
            "matters": (
                "What matters to you just now? What would help?",
                "I used to go to the allotment with Joan. Since she died I hardly leave the house. "
                "I would like to be with people again, and to grow things.",
            ),
            "name": ("What name shall we call you?", "Ray Poole"),
        },
        ago=1490,
    )  # fmt: skip
    yes = s.says(ray, "1", ago=1485)
    s.refers(ray, content, ago=1485, agree_inbox=yes)
    s.hears(ray, "Done, Ray. A link worker will ring you within 5 working days.", ago=1485)
    need = s.says(ray, "I don't hear well on the phone, please speak up", ago=1484)
    s.at(
        1484,
        lambda unit: access_needs.record_need(
            unit, ray.person_id, "I don't hear well on the phone, please speak up", "support", inbox_id=need
        ),
    )

    josie = s.someone("+447700900102", ago=4000, name="Josie", safe=Safe.TEXT_ONLY, source="gp-leaflet")
    content = answers(
        s,
        josie,
        {"matters": ("What matters to you just now?", "Money. The meter runs out most nights.")},
        ago=3990,
    )
    s.refers(josie, content, ago=3985)
    s.worries_us(josie, "I want to end it tonight, I have the tablets here", ago=4, card=CARD)

    unsaid = s.someone("+447700900103", ago=42, safe=Safe.NOT_ASKED)
    s.says(unsaid, "HELLO", ago=41)
    s.hears(unsaid, "Hello from Ashby Links. I am a computer. Who is it for?", ago=41)
    s.worries_us(
        unsaid,
        "he locks me in and takes my phone",
        ago=38,
        card="Thank you for telling me. If it is not safe now call 999. If you cannot speak, press 55.",
    )

    amina = s.someone("+447700900104", ago=140, safe=Safe.NO_MESSAGE)
    asked = s.says(amina, "CALL", ago=139)
    s.hears(amina, "OK. A person will ring this number by 5pm Thursday. They will only say Sam.", ago=139)
    s.waits(amina, "call-back", ago=139, sees_from=asked, due_at=s.now + timedelta(hours=7))

    dev = s.someone("+447700900105", ago=300, name="Dev", source="telegram-link")
    s.refers(
        dev,
        answers(s, dev, {"matters": ("What matters to you just now?", "Getting out more")}, ago=290),
        ago=285,
    )
    s.picks_up(dev, ali, ago=200)
    dev.inbox_id = s.says(dev, "", ago=55, unreadable="voice")
    s.hears(
        dev,
        "Sorry, I cannot hear or see that. A person will look by 5pm.",
        ago=55,
        purpose=Purpose.UNREADABLE,
    )

    pryce = s.someone("+447700900106", ago=9000, name="Mrs Pryce", times="mornings", word="marigold")
    s.refers(
        pryce,
        answers(
            s, pryce, {"matters": ("What matters to you just now?", "Someone to talk to in Welsh")}, ago=8990
        ),
        ago=8985,
    )
    s.picks_up(pryce, bea, ago=150)
    s.hears(
        pryce,
        "Hello Mrs Pryce, it is Bea. Is Thursday at ten good for a chat?",
        ago=30,
        purpose=Purpose.STAFF,
        staff_id=bea,
    )
    s.says(pryce, "Thursday is lovely. Is it the same place?", ago=12)
    s.at(12, lambda unit: note_unanswered(unit, pryce.conversation_id, HOURS, 30))

    tom = s.someone("+447700900107", ago=3000, name="Tom", safe=Safe.SHARED, how="I will text you first")
    s.refers(
        tom,
        answers(s, tom, {"matters": ("What matters to you just now?", "A quieter place to live")}, ago=2990),
        ago=2985,
    )
    s.picks_up(tom, ali, ago=400)
    s.says(tom, "Are you there?", ago=75)
    s.at(75, lambda unit: note_unanswered(unit, tom.conversation_id, HOURS, 30))
    s.at(
        45,
        lambda unit: handoffs.back_to_queue(
            unit, tom.handoff_id, waiting_for_reply=True, why="nobody answered in time"
        ),
    )

    people = {
        "ray": ray,
        "josie": josie,
        "unsaid": unsaid,
        "amina": amina,
        "dev": dev,
        "pryce": pryce,
        "tom": tom,
    }
    return Ashby(sam, bea, ali, lou, people)
