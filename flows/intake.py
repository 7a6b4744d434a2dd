"""Someone tells us what matters to them, and we open a referral."""

from bot.flowkit import Flow, Step, a_name, by_phone, free_text, one_of, yes_no
from bot.requests import (
    NoteNumber,
    OpenHandoff,
    OpenReferral,
    RecordAccessNeed,
    RecordAnswer,
    RecordContactPlan,
    RecordName,
    RecordSafeContact,
)


class Intake(Flow):
    """The shortest way in: eight texts from them. A "no" opens the longer way, never a closed door.

    Order and why: privacy before any open question; is this phone safe before any content;
    the name last, when there is some trust.
    """

    name = "intake"
    starts_at = "area"

    steps = [
        Step("area", one_of("yes", "no", "not_sure")),
        Step("outside", one_of("person", "carry_on")),
        Step("handing_over", awaits=OpenHandoff),
        Step("handed_over", ends="a person will find the right place with them"),
        Step("where", free_text(max_length=200, may_skip=True)),
        # how to reach them, when they do not write from a phone
        Step("way", one_of("phone", "here")),
        Step("number", free_text(max_length=60)),
        Step("noting_number", awaits=NoteNumber),
        Step("number_again", free_text(max_length=60, may_skip=True)),
        Step("safe_here", one_of("only_me", "others_see")),
        # is this phone safe
        Step("safe", one_of("only_me", "text_only", "no_message", "others_see")),
        Step("shared_how", one_of("other_number", "set_times", "i_will_write", or_own_words=True)),
        Step("shared_number", free_text(max_length=60)),
        Step("noting_shared_number", awaits=NoteNumber),
        Step("shared_number_again", free_text(max_length=60, may_skip=True)),
        Step("shared_times", free_text(max_length=300)),
        Step("word", free_text(max_length=40, may_skip=True)),
        # what matters
        Step("times", one_of("any", "mornings", "afternoons", or_own_words=True)),
        Step("matters", free_text(may_skip=True)),
        Step("name", a_name(may_skip=True)),
        Step("agree", yes_no(), binds=True),
        Step("passing_on", awaits=OpenReferral),
        Step("referred", free_text(optional=True)),
        Step("need_noted", free_text(optional=True)),
        Step("not_now", ends="no referral", keeps=True),
    ]

    transitions = [
        # they say         at step                 we go to                only if
        ["no",             "area",                 "outside"],
        ["not_sure",       "area",                 "where"],
        ["yes",            "area",                 "safe",                 by_phone],
        ["yes",            "area",                 "way"],
        {"trigger": "person", "source": "outside", "dest": "handing_over", "before": "ask_for_a_person"},
        ["handoff_opened", "handing_over",         "handed_over"],
        ["carry_on",       "outside",              "where"],
        ["answer",         "where",                "safe",                 by_phone],
        ["answer",         "where",                "way"],

        ["phone",          "way",                  "number"],
        ["here",           "way",                  "safe_here"],
        {"trigger": "answer", "source": "number", "dest": "noting_number", "before": "note_the_number"},
        ["number_noted",   "noting_number",        "safe"],
        ["not_a_number",   "noting_number",        "number_again"],
        ["skip",           "number_again",         "safe_here"],
        {"trigger": "answer", "source": "number_again", "dest": "noting_number",
         "before": "note_the_number_again"},
        {"trigger": "only_me", "source": "safe_here", "dest": "matters", "before": "note_safe_here"},
        {"trigger": "others_see", "source": "safe_here", "dest": "shared_how", "before": "note_safe_here"},

        {"trigger": "only_me", "source": "safe", "dest": "times", "before": "note_safe"},
        {"trigger": "no_message", "source": "safe", "dest": "times", "before": "note_safe"},
        {"trigger": "text_only", "source": "safe", "dest": "matters", "before": "note_safe"},
        {"trigger": "others_see", "source": "safe", "dest": "shared_how", "before": "note_safe"},
        ["other_number",   "shared_how",           "shared_number"],
        ["set_times",      "shared_how",           "shared_times"],
        {"trigger": "i_will_write", "source": "shared_how", "dest": "word", "before": "note_shared_way"},
        {"trigger": "answer", "source": "shared_how", "dest": "word", "before": "note_shared_way"},
        {"trigger": "answer", "source": "shared_number", "dest": "noting_shared_number",
         "before": "note_the_shared_number"},
        ["number_noted",   "noting_shared_number", "shared_times"],
        ["not_a_number",   "noting_shared_number", "shared_number_again"],
        ["skip",           "shared_number_again",  "shared_times"],
        {"trigger": "answer", "source": "shared_number_again", "dest": "noting_shared_number",
         "before": "note_the_shared_number_again"},
        {"trigger": "answer", "source": "shared_times", "dest": "word", "before": "note_shared_times"},
        {"trigger": "answer", "source": "word", "dest": "matters", "before": "note_word"},

        {"trigger": "answer", "source": "times", "dest": "matters", "before": "note_times"},
        ["answer",         "matters",              "name"],
        ["answer",         "name",                 "agree"],
        {"trigger": "yes", "source": "agree", "dest": "passing_on", "before": "pass_it_on"},
        {"trigger": "no", "source": "agree", "dest": "not_now", "before": "keep_it_here"},
        ["referral_opened", "passing_on",          "referred"],
        {"trigger": "answer", "source": ["referred", "need_noted"], "dest": "need_noted",
         "before": "note_need"},
    ]  # fmt: skip

    def ask_for_a_person(self):
        self.request(OpenHandoff("outside-area"))

    def note_the_number(self):
        self.request(NoteNumber(self.answers["number"]))

    def note_the_number_again(self):
        self.request(NoteNumber(self.answers["number_again"]))

    def note_the_shared_number(self):
        self.request(NoteNumber(self.answers["shared_number"]))

    def note_the_shared_number_again(self):
        self.request(NoteNumber(self.answers["shared_number_again"]))

    def note_safe(self):
        self.request(RecordSafeContact(self.answers["safe"]))

    def note_safe_here(self):
        self.request(RecordSafeContact(self.answers["safe_here"]))

    def note_shared_way(self):
        self.request(RecordContactPlan(how=self.answers["shared_how"]))

    def note_shared_times(self):
        self.request(RecordContactPlan(how=self.answers["shared_how"], times=self.answers["shared_times"]))

    def note_word(self):
        self.request(RecordContactPlan(word=self.answers["word"]))

    def note_times(self):
        self.request(RecordContactPlan(times=self.answers["times"]))

    def pass_it_on(self):
        if self.answers.get("name"):
            self.request(RecordName(self.answers["name"]))
        self.request(RecordAnswer("agreement", "pass-on", given=True))
        self.request(OpenReferral(content=dict(self.answers)))

    def keep_it_here(self):
        self.request(RecordAnswer("agreement", "pass-on", given=False))

    def note_need(self):
        self.request(RecordAccessNeed(self.answers.get("need_noted") or self.answers["referred"]))
