"""Generated conversations about what matters: whatever way people go, the plan is what they said.

Each person answers in their own words, in numbers, in lists and with slips of the thumb; skips; goes back;
changes; asks for the menu or a language; sends a photo; rests, and comes back weeks later; puts lines right
at the end. What they last said to each question is written down beside, and compared with what is stored.
"""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.proofs import Figure, Size, must
from bot.casework.plans import Plan, history_of, plan_of
from bot.clock import SetClock
from bot.conversation.plan_words import ADDED
from bot.messages import ChannelName
from bot.store import migrations
from bot.store.engines import Store, make_engine
from bot.store.sealed import Sealer
from bot.store.tables import inbox
from flows.what_matters import CHANGED_AT, HEADINGS, WhatMatters
from tests.support.conversation import Conversation
from tests.support.phone import Phone
from tests.support.stores import KEYS, LOOKUP_KEY

PEOPLE = {Size.SMALL: 20, Size.FULL: 100}

#: More lines than anybody needs to come to the end.
MOST_LINES = 160

#: What they say of themselves. None of it is a choice, a number or a command.
OWN = (
    "my sister and the dog", "walking by the canal", "I used to sing in a choir", "Tuesdays after ten",
    "nobody much since we moved", "my old bike", "my grandson's football", "getting the garden straight",
    "it is near enough to walk", "they were kind last time", "the allotment, mostly", "tea with next door",
)  # fmt: skip
#: Between one answer and the next.
ASIDES = ("menu", "again", "photo", "privacy", "language", "hello", "pause", "weeks", "details")
TOLD = "some company would be good"
DONE = "the end"


@dataclass
class Said:
    """What one person said last to each question, and how many of each thing they did."""

    to: dict[str, Any] = field(default_factory=dict)
    did: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        self.did[what] = self.did.get(what, 0) + 1


class Person:
    """Somebody who talks as people do, by a seed."""

    def __init__(self, conversation: Conversation, phone: Phone, rng: random.Random):
        self.conversation, self.phone, self.rng = conversation, phone, rng
        self.said = Said()
        self.corrections = rng.randint(0, 3)

    def step(self) -> str:
        """The question of the plan that waits."""
        frame = self.phone.frame(WhatMatters.name)
        return frame.step if frame is not None else DONE

    def talks(self) -> Said:
        """The whole way, however long it takes. Raises Violated when it leads nowhere."""
        safe = ("1", "1") if self.phone.channel is ChannelName.SMS else ("here", "1")
        for line in ("HELLO", "1", "1", *safe, TOLD, "Ray", "1", "menu", "what matters to me"):
            self.phone.says(line)
        must(self.step() == "more", f"it began at {self.step()}")
        self.said.to["told"] = TOLD
        for _ in range(MOST_LINES):
            step = self.step()
            if step in (DONE, "support"):
                return self.said
            self._goes_on(step)
        must(False, f"somebody is still at {self.step()} after {MOST_LINES} lines")
        return self.said

    def _goes_on(self, step: str) -> None:
        does = self.rng.random()
        if does < 0.12:
            self._wanders(step)
        elif does < 0.18 and step not in ("summary", "no_such_line"):
            self._goes_back(step)
        elif does < 0.24 and WhatMatters.step(step).expects.closed:
            self.said.count("slips")
            self.phone.says("qwx zzp 999" if step.startswith(("rest", "imp", "conf", "may")) else "1-3")
            must(self.step() == step, f"what does not fit moved {step} to {self.step()}")
        else:
            self._answers(step)

    def _wanders(self, step: str) -> None:
        aside = self.rng.choice(ASIDES)
        if step in ("summary", "no_such_line") and aside == "again":
            return
        self.said.count(aside)
        phone = self.phone
        if aside == "menu":
            phone.says("menu").says("nothing, thanks")
        elif aside == "photo":
            phone.sends("photo")
        elif aside == "language":
            phone.says("Cymraeg").says("English")
        elif aside == "weeks":
            self.conversation.forward(weeks=self.rng.randint(1, 4))
            phone.says("hello")
        elif aside == "details":
            phone.says("my details")
        else:
            phone.says(aside)
        must(self.step() == step, f"{aside} moved {step} to {self.step()}")

    def _goes_back(self, step: str) -> None:
        """To the question before, where another answer takes the place of the first."""
        self.phone.says("back")
        if self.step() != step:
            self.said.count("went back")
            self._answers(self.step())

    def _answers(self, step: str) -> None:
        if step in ("summary", "no_such_line"):
            self._reads()
        elif step.startswith("rest"):
            self.phone.says(self.rng.choice(("1", "go on", "yes", "carry on")))
        elif WhatMatters.step(step).expects.may_skip and self.rng.random() < 0.25:
            self.said.count("skipped")
            self.phone.says(self.rng.choice(("skip", "pass", "SKIP", "rather not say")))
            self._noted(step, None)
        else:
            text, meant = self._something(step)
            self.phone.says(text)
            self._noted(step, meant)

    def _reads(self) -> None:
        """Their plan is read to them: right, or the number of a line, or of none."""
        if self.corrections == 0:
            self.phone.says(self.rng.choice(("ok", "OK", "yes", "all right")))
            return
        self.corrections -= 1
        frame = self.phone.frame(WhatMatters.name)
        assert frame is not None
        questions = frame.found["plan_read"].questions  # type: ignore[attr-defined]
        if self.rng.random() < 0.2:
            self.phone.says("39")
            must(self.step() == "no_such_line", "a line that is not there was found")
        number = self.rng.randint(1, len(questions))
        self.said.count("lines put right")
        self.phone.says(str(number))
        wanted = CHANGED_AT.get(questions[number - 1], "access")
        must(self.step() == wanted, f"line {number} led to {self.step()} and not to {wanted}")
        while self.step() not in ("summary", "no_such_line", DONE):
            self._answers(self.step())

    def _noted(self, step: str, meant: Any) -> None:
        self.said.to[step] = meant
        if step == "matters":  # it stands for all they said of it
            self.said.to["told"] = self.said.to["more"] = None
        if step == "small_step" and meant is None:
            for about_it in ("importance", "why_importance", "confidence", "why_confidence"):
                self.said.to[about_it] = None

    def _something(self, step: str) -> tuple[str, Any]:
        """An answer as they type it, and what they mean by it."""
        expects, rng = WhatMatters.step(step).expects, self.rng
        if expects.several and step == "may_see":
            return rng.choice((("1", ["gp"]), ("2", ["services"]), ("no one else", ["no_one_else"])))
        if expects.several:
            return self._several(step)
        if expects.numbers:
            number = rng.randint(0, 10)
            return rng.choice((f"{number}", f"{number}/10", f"about {number}", f"no, {number}")), number
        own = f"{rng.choice(OWN)} {self._mark()}"
        return own, own

    def _mark(self) -> str:
        """So that no two answers are alike."""
        return "so it is, " + "".join(self.rng.choices("bcdfghjklm", k=6))

    def _several(self, step: str) -> tuple[str, list[str]]:
        expects, rng = WhatMatters.step(step).expects, self.rng
        picks = rng.sample(range(len(expects.choices)), rng.randint(1, 3))
        codes = [expects.choices[n] for n in picks]
        labels = [self._label(step, code) for code in codes]
        numbers = [str(n + 1) for n in picks]
        ways = [
            (" ".join(numbers), codes), (", ".join(numbers), codes), (" and ".join(numbers), codes),
            (", ".join(labels).upper(), codes), (" and ".join(self._slip(label) for label in labels), codes),
        ]  # fmt: skip
        if step != "access":
            own = f"a bench that is mine {self._mark()}".replace(",", "")
            ways += [("none of these", []), ("all", list(expects.choices)), (own, [own])]
            ways.append((f"{numbers[0]}, {own}", [codes[0], own]))
        return rng.choice(ways)

    def _label(self, step: str, code: str) -> str:
        return self.conversation.prompts.label(f"what_matters.{step}", code, "en")

    def _slip(self, label: str) -> str:
        """One letter left out of a long word, as thumbs do; where that leaves no doubt what is meant."""
        if len(label) < 7 or " and " in label or self.rng.random() < 0.5:
            return label
        at = self.rng.randint(2, len(label) - 3)
        return label[:at] + label[at + 1 :] if label[at] != " " else label


def prove(size: Size, seed: int) -> list[Figure]:
    """Let them talk, and compare. Raises Violated."""
    did: dict[str, int] = {}
    lines = messages = 0
    with tempfile.TemporaryDirectory() as folder:
        clock = SetClock(datetime(2026, 3, 3, 10, 0, tzinfo=UTC))
        store = _store(Path(folder), clock)
        try:
            for n in range(PEOPLE[size]):
                conversation = Conversation(store, clock)
                channel = "sms" if n % 3 else "telegram"
                address = f"+4477009{n:05d}" if channel == "sms" else str(70_000 + n)
                phone = conversation.phone(channel, address)
                person = Person(conversation, phone, random.Random(f"{seed}/{n}"))
                said = _talks(person, n)
                with store.reading() as reading:
                    plan = plan_of(reading, phone.person.id)
                    _is_what_they_said(n, plan, said)
                    lines += len(plan.lines) if plan else 0
                    messages += _every_line_has_its_message(reading, phone, n)
                for what, times in said.did.items():
                    did[what] = did.get(what, 0) + times
        finally:
            store.close()
    return [
        Figure("people, whose plan says what they said and nothing else", str(PEOPLE[size])),
        Figure("lines of their plans", str(lines)),
        Figure("lines ever said, each of them leading to its message", str(messages)),
        *(Figure(f"times: {what}", str(times)) for what, times in sorted(did.items())),
    ]


def _talks(person: Person, n: int) -> Said:
    """One person's whole way; who it was is in what is raised."""
    said = person.talks()
    must(bool(said.to), f"person {n} said nothing")
    return said


def _store(folder: Path, clock: SetClock) -> Store:
    url = f"sqlite:///{folder / 'linkline.db'}"
    engine = make_engine(url)
    migrations.upgrade(engine)
    engine.dispose()
    return Store(url, Sealer(KEYS, LOOKUP_KEY), clock)


def _is_what_they_said(n: int, plan: Plan | None, said: Said) -> None:
    """Question by question: the same codes, words and numbers, and nothing beside."""
    expected: dict[str, set[Any]] = {}
    for step, meant in said.to.items():
        asked = "matters" if step in ("told", "more") else _question_of(step)
        if asked is None or meant is None:
            continue
        expected.setdefault(asked, set()).update(meant if isinstance(meant, list) else [meant])
    stored: dict[str, set[Any]] = {}
    for line in plan.lines if plan else ():
        value = line.number if line.number is not None else line.code or line.words
        stored.setdefault(ADDED.get(line.asked, line.asked), set()).add(value)
    for question in expected.keys() | stored.keys():
        same = stored.get(question, set()) == expected.get(question, set())
        must(same, f"person {n}: what is stored of {question} is not what they said")
    chosen = said.to.get("may_see") or []
    wanted = {"link-worker", *(who for who in chosen if who != "no_one_else")}
    must(plan is None or set(plan.may_see) == wanted, f"person {n}: somebody else may see it")


def _question_of(step: str) -> str | None:
    if HEADINGS.get(step) == "want":
        return step
    return HEADINGS.get(step)


def _every_line_has_its_message(reading: Any, phone: Phone, n: int) -> int:
    """Each line that was ever there came in a message of this very conversation."""
    mine = {
        row.id
        for row in reading.execute(
            inbox.select().where(inbox.c.conversation_id == phone.conversation_id)
        ).all()
    }
    history = history_of(reading, phone.person.id)
    for line in history:
        must(line.inbox_id in mine, f"person {n}: line {line.id} leads to no message of theirs")
    return len(history)
