"""We are finishing for now: never a surprise, and never the end."""

from bot.flowkit import Flow, Step, scale
from bot.requests import RecordHelped


class Finishing(Flow):
    """Was it any help? They can come back any time."""

    name = "finishing"
    starts_at = "helped"

    steps = [
        Step("helped", scale(0, 10, optional=True)),
        Step("thanks", ends="finished"),
    ]

    transitions = [
        {"trigger": "answer", "source": "helped", "dest": "thanks", "before": "keep_it"},
    ]

    def keep_it(self):
        self.request(RecordHelped(self.answers["helped"]))
