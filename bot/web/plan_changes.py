"""What a person does to their own plan on its page."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from bot.casework import plans
from bot.casework.plans import Line, Plan
from bot.conversation.voice import Voice
from bot.conversation.written import Written, keep_written
from bot.people import consents
from bot.safety.noticing import Noticed, notice
from bot.store.tables import Heading, Ledger
from bot.store.unit_of_work import UnitOfWork
from bot.web.forms import Form, Wrong, from_another_site, read_form
from bot.web.plan_gate import Theirs
from bot.web.plan_page import LISTS, NUMBERS, OTHERS, PlanPage

#: Longer than anybody writes about one thing.
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Came:
    """What a change came to: what the page says of it, which line it is, and a card where one is due."""

    done: str = "saved"
    line_id: int | None = None
    card: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it came: what was noticed in its words before anything waited, or why it is not taken."""

    form: Form
    at: dict[str, str | int]  # of the address: which line, which list
    noticed: Noticed | None = None
    wrong: Wrong | None = None

    @property
    def opens(self) -> str:
        """Which line to show open when it was not taken; "new" for one to be added."""
        return str(self.at["line"]) if "line" in self.at else "new" if "about" in self.form else ""


async def read(request: Request, most: int) -> Sent:
    """What they sent, of at most `most` bytes."""
    at = {name: value for name, value in request.path_params.items() if name != "token"}
    try:
        if from_another_site(request):
            raise Wrong(403, "stale")
        form = await read_form(request, most)
    except Wrong as wrong:
        return Sent(Form([]), at, wrong=wrong)
    words = form.words("words")
    return Sent(form, at, await run_in_threadpool(notice, words) if words else None)


class Changes:
    """The changes. Each takes the unit, whose plan it is, and what they sent; raises Wrong."""

    def __init__(self, voice: Voice, page: PlanPage):
        self._voice, self._page = voice, page

    def add(self, unit: UnitOfWork, theirs: Theirs, sent: Sent) -> Came:
        """One more line, in their words."""
        heading = _heading(sent.form.one("about"))
        words = _words(sent)
        for line in theirs.plan.under(heading):
            if line.words == words:  # pressed twice
                return Came(line_id=line.id)
        written = self._keep(unit, theirs, sent, words)
        added = plans.add_line(unit, theirs.plan.id, heading, words=words, inbox_id=written.inbox_id)
        return Came(line_id=added, card=written.card)

    def change(self, unit: UnitOfWork, theirs: Theirs, sent: Sent) -> Came:
        """Say a line otherwise, or take it out. What it said before is kept."""
        line = _line(theirs.plan, sent)
        if sent.form.one("do") == "end":
            plans.end_line(unit, line.id)
            return Came("taken-out", line.id)
        if line.heading in NUMBERS:
            number = sent.form.one("number")
            if number not in map(str, range(11)):
                raise Wrong(400, "number")
            return Came(line_id=plans.correct_line(unit, line.id, number=int(number)))
        words = _words(sent)
        was = line.words if line.words is not None else self._label(line, theirs, sent)
        if words == was:
            return Came(line_id=line.id)
        written = self._keep(unit, theirs, sent, words)
        now = plans.correct_line(unit, line.id, words=words, inbox_id=written.inbox_id)
        return Came(line_id=now, card=written.card)

    def put_back(self, unit: UnitOfWork, theirs: Theirs, sent: Sent) -> Came:
        """A line was taken out by mistake."""
        line = next((one for one in plans.history_of(unit, theirs.who.id) if one.id == sent.at["line"]), None)
        if line is None:
            raise Wrong(409, "stale")
        said = plans.Said(line.code, line.words, line.number, line.inbox_id)
        for one in theirs.plan.under(line.heading):
            if said.same_as(one):
                return Came(line_id=one.id)
        back = plans.add_line(
            unit, theirs.plan.id, line.heading, code=line.code, words=line.words, number=line.number,
            inbox_id=line.inbox_id,
        )  # fmt: skip
        return Came(line_id=back)

    def choose(self, unit: UnitOfWork, theirs: Theirs, sent: Sent) -> Came:
        """What is ticked on a list, and nothing else of that list. Their own words stay."""
        heading = _heading(str(sent.at["heading"]))
        if heading not in LISTS:
            raise Wrong(400, "not_words")
        known, ticked = LISTS[heading][0], set(sent.form.all("code"))
        lines = theirs.plan.under(heading)
        for line in lines:
            if line.code in known and line.code not in ticked:
                plans.end_line(unit, line.id)
        for code in known:
            if code in ticked and code not in {line.code for line in lines}:
                plans.add_line(unit, theirs.plan.id, heading, code=code)
        return Came()

    def who_may_see(self, unit: UnitOfWork, theirs: Theirs, sent: Sent) -> Came:
        """Who else may see it. Each yes and each no is in the ledger."""
        ticked = [code for code in OTHERS if code in sent.form.all("who")]
        plans.set_may_see(unit, theirs.plan.id, ticked)
        language = self._language(theirs, sent)
        for code in OTHERS:
            if (code in ticked) != (code in theirs.plan.may_see):
                consents.record(
                    unit, theirs.who.id, Ledger.AGREEMENT, f"see-plan:{code}", code in ticked,
                    prompt="mine.who", words=self._page.other(code, language), language=language,
                )  # fmt: skip
        return Came("who")

    def is_right(self, unit: UnitOfWork, theirs: Theirs, sent: Sent) -> Came:
        """They read it, and it is right. Of a version that has changed since they must read it again."""
        if sent.form.one("version") != str(theirs.plan.version):
            raise Wrong(409, "changed")
        plans.agree(unit, theirs.plan.id)
        return Came("right")

    def _keep(self, unit: UnitOfWork, theirs: Theirs, sent: Sent, words: str) -> Written:
        language = self._language(theirs, sent)
        return keep_written(unit, self._voice, theirs.who, words, language, sent.noticed)

    def _language(self, theirs: Theirs, sent: Sent) -> str:
        return self._voice.languages.best(sent.form.one("lang") or theirs.who.language)

    def _label(self, line: Line, theirs: Theirs, sent: Sent) -> str:
        return self._page.label(line.heading, line.code or "", self._language(theirs, sent))


def _heading(code: str) -> Heading:
    try:
        return Heading(code)
    except ValueError:
        raise Wrong(400, "not_words") from None


def _line(plan: Plan, sent: Sent) -> Line:
    for line in plan.lines:
        if line.id == sent.at["line"]:
            return line
    raise Wrong(409, "stale")


def _words(sent: Sent) -> str:
    words = sent.form.words("words")
    if not words:
        raise Wrong(400, "nothing")
    if len(words) > LONGEST:
        raise Wrong(413, "too_long")
    return words
