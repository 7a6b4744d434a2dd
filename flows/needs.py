"""What makes contact easier: hearing, sight, reading, an interpreter."""

from bot.flowkit import Flow, Step, free_text
from bot.requests import RecordAccessNeed


class Needs(Flow):
    """Kept in their own words, for whoever contacts them."""

    name = "needs"
    starts_at = "what"

    steps = [
        Step("what", free_text(may_skip=True)),
        Step("noted", ends="kept"),
        Step("nothing", ends="nothing to keep"),
    ]

    transitions = [
        ["skip", "what", "nothing"],
        {"trigger": "answer", "source": "what", "dest": "noted", "before": "keep_it"},
    ]

    def keep_it(self):
        self.request(RecordAccessNeed(self.answers["what"]))
