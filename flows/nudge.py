"""Somebody stopped half-way: a day later, a week later, then silence."""

from bot.flowkit import Flow, Step, one_of
from bot.requests import NoMoreNudges


class Nudge(Flow):
    """It names no service, for whoever else may be looking."""

    name = "nudge"
    starts_at = "carry_on"

    steps = [
        Step("carry_on", one_of("yes", "not_now", "no_thanks", optional=True)),
        Step("going_on", ends="carries on"),
        Step("another_day", ends="another day", returns=False),
        Step("no_more", ends="no more nudges", returns=False),
    ]

    transitions = [
        ["yes", "carry_on", "going_on"],
        ["not_now", "carry_on", "another_day"],
        {"trigger": "no_thanks", "source": "carry_on", "dest": "no_more", "before": "stop_nudging"},
    ]

    def stop_nudging(self):
        self.request(NoMoreNudges())
