"""From a suggestion to being there: what is written down, what a service may see and say, once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.casework.tasks import open_tasks
from bot.directory import onward, outcomes, services
from bot.directory.services import Contact, Organisation, Schedule, ServiceDetails
from bot.directory.sessions import meets_on, next_session
from bot.people import access_needs, consents, contact_points, persons
from bot.store.tables import Ledger, Onward, Outcome, Safe, audit, onward_referral, timer
from tests.support.people import comes, is_referred
from tests.support.stores import HOURS, TUESDAY_10AM

CHOIR = ServiceDetails(
    name="Measham Singers",
    organisation=Organisation("Measham Arts", email="arts@measham.example"),
    contacts=(Contact("Bea", "", "01632 960113"),),
)


@pytest.fixture
def ray(done):
    return comes(done, name="Ray Jones", agrees=True)


@pytest.fixture
def choir(done):
    return done(lambda unit: services.add_service(unit, CHOIR), acting="staff:1")


def safe(done, point, how=Safe.ONLY_ME):
    done(lambda unit: contact_points.set_safe(unit, point.id, how))


def agrees(done, point, service_id, given=True, purpose=onward.TELL):
    work = (point.person_id, Ledger.AGREEMENT, f"{purpose}:{service_id}", given)
    done(lambda unit: consents.record(unit, *work), acting="person")


def refers(done, point, service_id, kind=Onward.REFERRED, **more):
    return done(lambda unit: onward.refer(unit, point.person_id, service_id, kind, **more), acting="person")


def says(done, token, what, **more):
    return done(lambda unit: onward.provider_says(unit, token, what, **more), acting="provider")


def the(store, onward_id):
    with store.reading() as reading:
        return outcomes.onward_by_id(reading, onward_id)


def view(store, token):
    with store.reading() as reading:
        return onward.provider_view(reading, token)


@pytest.fixture
def referred(done, ray, choir):
    """Ray said yes to the choir, and it may know him."""
    safe(done, ray)
    agrees(done, ray, choir)
    return refers(done, ray, choir, ask_at=TUESDAY_10AM + timedelta(days=10))


# Suggested


def test_the_same_suggestion_told_again_is_one_suggestion(done, store, ray, choir):
    first = done(lambda unit: onward.offer(unit, ray.person_id, choir, ["want:company"]))

    assert done(lambda unit: onward.offer(unit, ray.person_id, choir, ["want:company"])) == first
    done(lambda unit: onward.answer_suggestion(unit, first, "declined", why_not="cost"))
    assert done(lambda unit: onward.offer(unit, ray.person_id, choir)) != first
    with store.reading() as reading:
        newest, oldest = onward.suggestions_of(reading, ray.person_id)
    assert (oldest.status.value, oldest.why_not, oldest.reasons) == ("declined", "cost", ["want:company"])
    assert newest.status.value == "offered"


# The service's link


def test_a_service_sees_a_first_name_and_the_safe_way_and_no_more(store, done, ray, choir, referred):
    done(lambda unit: access_needs.record_need(unit, ray.person_id, "I use a hearing aid"))
    done(lambda unit: persons.plan_contact(unit, ray.person_id, times="mornings", word="tulip"))

    seen = view(store, referred.link_token)

    assert (seen.first_name, seen.number, seen.times) == ("Ray", "+447700900001", "mornings")
    assert seen.may_ring and seen.may_text and seen.may_leave_message
    assert seen.needs == ()
    agrees(done, ray, choir, purpose=onward.TELL_NEEDS)
    assert view(store, referred.link_token).needs == ("I use a hearing aid",)
    everything = str([getattr(seen, name) for name in seen.__slots__])
    assert "Jones" not in everything and "tulip" not in everything


@pytest.mark.parametrize(
    ("how", "number", "ring", "text", "message"),
    [
        (Safe.TEXT_ONLY, True, False, True, False),
        (Safe.NO_MESSAGE, True, True, False, False),
        (Safe.SHARED, False, False, False, False),
        (Safe.NOT_ASKED, False, False, False, False),
    ],
)
def test_only_the_safe_way_is_shown(store, done, ray, referred, how, number, ring, text, message):
    safe(done, ray, how)

    seen = view(store, referred.link_token)

    assert bool(seen.number) is number
    assert (seen.may_ring, seen.may_text, seen.may_leave_message) == (ring, text, message)


def test_another_number_they_gave_is_rung_and_never_texted(store, done, ray, referred):
    safe(done, ray, Safe.SHARED)
    done(lambda unit: persons.plan_contact(unit, ray.person_id, number="07700 900777"))

    seen = view(store, referred.link_token)

    assert (seen.number, seen.may_ring, seen.may_text) == ("07700 900777", True, False)


def test_the_link_is_in_the_store_only_as_a_lookup(store, referred):
    with store.reading() as reading:
        rows = str(reading.execute(select(onward_referral)).all()) + str(reading.execute(select(audit)).all())

    assert referred.link_token not in rows
    assert len(referred.link_token) == 32


def test_it_works_once_for_an_answer(store, done, referred):
    assert says(done, referred.link_token, "came")
    assert not says(done, referred.link_token, "did-not-come")

    going = the(store, referred.onward_id)
    assert (going.outcome, going.outcome_by) == (Outcome.ATTENDED, "provider")
    assert view(store, referred.link_token) is None


def test_answered_twice_at_once_it_is_one_answer(store, referred):
    both = [
        store.run(lambda unit, w=what: onward.provider_says(unit, referred.link_token, w), acting="provider")
        for what in ("came", "not-reached")
    ]

    assert sorted(future.result(timeout=30) for future in both) == [False, True]


def test_it_ends_after_fourteen_days(store, done, clock, referred):
    clock.forward(days=13, hours=23)
    assert view(store, referred.link_token) is not None
    clock.forward(hours=2)

    assert view(store, referred.link_token) is None
    assert not says(done, referred.link_token, "came")
    assert the(store, referred.onward_id).outcome is None


def test_a_new_link_takes_the_place_of_the_old(store, done, clock, referred):
    clock.forward(days=20)
    token = done(lambda unit: onward.new_link(unit, referred.onward_id))

    assert view(store, token) is not None
    assert view(store, referred.link_token) is None


def test_a_no_later_closes_it_from_now_on(store, done, ray, choir, referred):
    agrees(done, ray, choir, given=False)

    assert view(store, referred.link_token) is None
    assert not says(done, referred.link_token, "came")


def test_a_wrong_link_leads_nowhere(store, done, referred):
    assert view(store, "0" * 32) is None
    assert not says(done, "0" * 32, "came")


def test_signposted_nobody_has_a_link(store, done, ray, choir):
    agrees(done, ray, choir)
    signposted = refers(done, ray, choir, Onward.SIGNPOSTED)

    assert view(store, signposted.link_token) is None


@pytest.mark.parametrize("what", ["did-not-come", "not-reached", "no-place"])
def test_that_they_did_not_come_is_no_outcome_until_the_person_is_asked(store, done, clock, referred, what):
    clock.forward(days=3)
    assert says(done, referred.link_token, what)

    assert the(store, referred.onward_id).outcome is None
    (due,) = waiting_timers(store)
    assert due.details == {"said": what} and due.due_at == clock.now()


def test_a_session_moved_is_asked_about_after_the_new_one_and_the_link_stays(store, done, clock, referred):
    to = clock.now() + timedelta(days=9)
    assert says(done, referred.link_token, "moved", session_at=to)

    assert the(store, referred.onward_id).first_session_at == to
    (due,) = waiting_timers(store)
    assert due.due_at == to + timedelta(days=1)
    assert says(done, referred.link_token, "came")


@pytest.mark.parametrize(("what", "at"), [("gone home", None), ("moved", None), ("came", TUESDAY_10AM)])
def test_a_service_says_only_what_it_may(done, referred, what, at):
    with pytest.raises(ValueError, match="cannot say"):
        says(done, referred.link_token, what, session_at=at)


# Telling the service


def test_where_mail_is_set_up_and_there_is_an_address_a_mail_goes(store, done, referred):
    assert done(lambda unit: onward.tell_service(unit, referred.onward_id, HOURS, by_mail=True))

    assert the(store, referred.onward_id).mail_due_at == TUESDAY_10AM
    with store.reading() as reading:
        assert open_tasks(reading) == []


@pytest.mark.parametrize("by_mail", [True, False])
def test_otherwise_a_link_worker_has_the_number_to_ring(store, done, ray, by_mail):
    plain = ServiceDetails(name="Chess", contacts=(Contact("", "", "01632 960119"),))
    chess = done(lambda unit: services.add_service(unit, plain), acting="staff:1")
    referred = refers(done, ray, chess)

    assert not done(lambda unit: onward.tell_service(unit, referred.onward_id, HOURS, by_mail=by_mail))
    with store.reading() as reading:
        (task,) = open_tasks(reading)
    assert (task.kind, task.details) == ("tell-service", "Chess: 01632 960119")


# Where it ends


def test_not_attended_has_a_reason(done, referred):
    with pytest.raises(ValueError, match="a reason"):
        done(lambda unit: outcomes.record_outcome(unit, referred.onward_id, "not-attended", by="person"))


def test_an_outcome_ends_the_asking(store, done, referred):
    done(
        lambda unit: outcomes.record_outcome(
            unit, referred.onward_id, "not-attended", by="person", why="cost", words="it was the bus fare"
        )
    )

    going = the(store, referred.onward_id)
    assert (going.outcome, going.why, going.words) == (Outcome.NOT_ATTENDED, "cost", "it was the bus fare")
    assert waiting_timers(store) == []


def test_news_that_comes_later_counts_and_the_task_is_done(store, done, ray, referred):
    is_referred(done, ray, HOURS)
    done(lambda unit: outcomes.give_to_link_worker(unit, referred.onward_id, HOURS, by="timer"))
    with store.reading() as reading:
        assert [task.kind for task in open_tasks(reading)] == ["got-there"]
    done(lambda unit: outcomes.record_outcome(unit, referred.onward_id, "attended", by="staff:1"))

    assert the(store, referred.onward_id).outcome is Outcome.ATTENDED
    with store.reading() as reading:
        assert open_tasks(reading) == []


def test_one_that_nothing_would_ask_about_is_remembered(store, done, clock, referred):
    assert done(outcomes.remember) == 0
    done(lambda unit: unit.execute(timer.update().values(done_at=unit.now, result="failed")))

    assert done(outcomes.remember) == 1
    (due,) = waiting_timers(store)
    assert (due.subject, due.due_at) == (f"onward:{referred.onward_id}", clock.now())
    assert done(outcomes.remember) == 0


def test_a_second_yes_to_the_same_service_goes_on_with_the_first(store, done, ray, choir, referred):
    again = refers(done, ray, choir, someone_along="wished")

    assert again.onward_id == referred.onward_id
    assert the(store, again.onward_id).someone_along == "wished"
    assert view(store, referred.link_token) is None and view(store, again.link_token) is not None


def test_nothing_of_it_shows_itself_in_a_log(referred, store):
    assert repr(referred) == f"Referred(onward_id={referred.onward_id})"
    assert repr(view(store, referred.link_token)) == "ProviderView()"


# When a service meets


@pytest.mark.parametrize(
    ("schedule", "at"),
    [
        (Schedule(byday="WE", opens_at="10:00"), "2026-03-04 10:00"),
        (Schedule(byday="TU", opens_at="09:00"), "2026-03-10 09:00"),
        (Schedule(byday="MO,FR", opens_at="18:30"), "2026-03-06 18:30"),
        (Schedule(freq="MONTHLY", byday="2TU", opens_at="14:00"), "2026-03-10 14:00"),
        (Schedule(byday="WE"), "2026-03-04 12:00"),
        (Schedule(byday="TU", interval=2, opens_at="14:00", dtstart=date(2026, 2, 24)), "2026-03-10 14:00"),
        (Schedule(byday="TU", interval=2, opens_at="14:00"), None),
        (Schedule(byday="TU", opens_at="14:00", dtstart=date(2026, 4, 1)), "2026-04-07 13:00"),
        (Schedule(opens_at="10:00"), None),
    ],
)
def test_the_next_session(schedule, at):
    found = next_session([schedule], TUESDAY_10AM, HOURS.zone)

    assert (f"{found:%Y-%m-%d %H:%M}" if found else None) == at


def test_a_session_is_at_its_own_hour_after_the_clocks_change():
    easter = TUESDAY_10AM + timedelta(days=27)

    found = next_session([Schedule(byday="WE", opens_at="10:00")], easter, HOURS.zone)

    assert f"{found:%d %H:%M}" == "01 09:00"  # ten in the morning, summer time


def test_a_season_that_is_over_has_no_next_session():
    over = Schedule(byday="WE", opens_at="10:00", valid_to=TUESDAY_10AM.date())

    assert next_session([over], TUESDAY_10AM, HOURS.zone) is None
    assert meets_on([over], (TUESDAY_10AM + timedelta(days=1)).date()) is False


def waiting_timers(store):
    with store.reading() as reading:
        return reading.execute(
            select(timer).where(timer.c.kind == "got-there", timer.c.done_at.is_(None))
        ).all()
