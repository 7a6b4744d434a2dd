"""Shall we look for things near you? Offered by a link worker's tap."""

from bot.flowkit import Flow, StartFlow, Step, one_of


class OfferFindSupport(Flow):
    """They are asked first; whatever was open waits beneath."""

    name = "offer_find_support"
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
        self.request(StartFlow("find_support"))
