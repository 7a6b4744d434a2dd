"""How many full turns a second, and how long a reply takes: `make bench`.

A turn is: the webhook's signature checked, the message stored and sealed, safety, the flow, the reply
queued, all of it committed to disk, and the sender draining to a stand-in for Twilio. Service, stand-in
and load are a process each. Beside it, two other libraries walk people through the same eight steps.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import others, readme
from benchmarks.figures import RESULTS, Spread, at, machine, shown, table, today
from benchmarks.harness import (
    Account,
    Database,
    arrivals,
    cpu_seconds,
    fetch,
    loaded,
    measured_service,
    until,
    until_still,
)
from benchmarks.load import Done, Work
from benchmarks.walking import MOST_PEOPLE, STEPS, number_of

#: Who walks before anything is measured, so that everything is compiled, cached and connected.
WARMING = 99
CONNECTIONS = 32


@dataclass(frozen=True)
class Full:
    """One run at full load. Latencies in seconds."""

    turns_a_second: float  # until the stand-in had the last reply
    answered_a_second: float  # until the last webhook had its 200
    webhook: list[float]
    cpu: float  # the service's processor time for a turn, all of it


@dataclass(frozen=True)
class Tenth:
    """One run at a tenth of the top rate. Latencies in seconds."""

    a_second: float
    webhook: list[float]
    reply: list[float]  # from when the text was due to leave until the stand-in had the reply


class Bench:
    """One service, started anew for each run, with its stand-in."""

    def __init__(self, people: int, connections: int):
        self._people, self._connections = people, connections

    def full(self, receipts: str = "") -> Full:
        """Every connection kept busy until all have walked all steps.

        With `receipts`, "sent,delivered", the stand-in tells those of every reply, as Twilio does.
        """
        with tempfile.TemporaryDirectory() as folder:
            account = Account.made_up()
            with (
                arrivals(account, "--receipts", receipts),
                measured_service(Path(folder), account) as service,
            ):
                work = self._warmed(service.url, account)
                before = cpu_seconds(service)
                done = loaded(work)
                last = self._drained(account, done)
                cpu = cpu_seconds(service) - before
                self._check(Database(Path(folder)), WARMING + self._people)
        turns = self._people * STEPS
        return Full(
            turns / (last - done.began), turns / (done.ended - done.began), done.latencies, cpu / turns
        )

    def tenth(self, a_second: float) -> Tenth:
        """Texts at a steady rate, at random instants."""
        with tempfile.TemporaryDirectory() as folder:
            account = Account.made_up()
            with arrivals(account), measured_service(Path(folder), account) as service:
                work = self._warmed(service.url, account)
                work.a_second, work.people = a_second, min(self._people, max(20, int(a_second * 2)))
                done = loaded(work)
                self._drained(account, done)
                came = fetch(f"{account.url}/arrivals")
                self._check(Database(Path(folder)), WARMING + work.people)
        reply = [
            arrived - left
            for person, times in done.sent.items()
            for left, arrived in zip(times, came[number_of(person)], strict=True)
        ]
        return Tenth(a_second, done.latencies, reply)

    def _warmed(self, url: str, account: Account) -> Work:
        work = Work(url, account.sid, account.token, 0, WARMING, self._connections)
        self._drained(account, loaded(work))
        work.first, work.people = WARMING, self._people
        return work

    def _drained(self, account: Account, done: Done) -> float:
        """When the last reply came. Raises TimeoutError when one is missing."""
        if set(done.answers) != {200}:
            raise RuntimeError(f"webhooks were answered {done.answers}")
        expected = max(done.sent) * STEPS + STEPS
        until_still(lambda: fetch(f"{account.url}/arrivals/how-many"), expected, "replies")
        return max(max(times) for times in fetch(f"{account.url}/arrivals").values())

    def _check(self, database: Database, people: int) -> None:
        """It is all there: every message handled once, every reply sent, everyone referred."""
        waiting = "SELECT count(*) FROM outbox WHERE rank < 30"
        until(lambda: not database.one(waiting), 30, "every reply to be sent")
        found = {
            "handled": database.one("SELECT count(*) FROM inbox WHERE handling = 'handled' AND tries = 0"),
            "sent": database.one("SELECT count(*) FROM outbox WHERE status IN ('sent', 'delivered')"),
            "referred": database.one("SELECT count(*) FROM referral"),
        }
        expected = {"handled": people * STEPS, "sent": people * STEPS, "referred": people}
        if found != expected:
            raise RuntimeError(f"expected {expected}, found {found}")


def main() -> None:
    """Measure, print, and write benchmarks/results/."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--runs", type=int, default=3)
    asked.add_argument("--people", type=int, default=MOST_PEOPLE - WARMING)
    asked.add_argument("--connections", type=int, default=CONNECTIONS)
    asked.add_argument("--alone", action="store_true", help="without the other libraries")
    asked.add_argument("--keep", action="store_true", help="write the figures to benchmarks/results")
    given = asked.parse_args()
    where = machine()
    print(where, flush=True)
    bench = Bench(given.people, given.connections)
    began = time.monotonic()
    full = []
    for _ in range(given.runs):
        full.append(bench.full())
        print(f"  {full[-1].turns_a_second:.0f} turns a second", flush=True)
    told = [bench.full("sent,delivered") for _ in range(given.runs)]
    rate = Spread.of(f.turns_a_second for f in full).median / 10
    tenth = []
    for _ in range(given.runs):
        tenth.append(bench.tenth(rate))
        print(
            f"  replies within {1000 * at(tenth[-1].reply, 0.99):.0f} ms (p99) at {rate:.0f} a second",
            flush=True,
        )
    report = _report(full, told, tenth, where)
    if not given.alone:
        report += "\n\n" + others.report(given.runs)
    report += f"\n\nTook {time.monotonic() - began:.0f} seconds."
    print("\n" + report)
    if given.keep:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"turns-{today()}.md").write_text(f"# Turns a second, {today()}\n\n{report}\n")
        readme.write()


def _report(full: list[Full], told: list[Full], tenth: list[Tenth], where: str) -> str:
    def ms(latencies: list[list[float]], share: float) -> str:
        return str(Spread.of(1000 * at(values, share) for values in latencies))

    webhook, slow, reply = [f.webhook for f in full], [t.webhook for t in tenth], [t.reply for t in tenth]
    rows = [
        ("turns a second, to the reply", str(Spread.of(f.turns_a_second for f in full))),
        ("the same, two receipts told of each", str(Spread.of(f.turns_a_second for f in told))),
        ("the service's processor time a turn, ms", str(Spread.of(1000 * f.cpu for f in full))),
        ("webhooks answered a second", str(Spread.of(f.answered_a_second for f in full))),
        ("webhook at full load, p50 ms", ms(webhook, 0.5)),
        ("webhook at full load, p99 ms", ms(webhook, 0.99)),
        (f"webhook at {shown(tenth[0].a_second)} a second, p50 ms", ms(slow, 0.5)),
        (f"webhook at {shown(tenth[0].a_second)} a second, p99 ms", ms(slow, 0.99)),
        (f"reply at {shown(tenth[0].a_second)} a second, p50 ms", ms(reply, 0.5)),
        (f"reply at {shown(tenth[0].a_second)} a second, p99 ms", ms(reply, 0.99)),
    ]
    return f"{where}\n\n{table(('Linkline', f'median of {len(full)} (lowest-highest)'), rows)}"


if __name__ == "__main__":
    main()
