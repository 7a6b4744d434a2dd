"""Coming to any step of any flow, and what people do there instead of answering."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.casework.plans import add_line, start_plan
from bot.conversation.state import RESULTS as RESULT_KINDS
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.flowkit import Step
from bot.messages import ChannelName
from bot.people.contact_points import first_contact, heard_from
from bot.people.persons import plan_contact
from bot.requests import NotANumber, PlanBegun, PlanHeld, Result, WordNeeded, WrongCode
from bot.store.tables import Heading
from tests.support.conversation import Conversation
from tests.support.phone import Phone
from tests.support.talk import RESULTS, voice
from tests.support.talk import Talk as FlowTalk

#: What fits a question for their own words, where just anything would not.
WORDS = {
    "number": "07700 900333", "number_again": "07700 900333", "shared_number": "07700 900333",
    "shared_number_again": "07700 900333", "code": "123456", "wrong_code": "123456", "word": "tulip",
    "their_name": "Joan", "name": "Ray", "carer_name": "Ann", "their_way": "07700 900333 mornings",
}  # fmt: skip
#: Ways that only another result opens.
TURNS_OUT = (NotANumber(), WordNeeded(), WrongCode(), PlanBegun())
OTHERWISE = (PlanHeld(),)


def fitting(step: Step, choice: str | None = None) -> str:
    """Words that answer this step: this choice, or the first."""
    expects = step.expects
    assert expects is not None
    if expects.languages:
        return "English"
    if expects.words_too:
        return "that is right"  # a bare "ok" agrees to nothing after something that asked nothing
    if expects.numbers:
        return "7"
    if expects.choices:
        return str(expects.choices.index(choice or expects.choices[0]) + 1)
    return WORDS.get(step.name, "a few words of my own")


def asking_steps(channel: str) -> list[tuple[str, str]]:
    """Every (flow, step) that asks something and can be come to on this channel."""
    return [(flow, step) for flow in sorted(voice().flows) for step in ways(flow, channel)]


@cache
def ways(flow: str, channel: str) -> dict[str, dict[str, Any]]:
    """For each asking step of a flow, the answers that lead there, in order."""
    found: dict[str, dict[str, Any]] = {}
    todo: deque[tuple[list[str], tuple[Result, ...]]] = deque([([], ()), ([], TURNS_OUT), ([], OTHERWISE)])
    seen = set()
    while todo:
        said, turns_out = todo.popleft()
        talk = FlowTalk(flow).finds(*turns_out).starts(channel=channel)
        for text in said:
            talk.says(text)
        step = talk._step
        if (step.name, turns_out) in seen or step.expects is None:
            continue
        seen.add((step.name, turns_out))
        if step.expects.about or step.expects.found:
            continue  # about a service that must be there: tests/test_flow_find_support.py comes to these
        found.setdefault(step.name, dict(talk.frame.given))
        answers = [fitting(step, choice) for choice in step.expects.choices] or [fitting(step)]
        if turns_out and step.name.endswith("number"):
            answers = ["my sister's"]
        if step.expects.own_words and step.expects.choices:
            answers.append("some other way, in my own words")
        if step.expects.words_too:
            answers += ["1", "39"]
        if step.expects.may_skip:
            answers.append("skip")
        todo += [([*said, text], turns_out) for text in answers]
    return found


@dataclass
class At:
    """Somebody at a step: their phone, and what was there when they came."""

    phone: Phone
    flow: str
    step: str
    answers: dict[str, Any]
    path: list[str]

    @property
    def expects(self):  # type: ignore[no-untyped-def]
        return voice().expects(self.flow, self.step)

    @property
    def before(self) -> str | None:
        """The question that "back" leads to."""
        kind = voice().flows[self.flow]
        return next((step for step in reversed(self.path) if not kind.step(step).aside), None)

    @property
    def frame(self) -> Frame | None:
        """The flow, where it still waits."""
        return self.phone.frame(self.flow)

    @property
    def open(self) -> bool:
        """Whether the same question still waits for its answer."""
        now = self.phone.conversation.clock.now()
        return any(
            (q.flow, q.step, q.change) == (self.flow, self.step, False)
            for q in self.phone.state.open_questions(now)
        )


def come_to(conversation: Conversation, flow: str, step: str, channel: str, address: str) -> At:
    """Somebody new, who has just been asked this, by the answers that lead here."""
    conversation.phones.clear()  # nobody else listens any more
    phone = conversation.phone(channel, address)
    answers = ways(flow, channel)[step]

    def work(unit) -> None:  # type: ignore[no-untyped-def]
        point = first_contact(unit, ChannelName(channel), address, language="en", zone="Europe/London")
        heard_from(unit, point.id)
        plan_contact(unit, point.person_id, word="tulip")
        add_line(unit, start_plan(unit, point.person_id), Heading.GOING_WELL, words="my garden")
        talk = Talk(unit, conversation.voice, point.conversation_id, point.id)
        frame = Frame(talk.state.next(), flow, step, dict(answers), _found(), path=list(answers))
        talk.state.stack.append(frame)
        talk.ask(frame)
        talk.finish()

    conversation.store.run(work, acting="test").result(timeout=30)
    phone.hear()
    return At(phone, flow, step, dict(answers), list(answers))


def _found() -> dict[str, Result]:
    usual = {result.trigger(): result for result in RESULTS}
    assert set(usual) <= set(RESULT_KINDS)
    return usual


def back_and_the_same_again(at: At) -> None:
    """To the question before, and the same answer once more."""
    at.phone.says("back")
    if at.before:
        _answer_as_before(at, at.before)


def change_and_the_same_again(at: At) -> None:
    """Choose the first answer that can be changed, and give it again."""
    at.phone.says("change")
    if at.phone.heard and at.phone.heard[-1].prompt == "change_answer.word":
        at.phone.says("tulip")
    if not at.phone.heard or not at.phone.heard[-1].prompt.endswith(".change"):
        if at.before:  # nothing there has a name to be changed by: it was "back"
            _answer_as_before(at, at.before)
        return
    changing = at.phone.state.questions[-1]
    at.phone.says("1")
    _answer_as_before(at, changing.offered[0])


def _answer_as_before(at: At, step: str) -> None:
    answer = at.answers.get(step)
    expects = voice().expects(at.flow, step)
    if answer is None:
        at.phone.says("skip")
    elif isinstance(answer, list):
        said = [str(expects.choices.index(one) + 1) if one in expects.choices else one for one in answer]
        at.phone.says(", ".join(said) or "none")
    elif answer in expects.choices:
        at.phone.says(str(expects.choices.index(answer) + 1))
    else:
        at.phone.says(str(answer))


def menu_and_nothing(at: At) -> None:
    at.phone.says("menu").says("nothing")


def details(at: At) -> None:
    at.phone.says("my details")
    if at.phone.heard[-1].prompt == "my_details.word":
        at.phone.says("skip")


def crisis_and_on(at: At) -> None:
    at.phone.says("I want to kill myself")
    assert at.phone.heard[0].purpose == "card"
    at.phone.says("carry on")


def unknown_words(at: At) -> None:
    if not at.expects.own_words:
        at.phone.says("qwxz bnmk")


def call_and_on(at: At) -> None:
    at.phone.says("call")
    if at.phone.heard[-1].prompt == "call_back.number":
        at.phone.says("07700 900333")
    at.phone.says("1").says("carry on")


def another_language(at: At) -> None:
    at.phone.says("language").says("2").says("language").says("1")


#: What people do instead of answering, and how they finish it; named as the flow it begins, if any.
INTERRUPTIONS = {
    "person": lambda at: at.phone.says("person"),
    "back": back_and_the_same_again,
    "again": lambda at: at.phone.says("again"),
    "change": change_and_the_same_again,
    "language": another_language,
    "pause": lambda at: at.phone.says("pause"),
    "menu": menu_and_nothing,
    "details": details,
    "privacy": lambda at: at.phone.says("privacy"),
    "unknown words": unknown_words,
    "photo": lambda at: at.phone.sends("photo"),
    "empty": lambda at: at.phone.says(""),
    "crisis": crisis_and_on,
    "call": call_and_on,
    "hello": lambda at: at.phone.says("hello"),
    "named language": lambda at: at.phone.says("Cymraeg").says("English"),
}
#: What is no interruption here: it is this flow itself, or words of its own question.
OF_ITSELF = {
    "menu": {"menu"}, "language": {"language", "named language"}, "my_details": {"details"},
    "call_back": {"call"}, "change_answer": {"change"}, "talk_to_someone": {"person"},
    # "carry on" and "person" are what these offer, and "call me" is an answer to how to be in touch;
    # the same code or number given again is taken anew
    "nudge": {"crisis", "call"}, "intake.outside": {"person", "crisis", "call"}, "intake.way": {"call"},
    "join_channels.wrong_code": {"back", "change"},
    # these lead away from it, and "carry on" is what a rest and an offer offer
    "what_matters.no_such_line": {"back", "change", "again"},
    **{f"what_matters.rest_{n}": {"crisis", "call"} for n in (1, 2, 3)},
    "offer_what_matters": {"crisis", "call"}, "offer_find_support": {"crisis", "call"},
}  # fmt: skip
