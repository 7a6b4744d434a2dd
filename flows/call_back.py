"""The two-text way: they text one word, and a person rings."""

from bot.flowkit import Flow, Step, by_phone, free_text, one_of
from bot.requests import AskForCallBack, SetCallBack


class CallBack(Flow):
    """Agreement is taken on the phone. Whoever answers hears only a first name."""

    name = "call_back"
    starts_at = "start"

    steps = [
        Step("start"),
        Step("number", free_text(max_length=60)),
        Step("asking", awaits=AskForCallBack),
        Step("number_again", free_text(max_length=60)),
        Step("promised", one_of("fine", "not_safe", optional=True)),
        Step("not_rung", ends="nobody rings", returns=False),
        Step("fine", ends="a person rings", returns=False),
    ]

    transitions = [
        # they say         at step     we go to
        {"trigger": "start", "source": "start", "dest": "asking", "conditions": by_phone, "before": "ask"},
        ["start",          "start",    "number"],
        {"trigger": "answer", "source": "number", "dest": "asking", "before": "ask_with_number"},
        {"trigger": "answer", "source": "number_again", "dest": "asking", "before": "ask_with_number_again"},
        ["call_back_promised", "asking", "promised"],
        ["not_a_number",   "asking",   "number_again"],
        {"trigger": "fine", "source": "promised", "dest": "fine", "before": "ring_them"},
        {"trigger": "not_safe", "source": "promised", "dest": "not_rung", "before": "do_not_ring"},
    ]  # fmt: skip

    def ask(self):
        self.request(AskForCallBack())

    def ask_with_number(self):
        self.request(AskForCallBack(self.answers["number"]))

    def ask_with_number_again(self):
        self.request(AskForCallBack(self.answers["number_again"]))

    def ring_them(self):
        self.request(SetCallBack(wanted=True))

    def do_not_ring(self):
        self.request(SetCallBack(wanted=False))
