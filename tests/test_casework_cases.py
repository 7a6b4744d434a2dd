"""Referrals and cases: the promise to be in touch, contacts logged, walk-ins, and how much each carries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.casework import caseload, cases, handoffs, referrals, staffing, tasks, unanswered, walk_ins
from bot.people import consents, joining, persons
from bot.store.tables import ContactKind
from tests.support.people import MAY, RAY, audited, comes, is_referred, tasks_to_do, timers, works_here


@pytest.fixture
def ray(done):
    return comes(done, RAY, name="Ray")


@pytest.fixture
def amina(done):
    return works_here(done, "Amina Shah")


def case(store, case_id):
    with store.reading() as reading:
        return cases.case_by_id(reading, case_id)


def late(store):
    with store.reading() as reading:
        return [(t.due_at, t.subject, t.version) for t in timers(reading, "late")]


def test_a_referral_opens_a_case_promises_a_day_and_lets_staff_see(store, done, hours, ray):
    opened = is_referred(done, ray, hours)

    assert opened.promised_by == datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
    with store.reading() as reading:
        mine = cases.case_of(reading, ray.person_id)
        assert (mine.id, mine.status, mine.promised_by) == (opened.case_id, "open", opened.promised_by)
        (asked,) = referrals.referrals_of(reading, ray.person_id)
        assert (asked.by, asked.content, asked.status) == ("self", {"need": "company"}, "made")
        assert persons.person_of(reading, ray.person_id).agreed_at is not None
        (waits,) = handoffs.waiting(reading)
        assert (waits.reason, waits.due_at, waits.name) == ("referral", opened.promised_by, "Ray")
    assert "company" not in repr(asked)


def test_they_hear_of_a_delay_as_the_promised_day_begins(store, done, hours, ray):
    opened = is_referred(done, ray, hours)

    ((due, subject, version),) = late(store)

    assert due == datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    assert (subject, version) == (f"case:{opened.case_id}", case(store, opened.case_id).version)


def test_a_promise_over_easter_counts_working_days(store, done, hours, ray, clock):
    clock.set(datetime(2026, 4, 2, 12, 0, tzinfo=UTC))  # Maundy Thursday; summer time has begun

    opened = is_referred(done, ray, hours, days=1)

    assert opened.promised_by == datetime(2026, 4, 7, 16, 0, tzinfo=UTC)
    assert [due for due, _, _ in late(store)] == [datetime(2026, 4, 7, 8, 0, tzinfo=UTC)]


def test_asking_again_while_waiting_makes_nobody_wait_longer(store, done, hours, ray, clock):
    first = is_referred(done, ray, hours)
    clock.forward(days=1)

    again = is_referred(done, ray, hours)

    assert (again.case_id, again.handoff_id) == (first.case_id, first.handoff_id)
    assert again.promised_by == first.promised_by
    assert [version for _, _, version in late(store)] == [case(store, first.case_id).version]


def test_coming_back_after_a_closed_case_opens_a_new_one(store, done, hours, ray, amina):
    first = is_referred(done, ray, hours)
    done(lambda unit: cases.close_case(unit, first.case_id, amina, "helped"))

    again = is_referred(done, ray, hours)

    assert again.case_id != first.case_id
    with store.reading() as reading:
        assert cases.case_of(reading, ray.person_id).id == again.case_id
        assert len(cases.cases_of(reading, ray.person_id)) == 2


# -- contacts -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ContactKind.RANG, ContactKind.LEFT_MESSAGE, ContactKind.MET])
def test_hearing_from_a_person_keeps_the_promise(store, done, hours, ray, amina, clock, kind):
    opened = is_referred(done, ray, hours)

    done(lambda unit: cases.log_contact(unit, ray.person_id, amina, kind, "a good talk"))

    assert case(store, opened.case_id).first_contact_at == clock.now()
    assert late(store) == []


def test_a_link_workers_answer_in_writing_keeps_the_promise(store, done, hours, ray, amina, clock):
    opened = is_referred(done, ray, hours)

    done(lambda unit: unanswered.answered(unit, ray.conversation_id, amina))

    assert case(store, opened.case_id).first_contact_at == clock.now()
    assert late(store) == []


def test_ringing_without_an_answer_keeps_no_promise(store, done, hours, ray, amina):
    opened = is_referred(done, ray, hours)

    done(lambda unit: cases.log_contact(unit, ray.person_id, amina, "no-answer"))

    assert case(store, opened.case_id).first_contact_at is None
    assert len(late(store)) == 1


def test_a_contact_logged_by_mistake_is_undone_and_the_promise_stands_again(store, done, hours, ray, amina):
    opened = is_referred(done, ray, hours)
    logged = done(lambda unit: cases.log_contact(unit, ray.person_id, amina, "rang", "wrong person"))

    assert done(lambda unit: cases.undo_contact(unit, logged, amina, hours)) is True
    assert done(lambda unit: cases.undo_contact(unit, logged, amina, hours)) is False

    mine = case(store, opened.case_id)
    assert mine.first_contact_at is None
    assert [version for _, _, version in late(store)] == [mine.version]
    with store.reading() as reading:
        (kept,) = cases.contacts_of(reading, ray.person_id)
    assert (kept.staff_name, kept.note) == ("Amina Shah", "wrong person")
    assert kept.undone_at is not None


def test_undoing_one_of_two_contacts_leaves_the_other(store, done, hours, ray, amina, clock):
    opened = is_referred(done, ray, hours)
    first = done(lambda unit: cases.log_contact(unit, ray.person_id, amina, "rang"))
    clock.forward(hours=1)
    done(lambda unit: cases.log_contact(unit, ray.person_id, amina, "met"))

    done(lambda unit: cases.undo_contact(unit, first, amina, hours))

    assert case(store, opened.case_id).first_contact_at == clock.now()
    assert late(store) == []


def test_a_contact_needs_no_case(store, done, ray, amina):
    done(lambda unit: cases.log_contact(unit, ray.person_id, amina, "rang"))

    with store.reading() as reading:
        assert len(cases.contacts_of(reading, ray.person_id)) == 1


def test_the_next_step_is_kept_with_its_day(store, done, hours, ray, amina, clock):
    opened = is_referred(done, ray, hours)
    by = hours.working_days_after(clock.now(), 2)
    done(lambda unit: cases.take(unit, opened.case_id, amina))

    done(lambda unit: cases.set_next_step(unit, opened.case_id, amina, "Ring the choir", by))

    mine = case(store, opened.case_id)
    assert (mine.next_step, mine.next_step_by, mine.owner_name) == ("Ring the choir", by, "Amina Shah")
    with store.reading() as reading:
        assert [c.id for c in cases.cases_owned_by(reading, amina)] == [opened.case_id]
        assert "choir" not in str([row.details for row in audited(reading, "next step set")])


def test_there_is_no_such_case(store, done, amina):
    for work in (
        lambda unit: cases.take(unit, 77, amina),
        lambda unit: cases.close_case(unit, 77, amina, "helped"),
        lambda unit: cases.case_by_id(unit, 77),
    ):
        with pytest.raises(cases.NoSuchCase):
            done(work)


# -- at the desk ----------------------------------------------------------------------------


def walks_in(done, hours, amina, **more):
    values = {"name": "May Green", "agreed": True, "hours": hours, "within_days": 5} | more
    return done(lambda unit: walk_ins.open_for_walk_in(unit, amina, **values), acting=f"staff:{amina}")


def test_someone_who_walked_in_has_a_case_and_their_yes_is_written_down(store, done, hours, amina):
    opened = walks_in(done, hours, amina, how="walked in", plan={"number": "01632 960555"}, mine=True)

    with store.reading() as reading:
        who = persons.person_of(reading, opened.person_id)
        assert (who.name, who.contact_plan) == ("May Green", {"number": "01632 960555"})
        assert consents.stands(reading, who.id, "pass-on") is True
        assert cases.case_of(reading, who.id).owner_id == amina
        assert handoffs.open_handoff_of(reading, opened.conversation_id).reason == "referral"


def test_without_a_yes_nothing_is_kept_of_someone_who_rang(store, done, hours, amina):
    with pytest.raises(ValueError, match="not agreed"):
        walks_in(done, hours, amina, agreed=False)

    with store.reading() as reading:
        assert persons.search(reading, "may") == []


def test_someone_who_rang_from_a_number_we_know_is_shown_as_a_likely_duplicate(store, done, hours, amina):
    texted = comes(done, MAY, name="May", agrees=True)

    opened = walks_in(done, hours, amina, plan={"number": "07700 900002"})

    with store.reading() as reading:
        (likely,) = joining.likely_duplicates(reading, opened.person_id)
    assert (likely.person.id, likely.why) == (texted.person_id, ("same number given",))


# -- who carries what -----------------------------------------------------------------------


def test_whoever_carries_least_comes_first_and_a_full_worker_has_no_room(store, done, hours, amina):
    bob = works_here(done, "Bob Jones")
    works_here(done, "Ada King", "administrator")
    done(lambda unit: staffing.set_case_limit(unit, amina, 1))
    opened = is_referred(done, comes(done, RAY), hours)
    is_referred(done, comes(done, MAY), hours)
    done(lambda unit: cases.take(unit, opened.case_id, amina))

    with store.reading() as reading:
        carried = {c.staff.name: (c.open_cases, c.has_room) for c in caseload.caseloads(reading)}
        assert carried == {"Amina Shah": (1, False), "Bob Jones": (0, True), "Ada King": (0, True)}
        assert [c.staff.id for c in caseload.who_has_room(reading)] == [bob]
        assert caseload.unowned_cases(reading) == 1


def test_the_team_is_listed_and_an_address_belongs_to_one(store, done, amina):
    with pytest.raises(staffing.AlreadyStaff):
        done(lambda unit: staffing.add_staff(unit, " AMINA@ashby.example ", "Another", "lead"))
    with pytest.raises(ValueError):
        done(lambda unit: staffing.add_staff(unit, "no address", "Another", "lead"))
    bob = works_here(done, "Bob Jones")
    done(lambda unit: staffing.set_active(unit, bob, False))

    with store.reading() as reading:
        assert len(staffing.all_staff(reading)) == 2
        (one,) = staffing.all_staff(reading, active_only=True)
        assert (one.name, one.first_name, one.has_password) == ("Amina Shah", "Amina", False)
        assert staffing.by_email(reading, "Amina@Ashby.example").id == amina
        assert "Amina" not in repr(one)


# -- tasks ----------------------------------------------------------------------------------


def test_what_is_due_soonest_is_done_first(store, done, hours, ray, amina, clock):
    noon, three = clock.now().replace(hour=12), clock.now().replace(hour=15)
    later = done(lambda unit: tasks.open_task(unit, ray.person_id, "look", three))
    sooner = done(lambda unit: tasks.open_task(unit, ray.person_id, "ring", noon, "ask about the lift"))

    with store.reading() as reading:
        listed = tasks.open_tasks(reading)
    assert [t.id for t in listed] == [sooner, later]
    assert (listed[0].details, listed[0].name) == ("ask about the lift", "")
    assert "lift" not in repr(listed[0])

    assert done(lambda unit: tasks.done(unit, sooner, amina)) is True
    assert done(lambda unit: tasks.done(unit, sooner, amina)) is False
    with store.reading() as reading:
        assert tasks_to_do(reading, ray.person_id) == ["look"]


def test_the_same_thing_is_asked_of_a_human_once_by_the_earlier_time(store, done, ray, clock):
    noon, three = clock.now().replace(hour=12), clock.now().replace(hour=15)
    first = done(lambda unit: tasks.open_task(unit, ray.person_id, "ring", three))

    assert done(lambda unit: tasks.open_task(unit, ray.person_id, "ring", noon)) == first

    with store.reading() as reading:
        assert [t.due_at for t in tasks.open_tasks(reading, person_id=ray.person_id)] == [noon]
