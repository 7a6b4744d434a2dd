"""Somebody asks on behalf of somebody else."""

from bot.flowkit import Flow, StartFlow, Step, a_name, free_text, one_of, yes_no
from bot.requests import OpenReferral, TalkToCarerFirst


class ForSomeoneElse(Flow):
    """The least is asked about the other person, and the one who asks is offered help too."""

    name = "for_someone_else"
    starts_at = "agreed"

    steps = [
        Step("agreed", one_of("agreed", "not_yet", "cannot_decide")),
        Step("not_yet", yes_no()),
        Step("their_name", a_name()),
        Step("their_way", free_text(max_length=300)),
        Step("who_asks", free_text(max_length=200, may_skip=True)),
        Step("passing_on", awaits=OpenReferral),
        Step("passed_on", yes_no()),
        Step("carer_name", a_name(max_length=200, may_skip=True)),
        Step("carer_way", free_text(max_length=300)),
        Step("asking_to_ring", awaits=TalkToCarerFirst),
        Step("carer_first", yes_no()),
        Step("going_on", ends="help for themselves"),
        Step("thanks", ends="nothing more for now"),
    ]

    transitions = [
        # they say          at step           we go to
        ["not_yet",         "agreed",         "not_yet"],
        ["agreed",          "agreed",         "their_name"],
        ["cannot_decide",   "agreed",         "carer_name"],
        ["answer",          "their_name",     "their_way"],
        ["answer",          "their_way",      "who_asks"],
        {"trigger": "answer", "source": "who_asks", "dest": "passing_on", "before": "pass_them_on"},
        ["referral_opened", "passing_on",     "passed_on"],
        ["answer",          "carer_name",     "carer_way"],
        {"trigger": "answer", "source": "carer_way", "dest": "asking_to_ring", "before": "ask_to_ring_carer"},
        ["carer_to_be_rung", "asking_to_ring", "carer_first"],
        {"trigger": "yes", "source": ["not_yet", "passed_on", "carer_first"], "dest": "going_on",
         "before": "to_intake"},
        ["no",              ["not_yet", "passed_on", "carer_first"], "thanks"],
    ]  # fmt: skip

    def pass_them_on(self):
        about = {step: self.answers.get(step) for step in ("their_name", "their_way", "who_asks")}
        self.request(OpenReferral(content=about, made_by="someone-else"))

    def ask_to_ring_carer(self):
        about = {step: self.answers.get(step) for step in ("carer_name", "carer_way")}
        self.request(TalkToCarerFirst(content=about))

    def to_intake(self):
        self.request(StartFlow("intake"))
