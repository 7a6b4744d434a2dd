"""Who may open a plan's page: whoever has its link, and on a shared phone whoever knows their short word.

Decided in bot/decisions/2026-11-22-a-plan-on-a-shared-phone.md.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.casework import plans
from bot.casework.plans import Plan
from bot.flowkit.answers import plain
from bot.people import contact_points
from bot.people.persons import Person, person_of
from bot.people.safe_contact import THEIRS_ALONE
from bot.store.engines import Store
from bot.store.tables import Safe
from bot.store.unit_of_work import Reading
from bot.web.forms import Wrong
from bot.web.guard import Limiter

#: How long the page stays open in one browser after their short word.
OPEN_FOR = timedelta(minutes=30)
COOKIE = "plan"

#: Answers that say somebody else may hold what the link is opened on.
OTHERS_MAY_SEE = frozenset({Safe.SHARED, Safe.NOT_NOW, Safe.NO_MESSAGE})

#: Longer than any word somebody chose to say.
LONGEST_WORD = 200


@dataclass(frozen=True, slots=True)
class Theirs:
    """Whose link it is. `word` is folded, and empty when they chose none."""

    plan: Plan
    who: Person
    word: str
    needs_word: bool

    def __repr__(self) -> str:
        return f"Theirs(plan={self.plan.id})"


class Gate:
    """Finds whose link it is, and hears their word."""

    def __init__(self, store: Store):
        self._store = store
        self._tries = Limiter(at_once=5, a_second=1 / 600)

    def look(self, token: str) -> Theirs | None:
        """Whose plan this link leads to; None for a link that leads nowhere."""
        with self._store.reading() as reading:
            return self.theirs(reading, token)

    def theirs(self, reading: Reading, token: str) -> Theirs | None:
        """The same, within a look or a unit of work of its own."""
        plan = plans.plan_by_token(reading, token)
        if plan is None:
            return None
        who = person_of(reading, plan.person_id)
        safe = {point.safe for point in contact_points.of_person(reading, who.id)}
        if (said := who.contact_plan.get("safe")) in set(Safe):
            safe.add(Safe(said))
        needs_word = bool(safe & OTHERS_MAY_SEE) or not safe & THEIRS_ALONE
        return Theirs(plan, who, plain(who.contact_plan.get("word") or ""), needs_word)

    def check_word(self, theirs: Theirs, said: str) -> None:
        """Hear their short word. Raises Wrong when it is not the one, or after too many tries."""
        if not self._tries.allows(str(theirs.plan.id)):
            raise Wrong(429, "too_many_words")
        given = plain(said[:LONGEST_WORD])
        if not theirs.word or not hmac.compare_digest(given.encode(), theirs.word.encode()):
            raise Wrong(403, "wrong_word")

    def pass_for(self, theirs: Theirs, until: datetime) -> str:
        """What their browser keeps until then (aware UTC). A new word ends it."""
        return self._pass(theirs, int(until.timestamp()))

    def passes(self, theirs: Theirs, given: str, now: datetime) -> bool:
        """Whether a browser was told the word, and not too long ago."""
        until = given.partition(".")[0]
        if not theirs.word or not (until.isascii() and until.isdigit() and len(until) < 18):
            return False
        right = hmac.compare_digest(given.encode(), self._pass(theirs, int(until)).encode())
        return right and int(until) > now.timestamp()

    def _pass(self, theirs: Theirs, until: int) -> str:
        proof = self._store.sealer.lookup("plan page", f"{theirs.plan.token}\0{theirs.word}\0{until}")
        return f"{until}.{proof}"
