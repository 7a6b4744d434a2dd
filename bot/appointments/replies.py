"""What somebody says about an appointment: they come, cannot, want another time, run late, or ask.

In any language there are words for (`reply_words/`), with slips of the thumb, and in two at once. One rule
stands above the others: nobody's appointment is given up by a guess. That they cannot come needs a clear
sign; what may mean two things is asked back. Pure: words in, a meaning out. Whether somebody is in danger
was looked at before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.appointments.reply_message import Message
from bot.appointments.reply_reading import LONGEST, Hit, languages, meaningful

__all__ = ["NOTHING", "Reply", "Said", "get_ready", "understand_reply"]


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
    did not say. `also` is a question beside the meaning: "yes, where is it?". `names_it`: they speak of their
    appointment by that word.
    """

    meaning: Said | None = None
    unsure: tuple[Said, ...] = ()
    late_minutes: int | None = None
    rest: str = ""
    also: Said | None = None
    names_it: bool = False

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


def get_ready() -> None:
    """Read now, in a moment, the phrases that the first reply would wait for."""
    meaningful()


def understand_reply(text: str, language: str, *, asked: str | None = None) -> Reply:
    """What `text` says about the appointment that lies ahead of the person who wrote it.

    `language` is theirs, and only says which language is tried first. `asked` is what was asked last here:
    "coming" (are you coming?), "needs" (what will you need?) or None. A bare yes, no, number or thumb
    means something only after "coming"; with None only whole clear phrases do.
    """
    if not text.strip() or len(text) > LONGEST:
        return NOTHING
    known = languages()
    first = [code for code in (language, "en") if code in known]
    ordered = [known[code] for code in dict.fromkeys([*first, *known])]
    message = Message(text, ordered)
    reply = _Weighing(message, asked).reply()
    return reply if reply == NOTHING else replace(reply, names_it=message.names_it())


class _Weighing:
    """What the phrases of one message come to, together and after what was asked."""

    def __init__(self, message: Message, asked: str | None):
        self.heard, self.asked = message, asked

    # -- which phrases count ---------------------------------------------------------------------

    def reply(self) -> Reply:
        if self.asked == "coming" and (number := self._number()):
            return Reply(number)
        hits = [hit for hit in self.heard.hits if self._counts(hit)]
        meant = {_MEANS[h.kind] for h in hits if h.kind in _MEANS}
        kinds = {h.kind for h in hits}
        if self.asked == "needs":
            meant -= {Said.COMING, Said.QUESTION}
            kinds.discard("reason")
        asking = self.heard.ends_asking("then", hits) or self.heard.begins_asking(hits, "then")
        if "then" in kinds and (asking or Said.CANNOT in meant or kinds & {"no", "reason"}):
            meant.add(Said.ANOTHER_TIME)
        elif "then" in kinds and self.asked == "coming":
            meant.add(Said.COMING)
        if Said.CANNOT in meant and not all(self.heard.stands(h) for h in hits if h.kind == "cannot"):
            kinds.add("elsewhere")
            meant.discard(Said.CANNOT)
        if self.asked is None:
            return self._unasked(hits, meant, kinds)
        if self.asked == "needs" and not meant:
            return NOTHING  # it is what they need, however it begins
        return self._weighed(hits, meant, kinds)

    def _counts(self, hit: Hit) -> bool:
        if hit.kind in ("yes", "no", "ok") and not self.heard.opens(hit):
            return False
        if hit.first == hit.last and hit.language != self.heard.own and self.heard.unknown_in(hit.language):
            return False  # one short word means something else in another language
        if hit.when == "clear" or self.asked == "coming" or hit.kind in ("yes", "no"):
            return True
        return self.asked == "needs" and hit.kind in ("late", "where", "when", "who", "another")

    def _unasked(self, hits: list[Hit], meant: set[Said], kinds: set[str]) -> Reply:
        """Nothing was asked: it must say so by itself, with nothing beside it that we do not know."""
        if not meant or kinds & {"elsewhere", "someone"}:
            return NOTHING
        if meant != {Said.CANNOT} and not self.heard.names_it() and self.heard.leftover(hits):
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
                return Reply(asks, rest=self.heard.text.strip())
            return self._ask_back(Said.LATE, Said.ANOTHER_TIME, Said.CANNOT)
        if {"hedge", "suppose"} & kinds and (acts or "hedge" in kinds or yes or no):
            if asks is not None and not acts:
                return Reply(asks, rest=self.heard.text.strip())
            return self._hedged(acts, yes, no)
        if acts:
            return self._acted(hits, acts, asks, yes, no)
        if asks is not None:
            if yes and not no and self.asked == "coming":
                return Reply(Said.COMING, rest=self.heard.without(hits, {"yes", "ok"}), also=asks)
            return Reply(asks, rest=self.heard.text.strip())
        return self._bare(hits, kinds, yes, no, ok)

    def _hedged(self, acts: set[Said], yes: bool, no: bool) -> Reply:
        if acts == {Said.LATE}:
            return self._late()
        if acts - {Said.CANNOT} == {Said.ANOTHER_TIME}:
            return Reply(Said.ANOTHER_TIME, rest=self.heard.wish(self.heard.hits))
        return self._ask_back(*acts, *_EITHER)

    def _acted(self, hits: list[Hit], acts: set[Said], asks: Said | None, yes: bool, no: bool) -> Reply:
        if Said.CANNOT in acts:
            if yes or acts & {Said.COMING, Said.LATE}:
                return self._ask_back(*acts, *_EITHER)
            if Said.ANOTHER_TIME in acts:
                return Reply(Said.ANOTHER_TIME, rest=self.heard.wish(hits), also=asks)
            if self.heard.ends_asking("cannot", hits) or self.heard.begins_unread():
                return self._ask_back(*_EITHER)
            return Reply(Said.CANNOT, rest=self.heard.without(hits, {"cannot", "no", "ok"}), also=asks)
        if Said.ANOTHER_TIME in acts:
            if Said.COMING in acts and not no:
                return self._ask_back(Said.COMING, Said.ANOTHER_TIME)
            if Said.LATE in acts:
                return self._ask_back(Said.LATE, Said.ANOTHER_TIME)
            return Reply(Said.ANOTHER_TIME, rest=self.heard.wish(hits), also=asks)
        if Said.LATE in acts:
            return replace(self._late(), also=asks)
        if self.heard.ends_asking("coming", hits) and asks is None:
            return self._ask_back(Said.COMING)
        if asks is Said.QUESTION and self.heard.begins_asking(hits, "coming"):
            return Reply(asks, rest=self.heard.text.strip())
        return Reply(
            Said.COMING, rest=self.heard.without(hits, {"coming", "yes", "no", "ok", "aside"}), also=asks
        )

    def _bare(self, hits: list[Hit], kinds: set[str], yes: bool, no: bool, ok: bool) -> Reply:
        """No phrase says it: a yes or a no, or only why they might not."""
        if self.asked != "coming":
            return NOTHING
        left = self.heard.leftover(hits)
        asks = any(t.asks for t in self.heard.said)
        if not (yes or no or ok) and not left and self.heard.nods():
            yes = True
        if yes and (no or "cancel" in kinds or "reason" in kinds):
            return self._ask_back(*_EITHER)
        if no:
            unsaid = "reason" not in kinds and self.heard.says_more(hits)
            return self._ask_back(*_EITHER) if ok or left or unsaid or asks else Reply(Said.CANNOT)
        if kinds & {"cancel", "reason", "suppose"}:
            return self._ask_back(Said.CANNOT, Said.COMING)
        if yes or (ok and not left):
            if asks and left:
                return Reply(Said.COMING, rest=self.heard.without(hits, {"yes", "ok"}), also=Said.QUESTION)
            if asks or self.heard.turns(hits):
                return self._ask_back(*_EITHER)
            return Reply(Said.COMING, rest=self.heard.without(hits, {"yes", "ok"}))
        if asks and left:
            return Reply(Said.QUESTION, rest=self.heard.text.strip())
        return NOTHING

    @staticmethod
    def _ask_back(*may_be: Said) -> Reply:
        return Reply(unsure=tuple(said for said in Said if said in may_be))

    def _late(self) -> Reply:
        minutes = next(
            (m for one in self.heard.languages if (m := one.minutes(self.heard.lines[one.code]))), None
        )
        return Reply(Said.LATE, late_minutes=minutes)

    def _number(self) -> Said | None:
        words = [t.word for t in self.heard.said if not t.stop]
        return _NUMBERED.get(words[0]) if len(words) == 1 else None
