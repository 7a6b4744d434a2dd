"""One turn's working conversation: loaded under its lock, spoken in, saved once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update

from bot.casework.concerns import card_sent
from bot.conversation.state import Frame, Question, State
from bot.conversation.told import in_words
from bot.conversation.voice import Voice
from bot.flowkit.answers import Expects, Offered
from bot.messages import COUNTED, WITH_BUTTONS, ChannelName, Choice, File
from bot.outbox.queue import queue_message
from bot.people.contact_points import opt_out
from bot.people.conversations import NoSuchConversation, hold
from bot.people.for_a_human import STANDING
from bot.people.safe_contact import Purpose, Way
from bot.store.prepared import Prepared
from bot.store.sealed import maybe_open
from bot.store.tables import Priority, Safe, contact_point, conversation, handoff, person
from bot.store.unit_of_work import UnitOfWork
from bot.words import gsm

#: A question nobody needs to answer stops waiting after this long.
OPTIONAL_FOR = timedelta(hours=48)

#: Two things said at once are one text only where that takes no more segments than this.
MOST_JOINED = 3

#: Twilio takes 1,600 characters at most (error 21617); ten GSM segments stay under it.
LONGEST_TEXT = 1530

_load = Prepared(
    select(
        conversation.c.id, conversation.c.person_id, conversation.c.state, conversation.c.channel,
        conversation.c.held_by, conversation.c.held_until, conversation.c.unanswered_since,
        conversation.c.concern_until, conversation.c.last_inbound_at.label("heard_at"),
        person.c.name, person.c.language, person.c.zone, person.c.nation, person.c.agreed_at,
        person.c.under_age,
        contact_point.c.id.label("point_id"), contact_point.c.channel.label("point_channel"),
        contact_point.c.safe, contact_point.c.opted_out_at, contact_point.c.unreachable_at,
        contact_point.c.last_inbound_at,
        handoff.c.id.label("handoff_id"), handoff.c.waiting_for_reply,
    )
    .select_from(conversation)
    .join(person, person.c.id == conversation.c.person_id)
    .outerjoin(
        contact_point,
        contact_point.c.id
        == func.coalesce(bindparam("point", type_=contact_point.c.id.type), conversation.c.contact_point_id),
    )
    .outerjoin(
        handoff,
        (handoff.c.conversation_id == conversation.c.id)
        & or_(*(handoff.c.status == status for status in STANDING)),
    )
    .where(conversation.c.id == bindparam("conversation"))
)  # fmt: skip
_save = Prepared(
    update(conversation)
    .where(conversation.c.id == bindparam("conversation"))
    .values(
        state=bindparam("state"), version=conversation.c.version + 1, channel=bindparam("channel"),
        contact_point_id=bindparam("point"), concern_until=bindparam("concern_until"),
        last_inbound_at=bindparam("heard_at"),
    )
)  # fmt: skip
_concern_until = select(conversation.c.concern_until).where(conversation.c.id == bindparam("conversation"))


@dataclass(slots=True)
class Say:
    """One thing to say this turn."""

    text: str
    purpose: Purpose
    prompt: str
    offered: tuple[Offered, ...] = ()
    question: Question | None = None
    useful_until: datetime | None = None
    values: dict[str, Any] | None = None
    concern_id: int | None = None  # what this card answers
    about: str | None = None  # "appointment:7": not sent any more once that is moved or off
    file: File | None = None
    priority: Priority | None = None  # before others for the same purpose


class Talk:
    """A conversation during one turn. `say` and `ask` collect; `finish` queues and saves."""

    def __init__(
        self,
        unit: UnitOfWork,
        voice: Voice,
        conversation_id: int,
        contact_point_id: int | None = None,
        *,
        with_state: bool = True,
    ):
        """`with_state=False` is for words that must go out even if the state cannot be read; never saved."""
        self.unit, self.voice = unit, voice
        self._with_state = with_state
        self.says: list[Say] = []
        self.inbox_id: int | None = None
        self.staff_id: int | None = None
        self.corrects: int | None = None  # the message whose answer this one puts right
        self.leave_be = False  # what waits beneath is not to be asked again now
        self._with_next: dict[str, Any] = {}
        self._load(conversation_id, contact_point_id)

    def _load(self, conversation_id: int, contact_point_id: int | None) -> None:
        hold(self.unit, conversation_id)
        row = _load.first(self.unit.connection, {"conversation": conversation_id, "point": contact_point_id})
        if row is None:
            raise NoSuchConversation(conversation_id)
        self.row = row
        self.id: int = row.id
        self.person_id: int = row.person_id
        self.point_id: int | None = row.point_id
        self.language: str = row.language
        self.zone: str = row.zone
        self.name: str = maybe_open(self.unit.sealer, row.name)
        self.channel: ChannelName = row.point_channel or row.channel or ChannelName.SMS
        self.safe: Safe = row.safe or Safe.NOT_ASKED
        self.held_by: int | None = row.held_by
        self.concern_until: datetime | None = row.concern_until
        self.opted_out_at: datetime | None = row.opted_out_at
        self._stop: str | None = None
        sealed = row.state if self._with_state else None
        self.state = State.from_json(self.unit.sealer.open_json(sealed) if sealed is not None else None)
        if self.voice.renamed:
            self.state.call_steps(self.voice.renamed)

    def switch_to(self, conversation_id: int) -> None:
        """Go on in another conversation: the two were just joined, and that one is kept."""
        point = self.point_id
        self._load(conversation_id, point)

    def move_to(self, contact_point_id: int) -> None:
        """Speak by another of their contact points."""
        self._load(self.id, contact_point_id)

    @property
    def now(self) -> datetime:
        """This turn's instant."""
        return self.unit.now

    @property
    def way(self) -> Way:
        """Where they are now, as safe contact sees it."""
        heard = self.now if self.inbox_id is not None else self.row.last_inbound_at
        return Way(self.channel, self.safe, self.opted_out_at, self.row.unreachable_at, heard)

    @property
    def in_concern(self) -> bool:
        """Whether a concern was just noticed: words stay with a person, and nothing is pressed on them."""
        return self.concern_until is not None and self.now < self.concern_until

    @property
    def may_repeat_words(self) -> bool:
        """Whether their own words may be quoted here: only once they said that only they see it."""
        return self.safe in (Safe.ONLY_ME, Safe.TEXT_ONLY)

    # -- saying -------------------------------------------------------------------------------

    def _values(self, frame: Frame | None) -> dict[str, Any]:
        # Every step has a value, so that a prompt may ask about one they have not come to.
        answers = dict.fromkeys(self.voice.flows[frame.flow]._steps) | frame.given if frame else {}
        name = self.name or (answers.get("name") or "")
        return {
            "answers": answers,
            "found": self._found_in_words(frame) if frame else {},
            "person": SimpleNamespace(name=name),
        }

    def _found_in_words(self, frame: Frame) -> dict[str, Any]:
        return {
            name: in_words(self.voice, self.language, self.channel, self.now, result)
            for name, result in frame.found.items()
        }

    def say(
        self,
        prompt: str,
        *,
        frame: Frame | None = None,
        variant: str | None = None,
        purpose: Purpose = Purpose.REPLY,
        useful_until: datetime | None = None,
        concern_id: int | None = None,
        about: str | None = None,
        **more: Any,
    ) -> None:
        """Say one prompt, here and now."""
        text = self.voice.render(
            prompt, self.language, self.channel, self.now, variant=variant, **(self._values(frame) | more)
        )
        said = Say(
            text, purpose, prompt, useful_until=useful_until, values=more or None, concern_id=concern_id
        )
        self._add(said, about)

    def with_next(self, *, about: str, file: File | None = None) -> None:
        """What is said or asked next is about this ("appointment:7"), and takes the file with it."""
        self._with_next = {"about": about, "file": file}

    def _add(self, said: Say, about: str | None = None) -> None:
        with_it, self._with_next = self._with_next, {}
        said.about, said.file = about or with_it.get("about"), with_it.get("file")
        self.says.append(said)

    def offered(self, frame: Frame, step: str) -> tuple[Offered, ...]:
        """What this step of theirs offers here, with what was found for it, and without what they picked."""
        offers = self.voice.offers(frame.flow, step, frame.found, self.language, self.channel)
        expects = self.voice.expects(frame.flow, step)
        if not frame.picked or step != frame.step or expects is None:
            return offers
        left = (o for o in offers if o.key not in frame.picked and o.key != expects.alone)
        return (*left, self.voice.enough(self.language))

    def ask(
        self,
        frame: Frame,
        variant: str | None = None,
        *,
        purpose: Purpose = Purpose.REPLY,
        until: datetime | None = None,
        useful_until: datetime | None = None,
        about: str | None = None,
    ) -> None:
        """Ask this frame's question; from now on it is the question asked last here.

        It waits for its answer `until` then (aware UTC), or as long as what it is about is ahead, and is not
        sent after `useful_until`.
        """
        expects = self.voice.expects(frame.flow, frame.step)
        if expects is None:
            return
        offered = self.offered(frame, frame.step)
        key = f"{frame.flow}.{self.prompt_for(frame)}"
        values = self._values(frame)
        if frame.picked:
            key, variant, values = "talk.anything_else", None, {"found": {"picked": self._picked(frame)}}
        text = self.voice.render(
            key, self.language, self.channel, self.now, variant=variant, offered=offered, **values
        )
        question = Question(
            self.state.next(), frame.id, frame.flow, frame.step, self.channel,
            tuple(o.key for o in offered), expects.closed, self.now,
            until or self._open_until(frame, expects),
        )  # fmt: skip
        self._remember(frame, question)
        self._add(Say(text, purpose, key, offered, question, useful_until), about)

    def _open_until(self, frame: Frame, expects: Expects) -> datetime | None:
        """What a reminder asks waits until its appointment is over; what nobody need answer, two days."""
        over = getattr(frame.found.get(expects.about or ""), "open_until", None)
        return over or (self.now + OPTIONAL_FOR if expects.optional else None)

    def _picked(self, frame: Frame) -> str:
        """What they pressed so far, of several; nothing where others may read it."""
        offers = self.voice.offers(frame.flow, frame.step, frame.found, self.language, self.channel)
        labels = {o.key: o.label for o in offers}
        return ", ".join(labels.get(key, "") for key in frame.picked) if self.may_repeat_words else ""

    def changeable(self) -> tuple[Frame, tuple[Offered, ...]] | None:
        """The flow whose answers can be changed, and which: only those with a name to be called by."""
        for frame in reversed(self.state.stack):
            if frame.path and self.voice.prompts.has(f"{frame.flow}.change"):
                if offered := self.voice.changes(frame.flow, tuple(frame.path), self.language):
                    return frame, offered
        return None

    def ask_which_to_change(self, frame: Frame, offered: tuple[Offered, ...]) -> None:
        """Which of their answers shall we change? The question that was open waits beneath."""
        key = f"{frame.flow}.change"
        text = self.voice.render(
            key, self.language, self.channel, self.now, offered=offered, **self._values(frame)
        )
        question = Question(
            self.state.next(), frame.id, frame.flow, frame.step, self.channel,
            tuple(o.key for o in offered), True, self.now, change=True,
        )  # fmt: skip
        self._remember(frame, question)
        self.says.append(Say(text, Purpose.REPLY, key, offered, question))

    def prompt_for(self, frame: Frame) -> str:
        """The block of this frame's step: its discreet form, an arm of a trial, or as it is.

        A prompt that quotes their words, or says what it is about, has a discreet form, for a phone that
        others read and for who asked for it.
        """
        discreet = f"discreet__{frame.step}"
        asked_for = any(getattr(result, "discreet", False) for result in frame.found.values())
        # In the chat where they chose to be rung we never asked who sees it, and their words stand above
        # anyway. What they said on a phone, before this chat was joined to it, does not.
        rung = frame.given.get("way") == "phone"
        above = rung and self.channel in WITH_BUTTONS and self.safe is Safe.NOT_ASKED
        guarded = asked_for or not (self.may_repeat_words or above)
        if guarded and self.voice.prompts.has(f"{frame.flow}.{discreet}"):
            return discreet
        arms = (f"{frame.step}_{w}" for r in frame.found.values() if (w := getattr(r, "wording", "")))
        return next((arm for arm in arms if self.voice.prompts.has(f"{frame.flow}.{arm}")), frame.step)

    def _remember(self, frame: Frame, question: Question) -> None:
        frame.question = question.n
        self.state.questions.append(question)

    def keep_concern(self) -> None:
        """What they say next stays with a person for as long as was just written down."""
        self.concern_until = self.unit.execute(_concern_until, {"conversation": self.id}).scalar_one()

    def stop_after(self, how: str) -> None:
        """Once this turn's last words are queued, nothing more goes here."""
        self._stop = how

    # -- the end of the turn --------------------------------------------------------------------

    def finish(self) -> None:
        """Queue what was said and save where we are, in this turn's own transaction."""
        if self.says:
            self.state.spoke = self.says[-1].question is None
        self.finish_words()
        if self._stop is not None and self.point_id is not None:
            opt_out(self.unit, self.point_id, self._stop)
        _save.do(
            self.unit.connection,
            {
                "conversation": self.id,
                "state": self.unit.sealer.seal_json(self.state.to_json()),
                "channel": self.channel,
                "point": self.point_id,
                "concern_until": self.concern_until,
                "heard_at": self.now if self.inbox_id is not None else self.row.heard_at,
            },
        )

    def finish_words(self) -> None:
        """Queue what was said, and leave where we are as it was."""
        for say in self._joined():
            self._queue(say)

    def _joined(self) -> list[Say]:
        """Where each text costs money, a word of thanks and the next question are one text."""
        if self.channel not in COUNTED:
            return self.says
        joined: list[Say] = []
        for say in self.says:
            before = joined[-1] if joined else None
            if before and before.purpose == say.purpose == Purpose.REPLY and before.question is None:
                both = f"{before.text}\n{say.text}"
                apart = gsm.segments(before.text) + gsm.segments(say.text)
                if gsm.segments(both) < min(apart, MOST_JOINED + 1):
                    about, file = say.about or before.about, say.file or before.file
                    joined[-1] = replace(say, text=both, about=about, file=file)
                    continue
            joined.append(say)
        return joined

    def _queue(self, say: Say) -> None:
        if self.point_id is None:
            return  # nobody to write to: a person someone else told us about
        buttons: tuple[Choice, ...] = ()
        if say.question and self.channel in WITH_BUTTONS:
            buttons = tuple(Choice(f"{say.question.n}.{o.key}", o.label) for o in say.offered if o.label)
        long = self.channel in COUNTED and len(say.text) > LONGEST_TEXT // 2
        texts = gsm.split(say.text, LONGEST_TEXT) if long else [say.text]
        for i, text in enumerate(texts):
            queued = queue_message(
                self.unit,
                conversation_id=self.id,
                contact_point_id=self.point_id,
                channel=self.channel,
                purpose=say.purpose,
                text=text,
                language=self.language,
                choices=buttons if i == len(texts) - 1 else (),
                prompt=say.prompt,
                values=say.values,
                useful_until=say.useful_until,
                answers_inbox_id=self.inbox_id,
                staff_id=self.staff_id,
                safe=self.way,
                about=say.about,
                priority=say.priority,
                file=say.file if i == len(texts) - 1 else None,
            )
            if say.concern_id is not None:
                card_sent(self.unit, say.concern_id, queued)
