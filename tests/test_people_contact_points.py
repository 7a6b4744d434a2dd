"""The ways to reach someone: found again, stopped, unreachable, and never made twice."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot.casework import cases, concerns
from bot.messages import ChannelName
from bot.people import consents, contact_points
from bot.people.contact_points import first_contact, known
from bot.store.sealed import Sealer
from bot.store.tables import Safe, contact_point, ledger, person
from tests.support.people import RAY, at_once, comes, is_referred, tasks_to_do, writes


def test_someone_who_writes_again_is_known(store, done):
    ray = comes(done, RAY)

    with store.reading() as reading:
        found = known(reading, ChannelName.SMS, RAY)

    assert (found.id, found.person_id, found.conversation_id) == (ray.id, ray.person_id, ray.conversation_id)
    assert found.address == RAY
    assert found.safe is Safe.NOT_ASKED


def test_nobody_is_known_before_they_write(store):
    with store.reading() as reading:
        assert known(reading, ChannelName.SMS, RAY) is None


def test_the_same_number_on_another_channel_is_not_taken_for_the_person(store, done):
    comes(done, RAY)

    with store.reading() as reading:
        assert known(reading, ChannelName.WHATSAPP, RAY) is None


def test_two_first_messages_at_once_make_one_person(store):
    def first(unit):
        return first_contact(unit, ChannelName.SMS, RAY, language="en", zone="Europe/London")

    points = at_once(store, *[first] * 6)

    assert len({(p.id, p.person_id, p.conversation_id) for p in points}) == 1
    with store.reading() as reading:
        for table in (person, contact_point):
            assert reading.execute(select(func.count()).select_from(table)).scalar_one() == 1


def test_being_known_opens_nothing_that_is_sealed(store, done, monkeypatch):
    comes(done, RAY)
    monkeypatch.setattr(Sealer, "open", lambda *a: pytest.fail("something sealed was opened"))

    with store.reading() as reading:
        assert known(reading, ChannelName.SMS, RAY) is not None


def test_every_way_to_reach_someone_is_listed(store, done):
    ray = comes(done, RAY)

    with store.reading() as reading:
        (point,) = contact_points.of_person(reading, ray.person_id)

    assert point.address == RAY
    assert RAY not in repr(point)


def test_a_stop_is_written_down_once_and_closes_no_case(store, done, hours):
    ray = comes(done)
    opened = is_referred(done, ray, hours)

    done(lambda unit: contact_points.opt_out(unit, ray.id, "carrier"))
    done(lambda unit: contact_points.opt_out(unit, ray.id, "carrier"))

    with store.reading() as reading:
        assert known(reading, ChannelName.SMS, RAY).opted_out_at is not None
        assert consents.stands(reading, ray.person_id, "texts") is False
        assert reading.execute(select(func.count()).select_from(ledger)).scalar_one() == 1
        assert cases.case_by_id(reading, opened.case_id).status == "open"
        assert tasks_to_do(reading, ray.person_id) == []


def test_someone_who_sends_start_may_be_texted_again(store, done):
    ray = comes(done)
    done(lambda unit: contact_points.opt_out(unit, ray.id, "carrier"))

    done(lambda unit: contact_points.opt_in(unit, ray.id, "carrier"))

    with store.reading() as reading:
        assert known(reading, ChannelName.SMS, RAY).opted_out_at is None
        assert consents.stands(reading, ray.person_id, "texts") is True


def test_a_stop_while_a_concern_is_open_asks_a_human_to_ring_today(store, done, hours, clock):
    ray = comes(done)
    message = writes(done, ray, "I cannot go on")
    done(
        lambda unit: concerns.record_concern(
            unit, ray.conversation_id, message, level="risk", category="suicide", why=["a"], hours=hours
        )
    )

    done(lambda unit: contact_points.opt_out(unit, ray.id, "carrier"))

    with store.reading() as reading:
        assert tasks_to_do(reading, ray.person_id) == ["ring"]


def test_a_human_is_told_when_someone_waiting_for_us_cannot_be_reached(store, done, hours):
    ray = comes(done)
    is_referred(done, ray, hours)

    done(lambda unit: contact_points.mark_unreachable(unit, ray.id, "30005"))

    with store.reading() as reading:
        assert tasks_to_do(reading, ray.person_id) == ["cannot-reach"]


def test_an_unfinished_intake_that_cannot_be_reached_is_nobodys_task(store, done):
    ray = comes(done)

    done(lambda unit: contact_points.mark_unreachable(unit, ray.id, "30005"))

    with store.reading() as reading:
        assert known(reading, ChannelName.SMS, RAY).unreachable_at is not None
        assert tasks_to_do(reading, ray.person_id) == []


def test_whoever_writes_can_be_reached_after_all(store, done, clock):
    ray = comes(done)
    done(lambda unit: contact_points.mark_unreachable(unit, ray.id, "30003"))
    clock.forward(hours=1)

    done(lambda unit: contact_points.heard_from(unit, ray.id))

    with store.reading() as reading:
        found = known(reading, ChannelName.SMS, RAY)
        assert found.unreachable_at is None
        assert found.last_inbound_at == clock.now()


def test_how_safe_a_way_is_is_the_persons_own_answer(store, done):
    ray = comes(done)

    done(lambda unit: contact_points.set_safe(unit, ray.id, Safe.SHARED))

    with store.reading() as reading:
        assert known(reading, ChannelName.SMS, RAY).safe is Safe.SHARED
