"""A stand-in for the turns that a link worker's actions start: the casework, and plain words."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.casework import handoffs, unanswered
from bot.clock import OpeningHours
from bot.outbox.queue import queue_message
from bot.people.safe_contact import Purpose
from bot.store.engines import Store
from bot.store.tables import contact_point, conversation, person
from bot.store.unit_of_work import UnitOfWork

CLOSING = "We are finishing for now. You can come back any time."


class FakeTurns:
    """Fits `bot.staff.parts.StaffTurns`. What it said is in the outbox, as with the real ones."""

    def __init__(self, store: Store, hours: OpeningHours):
        self.store, self.hours = store, hours

    def pick_up(self, handoff_id: int, staff_id: int) -> Future[Any]:
        return self._run(
            staff_id, lambda u: handoffs.pick_up(u, handoff_id, staff_id, until=u.now + timedelta(hours=7))
        )

    def reply(self, conversation_id: int, staff_id: int, text: str) -> Future[Any]:
        def work(unit: UnitOfWork) -> int:
            unanswered.answered(unit, conversation_id, staff_id)
            return self._say(unit, conversation_id, Purpose.STAFF, text, staff_id)

        return self._run(staff_id, work)

    def hand_back(self, handoff_id: int, staff_id: int) -> Future[Any]:
        return self._run(staff_id, lambda u: handoffs.hand_back(u, handoff_id, staff_id))

    def close(self, handoff_id: int, staff_id: int, outcome: str, note: str) -> Future[Any]:
        def work(unit: UnitOfWork) -> bool:
            conversation_id = handoffs.handoff_of(unit, handoff_id).conversation_id
            if not handoffs.close_handoff(unit, handoff_id, staff_id, outcome, note):
                return False
            self._say(unit, conversation_id, Purpose.CLOSING, CLOSING, staff_id)
            return True

        return self._run(staff_id, work)

    def _run(self, staff_id: int, work: Callable[[UnitOfWork], Any]) -> Future[Any]:
        return self.store.run(work, acting=f"staff:{staff_id}")

    def _say(self, unit: UnitOfWork, conversation_id: int, purpose: Purpose, text: str, staff_id: int) -> int:
        way = unit.execute(
            select(contact_point.c.id, contact_point.c.channel, person.c.language)
            .select_from(conversation)
            .join(person, person.c.id == conversation.c.person_id)
            .join(contact_point, contact_point.c.id == conversation.c.contact_point_id)
            .where(conversation.c.id == conversation_id)
        ).one()
        return queue_message(
            unit, conversation_id=conversation_id, contact_point_id=way.id, channel=way.channel,
            purpose=purpose, text=text, language=way.language, staff_id=staff_id,
        )  # fmt: skip
