"""Whatever many people and link workers do at the same moment, nobody is booked twice.

Real threads: on PostgreSQL eight transactions at a time; on SQLite the one writer.
"""

from __future__ import annotations

import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import combinations, pairwise

import pytest
from sqlalchemy import or_, select

from bot.appointments import booking
from bot.appointments.appointment import Appointment, appointments_of
from bot.appointments.booking import Clash
from bot.appointments.slots import Wishes, slots_free
from bot.appointments.windows import Window
from bot.store.tables import AppointmentStatus, appointment, appointment_event, timer, worker_calendar
from tests.support.appointments import books, holds, resident, residents, slot, thursday, worker
from tests.support.people import MAY, at_once

GAP, MOST_A_DAY = 10, 6
#: Reminders still to go; and what was put back as it was, which keeps no gap.
REMINDERS = (timer.c.kind == "remind", timer.c.done_at.is_(None))
PUT_BACK = select(appointment_event.c.appointment_id).where(appointment_event.c.what == "put-back")


def test_the_last_slot_is_booked_once_however_many_confirm_or_book_it(store, done, clock):
    amina = worker(done)
    people = residents(done, 6)
    held = holds(done, people[0].person_id, slot(amina, thursday(10)))
    clock.forward(minutes=10)  # its hold has ended, and its button is pressed all the same

    def books_it(person_id):
        return lambda unit: booking.book(
            unit, person_id, amina, thursday(10), minutes=30, kind="review", meeting="phone"
        )

    works = [books_it(point.person_id) for point in people[1:]]
    found = at_once(store, lambda unit: booking.confirm(unit, held.id), *works, acting="person")

    booked = [one for one in found if isinstance(one, Appointment)]
    assert len(booked) == 1
    assert {one.reason for one in found if one not in booked} == {"booked"}


def test_moved_onto_one_time_from_two_calendars_one_has_it(store, done):
    amina, bob = worker(done), worker(done, "Bob Jones")
    ray, may = resident(done), resident(done, MAY, name="May")
    one = books(done, ray.person_id, amina, thursday(9))
    other = books(done, may.person_id, bob, thursday(9))

    def to(appointment_id, staff_id):
        return lambda unit: booking.move(unit, appointment_id, thursday(14), staff_id=staff_id)

    found = at_once(store, to(one.id, bob), to(other.id, bob), acting="person")
    back = at_once(store, to(one.id, amina), to(other.id, amina), acting="person")

    for both in (found, back):
        assert sorted(type(one).__name__ for one in both) == ["Appointment", "Clash"]


def test_two_workers_book_one_person_at_the_same_moment(store, done):
    amina, bob, ray = worker(done), worker(done, "Bob Jones"), resident(done)

    def books_them(staff_id):
        return lambda unit: booking.book(
            unit, ray.person_id, staff_id, thursday(10), minutes=30, kind="review", meeting="phone"
        )

    found = at_once(store, books_them(amina), books_them(bob), acting="staff:1")

    assert sorted(type(one).__name__ for one in found) == ["Appointment", "Clash"]
    assert next(one.reason for one in found if isinstance(one, Clash)) == "theirs"


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_ever_double_booked(store, done, clock, seed):
    """Hold, confirm, let go, book, move, call off and put back, all at once, a hundred and sixty times."""
    chance = random.Random(seed)
    limits = {"gap_minutes": GAP, "most_a_day": MOST_A_DAY}
    staff = [worker(done, **limits), worker(done, "Bob Jones", **limits)]
    people = [point.person_id for point in residents(done, 5)]
    works = [something(chance.randrange(1 << 30), staff, people) for _ in range(160)]

    with ThreadPoolExecutor(8) as threads:
        futures = list(threads.map(lambda work: store.run(work, acting="person"), works))
    came_of_it = [future.result(timeout=60) for future in futures]

    assert {"Appointment", "Clash"} <= {type(one).__name__ for one in came_of_it}
    with store.reading() as reading:
        check(reading, clock.now())


def something(seed, staff, people):
    """One thing somebody does, chosen by its seed from what there is at that moment."""

    def work(unit):
        chance = random.Random(seed)
        who, whom = chance.choice(people), chance.choice(staff)
        when = thursday(9) + timedelta(minutes=15 * chance.randrange(24))
        mine = [one for one in appointments_of(unit, who) if one.stands]
        act = chance.choice(
            ["hold", "hold", "confirm", "book", "move", "move", "cancel", "let go", "put back"]
        )
        if act == "hold":
            wishes = Wishes(
                (Window(thursday(9).date(), thursday(9).date()),),
                staff_ids=(whom,),
                kind="review",
                person_id=who,
            )
            offered = slots_free(unit, wishes, nation="england", most=9)
            return booking.hold(unit, who, chance.choice(offered), "review") if offered else None
        if act == "confirm":
            held = select(appointment.c.id).where(
                appointment.c.person_id == who, appointment.c.booked_at.is_(None)
            )
            ids = unit.execute(held).scalars().all()
            return booking.confirm(unit, chance.choice(ids)) if ids else None
        if act == "book":
            return booking.book(unit, who, whom, when, minutes=30, kind="review", meeting="phone")
        if act == "let go":
            held = select(appointment.c.id).where(appointment.c.person_id == who)
            return [booking.let_go(unit, id_) for id_ in unit.execute(held).scalars().all()]
        if act == "put back":
            off = [one for one in appointments_of(unit, who) if not one.stands]
            return booking.outcome_back(unit, chance.choice(off).id) if off else None
        if not mine:
            return None
        if act == "move":
            return booking.move(unit, chance.choice(mine).id, when, staff_id=whom)
        return booking.cancel(unit, chance.choice(mine).id, why="cannot-come")

    return work


def check(reading, now):
    """What must hold whatever happened."""
    standing = reading.execute(
        select(appointment).where(
            or_(
                appointment.c.status == AppointmentStatus.BOOKED,
                (appointment.c.status == AppointmentStatus.HELD) & (appointment.c.held_until > now),
            )
        )
    ).all()
    assert standing
    workers, persons = defaultdict(list), defaultdict(list)
    for one in sorted(standing, key=lambda row: row.starts_at):
        workers[one.staff_id].append(one)
        persons[one.person_id].append(one)
    put_back = set(reading.execute(PUT_BACK).scalars())
    for theirs in workers.values():
        for before, after in pairwise(theirs):
            assert before.ends_at <= after.starts_at
            if not put_back & {before.id, after.id}:
                assert before.ends_at + timedelta(minutes=GAP) <= after.starts_at
    for theirs in persons.values():
        assert sum(one.status is AppointmentStatus.HELD for one in theirs) <= 1
        for one, other in combinations(theirs, 2):
            assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
    booked = {f"appointment:{one.id}": one.version for one in standing if one.status == "booked"}
    waiting = reading.execute(select(timer.c.subject, timer.c.version).where(*REMINDERS)).all()
    assert {row.subject for row in waiting} == set(booked)
    assert all(booked[row.subject] == row.version for row in waiting)
    assert all(v > 0 for v in reading.execute(select(worker_calendar.c.version)).scalars())
