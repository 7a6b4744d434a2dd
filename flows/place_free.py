"""A place has come up where they wait: the first yes takes it, and the others hear kindly."""

from bot.flowkit import Flow, StartFlow, Step, about, one_about, one_of
from bot.requests import LeavePlace, RecordAnswer, TakePlace


class PlaceFree(Flow):
    """Nobody is told how many were asked, or where on the list they stand."""

    name = "place_free"
    starts_at = "offered"

    steps = [
        Step("offered", one_about("place_offered", "yes", "no", "leave"), binds=True),
        Step("taking", awaits=TakePlace),
        Step("yours", ends="the place is theirs"),
        Step("gone", ends="somebody else was first"),
        Step("still_waiting", ends="waits for the next place"),
        Step("off_the_list", ends="waits no longer"),
        Step("stopped", one_of("look", "no")),
        Step("something_else", ends="something else"),
        Step("left", ends="left at that"),
    ]

    transitions = [
        {"trigger": "yes", "source": "offered", "dest": "taking", "before": "take"},
        ["place_taken", "taking", "yours"],
        ["place_gone",  "taking", "gone"],
        {"trigger": "no", "source": "offered", "dest": "still_waiting", "before": "let_go"},
        {"trigger": "leave", "source": "offered", "dest": "off_the_list", "before": "leave_the_list"},
        {"trigger": "look", "source": "stopped", "dest": "something_else", "before": "look_elsewhere"},
        ["no",          "stopped", "left"],
    ]  # fmt: skip

    def take(self):
        offered = self.found["place_offered"]
        if not offered.card["direct"]:
            self.request(RecordAnswer("agreement", f"tell-service:{offered.card['id']}", given=True))
        self.request(TakePlace(about(self.answers["offered"])))

    def let_go(self):
        self.request(LeavePlace(about(self.answers["offered"])))

    def leave_the_list(self):
        self.request(LeavePlace(about(self.answers["offered"]), for_good=True))

    def look_elsewhere(self):
        self.request(StartFlow("find_support"))
