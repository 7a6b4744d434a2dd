"""A step's name is data: a conversation that slept on it for weeks must wake up."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from sqlalchemy import select, update

import flows
from bot.flowkit.gather import gather
from bot.store.tables import conversation as conversation_table
from flows.intake import Intake
from tests.support.conversation import Conversation

SHIPPED = {
    name: written["steps"]
    for name, written in tomllib.loads(
        (Path(flows.__file__).parent / "shipped_steps.toml").read_text("utf-8")
    ).items()
}
FLOWS = gather(flows)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_step_once_shipped_is_still_there_or_has_a_new_name(name):
    assert name in FLOWS, f"flow {name!r} has vanished: somebody may be in the middle of it"
    flow = FLOWS[name]
    here = {step.name for step in flow.steps}
    gone = [step for step in SHIPPED[name] if step not in here and step not in flow.renamed]

    assert not gone, f"say in {name}.renamed what became of {gone}"


@pytest.mark.parametrize("name", FLOWS)
def test_every_step_is_in_the_list(name):
    new = [step.name for step in FLOWS[name].steps if step.name not in SHIPPED.get(name, [])]

    assert not new, f"add {new} to [{name}] in flows/shipped_steps.toml"


@pytest.mark.parametrize("name", FLOWS)
def test_a_new_name_is_a_step_and_no_circle(name):
    flow = FLOWS[name]
    here = {step.name for step in flow.steps}

    assert set(flow.renamed.values()) <= here
    assert not set(flow.renamed) & here


def test_a_conversation_saved_under_an_old_name_wakes_up(conversation, sms, monkeypatch):
    for line in ("HELLO", "1", "1", "1", "mornings"):
        sms.says(line)
    sms.hears("intake.matters")
    _as_it_was_saved_before(conversation, times="when_to_ring", matters="own_words")
    monkeypatch.setattr(Intake, "renamed", {"when_to_ring": "times", "own_words": "matters"})

    later = Conversation(conversation.store, conversation.clock)
    phone = later.phone("sms")
    phone.says("some company").hears("intake.name")
    assert phone.answers["intake.times"] == "mornings"
    phone.says("back").hears("intake.matters")
    phone.says("back").hears("intake.times")
    phone.says("afternoons").hears("intake.name")
    phone.says("Ray").hears("intake.agree").hears_words("afternoons", "some company")


def test_an_old_button_wakes_up_under_its_steps_new_name(conversation, telegram, monkeypatch):
    telegram.opens().presses("Me, 18 or over").presses("Yes").hears("intake.way")
    _as_it_was_saved_before(conversation, area="do_you_live_here")
    monkeypatch.setattr(Intake, "renamed", {"do_you_live_here": "area"})

    later = Conversation(conversation.store, conversation.clock)
    phone = later.phone("telegram")
    phone.hear()
    phone.presses("Not sure").hears("intake.where")


def _as_it_was_saved_before(conversation: Conversation, **old_names: str) -> None:
    """Put older names of steps into what is stored, as a version that had them would have."""

    def work(unit):
        sealed = unit.execute(select(conversation_table.c.state)).scalar_one()
        words = unit.sealer.open(sealed)
        for new, old in old_names.items():
            words = words.replace(f'"{new}"', f'"{old}"')
        unit.execute(update(conversation_table).values(state=unit.sealer.seal(words)))

    conversation.store.run(work, acting="test").result(timeout=30)
