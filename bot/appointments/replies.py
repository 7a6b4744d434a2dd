"""What somebody says about an appointment: that they come, cannot, would rather another time, run late, or ask.

In any language there are words for (`reply_words/`), with slips of the thumb, and in two at once. One rule
stands above the others: nobody's appointment is given up by a guess. That they cannot come needs a clear
sign; what may mean two things is asked back. Pure: words in, a meaning out. Whether somebody is in danger
was looked at before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.appointments.reply_reading import KINDS, LONGEST, Hit, Language, Line, Token, languages, tokens

__all__ = ["NOTHING", "Reply", "Said", "understand_reply"]


class Said(StrEnum):
    """What a reply may mean."""

    COMING = "coming"
    CANNOT = "cannot"
    ANOTHER_TIME = "another_time"
    LATE = "late"
    WHERE = "where"
    WHEN = "when"
    WHO = "who"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Reply:
    """What was understood. Neither `meaning` nor `unsure`: an ordinary message, and not about coming.

    `unsure` is what it may mean when it must be asked back. `rest` is what else they said, as they wrote
    it: the time wished for, after "can't make it, Thursday instead?". `late_minutes` is None where they
    did not say. `also` is a question beside the meaning: "yes, where is it?".
    """

    meaning: Said | None = None
    unsure: tuple[Said, ...] = ()
    late_minutes: int | None = None
    rest: str = ""
    also: Said | None = None

    def __repr__(self) -> str:  # never what they said
        return f"Reply({self.meaning!r}, unsure={self.unsure!r})"


NOTHING = Reply()

_MEANS = {
    "coming": Said.COMING, "cannot": Said.CANNOT, "another": Said.ANOTHER_TIME, "late": Said.LATE,
    "where": Said.WHERE, "when": Said.WHEN, "who": Said.WHO, "question": Said.QUESTION,
}  # fmt: skip
_ASKS = (Said.WHERE, Said.WHEN, Said.WHO, Said.QUESTION)
_EITHER = (Said.COMING, Said.CANNOT)

#: The choices of "are you coming?", in the order they are offered.
_NUMBERED = {
    "1": Said.COMING, "2": Said.CANNOT, "3": Said.ANOTHER_TIME, "4": Said.LATE, "5": Said.WHERE,
}  # fmt: skip

#: After "what will you need?", words like these are what they need, however they begin.
_NEEDED = frozenset({"coming", "question", "hedge", "partly", "someone", "elsewhere", "reason", "suppose", "cancel"})


def understand_reply(text: str, language: str, *, asked: str | None = None) -> Reply:
    """What `text` says about the appointment that lies ahead of the person who wrote it.

    `language` is theirs, and only says which language is tried first. `asked` is what was asked last here:
    "coming" (are you coming?), "needs" (what will you need?) or None. A bare yes, no, number or thumb
    means something only after "coming"; with None only whole clear phrases do.
    """
    if not text.strip() or len(text) > LONGEST:
        return NOTHING
    said = tokens(text)
    if not said:
        return NOTHING
    known = languages()
    first = [code for code in (language, "en") if code in known]
    ordered = [known[code] for code in dict.fromkeys([*first, *known])]
    return _Message(text, said, ordered, asked).reply()


class _Message:
    """One message, read in every language, and weighed."""

    def __init__(self, text: str, said: list[Token], ordered: Sequence[Language], asked: str | None):
        self.text, self.said, self.languages, self.asked = text, said, ordered, asked
        self.own = {ordered[0].code, "en"}
        self.lines: dict[str, Line] = {}
        found = []
        for n, one in enumerate(ordered):
            line = self.lines[one.code] = one.line(said)
            found += [(hit, n) for hit in one.found(line) if n == 0 or hit.when != "own"]
        self.hits = _longest(found)

    # -- which phrases count ---------------------------------------------------------------------

    def reply(self) -> Reply:
        if self.asked == "coming" and (number := self._number()):
            return Reply(number)
        hits = [hit for hit in self.hits if self._counts(hit)]
        if self.asked == "needs":
            hits = [hit for hit in hits if hit.kind not in _NEEDED]
        meant = {_MEANS[h.kind] for h in hits if h.kind in _MEANS}
        kinds = {h.kind for h in hits}
        if "then" in kinds and (Said.CANNOT in meant or kinds & {"no", "reason"}):
            meant.add(Said.ANOTHER_TIME)
        elif "then" in kinds and self.asked == "coming":
            meant.add(Said.COMING)
        if Said.CANNOT in meant and not all(self._stands(h) for h in hits if h.kind == "cannot"):
            kinds.add("elsewhere")
            meant.discard(Said.CANNOT)
        if self.asked is None:
            return self._unasked(hits, meant, kinds)
        if self.asked == "needs":
            return self._weighed(hits, meant, kinds) if meant else NOTHING
        return self._weighed(hits, meant, kinds)

    def _counts(self, hit: Hit) -> bool:
        if hit.kind in ("yes", "no", "ok") and not self._opens(hit):
            return False
        if hit.first == hit.last and hit.language not in self.own and self._unknown_in(hit.language):
            return False  # one short word means something else in another language
        if hit.when == "clear" or self.asked == "coming":
            return True
        return self.asked == "needs" and hit.kind in ("late", "where", "when", "who", "another")

    def _unasked(self, hits: list[Hit], meant: set[Said], kinds: set[str]) -> Reply:
        """Nothing was asked: it must say so by itself, with nothing beside it that we do not know."""
        if not meant or kinds & {"elsewhere", "someone"}:
            return NOTHING
        if meant != {Said.CANNOT} and not self._names_it() and self._leftover(hits):
            return NOTHING
        return self._weighed(hits, meant, kinds)

    # -- what they come to together ---------------------------------------------------------------

    def _weighed(self, hits: list[Hit], meant: set[Said], kinds: set[str]) -> Reply:
        asks = next((a for a in _ASKS if a in meant), None)
        acts = meant - set(_ASKS)
        yes, no, ok = "yes" in kinds, "no" in kinds, "ok" in kinds
        if {"someone", "elsewhere"} & kinds:
            return self._ask_back(*(acts or _EITHER), Said.CANNOT)
        if "partly" in kinds:
            if asks is Said.QUESTION and not acts:
                return Reply(asks, rest=self.text.strip())
            return self._ask_back(Said.LATE, Said.ANOTHER_TIME, Said.CANNOT)
        if {"hedge", "suppose"} & kinds and (acts or "hedge" in kinds or yes or no):
            if asks is not None and not acts:
                return Reply(asks, rest=self.text.strip())
            return self._hedged(acts, yes, no)
        if acts:
            return self._acted(hits, acts, asks, yes, no)
        if asks is not None:
            if yes and not no:
                return Reply(Said.COMING, rest=self._rest(hits, frozenset({"yes", "ok"})), also=asks)
            return Reply(asks, rest=self.text.strip())
        return self._bare(hits, kinds, yes, no, ok)

    def _hedged(self, acts: set[Said], yes: bool, no: bool) -> Reply:
        if acts == {Said.LATE}:
            return self._late()
        if acts == {Said.ANOTHER_TIME}:
            return Reply(Said.ANOTHER_TIME, rest=self._rest(self.hits, frozenset({"another", "hedge"})))
        return self._ask_back(*acts, *_EITHER)

    def _acted(self, hits: list[Hit], acts: set[Said], asks: Said | None, yes: bool, no: bool) -> Reply:
        if Said.CANNOT in acts:
            if yes or acts & {Said.COMING, Said.LATE}:
                return self._ask_back(*acts, *_EITHER)
            if Said.ANOTHER_TIME in acts:
                return Reply(Said.ANOTHER_TIME, rest=self._wish(hits), also=asks)
            if self._asked_of("cannot", hits):
                return self._ask_back(*_EITHER)
            return Reply(Said.CANNOT, rest=self._rest(hits, frozenset({"cannot", "no", "ok"})), also=asks)
        if Said.ANOTHER_TIME in acts:
            if Said.COMING in acts and not no:
                return self._ask_back(Said.COMING, Said.ANOTHER_TIME)
            if Said.LATE in acts:
                return self._ask_back(Said.LATE, Said.ANOTHER_TIME)
            return Reply(Said.ANOTHER_TIME, rest=self._wish(hits), also=asks)
        if Said.LATE in acts:
            return replace(self._late(), also=asks)
        if self._asked_of("coming", hits) and asks is None:
            return self._ask_back(Said.COMING)
        return Reply(Said.COMING, rest=self._rest(hits, frozenset({"coming", "yes", "no", "ok", "aside"})), also=asks)

    def _bare(self, hits: list[Hit], kinds: set[str], yes: bool, no: bool, ok: bool) -> Reply:
        """No phrase says it: a yes or a no, or only why they might not."""
        if self.asked != "coming":
            return NOTHING
        left = self._leftover(hits)
        asks = any(t.asks for t in self.said)
        if not (yes or no or ok) and not left and self._nods():
            yes = True
        if yes and (no or "cancel" in kinds or "reason" in kinds):
            return self._ask_back(*_EITHER)
        if no:
            unsaid = left and "reason" not in kinds
            return self._ask_back(*_EITHER) if ok or unsaid or asks else Reply(Said.CANNOT)
        if "cancel" in kinds or "reason" in kinds:
            return self._ask_back(Said.CANNOT, Said.COMING)
        if yes or (ok and not left):
            if asks and left:
                return Reply(Said.COMING, rest=self._rest(hits, frozenset({"yes", "ok"})), also=Said.QUESTION)
            if asks or self._turns(hits):
                return self._ask_back(*_EITHER)
            return Reply(Said.COMING, rest=self._rest(hits, frozenset({"yes", "ok"})))
        if asks and left:
            return Reply(Said.QUESTION, rest=self.text.strip())
        return NOTHING

    @staticmethod
    def _ask_back(*may_be: Said) -> Reply:
        return Reply(unsure=tuple(said for said in Said if said in may_be))

    def _late(self) -> Reply:
        minutes = next((m for one in self.languages if (m := one.minutes(self.lines[one.code]))), None)
        return Reply(Said.LATE, late_minutes=minutes)

    # -- what stands beside ---------------------------------------------------------------------

    def _number(self) -> Said | None:
        words = [t.word for t in self.said if not t.stop]
        return _NUMBERED.get(words[0]) if len(words) == 1 else None

    def _nods(self) -> bool:
        words = {t.word for t in self.said}
        return any(words & one.nods for one in self.languages)

    def _stands(self, hit: Hit) -> bool:
        """Whether what is beside "can't come" takes nothing from it: "can't come to choir" is not it."""
        return self._passes(hit, hit.first - 1, -1) and self._passes(hit, hit.last + 1, 1)

    def _passes(self, hit: Hit, at: int, step: int) -> bool:
        while 0 <= at < len(self.said):
            token = self.said[at]
            if token.stop or self._within(at, hit):
                return True
            role = self._role(at, hit.language)
            if role == "filler":
                at += step
                continue
            return role == "beside"
        return True

    def _within(self, at: int, but: Hit | None = None) -> bool:
        return any(h.first <= at <= h.last for h in self.hits if h is not but and h.kind != "elsewhere")

    def _role(self, at: int, language: str) -> str:
        """What a word is that no phrase has taken: filler, beside, or unknown."""
        for one in self.languages:
            if one.code not in (language, "en"):
                continue
            line = self.lines[one.code]
            words = [w for w, (a, b) in zip(line.words, line.at, strict=True) if a <= at <= b]
            if not words:
                return "filler"
            if all(w in one.beside or w in one.times or w.isdigit() for w in words):
                return "beside"
        return "unknown"

    def _leftover(self, hits: Sequence[Hit]) -> bool:
        """Whether words are left that are neither in a phrase nor known to change nothing."""
        used = {at for h in hits for at in range(h.first, h.last + 1)}
        codes = {h.language for h in hits} or {self.languages[0].code}
        return any(
            not t.stop and at not in used and all(self._role(at, code) == "unknown" for code in codes)
            for at, t in enumerate(self.said)
        )

    def _unknown_in(self, language: str) -> bool:
        """Whether a word of the message is none that this language knows."""
        return any(
            not t.stop and not self._within(at) and self._role(at, language) == "unknown"
            for at, t in enumerate(self.said)
        )

    def _names_it(self) -> bool:
        return any(one.appointment & set(self.lines[one.code].words) for one in self.languages)

    def _turns(self, hits: Sequence[Hit]) -> bool:
        """Whether a "but" or a "not" is left beside a yes."""
        used = {at for h in hits for at in range(h.first, h.last + 1)}
        for one in self.languages[:1] + [o for o in self.languages[1:] if o.code == "en"]:
            line = self.lines[one.code]
            for word, (a, _) in zip(line.words, line.at, strict=True):
                if a not in used and word in one.but | one.negations:
                    return True
        return False

    def _opens(self, hit: Hit) -> bool:
        """Whether a yes or a no opens what they say: "lovely", not "my cat is lovely"."""
        for at in range(hit.first - 1, -1, -1):
            if self.said[at].stop:
                return True
            if not self._within(at, hit) and not self._is_filler(at):
                return False
        return True

    def _asked_of(self, kind: str, hits: Sequence[Hit]) -> bool:
        """Whether such a phrase ends in a question mark: "I can't come?"."""
        for hit in hits:
            if hit.kind == kind:
                stop = next((t for t in self.said[hit.last + 1 :] if t.stop), None)
                if stop is not None and stop.asks:
                    return True
        return False

    # -- what else they said ---------------------------------------------------------------------

    def _rest(self, hits: Sequence[Hit], kinds: frozenset[str]) -> str:
        used = {at for h in hits if h.kind in kinds for at in range(h.first, h.last + 1)}
        return self._without(used)

    def _wish(self, hits: Sequence[Hit]) -> str:
        """The time wished for: without that they can't, and without the time they can't."""
        used = set()
        for h in hits:
            inside = range(h.first, h.last + 1)
            if h.kind in ("another", "then"):
                used |= {at for at in inside if not self._is_time(at)}
            elif h.kind in ("cannot", "no", "yes", "ok", "aside"):
                used |= set(inside)
                at = h.last + 1
                while h.kind == "cannot" and at < len(self.said) and self._is_time(at) and not self._within(at, h):
                    used.add(at)
                    at += 1
        return self._without(used)

    def _is_time(self, at: int) -> bool:
        if self.said[at].word.isdigit():
            return True
        for one in self.languages:
            line = self.lines[one.code]
            if any(w in one.times for w, (a, b) in zip(line.words, line.at, strict=True) if a <= at <= b):
                return True
        return False

    def _without(self, used: set[int]) -> str:
        """The message without these words, and without what says nothing at either end."""
        runs: list[str] = []
        at, n = 0, len(self.said)
        while at < n:
            if at in used or self.said[at].stop:
                at += 1
                continue
            first = at
            while at < n and at not in used:
                at += 1
            kept = [i for i in range(first, at) if not self.said[i].stop and not self._is_filler(i)]
            if kept:
                runs.append(self.text[self.said[kept[0]].start : self.said[kept[-1]].end])
        return " ".join(runs)

    def _is_filler(self, at: int) -> bool:
        return self._role(at, self.languages[0].code) == "filler"


def _longest(found: list[tuple[Hit, int]]) -> list[Hit]:
    """Where phrases overlap the longest counts; then one without a gap; then the kind that comes first."""
    order = {kind: n for n, kind in enumerate(KINDS)}
    ranked = sorted(found, key=lambda f: (-(f[0].last - f[0].first), -f[0].words, not f[0].exact, order[f[0].kind], f[1]))
    kept: list[Hit] = []
    for hit, _ in ranked:
        if all(hit.last < k.first or hit.first > k.last for k in kept):
            kept.append(hit)
    return sorted(kept, key=lambda h: h.first)
