"""How well times in words are understood: by libraries that read dates, and by ours.

    python -m benchmarks.dates [FOLDER] [--write]

FOLDER holds a checkout of each project whose open test data is read, by its name: duckling,
Recognizers-Text, ctparse, timefhuman, dateparser (see `date_corpora.py` for what is left out of each, and
their licences; none of it is kept here). Without FOLDER only our own phrases are read. The libraries are
no part of the service; those that are not installed are left out:

    pip install dateparser parsedatetime ctparse timefhuman recognizers-text-date-time "emoji<2" \\
        pyduckling-native-phihos

exact    what was meant; parts of one day when they overlap by half, as mornings begin when they like
near     right, but less or more than was said: the day without its hour, an hour on any day
wrong    accepted, and neither holds the other: somebody would be sent to the wrong place in time
refused  nothing was read, or it is asked back; for what must be asked, or is no time, that is exact

"Guarded" is the library behind our own layer: its answer counts only where every word is known to us, and
nothing in it may mean two things. `--write` keeps the figures in `results/`.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks import date_phrases, figures
from benchmarks.date_corpora import DAY, READERS, Case, Meant
from benchmarks.date_libraries import DISTRIBUTIONS, LIBRARIES, Reads, ready, sensible
from benchmarks.date_phrases import Phrase, as_days
from bot.appointments.habits import AHEAD_DAYS
from bot.appointments.when import NotATime, Unclear, Understood, understand
from bot.clock import LONDON

#: The open data says no zone; there the clocks never change.
NOWHERE = ZoneInfo("UTC")
OUTCOMES = ("exact", "near", "wrong", "refused")
OURS = "ours"

Spans = dict[date, list[tuple[int, int]]]
#: What somebody said, when, and in which zone; the minutes it was taken to mean, or None.
Answers = Callable[[str, datetime], Spans | None]


def spans_of(meant: Meant, now: datetime) -> Spans:
    """The minutes of each day that are meant, from now on; an open end reaches as far as ours does."""
    if not meant.is_span:
        minute = meant.start.hour * 60 + meant.start.minute
        return {meant.start.date(): [(minute, minute + 1)] if meant.timed else [(0, 1440)]}
    start = meant.start or now
    end = meant.end or start + DAY
    if end == datetime.max:
        end = datetime.combine(start.date(), hour()) + timedelta(days=AHEAD_DAYS + 1)
    found: Spans = {}
    for ahead in range(min((end.date() - start.date()).days, 400) + 1):
        day = start.date() + timedelta(days=ahead)
        opens = start.hour * 60 + start.minute if ahead == 0 else 0
        closes = end.hour * 60 + end.minute if day == end.date() else 1440
        if opens < closes and day >= now.date():
            found[day] = [(max(opens, now.hour * 60 + now.minute) if day == now.date() else opens, closes)]
    return {day: spans for day, spans in found.items() if spans[0][0] < spans[0][1]}


def outcome(said: Spans | None, right: Sequence[Spans]) -> str:
    """The kindest of the readings the authors allow."""
    if not said:
        return "refused"
    return min((_against(said, one) for one in right), key=OUTCOMES.index)


def _against(said: Spans, right: Spans) -> str:
    if said == right:
        return "exact"
    if len(said) == len(right) == 1 and _about(said, right):
        return "exact"
    if _within(said, right) or _within(right, said) or _about(said, right) or _about(right, said):
        return "near"
    return "wrong"


def _about(few: Spans, many: Spans) -> bool:
    """Parts of a day: the same days, and half of the shorter part in the other."""
    for day, ((a, b), *_) in few.items():
        if day not in many:
            return False
        c, d = many[day][0]
        shorter = min(b - a, d - c)
        if shorter < 30 or max(b - a, d - c) == 1440 or (min(b, d) - max(a, c)) * 2 < shorter:
            return False
    return bool(few)


def _within(few: Spans, many: Spans) -> bool:
    return bool(few) and all(
        any(a <= c and d <= b for a, b in many.get(day, ())) for day, spans in few.items() for c, d in spans
    )


# ---- who answers -------------------------------------------------------------------------------


def ours(zone: ZoneInfo) -> Answers:
    """Our own reader; what it would ask back is refused."""

    def answers(text: str, now: datetime) -> Spans | None:
        aware = now.replace(tzinfo=zone)
        meant = understand(text, aware, zone)
        if isinstance(meant, Unclear | NotATime) or (isinstance(meant, Understood) and not meant.certain):
            return None
        return as_days(meant, aware, zone)

    return answers


def theirs(reads: Reads) -> Answers:
    """A library alone. What has gone by is refused: no library is set to book yesterday."""

    def answers(text: str, now: datetime) -> Spans | None:
        meant = reads(sensible(text), now)
        if meant is None or meant.start is meant.end is None:
            return None
        return spans_of(meant, now) or None

    return answers


def guarded(answers: Answers, zone: ZoneInfo) -> Answers:
    """A library's answer where our layer lets the words through."""
    mine = ours(zone)

    def answers_behind(text: str, now: datetime) -> Spans | None:
        return answers(text, now) if mine(text, now) else None

    return answers_behind


# ---- measuring ---------------------------------------------------------------------------------


def measured(answers: Answers, cases: Iterable[tuple[str, datetime, Sequence[Spans]]]) -> Counter[str]:
    """How often each outcome; a case with nothing right to say must be refused."""
    found: Counter[str] = Counter()
    for text, now, right in cases:
        said = answers(text, now)
        found[outcome(said, right) if right else ("wrong" if said else "exact")] += 1
    return found


def row(name: str, found: Counter[str]) -> list[str]:
    accepted = found["exact"] + found["near"] + found["wrong"]
    share = f"{found['wrong'] / accepted:.1%}" if accepted else "-"
    return [name, *(f"{found[kind]:,}" for kind in OUTCOMES), share]


HEADING = ("", *OUTCOMES, "wrong of accepted")


def open_data(cases: Sequence[Case], libraries: dict[str, Reads]) -> str:
    """Every library, alone and guarded, then ours, over all of it; then the wrong ones by source."""
    given = [(c.text, c.now, [spans_of(m, c.now) for m in c.meant]) for c in cases]
    answer: dict[str, Answers] = {}
    for name, reads in libraries.items():
        answer[name] = theirs(reads)
        answer[f"{name}, guarded"] = guarded(answer[name], NOWHERE)
    answer[OURS] = ours(NOWHERE)
    sources = list(dict.fromkeys(c.source for c in cases))
    rows, by_source = [], []
    for name, answers in answer.items():
        each = {
            s: measured(answers, [g for g, c in zip(given, cases, strict=True) if c.source == s])
            for s in sources
        }
        rows.append(row(name, sum(each.values(), Counter())))
        by_source.append(
            [name, *(f"{e['exact']}+{e['near']} / {e['wrong']} / {e['refused']}" for e in each.values())]
        )
    counts = Counter(c.source for c in cases)
    heading = ("exact+near / wrong / refused", *(f"{s} ({counts[s]})" for s in sources))
    return figures.table(HEADING, rows) + "\n\n" + figures.table(heading, by_source)


def own_phrases(phrases: Sequence[Phrase], libraries: dict[str, Reads]) -> str:
    """The English ones by everybody, then ours by half and by language."""
    english = [_given(p) for p in phrases if p.language == "en"]
    rows = [row(name, measured(theirs(reads), english)) for name, reads in libraries.items()]
    rows += [
        row(f"{name}, guarded", measured(guarded(theirs(reads), LONDON), english))
        for name, reads in libraries.items()
    ]
    rows.append(row(OURS, measured(ours(LONDON), english)))
    halves = []
    for name, some in {
        "ours, the open half": [p for p in phrases if not p.held_back],
        "ours, held back": [p for p in phrases if p.held_back],
        "ours, in Welsh": [p for p in phrases if p.language == "cy"],
        "ours, to be asked or no time": [p for p in phrases if p.to_ask or p.no_time],
    }.items():
        found = Counter(
            date_phrases.outcome(p, understand(p.text, p.now, LONDON, p.language)).replace("asked", "refused")
            for p in some
        )
        halves.append([*row(f"{name} ({len(some)})", found)])
    return figures.table(HEADING, rows) + "\n\n" + figures.table(HEADING, halves)


def _given(phrase: Phrase) -> tuple[str, datetime, list[Spans]]:
    now = phrase.now.replace(tzinfo=None)
    if phrase.to_ask or phrase.no_time:
        return phrase.text, now, []
    return phrase.text, now, [as_days(phrase.meant(), phrase.now)]


def speed(texts: Sequence[tuple[str, datetime]]) -> str:
    """Processor time a message, warm."""
    took = []
    for text, now in texts:
        started = time.process_time_ns()
        understand(text, now, LONDON)
        took.append((time.process_time_ns() - started) / 1e6)
    middle, slow = figures.at(took, 0.5), figures.at(took, 0.99)
    return f"Ours: median {middle:.2f} ms, p99 {slow:.2f} ms a message (processor time)."


def read_from(folder: Path) -> tuple[list[Case], list[str]]:
    """The cases of every project whose checkout is there, and which commit each is at."""
    cases, commits = [], []
    for name, reader in READERS.items():
        if (folder / name).is_dir():
            cases += reader(folder / name)
            asked = ["git", "-C", str(folder / name), "rev-parse", "HEAD"]
            at = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
            commits.append(f"- {name} at {at or 'an unknown commit'}")
    return cases, commits


def installed(name: str) -> str:
    try:
        return f"{name} {version(DISTRIBUTIONS.get(name, name))}"
    except PackageNotFoundError:
        return name


def main(arguments: Sequence[str]) -> None:
    logging.disable(logging.WARNING)  # ctparse warns of each text it cannot read
    folders = [Path(a) for a in arguments if not a.startswith("--")]
    libraries = {name: reads for name in LIBRARIES if (reads := ready(name))}
    phrases = date_phrases.phrases()
    parts = ["# Times in words", "", f"{figures.today()}, {figures.machine()}", ""]
    parts += ["Libraries: " + ", ".join(map(installed, libraries)) + ".", ""]
    if folders:
        cases, commits = read_from(folders[0])
        parts += [f"### The libraries' own open test data: {len(cases):,} expressions", "", *commits, ""]
        parts += [open_data(cases, libraries), ""]
    parts += [f"### Our own British phrases: {len(phrases)}", "", own_phrases(phrases, libraries), ""]
    parts += [speed([(p.text, p.now.astimezone(UTC)) for p in phrases]), ""]
    written = "\n".join(parts)
    print(written)
    if "--write" in arguments:
        figures.RESULTS.mkdir(exist_ok=True)
        (figures.RESULTS / f"dates-{figures.today()}.md").write_text(written, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
