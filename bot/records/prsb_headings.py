"""The headings of the PRSB Social Prescribing Information Standard, v1.1, read from `prsb_headings.json`.

`python -m bot.records.prsb_headings FILE WHERE` writes that file anew from the standard's own
"simplified" JSON; WHERE says where FILE was had. The standard is NHS England's, under the Open
Government Licence v3.0 (theprsb.org, Social Prescribing Information Standard).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "prsb_headings.json"

#: Between the names of a heading's way down. Some names have a slash in them.
DOWN = " > "

#: Of groups that may stand many times the standard writes "*".
MANY = None


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading. `conformance` is M (mandatory), R (required where known), or "" where none is given."""

    path: str
    conformance: str
    least: int
    most: int | None  # MANY: any number
    group: bool  # holds further headings, not words

    @property
    def name(self) -> str:
        """Its own name, without what stands above."""
        return self.path.rpartition(DOWN)[2]

    @property
    def above(self) -> str:
        """The path it stands under; empty at the top."""
        return self.path.rpartition(DOWN)[0]


@dataclass(frozen=True, slots=True)
class Standard:
    """The standard as it was read: which version, whose, and where its form was had."""

    name: str
    version: str
    licence: str
    published_at: str
    read_from: str
    checked: str
    digest: str
    headings: tuple[Heading, ...]

    def under(self, path: str) -> tuple[Heading, ...]:
        """The headings just below `path`; the top ones for an empty path."""
        return tuple(h for h in self.headings if h.above == path)

    def at(self, path: str) -> Heading:
        """The heading at this path. Raises KeyError when the standard has none there."""
        for heading in self.headings:
            if heading.path == path:
                return heading
        raise KeyError(f"the standard has no heading {path!r}")


@cache
def standard() -> Standard:
    """What `prsb_headings.json` says."""
    written = json.loads(FILE.read_text("utf-8"))
    headings = tuple(
        Heading(path, conformance, least, most, bool(group))
        for path, conformance, least, most, group in written.pop("headings")
    )
    return Standard(**written, headings=headings)


def problems_in(tree: dict[str, Any]) -> list[str]:
    """Where a record is not of the standard's form: headings it has not, one where it allows one.

    A leaf is a dict with "value"; what may stand many times is a list.
    """
    known = {h.path: h for h in standard().headings}
    found: list[str] = []

    def look(node: Any, path: str) -> None:
        heading = known.get(path)
        if path and heading is None:
            found.append(f"the standard has no heading {path}")
        elif heading is not None and isinstance(node, list):
            if heading.most == 1:
                found.append(f"{path} stands once")
            for one in node:
                look_at(one, path, heading)
        elif heading is not None:
            if heading.most is MANY:
                found.append(f"{path} may stand many times, so it is a list")
            look_at(node, path, heading)
        else:
            for name, below in node.items():
                look(below, name)

    def look_at(node: Any, path: str, heading: Heading) -> None:
        is_leaf = isinstance(node, dict) and "value" in node
        if is_leaf == heading.group:
            found.append(f"{path} {'holds further headings' if heading.group else 'holds a value'}")
        elif not is_leaf:
            for name, below in node.items():
                look(below, path + DOWN + name)

    look(tree, "")
    return found


def missing_in(tree: dict[str, Any]) -> list[str]:
    """The paths of mandatory headings that a record lacks, beneath what it has; in the standard's order."""
    found: list[str] = []

    def look(node: dict[str, Any], path: str) -> None:
        for heading in standard().under(path):
            below = node.get(heading.name)
            if below is None:
                if heading.conformance == "M":
                    found.append(heading.path)
                continue
            for one in below if isinstance(below, list) else [below]:
                if isinstance(one, dict) and "value" not in one:
                    look(one, heading.path)

    look(tree, "")
    return list(dict.fromkeys(found))


def read_published(text: str) -> list[list[Any]]:
    """Every heading of the standard's simplified JSON, top down: path, conformance, least, most, group."""
    [dataset] = json.loads(text)["dataset"]
    return [row for concept in dataset["concept"] for row in _rows(concept, "")]


def _rows(concept: dict[str, Any], above: str) -> Iterator[list[Any]]:
    # Some of its names end in a space.
    path = above + " ".join(concept["name"].split())
    most = concept["maximumMultiplicity"]
    yield [
        path,
        concept.get("mro") or "",
        int(concept["minimumMultiplicity"]),
        MANY if most == "*" else int(most),
        concept["type"] == "group",
    ]
    for below in concept.get("concept") or []:
        yield from _rows(below, path + DOWN)


def write(source: Path, read_from: str) -> int:
    """Write `prsb_headings.json` from the standard's simplified JSON; how many headings it has."""
    text = source.read_bytes()
    rows = read_published(text.decode("utf-8"))
    about = {
        **{k: v for k, v in json.loads(FILE.read_text("utf-8")).items() if k != "headings"},
        "read_from": read_from,
        "digest": hashlib.sha256(text).hexdigest(),
    }
    head = json.dumps(about, indent=1, ensure_ascii=False).removesuffix("\n}")
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    FILE.write_text(f'{head},\n "headings": [\n{lines}\n ]\n}}\n', "utf-8")
    return len(rows)


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), sys.argv[2]), "headings")
