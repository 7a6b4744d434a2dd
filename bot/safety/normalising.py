"""Reading what was typed: hidden letters, numbers for letters, gaps, texting and slips of the finger.

`Reader.read` turns a message into the plain line of words that phrases are matched against.
It works in one pass over the words; what it does is never shown and never stored.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

#: More than this is never read: the longest message any channel brings is 4,096 characters.
LONGEST = 6_000

_APOSTROPHES = re.compile("['\u2018\u2019\u201b\u02bc\u00b4`\u2032\uff07]")
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
#: Pictures that say something here. The rest are only feeling, and are left out.
PICTURES = {
    "\U0001f52a": "knife",
    "\U0001f5e1": "knife",
    "\U0001f48a": "pills",
    "\U0001f52b": "gun",
    "\U0001fa78": "blood",
    "\U0001f198": "help",
    "\u26b0": "coffin",
    "\U0001faa6": "grave",
    "\U0001fa92": "razor",
    "\U0001faa2": "noose",
}
#: Letters of other alphabets that look like ours, used to hide a word.
_LOOKALIKES = str.maketrans("аеіоорсухкѕӏвнтмαειοκνρτυχıł", "aeioopcyxksibhtmaeioknptuxil")
_AS_LETTER = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "ate", "9": "g"}
_SIGNS = {"@": "a", "$": "s", "!": "i", "|": "l", "+": "t", "\u20ac": "e", "\u00a3": "l", "\u00a1": "i"}

_SPACED = re.compile(r"(?<![a-z0-9])(?:[a-z0-9@$!][ ._\-*/]{1,2}){2,}[a-z0-9@$!](?![a-z0-9])")
_PIECE = re.compile(r"[a-z0-9@$!|+*#%\u20ac\u00a3\u00a1]*[a-z0-9*$]+|[.!?;\n\u2026]+|,|:| - |[()\"\u2013\u2014]")
_STOPS = re.compile(r"[.!?;\n\u2026]")
_RUN = re.compile(r"(.)\1{2,}")
_PAIR = re.compile(r"(.)\1")


def fold(text: str) -> str:
    """One plain form: compatible letters, lower case, no accents, no hidden or look-alike letters."""
    text = text[:LONGEST]
    if not text.isascii():
        text = _HIDDEN.sub("", unicodedata.normalize("NFKC", text))
        for picture, word in PICTURES.items():
            if picture in text:
                text = text.replace(picture, f" {word} ")
        text = unicodedata.normalize("NFD", text.casefold())
        text = "".join(c for c in text if not unicodedata.combining(c))
        if re.search("[a-z]", text):
            text = text.translate(_LOOKALIKES)
        return _APOSTROPHES.sub("'", text)
    return text.casefold()


class Reader:
    """Reads messages in one language.

    `shortenings` gives what a typed word, or two or three with a space between, stands for.
    `fillers` are words that may stand anywhere and change nothing. `keys` are the words worth
    mending when misspelt; `vocabulary` all words that mean themselves.
    """

    def __init__(
        self,
        vocabulary: Iterable[str],
        shortenings: Mapping[str, str] = {},
        keys: Iterable[str] = (),
        fillers: Iterable[str] = (),
        keep_apostrophes: bool = False,
    ):
        self.shortenings = {k: tuple(v.split()) for k, v in shortenings.items()}
        self.fillers = frozenset(fillers)
        self.keys = tuple(keys)
        self._starts = frozenset(k.split()[0] for k in shortenings if " " in k)
        self.vocabulary = frozenset(vocabulary) | self.fillers | frozenset(self.keys)
        self.vocabulary |= frozenset(k for k in self.shortenings if " " not in k)
        self._pieces = frozenset(w for w in self.vocabulary if len(w) > 1 or w in "ia")
        self._apostrophe = " '" if keep_apostrophes else ""

    def read(self, text: str) -> list[str]:
        """The words of `text`, opened and mended, with "." and "," standing for the stops."""
        return self.read_folded(fold(text))

    def read_folded(self, text: str) -> list[str]:
        """The same, for a text that `fold` has already made plain (two languages share it)."""
        text = text.replace("'", self._apostrophe)
        text = _SPACED.sub(self._close_up, text)
        raw = self._mended(_PIECE.findall(text))
        words: list[str] = []
        i = 0
        while i < len(raw):
            word = raw[i]
            if word in self._starts:
                for size in (3, 2):
                    opened = self.shortenings.get(" ".join(raw[i : i + size])) if i + size <= len(raw) else None
                    if opened is not None:
                        words.extend(opened)
                        i += size
                        break
                else:
                    self._add(words, word)
                    i += 1
                continue
            self._add(words, word)
            i += 1
        return words

    def _add(self, words: list[str], word: str) -> None:
        if word in self.fillers:
            return
        opened = self.shortenings.get(word)
        if opened is None:
            words.append(word)
        else:
            words.extend(opened)

    def _mended(self, pieces: list[str]) -> list[str]:
        known, out = self.vocabulary, []
        for piece in pieces:
            if piece in known:
                out.append(piece)
            elif _STOPS.match(piece):
                out.append("," if piece.startswith(("..", "\u2026")) else ".")
            elif not piece[0].isalnum() and piece.strip(",:-()\" \u2013\u2014") == "":
                out.append(",")
            else:
                out.extend(self._mend(piece))
        return out

    def _mend(self, word: str) -> list[str]:
        """An unknown word as it was meant, or as it stands."""
        plain = word.strip("#%+|*") or word
        if plain in self.vocabulary:
            return [plain]
        if not plain.isalpha():
            if plain.isdigit():
                return [plain]
            for one in ("i", "l"):
                letters = "".join(
                    one if c in "1!" else _SIGNS.get(c) or _AS_LETTER.get(c, c) for c in plain
                )
                if (mended := self._spelt(letters)) and "*" not in letters:
                    return mended
            if "*" in plain.strip("*") and (key := self._masked(plain)):
                return [key]
            return re.findall(r"[a-z]+|[0-9]+", plain) or [plain]
        return self._spelt(plain) or [plain]

    def _spelt(self, word: str) -> list[str] | None:
        if word in self.vocabulary:
            return [word]
        if _PAIR.search(word):
            for shorter in (_RUN.sub(r"\1\1", word), _RUN.sub(r"\1", word), _PAIR.sub(r"\1", word)):
                if shorter in self.vocabulary:
                    return [shorter]
            word = _RUN.sub(r"\1", word)
        if len(word) >= 5 and self.keys:
            slips = 1 if len(word) < 8 else 2
            best = process.extractOne(word, self.keys, scorer=OSA.distance, score_cutoff=slips)
            if best and len(best[0]) >= (5 if slips == 1 else 7):
                return [best[0]]
        if 7 <= len(word) <= 40:
            return self._parted(word)
        return None

    def _masked(self, word: str) -> str | None:
        pattern = re.compile("".join("[a-z]" if c == "*" else re.escape(c) for c in word))
        found = [k for k in self.keys if pattern.fullmatch(k)]
        return found[0] if found else None

    def _close_up(self, m: re.Match[str]) -> str:
        """ "k i l l  m y s e l f" as one word, when that is a word or some words we know."""
        letters = re.sub(r"[^a-z0-9@$!]", "", m[0])
        if letters.isdigit() or len(letters) < 3:
            return m[0]
        mended = self._mend(letters)
        return " ".join(mended) if mended != [letters] or letters in self.vocabulary else m[0]

    def _parted(self, word: str) -> list[str] | None:
        """ "killmyself" as two words: the fewest known words that make it up, one of them a key."""
        best: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - 14), end):
                before = best[start]
                if before is not None and word[start:end] in self._pieces:
                    now = best[end]
                    if now is None or len(before) + 1 < len(now):
                        best[end] = [*before, word[start:end]]
        found = best[-1]
        return found if found and len(found) > 1 and any(p in self.keys for p in found) else None
