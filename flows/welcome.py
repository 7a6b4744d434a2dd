"""Somebody says hello, and we find out who it is for."""

from bot.flowkit import Flow, StartFlow, Step, one_of
from bot.requests import RecordUnderAge


class Welcome(Flow):
    """Who may use this comes first, so that nobody bares their life and is then refused."""

    name = "welcome"
    starts_at = "who"

    steps = [
        Step("who", one_of("me", "me_young", "someone_else", "known")),
        Step("going_on", ends="goes on"),
        Step("young", ends="under the service's age"),
    ]

    transitions = [
        # they say
        {"trigger": "me", "source": "who", "dest": "going_on", "before": "to_intake"},
        {"trigger": "me_young", "source": "who", "dest": "young", "before": "note_their_age"},
        {"trigger": "someone_else", "source": "who", "dest": "going_on", "before": "to_someone_else"},
        {"trigger": "known", "source": "who", "dest": "going_on", "before": "to_join_channels"},
    ]

    def to_intake(self):
        self.request(StartFlow("intake"))

    def to_someone_else(self):
        self.request(StartFlow("for_someone_else"))

    def to_join_channels(self):
        self.request(StartFlow("join_channels"))

    def note_their_age(self):
        self.request(RecordUnderAge())
