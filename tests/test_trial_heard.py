"""A trial of wording as somebody meets it: what they hear, by lot, and the plain words where it matters."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.appointments import variants
from bot.appointments.variants import Trial
from bot.store.tables import Safe, appointment_event, short_notice, trial_arm
from tests.support import diary
from tests.support.reminded import Reminded

TRIAL = Trial("others_wait", "Do more come?", ("week",), (), ("plain", "others_wait"), True, 30, (10, 20))
PLAIN, OTHERS = "It is easy to change.", "someone who waits would be glad of it"


@pytest.fixture
def draws(monkeypatch):
    """Says what the next person draws."""
    monkeypatch.setattr(variants, "trials", lambda: {TRIAL.name: TRIAL})

    def draw(arm: str) -> None:
        monkeypatch.setattr(variants, "_block", lambda trial: [arm])

    return draw


def hears(
    conversation, *, start: bool = True, waits: bool = True, before=None, **ray
) -> tuple[Reminded, str]:
    """Ray is reminded a week before: (he, the words he heard)."""
    ray = Reminded(conversation, "Tue 3 Mar 2026 09:00", **ray)

    def work(unit) -> None:
        if waits:
            other = diary.somebody(unit, "Mo", nth=98)
            unit.insert(short_notice, person_id=other, since=unit.now, meetings=[], notice_minutes=60)
        if before:
            before(unit, ray)
        if start:
            variants.start(unit, TRIAL.name)

    ray.does(work)
    ray.books("Wed 11 Mar 2026 14:00").until("Wed 4 Mar 2026 12:00")
    [row] = [row for row in ray.rows() if row.prompt.startswith("reminder.")]
    return ray, conversation.store.sealer.open(row.text)


def drawn(ray: Reminded) -> list[str]:
    """What Ray drew, if he is in it."""
    arm = select(trial_arm.c.arm).where(trial_arm.c.person_id == ray.person_id)
    return ray.does(lambda unit: list(unit.execute(arm).scalars()))


def test_who_draws_it_hears_that_others_wait_and_what_they_answer_means_the_same(conversation, draws):
    draws("others_wait")
    ray, text = hears(conversation)

    assert OTHERS in text and PLAIN not in text
    assert drawn(ray) == ["others_wait"] and ray.appointment.arms == {TRIAL.name: "others_wait"}
    said = ray.does(
        lambda unit: unit.execute(
            select(appointment_event.c.details).where(appointment_event.c.what == "reminded")
        ).scalar_one()
    )
    assert said["wording"] == "others_wait"
    ray.sms.says("1")
    assert ray.appointment.coming_at is not None


def test_who_draws_the_plain_words_hears_them_and_is_in_it(conversation, draws):
    draws("plain")
    ray, text = hears(conversation)

    assert PLAIN in text and OTHERS not in text
    assert drawn(ray) == ["plain"]


def missed_one(unit, ray: Reminded) -> None:
    at = ray.clock.now()
    diary.appointment(unit, ray.staff_id, ray.person_id, at.replace(year=2025), status="did-not-attend")


@pytest.mark.parametrize(
    "more",
    [
        {"start": False},
        {"waits": False},
        {"before": missed_one},
        {"safe": Safe.SHARED, "reminders": "discreet"},
        {"reminders": "discreet"},
        {"trials": "no"},
    ],
    ids=["not started", "nobody waits", "missed before", "shared", "discreet", "kept out"],
)
def test_nobody_else_hears_it_or_is_in_it(conversation, draws, more):
    draws("others_wait")
    ray, text = hears(conversation, **more)

    assert OTHERS not in text
    assert drawn(ray) == []
