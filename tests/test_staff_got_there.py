"""What became of the services suggested to somebody, written down on their page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.casework import tasks
from bot.directory import outcomes
from bot.store.tables import Outcome, audit, timer
from tests.support.staff_directory import undoes
from tests.test_staff_case import section


@pytest.fixture
def ray(bea, ashby, planned):
    """Bea at Ray's page, who has told what matters."""
    bea.goes(f"/people/{ashby.ray.token}")
    return bea


def got_there_timers(store, onward_id):
    """When we are going to ask, of those not taken back."""
    with store.reading() as reading:
        return list(
            reading.execute(
                select(timer.c.due_at).where(
                    timer.c.kind == "got-there",
                    timer.c.subject == f"onward:{onward_id}",
                    timer.c.done_at.is_(None),
                )
            ).scalars()
        )


def test_they_went_in_one_press_and_taken_back_in_one(ray, ashby, onward, store):
    lunch = onward("lunch")
    url = f"/people/{ashby.ray.token}/onward/{lunch.id}"

    ray.presses(f"{url}/outcome", outcome="attended")

    assert "Written down: they went." in ray.text
    assert (onward("lunch").outcome, onward("lunch").outcome_by) == (Outcome.ATTENDED, f"staff:{ashby.bea}")
    assert "Written down by Bea Marsh, today." in ray.text

    undoes(ray)

    assert "Taken back." in ray.text
    assert onward("lunch").outcome is None
    assert got_there_timers(store, lunch.id) == [datetime(2026, 3, 6, 10, 0, tzinfo=UTC)]


def test_they_did_not_go_with_what_got_in_the_way(ray, ashby, onward, store):
    url = f"/people/{ashby.ray.token}/onward/{onward('lunch').id}"

    ray.presses(f"{url}/outcome", outcome="not-attended", why="getting_there", words="The bus did not come")

    lunch = onward("lunch")
    assert (lunch.outcome, lunch.why, lunch.words) == (
        Outcome.NOT_ATTENDED, "getting_there", "The bus did not come",
    )  # fmt: skip
    assert (
        "They did not go They said yes." in ray.text and "Getting there. “The bus did not come”" in ray.text
    )
    with store.reading() as reading:
        kept = reading.execute(
            select(audit.c.details).where(audit.c.subject == f"onward:{lunch.id}")
        ).scalars()
        assert "bus" not in repr(list(kept))


def test_did_not_go_without_a_reason_is_refused(ray, ashby, onward):
    url = f"/people/{ashby.ray.token}/onward/{onward('lunch').id}"

    ray.presses(f"{url}/outcome", outcome="not-attended", why="")

    assert "Choose what got in the way." in ray.text
    assert onward("lunch").outcome is None


def test_what_stood_before_comes_back_with_its_words(ray, ashby, onward):
    before = onward("allotment")
    url = f"/people/{ashby.ray.token}/onward/{before.id}"
    ray.presses(f"{url}/outcome", outcome="not-attended", why="health_access", words="That was another man")

    undoes(ray)

    after = onward("allotment")
    assert (after.outcome, after.outcome_by, after.outcome_at, after.words) == (
        before.outcome, before.outcome_by, before.outcome_at, before.words,
    )  # fmt: skip


def test_a_task_to_find_out_ends_with_the_answer_and_comes_back_with_undo(
    ray, ashby, onward, done, hours, store
):
    lunch = onward("lunch")
    done(lambda unit: outcomes.give_to_link_worker(unit, lunch.id, hours, by="timer"))
    url = f"/people/{ashby.ray.token}"
    ray.goes(url)
    assert "Find out whether they got there, and help if they did not. Thursday Lunch Club" in section(
        ray, "What to do next, and by when"
    )

    def to_find_out():
        with store.reading() as reading:
            return tasks.open_tasks(reading, person_id=ashby.ray.person_id, kind="got-there")

    assert len(to_find_out()) == 1
    ray.presses(f"{url}/onward/{lunch.id}/outcome", outcome="attended")
    assert to_find_out() == []

    undoes(ray)

    assert len(to_find_out()) == 1 and onward("lunch").outcome is Outcome.TASK


def test_the_day_of_the_first_session_is_set_and_we_ask_the_day_after(ray, ashby, onward, store):
    url = f"/people/{ashby.ray.token}/onward/{onward('lunch').id}"

    ray.presses(f"{url}/session", on="2026-03-12", at="12:30")

    assert "First session Thursday 12 March at 12.30pm." in ray.text
    assert onward("lunch").first_session_at == datetime(2026, 3, 12, 12, 30, tzinfo=UTC)
    assert got_there_timers(store, onward("lunch").id) == [datetime(2026, 3, 13, 10, 0, tzinfo=UTC)]


@pytest.mark.parametrize("on", ["", "soon", "1926-03-12", "2036-01-01"])
def test_a_day_that_cannot_be_is_refused(ray, ashby, onward, on):
    before = onward("lunch").first_session_at
    ray.presses(f"/people/{ashby.ray.token}/onward/{onward('lunch').id}/session", on=on, at="")

    assert "ll-said__box--wrong" in ray.page.text
    assert onward("lunch").first_session_at == before


def test_a_worker_who_told_the_service_says_so_and_its_task_is_done(ray, ashby, onward, store):
    assert "Tell the service that they would like to come. Thursday Lunch Club: 01632 960202" in ray.text

    ray.presses(f"/people/{ashby.ray.token}/onward/{onward('lunch').id}/told")

    assert onward("lunch").told_provider_at is not None
    assert "The service knows since today." in ray.text
    assert "Tell the service that they would like to come" not in ray.text


def test_the_task_ticked_off_says_the_same(ray, ashby, onward, store):
    with store.reading() as reading:
        (to_do,) = tasks.open_tasks(reading, person_id=ashby.ray.person_id, kind="tell-service")

    ray.presses(f"/tasks/{to_do.id}/done", back=f"/staff/people/{ashby.ray.token}")

    assert onward("lunch").told_provider_at is not None
    assert onward("allotment").told_provider_at is None


def test_somebody_elses_services_cannot_be_reached_from_this_page(ray, ashby, onward):
    ray.presses(f"/people/{ashby.dev.token}/onward/{onward('lunch').id}/outcome", outcome="attended")

    assert ray.page.status_code == 404
    assert onward("lunch").outcome is None
