"""They want a person."""

from bot.flowkit import Flow, Step
from bot.requests import OpenHandoff


class TalkToSomeone(Flow):
    """A link worker is asked for at once; the person is told honestly when one will read it."""

    name = "talk_to_someone"
    starts_at = "start"

    steps = [
        Step("start"),
        Step("asking", awaits=OpenHandoff),
        Step("told_open", ends="a person writes soon"),
        Step("told_closed", ends="a person writes when they are back"),
    ]

    transitions = [
        {"trigger": "start", "source": "start", "dest": "asking", "before": "ask"},
        ["handoff_opened", "asking", "told_open", "open_now"],
        ["handoff_opened", "asking", "told_closed"],
    ]

    def ask(self):
        self.request(OpenHandoff("person"))

    def open_now(self):
        return self.found["handoff_opened"].open_now
