"""Talking in another language."""

from bot.flowkit import Flow, Step, one_of_the_languages
from bot.requests import SetLanguage


class Language(Flow):
    """Each language is named by its own name."""

    name = "language"
    starts_at = "which"

    steps = [
        Step("which", one_of_the_languages()),
        Step("changed", ends="in that language from now on"),
    ]

    transitions = [
        {"trigger": "answer", "source": "which", "dest": "changed", "before": "change_it"},
    ]

    def change_it(self):
        self.request(SetLanguage(self.answers["which"]))
