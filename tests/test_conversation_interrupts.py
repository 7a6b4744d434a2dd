"""At every step people may do something else, and come back to the same question with nothing lost."""

from __future__ import annotations

import itertools

import pytest

from tests.support.walking import INTERRUPTIONS, OF_ITSELF, asking_steps, come_to, fitting, voice

_NUMBERS = itertools.count(100_000)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # the store is not what is tried here
@pytest.mark.parametrize(
    ("channel", "flow", "step"),
    [(channel, *place) for channel in ("sms", "telegram") for place in asking_steps(channel)],
)
def test_the_same_question_is_open_afterwards(channel, flow, step, conversation, subtests):
    for name, interrupt in INTERRUPTIONS.items():
        if name in OF_ITSELF.get(flow, set()) | OF_ITSELF.get(f"{flow}.{step}", set()):
            continue
        with subtests.test(msg=name):
            address = f"+447700{next(_NUMBERS)}" if channel == "sms" else str(next(_NUMBERS))
            at = come_to(conversation, flow, step, channel, address)

            interrupt(at)

            assert at.frame is not None and at.frame.step == step
            assert at.open
            assert at.frame.given == at.answers
            assert at.frame.path == at.path
            _can_still_be_answered(at)


def _can_still_be_answered(at):
    """The very next fitting words are taken as its answer."""
    question = voice().flows[at.flow].step(at.step)
    if not question.expects.optional:
        assert at.phone.asked == f"{at.flow}.{at.step}"
        at.phone.says(fitting(question))
        assert at.frame is None or at.step in at.frame.path
