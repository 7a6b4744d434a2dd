"""Reading what was typed: hidden letters, numbers for letters, gaps, texting and slips of the finger.

`Reader.read` turns a message into the plain line of words that phrases are matched against.
It works in one pass over the words; what it makes is never shown and never stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

#: More than this is never read: the longest message any channel brings is 4,096 characters.
LONGEST = 6_000

_APOSTROPHES = re.compile("['\u2018\u2019\u201b\u02bc\u00b4`\u2032]")
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
#: Pictures that say something here. The rest are only feeling, and are left out.
PICTURES = {
    "\U0001f52a": "knife", "\U0001f5e1": "knife", "\U0001f48a": "pills", "\U0001f52b": "gun",
    "\U0001fa78": "blood", "\U0001f198": "sos", "\u26b0": "coffin", "\U0001faa6": "grave",
    "\U0001fa92": "razor", "\U0001faa2": "noose",
}  # fmt: skip
_PICTURE = re.compile("|".join(PICTURES))
#: Letters of other alphabets that look like ours, used to hide a word.
_LOOKALIKES = str.maketrans("аеіоорсухкѕӏвнтмαειοκνρτυχıł", "aeioopcyxksibhtmaeioknptuxil")
#: Numbers and signs that stand for a letter inside a word.
_AS_LETTER = str.maketrans("034578@$|+\u20ac\u00a3\u00a1", "oeastbasltelI".lower())

_SPACED = re.compile(r"(?<![a-z0-9])(?:[a-z0-9@$!][ ._\-*/]{1,3}){2,}[a-z0-9@$!](?![a-z0-9])")
_PIECE = re.compile(
    r"[$@*#]?[a-z0-9]+(?:[@$!|+*#%\u20ac\u00a3\u00a1]{1,8}[a-z0-9]+)*\*?"  # a word, with signs in it
    r"|[.!?;\n\u2026]+|[,:()\"\u2013\u2014]| -+ "  # a stop
)
#: Short words that may stand inside words run together.
_SMALL = frozenset({"i", "a", "to", "me", "my", "it", "of", "in", "an", "am", "do", "no", "be", "on"})
_RUN = re.compile(r"(.)\1{2,}")
_PAIR = re.compile(r"(.)\1")


def fold(text: str) -> str:
    """One plain form: compatible letters, lower case, no accents, no hidden or look-alike letters."""
    text = text[:LONGEST]
    if text.isascii():
        return text.casefold()
    text = _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
    text = _PICTURE.sub(lambda m: f" {PICTURES[m[0]]} ", text)
    text = unicodedata.normalize("NFD", text.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c))
    if re.search("[a-z]", text):
        text = text.translate(_LOOKALIKES)
    return _APOSTROPHES.sub("'", text)


class Reader:
    """Reads messages in one language.

    `vocabulary` are the words that mean themselves. An unknown word one slip away from one of
    `keys`, or two from a long one, is read as that; one run together is parted when one of
    `inside` is in it. `typed` gives what a typed word, or two or
    three with a space between, stands for; `endings` the same for what follows an apostrophe.
    `fillers` may stand anywhere and change nothing.
    """

    def __init__(
        self,
        vocabulary: Iterable[str],
        *,
        keys: Iterable[str] = (),
        inside: Iterable[str] = (),
        typed: Mapping[str, str] | None = None,
        endings: Mapping[str, str] | None = None,
        fillers: Iterable[str] = (),
    ):
        self.typed = {k: tuple(v.split()) for k, v in (typed or {}).items()}
        self.fillers = frozenset(fillers)
        self.keys = frozenset(keys)
        self._inside = frozenset(inside)
        self._starts = frozenset(k.split()[0] for k in self.typed if " " in k)
        singles = {k for k in self.typed if " " not in k}
        self.vocabulary = frozenset(vocabulary) | self.fillers | self.keys | self._inside | singles
        self._parts = frozenset(w for w in self.vocabulary if len(w) > 2) | _SMALL
        self._long = tuple(sorted(w for w in self.keys if len(w) >= 8))
        self._slips: dict[str, list[str]] = {}
        for word in self.keys:
            for less in {word, *_one_less(word)}:
                self._slips.setdefault(less, []).append(word)
        self._first = {word[0] for word in self.keys}
        self._endings = dict(endings or {})
        self._ending = re.compile(
            "(" + "|".join(map(re.escape, self._endings)) + r")(?![a-z])" if endings else r"(?!)"
        )

    def read(self, text: str) -> list[str]:
        """The words of `text`, opened and mended, with "." and "," standing for the stops."""
        return self.read_folded(fold(text))

    def read_folded(self, text: str) -> list[str]:
        """The same, for a text that `fold` has already made plain (the languages share it)."""
        if "'" in text:
            text = self._ending.sub(lambda m: self._endings[m[1]], text).replace("'", "")
        text = _SPACED.sub(self._close_up, text)
        raw = self._mended(_PIECE.findall(text))
        words: list[str] = []
        i, n = 0, len(raw)
        while i < n:
            word = raw[i]
            i += 1
            if word in self._starts:
                for size in (4, 3, 2):
                    if i + size - 1 <= n and (opened := self.typed.get(" ".join(raw[i - 1 : i + size - 1]))):
                        words.extend(opened)
                        i += size - 1
                        break
                else:
                    self._add(words, word)
            else:
                self._add(words, word)
        return words

    def _add(self, words: list[str], word: str) -> None:
        if word not in self.fillers:
            opened = self.typed.get(word)
            words.extend(opened) if opened else words.append(word)

    def _mended(self, pieces: list[str]) -> list[str]:
        known, out = self.vocabulary, []
        for piece in pieces:
            if piece in known:
                out.append(piece)
            elif piece[0] in ".!?;\n\u2026":
                out.append("," if piece.startswith(("..", "\u2026")) else ".")
            elif piece[0] in ',:()" \u2013\u2014':
                out.append(",")
            else:
                out.extend(self._mend(piece))
        return out

    def _mend(self, word: str) -> list[str]:
        """An unknown word as it was meant, or as it stands."""
        plain = word.strip("#%+|*@") or word
        if len(plain) > 60:
            return [plain[:60]]
        if plain in self.vocabulary:
            return [plain]
        if plain.isalpha():
            return self._spelt(plain) or [plain]
        if plain.isdigit():
            return [plain]
        if any(c.isalpha() for c in plain):
            for one in "il":
                letters = plain.translate(_AS_LETTER).replace("1", one).replace("!", one)
                if letters.isalpha() and (mended := self._spelt(letters)):
                    return mended
            if "*" in plain.strip("*") and (key := self._masked(plain)):
                return [key]
        return re.findall(r"[a-z]+|[0-9]+", plain) or [plain]

    def _spelt(self, word: str) -> list[str] | None:
        known = self.vocabulary
        if word in known:
            return [word]
        if _PAIR.search(word):
            for shorter in (_RUN.sub(r"\1\1", word), _RUN.sub(r"\1", word), _PAIR.sub(r"\1", word)):
                if shorter in known:
                    return [shorter]
            word = _RUN.sub(r"\1", word)
        size = len(word)
        if size < 3:
            return None
        if word.endswith("in") and word + "g" in known:
            return [word + "g"]
        if size >= 4 and word[0] in self._first and (near := self._one_slip(word)):
            return [near]
        if (
            size >= 7
            and self._long
            and (best := process.extractOne(word, self._long, scorer=OSA.distance, score_cutoff=2))
        ):
            return [best[0]]
        return self._parted(word) if self._inside and 6 <= size <= 40 else None

    def _one_slip(self, word: str) -> str | None:
        """The known word that one letter more, less, other or swapped makes of it."""
        near = {w for less in (word, *_one_less(word)) for w in self._slips.get(less, ())}
        near = {w for w in near if OSA.distance(word, w, score_cutoff=1) <= 1}
        return min(near, key=lambda w: (w[0] != word[0], abs(len(w) - len(word)), w)) if near else None

    def _masked(self, word: str) -> str | None:
        """ "su*cide", "k***": the one long word it can be."""
        pattern = re.compile(re.escape(word).replace(r"\*", "[a-z]"))
        return min((w for w in self.keys | self._inside if pattern.fullmatch(w)), default=None)

    def _close_up(self, m: re.Match[str]) -> str:
        """ "k i l l  m y s e l f" as the words it makes, when we know them."""
        words = [re.sub(r"[^a-z0-9@$!]", "", part) for part in re.split(r" {2,}", m[0])]
        letters = "".join(words)
        if letters.isdigit():
            return m[0]
        mended = self._mend(letters)
        if mended != [letters] or letters in self.vocabulary:
            return " ".join(mended)
        return " ".join(words) if len(words) > 1 else m[0]

    def _parted(self, word: str) -> list[str] | None:
        """ "killmyself" as two words: the fewest known words that make it up."""
        best: list[list[str] | None] = [[], *([None] * len(word))]
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - 14), end):
                before, now = best[start], best[end]
                if (
                    before is not None
                    and word[start:end] in self._parts
                    and (not now or len(before) + 1 < len(now))
                ):
                    best[end] = [*before, word[start:end]]
        found = best[-1]
        return found if found and len(found) > 1 and not self._inside.isdisjoint(found) else None


def _one_less(word: str) -> list[str]:
    return [word[:i] + word[i + 1 :] for i in range(len(word))]
