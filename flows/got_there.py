"""Did you get there? Asked after the first session; and "not yet" is mended, never blamed."""

from bot.flowkit import Flow, StartFlow, Step, about, free_text, one_about, one_of
from bot.flowkit.lists import BARRIERS
from bot.requests import (
    AskCompanion,
    AskLinkWorker,
    RecordGotThere,
    RecordNotThere,
    TryAnotherTime,
)


class GotThere(Flow):
    """Every yes ends somewhere: they were there; they were not, with what got in the way; a link worker."""

    name = "got_there"
    starts_at = "asked"

    steps = [
        Step("asked", one_about("on_the_way", "yes", "not_yet", "not_going")),
        Step("stopped", one_about("on_the_way", "look", "went", "no")),
        Step("how", free_text(optional=True)),
        Step("thanks", ends="they were there"),
        # what got in the way, and what would mend it
        Step("barrier", one_of(*BARRIERS, or_own_words=True, may_skip=True)),
        Step("mend", one_of("another_time", "along", "different", "person", "leave")),
        Step("instead", one_of("different", "person", "leave")),
        Step("trying_again", awaits=TryAnotherTime),
        Step("asking_along", awaits=AskCompanion),
        Step("asking_person", awaits=AskLinkWorker),
        Step("again_later", ends="another time"),
        Step("along_promised", ends="someone comes with them"),
        Step("along_asked", ends="a link worker looks for someone to come with them"),
        Step("with_person", ends="a link worker has it"),
        Step("something_else", ends="something else"),
        Step("left", ends="left at that"),
    ]

    transitions = [
        # they say at step      we go to    only if
        {"trigger": "yes", "source": "asked", "dest": "how", "before": "record_there"},
        {"trigger": "went", "source": "stopped", "dest": "how", "before": "record_there_after_all"},
        {"trigger": "answer", "source": "how", "dest": "thanks", "before": "keep_words"},
        ["not_yet",   "asked",   "barrier"],
        ["not_going", "asked",   "barrier"],
        ["answer",    "barrier", "instead", "they_will_not_go"],
        ["answer",    "barrier", "mend"],
        {"trigger": "another_time", "source": "mend", "dest": "trying_again", "before": "try_again"},
        ["another_time", "trying_again", "again_later"],
        ["for_a_person", "trying_again", "with_person"],
        {"trigger": "along", "source": "mend", "dest": "asking_along", "before": "ask_along"},
        ["companion_asked", "asking_along", "along_promised", "companion_promised"],
        ["companion_asked", "asking_along", "along_asked"],
        ["for_a_person", "asking_along", "with_person"],
        {"trigger": "person", "source": ["mend", "instead"], "dest": "asking_person", "before": "ask_person"},
        ["for_a_person", "asking_person", "with_person"],
        {"trigger": "different", "source": ["mend", "instead"], "dest": "something_else",
         "before": "look_for_something_else"},
        {"trigger": "leave", "source": ["mend", "instead"], "dest": "left", "before": "leave_it"},
        {"trigger": "look", "source": "stopped", "dest": "something_else", "before": "look_elsewhere"},
        ["no",        "stopped", "left"],
    ]  # fmt: skip

    # -- guards ---------------------------------------------------------------------------------

    def they_will_not_go(self):
        return self.answers["asked"].startswith("not_going")

    def companion_promised(self):
        return self.found["companion_asked"].promised

    # -- requests -------------------------------------------------------------------------------

    def record_there(self):
        self.request(RecordGotThere(about(self.answers["asked"])))

    def record_there_after_all(self):
        self.request(RecordGotThere(about(self.answers["stopped"])))

    def keep_words(self):
        self.request(RecordGotThere(self._which(), self.answers["how"]))

    def try_again(self):
        self.request(TryAnotherTime(self._which(), **self._why()))

    def ask_along(self):
        self.request(AskCompanion(self._which(), **self._why()))

    def ask_person(self):
        self.request(AskLinkWorker(self._which(), **self._why()))

    def look_for_something_else(self):
        self.leave_it()
        self.request(StartFlow("find_support"))

    def leave_it(self):
        self.request(RecordNotThere(self._which(), **self._why()))

    def look_elsewhere(self):
        self.request(StartFlow("find_support"))

    def _which(self):
        return about(self.answers.get("asked") or self.answers["stopped"])

    def _why(self):
        """What got in the way: a code of the list, or their own words."""
        said = self.answers.get("barrier")
        return {"why": said} if said in BARRIERS else {"why": "other" if said else None, "words": said}
