"""How hard English words are to read: the Flesch-Kincaid grade, counted here.

grade = 0.39 x words a sentence + 11.8 x syllables a word - 15.59
(Kincaid and others, 1975; a grade of 4 is read at nine or ten.)

Own counting rather than textstat's: that one downloads a dictionary when it is first asked, and
without it counts hyphenation points ("idea" is one), which makes words look easier than they are.
This one errs the other way. A line's end is a sentence's end, as a reader of a list sees it.
"""

from __future__ import annotations

import re

#: However long, a number is one plain word.
_NUMBERS = re.compile(r"[+£]?\d[\d ,.:]*\d(?:st|nd|rd|th|am|pm)?|\d(?:st|nd|rd|th|am|pm)?")
_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$|\")|\n")

_EXCEPTIONS = {
    "anyone": 3, "anything": 3, "area": 3, "being": 2, "business": 2, "doing": 2, "every": 2,
    "everyone": 3, "evening": 2, "idea": 3, "going": 2, "hear": 1, "ideas": 3, "real": 1, "someone": 2,
    "something": 2, "sometimes": 2, "somebody": 3, "somewhere": 2, "poem": 2, "quiet": 2, "science": 2,
    "video": 3, "voicemail": 2, "society": 4, "people": 2, "sorry": 2, "interpreter": 4, "done": 1,
    "safely": 2, "we're": 1, "you're": 1, "didn't": 2, "couldn't": 2, "doesn't": 2, "isn't": 2, "wasn't": 2,
}  # fmt: skip


def syllables(word: str) -> int:
    """How many syllables a word has, near enough; never fewer than one."""
    word = word.lower()
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    if "-" in word:
        return sum(syllables(part) for part in word.split("-") if part)
    word = re.sub(r"'(?:s|t|d|m|ll|re|ve)$", "", word).replace("'", "")
    count = len(re.findall(r"[aeiouy]+", word))
    if re.search(r"[^aeiou]e$", word) and not re.search(r"[^aeiouy]le$", word):
        count -= 1  # time, home; but little, able
    elif re.search(r"[^aeioutd]ed$", word) or re.search(r"[^aeiouscxzgh]es$", word):
        count -= 1  # called, times; but needed, places
    if re.search(r"[^aeiou]e(?:ly|ful|less|ment|ness|thing|where|body)s?$", word):
        count -= 1  # lonely, careful
    if re.search(r"[aeiouy]ing$", word):
        count += 1  # going, trying
    count += (
        len(re.findall(r"(?<![tcs])i[ao]|i(?=u)|(?<![gq])u[ao](?!u)|eo(?!u)|[aeiou]y[aeiou]", word))
        if count > 0
        else 0
    )
    return max(count, 1)


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence, each number as one plain word."""
    text = _NUMBERS.sub("ten", text).lower().replace("\u2019", "'")
    found = [_WORD.findall(part) for part in _SENTENCE_END.split(text)]
    return [words for words in found if words]


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of a text; below nought for the very easiest."""
    parts = sentences(text)
    words = [word for part in parts for word in part]
    if not words:
        return 0.0
    return 0.39 * len(words) / len(parts) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
