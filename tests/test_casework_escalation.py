"""Who is told that someone waits, and who is told next; in closed hours nobody is woken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.casework import concerns, escalation, handoffs, staffing
from bot.casework.handoff_events import events_of
from bot.store.tables import notice
from tests.support.people import RAY, comes, timers, works_here, writes
from tests.support.web_site import settings


@pytest.fixture
def ray(done):
    return comes(done, RAY)


@pytest.fixture
def bob(done):
    return works_here(done, "Bob Jones", alert_by="telegram")


@pytest.fixture
def lead(done):
    return works_here(done, "Lena Lead", "lead", alert_by="email")


def opens(done, hours, point, level="risk", rank=30, **more):
    return done(
        lambda unit: handoffs.open_handoff(
            unit, point.conversation_id, reason="concern", level=level, rank=rank, hours=hours, **more
        ),
        acting="person",
    )


def notices(store):
    with store.reading() as reading:
        return [
            (n.staff_id, n.level, n.due_at) for n in reading.execute(select(notice).order_by(notice.c.id))
        ]


def all_sent(done):
    done(lambda unit: unit.execute(update(notice).values(sent_at=unit.now)))


def falls_due(store, done, hours, clock, handoff_id, **more):
    """Go to when the timer "escalate" falls due, and let it."""
    with store.reading() as reading:
        (due,) = timers(reading, "escalate")
    assert due.subject == f"handoff:{handoff_id}"
    clock.set(due.due_at)
    return done(lambda unit: escalation.escalate(unit, handoff_id, hours=hours, **more), acting="timer")


def test_everyone_who_asked_is_told_and_a_clock_runs(store, done, hours, ray, bob, lead, clock):
    works_here(done, "Quiet Kim")

    opens(done, hours, ray)

    assert notices(store) == [(bob, "risk", clock.now()), (lead, "risk", clock.now())]
    with store.reading() as reading:
        assert [t.due_at for t in timers(reading, "escalate")] == [clock.now() + timedelta(minutes=15)]


def test_if_nobody_picks_it_up_the_leads_are_told_again(store, done, hours, ray, bob, lead, clock):
    waiting = opens(done, hours, ray)
    all_sent(done)

    assert falls_due(store, done, hours, clock, waiting) == 1

    assert notices(store)[2:] == [(lead, "risk", clock.now())]
    with store.reading() as reading:
        assert events_of(reading, waiting)[-1].what == "leads alerted"


def test_once_somebody_has_it_nobody_else_is_told(store, done, hours, ray, bob, lead):
    waiting = opens(done, hours, ray)
    done(lambda unit: handoffs.pick_up(unit, waiting, bob, until=hours.closing(unit.now)))

    with store.reading() as reading:
        assert timers(reading, "escalate") == []
        assert escalation.next_to_tell(reading, waiting, hours=hours) == []
    assert done(lambda unit: escalation.escalate(unit, waiting, hours=hours)) == 0


def test_a_concern_noticed_while_somebody_holds_it_goes_to_the_lead_if_they_do_not_look(
    store, done, hours, ray, bob, lead, clock
):
    held = done(lambda unit: handoffs.open_handoff(unit, ray.conversation_id, reason="person", hours=hours))
    done(lambda unit: handoffs.pick_up(unit, held, bob, until=hours.closing(unit.now)))
    message = writes(done, ray, "I cannot go on")
    done(
        lambda unit: concerns.record_concern(
            unit, ray.conversation_id, message, level="risk", category="suicide", why=["a"], hours=hours
        )
    )
    all_sent(done)

    assert falls_due(store, done, hours, clock, held) == 1


def test_more_of_the_same_does_not_set_the_clock_back(store, done, hours, ray, bob, clock):
    opens(done, hours, ray)
    began = clock.now()
    clock.forward(minutes=10)

    opens(done, hours, ray)
    opens(done, hours, ray, level="danger-now", rank=40)

    with store.reading() as reading:
        assert [t.due_at for t in timers(reading, "escalate")] == [began + timedelta(minutes=15)]


def test_a_worry_runs_no_clock(store, done, hours, ray, bob):
    opens(done, hours, ray, level="worry", rank=10)

    assert len(notices(store)) == 1
    with store.reading() as reading:
        assert timers(reading, "escalate") == []


@pytest.mark.parametrize("level", ["danger-now", "risk", "abuse", "worry"])
def test_in_closed_hours_nobody_is_woken(store, done, hours, ray, bob, lead, clock, level):
    clock.set(hours.closing(clock.now()) + timedelta(hours=5))
    opening = hours.next_opening(clock.now())

    waiting = opens(done, hours, ray, level=level)

    assert {due for _, _, due in notices(store)} == {opening}
    if level != "worry":
        all_sent(done)
        assert falls_due(store, done, hours, clock, waiting) == 1
        assert clock.now() == opening + timedelta(minutes=15)


def test_a_clock_that_runs_out_after_closing_waits_for_the_morning(store, done, hours, ray, lead, clock):
    waiting = opens(done, hours, ray)
    all_sent(done)
    clock.set(hours.closing(clock.now()) + timedelta(minutes=1))

    assert done(lambda unit: escalation.escalate(unit, waiting, hours=hours)) == 0

    opening = hours.next_opening(clock.now())
    with store.reading() as reading:
        assert timers(reading, "escalate")[-1].due_at == opening + timedelta(minutes=15)


def test_a_team_with_a_rota_at_all_hours_is_told_now(store, done, hours, ray, bob, lead, clock):
    clock.set(hours.closing(clock.now()) + timedelta(hours=5))

    waiting = opens(done, hours, ray, level="danger-now", rank=40, staffed=True)

    assert {due for _, _, due in notices(store)} == {clock.now()}
    all_sent(done)
    assert falls_due(store, done, hours, clock, waiting, staffed=True) == 1
    assert notices(store)[-1] == (lead, "danger-now", clock.now())


MO = escalation.Alarm(duty="mo@ashby.example")


def test_in_closed_hours_danger_goes_to_the_duty_contact_at_once(store, done, hours, ray, bob, clock):
    mo = works_here(done, "Mo Akhtar")  # who asked for no alerts
    done(lambda unit: staffing.set_alerts(unit, mo, alert_by="none", hours="Mon-Fri 13:00-14:00"))
    clock.set(hours.closing(clock.now()) + timedelta(hours=5))

    waiting = opens(done, hours, ray, level="danger-now", rank=40, alarm=MO)

    opening = hours.next_opening(clock.now())
    assert notices(store) == [(bob, "danger-now", opening), (mo, "danger-now", clock.now())]
    with store.reading() as reading:
        assert reading.execute(select(notice.c.by).where(notice.c.staff_id == mo)).scalar_one() == "email"
        assert "duty contact alerted" in [event.what for event in events_of(reading, waiting)]


def test_the_duty_contact_hears_by_telegram_if_that_is_their_way(store, done, hours, ray, clock):
    mo = works_here(done, "Mo Akhtar", alert_by="telegram")
    clock.set(hours.closing(clock.now()) + timedelta(hours=5))

    opens(done, hours, ray, level="danger-now", rank=40, alarm=MO)

    assert notices(store) == [(mo, "danger-now", clock.now())]
    with store.reading() as reading:
        assert reading.execute(select(notice.c.by)).scalar_one() == "telegram"


@pytest.mark.parametrize("level", ["risk", "abuse", "worry", None])
def test_the_duty_contact_is_woken_for_danger_alone(store, done, hours, ray, clock, level):
    works_here(done, "Mo Akhtar")
    clock.set(hours.closing(clock.now()) + timedelta(hours=5))

    opens(done, hours, ray, level=level, alarm=MO)

    assert notices(store) == []


def test_in_open_hours_and_with_a_rota_the_duty_contact_is_one_of_the_team(store, done, hours, ray, clock):
    works_here(done, "Mo Akhtar")
    opens(done, hours, ray, level="danger-now", rank=40, alarm=MO)
    clock.set(hours.closing(clock.now()) + timedelta(hours=5))
    opens(done, hours, ray, level="danger-now", rank=40, alarm=MO, staffed=True)

    assert notices(store) == []


def test_a_duty_contact_who_has_left_is_not_told(store, done, hours, ray, clock):
    mo = works_here(done, "Mo Akhtar")
    done(lambda unit: staffing.set_active(unit, mo, False))
    clock.set(hours.closing(clock.now()) + timedelta(hours=5))

    opens(done, hours, ray, level="danger-now", rank=40, alarm=MO)

    assert notices(store) == []


def test_how_soon_the_leads_hear_is_the_teams_to_set(store, done, hours, ray, lead, clock):
    opens(done, hours, ray, alarm=escalation.Alarm(minutes=5))

    with store.reading() as reading:
        assert [t.due_at for t in timers(reading, "escalate")] == [clock.now() + timedelta(minutes=5)]


@pytest.mark.parametrize(
    ("named", "email"),
    [
        ("Mo Akhtar, 07700 900111, mo@ashby.example", "mo@ashby.example"),
        ("Mo <mo@ashby.example>", "mo@ashby.example"),
        ("mo@ashby.example", "mo@ashby.example"),
        ("Mo Akhtar, 07700 900111", ""),
        ("", ""),
    ],
)
def test_the_duty_contact_may_be_named_with_a_number_and_an_address(named, email):
    assert escalation.Alarm.of(settings(duty_contact=named, pick_up_within_minutes=7)) == (
        escalation.Alarm(7, email)
    )


def test_each_lead_is_told_in_their_own_hours(store, done, hours, ray, lead, clock):
    done(lambda unit: staffing.set_alerts(unit, lead, alert_by="email", hours="Mon-Fri 13:00-17:00"))
    waiting = opens(done, hours, ray)
    all_sent(done)

    with store.reading() as reading:
        (next_,) = escalation.next_to_tell(reading, waiting, hours=hours)

    assert (next_.staff_id, next_.by) == (lead, "email")
    assert next_.due_at == clock.now().replace(hour=13)


def test_hours_that_are_none_are_refused(done, lead):
    with pytest.raises(ValueError):
        done(lambda unit: staffing.set_alerts(unit, lead, alert_by="email", hours="whenever"))
    with pytest.raises(ValueError):
        done(lambda unit: staffing.set_alerts(unit, lead, alert_by="pigeon", hours=None))
