"""`prove`: the large proofs, one after another, with their seed and their figures."""

from __future__ import annotations

import importlib
import json
import platform
import random
import sys
import time
from datetime import UTC, datetime
from os import cpu_count, getloadavg
from pathlib import Path
from typing import Annotated

import typer

#: In the order they are run: the quick ones first.
PROOFS = (
    "receipts",
    "copies",
    "plans",
    "freed",
    "feed",
    "quarter",
    "minute",
    "year",
    "bad_input",
    "codes",
    "kills",
)
RESULTS = Path(__file__).parent.parent.parent / "benchmarks" / "results"


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(prove)


def prove(
    which: Annotated[list[str] | None, typer.Argument(help="Which proofs; all of them unless named.")] = None,
    small: Annotated[bool, typer.Option(help="The same proofs, small enough for every change.")] = False,
    seed: Annotated[int | None, typer.Option(help="To repeat a run.")] = None,
) -> None:
    """Run the large proofs. At full size their figures are written to benchmarks/results/."""
    try:
        proofs = importlib.import_module("benchmarks.proofs")
    except ImportError:
        typer.echo("The proofs are in a checkout of the project, with `make prove`.", err=True)
        raise typer.Exit(2) from None
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    size = proofs.Size.SMALL if small else proofs.Size.FULL
    results, failed = [], False
    for name in which or PROOFS:
        typer.echo(f"{name}: ", nl=False)
        began = time.monotonic()
        try:
            figures = importlib.import_module(f"benchmarks.proofs.{name}").prove(size, seed)
        except proofs.Violated as violated:
            failed = True
            typer.echo(f"DOES NOT HOLD (seed {seed}): {violated}")
            continue
        took = time.monotonic() - began
        typer.echo(f"holds, {took:.0f} s")
        for figure in figures:
            typer.echo(f"    {figure.what}: {figure.value}")
        results.append(
            {"proof": name, "seconds": round(took, 1), "figures": {f.what: f.value for f in figures}}
        )
    if not small and not failed:
        _write(results, seed)
    typer.echo(f"{len(results)} passed, {len(which or PROOFS) - len(results)} failed")
    sys.exit(failed)


def _write(results: list[dict[str, object]], seed: int) -> None:
    """The figures with their seed, their day and the machine, one file a proof."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    about = {
        "seed": seed,
        "on": datetime.now(UTC).date().isoformat(),
        "machine": f"{cpu_count()} cores, Python {platform.python_version()}",
        "load": [round(n, 2) for n in getloadavg()],
    }
    for result in results:
        file = RESULTS / f"{result['proof']}.json"
        file.write_text(json.dumps({**result, **about}, indent=1) + "\n")
    importlib.import_module("benchmarks.readme").write()
