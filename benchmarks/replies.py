"""How well replies about an appointment are understood, in each language, and how long it takes.

    python -m benchmarks.replies [--write]

right    what was meant; also where it must be asked back, or is no reply at all, and was taken so
asked    it was plain, and is asked back all the same or given to a person
wrong    taken for something else, though nothing was given up
dropped  "I can't come" was understood and was not said: an appointment lost by a guess. Must be 0

`--write` keeps the figures in `results/`. Only figures are printed, never a message.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from benchmarks import figures
from bot.appointments.reply_reading import LONGEST
from tests.support import replies
from tests.support.replies import OUTCOMES, Labelled

LANGUAGES = {"en": "English", "cy": "Welsh", "pl": "Polish", "ro": "Romanian", "ur": "Urdu"}
#: What came of those held back, or blind, when they were first read: nothing is read first twice.
FIRST_READ = (
    "Read for the first time: of the 228 held back 220 were right (96.5%) and none dropped. Two blind sets "
    "before this one, of 102 each, came to 82 and 80 right (80% and 78%), none dropped: what was not right "
    "was mostly asked back. Both are among the open ones now, and were learnt from. One author wrote all."
)
HEADING = ("", "replies", *OUTCOMES, "right, %")


def table(some: Sequence[Labelled]) -> str:
    """Each language, and all of them."""
    rows = [row(name, [r for r in some if r.lang == code]) for code, name in LANGUAGES.items()]
    return figures.table(HEADING, [r for r in [*rows, row("all", some)] if r[1] != "0"])


def row(name: str, some: Sequence[Labelled]) -> list[str]:
    found = replies.outcomes(some)
    share = f"{100 * found['right'] / len(some):.1f}" if some else "-"
    return [name, str(len(some)), *(str(found[kind]) for kind in OUTCOMES), share]


def speed(some: Sequence[Labelled]) -> str:
    """Processor time a reply, warm; and of the longest that is read."""
    for one in some:
        one.read()
    took = []
    for one in some:
        started = time.process_time_ns()
        one.read()
        took.append((time.process_time_ns() - started) / 1e6)
    long = Labelled("en", False, "coming", "none", None, " ".join(r.text for r in some)[:LONGEST])
    started = time.process_time_ns()
    long.read()
    longest = (time.process_time_ns() - started) / 1e6
    middle, slow = figures.at(took, 0.5), figures.at(took, 0.99)
    return (
        f"Processor time a reply: median {middle:.2f} ms, p99 {slow:.2f} ms; "
        f"{LONGEST} characters of many languages at once {longest:.0f} ms."
    )


def main(arguments: Sequence[str]) -> None:
    own = replies.read(replies.OWN)
    parts = ["# Replies about an appointment", "", f"{figures.today()}, {figures.machine()}", ""]
    for title, some in {
        "Open: what the phrases were found with": [r for r in own if not r.held_back],
        "Held back until the phrases stood, then mended once": [r for r in own if r.held_back],
        "Blind: written afterwards, in other people's ways, and nothing mended since": replies.read(
            replies.BLIND
        ),
    }.items():
        parts += [f"## {title}", "", table(some), ""]
    parts += [FIRST_READ, "", speed(own), ""]
    written = "\n".join(parts)
    print(written)
    if "--write" in arguments:
        figures.RESULTS.mkdir(exist_ok=True)
        (figures.RESULTS / f"replies-{figures.today()}.md").write_text(written, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
