"""The large proofs, one a file: each has `prove(size, seed)`, gives figures, and raises on a violation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Size(StrEnum):
    """How much is tried: for every change, or in full."""

    SMALL = "small"
    FULL = "full"


class Violated(Exception):
    """Something that must hold did not; the message says what, with ids and never words."""


def must(holds: bool, what: str) -> None:
    """Raise Violated unless it holds."""
    if not holds:
        raise Violated(what)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a proof, and what it counts."""

    what: str
    value: str
