"""SNOMED codes a record may carry, from `codes.toml`. A slot nobody has confirmed writes none."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "codes.toml"


@dataclass(frozen=True, slots=True)
class Code:
    """One code: its SNOMED CT concept id, its name, and when it is used."""

    system: str
    id: str
    display: str


@dataclass(frozen=True, slots=True)
class Codes:
    """All that `codes.toml` has. Codes without an id are not there."""

    version: str
    events: dict[str, Code]
    wants: dict[str, Code]
    empty: tuple[str, ...]  # the slots without an id, such as "events.offered"


@cache
def codes(path: Path = FILE) -> Codes:
    """Read them. Raises ValueError for an id that is no SNOMED CT identifier: a slip is caught here."""
    written = tomllib.loads(path.read_text("utf-8"))
    events = {name: Code(written["system"], c["id"], c["display"]) for name, c in written["events"].items()}
    wants = {name: Code(written["system"], id_, "") for name, id_ in written["wants"].items()}
    sets = {name: Code(written["system"], c["id"], "") for name, c in written["reference_sets"].items()}
    empty = []
    for group, found in (("events", events), ("wants", wants), ("reference_sets", sets)):
        for name, code in found.items():
            if not code.id:
                empty.append(f"{group}.{name}")
            elif not is_sctid(code.id):
                raise ValueError(f"{code.id} ({group}.{name} in {path.name}) is not a SNOMED CT identifier")
    return Codes(
        written["version"],
        {name: code for name, code in events.items() if code.id},
        {name: code for name, code in wants.items() if code.id},
        tuple(empty),
    )


def is_sctid(id_: str) -> bool:
    """Whether this has the form of a SNOMED CT identifier: 6 to 18 digits, the last a Verhoeff check digit.

    (SNOMED CT Release File Specifications, SNOMED CT identifiers.)
    """
    if not (id_.isascii() and id_.isdigit() and 6 <= len(id_) <= 18):
        return False
    check = 0
    for place, digit in enumerate(reversed(id_)):
        check = _D[check][_P[place % 8][int(digit)]]
    return check == 0


def _product(a: int, b: int) -> int:
    """In the dihedral group of order ten: turns are 0 to 4, flips 5 to 9 (Verhoeff, 1969)."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b - 5) % 5
    return 5 + (a - 5 - b) % 5 if b < 5 else (a - b) % 5


_D = [[_product(a, b) for b in range(10)] for a in range(10)]
#: What each place does to its digit: one permutation, as often as the place is far along.
_P = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _ in range(6):
    _P.append([_P[-1][digit] for digit in _P[1]])
