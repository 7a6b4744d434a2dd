"""A link worker's actions as turns of the person's own conversation."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass

from bot.casework import cases
from bot.casework.handoff_events import handoff_of, holder
from bot.casework.handoffs import (
    AlreadyPickedUp,
    PickedUp,
    close_handoff,
    extend_hold,
    hand_back,
    open_handoff_of,
    pick_up,
)
from bot.casework.staffing import staff_of
from bot.casework.unanswered import answered
from bot.conversation import engine, offering
from bot.conversation.talk import Talk
from bot.conversation.voice import Voice
from bot.outbox.notices import hours_of
from bot.people.contact_points import of_person
from bot.people.conversations import conversation_of
from bot.people.safe_contact import NEEDS_TEMPLATE, Purpose, Way, why_not
from bot.store import timers
from bot.store.engines import Store
from bot.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Replied:
    """It is queued to the person, on this channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class CannotReply:
    """It was not said. `why` is for the worker: opted out, not safe, held by somebody else, empty."""

    why: str


class StaffTurns:
    """Picks up, speaks, hands back and closes. Each future resolves once it is on disk."""

    def __init__(self, store: Store, voice: Voice):
        self.store, self.voice = store, voice

    def pick_up(self, handoff_id: int, staff_id: int) -> Future[PickedUp | AlreadyPickedUp]:
        """Take it until this worker's hours end. Of two at once, one gets it and the other hears who."""
        return self.store.run(lambda u: self._pick_up(u, handoff_id, staff_id), acting=f"staff:{staff_id}")

    def _pick_up(self, unit: UnitOfWork, handoff_id: int, staff_id: int) -> PickedUp | AlreadyPickedUp:
        settings = self.voice.settings
        worker = staff_of(unit, staff_id)
        hours = hours_of(worker.hours if worker else None, settings.hours)
        until = max(hours.closing(unit.now), timers.in_(unit, minutes=settings.hold_extends_minutes))
        if not hours.is_open(unit.now):
            until = timers.in_(unit, minutes=settings.hold_extends_minutes)
        taken = pick_up(unit, handoff_id, staff_id, until=until)
        if isinstance(taken, PickedUp):
            conversation_id = handoff_of(unit, handoff_id).conversation_id
            timers.clear(unit, "hold-ends", conversation_id=conversation_id)
            timers.set_timer(unit, "hold-ends", until, conversation_id=conversation_id)
        return taken

    def extend(self, handoff_id: int, staff_id: int) -> Future[bool]:
        """Hold it for longer; False when it is not theirs."""

        def work(unit: UnitOfWork) -> bool:
            until = timers.in_(unit, minutes=self.voice.settings.hold_extends_minutes)
            return extend_hold(unit, handoff_id, staff_id, until=until)

        return self.store.run(work, acting=f"staff:{staff_id}")

    def reply(self, conversation_id: int, staff_id: int, text: str) -> Future[Replied | CannotReply]:
        """Say this to the person on the channel that is safe, under the worker's first name."""
        return self.store.run(
            lambda u: self._reply(u, conversation_id, staff_id, text), acting=f"staff:{staff_id}"
        )

    def _reply(
        self, unit: UnitOfWork, conversation_id: int, staff_id: int, text: str
    ) -> Replied | CannotReply:
        if not text.strip():
            return CannotReply("empty")
        holding = holder(unit, conversation_id)
        if holding is not None and holding != staff_id:
            return CannotReply("held by somebody else")
        talk = Talk(unit, self.voice, conversation_id)
        talk.staff_id = staff_id
        if not self._somewhere_safe(talk):
            return CannotReply(self._why(talk))
        worker = staff_of(unit, staff_id)
        talk.say(
            "talk.from_link_worker",
            purpose=Purpose.STAFF,
            found={"who": worker.first_name if worker else "", "words": text.strip()},
        )
        talk.state.with_worker, talk.state.carries_on = True, False
        talk.finish()
        answered(unit, conversation_id, staff_id)
        unit.audit("replied", f"conversation:{conversation_id}", channel=talk.channel.value)
        return Replied(talk.channel.value)

    def _somewhere_safe(self, talk: Talk) -> bool:
        """Where they wrote last, if that is safe; else another way of theirs that is."""
        if talk.point_id is not None and why_not(talk.way, Purpose.STAFF, now=talk.now) is None:
            return True
        for point in of_person(talk.unit, talk.person_id):
            way = Way(
                point.channel, point.safe, point.opted_out_at, point.unreachable_at, point.last_inbound_at
            )
            if point.id != talk.point_id and why_not(way, Purpose.STAFF, now=talk.now) is None:
                talk.move_to(point.id)
                return True
        return self._by_template(talk)

    def _by_template(self, talk: Talk) -> bool:
        """WhatsApp's day is over: delivery sends its template, and the words wait to be said again."""
        if talk.point_id is None or not self.voice.settings.twilio_whatsapp_template:
            return False
        return why_not(talk.way, Purpose.STAFF, now=talk.now) == NEEDS_TEMPLATE

    def _why(self, talk: Talk) -> str:
        if talk.point_id is None:
            return "no way to write to them"
        return why_not(talk.way, Purpose.STAFF, now=talk.now) or ""

    def offer(self, conversation_id: int, flow: str, staff_id: int) -> Future[Replied | CannotReply]:
        """Offer them a conversation: "what_matters" or "find_support". They are asked first.

        `why` it cannot be is one of those of `offering.why_not_now`, or what `reply` says. Raises
        KeyError for anything else than those two.
        """
        if flow not in offering.CAN_BE_OFFERED:
            raise KeyError(flow)
        return self.store.run(lambda u: self._offer(u, conversation_id, flow), acting=f"staff:{staff_id}")

    def _offer(self, unit: UnitOfWork, conversation_id: int, flow: str) -> Replied | CannotReply:
        talk = Talk(unit, self.voice, conversation_id)
        if why := offering.why_not_now(talk, flow):
            return CannotReply(why)
        if not self._somewhere_safe(talk):
            return CannotReply(self._why(talk))
        offering.offer(talk, flow, Purpose.STAFF)
        talk.finish()
        unit.audit("offered", f"conversation:{conversation_id}", flow=flow, channel=talk.channel.value)
        unit.tell(f"conversation:{conversation_id}")
        return Replied(talk.channel.value)

    def hand_back(self, handoff_id: int, staff_id: int) -> Future[bool]:
        """The questions go on from where they were; the person is told who speaks now."""
        return self.store.run(lambda u: self._hand_back(u, handoff_id, staff_id), acting=f"staff:{staff_id}")

    def _hand_back(self, unit: UnitOfWork, handoff_id: int, staff_id: int) -> bool:
        conversation_id = handoff_of(unit, handoff_id).conversation_id
        if not hand_back(unit, handoff_id, staff_id):
            return False
        timers.clear(unit, "hold-ends", conversation_id=conversation_id)
        talk = Talk(unit, self.voice, conversation_id)
        talk.concern_until, talk.state.with_worker = None, False
        if talk.point_id is not None and why_not(talk.way, Purpose.STAFF, now=talk.now) is None:
            talk.say("talk.handed_back", purpose=Purpose.STAFF)
            engine.return_to_what_waits(talk)
        talk.finish()
        return True

    def close(self, handoff_id: int, staff_id: int, outcome: str, note: str) -> Future[bool]:
        """Finish it, with an outcome and a note; the person is told kindly and can come back any time."""
        return self.store.run(
            lambda u: self._close(u, handoff_id, staff_id, outcome, note), acting=f"staff:{staff_id}"
        )

    def _close(self, unit: UnitOfWork, handoff_id: int, staff_id: int, outcome: str, note: str) -> bool:
        handoff = handoff_of(unit, handoff_id)
        if not close_handoff(unit, handoff_id, staff_id, outcome, note):
            return False
        timers.clear(unit, "hold-ends", conversation_id=handoff.conversation_id)
        self._say_finished(unit, handoff.conversation_id)
        return True

    def close_case(self, case_id: int, staff_id: int, outcome: str, note: str) -> Future[bool]:
        """Close a case nobody holds; the person is told all the same."""

        def work(unit: UnitOfWork) -> bool:
            case = cases.case_by_id(unit, case_id)
            if not cases.close_case(unit, case_id, staff_id, outcome, note):
                return False
            conversation_id = conversation_of(unit, case.person_id)
            if conversation_id is not None and open_handoff_of(unit, conversation_id) is None:
                self._say_finished(unit, conversation_id)
            return True

        return self.store.run(work, acting=f"staff:{staff_id}")

    def _say_finished(self, unit: UnitOfWork, conversation_id: int) -> None:
        talk = Talk(unit, self.voice, conversation_id)
        if talk.point_id is None or why_not(talk.way, Purpose.CLOSING, now=talk.now) is not None:
            return
        talk.state.stack.clear()
        talk.concern_until, talk.state.with_worker = None, False
        frame = engine.begin(talk, "finishing")
        talk.ask(frame, purpose=Purpose.CLOSING)
        talk.finish()
