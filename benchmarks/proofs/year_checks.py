"""What must be true of a year's reminders, by what is written down and by what the providers took."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from benchmarks.proofs import Figure, must
from benchmarks.proofs.year_people import Someone
from bot.appointments.reminder_plans import Step, plan_of
from bot.messages import Status
from bot.outbox.queue import SUPERSEDED
from bot.people.quiet import QUIET_BEFORE, QUIET_FROM
from bot.store.tables import appointment, appointment_event, outbox, task
from bot.store.unit_of_work import Reading

#: The reminders of a plan, by their prompts.
OURS = tuple(
    f"reminder.{discreet}{step}"
    for step in ("coming", "needs", "day_before", "today")
    for discreet in ("", "discreet__")
)
#: Somebody who booked so lately was told all of it just then.
JUST_TOLD = timedelta(hours=2)
#: At restricted times a reminder may go so much earlier, or wait until the next of them.
EARLIER = timedelta(days=3)
#: Reasons that need no link worker.
ITS_OWN = ("not wished", "a later one is due")
SENT = (Status.SENT, Status.DELIVERED)


@dataclass(frozen=True)
class Stood:
    """An appointment as it stood for a while: from when, until when, beginning when."""

    version: int
    since: datetime
    until: datetime
    starts_at: datetime


def check(reading: Reading, who: Mapping[int, Someone], accepted: Mapping[int, int]) -> list[Figure]:
    """Everything; the figures. Raises Violated."""
    events: dict[int, list[Any]] = defaultdict(list)
    for row in reading.execute(select(appointment_event).order_by(appointment_event.c.id)):
        events[row.appointment_id].append(row)
    tasks = set(reading.execute(select(task.c.person_id)).scalars())
    went = _Sent(reading, accepted)
    counts: Counter[str] = Counter()
    for one in reading.execute(select(appointment)):
        someone = who[one.person_id]
        for stood in _stood(events[one.id]):
            came = [e for e in events[one.id] if e.details.get("version") == stood.version]
            _once_or_a_reason(one, someone, stood, came, counts)
        for event in events[one.id]:
            if event.what == "reminded":
                fate = went.fate(one.id, event.at)
                counts[fate] += 1
                counts["reminded"] += 1
                known = fate in ("sent", f"not taken: {SUPERSEDED}") or one.person_id in tasks
                must(known, f"appointment {one.id}: {fate}, and nobody was asked")
            elif event.what == "not-reminded":
                counts[f"not reminded: {event.details['why']}"] += 1
                told = event.details["why"] in ITS_OWN or one.person_id in tasks
                must(
                    told, f"appointment {one.id}: not reminded ({event.details['why']}), and nobody was asked"
                )
    must(counts["due"] > 0, "no reminder was ever due")
    not_reminded = sorted((what, n) for what, n in counts.items() if what.startswith("not reminded"))
    return [
        Figure("reminders due", f"{counts['due']:,}; every one said, or not said with its reason"),
        Figure("said", f"{counts['reminded']:,}; taken by the provider once: {counts['sent']:,}"),
        *(
            Figure(f"said, and not taken: {what.partition(': ')[2]}", f"{n:,}")
            for what, n in sorted(counts.items()) if what.startswith("not taken: ")
        ),
        *(Figure(what, f"{n:,}") for what, n in not_reminded),
        Figure("for what was off, in quiet hours, or outside their times", "0"),
    ]  # fmt: skip


def _stood(events: list[Any]) -> list[Stood]:
    """The times for which it stood, by what happened to it."""
    changes = [e for e in events if e.what in ("booked", "moved", "cancelled")]
    ends = [*(e.at for e in changes[1:]), None]
    found = []
    for change, end in zip(changes, ends, strict=True):
        if change.what == "cancelled":
            continue
        starts = datetime.fromisoformat(change.details["starts_at" if change.what == "booked" else "now"])
        found.append(Stood(change.details["version"], change.at, min(end or starts, starts), starts))
    return found


def _once_or_a_reason(one: Any, who: Someone, stood: Stood, came: list[Any], counts: Counter[str]) -> None:
    """Each step of its plan whose time came while it stood so: once, or once with the reason."""
    for step in plan_of(one.plan).steps:
        of_it = [e for e in came if e.step == step.name and e.what in ("reminded", "not-reminded")]
        about = f"appointment {one.id}, version {stood.version}, {step.name}"
        must(len(of_it) <= 1, f"{about}: {len(of_it)} times")
        must(all(stood.since <= e.at <= stood.until for e in of_it), f"{about}: not while it stood")
        if _was_due(who, stood, step):
            counts["due"] += 1
            must(len(of_it) == 1, f"{about}: neither said nor why not, for person {who.n}")


def _was_due(who: Someone, stood: Stood, step: Step) -> bool:
    """Whether it surely fell due: neither just booked, nor moved or called off before it could go."""
    if who.words == "none" or (who.changed and who.words != "plain"):
        return False
    if step.only_if_wished and (not who.two_hours or who.changed):
        return False
    due = step.due(stood.starts_at, ZoneInfo("Europe/London"))
    hour = due.astimezone(ZoneInfo("Europe/London")).hour
    plainly = who.unhurried and QUIET_BEFORE <= hour < QUIET_FROM
    if stood.since > due - JUST_TOLD - (timedelta() if plainly else EARLIER):
        return False
    if plainly:
        return stood.until > due + timedelta(minutes=30)
    return stood.until >= stood.starts_at - step.latest


class _Sent:
    """What became of each message about an appointment, and of what was said instead of it."""

    def __init__(self, reading: Reading, accepted: Mapping[int, int]):
        self._accepted = accepted
        self._said: dict[tuple[str, datetime], Any] = {}
        self._instead: dict[int, Any] = {}
        for row in reading.execute(
            select(
                outbox.c.id, outbox.c.about, outbox.c.prompt, outbox.c.created_at, outbox.c.status,
                outbox.c.reason, outbox.c.possible_repeat, outbox.c.replaces_id,
            ).where(outbox.c.about.is_not(None))
        ):  # fmt: skip
            if row.replaces_id is not None:
                self._instead[row.replaces_id] = row
            elif (row.prompt or "").startswith(OURS):
                self._said[row.about, row.created_at] = row

    def fate(self, appointment_id: int, at: datetime) -> str:
        """ "sent", or why not. Raises Violated when it went twice, or nobody knows."""
        row = self._said.get((f"appointment:{appointment_id}", at))
        must(row is not None, f"appointment {appointment_id}: reminded at {at}, and nothing was queued")
        chain = [row]
        while (row := self._instead.get(chain[-1].id)) is not None:
            chain.append(row)
        taken = sum(self._accepted[one.id] for one in chain)
        repeat = any(one.possible_repeat for one in chain)
        must(taken <= 1 or repeat, f"message {chain[0].id} was taken {taken} times")
        last = chain[-1]
        if taken and last.status in (*SENT, Status.UNCERTAIN):
            return "sent"
        must(
            last.status in (*SENT, Status.NOT_SENT, Status.PERMANENT_FAILURE, Status.UNCERTAIN,
                            Status.TECHNICAL_FAILURE),
            f"message {last.id} is {last.status.value} at the end",
        )  # fmt: skip
        return f"not taken: {last.reason or last.status.value}"
