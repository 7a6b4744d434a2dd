"""The hazard log, in the form of DCB0129: what could hurt someone, how badly, and what holds it.

`hazards.toml` is the log; a Clinical Safety Officer approves it with each version. The columns and
the matrix are those of NHS England's core hazard log. Every control names the test that holds it,
or says that it is planned, or that the organisation which deploys the program must hold it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources import files
from typing import Any

SEVERITIES = ("Minor", "Significant", "Considerable", "Major", "Catastrophic")
#: Rows by likelihood, columns by severity.
MATRIX = {
    "Very high": (3, 4, 4, 5, 5),
    "High": (2, 3, 3, 4, 5),
    "Medium": (2, 2, 3, 3, 4),
    "Low": (1, 2, 2, 3, 4),
    "Very low": (1, 1, 2, 2, 3),
}
#: What a rating means, in the standard's words.
ACCEPTABILITY = {
    5: "Unacceptable",
    4: "Mandatory elimination or control",
    3: "Undesirable: acceptable only if further reduction is impractical",
    2: "Acceptable where cost of further reduction outweighs benefit",
    1: "Acceptable",
}


class BadHazard(ValueError):
    """An entry of the log that does not hold together; the message names it."""


class Kind(StrEnum):
    """Where a control lies."""

    DESIGN = "design"
    TEST = "test"
    TRAINING = "training"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Risk:
    """How bad, how likely, and what the matrix makes of it."""

    severity: str
    likelihood: str
    rating: int


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that makes a hazard less likely or less grave.

    Exactly one of: `test`, the test that holds it ("tests/test_x.py::test_name"); `planned_test`, the
    one it will have; `deployer`, what the deploying organisation must have in place.
    """

    kind: Kind
    what: str
    test: str | None = None
    planned_test: str | None = None
    deployer: str | None = None

    @property
    def status(self) -> str:
        """ "held", "planned", or "deployer": the organisation must hold it."""
        return "held" if self.test else "planned" if self.planned_test else "deployer"

    @property
    def evidence(self) -> str:
        return self.test or self.deployer or f"planned: {self.planned_test}"


@dataclass(frozen=True, slots=True)
class Hazard:
    """One line of the log."""

    id: str
    hazard: str
    cause: str
    effect: str
    existing: tuple[str, ...]
    initial: Risk
    controls: tuple[Control, ...]
    residual: Risk
    owner: str
    status: str
    raised: date
    reviewed: date

    def columns(self) -> dict[str, str]:
        """The line under the log's column names, for a table or a spreadsheet."""

        def added(kind: Kind) -> str:
            return "; ".join(c.what for c in self.controls if c.kind is kind)

        return {
            "Id": self.id,
            "Hazard": self.hazard,
            "Cause": self.cause,
            "Effect": self.effect,
            "Existing controls": "; ".join(self.existing),
            "Initial severity": self.initial.severity,
            "Initial likelihood": self.initial.likelihood,
            "Initial rating": str(self.initial.rating),
            **{f"Added controls: {kind}": added(kind) for kind in Kind},
            "Evidence": "; ".join(c.evidence for c in self.controls),
            "Residual severity": self.residual.severity,
            "Residual likelihood": self.residual.likelihood,
            "Residual rating": str(self.residual.rating),
            "Owner": self.owner,
            "Status": self.status,
            "Raised": self.raised.isoformat(),
            "Reviewed": self.reviewed.isoformat(),
        }


def rating(severity: str, likelihood: str) -> int:
    """What the matrix says, 1 to 5. Raises BadHazard for a word that is not in it."""
    try:
        return MATRIX[likelihood][SEVERITIES.index(severity)]
    except (KeyError, ValueError):
        raise BadHazard(f"{likelihood!r} and {severity!r} are not in the matrix") from None


def read(text: str | None = None) -> tuple[Hazard, ...]:
    """The log, in its order; `text` instead of the shipped file for a test.

    Raises BadHazard, naming the entry, where a rating does not follow the matrix, a control does
    not say what holds it, or an entry is there twice.
    """
    if text is None:
        text = (files("bot.safety") / "hazards.toml").read_text(encoding="utf-8")
    hazards = tuple(_hazard(entry) for entry in tomllib.loads(text)["hazard"])
    ids = [hazard.id for hazard in hazards]
    if twice := {one for one in ids if ids.count(one) > 1}:
        raise BadHazard(f"there twice: {', '.join(sorted(twice))}")
    return hazards


def _hazard(entry: dict[str, Any]) -> Hazard:
    try:
        controls = tuple(_control(c) for c in entry.pop("control"))
        initial, residual = Risk(**entry.pop("initial")), Risk(**entry.pop("residual"))
        hazard = Hazard(
            **entry | {"existing": tuple(entry["existing"])},
            controls=controls,
            initial=initial,
            residual=residual,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadHazard(f"{entry.get('id', 'an entry')}: {error}") from None
    for name, risk in (("initial", initial), ("residual", residual)):
        if risk.rating != (right := rating(risk.severity, risk.likelihood)):
            raise BadHazard(f"{hazard.id}: its {name} rating is {right} by the matrix, not {risk.rating}")
    return hazard


def _control(entry: dict[str, Any]) -> Control:
    if entry.pop("status", "held") == "planned" and "planned_test" not in entry:
        raise BadHazard(f"{entry.get('what')}: planned, and no planned_test")
    control = Control(**entry | {"kind": Kind(entry["kind"])})
    if sum(held is not None for held in (control.test, control.planned_test, control.deployer)) != 1:
        raise BadHazard(f"{control.what}: one of test, planned_test or deployer")
    return control
