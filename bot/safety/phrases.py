"""The small language safety patterns are written in, and how it becomes one regex a phrase.

A phrase is words with a space between. What it can hold:

    kill myself            these words, next to each other
    suicid*   pills?       a word that starts so; "pill" or "pills"
    take~                  take, takes, taking, and what [forms] adds: took, taken
    <want>                 any phrase of the list `want` under [words] in the same file
    (pills|a lot of <x>)   one of these
    (right now)? <again>?  this, or nothing
    ..   ..6               up to three (six) words of anything but a "not", never past a stop
    ...  ...12             up to eight (twelve) words of anything, past commas too
    _   #                  any one word; any number
    ^ $                    the start, the end of a clause (a full stop, a comma, the message)

It is matched against text that `normalising` has read: lower case, one space between
words, contractions opened ("can not"), a full stop or comma standing as a word of its own.
Every gap is bounded and nothing repeats inside a repeat, so no message can make it slow.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property

#: Words in nearly every message: poor at telling which phrases are worth trying.
COMMON = frozenset(
    """i you he she it we they me him her us them my your his its our their a an the this that and or but
    to of in on at for with from by as is am are was were be been being do does did have has had will would
    can could should not no so if when what who how all any some one out up off down go going get got want
    wants wanted feel like know think time day today now more just need there here about over back anymore
    said says say help home see take make give keep am people someone nobody everyone really well good work
    yn y yr i mi fi dwi wedi mae o e hi ti ni nhw a ac ar am at gan ddim ei fy eu dim bod neu ond""".split()  # noqa: SIM905
)


class BadPhrase(ValueError):
    """A phrase that cannot be read; the message says which and why."""


@dataclass(frozen=True)
class _Node:
    """One piece of a phrase: its regex, its words, and the word-sets of which one must be there."""

    regex: str
    words: frozenset[str]
    needs: tuple[frozenset[str], ...]  # for each set: any text that matches has one of these words


@dataclass(frozen=True)
class Lists:
    """What the phrases of one file share: its named lists, its irregular verbs, its words for "not"."""

    words: Mapping[str, list[str]] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    denying: Collection[str] = ()
    read: dict[str, _Node] = field(default_factory=dict)  # lists already read

    @cached_property
    def no_gap(self) -> str:
        """What a gap never takes in: "he would never hit me" is not "he .. hit me"."""
        return f"(?!(?:{'|'.join(self.denying)}) )" if self.denying else ""


@dataclass(frozen=True)
class Phrase:
    """A phrase ready to be looked for.

    `triggers` are words ("kill") or beginnings ("suicid*"): a text with none of them cannot match,
    nor one that misses any of `needs`, each a set of words of which one must be there.
    """

    source: str
    regex: str
    words: frozenset[str]
    triggers: frozenset[str]
    needs: tuple[frozenset[str], ...]

    def may_be_in(self, words: Set[str]) -> bool:
        """Whether a text of these words is worth searching."""
        for need in self.needs:  # noqa: SIM110 - asked hundreds of times a message; all() costs twice
            if words.isdisjoint(need):
                return False
        return True

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.regex)


_TOKEN = re.compile(r"\s*(?:(\.\.\.?)(\d*)|([()|?^$_#])|<([a-z-]+)>|([a-z0-9']+[*?~]?))")


def _cost(words: frozenset[str]) -> int:
    return len(words) + 1000 * len(words & COMMON)


class _Reader:
    def __init__(self, source: str, lists: Lists):
        self.source, self.lists = source, lists
        self.tokens: list[tuple[str, str]] = []
        at = 0
        stripped = source.rstrip()
        while at < len(stripped):
            m = _TOKEN.match(stripped, at)
            if not m:
                raise BadPhrase(f"{source!r}: cannot read {stripped[at : at + 12]!r}")
            at = m.end()
            if m[1]:
                self.tokens.append(("gap" if m[1] == ".." else "far", m[2] or ("3" if m[1] == ".." else "8")))
            elif m[3]:
                self.tokens.append((m[3], ""))
            elif m[4]:
                self.tokens.append(("list", m[4]))
            else:
                self.tokens.append(("word", m[5]))
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else "end"

    def either(self) -> _Node:
        found = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            found.append(self.sequence())
        return _one_of(found)

    def sequence(self) -> _Node:
        regex, words, needs = [], frozenset[str](), []
        while self.peek() not in ("end", "|", ")"):
            node = self.item()
            regex.append(node.regex)
            words |= node.words
            needs.extend(node.needs)
        if not regex:
            raise BadPhrase(f"{self.source!r}: an empty choice")
        return _Node("".join(regex), words, tuple(needs))

    def item(self) -> _Node:
        kind, value = self.tokens[self.at]
        self.at += 1
        if kind == "gap":
            node = _Node(rf"(?: {self.lists.no_gap}[^ .,]+){{0,{int(value)}}}?", frozenset(), ())
        elif kind == "far":
            node = _Node(rf"(?: [^ .]+){{0,{int(value)}}}?", frozenset(), ())
        elif kind == "^":
            node = _Node(r"(?<=[.,])", frozenset(), ())
        elif kind == "$":
            node = _Node(r"(?= [.,])", frozenset(), ())
        elif kind in ("_", "#"):
            node = _Node(" [^ .,]+" if kind == "_" else " [0-9]+(?= )", frozenset(), ())
        elif kind == "word":
            node = _word(value, self.lists.forms)
        elif kind == "list":
            node = self.named(value)
        elif kind == "(":
            node = self.either()
            if self.peek() != ")":
                raise BadPhrase(f"{self.source!r}: a bracket is not closed")
            self.at += 1
        else:
            raise BadPhrase(f"{self.source!r}: {kind!r} is out of place")
        if self.peek() == "?":
            self.at += 1
            node = _Node(f"(?:{node.regex})?", node.words, ())
        return node

    def named(self, name: str) -> _Node:
        lists = self.lists
        if name not in lists.read:
            if name not in lists.words:
                raise BadPhrase(f"{self.source!r}: there is no list <{name}>")
            lists.read[name] = _one_of([_read(s, lists) for s in lists.words[name]])
        return lists.read[name]


def forms_of(verb: str, irregular: Mapping[str, str]) -> list[str]:
    """A verb as it is typed: regular endings (also wrong ones, as people do), and its own."""
    stem = verb[:-1] if verb.endswith("e") else verb
    if re.fullmatch(r"[^aeiou]*[aeiou][bdgmnpt]", verb):
        stem += verb[-1]
    ing = verb[:-2] + "ying" if verb.endswith("ie") else stem + "ing"
    ends = "es" if re.search("(s|x|z|ch|sh)$", verb) else "s"
    found = [verb, verb + ends, stem + "ed", ing, *irregular.get(verb, "").split()]
    if verb.endswith("y") and verb[-2] not in "aeiou":
        found += [verb[:-1] + "ies", verb[:-1] + "ied"]
    return list(dict.fromkeys(found))


def _word(value: str, forms: Mapping[str, str]) -> _Node:
    if value.endswith("~"):
        words = forms_of(value[:-1], forms)
        one, regex = frozenset(words), " (?:" + "|".join(words) + ")(?= )"
    elif value.endswith("*"):
        if len(value) < 4:
            raise BadPhrase(f"{value!r}: at least three letters before the star")
        one, regex = frozenset((value,)), f" {value[:-1]}[^ ]*"
    elif value.endswith("?"):
        one, regex = frozenset((value[:-1], value[:-2])), f" {value[:-2]}{value[-2]}?(?= )"
    else:
        one, regex = frozenset((value,)), f" {value}(?= )"
    return _Node(regex, one, (one,))


def _one_of(nodes: list[_Node]) -> _Node:
    if len(nodes) == 1:
        return nodes[0]
    words = frozenset[str]().union(*(n.words for n in nodes))
    if all(n.needs for n in nodes):
        needs = (frozenset[str]().union(*(min(n.needs, key=_cost) for n in nodes)),)
    else:
        needs = ()
    return _Node("(?:" + "|".join(n.regex for n in nodes) + ")", words, needs)


def _read(source: str, lists: Lists) -> _Node:
    reader = _Reader(source, lists)
    node = reader.either()
    if reader.peek() != "end":
        raise BadPhrase(f"{source!r}: a bracket too many")
    return node


def read_phrase(source: str, lists: Lists) -> Phrase:
    """Read one phrase. Raises BadPhrase, naming it, when it cannot be read or has no word to look for."""
    node = _read(source, lists)
    if not node.needs:
        raise BadPhrase(f"{source!r}: nothing in it must be there")
    triggers = min(node.needs, key=_cost)
    others = [n for n in node.needs if n is not triggers and not any(w.endswith("*") for w in n)]
    return Phrase(source, node.regex, node.words, triggers, tuple(sorted(others, key=_cost)))
