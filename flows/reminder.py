"""A reminder of an appointment: short to answer, easy to change, and nobody is blamed."""

from bot.flowkit import Flow, StartFlow, Step, about, one_about
from bot.flowkit.answers import ABOUT
from bot.requests import (
    AppointmentWish,
    CancelAppointment,
    KeepAppointment,
    OpenHandoff,
    SayLate,
    SayNeeds,
    TakeTimeBack,
)

#: What they may say to any of them. By text a number means the same in each: 1 is always a yes.
ANSWERS = ("coming", "cannot", "another_time", "late", "where")

#: The words that stand before an appointment: a reminder, or that it was booked or moved for them.
BEFORE = ["coming", "needs", "day_before", "today", "told_booked", "told_moved"]
#: And where they were asked what they meant.
ANY = [*BEFORE, "sure"]


def _answers(*, or_own_words=False):
    return one_about("appointment_due", *ANSWERS, or_own_words=or_own_words, optional=True)


class Reminder(Flow):
    """Nobody need answer. Whatever is said leads somewhere; only a clear "I can't" gives a time up."""

    name = "reminder"
    starts_at = "coming"

    steps = [
        # before it
        Step("coming", _answers(or_own_words=True), binds=True),
        Step("needs", one_about("appointment_due", "nothing", "cannot", or_own_words=True, may_skip=True,
                                optional=True), binds=True),
        Step("day_before", _answers(), binds=True),
        Step("today", _answers(), binds=True),
        Step("told_booked", _answers(or_own_words=True), binds=True),
        Step("told_moved", _answers(or_own_words=True), binds=True),
        Step("sure", one_about("appointment_due", "coming", "cannot", "another_time", optional=True),
             binds=True),
        # what comes of it
        Step("saying_coming", awaits=KeepAppointment),
        Step("noted", ends="they will come"),
        Step("saying_needs", awaits=SayNeeds),
        Step("needs_noted", ends="they said what they need"),
        Step("nothing_needed", ends="they need nothing"),
        Step("saying_late", awaits=SayLate),
        Step("late_noted", ends="they run late, and the link worker knows"),
        Step("where_told", ends="told where and when"),
        Step("who_told", ends="told with whom"),
        Step("passing", awaits=OpenHandoff),
        Step("question_passed", ends="a person answers"),
        Step("giving_up", awaits=CancelAppointment),
        Step("freed", one_about("appointment_cancelled", "another_time", "leave", "coming", or_own_words=True,
                                optional=True)),
        Step("taking_back", awaits=TakeTimeBack),
        Step("kept", ends="it is theirs again"),
        Step("taken", one_about("appointment_cancelled", "another_time", "leave", optional=True)),
        Step("gone", ends="it is not booked any more"),
        Step("another", ends="looks for another time"),
        # when it is off, or they did not come
        Step("told_cancelled", one_about("appointment_off", "another_time", "leave", or_own_words=True,
                                         optional=True)),
        Step("missed", one_about("appointment_off", "another_time", "person", "leave", optional=True)),
        Step("to_person", ends="asks for a person"),
        Step("left", ends="left at that"),
    ]  # fmt: skip

    transitions = [
        # they say                    at step        we go to
        {"trigger": "coming", "source": ANY, "dest": "saying_coming", "before": "say_coming"},
        ["have_appointment",          "saying_coming", "noted"],
        {"trigger": "cannot", "source": ANY, "dest": "giving_up", "before": "give_up"},
        ["appointment_cancelled",     "giving_up",     "freed"],
        {"trigger": "another_time", "source": ANY, "dest": "another", "before": "move_it"},
        {"trigger": "late", "source": ANY, "dest": "saying_late", "before": "say_late"},
        ["late_noted",                "saying_late",   "late_noted"],
        ["where",                     ANY,             "where_told"],
        ["when",                      ANY,             "where_told"],
        ["who",                       ANY,             "who_told"],
        {"trigger": "question", "source": ANY, "dest": "passing", "before": "pass_on"},
        {"trigger": "answer", "source": ["coming", "told_booked", "told_moved"], "dest": "passing",
         "before": "pass_on"},
        ["handoff_opened",            "passing",       "question_passed"],
        ["unsure",                    BEFORE,          "sure"],
        {"trigger": "answer", "source": "needs", "dest": "saying_needs", "before": "say_needs"},
        ["needs_noted",               "saying_needs",  "needs_noted"],
        ["nothing",                   "needs",         "nothing_needed"],
        ["skip",                      "needs",         "nothing_needed"],
        *(["no_appointment", source, "gone"]
          for source in ("saying_coming", "giving_up", "saying_late", "saying_needs")),

        # another time
        {"trigger": "another_time", "source": ["freed", "taken", "told_cancelled", "missed"],
         "dest": "another", "before": "find_another"},
        {"trigger": "answer", "source": ["freed", "told_cancelled"], "dest": "another",
         "before": "find_another"},
        {"trigger": "coming", "source": "freed", "dest": "taking_back", "before": "take_back"},
        ["time_taken_back",           "taking_back",   "kept"],
        ["time_taken",                "taking_back",   "taken"],
        ["leave",                     ["freed", "taken", "told_cancelled", "missed"], "left"],
        {"trigger": "person", "source": "missed", "dest": "to_person", "before": "to_a_person"},
    ]  # fmt: skip

    # -- requests -------------------------------------------------------------------------------

    def say_coming(self):
        self.request(KeepAppointment(self._which()))

    def give_up(self):
        self.request(CancelAppointment(self._which()))

    def take_back(self):
        self.request(TakeTimeBack(about(self.answers["freed"])))

    def say_late(self):
        heard = self.found.get("reply_heard")
        self.request(SayLate(self._which(), heard.late_minutes if heard else None))

    def say_needs(self):
        self.request(SayNeeds(self._which(), self.answers["needs"]))

    def pass_on(self):
        self.request(OpenHandoff("message"))

    def move_it(self):
        wish = AppointmentWish(move=self._which(), words=self._wish())
        self.request(StartFlow("appointment", found=(wish,)))

    def find_another(self):
        self.request(StartFlow("appointment", found=(AppointmentWish(words=self._wish()),)))

    def to_a_person(self):
        self.request(StartFlow("talk_to_someone"))

    def _wish(self):
        """When it would suit, where they said so in the same breath."""
        said = self.answers.get(self.state)
        if self.state in ANY:
            heard = self.found.get("reply_heard")
            return heard.words if heard else ""
        return said if said and ABOUT not in said else ""

    def _which(self):
        return self.found["appointment_due"].about
