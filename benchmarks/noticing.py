"""How much danger is noticed, how often it alarms for nothing, and how long a message takes.

    python -m benchmarks.noticing [FILE…]

Prints the project's own labelled set, the half patterns were written against and the half held
back, then each FILE: a table lang,label,category,tier,text, or one everyday message a line (every
alarm in it is false). Only figures are printed, never a message.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.safety.normalising import fold
from bot.safety.noticing import get_ready, languages, notice
from tests.support import labelled
from tests.support.labelled import Message


def table(title: str, messages: Sequence[Message]) -> None:
    """What of each kind would call people."""
    print(f"\n{title}")
    for lang in dict.fromkeys(m.lang for m in messages):
        mine = [m for m in messages if m.lang == lang]
        for risky in (True, False):
            some = [m for m in mine if m.risky is risky]
            if some:
                kind = "recall" if risky else "false alarms"
                noticed = sum(m.pages for m in some)
                print(f"  {lang} {kind:12} {noticed:4} of {len(some):4}  {noticed / len(some):6.1%}")
        for kind, group in labelled.by_kind(mine).items():
            noticed = sum(m.pages for m in group)
            sign = "+" if group[0].risky else "-"
            print(f"      {sign} {kind:28} {noticed:4} of {len(group):4}  {noticed / len(group):6.1%}")


def everyday(path: Path) -> None:
    """A file of everyday messages, one a line."""
    lines = [line.strip() for line in path.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    found = [noticed for line in lines if (noticed := notice(line))]
    alarms = sum(noticed.level.pages for noticed in found)
    print(f"\n{path.name}: {len(lines)} everyday messages")
    print(f"  alarms {alarms} ({1000 * alarms / len(lines):.1f} in 1,000), worries {len(found) - alarms}")


def seconds(work: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Processor time of each, in order of length."""
    found = []
    for text in texts:
        started = time.process_time_ns()
        work(text)
        found.append((time.process_time_ns() - started) / 1e9)
    return sorted(found)


def speed(messages: Sequence[Message]) -> None:
    """Processor time a message, warm."""
    get_ready()
    texts = [m.text for m in messages]
    for text in texts:
        notice(text)
    took = seconds(notice, texts)
    print(f"\nspeed, {len(took)} messages (processor time)")
    print(f"  median {1000 * statistics.median(took):.2f} ms", end="")
    print(f", p99 {1000 * took[int(0.99 * len(took))]:.2f} ms, slowest {1000 * took[-1]:.2f} ms")
    reading = languages()[0].reader.read_folded
    for name, long in {
        "everyday words": ". ".join(m.text for m in messages if m.category == "everyday"),
        "nothing but danger": ". ".join(m.text for m in messages if m.risky),
        "no stop in it": " ".join(m.text for m in messages if not m.risky),
        "one letter": "a" * 4000,
        "letters apart": "k i l l " * 500,
        "marks": "k*" * 2000,
    }.items():
        long = long[:4000]
        notice(long)
        whole = statistics.median(seconds(notice, [long] * 5))
        read = statistics.median(seconds(lambda text: reading(fold(text)), [long] * 5))
        print(f"  4,000 characters, {name:20} {1000 * whole:6.1f} ms, of which reading {1000 * read:4.1f} ms")


def main(files: Sequence[str]) -> None:
    own = labelled.everything()
    table("Our own set, the open half", [m for m in own if not m.held_back])
    table("Our own set, held back", [m for m in own if m.held_back])
    for path in map(Path, files):
        head = path.open(encoding="utf-8", errors="replace").readline()
        if head.startswith("lang,label"):
            table(path.name, labelled.read(path))
        else:
            everyday(path)
    speed(own)


if __name__ == "__main__":
    main(sys.argv[1:])
