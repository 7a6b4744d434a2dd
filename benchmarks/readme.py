"""Writes the last figures into benchmarks/README.md."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.figures import RESULTS, table

README = Path(__file__).parent / "README.md"

#: Benchmarks that write a page of their own: the last of each is shown.
PAGES = ("turns", "searching", "dates", "timers")

BELOW = "<!-- figures, generated -->"


def write() -> None:
    """Write what stands below the line anew, from the figures there are."""
    about, line, _ = README.read_text().partition(BELOW)
    parts = [about + line + "\n"]
    for name in PAGES:
        if pages := sorted(RESULTS.glob(f"{name}-*.md")):
            heading, _, rest = pages[-1].read_text().partition("\n")
            parts.append(f"#{heading}\n{rest.rstrip()}\n")
    proofs = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    for proof in (p for p in proofs if "proof" in p):
        rows = [(what, str(value)) for what, value in proof["figures"].items()]
        parts.append(
            f"## {proof['proof']}, {proof['on']}\n\n{proof['machine']}; seed {proof['seed']}, "
            f"{proof['seconds']:.0f} seconds.\n\n{table(('proved', 'figure'), rows)}\n"
        )
    README.write_text("\n".join(parts))


if __name__ == "__main__":
    write()
