"""A reply as it was read in every language at once: its phrases, and what stands beside each."""

from __future__ import annotations

from collections.abc import Sequence

from bot.appointments.reply_reading import KINDS, Hit, Language, Line, Token, tokens

#: What a yes or a no may still come after: "ok, no worries, yes".
_OPENERS = frozenset({"yes", "no", "ok", "aside", "coming", "then", "cannot"})


class Message:
    """One message: `said` are its words, `hits` the phrases in it that no longer one hides.

    `ordered` are the languages, the writer's own first.
    """

    def __init__(self, text: str, ordered: Sequence[Language]):
        self.text, self.languages = text, ordered
        self.said: list[Token] = tokens(text)
        self.own = ordered[0].code
        self._by_code = {one.code: one for one in ordered}
        self.lines: dict[str, Line] = {}
        found = []
        for n, one in enumerate(ordered):
            line = self.lines[one.code] = one.line(self.said)
            found += [(hit, n) for hit in one.found(line) if n == 0 or hit.when != "own"]
        self.hits = _longest(found)

    # -- what stands beside ---------------------------------------------------------------------

    def nods(self) -> bool:
        words = {t.word for t in self.said}
        return any(words & one.nods for one in self.languages)

    def stands(self, hit: Hit) -> bool:
        """Whether what is beside "can't come" takes nothing from it: "can't come to choir" is not it."""
        if self._undone(hit):
            return False
        return self._begins_clear(hit) and self._ends_clear(hit)

    def _undone(self, hit: Hit) -> bool:
        """Whether an "if", a "not" or a "said" stands before it: "they told me I can't come"."""
        before = range(self._clause_from(hit.first, hit.language), hit.first)
        for one in self.languages:
            if one.code in (hit.language, "en"):
                line = self.lines[one.code]
                if any(w in one.undo and a in before for w, (a, _) in zip(line.words, line.at, strict=True)):
                    return True
        return False

    def _clause_from(self, at: int, language: str) -> int:
        """Where what is said there begins: after a stop, or a "so"."""
        breaks = self._by_code[language].breaks
        while at > 0 and not self.said[at - 1].stop and self.said[at - 1].word not in breaks:
            at -= 1
        return at

    def begins_asking(self, hits: Sequence[Hit], kind: str) -> bool:
        """Whether a question word opens the very words that hold such a phrase: "kya main aa sakta hun"."""
        asks = {self._clause_from(h.first, h.language) for h in hits if h.kind == "question"}
        return any(self._clause_from(h.first, h.language) in asks for h in hits if h.kind == kind)

    def _begins_clear(self, hit: Hit) -> bool:
        """Whether nothing stands before it that may be who cannot: "the bus can't come"."""
        at = hit.first - 1
        while at >= 0 and not self.said[at].stop and not self.within(at, hit):
            role = self._role(at, hit.language)
            if role in ("beside", "unknown"):
                return role == "beside"
            at -= 1
        return True

    def _ends_clear(self, hit: Hit) -> bool:
        """Whether nothing follows that it is about: "can't come Tuesday my car broke" is clear.

        "Can't come on my own" is not, nor "can't make my payments".
        """
        one = self._by_code[hit.language]
        takes = any(w in one.takes for w in self._words_at(hit.last, hit.language)[-1:])
        timed = leads = False
        for at in range(hit.last + 1, len(self.said)):
            if self.said[at].stop:
                break
            if self.within(at, hit):
                return not leads
            role = self._role(at, hit.language)
            if role == "leads" and not (leads or takes) and self.said[at].word in one.determiners:
                return True  # a new beginning: "the kids are ill"
            if role == "beside":
                return not leads or self._is_appointment(at)
            if role == "unknown":
                return timed and not leads
            timed, leads = timed or role == "time", role == "leads" or (leads and role == "filler")
        return True

    def within(self, at: int, but: Hit | None = None) -> bool:
        return any(h.first <= at <= h.last for h in self.hits if h is not but and h.kind != "elsewhere")

    def _words_at(self, at: int, language: str) -> list[str]:
        """A word of the message as one language reads it: none for a filler, several where it opens."""
        line = self.lines[language]
        return [w for w, (a, b) in zip(line.words, line.at, strict=True) if a <= at <= b]

    def _role(self, at: int, language: str) -> str:
        """What a word is that no phrase has taken: filler, time, leads, beside or unknown."""
        for one in self.languages:
            if one.code not in (language, "en"):
                continue
            words = self._words_at(at, one.code)
            if not words:
                return "filler"
            if words[-1] in one.leads:
                return "leads"
            if all(w in one.times or w.isdigit() for w in words):
                return "time"
            if all(w in one.beside | one.but | one.times for w in words):
                return "beside"
        return "unknown"

    def leftover(self, hits: Sequence[Hit]) -> bool:
        """Whether words are left that are neither in a phrase nor known to change nothing."""
        used = {at for h in hits for at in range(h.first, h.last + 1)}
        codes = {h.language for h in hits} or {self.languages[0].code}
        return any(
            not t.stop and at not in used and all(self._role(at, code) == "unknown" for code in codes)
            for at, t in enumerate(self.said)
        )

    def unknown_in(self, language: str) -> bool:
        """Whether a word of the message is none that this language knows."""
        return any(
            not t.stop and not self.within(at) and self._role(at, language) == "unknown"
            for at, t in enumerate(self.said)
        )

    def says_more(self, hits: Sequence[Hit]) -> bool:
        """Whether anything at all stands beside a bare no but politeness."""
        used = {at for h in hits for at in range(h.first, h.last + 1)}
        codes = {h.language for h in hits if h.kind == "no"}
        return any(
            not t.stop and at not in used and all(self._role(at, code) != "filler" for code in codes)
            for at, t in enumerate(self.said)
        )

    def _is_appointment(self, at: int) -> bool:
        return any(w in one.appointment for one in self.languages for w in self._words_at(at, one.code))

    def names_it(self) -> bool:
        return any(one.appointment & set(self.lines[one.code].words) for one in self.languages)

    def turns(self, hits: Sequence[Hit]) -> bool:
        """Whether a "but" or a "not" is left beside a yes."""
        used = {at for h in hits for at in range(h.first, h.last + 1)}
        for one in self.languages[:1] + [o for o in self.languages[1:] if o.code == "en"]:
            line = self.lines[one.code]
            for word, (a, _) in zip(line.words, line.at, strict=True):
                if a not in used and word in one.but | one.negations:
                    return True
        return False

    def opens(self, hit: Hit) -> bool:
        """Whether a yes or a no opens what they say: "lovely", not "my cat is lovely"."""
        for at in range(hit.first - 1, -1, -1):
            if self.said[at].stop:
                return True
            before = next((h for h in self.hits if h.first <= at <= h.last and h is not hit), None)
            role = "filler" if before is not None and before.kind in _OPENERS else "unknown"
            if before is None:
                role = self._role(at, hit.language)
            if role == "unknown" or (hit.kind != "yes" and role != "filler"):
                return False
        return True

    def begins_unread(self) -> bool:
        """One word we cannot read, and then a "but": it may have been a yes."""
        words = [(at, t) for at, t in enumerate(self.said) if not t.stop][:2]
        if (
            len(words) < 2
            or self.within(words[0][0])
            or self._role(words[0][0], self.languages[0].code) != "unknown"
        ):
            return False
        return any(words[1][1].word in one.but for one in self.languages)

    def ends_asking(self, kind: str, hits: Sequence[Hit]) -> bool:
        """Whether such a phrase ends in a question mark: "I can't come?"."""
        for hit in hits:
            if hit.kind == kind:
                stop = next((t for t in self.said[hit.last + 1 :] if t.stop), None)
                if stop is not None and stop.asks:
                    return True
        return False

    # -- what else they said ---------------------------------------------------------------------

    def without(self, hits: Sequence[Hit], kinds: set[str]) -> str:
        used = {at for h in hits if h.kind in kinds for at in range(h.first, h.last + 1)}
        return self._text_without(used)

    def wish(self, hits: Sequence[Hit]) -> str:
        """The time wished for: without that they can't, and without the time they can't."""
        used = set()
        for h in hits:
            inside = range(h.first, h.last + 1)
            if h.kind in ("another", "then"):
                used |= {at for at in inside if not self._is_time(at, h.language)}
            elif h.kind in ("cannot", "no", "yes", "ok", "aside", "hedge"):
                used |= set(inside)
                at = h.last + 1
                while (
                    h.kind == "cannot"
                    and at < len(self.said)
                    and self._is_time(at, h.language)
                    and not self.within(at, h)
                ):
                    used.add(at)
                    at += 1
        return self._text_without(used)

    def _is_time(self, at: int, language: str) -> bool:
        if self.said[at].word.isdigit():
            return True
        times = self._by_code[language].times
        return any(w in times for w in self._words_at(at, language))

    def _text_without(self, used: set[int]) -> str:
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
            kept = [i for i in range(first, at) if not self.said[i].stop and not self._is_empty(i)]
            if kept:
                runs.append(self.text[self.said[kept[0]].start : self.said[kept[-1]].end])
        return " ".join(runs)

    def _is_empty(self, at: int) -> bool:
        return self._is_filler(at) or any(self.said[at].word in one.but for one in self.languages)

    def _is_filler(self, at: int) -> bool:
        return self._role(at, self.languages[0].code) == "filler"


def _longest(found: list[tuple[Hit, int]]) -> list[Hit]:
    """Where phrases overlap the longest counts; then one without a gap; then the kind that comes first."""
    order = {kind: n for n, kind in enumerate(KINDS)}
    ranked = sorted(
        found, key=lambda f: (-(f[0].last - f[0].first), -f[0].words, not f[0].exact, order[f[0].kind], f[1])
    )
    kept: list[Hit] = []
    for hit, _ in ranked:
        if all(hit.last < k.first or hit.first > k.last for k in kept):
            kept.append(hit)
    return sorted(kept, key=lambda h: h.first)
