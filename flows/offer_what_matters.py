"""Shall we talk about what matters to you? Offered once, and never pressed on anyone."""

from bot.flowkit import Flow, StartFlow, Step, one_of


class OfferWhatMatters(Flow):
    """A day after a referral, or by a link worker's tap."""

    name = "offer_what_matters"
    starts_at = "shall_we"

    steps = [
        Step("shall_we", one_of("yes", "not_now", "no_thanks", optional=True)),
        Step("going_on", ends="begins"),
        Step("another_day", ends="another day", returns=False),
        Step("no_thanks", ends="does not wish to", returns=False),
    ]

    transitions = [
        {"trigger": "yes", "source": "shall_we", "dest": "going_on", "before": "begin"},
        ["not_now", "shall_we", "another_day"],
        ["no_thanks", "shall_we", "no_thanks"],
    ]

    def begin(self):
        self.request(StartFlow("what_matters"))
