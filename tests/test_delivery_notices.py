"""Notices to staff: that something waits, how urgent it is, where to look, and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.casework.escalation import Alarm
from bot.casework.handoffs import close_handoff, open_handoff, pick_up
from bot.casework.staffing import add_staff
from bot.clock import OpeningHours
from bot.delivery.notices import NoticeSender
from bot.messages import ChannelName, Refused, Sent, Status, Uncertain
from bot.outbox.notices import not_told, queue_notices
from bot.people.contact_points import first_contact
from bot.people.persons import call
from bot.store.tables import Role, notice, staff
from tests.support.sending import FakeChannel, until

TUESDAY_10PM = datetime(2026, 3, 3, 22, 0, tzinfo=UTC)
WEDNESDAY_9AM = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


@dataclass
class Team:
    """Staff, what reaches them, and someone who waits for them."""

    post: object
    hours: OpeningHours
    emails: list[tuple[str, str, str]] = field(default_factory=list)
    answers: list[object] = field(default_factory=list)

    def __post_init__(self):
        self.telegram = FakeChannel(ChannelName.TELEGRAM)
        self.sender = self.a_sender()

    def a_sender(self, **given):
        return NoticeSender(
            self.post.store, self.post.settings, **{"email": self.email, "telegram": self.telegram} | given
        )

    async def email(self, to, subject, body):
        self.emails.append((to, subject, body))
        return self.answers.pop(0) if self.answers else Sent("<1@ashby.example>")

    def has(self, name, alert_by="email", hours=None):
        def work(unit):
            id_ = add_staff(unit, f"{name}@ashby.example", name.title(), Role.LINK_WORKER)
            chat = unit.sealer.seal("7001") if alert_by == "telegram" else None
            unit.execute(
                update(staff)
                .where(staff.c.id == id_)
                .values(alert_by=alert_by, hours=hours, telegram_chat=chat)
            )
            return id_

        return self.post.done(work)

    def someone_waits(self, level=None, reason="referral", **more):
        def work(unit):
            n = self.post.clock.now().timestamp()
            point = first_contact(unit, ChannelName.WEB, f"Ray{n}", language="en", zone="Europe/London")
            call(unit, point.person_id, "Ray")
            return open_handoff(
                unit, point.conversation_id, reason=reason, level=level, rank=40 if level else 0, **more
            )

        self.post.clock.forward(seconds=1)
        return self.post.done(work)

    def notices(self):
        with self.post.store.reading() as reading:
            return list(reading.execute(select(notice).order_by(notice.c.id)))


@pytest.fixture
def team(post, hours):
    return Team(post, hours)


async def test_a_link_worker_hears_that_something_waits_and_nothing_else(team):
    team.has("bea")
    team.someone_waits()

    assert await team.sender.send_due() == 1

    assert team.emails == [
        ("bea@ashby.example", "Someone is waiting", "Please look: http://127.0.0.1:8000/staff/")
    ]
    assert team.notices()[0].sent_at == team.post.clock.now()


@pytest.mark.parametrize(
    ("level", "said"),
    [("danger-now", "danger now"), ("risk", "risk"), ("abuse", "possible abuse"), ("worry", "worry")],
)
async def test_how_urgent_it_is_comes_first(team, level, said):
    team.has("bea", "telegram")
    team.someone_waits(level)

    await team.sender.send_due()

    [told] = team.telegram.carried
    assert told.address == "7001"
    assert told.text == f"Someone is waiting: {said}\nPlease look: http://127.0.0.1:8000/staff/"


async def test_only_those_who_asked_to_be_told_are_told(team):
    team.has("bea")
    team.has("ali", "none")
    gone = team.has("sam")
    team.post.done(lambda unit: unit.execute(update(staff).where(staff.c.id == gone).values(active=False)))

    team.someone_waits()
    await team.sender.send_due()

    assert [to for to, _, _ in team.emails] == ["bea@ashby.example"]


@pytest.mark.parametrize("level", [None, "danger-now", "risk", "abuse", "worry"])
async def test_nobody_is_woken_at_night(team, level):
    team.has("bea")
    team.post.clock.set(TUESDAY_10PM)
    team.someone_waits(level)

    await team.sender.send_due()
    assert team.emails == []

    team.post.clock.set(WEDNESDAY_9AM)
    await team.sender.send_due()
    assert len(team.emails) == 1


async def test_everyone_is_told_in_the_hours_they_set(team):
    team.has("bea", hours="Mon-Fri 12:00-16:00")
    team.has("ali", hours="Mon-Sun 07:00-23:00")
    team.has("sam", hours="whenever")  # what cannot be read is the team's hours
    team.post.clock.set(TUESDAY_10PM)
    team.someone_waits()

    await team.sender.send_due()
    assert [to for to, _, _ in team.emails] == ["ali@ashby.example"]
    team.post.clock.set(WEDNESDAY_9AM)
    await team.sender.send_due()
    assert [to for to, _, _ in team.emails[1:]] == ["sam@ashby.example"]
    team.post.clock.forward(hours=3)
    await team.sender.send_due()
    assert [to for to, _, _ in team.emails[2:]] == ["bea@ashby.example"]


@pytest.mark.parametrize(("level", "at_night"), [("danger-now", 1), ("risk", 1), ("abuse", 1), ("worry", 0)])
async def test_a_team_with_a_rota_at_all_hours_is_called_at_all_hours(team, level, at_night):
    team.post.settings.out_of_hours = "staffed"
    team.has("bea")
    team.post.clock.set(TUESDAY_10PM)
    team.someone_waits(level)

    await team.sender.send_due()

    assert len(team.emails) == at_night


async def test_the_time_is_known_beforehand_where_the_hours_are(team, hours):
    team.has("bea")
    team.post.clock.set(TUESDAY_10PM)
    handoff = team.someone_waits()
    team.post.done(lambda unit: unit.execute(notice.delete()))

    team.post.done(lambda unit: queue_notices(unit, handoff_id=handoff, hours=hours))

    assert team.notices()[0].due_at == WEDNESDAY_9AM


async def test_many_who_wait_are_one_notice_with_the_worst_level(team):
    team.has("bea")
    team.post.clock.set(TUESDAY_10PM)
    for level in (None, "worry", "danger-now", "risk"):
        team.someone_waits(level)

    team.post.clock.set(WEDNESDAY_9AM)
    await team.sender.send_due()

    assert [subject for _, subject, _ in team.emails] == ["4 people are waiting: danger now"]
    assert all(row.sent_at for row in team.notices())


async def test_a_handoff_that_becomes_worse_is_told_once_with_the_worse_level(team):
    team.has("bea")
    team.post.clock.set(TUESDAY_10PM)
    handoff = team.someone_waits("worry")
    team.post.done(lambda unit: queue_notices(unit, level="risk", handoff_id=handoff))
    team.post.done(lambda unit: queue_notices(unit, level=None, handoff_id=handoff))

    team.post.clock.set(WEDNESDAY_9AM)
    await team.sender.send_due()

    assert [subject for _, subject, _ in team.emails] == ["Someone is waiting: risk"]


async def test_what_somebody_picked_up_meanwhile_is_told_to_nobody(team):
    bea = team.has("bea")
    team.post.clock.set(TUESDAY_10PM)
    held, closed = team.someone_waits(), team.someone_waits()
    later = TUESDAY_10PM + timedelta(days=1)
    for handoff in (held, closed):
        team.post.done(lambda unit, handoff=handoff: pick_up(unit, handoff, bea, until=later))
    team.post.done(lambda unit: close_handoff(unit, closed, bea, "helped", ""))

    team.post.clock.set(WEDNESDAY_9AM)
    await team.sender.send_due()

    assert team.emails == []
    with team.post.store.reading() as reading:
        assert not_told(reading, TUESDAY_10PM) == []


async def test_a_concern_noticed_after_it_was_picked_up_is_told(team):
    bea = team.has("bea")
    handoff = team.someone_waits()
    await team.sender.send_due()
    later = team.post.clock.now() + timedelta(hours=5)
    team.post.done(lambda unit: pick_up(unit, handoff, bea, until=later))
    team.post.clock.forward(minutes=10)

    team.post.done(lambda unit: queue_notices(unit, level="risk", handoff_id=handoff))
    await team.sender.send_due()

    assert [subject for _, subject, _ in team.emails] == ["Someone is waiting", "Someone is waiting: risk"]


async def test_in_closed_hours_danger_reaches_the_duty_contact_and_says_neither_name_nor_words(team):
    mo = team.has("mo", "none", hours="Mon 10:00-11:00")
    team.has("bea")
    team.post.settings.duty_contact = "Mo Akhtar, 07700 900111, mo@ashby.example"
    team.post.clock.set(TUESDAY_10PM)
    alarm = Alarm.of(team.post.settings)
    handoff = team.someone_waits("danger-now", hours=team.hours, alarm=alarm)

    assert await team.sender.send_due() == 1

    assert team.emails == [
        ("mo@ashby.example", "Someone is waiting: danger now", "Please look: http://127.0.0.1:8000/staff/")
    ]
    team.post.clock.set(WEDNESDAY_9AM)
    team.post.done(lambda unit: pick_up(unit, handoff, mo, until=WEDNESDAY_9AM + timedelta(hours=1)))
    assert await team.sender.send_due() == 0, "the others need not be told any more"


@pytest.mark.parametrize(
    "trouble", [Refused("not-connected", Status.TEMPORARY_FAILURE), Uncertain("broken-off")]
)
async def test_what_did_not_go_is_tried_again(team, trouble):
    team.has("bea")
    team.answers = [trouble]
    team.someone_waits("risk")

    assert await team.sender.send_due() == 0
    assert await team.sender.send_due() == 0
    team.post.clock.forward(seconds=15)
    assert await team.sender.send_due() == 1
    assert len(team.emails) == 2


async def test_what_keeps_failing_can_be_seen(team):
    bea = team.has("bea")
    team.answers = [Refused("not-connected", Status.TEMPORARY_FAILURE)] * 9
    began = team.post.clock.now()
    team.someone_waits("risk")

    for _ in range(9):
        await team.sender.send_due()
        team.post.clock.forward(minutes=15)

    assert len(team.emails) == 5
    with team.post.store.reading() as reading:
        [failed] = not_told(reading, began)
    assert (failed.staff_id, failed.by, failed.why) == (bea, "email", "not-connected")


async def test_an_address_nobody_has_is_not_tried_twice(team):
    team.has("bea")
    team.answers = [Refused("550", Status.PERMANENT_FAILURE, unreachable=True)]
    team.someone_waits()

    await team.sender.send_due()
    team.post.clock.forward(hours=1)
    await team.sender.send_due()

    assert len(team.emails) == 1
    assert team.notices()[0].failed == "550"


async def test_a_way_that_is_not_set_up_is_said_so(team):
    team.has("bea")
    team.has("ali", "telegram")
    team.someone_waits()

    await team.a_sender(email=None, telegram=None).send_due()

    assert [row.failed for row in team.notices()] == ["not-set-up", "not-set-up"]


async def test_two_processes_tell_them_once(team):
    team.has("bea")
    team.someone_waits()

    await asyncio.gather(team.sender.send_due(), team.a_sender().send_due())

    assert len(team.emails) == 1


async def test_a_notice_goes_by_itself_and_trouble_does_not_end_it(team):
    team.has("bea")

    async def breaks(to, subject, body):
        await team.email(to, subject, body)
        raise ZeroDivisionError

    service = asyncio.create_task(team.a_sender(email=breaks).run())
    try:
        await asyncio.sleep(0)
        team.someone_waits()
        await until(lambda: len(team.emails) == 1)
        team.someone_waits()
        await until(lambda: len(team.emails) == 2)
        assert not service.done()
    finally:
        service.cancel()
        await asyncio.gather(service, return_exceptions=True)
