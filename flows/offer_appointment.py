"""Shall we find a time to talk? Offered by a link worker's tap."""

from bot.flowkit import Flow, StartFlow, Step, one_of
from bot.requests import AppointmentWish


class OfferAppointment(Flow):
    """They are asked first; whoever says when they can is offered those times at once."""

    name = "offer_appointment"
    starts_at = "shall_we"

    steps = [
        Step("shall_we", one_of("yes", "not_now", "no", or_own_words=True, optional=True)),
        Step("going_on", ends="begins"),
        Step("another_day", ends="another day", returns=False),
        Step("no_thanks", ends="does not wish to", returns=False),
    ]

    transitions = [
        {"trigger": "yes", "source": "shall_we", "dest": "going_on", "before": "begin"},
        {"trigger": "answer", "source": "shall_we", "dest": "going_on", "before": "begin_then"},
        ["not_now", "shall_we", "another_day"],
        ["no", "shall_we", "no_thanks"],
    ]

    def begin(self):
        self.request(StartFlow("appointment", found=(AppointmentWish(),)))

    def begin_then(self):
        self.request(StartFlow("appointment", found=(AppointmentWish(words=self.answers["shall_we"]),)))
