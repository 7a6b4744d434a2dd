"""What somebody can do here."""

from bot.flowkit import Flow, StartFlow, Step, one_of
from bot.requests import AppointmentWish


class Menu(Flow):
    """Each choice begins something else; whatever was open waits beneath."""

    name = "menu"
    starts_at = "what"

    steps = [
        Step(
            "what",
            one_of(
                "person",
                "matters",
                "support",
                "appointment",
                "needs",
                "details",
                "language",
                "nothing",
                optional=True,
            ),
        ),
        Step("going_on", ends="goes on"),
        Step("nothing", ends="nothing for now"),
    ]

    transitions = [
        {"trigger": "person", "source": "what", "dest": "going_on", "before": "to_person"},
        {"trigger": "matters", "source": "what", "dest": "going_on", "before": "to_what_matters"},
        {"trigger": "support", "source": "what", "dest": "going_on", "before": "to_support"},
        {"trigger": "appointment", "source": "what", "dest": "going_on", "before": "to_appointment"},
        {"trigger": "needs", "source": "what", "dest": "going_on", "before": "to_needs"},
        {"trigger": "details", "source": "what", "dest": "going_on", "before": "to_details"},
        {"trigger": "language", "source": "what", "dest": "going_on", "before": "to_language"},
        ["nothing", "what", "nothing"],
    ]

    def to_person(self):
        self.request(StartFlow("talk_to_someone"))

    def to_what_matters(self):
        self.request(StartFlow("what_matters"))

    def to_support(self):
        self.request(StartFlow("find_support"))

    def to_appointment(self):
        self.request(StartFlow("appointment", found=(AppointmentWish(),)))

    def to_needs(self):
        self.request(StartFlow("needs"))

    def to_details(self):
        self.request(StartFlow("my_details"))

    def to_language(self):
        self.request(StartFlow("language"))
