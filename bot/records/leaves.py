"""The leaves of a record's export: a value, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bot.casework.plans import Line
from bot.records.codes import Code

Tree = dict[str, Any]


def of_line(line: Line) -> Tree:
    said = {"code": line.code, "words": line.words, "number": line.number}
    return {
        "line": line.id,
        "heading": line.heading.value,
        **{name: value for name, value in said.items() if value is not None},
        **origin(line.inbox_id, line.said_at, line.said_by),
    }


def origin(message: int | None, at: datetime, by: str) -> Tree:
    """Where something came from. No message: it was said on their page, on the telephone or at a desk."""
    return {"message": message, "at": instant(at), "by": by}


def leaf(value: Any, origins: Iterable[Tree] = ()) -> Tree:
    return {"value": value, "from": list(origins)}


def coded(code: Code, at: datetime) -> Tree:
    return {
        "value": code.id,
        "system": code.system,
        "display": code.display,
        "from": [origin(None, at, "system")],
    }


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def on_day(at: datetime) -> str:
    return at.date().isoformat()


def without_empty(node: Any) -> Any:
    """Without what is not there: groups that hold nothing, lists of nothing."""
    if isinstance(node, dict):
        if "value" in node:
            return node
        kept = {name: without_empty(below) for name, below in node.items()}
        return {name: below for name, below in kept.items() if below not in (None, {}, [])}
    if isinstance(node, list):
        return [below for below in map(without_empty, node) if below not in (None, {}, [])]
    return node


def lines_in(exported: Tree) -> list[dict[str, Any]]:
    """Every line of the plan that an export holds, in order, as `export` wrote it: its round trip."""
    found: dict[int, dict[str, Any]] = {}

    def look(node: Any) -> None:
        if isinstance(node, dict):
            for one in node.get("from", ()):
                if "line" in one:
                    found[one["line"]] = one
            for below in node.values():
                look(below)
        elif isinstance(node, list):
            for below in node:
                look(below)

    look(exported)
    return [found[id_] for id_ in sorted(found)]
