"""The safety lane: it comes before every flow, and what follows a concern stays with a person."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.casework.concerns import record_concern
from bot.casework.escalation import Alarm
from bot.casework.handoffs import open_handoff
from bot.conversation import questions
from bot.conversation.heard import Heard, words_before
from bot.conversation.talk import Talk
from bot.flowkit.answers import bare
from bot.messages import WITH_BUTTONS
from bot.people.for_a_human import open_case_id
from bot.people.safe_contact import Purpose
from bot.safety.cards import card
from bot.safety.noticing import Level, Noticed, notice, notice_together
from bot.store.tables import concern

#: An abuse card is an answer within five minutes, never a new text (practice, section 4).
HOLDING = timedelta(minutes=5)

#: Photos of one album come one by one.
ALBUM = timedelta(minutes=1)

#: Our "a person will read this" is not said again sooner than this.
SAID_LATELY = timedelta(minutes=10)


def safety_first(talk: Talk, heard: Heard) -> bool:
    """Look at what they said before anything else. True when the lane answers and no flow does.

    A worry gets a kind word and a place in the queue, and the conversation goes on.
    """
    noticed = _notice(talk, heard)
    if noticed is None:
        return False
    if _answered_already(talk, heard):
        return noticed.level is not Level.WORRY
    settings = talk.voice.settings
    is_open = settings.hours.is_open(talk.now) or settings.out_of_hours == "staffed"
    recorded = record_concern(
        talk.unit,
        talk.id,
        heard.id,
        level=noticed.level,
        category=noticed.category,
        why=noticed.why,
        about_self=noticed.about_self,
        due_at=settings.hours.after(talk.now, settings.answer_within_minutes),
        case_id=open_case_id(talk.unit, talk.person_id),
        hours=settings.hours,
        staffed=settings.out_of_hours == "staffed",
        alarm=Alarm.of(settings),
    )
    talk.keep_concern()
    talk.state.card_n = talk.state.n
    prompt = card(
        noticed,
        nation=talk.row.nation,
        deployer_nation=settings.nation,
        is_open=is_open,
        under_age=talk.row.under_age,
        channel=talk.channel,
    )
    talk.say(
        prompt,
        purpose=Purpose.CARD,
        useful_until=talk.now + HOLDING if noticed.level is Level.ABUSE else None,
        concern_id=recorded.concern_id,
    )
    return noticed.level is not Level.WORRY


def _answered_already(talk: Talk, heard: Heard) -> bool:
    """The card went out when this turn, or one before it, failed the first time."""
    return (
        talk.unit.execute(select(concern.c.id).where(concern.c.inbox_id == heard.id).limit(1)).first()
        is not None
    )


def _notice(talk: Talk, heard: Heard) -> Noticed | None:
    """This message, and with the last few when they were said in one breath."""
    # What it says by itself was looked at as it arrived; the level is kept with it.
    if heard.level is not None:
        return notice(heard.text)
    if not heard.text or bare(heard.text, talk.voice.vocabulary(talk.language)):
        return None
    before = words_before(talk.unit, talk.id, heard)
    if not before:
        return None
    together = notice_together([*before, heard.text])
    if together is None:
        return None
    # What was already noticed in the earlier words alone was answered then.
    earlier = [notice(text) for text in before]
    if any(e is not None and e.level.rank >= together.level.rank for e in earlier):
        return None
    return together


def _half_hour(at: datetime) -> datetime:
    """The next half hour: nobody promises to look by 10.01."""
    return at + (datetime.min.replace(tzinfo=at.tzinfo) - at) % timedelta(minutes=30)


def cannot_read(talk: Talk, heard: Heard) -> None:
    """A voice, a photo, a file: not yet looked at for safety. A human opens it in the set time."""
    settings = talk.voice.settings
    due = _half_hour(settings.hours.after(talk.now, settings.look_within_hours * 60))
    open_handoff(
        talk.unit,
        talk.id,
        reason="unreadable",
        due_at=due,
        sees_from=heard.id,
        hours=settings.hours,
        staffed=settings.out_of_hours == "staffed",
    )
    if talk.held_by is not None or talk.opted_out_at is not None:
        return
    before, talk.state.unreadable_at = talk.state.unreadable_at, talk.now
    if before is not None and talk.now - before < ALBUM:
        return  # photos sent together are answered together
    talk.say("safety.unreadable", purpose=Purpose.UNREADABLE, found={"to_look_at": {"by": due}})
    top = talk.state.top
    pressing = talk.channel in WITH_BUTTONS and not heard.text and not talk.in_concern
    if top is not None and top.question and pressing:
        talk.ask(top, "asked_again")


def _answers_our_question(talk: Talk, text: str) -> bool:
    """Its own choice, where that can mean nothing else; or what they began themselves since the card."""
    asked = questions.last_asked(talk)
    if asked is None or talk.state.with_worker:
        return False
    if talk.in_concern and asked.frame > talk.state.card_n:
        return True
    if not asked.closed or questions.is_a_nod(talk, text):
        return False
    if not questions.answers_it(talk, asked, text):
        return False
    talk.concern_until = None
    return True


def holds(talk: Talk, heard: Heard) -> bool:
    """After a concern, or while staff owe an answer, words go to a person and not into a flow.

    The question that was open stays open and is not pressed on them: its own choice, a button or
    CARRY ON takes it up again.
    """
    with_team = talk.row.handoff_id is not None
    if not with_team:
        talk.state.with_worker = talk.state.carries_on = False
    waits = talk.row.waiting_for_reply and not talk.state.carries_on
    owed = with_team and (waits or talk.state.with_worker)
    if not talk.in_concern and not owed:
        talk.concern_until = None
        return False
    if _answers_our_question(talk, heard.text):
        return False
    said = talk.state.lane_said_at
    if said is None or talk.now - said >= SAID_LATELY:
        talk.say("talk.still_with_team")
        talk.state.lane_said_at = talk.now
    return True
