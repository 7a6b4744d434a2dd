"""A time has come free sooner than theirs: the first yes has it, and the others hear kindly."""

from bot.flowkit import Flow, Step, about, one_about
from bot.requests import LetFreedTimeGo, TakeFreedTime


class FreedTime(Flow):
    """Nobody need answer, and nobody is told how many were asked. What they have stands until a yes."""

    name = "freed_time"
    starts_at = "offered"

    steps = [
        Step("offered", one_about("time_freed", "yes", "no", "leave", optional=True), binds=True),
        Step("taking", awaits=TakeFreedTime),
        Step("yours", ends="the time is theirs"),
        Step("gone", ends="somebody else was first"),
        Step("letting_go", awaits=LetFreedTimeGo),
        Step("still_waiting", ends="waits for the next time"),
        Step("leaving", awaits=LetFreedTimeGo),
        Step("off_the_list", ends="waits no longer"),
        Step("stays_yours", ends="it was theirs already, and stays so"),
    ]

    transitions = [
        # they say, or we find    at step       we go to
        {"trigger": "yes", "source": "offered", "dest": "taking", "before": "take"},
        ["time_yours",  "taking",     "yours"],
        ["time_gone",   "taking",     "gone"],
        {"trigger": "no", "source": "offered", "dest": "letting_go", "before": "let_go"},
        ["time_let_go", "letting_go", "still_waiting"],
        ["time_yours",  "letting_go", "stays_yours"],
        {"trigger": "leave", "source": "offered", "dest": "leaving", "before": "ask_no_more"},
        ["time_let_go", "leaving",    "off_the_list"],
        ["time_yours",  "leaving",    "stays_yours"],
    ]  # fmt: skip

    def take(self):
        self.request(TakeFreedTime(about(self.answers["offered"])))

    def let_go(self):
        self.request(LetFreedTimeGo(about(self.answers["offered"])))

    def ask_no_more(self):
        self.request(LetFreedTimeGo(about(self.answers["offered"]), for_good=True))
