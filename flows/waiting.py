"""The day we promised is about to pass unmet: they are told first, with a new day."""

from bot.flowkit import Flow, Step, one_of
from bot.requests import CloseAsNotNeeded, OpenHandoff


class Waiting(Flow):
    """Never a place in the queue, which moves backwards: an honest length of time."""

    name = "waiting"
    starts_at = "late"

    steps = [
        Step("late", one_of("ok", "not_needed", "worse", optional=True), binds=True),
        Step("still_listed", ends="waits on"),
        Step("not_needed", ends="no longer needs it"),
        Step("telling", awaits=OpenHandoff),
        Step("told", ends="a person sees it today"),
    ]

    transitions = [
        ["ok", "late", "still_listed"],
        {"trigger": "not_needed", "source": "late", "dest": "not_needed", "before": "close"},
        {"trigger": "worse", "source": "late", "dest": "telling", "before": "tell_someone"},
        ["handoff_opened", "telling", "told"],
    ]

    def close(self):
        self.request(CloseAsNotNeeded())

    def tell_someone(self):
        self.request(OpenHandoff("worse", worse=True))
