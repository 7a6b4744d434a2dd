"""Turns and timers that crash after their work and before their commit, as when the power goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.conversation.due import Due
from bot.conversation.turns import Turns
from bot.store.unit_of_work import UnitOfWork


class Crash(Exception):
    """The power went after the work and before the commit."""


class ShakyTurns(Turns):
    """Turns of which a few crash before they are on disk."""

    shake: Callable[[], None]

    def _answer(self, unit: UnitOfWork, conversation_id: int, heard: Any) -> None:
        super()._answer(unit, conversation_id, heard)
        self.shake()


class ShakyDue(Due):
    """And so with timers."""

    shake: Callable[[], None]

    def turn(self, unit: UnitOfWork, timer_id: int) -> str:
        result = super().turn(unit, timer_id)
        self.shake()
        return result
