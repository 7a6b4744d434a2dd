"""Moving a flow: one answer in; its requests carried out; on to the next question or the end."""

from __future__ import annotations

from typing import Any

from bot.conversation.carrying_out import carry_out
from bot.conversation.state import OF, Frame
from bot.conversation.talk import Talk
from bot.flowkit import Flow, StartFlow, Step
from bot.flowkit.answers import SKIPPED, Expects
from bot.flowkit.several import ENOUGH
from bot.requests import Joined, Request, Result
from bot.words.prompts import DISCREET

#: Results that lead on, one after another, in one turn. More is a flow going round in circles.
MOST_HOPS = 8


#: What somebody opens with, before we asked, answers this.
FIRST_WORDS_ANSWER = ("intake", "matters")


class GoingRound(Exception):
    """A flow did not come to rest."""


def start(talk: Talk, flow: str) -> None:
    """Begin a flow on top of whatever waits, and ask its first question."""
    begin(talk, flow)
    rest(talk)


def begin(talk: Talk, flow: str, found: tuple[Result, ...] = ()) -> Frame:
    """Put a flow on the stack without asking yet. The same flow already waiting is taken up again.

    With something `found` it is about that, and begins anew.
    """
    with_it = {result.trigger(): result for result in found}
    if with_it:
        talk.state.stack = [waiting for waiting in talk.state.stack if waiting.flow != flow]
    for waiting in talk.state.stack:
        if waiting.flow == flow:
            talk.state.stack.remove(waiting)
            if is_optional(talk, waiting):  # over, but for something they might have added
                break
            talk.state.stack.append(waiting)
            return waiting
    kind = talk.voice.flows[flow]
    for aside in talk.state.ended:
        if aside.flow == flow and not with_it and not kind.step(aside.step).ends:
            talk.state.take_up(aside)
            return aside
    frame = Frame(talk.state.next(), flow, kind.starts_at, found=with_it)
    _take_up(talk, frame)
    talk.state.stack.append(frame)
    if (first := _follows(talk, frame, kind.step(kind.starts_at), [])) is not None:
        move(talk, frame, first)
    return frame


def _take_up(talk: Talk, frame: Frame) -> None:
    """What they answered when they came this way before and ended where it is kept: not asked twice."""
    kind = talk.voice.flows[frame.flow]
    before = next((f for f in talk.state.ended if f.flow == frame.flow and kind.step(f.step).keeps), None)
    if before is not None:
        talk.state.ended.remove(before)
        frame.again = before.path[:-1]
        frame.answers = {step: before.answers[step] for step in frame.again}
        frame.said = {step: id_ for step, id_ in before.said.items() if step in frame.answers}


def answer(talk: Talk, frame: Frame, value: Any, trigger: str = "") -> None:
    """Take an answer to this frame's question, and go on until something is asked or nothing is left.

    `trigger` is what it means, where that is known already; else what it says decides.
    """
    take(talk, frame, value, trigger)
    rest(talk)


def pick(talk: Talk, frame: Frame, choice: str) -> None:
    """A button of several was pressed: keep it, and offer what is left; or they have enough."""
    expects = talk.voice.expects(frame.flow, frame.step)
    assert expects is not None
    if choice in (ENOUGH, expects.alone):
        answer(talk, frame, _with_picked(frame, [choice]))
        return
    frame.picked[choice] = talk.inbox_id or 0
    if set(expects.choices) - set(frame.picked) - {expects.alone}:
        talk.ask(frame)
    else:
        answer(talk, frame, list(frame.picked))


def _with_picked(frame: Frame, value: Any) -> Any:
    """What was pressed before, and what they now add: "that is all" adds nothing."""
    if not frame.picked:
        return value
    added = [] if value is SKIPPED else [one for one in value if one != ENOUGH]
    return list(dict.fromkeys([*frame.picked, *added]))


def take(talk: Talk, frame: Frame, value: Any, trigger: str = "") -> None:
    """Note one answer and move by it, or by what is known to be meant."""
    expects = talk.voice.expects(frame.flow, frame.step)
    assert expects is not None
    step = frame.step
    if expects.several:
        value = _with_picked(frame, value)
    frame.answers[step] = None if value is SKIPPED else value
    _note_message(talk, frame, step)
    if step in frame.path:
        frame.path.remove(step)
    frame.path.append(step)
    if expects.errand(value):
        frame.again = []  # where this leads they are asked: it is no way gone before
    frame.tries = 0
    frame.question = 0
    _bring_up(talk, frame)
    move(talk, frame, trigger or trigger_for(talk, frame, expects, value))


def _note_message(talk: Talk, frame: Frame, step: str) -> None:
    """By which message they said it; of several pressed one by one, by which each."""
    frame.said = {of: id_ for of, id_ in frame.said.items() if not of.startswith(f"{step}{OF}")}
    if talk.inbox_id is not None:
        frame.said[step] = talk.inbox_id
    frame.said |= {f"{step}{OF}{choice}": id_ for choice, id_ in frame.picked.items() if id_}
    frame.picked = {}


def trigger_for(talk: Talk, frame: Frame, expects: Expects, value: Any) -> str:
    """A choice's own row stands before the plain "answer"; so does "skip"."""
    flow = _flow(talk, frame)
    if value is SKIPPED or (value is None and expects.may_skip):
        return "skip" if flow.can("skip") else "answer"
    choice = expects.choice(value)
    return choice if choice is not None and flow.can(choice) else "answer"


def move(talk: Talk, frame: Frame, trigger: str) -> None:
    """Fire one trigger, and whatever its requests' results lead to."""
    started: list[StartFlow] = []
    hops = 0
    while True:
        flow = _flow(talk, frame)
        if not flow.fire(trigger):
            raise GoingRound(f"{frame.flow}.{frame.step} has no way on by {trigger!r}")
        frame.step = flow.state
        step = flow.step(frame.step)
        results = [r for request in flow.requests if (r := _carried_out(talk, frame, request, started))]
        following = _follows(talk, frame, step, results)
        if following is None:
            break
        hops += step.expects is None  # answers taken as they were come to an end by themselves
        if hops > MOST_HOPS:
            raise GoingRound(f"{frame.flow}.{frame.step}")
        trigger = following
    _ended(talk, frame)
    for request in started:
        begin(talk, request.flow, request.found).by = frame.id


def _carried_out(talk: Talk, frame: Frame, request: Request, started: list[StartFlow]) -> Result | None:
    if isinstance(request, StartFlow):
        started.append(request)
        return None
    result = carry_out(talk, frame, request)
    frame.found[result.trigger()] = result
    if isinstance(result, Joined):
        _go_on_in(talk, frame, result.conversation_id)
    return result


def _go_on_in(talk: Talk, frame: Frame, conversation_id: int) -> None:
    """The conversation known before goes on, with this flow's last words said in it."""
    talk.switch_to(conversation_id)
    frame.id = talk.state.next()
    talk.state.stack.append(frame)


def _follows(talk: Talk, frame: Frame, step: Step, results: list[Result]) -> str | None:
    """The trigger that follows without asking: a result awaited, or an answer given before."""
    if step.awaits is not None:
        for result in results:
            if isinstance(result, step.awaits.results):
                return result.trigger()
        raise GoingRound(f"{frame.flow}.{step.name} awaits a result nobody asked for")
    if _comes_by_itself(step):
        return "start"
    if (frame.flow, step.name) == FIRST_WORDS_ANSWER and talk.state.first_words:
        _take_first_words(talk, frame, step)
    if step.expects is not None and step.name in frame.again:
        frame.again.remove(step.name)
        if step.name in frame.answers and _still_fits(talk, frame, step):
            if step.name not in frame.path:
                frame.path.append(step.name)
            return trigger_for(talk, frame, step.expects, frame.answers[step.name])
    return None


def _still_fits(talk: Talk, frame: Frame, step: Step) -> bool:
    """Whether what they answered before is about what is asked now, and not about another service."""
    expects, value = step.expects, frame.answers[step.name]
    if expects is None or value is None or not (expects.about or expects.found):
        return True
    return value in {o.key for o in talk.offered(frame, step.name)}


def _take_first_words(talk: Talk, frame: Frame, step: Step) -> None:
    """What they told us before we asked."""
    words, frame.said[step.name] = talk.state.first_words
    before = frame.answers.get(step.name)
    frame.answers[step.name] = f"{before}\n{words}" if before else words
    frame.again.append(step.name)
    talk.state.first_words = None


def _comes_by_itself(step: Step) -> bool:
    return step.expects is None and step.ends is None and step.awaits is None


def _ended(talk: Talk, frame: Frame) -> None:
    """Say a flow's last words and take it off the stack."""
    kind = talk.voice.flows[frame.flow]
    if not kind.step(frame.step).ends:
        return
    key = f"{frame.flow}.{talk.prompt_for(frame)}"
    if talk.voice.prompts.has(key):
        talk.say(key, frame=frame)
    talk.state.end(frame)
    talk.leave_be = not kind.step(frame.step).returns


def rest(talk: Talk, variant: str | None = None) -> None:
    """Ask what now waits, unless it was asked already and stays open."""
    top = talk.state.top
    if top is None or (top.question and (talk.leave_be or talk.in_concern or not _interrupted(talk, top))):
        return
    if is_optional(talk, top) and top.question:
        return  # nobody need answer it, so it is not pressed on them
    talk.ask(top, variant or ("asked_again" if top.question else None))


def return_to_what_waits(talk: Talk) -> None:
    """After an interruption: the suspended question again, shortened. Never pressed on them in a concern."""
    waits = next((f for f in reversed(talk.state.stack) if not is_optional(talk, f)), None)
    if waits is not None and not (waits.question and talk.in_concern):
        _bring_up(talk, waits)
        talk.ask(waits, "asked_again" if waits.question else None)


def _interrupted(talk: Talk, frame: Frame) -> bool:
    """Whether something else was said or asked here since this frame's question."""
    newest = talk.state.questions[-1] if talk.state.questions else None
    return bool(talk.says) or (newest is not None and newest.n != frame.question)


def _bring_up(talk: Talk, frame: Frame) -> None:
    """What they answer is what we now talk about."""
    if talk.state.top is not frame:
        talk.state.stack.remove(frame)
        talk.state.stack.append(frame)


def go_to(talk: Talk, frame: Frame, step: str) -> None:
    """Back to an earlier question. Answers after it stand, and are taken again once this one is given."""
    _rewind(talk, frame, step)
    talk.ask(frame, "asked_again")


def change_to(talk: Talk, frame: Frame, step: str, value: Any) -> None:
    """Put another answer in an earlier place, and come back to where we were.

    The question that was open is asked again shortened; whole, where it reads their words back.
    """
    was_open = frame.step
    _rewind(talk, frame, step)
    take(talk, frame, value)
    reads_back = talk.voice.prompts.has(f"{frame.flow}.{DISCREET}{was_open}")
    same = talk.state.top is frame and frame.step == was_open and not reads_back
    rest(talk, "asked_again" if same else None)


def _rewind(talk: Talk, frame: Frame, step: str) -> None:
    at = frame.path.index(step) if step in frame.path else len(frame.path)
    later = (*frame.path[at + 1 :], frame.step, *frame.again)
    frame.again = [
        s for s in dict.fromkeys(later) if s in frame.answers and s != step and not _errand(talk, frame, s)
    ]
    frame.path = frame.path[:at]
    frame.step = step
    frame.tries = 0
    frame.picked = {}


def _errand(talk: Talk, frame: Frame, step: str) -> bool:
    expects = talk.voice.expects(frame.flow, step)
    return expects is not None and expects.errand(frame.answers[step])


def _flow(talk: Talk, frame: Frame) -> Flow:
    return talk.voice.flows[frame.flow](frame.step, frame.given, frame.found, talk.channel)


def is_optional(talk: Talk, frame: Frame) -> bool:
    """Whether nobody needs to answer what this frame asks."""
    expects = talk.voice.expects(frame.flow, frame.step)
    return expects is not None and expects.optional
