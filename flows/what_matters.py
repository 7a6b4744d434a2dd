"""What matters to somebody, in their own words: strengths first, and a plan that is theirs."""

from bot.flowkit import Flow, StartFlow, Step, a_line, by_text, free_text, one_of, scale, several_of
from bot.flowkit.lists import BARRIERS, FIVE_WAYS, HELPS, MEETING, PRACTICAL
from bot.flowkit.when import When
from bot.requests import (
    AgreePlan,
    FindNeeds,
    KeepLines,
    KeepNeeds,
    OpenPlan,
    ReadPlan,
    RecordAnswer,
    RestHere,
    SharePlan,
)

#: The kinds of access need there are (the Accessible Information Standard, DAPB1605).
KINDS = ("professional", "contact", "format", "support")

#: Each question about them, and what its lines are about.
HEADINGS = {
    "matters": "matters", "more": "matters", "add": "matters", "going_well": "going-well",
    "enjoys": "enjoys", "around": "around", "five_ways": "want", "practical": "want",
    "barriers": "barrier", "helps": "help", "meeting": "meeting", "when": "when",
    "with_whom": "with-whom", "small_step": "step", "importance": "importance",
    "why_importance": "why-important", "confidence": "confidence", "why_confidence": "why-confident",
}  # fmt: skip

#: A line of the plan, and the question that is asked once more to change it.
CHANGED_AT = {
    "matters": "matters", "going-well": "going_well", "enjoys": "enjoys", "around": "around",
    "five_ways": "five_ways", "practical": "practical", "barrier": "barriers", "help": "helps",
    "meeting": "meeting", "when": "when", "with-whom": "with_whom", "step": "small_step",
    "importance": "importance", "why-important": "why_importance", "confidence": "confidence",
    "why-confident": "why_confidence",
}  # fmt: skip

#: After these a line that was to be changed is changed.
CHANGED = [
    "matters", "going_well", "enjoys", "around", "five_ways", "practical", "barriers", "helps", "meeting",
    "when", "with_whom", "small_step", "why_importance", "why_confidence",
]  # fmt: skip

#: What is about their small step, and goes with it.
OF_THE_STEP = ("small_step", "importance", "why_importance", "confidence", "why_confidence")

WHERE_TO = ["summary", "no_such_line"]


def _chosen_line(flow):
    """Which line they wish to change; None when they last said that it is right."""
    last = [answer for step, answer in flow.answers.items() if step in WHERE_TO][-1:]
    questions = flow.found["plan_read"].questions if "plan_read" in flow.found else []
    if last and isinstance(last[0], int):
        return questions[last[0] - 1] if last[0] <= len(questions) else "none"
    return None


def line_is(question):
    """The line they named answers this question."""
    return When(f"line_is_{question.replace('-', '_')}", lambda flow: _chosen_line(flow) == question)


changing = When("changing_a_line", lambda flow: _chosen_line(flow) is not None)
nought = When("nought", lambda flow: flow.answers.get(flow.state) == 0)
shared_before = When(
    "shared_before", lambda flow: "plan_held" in flow.found and flow.found["plan_held"].agreed
)
picked_any = When("picked_any", lambda flow: bool(set(flow.answers.get("access") or []) & set(KINDS)))


class WhatMatters(Flow):
    """Every question may be skipped; by text there is a rest after six at the most; it waits for weeks.

    What they told us when they were referred is not asked again. Each answer is kept as it is given,
    so that somebody who stops half-way is not unheard. At the end it is read back, put right line by
    line, and they say who may see it.
    """

    name = "what_matters"
    starts_at = "start"

    steps = [
        Step("start"),
        Step("opening", awaits=OpenPlan),
        Step("not_yet", ends="it comes after the referral"),
        # they have one
        Step("held", one_of("read", "add", "who", "nothing")),
        Step("add", free_text(may_skip=True)),
        Step("left", ends="nothing for now"),
        # about them, and what is good
        Step("matters", free_text(may_skip=True)),
        Step("more", free_text(may_skip=True)),
        Step("going_well", free_text(may_skip=True)),
        Step("enjoys", free_text(may_skip=True)),
        Step("around", free_text(may_skip=True)),
        # what they want
        Step("five_ways", several_of(*FIVE_WAYS, or_own_words=True, may_skip=True)),
        Step("practical", several_of(*PRACTICAL, or_own_words=True, may_skip=True)),
        Step("rest_1", one_of("go_on", "later"), aside=True),
        # how
        Step("barriers", several_of(*BARRIERS, or_own_words=True, may_skip=True)),
        Step("helps", several_of(*HELPS, or_own_words=True, may_skip=True)),
        Step("meeting", several_of(*MEETING, or_own_words=True, may_skip=True)),
        Step("when", free_text(may_skip=True)),
        Step("with_whom", free_text(may_skip=True)),
        Step("rest_2", one_of("go_on", "later"), aside=True),
        # one small step
        Step("small_step", free_text(may_skip=True)),
        Step("importance", scale(0, 10, may_skip=True)),
        Step("why_importance", free_text(may_skip=True)),
        Step("confidence", scale(0, 10, may_skip=True)),
        Step("why_confidence", free_text(may_skip=True)),
        Step("rest_3", one_of("go_on", "later"), aside=True),
        # what makes it easier to talk
        Step("looking_at_needs", awaits=FindNeeds),
        Step("access", several_of(*KINDS, or_own_words=True, may_skip=True)),
        Step("access_words", free_text(may_skip=True)),
        # read back, put right, and whose it is
        Step("reading", awaits=ReadPlan),
        Step("nothing_kept", ends="they skipped it all"),
        Step("summary", a_line("right", "read"), aside=True),
        Step("no_such_line", a_line("right", "read"), aside=True),
        Step(
            "may_see",
            several_of("gp", "services", "no_one_else", alone="no_one_else", may_skip=True),
            binds=True,
        ),
        Step("support", one_of("yes", "not_now", optional=True)),
        Step("looking", ends="looks for what is near"),
        Step("kept", ends="kept"),
    ]

    transitions = [
        # they say, or we find   at step       we go to        only if
        {"trigger": "start", "source": "start", "dest": "opening", "before": "open"},
        ["not_referred",   "opening",          "not_yet"],
        ["plan_held",      "opening",          "held"],
        ["plan_told",      "opening",          "more"],
        ["plan_begun",     "opening",          "matters"],
        {"trigger": "read", "source": "held",  "dest": "reading", "before": "read"},
        ["add",            "held",             "add"],
        ["who",            "held",             "may_see"],
        ["nothing",        "held",             "left"],
        {"trigger": "answer", "source": "add", "dest": "reading", "before": ["add_it", "read"]},

        # a line of the plan was to be changed: it is, and the plan is read again
        {"trigger": "answer", "source": CHANGED, "dest": "reading", "conditions": changing,
         "before": ["keep", "read"]},
        {"trigger": "answer", "source": ["importance", "confidence"], "dest": "reading",
         "conditions": [nought, changing], "before": ["keep", "read"]},
        {"trigger": "skip", "source": ["importance", "confidence"], "dest": "reading",
         "conditions": changing, "before": ["keep", "read"]},
        {"trigger": "skip", "source": "small_step", "dest": "reading", "conditions": changing,
         "before": ["drop_step", "read"]},

        ["answer",         "matters",          "going_well",   [], "keep"],
        ["answer",         "more",             "going_well",   [], "keep"],
        ["answer",         "going_well",       "enjoys",       [], "keep"],
        ["answer",         "enjoys",           "around",       [], "keep"],
        ["answer",         "around",           "five_ways",    [], "keep"],
        ["answer",         "five_ways",        "practical",    [], "keep"],
        ["answer",         "practical",        "rest_1",       by_text, "keep"],
        ["answer",         "practical",        "barriers",     [], "keep"],
        ["go_on",          "rest_1",           "barriers"],
        ["answer",         "barriers",         "helps",        [], "keep"],
        ["answer",         "helps",            "meeting",      [], "keep"],
        ["answer",         "meeting",          "when",         [], "keep"],
        ["answer",         "when",             "with_whom",    [], "keep"],
        ["answer",         "with_whom",        "rest_2",       by_text, "keep"],
        ["answer",         "with_whom",        "small_step",   [], "keep"],
        ["go_on",          "rest_2",           "small_step"],

        {"trigger": "skip", "source": "small_step", "dest": "looking_at_needs",
         "before": ["drop_step", "look_at_needs"]},
        ["answer",         "small_step",       "importance",   [], "keep"],
        ["skip",           "importance",       "confidence",   [], "keep"],
        ["answer",         "importance",       "confidence",   nought, "keep"],
        ["answer",         "importance",       "why_importance", [], "keep"],
        ["answer",         "why_importance",   "confidence",   [], "keep"],
        ["skip",           "confidence",       "rest_3",       by_text, "keep"],
        {"trigger": "skip", "source": "confidence", "dest": "looking_at_needs",
         "before": ["keep", "look_at_needs"]},
        ["answer",         "confidence",       "rest_3",       [nought, by_text], "keep"],
        {"trigger": "answer", "source": "confidence", "dest": "looking_at_needs", "conditions": nought,
         "before": ["keep", "look_at_needs"]},
        ["answer",         "confidence",       "why_confidence", [], "keep"],
        ["answer",         "why_confidence",   "rest_3",       by_text, "keep"],
        {"trigger": "answer", "source": "why_confidence", "dest": "looking_at_needs",
         "before": ["keep", "look_at_needs"]},
        {"trigger": "go_on", "source": "rest_3", "dest": "looking_at_needs", "before": "look_at_needs"},
        *({"trigger": "later", "source": rest, "dest": rest, "before": "rest"}
          for rest in ("rest_1", "rest_2", "rest_3")),

        ["needs_found",    "looking_at_needs", "access"],
        ["answer",         "access",           "access_words", picked_any],
        {"trigger": "answer", "source": "access", "dest": "reading", "before": ["keep_needs", "read"]},
        {"trigger": "answer", "source": "access_words", "dest": "reading", "before": ["keep_needs", "read"]},

        ["plan_empty",     "reading",          "nothing_kept"],
        ["plan_read",      "reading",          "summary"],
        {"trigger": "answer", "source": WHERE_TO, "dest": "looking_at_needs",
         "conditions": line_is("access"), "before": "look_at_needs"},
        *(["answer", WHERE_TO, step, line_is(question)] for question, step in CHANGED_AT.items()),
        ["answer",         WHERE_TO,           "no_such_line"],
        {"trigger": "right", "source": WHERE_TO, "dest": "left", "conditions": shared_before,
         "before": "agree"},
        {"trigger": "right", "source": WHERE_TO, "dest": "may_see", "before": "agree"},
        {"trigger": "read", "source": WHERE_TO, "dest": "reading", "before": "read"},
        ["skip",           "may_see",          "support"],
        {"trigger": "answer", "source": "may_see", "dest": "support", "before": "share"},
        {"trigger": "yes", "source": "support", "dest": "looking", "before": "look_for_support"},
        ["not_now",        "support",          "kept"],
    ]  # fmt: skip

    def open(self):
        self.request(OpenPlan())

    def keep(self):
        step = self.state
        choices = self.step(step).expects.choices
        asked = step if HEADINGS[step] == "want" or step == "more" else None
        self.request(KeepLines(HEADINGS[step], step, self.answers.get(step), choices, asked))

    def drop_step(self):
        """Without a step there is nothing to say how much it matters."""
        for step in OF_THE_STEP:
            self.request(KeepLines(HEADINGS[step], step, None))

    def add_it(self):
        self.request(KeepLines("matters", self.state, self.answers.get(self.state), adds=True))

    def rest(self):
        self.request(RestHere())

    def look_at_needs(self):
        self.request(FindNeeds())

    def keep_needs(self):
        said = self.answers.get("access") or []
        kinds = [kind for kind in KINDS if kind in said]
        own = [one for one in said if one not in KINDS]
        if self.answers.get("access_words"):
            own.append(self.answers["access_words"])
        self.request(KeepNeeds(tuple(kinds or ["other"] * bool(own)), "; ".join(own) or None, "access"))

    def read(self):
        self.request(ReadPlan(changed=_chosen_line(self)))

    def agree(self):
        self.request(AgreePlan())

    def share(self):
        said = self.answers.get("may_see") or []
        for who in ("gp", "services"):
            self.request(RecordAnswer("agreement", f"see-plan:{who}", given=who in said))
        self.request(SharePlan(tuple(who for who in ("gp", "services") if who in said)))

    def look_for_support(self):
        self.request(StartFlow("find_support"))
