"""Comparing the wordings of a reminder fairly: who hears which is drawn by lot, and it stops when it harms.

A trial is fixed beforehand (trials.toml) and runs only when a lead has started it. Everyone counts for the
wording drawn for them, whatever became of it after (intention to treat), once: by the appointment at which
they came in. Nobody can foresee what the next person draws.
"""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import case, func, select, update

from bot.appointments.appointment import Appointment, subject
from bot.appointments.kinds import kind_of
from bot.appointments.proportions import Estimate, difference
from bot.people.discreet import discreet_for
from bot.people.for_a_human import has_open_concern
from bot.people.persons import person_of, plan_contact
from bot.store.tables import AppointmentStatus, short_notice, trial_arm, trial_start, trial_stop
from bot.store.tables import appointment as booked
from bot.store.unit_of_work import Reading, UnitOfWork

FILE = Path(__file__).with_name("trials.toml")

#: What everybody hears who is in no trial, or drew no other words.
PLAIN = "plain"
#: Haybittle and Peto's bound: at a look before the end it stops at three standard errors.
HARM_CONFIDENCE = 0.9973
#: A trial that is full waits so long for outcomes that nobody has written down.
WAITS_FOR = timedelta(days=28)
#: Under this a person's contact plan says that a link worker keeps them out of trials.
WISH, OUT = "trials", "no"

#: What is known to be the outcome; called off is not missed.
_KNOWN = (AppointmentStatus.ATTENDED, AppointmentStatus.DID_NOT_ATTEND, AppointmentStatus.CANCELLED)


class CannotStart(Exception):
    """The trial cannot be started; the message says why, in plain words."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One comparison, as it was fixed beforehand. `arms[0]` is the plain wording."""

    name: str
    question: str
    steps: tuple[str, ...]
    kinds: tuple[str, ...]
    arms: tuple[str, ...]
    others_wait: bool
    per_arm: int
    looks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arm:
    """What came of one arm: people given it, those whose outcome is known, and those who did not come."""

    name: str
    given: int
    known: int
    missed: int


@dataclass(frozen=True, slots=True)
class TrialState:
    """How a trial stands. `arms` is empty while it runs: nobody is to steer by half a result.

    `why` it stopped is "harm", "finished" or "staff".
    """

    trial: Trial
    started_at: datetime | None
    stopped_at: datetime | None
    why: str | None
    given: int
    arms: tuple[Arm, ...]

    @property
    def runs(self) -> bool:
        return self.started_at is not None and self.stopped_at is None

    def against_plain(self, arm: Arm) -> Estimate | None:
        """How many more (above nought) or fewer were missed than with the plain words; 95% interval."""
        return compared(self.arms[0], arm) if self.arms else None


@lru_cache(maxsize=1)
def trials() -> Mapping[str, Trial]:
    """Every trial of trials.toml. Raises ValueError, naming what is wrong in the file."""
    return read(tomllib.loads(FILE.read_text(encoding="utf-8")))


def read(found: Mapping[str, Any]) -> Mapping[str, Trial]:
    """Trials as written in a file. Raises ValueError, naming what is wrong."""
    made = {}
    for name, one in found.items():
        trial = Trial(
            name=name,
            question=one["question"],
            steps=tuple(one["steps"]),
            kinds=tuple(one.get("kinds", ())),
            arms=tuple(one["arms"]),
            others_wait=bool(one.get("others_wait", False)),
            per_arm=one["per_arm"],
            looks=tuple(one["looks"]),
        )
        for kind in trial.kinds:
            kind_of(kind)
        if trial.arms[:1] != (PLAIN,) or len(set(trial.arms)) != len(trial.arms) or len(trial.arms) < 2:
            raise ValueError(f"{name}: arms are {PLAIN!r} first, then at least one other")
        if not trial.steps or trial.per_arm < 1:
            raise ValueError(f"{name}: it needs steps and a number of people in each arm")
        if list(trial.looks) != sorted(set(trial.looks)) or any(n >= trial.per_arm for n in trial.looks):
            raise ValueError(f"{name}: looks go up, and end before per_arm")
        made[name] = trial
    return made


# -- which words somebody hears ------------------------------------------------------------


def wording(unit: UnitOfWork, person_id: int, appointment: Appointment, step: str) -> str | None:
    """The wording this reminder has for them: the name of an arm, or None for the plain words.

    Call it when the reminder of `step` is put into words, in the same unit of work. Whoever comes in for
    the first time draws by lot, and keeps what they drew. The plain words always for somebody with an
    open concern or an appointment missed before, under discreet words, or kept out by a link worker.
    """
    for trial in trials().values():
        if step not in trial.steps or (trial.kinds and appointment.kind not in trial.kinds):
            continue
        if not _runs(unit, trial.name) or not may_be_in(unit, trial, person_id, appointment):
            continue
        arm = _drawn(unit, trial, person_id) or _draw(unit, trial, person_id, appointment)
        if arm is None:
            continue
        if appointment.arms.get(trial.name) != arm:
            unit.change(booked, appointment.id, arms={**appointment.arms, trial.name: arm})
        return None if arm == PLAIN else arm
    return None


def may_be_in(reading: Reading, trial: Trial, person_id: int, appointment: Appointment) -> bool:
    """Whether they may hear another wording just now (practice, section 10)."""
    return not (
        has_open_concern(reading, person_id)
        or _missed_before(reading, person_id)
        or discreet_for(reading, person_id)
        or person_of(reading, person_id).contact_plan.get(WISH) == OUT
        or (trial.others_wait and not _others_wait(reading, person_id))
    )


def keep_out(unit: UnitOfWork, person_id: int) -> None:
    """A link worker does not want them in any trial."""
    plan_contact(unit, person_id, **{WISH: OUT})


def let_in(unit: UnitOfWork, person_id: int) -> None:
    """That is taken back."""
    plan_contact(unit, person_id, **{WISH: None})


def _missed_before(reading: Reading, person_id: int) -> bool:
    missed = select(booked.c.id).where(
        booked.c.person_id == person_id, booked.c.status == AppointmentStatus.DID_NOT_ATTEND
    )
    return reading.execute(missed.limit(1)).first() is not None


def _others_wait(reading: Reading, person_id: int) -> bool:
    """Whether it is true: somebody else said they would come sooner."""
    waits = select(short_notice.c.id).where(
        short_notice.c.left_at.is_(None),
        short_notice.c.person_id != person_id,
        short_notice.c.until.is_(None) | (short_notice.c.until > reading.now),
    )
    return reading.execute(waits.limit(1)).first() is not None


def _drawn(reading: Reading, trial: Trial, person_id: int) -> str | None:
    arm = reading.execute(
        select(trial_arm.c.arm).where(trial_arm.c.person_id == person_id, trial_arm.c.trial == trial.name)
    ).scalar()
    return arm if arm in trial.arms else None


def _draw(unit: UnitOfWork, trial: Trial, person_id: int, appointment: Appointment) -> str | None:
    """Draw by lot from a block: of every four or six people as many hear each wording, in no known order."""
    sealed = unit.execute(
        select(trial_start.c.block).where(trial_start.c.trial == trial.name).with_for_update()
    ).scalar_one()
    if _given(unit, trial.name) >= trial.per_arm * len(trial.arms):
        return None
    block = unit.sealer.open_json(sealed) or _block(trial)
    arm = block.pop()
    unit.execute(
        update(trial_start)
        .where(trial_start.c.trial == trial.name)
        .values(block=unit.sealer.seal_json(block))
    )
    unit.execute(
        trial_arm.insert().values(
            person_id=person_id, trial=trial.name, arm=arm, at=unit.now, appointment_id=appointment.id
        )
    )
    unit.audit("trial entered", subject(appointment.id), trial=trial.name)  # which arm is nobody's business
    return arm


def _block(trial: Trial) -> list[str]:
    block = list(trial.arms) * secrets.choice((2, 3))
    secrets.SystemRandom().shuffle(block)
    return block


# -- starting, looking, stopping -----------------------------------------------------------


def start(unit: UnitOfWork, name: str) -> None:
    """It runs from now on. Raises CannotStart, KeyError for a trial that is not in the file."""
    trial = trials()[name]
    if unit.execute(select(trial_start.c.trial).where(trial_start.c.trial == name)).first():
        raise CannotStart("This trial ran already. A trial runs once: write a new one with a new name.")
    for other in trials().values():
        if set(other.steps) & set(trial.steps) and _runs(unit, other.name):
            raise CannotStart("Another trial of the same reminders is running. Wait until it has ended.")
    unit.execute(
        trial_start.insert().values(
            trial=name, at=unit.now, by=unit.acting, block=unit.sealer.seal_json([]), looks=[]
        )
    )
    unit.audit("trial started", f"trial:{name}")


def stop(unit: UnitOfWork, name: str, why: str = "staff") -> bool:
    """From now on everybody hears the plain words; False when it did not run. It does not start again."""
    if not _runs(unit, name):
        return False
    figures = {arm.name: [arm.given, arm.known, arm.missed] for arm in results(unit, trials()[name])}
    unit.execute(trial_stop.insert().values(trial=name, at=unit.now, why=why, figures=figures))
    unit.audit("trial stopped", f"trial:{name}", why=why)
    return True


def look(unit: UnitOfWork) -> list[str]:
    """Look at every trial that runs, as was fixed beforehand; the names of those that stopped.

    Once at each of its looks, for harm alone: a wording that seems to help runs on, since only the whole
    number shows whether it does.
    """
    stopped = []
    for trial in trials().values():
        taken = unit.execute(
            select(trial_start.c.looks).where(trial_start.c.trial == trial.name).with_for_update()
        ).scalar()
        if taken is None or not _runs(unit, trial.name):
            continue
        arms = results(unit, trial)
        known = min(arm.known for arm in arms)
        due = [n for n in trial.looks if n <= known and n > max((one[0] for one in taken), default=0)]
        if due:
            figures = {arm.name: [arm.given, arm.known, arm.missed] for arm in arms}
            unit.execute(
                update(trial_start)
                .where(trial_start.c.trial == trial.name)
                .values(looks=[*taken, [due[-1], figures]])
            )
            unit.audit("trial looked at", f"trial:{trial.name}", outcomes=due[-1])
            if any(harms(arms[0], other) for other in arms[1:]):
                stop(unit, trial.name, "harm")
                stopped.append(trial.name)
                continue
        if _finished(unit, trial):
            stop(unit, trial.name, "finished")
            stopped.append(trial.name)
    return stopped


def harms(plain: Arm, other: Arm) -> bool:
    """Whether more are missed with the other words, beyond HARM_CONFIDENCE."""
    found = compared(plain, other, HARM_CONFIDENCE)
    return found is not None and found.low > 0


def compared(plain: Arm, other: Arm, confidence: float = 0.95) -> Estimate | None:
    """The fixed analysis: the share missed with the other words less that with the plain ones.

    Above nought is worse. None while either has no known outcome.
    """
    if not plain.known or not other.known:
        return None
    return difference(other.missed, other.known, plain.missed, plain.known, confidence)


def states(reading: Reading) -> list[TrialState]:
    """Every trial, in the order of the file."""
    started = {row.trial: row.at for row in reading.execute(select(trial_start))}
    ended = {row.trial: row for row in reading.execute(select(trial_stop))}
    found = []
    for trial in trials().values():
        end = ended.get(trial.name)
        arms = ()
        if end is not None:
            arms = tuple(Arm(name, *end.figures.get(name, (0, 0, 0))) for name in trial.arms)
        found.append(
            TrialState(
                trial, started.get(trial.name), end.at if end else None, end.why if end else None,
                _given(reading, trial.name), arms,
            )
        )  # fmt: skip
    return found


def any_runs(reading: Reading) -> bool:
    """Whether a trial runs just now."""
    return any(_runs(reading, name) for name in trials())


def results(reading: Reading, trial: Trial) -> tuple[Arm, ...]:
    """What came of each arm so far, each person once, by the appointment at which they came in."""

    def how_many(*statuses: AppointmentStatus) -> Any:
        return func.coalesce(func.sum(case((booked.c.status.in_(statuses), 1), else_=0)), 0)

    rows = reading.execute(
        select(
            trial_arm.c.arm,
            func.count(),
            how_many(*_KNOWN),
            how_many(AppointmentStatus.DID_NOT_ATTEND),
        )
        .join(booked, booked.c.id == trial_arm.c.appointment_id)
        .where(trial_arm.c.trial == trial.name)
        .group_by(trial_arm.c.arm)
    )
    found = {name: Arm(name, given, known, missed) for name, given, known, missed in rows}
    return tuple(found.get(name, Arm(name, 0, 0, 0)) for name in trial.arms)


def _runs(reading: Reading, name: str) -> bool:
    return (
        reading.execute(
            select(trial_start.c.trial)
            .outerjoin(trial_stop, trial_stop.c.trial == trial_start.c.trial)
            .where(trial_start.c.trial == name, trial_stop.c.trial.is_(None))
        ).first()
        is not None
    )


def _given(reading: Reading, name: str) -> int:
    return reading.execute(
        select(func.count()).select_from(trial_arm).where(trial_arm.c.trial == name)
    ).scalar_one()


def _finished(reading: Reading, trial: Trial) -> bool:
    """Full, and no outcome is to come: all are over, and what nobody wrote down has been waited for."""
    if _given(reading, trial.name) < trial.per_arm * len(trial.arms):
        return False
    to_come = (
        select(booked.c.id)
        .join(trial_arm, trial_arm.c.appointment_id == booked.c.id)
        .where(
            trial_arm.c.trial == trial.name,
            booked.c.status.not_in(_KNOWN),
            booked.c.ends_at > reading.now - WAITS_FOR,
        )
    )
    return reading.execute(to_come.limit(1)).first() is None
