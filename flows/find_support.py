"""Something real near them: at most three at a time, each with why, and a yes that leads there."""

from bot.flowkit import Flow, Step, about, free_text, one_about, one_of, one_of_found
from bot.flowkit.lists import WANTS
from bot.requests import (
    ChooseService,
    DeclineService,
    FindServices,
    GoThemselves,
    NotePlace,
    PassOver,
    PrepareToLook,
    RecordAnswer,
    ShowService,
    TellMore,
    TellService,
    WaitForPlace,
)

#: What may be wrong with a suggestion, as short as it can be asked.
WRONG = ("cost", "getting_there", "time", "nerves", "other")


class FindSupport(Flow):
    """Looked for by their wishes; told shortly; and whatever they say to it is kept.

    By text the best comes first and alone; elsewhere up to three stand in a list. Every question
    about a service names it in the answer, so that a button pressed weeks later still means it.
    """

    name = "find_support"
    starts_at = "start"

    steps = [
        Step("start"),
        Step("preparing", awaits=PrepareToLook),
        Step("place", free_text(max_length=60, may_skip=True)),
        Step("noting_place", awaits=NotePlace),
        Step("place_again", free_text(max_length=60, may_skip=True)),
        Step("noting_place_again", awaits=NotePlace),
        Step("wants", one_of(*WANTS, or_own_words=True, may_skip=True)),
        Step("looking", awaits=FindServices),
        # what was found
        Step("services", one_of_found("services_found", "others", "none")),
        Step("opening", awaits=ShowService),
        Step("one", one_about("service_shown", "interested", "not_for_me", "more", "along", "others")),
        Step("telling_more", awaits=TellMore),
        Step("more", one_about("service_shown", "interested", "not_for_me", "along", "others")),
        Step("why_not", one_about("service_shown", *WRONG, may_skip=True)),
        Step("none_of_them", ends="none of these", returns=False),
        Step("nothing", ends="nothing fits; a link worker looks too"),
        # going on to it
        Step("choosing", awaits=ChooseService),
        Step("may_tell", one_about("may_tell_them", "yes", "no"), binds=True),
        Step("tell_or_go", one_about("may_tell_them", "tell", "myself"), binds=True),
        Step("telling", awaits=TellService),
        Step("share_needs", one_about("needs_to_share", "yes", "no"), binds=True),
        Step("telling_on", awaits=TellService),
        Step("going", awaits=GoThemselves),
        Step("full", one_about("it_is_full", "wait", "others")),
        Step("listing", awaits=WaitForPlace),
        Step("told", ends="the service is told"),
        Step("not_told", ends="nobody is told"),
        Step("signposted", ends="they get in touch themselves"),
        Step("listed", ends="on the list for a place"),
    ]

    transitions = [
        # they say, or we find   at step         we go to        only if
        {"trigger": "start", "source": "start", "dest": "preparing", "before": "prepare"},
        ["place_needed",    "preparing",    "place"],
        ["wants_needed",    "preparing",    "wants"],
        {"trigger": "ready_to_look", "source": "preparing", "dest": "looking", "before": "look"},
        {"trigger": "skip", "source": ["place", "place_again"], "dest": "preparing", "before": "prepare"},
        {"trigger": "answer", "source": "place", "dest": "noting_place", "before": "note_place"},
        {"trigger": "place_noted", "source": "noting_place", "dest": "preparing", "before": "prepare"},
        ["not_a_place",     "noting_place", "place_again"],
        {"trigger": "answer", "source": "place_again", "dest": "noting_place_again",
         "before": "note_place_again"},
        {"trigger": "place_noted", "source": "noting_place_again", "dest": "preparing", "before": "prepare"},
        {"trigger": "not_a_place", "source": "noting_place_again", "dest": "preparing", "before": "prepare"},
        {"trigger": "answer", "source": "wants", "dest": "looking", "before": "look"},
        ["services_found",  "looking",      "services"],
        ["service_shown",   "looking",      "one"],
        ["nothing_fits",    "looking",      "nothing"],

        {"trigger": "others", "source": ["services", "one", "more", "full"], "dest": "looking",
         "before": "look"},
        {"trigger": "none", "source": "services", "dest": "none_of_them", "before": "pass_over"},
        {"trigger": "answer", "source": "services", "dest": "opening", "before": "open_it"},
        ["service_shown",   "opening",      "one"],
        ["nothing_fits",    "opening",      "nothing"],
        {"trigger": "more", "source": "one", "dest": "telling_more", "before": "tell_more"},
        ["service_shown",   "telling_more", "one",          "another_instead"],
        ["service_shown",   "telling_more", "more"],
        ["nothing_fits",    "telling_more", "nothing"],
        {"trigger": "not_for_me", "source": ["one", "more"], "dest": "why_not", "before": "decline"},
        {"trigger": "answer", "source": "why_not", "dest": "looking", "before": "decline_and_look"},

        {"trigger": "interested", "source": ["one", "more"], "dest": "choosing", "before": "choose"},
        {"trigger": "along", "source": ["one", "more"], "dest": "choosing", "before": "choose"},
        ["may_tell_them",   "choosing",     "tell_or_go",   "they_may_go_themselves"],
        ["may_tell_them",   "choosing",     "may_tell"],
        ["goes_themselves", "choosing",     "signposted"],
        ["it_is_full",      "choosing",     "full"],
        ["service_shown",   "choosing",     "one"],
        ["nothing_fits",    "choosing",     "nothing"],
        {"trigger": "yes", "source": "may_tell", "dest": "telling", "before": "tell"},
        {"trigger": "tell", "source": "tell_or_go", "dest": "telling", "before": "tell"},
        {"trigger": "no", "source": "may_tell", "dest": "not_told", "before": "keep_it_here"},
        {"trigger": "myself", "source": "tell_or_go", "dest": "going", "before": "go"},
        ["goes_themselves", "going",        "signposted"],
        ["service_shown",   "going",        "one"],
        ["nothing_fits",    "going",        "nothing"],
        ["needs_to_share",  "telling",      "share_needs"],
        {"trigger": "yes", "source": "share_needs", "dest": "telling_on", "before": "tell_needs_too"},
        {"trigger": "no", "source": "share_needs", "dest": "telling_on", "before": "tell_no_needs"},
        *([trigger, source, dest] for source in ("telling", "telling_on") for trigger, dest in (
            ("service_told", "told"), ("service_shown", "one"), ("nothing_fits", "nothing"))),
        ["needs_to_share",  "telling_on",   "told"],
        {"trigger": "wait", "source": "full", "dest": "listing", "before": "wait"},
        ["on_the_list",     "listing",      "listed"],
    ]  # fmt: skip

    # -- guards ---------------------------------------------------------------------------------

    def another_instead(self):
        return bool(self.found["service_shown"].instead_of)

    def they_may_go_themselves(self):
        return self.found["may_tell_them"].or_self

    # -- requests -------------------------------------------------------------------------------

    def prepare(self):
        asked = {"place", "place_again"} & self.answers.keys()
        self.request(PrepareToLook(place=bool(asked), wants="wants" in self.answers))

    def note_place(self):
        self.request(NotePlace(self.answers["place"]))

    def note_place_again(self):
        self.request(NotePlace(self.answers["place_again"]))

    def look(self):
        wants = self.answers.get("wants")
        if wants in WANTS:
            self.request(FindServices(wants=(wants,)))
        else:
            self.request(FindServices(words=wants))

    def pass_over(self):
        self.request(PassOver())

    def open_it(self):
        self.request(ShowService(int(self.answers["services"])))

    def tell_more(self):
        self.request(TellMore(about(self.answers["one"])))

    def decline(self):
        self.request(DeclineService(self._chosen()))

    def decline_and_look(self):
        why = self.answers["why_not"]
        if why is not None:
            self.request(DeclineService(about(why), why.partition("@")[0]))
        self.look()

    def choose(self):
        answer = self._newest()
        self.request(ChooseService(about(answer), along=answer.startswith("along")))

    def tell(self):
        service = self.found["may_tell_them"].about
        self.request(RecordAnswer("agreement", f"tell-service:{service}", given=True))
        self.request(TellService(service))

    def keep_it_here(self):
        service = about(self.answers["may_tell"])
        self.request(RecordAnswer("agreement", f"tell-service:{service}", given=False))

    def tell_needs_too(self):
        self._tell_needs(given=True)

    def tell_no_needs(self):
        self._tell_needs(given=False)

    def go(self):
        self.request(GoThemselves(about(self.answers["tell_or_go"])))

    def wait(self):
        self.request(WaitForPlace(about(self.answers["full"])))

    def _tell_needs(self, given):
        service = about(self.answers["share_needs"])
        self.request(RecordAnswer("agreement", f"tell-needs:{service}", given=given))
        self.request(TellService(service, needs=given))

    def _newest(self):
        """What they said about a service last: in the short form, or after more was told."""
        return self.answers["more"] if self.state == "more" else self.answers["one"]

    def _chosen(self):
        return about(self._newest())
