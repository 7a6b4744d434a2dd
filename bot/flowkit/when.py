"""Guards a flow's rows can name: "only if they answered so"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.messages import ChannelName


@dataclass(frozen=True, slots=True)
class When:
    """A named guard. The flow gets a method of this name, so that diagrams can show it."""

    name: str
    holds: Callable[[Any], bool]


def answered(step: str, *values: str) -> When:
    """They answered `step` with one of `values`."""
    return When(f"{step}_is_{'_or_'.join(values)}", lambda flow: flow.answers.get(step) in values)


def skipped(step: str) -> When:
    """They skipped `step`, or were never asked."""
    return When(f"{step}_skipped", lambda flow: flow.answers.get(step) is None)


#: They write from a phone number, which can be rung.
by_phone = When("by_phone", lambda flow: flow.channel in (ChannelName.SMS, ChannelName.WHATSAPP))

#: They write by text, where each message costs them.
by_text = When("by_text", lambda flow: flow.channel == ChannelName.SMS)
