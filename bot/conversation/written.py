"""What someone writes on a page of their own: kept like a message, looked at for safety, answered there.

The page is in their hand, so a card is shown on it at once; nothing goes to a phone (practice, section 4).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select

from bot.casework.concerns import card_sent, record_concern
from bot.casework.handoffs import open_handoff
from bot.conversation.heard import Heard, words_before
from bot.conversation.voice import Voice
from bot.messages import RANK, ChannelName, Kind, Status
from bot.people.conversations import hold
from bot.people.for_a_human import ask_a_human, open_case_id
from bot.people.persons import Person
from bot.people.safe_contact import Purpose
from bot.safety.cards import card
from bot.safety.noticing import Noticed, notice, notice_together
from bot.store.tables import Handling, Priority, contact_point, conversation, inbox, outbox
from bot.store.unit_of_work import UnitOfWork

#: Where words came from, in a kept message's body and beside a card: they are no part of any chat.
PLAN_PAGE = "plan-page"

#: What a link worker is asked to do when somebody changed their plan.
PLAN_CHANGED = "plan-changed"


@dataclass(frozen=True, slots=True)
class Written:
    """It is kept. `inbox_id` is None for someone who was never in touch by any channel of ours.

    `card` is what to show them before anything else; empty when nothing was noticed.
    """

    inbox_id: int | None
    card: str = ""

    def __repr__(self) -> str:
        return f"Written(inbox_id={self.inbox_id}, card={bool(self.card)})"


def keep_written(
    unit: UnitOfWork, voice: Voice, who: Person, words: str, language: str, noticed: Noticed | None
) -> Written:
    """Keep `words` as a message of theirs that has been read, with what was `noticed` in it.

    Notice before the unit begins (bot/safety/noticing.py): it takes a while. Staff see it in the
    conversation. What is noticed is a concern like any other; the card for it comes back in
    `language`, to be shown on the page.
    """
    hold(unit, who.conversation_id)
    inbox_id = _keep(unit, who, words, language, noticed)
    if inbox_id is not None:
        noticed = noticed or _in_one_breath(unit, who, inbox_id, words)
    unit.tell(f"conversation:{who.conversation_id}")
    if noticed is None:
        return Written(inbox_id)
    settings = voice.settings
    is_open = settings.hours.is_open(unit.now) or settings.out_of_hours == "staffed"
    prompt = card(
        noticed,
        nation=who.nation,
        deployer_nation=settings.nation,
        is_open=is_open,
        under_age=who.under_age,
        channel=ChannelName.WEB,
    )
    shown = voice.prompts.say(
        prompt, language, channel=ChannelName.WEB, service=voice.service(language, unit.now)
    )
    _tell_the_team(unit, voice, who, noticed, inbox_id, prompt, shown, language)
    return Written(inbox_id, shown)


def plan_changed(unit: UnitOfWork, voice: Voice, who: Person) -> None:
    """They changed their plan: whoever looks after them reads it by the end of the next working day."""
    case_id = open_case_id(unit, who.id)
    if case_id is not None:
        due = voice.settings.hours.working_days_after(unit.now, 1)
        ask_a_human(unit, who.id, PLAN_CHANGED, due, case_id=case_id)
    unit.tell("queue")
    unit.tell(f"conversation:{who.conversation_id}")


def _point(unit: UnitOfWork, who: Person) -> int | None:
    """The way they spoke last, else the oldest way to reach them: a message belongs to one."""
    spoke = unit.execute(
        select(conversation.c.contact_point_id).where(conversation.c.id == who.conversation_id)
    ).scalar_one()
    return (
        spoke
        or unit.execute(
            select(contact_point.c.id)
            .where(contact_point.c.person_id == who.id)
            .order_by(contact_point.c.id)
            .limit(1)
        ).scalar()
    )


def _keep(unit: UnitOfWork, who: Person, words: str, language: str, noticed: Noticed | None) -> int | None:
    point_id = _point(unit, who)
    if point_id is None:
        return None
    return unit.insert(
        inbox,
        channel=ChannelName.WEB,
        provider_digest=unit.sealer.lookup("inbound", f"{PLAN_PAGE}\0{secrets.token_hex(16)}"),
        conversation_id=who.conversation_id,
        contact_point_id=point_id,
        received_at=unit.now,
        kind=Kind.WORDS,
        body=unit.sealer.seal_json({"text": words, "source": PLAN_PAGE, "language": language}),
        level=noticed.level.value if noticed else None,
        rank=noticed.level.rank if noticed else 0,
        handling=Handling.HANDLED,
        handled_at=unit.now,
    )


def _in_one_breath(unit: UnitOfWork, who: Person, inbox_id: int, words: str) -> Noticed | None:
    """With the last few things they said or wrote: words split over two lines are one thing."""
    heard = Heard(inbox_id, ChannelName.WEB, 0, Kind.WORDS, words, None, PLAN_PAGE, None, None, unit.now, 0)
    before = words_before(unit, who.conversation_id, heard)
    together = notice_together([*before, words]) if before else None
    if together is None:
        return None
    earlier = [notice(text) for text in before]
    return None if any(e is not None and e.level.rank >= together.level.rank for e in earlier) else together


def _tell_the_team(
    unit: UnitOfWork,
    voice: Voice,
    who: Person,
    noticed: Noticed,
    inbox_id: int | None,
    prompt: str,
    shown: str,
    language: str,
) -> None:
    settings = voice.settings
    common = {
        "case_id": open_case_id(unit, who.id),
        "due_at": settings.hours.after(unit.now, settings.answer_within_minutes),
        "hours": settings.hours,
        "staffed": settings.out_of_hours == "staffed",
    }
    if inbox_id is None:  # no message to point to: the team is told all the same
        level = noticed.level
        open_handoff(
            unit, who.conversation_id, reason="concern", level=level.value, rank=level.rank, **common
        )
        return
    recorded = record_concern(
        unit,
        who.conversation_id,
        inbox_id,
        level=noticed.level,
        category=noticed.category,
        why=noticed.why,
        about_self=noticed.about_self,
        **common,
    )
    point_id = _point(unit, who)
    shown_id = unit.insert(
        outbox,
        conversation_id=who.conversation_id,
        contact_point_id=point_id,
        channel=ChannelName.WEB,
        purpose=Purpose.CARD.value,
        priority=Priority.SAFETY,
        prompt=prompt,
        language=language,
        text=unit.sealer.seal(shown),
        segments=1,
        status=Status.SENT,
        rank=RANK[Status.SENT],
        reason=PLAN_PAGE,
        created_at=unit.now,
        due_at=unit.now,
        sent_at=unit.now,
        answers_inbox_id=inbox_id,
    )
    card_sent(unit, recorded.concern_id, shown_id)
