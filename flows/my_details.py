"""What do you hold about me?"""

from bot.flowkit import Flow, Step, free_text
from bot.requests import FindMyDetails


class MyDetails(Flow):
    """On a shared phone a short word they chose comes first."""

    name = "my_details"
    starts_at = "start"

    steps = [
        Step("start"),
        Step("looking", awaits=FindMyDetails),
        Step("word", free_text(max_length=60, may_skip=True)),
        Step("shown", ends="shown"),
        Step("not_shown", ends="a person can say"),
    ]

    transitions = [
        {"trigger": "start", "source": "start", "dest": "looking", "before": "look"},
        ["details_found", "looking", "shown"],
        ["word_needed", "looking", "word"],
        ["not_shown", "looking", "not_shown"],
        ["skip", "word", "not_shown"],
        {"trigger": "answer", "source": "word", "dest": "looking", "before": "look_with_word"},
    ]

    def look(self):
        self.request(FindMyDetails())

    def look_with_word(self):
        self.request(FindMyDetails(self.answers["word"]))
