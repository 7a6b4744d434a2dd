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
