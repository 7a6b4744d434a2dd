"""A Core statement compiled once for each engine, for the few that every message costs.

Executing a cached Core statement takes five times as long as the driver needs for it: measured,
55 against 11 microseconds on SQLite. What a turn always does goes this way; all else is plain Core.
Values pass through the same column types, in and out.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.crud import REQUIRED

Process = Callable[[Any], Any]


class _Compiled:
    """The statement as one dialect's driver takes it."""

    def __init__(self, statement: Any, keys: Iterable[str] | None, dialect: Dialect):
        compiled = statement.compile(dialect=dialect, column_keys=list(keys) if keys is not None else None)
        if compiled.post_compile_params or compiled.literal_execute_params:
            raise TypeError("a prepared statement's text may not depend on its values: write IN as ORs")
        self.sql = str(compiled)
        self.positional: list[str] | None = compiled.positiontup
        self.given = {k: v for k, v in compiled.construct_params(_check=False).items() if v is not REQUIRED}
        # A column's own default, which Core would have filled in.
        for column in getattr(compiled, "insert_prefetch", None) or ():
            self.given[column.key] = (
                column.default.arg if column.default.is_scalar else column.default.arg(None)
            )
        self.into: dict[str, Process] = dict(compiled._bind_processors)
        for name, process in self.into.items():
            if self.given.get(name) is not None:
                self.given[name] = process(self.given[name])
        columns = compiled._result_columns or []
        self.out: list[tuple[int, Process]] = [
            (i, process)
            for i, column in enumerate(columns)
            if (process := column.type._cached_result_processor(dialect, None)) is not None
        ]
        names = [column.keyname for column in columns]
        self.row: Any = namedtuple("Row", names, rename=True) if names else None
        self.errors = dialect.loaded_dbapi.Error
        self.dialect = dialect
        # By which values were given, since a statement is nearly always given the same.
        self._ways: dict[tuple[str, ...], list[tuple[str, bool, Process | None]]] = {}

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them: in the statement's order, or by name. Raises KeyError."""
        names = tuple(values)
        way = self._ways.get(names)
        if way is None:
            known = {*names, *self.given}
            order = (
                self.positional if self.positional is not None else [*dict.fromkeys((*self.given, *names))]
            )
            if missing := set(order) - known:
                raise KeyError(f"no value for {', '.join(sorted(missing))}")
            way = [(n, n in values, self.into.get(n) if n in values else None) for n in order]
            self._ways[names] = way
        given = self.given
        in_order = [
            (process(values[n]) if process is not None else values[n]) if theirs else given[n]
            for n, theirs, process in way
        ]
        if self.positional is not None:
            return in_order
        return {n: value for (n, _, _), value in zip(way, in_order, strict=True)}


class Prepared:
    """One statement, ready. `keys` name the columns an INSERT will be given."""

    __slots__ = ("_compiled", "_keys", "_statement")

    def __init__(self, statement: Executable, keys: Iterable[str] | None = None):
        self._statement, self._keys = statement, keys
        self._compiled: dict[str, _Compiled] = {}

    def _run(self, connection: Connection, values: Mapping[str, Any]) -> tuple[_Compiled, Any]:
        dialect = connection.dialect
        made = self._compiled.get(dialect.name)
        if made is None:
            made = self._compiled[dialect.name] = _Compiled(self._statement, self._keys, dialect)
        parameters = made.bound(values)
        try:
            return made, connection.connection.driver_connection.execute(made.sql, parameters)
        except made.errors as error:
            # The same exceptions as Core's, without the parameters: they may be what somebody said.
            raise DBAPIError.instance(made.sql, None, error, made.errors, dialect=dialect) from error

    def all(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Every row, as named tuples."""
        made, cursor = self._run(connection, values)
        rows = cursor.fetchall()
        return [made.row._make(_processed(row, made.out)) for row in rows]

    def first(self, connection: Connection, values: Mapping[str, Any]) -> Any | None:
        """The first row, or None."""
        made, cursor = self._run(connection, values)
        rows = cursor.fetchall()  # all of them: a statement left half read would hold its savepoint open
        return made.row._make(_processed(rows[0], made.out)) if rows else None

    def do(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Change rows; how many."""
        return self._run(connection, values)[1].rowcount


def _processed(row: tuple[Any, ...], out: list[tuple[int, Process]]) -> Iterable[Any]:
    if not out:
        return row
    values = list(row)
    for i, process in out:
        values[i] = process(values[i])
    return values
