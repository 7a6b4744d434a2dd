"""What somebody says about the appointment that lies ahead, taken to the right step of its reminder.

A plain yes, no or number is an answer to what was asked; a whole phrase ("running late for my appointment")
counts whenever it is said. What may mean two things is asked back, and nobody's time is given up by a
near miss, by a word said to something else, or by one about another day.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.appointments.appointment import Appointment, maybe, next_appointment
from bot.appointments.replies import NOTHING, Reply, Said, understand_reply
from bot.appointments.when import Exact, NotATime, Understood, understand
from bot.conversation import engine, questions
from bot.conversation.heard import Heard
from bot.conversation.reminding import FLOW, ask_link_worker, begin, due_of
from bot.conversation.state import Frame, Question
from bot.conversation.talk import Talk
from bot.flowkit.answers import ABOUT, choice_of, plain, whole_phrase
from bot.requests import ReplyHeard

#: The flow that offers a time that came free.
FREED = "freed_time"

#: The flow in which a time is booked or moved.
BOOKING = "appointment"

#: Where a reminder asks whether they will come, or says something that they may still answer.
ASKS_COMING = frozenset({"coming", "told_booked", "told_moved", "sure"})
TELLS = frozenset({"day_before", "today"})
ASKS_NEEDS = "needs"
#: Where another time is offered.
OFFERS_ANOTHER = frozenset({"freed", "taken", "told_cancelled", "missed"})
#: After these a yes is still the answer to "will you be there?"; after the last it says nothing new.
TOLD_SINCE = frozenset({"where_told", "who_told", "late_noted", "question_passed"})
NOTED = "noted"

#: Words by which nobody means to hear no more: the carrier stops our texts at them all the same.
MEANT_THE_APPOINTMENT = frozenset({"CANCEL", "END", "QUIT"})


def about_appointment(talk: Talk, heard: Heard) -> bool:
    """Take what they say about their next appointment to its step. False when it is not about it.

    An open question of another flow keeps its answer, unless their words name the appointment.
    """
    text = heard.text
    if not text.strip() or plain(text).isdigit():
        return False  # a number is for the question that offered it
    question = questions.last_asked(talk)
    frame = talk.state.frame(question.frame) if question is not None else None
    if question is not None and frame is not None and frame.flow == FLOW:
        return _to_a_reminder(talk, question, frame, text)
    if question is not None and frame is not None and frame.flow == FREED:
        return _to_a_freed_time(talk, question, frame, text)
    if question is None and (before := _reminded_of(talk)) is not None:
        return _after_a_reminder(talk, before, text)
    return _unasked(talk, question, text)


# -- a reminder waits ----------------------------------------------------------------------------


def _to_a_reminder(talk: Talk, question: Question, frame: Frame, text: str) -> bool:
    if frame.step == ASKS_NEEDS:
        asked = ASKS_NEEDS
    elif frame.step in ASKS_COMING | TELLS:
        asked = "coming"
    elif frame.step in OFFERS_ANOTHER:
        return _to_an_offer(talk, question, frame, text)
    else:
        return False
    due = frame.found.get("appointment_due")
    one = maybe(talk.unit, due.about) if due is not None else None  # type: ignore[attr-defined]
    if one is None:
        return False
    reply = understand_reply(text, talk.language, asked=asked)
    if reply == NOTHING:
        return _a_near_miss(talk, question, frame, text)
    if frame.step in TELLS:
        reply = _to_what_was_told(reply, text, talk.language)
    _lead(talk, frame, one, _checked(talk, one, reply, text), text)
    return True


def _to_an_offer(talk: Talk, question: Question, frame: Frame, text: str) -> bool:
    """It is off, or they did not come: "I forgot, sorry. Another time please" is a yes to another time."""
    if questions.answers_it(talk, question, text):
        return False
    reply = understand_reply(text, talk.language, asked=ASKS_NEEDS)
    if reply.meaning is not Said.ANOTHER_TIME:
        return False
    _fire(talk, frame, "another_time", reply, text)
    return True


def _to_what_was_told(reply: Reply, text: str, language: str) -> Reply:
    """ "Do not forget." "No, I won't." That is no answer to "will you be there?"."""
    plainly = understand_reply(text, language, asked=ASKS_NEEDS)
    if reply.meaning is Said.CANNOT and plainly.meaning is not Said.CANNOT:
        return Reply(unsure=(Said.COMING, Said.CANNOT))
    return reply


def _a_near_miss(talk: Talk, question: Question, frame: Frame, text: str) -> bool:
    """It says nothing of coming. Where it only looks like "I can't make it", it is not taken for that."""
    offered = questions.offered_by(talk, question)
    key = choice_of(text, offered, talk.voice.vocabulary(talk.language))
    if key is None or key.partition(ABOUT)[0] != "cannot" or whole_phrase(text, offered) == key:
        return False
    if frame.step == ASKS_NEEDS:
        engine.answer(talk, frame, text)
    else:
        _fire(talk, frame, "question" if frame.step == "sure" else "unsure", NOTHING, text)
    return True


# -- another time is offered ---------------------------------------------------------------------


def _to_a_freed_time(talk: Talk, question: Question, frame: Frame, text: str) -> bool:
    """A time came free: "can't do Thursday" is a no to that time, and leaves their own alone."""
    if questions.answers_it(talk, question, text):
        return False
    reply = understand_reply(text, talk.language, asked="coming")
    if reply.names_it:
        return _unasked(talk, question, text)
    says = {Said.CANNOT: "no", Said.COMING: "yes"}.get(reply.meaning) if reply.also is None else None
    if says is None:
        return False
    engine.answer(talk, frame, next(key for key in question.offered if key.startswith(f"{says}{ABOUT}")))
    return True


# -- nothing of it waits -------------------------------------------------------------------------


def _reminded_of(talk: Talk) -> Frame | None:
    """The reminder that was the last thing asked here, if they were told something since."""
    asked = talk.state.questions[-1] if talk.state.questions else None
    if asked is None or asked.flow != FLOW:
        return None
    frames = (frame for frame in talk.state.ended if frame.id == asked.frame)
    return next((frame for frame in frames if frame.step in TOLD_SINCE or frame.step == NOTED), None)


def _after_a_reminder(talk: Talk, frame: Frame, text: str) -> bool:
    """They asked where it is, were told, and say "ok, yes"."""
    due = frame.found.get("appointment_due")
    one = maybe(talk.unit, due.about) if due is not None else None  # type: ignore[attr-defined]
    if one is None or not one.stands or one.over(talk.now):
        return False
    reply = _to_what_was_told(understand_reply(text, talk.language, asked="coming"), text, talk.language)
    if reply == NOTHING or (reply.meaning is Said.QUESTION and not reply.names_it):
        return False
    if frame.step == NOTED and reply.meaning is Said.COMING and reply.also is None:
        return True  # we have thanked them for it
    _begin(talk, one, _checked(talk, one, reply, text), text)
    return True


def _unasked(talk: Talk, question: Question | None, text: str) -> bool:
    """Whole phrases only, and only where what waits for an answer cannot read them as its own."""
    reply = understand_reply(text, talk.language)
    if reply == NOTHING:
        return False
    if question is not None and not reply.names_it and not _cannot_read(talk, question, text):
        return False
    one = next_appointment(talk.unit, talk.person_id)
    if one is None:
        return False
    if reply.meaning is Said.CANNOT and not reply.names_it and not _names_its_day(talk, one, text):
        reply = Reply(unsure=(Said.COMING, Said.CANNOT), rest=reply.rest)
    _begin(talk, one, _checked(talk, one, reply, text), text)
    return True


def _cannot_read(talk: Talk, question: Question, text: str) -> bool:
    """Whether it is no answer to this question, whichever way it is taken."""
    if question.change:
        return False
    expects = talk.voice.expects(question.flow, question.step)
    if expects is None or not (expects.closed or expects.own_words):
        return False
    if expects.own_words and not (question.flow == BOOKING and _says_no_time(talk, text)):
        return False
    return not questions.answers_it(talk, question, text)


def _says_no_time(talk: Talk, text: str) -> bool:
    """Where times are offered their own words are about when: "who is it with?" is not."""
    return isinstance(understand(text, talk.now, ZoneInfo(talk.zone), talk.language), NotATime)


# -- what comes of it ----------------------------------------------------------------------------


def _checked(talk: Talk, one: Appointment, reply: Reply, text: str) -> Reply:
    """The same, unless they speak of another day than the appointment's: then it is asked back."""
    if reply.meaning in (Said.CANNOT, Said.COMING) and _names_its_day(talk, one, text) is False:
        return Reply(unsure=(Said.COMING, Said.CANNOT, Said.ANOTHER_TIME), rest=reply.rest)
    return reply


def _names_its_day(talk: Talk, one: Appointment, text: str) -> bool | None:
    """Whether a day they speak of is the appointment's; None when they name none."""
    meant = understand(text, talk.now, ZoneInfo(talk.zone), talk.language)
    day = one.local().date()
    if isinstance(meant, Exact):
        return meant.at.astimezone(one.zone).date() == day
    if isinstance(meant, Understood):
        return any(
            w.has_day(day) or (w.first == w.last and w.first.weekday() == day.weekday())
            for w in meant.excluded or meant.windows  # "can't do Friday" is any day but that
        )
    return None


def _begin(talk: Talk, one: Appointment, reply: Reply, text: str) -> None:
    """A reminder of our own, because they spoke of it first."""
    _lead(talk, begin(talk, "coming", due_of(talk, one)), one, reply, text)


def _lead(talk: Talk, frame: Frame, one: Appointment, reply: Reply, text: str) -> None:
    trigger: str = reply.meaning.value if reply.meaning is not None else "unsure"
    if trigger == "unsure" and frame.step == "sure":
        trigger = "question"  # asked once already: now a person reads it
    _fire(talk, frame, trigger, reply, text)
    if reply.meaning in (Said.COMING, Said.LATE) and reply.also is not None and one.stands:
        _fire(talk, begin(talk, "coming", due_of(talk, one)), reply.also.value, reply, text)


def _fire(talk: Talk, frame: Frame, trigger: str, reply: Reply, text: str) -> None:
    frame.found[ReplyHeard.trigger()] = ReplyHeard(reply.rest, reply.late_minutes)
    engine.answer(talk, frame, text, trigger)


# -- what the carrier did ------------------------------------------------------------------------


def carrier_stopped(talk: Talk, heard: Heard) -> None:
    """The phone company has stopped our texts while an appointment lies ahead: it stands, and a person rings.

    STOP forbids no call. CANCEL, END and QUIT were meant for the appointment, as like as not: by any other
    way they are told first what happened.
    """
    one = next_appointment(talk.unit, talk.person_id)
    if one is None:
        return
    meant_it = heard.text.strip().upper() in MEANT_THE_APPOINTMENT
    kind = "ring-about-appointment" if meant_it else "ring-after-stop"
    ask_link_worker(talk, kind, one, _ring_by(talk, one))
    if meant_it:
        talk.state.stopped_before = one.id


def _ring_by(talk: Talk, one: Appointment) -> datetime:
    """Today while somebody is there, else once they are back; before it begins in any case."""
    hours = talk.voice.settings.hours
    due = hours.closing(talk.now) if hours.is_open(talk.now) else hours.next_opening(talk.now)
    return max(talk.now, min(due, one.starts_at))


def explain_stopped(talk: Talk) -> None:
    """Before anything else, once: why no text comes any more, and that their appointment stands."""
    if talk.state.stopped_before is None or talk.in_concern:
        return
    one = maybe(talk.unit, talk.state.stopped_before)
    talk.state.stopped_before = None
    if one is None or not one.stands or one.over(talk.now):
        return
    due = due_of(talk, one)
    frame = Frame(0, FLOW, "texts_stopped", found={due.trigger(): due})
    talk.say(f"{FLOW}.{talk.prompt_for(frame)}", frame=frame)
