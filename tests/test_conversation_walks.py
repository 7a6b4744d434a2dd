"""Wherever people wander, nothing breaks, nothing is lost, and there is always a way on."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from bot.conversation.state import State
from bot.messages import COUNTED, Kind, Status
from bot.store.tables import timer
from bot.words import gsm
from tests.support.walking import INTERRUPTIONS, OF_ITSELF, asking_steps, come_to, fitting, voice

_NUMBERS = itertools.count(200_000)

WORDS = [
    "HELLO", "hi", "shwmae", "1", "2", "3", "4", "9", "yes", "no", "ok", "thanks", "skip", "me", "my mum",
    "person", "back", "again", "change", "language", "pause", "menu", "my details", "privacy", "carry on",
    "call", "not sure", "07700 900333", "tulip", "Ray", "some company would be nice to have", "Cymraeg",
    "English", "nothing, thanks", "ring or text", "no, or others see it", "mornings", "what is this?", "🙂",
    "", "I want to kill myself", "he hits me", "please stop", "start", "x" * 4000, "1 yes", "123456",
]  # fmt: skip
LINES = st.one_of(
    st.tuples(st.just("says"), st.sampled_from(WORDS)),
    st.tuples(st.just("says"), st.text(max_size=80)),
    st.tuples(st.just("sends"), st.sampled_from(["photo", "voice", "sticker"])),
    st.tuples(st.just("presses"), st.integers(0, 30)),
    st.tuples(st.just("edits"), st.sampled_from(WORDS)),
    st.tuples(st.just("waits"), st.sampled_from([{"minutes": 11}, {"days": 1}, {"weeks": 1}])),
    st.tuples(st.just("at once"), st.lists(st.sampled_from(WORDS), min_size=2, max_size=3)),
    st.tuples(st.just("carrier"), st.sampled_from([Kind.OPT_OUT, Kind.OPT_IN, Kind.HELP])),
    st.tuples(st.just("worker"), st.sampled_from(["picks up", "writes", "hands back", "closes"])),
)
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
on_one_store = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def somebody(conversation, channel):
    """Somebody new; whoever walked before is forgotten, and nothing falls due for them."""
    conversation.phones.clear()
    conversation.store.run(lambda unit: unit.execute(delete(timer)), acting="test").result(timeout=30)
    number = next(_NUMBERS)
    return conversation.phone(channel, f"+447700{number}" if channel in ("sms", "whatsapp") else str(number))


@pytest.mark.parametrize("channel", ["sms", "telegram", "web", "whatsapp"])
@on_one_store
@given(lines=st.lists(LINES, min_size=1, max_size=12))
def test_a_walk_never_breaks_and_never_ends_nowhere(channel, lines, conversation):
    phone = somebody(conversation, channel)
    worker = conversation.worker()
    phone.says("hello")
    for what, more in lines:
        _walk(phone, worker, what, more)
        state = phone.state.to_json()
        assert State.from_json(json.loads(json.dumps(state))).to_json() == state
    _fits_its_channel(phone)
    _there_is_a_way_on(phone, worker)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@on_one_store
@given(data=st.data())
def test_one_interruption_after_another_loses_nothing(channel, data, conversation):
    flow, step = data.draw(st.sampled_from(asking_steps(channel)))
    not_here = OF_ITSELF.get(flow, set()) | OF_ITSELF.get(f"{flow}.{step}", set())
    names = data.draw(st.lists(st.sampled_from(sorted(INTERRUPTIONS.keys() - not_here)), max_size=4))
    address = str(next(_NUMBERS))
    at = come_to(conversation, flow, step, channel, f"+447700{address}" if channel == "sms" else address)

    for name in names:
        INTERRUPTIONS[name](at)

    assert at.frame is not None and (at.frame.step, at.frame.given) == (step, at.answers)
    assert at.open


def _walk(phone, worker, what, more):
    if what == "says":
        phone.says(more)
    elif what == "sends":
        phone.sends(more)
    elif what == "presses":
        buttons = [choice for message in phone.everything for choice in message.choices]
        if buttons:
            phone.presses_again(buttons[more % len(buttons)])
    elif what == "edits" and phone.channel.value == "telegram":
        phone.edits(more)
    elif what == "waits":
        phone.conversation.forward(**more)
    elif what == "at once":
        phone.says_at_once(*more)
    elif what == "carrier" and phone.channel.value == "sms":
        phone.carrier(more, "")
    elif what == "worker" and phone.handoff is not None:
        held = phone.handoff.picked_up_by is not None
        if more == "picks up" and not held:
            worker.picks_up(phone)
        elif more == "writes" and held:
            worker.conversation.staff.reply(phone.conversation_id, worker.id, "Hello").result(timeout=30)
        elif more == "hands back" and held:
            worker.hands_back(phone)
        elif more == "closes" and held:
            worker.closes(phone)


def _fits_its_channel(phone):
    """A text costs what it must: their own words aside, three segments at most and the cheap alphabet."""
    for message in phone.everything:
        if phone.channel in COUNTED and message.status is not Status.NOT_SENT:
            assert gsm.is_gsm(message.text), message.prompt
            assert message.segments <= 3 or message.prompt == "talk.from_link_worker", message.text


def _there_is_a_way_on(phone, worker):
    """Whatever happened: a worker lets go, they may be written to, and answering leads somewhere."""
    if phone.handoff is not None and phone.handoff.picked_up_by is not None:
        worker.hands_back(phone)
    phone.carrier(Kind.OPT_IN, "START") if phone.channel in COUNTED else phone.says("start")
    phone.says("carry on")
    for _ in range(40):
        waits = [f for f in phone.state.stack if not voice().expects(f.flow, f.step).optional]
        if not waits:
            break
        assert phone.state.open_questions(phone.conversation.clock.now()), (
            "nothing asked, and something waits"
        )
        flow, _, name = phone.asked.partition(".")
        step = voice().flows[flow].step(name)
        if step.expects.optional:  # said at the end of something; what waits beneath is not pressed on them
            phone.says("carry on")
            continue
        phone.says("skip" if step.expects.may_skip else fitting(step))
    else:
        raise AssertionError(f"no way out of {phone.asked}")
    phone.says("person")
    assert phone.heard, "they asked for a person and heard nothing"
