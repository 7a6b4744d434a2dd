"""Handoffs to people, and closings."""

from __future__ import annotations

from bot.casework.cases import case_of
from bot.casework.handoffs import open_handoff
from bot.casework.tasks import open_task
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.requests import CloseAsNotNeeded, HandoffOpened, Noted, OpenHandoff, RecordHelped, Result
from bot.safety.noticing import Level


def _open_handoff(talk: Talk, frame: Frame, request: OpenHandoff) -> Result:
    """A person is asked for. Without agreement they see only from this message on."""
    settings = talk.voice.settings
    is_open = settings.hours.is_open(talk.now)
    due = settings.hours.after(talk.now, settings.answer_within_minutes)
    open_handoff(
        talk.unit,
        talk.id,
        reason=request.reason,
        rank=Level.WORRY.rank if request.worse else 0,
        level=Level.WORRY.value if request.worse else None,
        due_at=due,
        sees_from=talk.inbox_id,
    )
    return HandoffOpened(open_now=is_open, by=settings.hours.next_opening(talk.now))


def _close_as_not_needed(talk: Talk, frame: Frame, request: CloseAsNotNeeded) -> Result:
    case = case_of(talk.unit, talk.person_id)
    due = talk.voice.settings.hours.working_days_after(talk.now, 1)
    open_task(talk.unit, talk.person_id, "not-needed", due, case_id=case.id if case else None)
    return Noted()


def _record_helped(talk: Talk, frame: Frame, request: RecordHelped) -> Result:
    talk.unit.audit("was it any help", f"person:{talk.person_id}", score=request.score)
    return Noted()


HOW: dict[type, CarryingOut] = {
    OpenHandoff: _open_handoff,
    CloseAsNotNeeded: _close_as_not_needed,
    RecordHelped: _record_helped,
}
