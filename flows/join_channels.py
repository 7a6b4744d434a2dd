"""Someone we know comes back another way, and the two become one conversation."""

from bot.flowkit import Flow, StartFlow, Step, free_text
from bot.requests import AskToJoin, TryCode


class JoinChannels(Flow):
    """A short code goes to the phone we know. Whether we know it is never said."""

    name = "join_channels"
    starts_at = "number"

    steps = [
        Step("number", free_text(max_length=60)),
        Step("sending", awaits=AskToJoin),
        Step("code", free_text(max_length=60, may_skip=True)),
        Step("trying", awaits=TryCode),
        Step("wrong_code", free_text(max_length=60, may_skip=True)),
        Step("joined", ends="one conversation"),
        Step("no_more_tries", ends="two conversations"),
        Step("start_afresh", ends="starts afresh"),
    ]

    transitions = [
        # they say       at step      we go to
        {"trigger": "answer", "source": "number", "dest": "sending", "before": "send_code"},
        ["code_sent",    "sending",   "code"],
        {"trigger": "skip", "source": ["code", "wrong_code"], "dest": "start_afresh", "before": "to_welcome"},
        {"trigger": "answer", "source": "code", "dest": "trying", "before": "try_it"},
        {"trigger": "answer", "source": "wrong_code", "dest": "trying", "before": "try_again"},
        ["joined",       "trying",    "joined"],
        ["wrong_code",   "trying",    "wrong_code"],
        ["no_more_tries", "trying",   "no_more_tries"],
    ]  # fmt: skip

    def send_code(self):
        self.request(AskToJoin(self.answers["number"]))

    def try_it(self):
        self.request(TryCode(self.answers["code"]))

    def try_again(self):
        self.request(TryCode(self.answers["wrong_code"]))

    def to_welcome(self):
        self.request(StartFlow("welcome"))
