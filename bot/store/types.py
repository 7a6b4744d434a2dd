"""Column types every table shares: ids, aware instants, enumerations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Enum, Integer
from sqlalchemy.types import TypeDecorator

#: 64 bits on PostgreSQL; on SQLite the row id itself, which is what makes it autoincrement.
Id = BigInteger().with_variant(Integer, "sqlite")

#: "2026-03-02 10:00:00.000000": what stands before the zone.
_WITHOUT_ZONE = 26


class UtcTime(TypeDecorator[datetime]):
    """An instant. Refuses a naive datetime; gives back aware UTC on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone; use the clock")
        return value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], object] | None:
        """SQLite's own text for an instant, written by datetime itself: a third of the driver type's time."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)

        def process(value: datetime | None) -> str | None:
            if value is not None and value.tzinfo is not UTC:
                value = self.process_bind_param(value, dialect)
            return value.isoformat(" ", "microseconds")[:_WITHOUT_ZONE] if value is not None else None

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """SQLite has no zones: what was written was UTC."""
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)

        def process(value: str | None) -> datetime | None:
            return datetime.fromisoformat(value).replace(tzinfo=UTC) if value is not None else None

        return process

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC)  # PostgreSQL answers in its session's zone


def one_of(kind: type[StrEnum]) -> Enum:
    """An enumeration kept as text with a CHECK, the same on both engines."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=kind.__name__.lower(),
        length=40,
        values_callable=lambda k: [m.value for m in k],
    )


def id_column() -> Column[int]:
    """This table's primary key."""
    return Column("id", Id, primary_key=True, autoincrement=True)
