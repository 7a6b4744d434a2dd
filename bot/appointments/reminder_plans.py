"""Reminder plans as data: which reminders go before an appointment, and when. Pure: no store, no words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any

from bot.appointments.zones import local

#: The plans as they are shipped.
OURS = Path(__file__).with_name("reminder_plans.toml")
#: The plan of whatever names none that there is.
STANDARD = "standard"
#: The words a step may say: steps of flows/reminder.py.
SAYS = ("coming", "needs", "day_before", "today")
#: Who booked or moved it this lately was told everything just then.
JUST_TOLD = timedelta(hours=2)
#: Nobody is reminded of anything further off than this.
FURTHEST = timedelta(days=60)

_KEYS = {"name", "says", "days", "at", "hours", "latest_hours", "if_wished"}


class WrongPlans(ValueError):
    """A plans file that cannot be followed; the message names what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One reminder of a plan.

    It is due `before` the appointment: whole days by the calendar and then `at` that local time, or,
    where `at` is None, so long before it begins. It `says` one of SAYS. With less than `latest` left until
    it begins it is not sent any more.
    """

    name: str
    says: str
    before: timedelta
    at: time | None
    latest: timedelta
    only_if_wished: bool = False

    @property
    def asks(self) -> str | None:
        """What it asks them: "coming", "needs", or nothing."""
        return self.says if self.says in ("coming", "needs") else None

    def due(self, starts_at: datetime, zone: tzinfo) -> datetime:
        """When it falls due (aware UTC) before an appointment at `starts_at`, for somebody in `zone`.

        The day and the hour are those of the clock on their wall, so it is right over both clock changes.
        """
        if self.at is None:
            return starts_at.astimezone(UTC) - self.before
        day = starts_at.astimezone(zone).date() - self.before
        return local(day, self.at, zone).at.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """A row of reminders, the earliest first."""

    name: str
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step | None:
        """The step of this name; None when the plan has lost it since."""
        return next((step for step in self.steps if step.name == name), None)


def due_times(
    plan: Plan, starts_at: datetime, *, zone: tzinfo, now: datetime, two_hours: bool = False
) -> list[tuple[str, datetime]]:
    """Each step's name and when it is due (aware UTC), soonest first, for what is booked or moved at `now`.

    What would have been due by now, or so soon that they were told just before (JUST_TOLD), is left out:
    an appointment made an hour before has none. `two_hours` says that they wish for those which are only
    sent if wished. Both instants are aware; `zone` is the person's own.
    """
    due = [
        (step.name, step.due(starts_at, zone)) for step in plan.steps if two_hours or not step.only_if_wished
    ]
    return sorted(((name, at) for name, at in due if at >= now + JUST_TOLD), key=lambda one: one[1])


# -- the files -------------------------------------------------------------------------------


def plan_of(name: str) -> Plan:
    """The plan of this name, or the standard one where there is none."""
    return _in_use.get(name) or _in_use[STANDARD]


def plans() -> dict[str, Plan]:
    """Every plan in use, by its name."""
    return dict(_in_use)


def use(file: str | Path = "") -> None:
    """Follow the plans of this file from now on; ours when it is empty. Raises WrongPlans naming the file."""
    found = read(Path(file) if file else OURS)
    _in_use.clear()
    _in_use.update(found)


def read(file: Path) -> dict[str, Plan]:
    """The plans of a file, by name. Raises WrongPlans, which says what is wrong and where."""
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongPlans(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    except tomllib.TOMLDecodeError as error:
        raise WrongPlans(f"{file} is not TOML: {error}") from None
    try:
        found = {name: _plan(name, steps) for name, steps in written.items()}
        if STANDARD not in found:
            raise WrongPlans(f"there is no plan named {STANDARD!r}")
    except WrongPlans as wrong:
        raise WrongPlans(f"{file}: {wrong}") from None
    return found


def _plan(name: str, steps: Any) -> Plan:
    if not isinstance(steps, list) or not all(isinstance(step, Mapping) for step in steps):
        raise WrongPlans(f"{name!r} should be steps, each under [[{name}]]")
    made = [_step(f"{name}, step {n}", step) for n, step in enumerate(steps, 1)]
    names = [step.name for step in made]
    if twice := sorted({one for one in names if names.count(one) > 1}):
        raise WrongPlans(f"{name} has two steps named {', '.join(map(repr, twice))}")
    return Plan(name, tuple(sorted(made, key=lambda step: -step.before)))


def _step(where: str, step: Mapping[str, Any]) -> Step:
    if strange := sorted(set(step) - _KEYS):
        raise WrongPlans(f"{where}: {', '.join(strange)} is nothing we know")
    name, says = step.get("name"), step.get("says")
    if not isinstance(name, str) or not name.isidentifier() or len(name) > 40:
        raise WrongPlans(f"{where}: `name` should be one short word, such as week or two_days")
    if says not in SAYS:
        raise WrongPlans(f"{where}: `says` should be one of {', '.join(SAYS)}, not {says!r}")
    before, at = _when(where, step)
    latest = _hours(where, step, "latest_hours", 0)
    if at is None and latest > before:
        raise WrongPlans(f"{where}: `latest_hours` is more than `hours`, so it could never be sent")
    if at is not None and latest > before + timedelta(days=1):
        raise WrongPlans(f"{where}: `latest_hours` is more than its days, so it could never be sent")
    wished = step.get("if_wished", False)
    if not isinstance(wished, bool):
        raise WrongPlans(f"{where}: `if_wished` should be true or false")
    return Step(name, says, before, at, latest, wished)


def _when(where: str, step: Mapping[str, Any]) -> tuple[timedelta, time | None]:
    if ("days" in step) == ("hours" in step):
        raise WrongPlans(f"{where}: say either `days` and `at`, or `hours`")
    if "hours" in step:
        if "at" in step:
            raise WrongPlans(f"{where}: `at` belongs to `days`")
        return _hours(where, step, "hours", 0.25), None
    days = step["days"]
    if not isinstance(days, int) or isinstance(days, bool) or not 0 < days <= FURTHEST.days:
        raise WrongPlans(f"{where}: `days` should be a whole number from 1 to {FURTHEST.days}")
    try:
        return timedelta(days=days), time.fromisoformat(str(step.get("at", "")))
    except ValueError:
        raise WrongPlans(f'{where}: `at` should be a time such as "10:00"') from None


def _hours(where: str, step: Mapping[str, Any], key: str, least: float) -> timedelta:
    value = step.get(key, least)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value:
        raise WrongPlans(f"{where}: `{key}` should be a number of hours")
    if value > FURTHEST.days * 24:
        raise WrongPlans(f"{where}: `{key}` is more than {FURTHEST.days} days")
    return timedelta(hours=value)


_in_use: dict[str, Plan] = read(OURS)
