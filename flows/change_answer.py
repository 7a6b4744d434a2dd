"""Changing an answer where others may hold the phone."""

from bot.flowkit import Flow, Step, free_text
from bot.requests import CheckWord, OfferChanges


class ChangeAnswer(Flow):
    """The short word they chose comes first; then they say which answer."""

    name = "change_answer"
    starts_at = "start"

    steps = [
        Step("start"),
        Step("checking", awaits=CheckWord),
        Step("word", free_text(max_length=60, may_skip=True)),
        Step("choosing", ends="they say which", returns=False),
        Step("not_changed", ends="a person can change it"),
    ]

    transitions = [
        {"trigger": "start", "source": "start", "dest": "checking", "before": "check"},
        {"trigger": "word_right", "source": "checking", "dest": "choosing", "before": "offer"},
        ["word_needed", "checking", "word"],
        ["not_shown", "checking", "not_changed"],
        ["skip", "word", "not_changed"],
        {"trigger": "answer", "source": "word", "dest": "checking", "before": "check_word"},
    ]

    def check(self):
        self.request(CheckWord())

    def check_word(self):
        self.request(CheckWord(self.answers["word"]))

    def offer(self):
        self.request(OfferChanges())
