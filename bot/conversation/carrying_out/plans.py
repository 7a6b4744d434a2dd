"""A person's own plan: begun, kept line by line with the message each came in, read back, shared."""

from __future__ import annotations

from bot.casework import plans
from bot.casework.plans import Said
from bot.casework.referrals import referrals_of
from bot.conversation import plan_words
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.state import OF, Frame
from bot.conversation.talk import Talk
from bot.conversation.written import plan_changed
from bot.people import access_needs
from bot.people.persons import person_of
from bot.requests import (
    AgreePlan,
    FindNeeds,
    KeepLines,
    KeepNeeds,
    NeedsFound,
    NeedsKept,
    Noted,
    NotReferred,
    OpenPlan,
    PlanBegun,
    PlanEmpty,
    PlanHeld,
    PlanRead,
    PlanTold,
    ReadPlan,
    RestHere,
    Result,
    SharePlan,
)
from bot.store import timers
from bot.store.tables import Heading
from bot.store.unit_of_work import Reading

#: The answer of the referral that says what matters.
TOLD = "matters"

#: What they say to have all of it read once more.
READ = "read"


def _told_before(reading: Reading, person_id: int) -> Said | None:
    """What they said matters when they were referred, with the message it came in."""
    for referral in referrals_of(reading, person_id):
        told = referral.content.get(TOLD) if isinstance(referral.content, dict) else None
        if isinstance(told, dict) and told.get("words"):
            return Said(words=str(told["words"]), inbox_id=told.get("inbox_id"))
    return None


def _open_plan(talk: Talk, frame: Frame, request: OpenPlan) -> Result:
    who = person_of(talk.unit, talk.person_id)
    if who.agreed_at is None or who.under_age:
        return NotReferred()
    held = plans.plan_of(talk.unit, talk.person_id)
    if held is not None and held.lines:
        return PlanHeld(agreed=held.review_at is not None)
    plan_id = plans.start_plan(talk.unit, talk.person_id)
    told = _told_before(talk.unit, talk.person_id)
    if told is None:
        return PlanBegun()
    plans.set_lines(talk.unit, plan_id, Heading.MATTERS, [told])
    return PlanTold(words=told.words or "")


def _said(frame: Frame, request: KeepLines) -> list[Said]:
    """What they answered, each part with its message: of buttons pressed one by one, its own press."""
    message = frame.said.get(request.step)
    if request.said is None:
        return []
    if isinstance(request.said, list):
        return [
            Said(code=one, inbox_id=frame.said.get(f"{request.step}{OF}{one}", message))
            if one in request.codes
            else Said(words=one, inbox_id=message)
            for one in request.said
        ]
    if isinstance(request.said, int):
        return [Said(number=request.said, inbox_id=message)]
    return [Said(words=str(request.said), inbox_id=message)]


def _keep_lines(talk: Talk, frame: Frame, request: KeepLines) -> Result:
    plan_id = plans.start_plan(talk.unit, talk.person_id)
    heading, said = Heading(request.heading), _said(frame, request)
    if not request.adds:
        plans.set_lines(talk.unit, plan_id, heading, said, asked=request.asked)
        return Noted()
    held = plans.plan_of(talk.unit, talk.person_id)
    lines = held.under(heading) if held is not None else ()
    for one in said:
        before = next((line for line in lines if line.inbox_id == one.inbox_id), None)
        if before is not None and one.inbox_id is not None:
            plans.correct_line(talk.unit, before.id, words=one.words, inbox_id=one.inbox_id)
        elif not any(one.same_as(line) for line in lines):
            plans.add_line(talk.unit, plan_id, heading, words=one.words, inbox_id=one.inbox_id)
    return Noted()


def _find_needs(talk: Talk, frame: Frame, request: FindNeeds) -> Result:
    mine = _kept_here(frame)
    known = [n.need for n in access_needs.needs_of(talk.unit, talk.person_id) if n.id not in mine]
    return NeedsFound(words=", ".join(dict.fromkeys(known)))


def _kept_here(frame: Frame) -> list[int]:
    """The needs this conversation wrote down: another answer takes their place."""
    kept = frame.found.get(NeedsKept.trigger())
    return kept.ids if isinstance(kept, NeedsKept) else []


def _keep_needs(talk: Talk, frame: Frame, request: KeepNeeds) -> Result:
    """By kind, in their words; where they gave none, in ours for what they chose."""
    wanted = {kind: request.words or _kind_in_words(talk, kind) for kind in request.kinds}
    stand = {n.id: n for n in access_needs.needs_of(talk.unit, talk.person_id) if n.id in _kept_here(frame)}
    ids = []
    for id_, need in stand.items():
        if wanted.get(need.kind) == need.need:
            ids.append(id_)
            del wanted[need.kind]
        else:
            access_needs.end_need(talk.unit, id_)
    step = "access_words" if frame.given.get("access_words") else request.step
    ids += [
        access_needs.record_need(talk.unit, talk.person_id, words, kind, inbox_id=frame.said.get(step))
        for kind, words in wanted.items()
    ]
    return NeedsKept(ids=ids)


def _kind_in_words(talk: Talk, kind: str) -> str:
    return talk.voice.prompts.label(f"{plan_words.FLOW}.access", kind, talk.language)


def _read_plan(talk: Talk, frame: Frame, request: ReadPlan) -> Result:
    """In as many messages as it takes: the last is the question whether it is right."""
    last = frame.path[-1] if frame.path else ""
    expects = talk.voice.expects(frame.flow, last) if last else None
    if expects is not None and expects.words_too and frame.answers.get(last) == READ:
        frame.answers.pop(frame.path.pop())  # that was no answer to it
    held = plans.plan_of(talk.unit, talk.person_id)
    needs = access_needs.needs_of(talk.unit, talk.person_id)
    parts, questions = plan_words.read_out(
        talk.voice.prompts, held, needs, talk.language, talk.channel, only=request.changed
    )
    if not parts:
        return PlanEmpty()
    if talk.may_repeat_words:
        for part in parts[:-1]:
            talk.say(f"{plan_words.FLOW}.part", found={"lines": part})
    return PlanRead(lines=parts[-1], questions=questions, changed=request.changed in questions)


def _agree_plan(talk: Talk, frame: Frame, request: AgreePlan) -> Result:
    held = plans.plan_of(talk.unit, talk.person_id)
    if held is None:
        return Noted()
    if held.agreed_at is None:
        plan_changed(talk.unit, talk.voice, person_of(talk.unit, talk.person_id))
    plans.agree(talk.unit, held.id)
    # The link opens all of it: it goes only where nobody else reads, and only where it can be opened.
    if held.agreed_at is None and talk.may_repeat_words and talk.voice.settings.public_url:
        link = f"{talk.voice.settings.base_url}/mine/{held.token}"
        talk.say(f"{plan_words.FLOW}.page", found={"link": link})
    return Noted()


def _share_plan(talk: Talk, frame: Frame, request: SharePlan) -> Result:
    held = plans.plan_of(talk.unit, talk.person_id)
    if held is not None:
        plans.set_may_see(talk.unit, held.id, request.who)
    return Noted()


def _rest_here(talk: Talk, frame: Frame, request: RestHere) -> Result:
    """As when they say PAUSE: the question they answered with "later" is still open."""
    step = frame.step
    frame.answers.pop(step, None)
    frame.path = [one for one in frame.path if one != step]
    asked = next((q for q in reversed(talk.state.questions) if q.frame == frame.id and q.step == step), None)
    if asked is not None:
        frame.question = asked.n
    timers.clear(talk.unit, "nudge", conversation_id=talk.id)
    talk.say("talk.paused")
    talk.leave_be = True
    return Noted()


HOW: dict[type, CarryingOut] = {
    OpenPlan: _open_plan,
    KeepLines: _keep_lines,
    FindNeeds: _find_needs,
    KeepNeeds: _keep_needs,
    ReadPlan: _read_plan,
    AgreePlan: _agree_plan,
    SharePlan: _share_plan,
    RestHere: _rest_here,
}
