"""A time with a link worker: offered a few that suit, or their own words for when; and one yes books it."""

from bot.flowkit import Flow, Step, about, one_about, one_of, one_of_found, yes_no
from bot.requests import (
    READING,
    SLOT,
    AskToBook,
    BookAppointment,
    CancelAppointment,
    FindSlots,
    HoldSlot,
    KeepAppointment,
    LetSlotGo,
    SayWhere,
    ShowAppointment,
    WishEarlier,
    WishReminders,
)

#: What they may say to what they have; by text, 1 is always that they come.
ABOUT_IT = ("keep", "cannot", "move", "where", "sooner")
HAVE = ["have", "have_again"]
#: Where a yes books what is held.
CONFIRM = ["confirm", "confirm_again"]


class Appointment(Flow):
    """To book, to move and to call off. Their own words for when are heard at every question.

    A time is held for ten minutes while they say yes to it; and what they have stands until another is
    theirs. Whoever cannot come is thanked, and never asked why.
    """

    name = "appointment"
    starts_at = "start"

    steps = [
        Step("start"),
        Step("looking", awaits=ShowAppointment),
        # what they have
        Step("which", one_of_found("appointments_found")),
        Step("opening", awaits=ShowAppointment),
        Step("have", one_about("have_appointment", *ABOUT_IT, or_own_words=True)),
        Step("have_again", one_about("have_appointment", *ABOUT_IT, or_own_words=True), aside=True),
        Step("have_group", one_about("have_appointment", "keep", "cannot", "where")),
        # a time that suits
        Step("finding", awaits=FindSlots),
        Step("slots", one_of_found("slots_found", "more", "leave", or_own_words=True)),
        Step("slots_again", one_of_found("slots_found", "more", "leave", or_own_words=True), aside=True),
        Step("when", one_of("any", "leave", or_own_words=True), aside=True),
        Step("which_time", one_of_found("time_unclear", or_own_words=True), aside=True),
        Step("no_more", one_of("first", "person", "leave", or_own_words=True), aside=True),
        # a yes to it
        Step("holding", awaits=HoldSlot),
        Step("confirm", one_about("slot_held", "yes", "no", or_own_words=True), binds=True),
        Step("confirm_again", one_about("slot_held", "yes", "no", or_own_words=True), binds=True, aside=True),
        Step("booking", awaits=BookAppointment),
        Step("shared_phone", yes_no(optional=True)),
        Step("extras", one_of("two_hours", "sooner", "both", "neither", optional=True)),
        Step("two_hours", yes_no(optional=True)),
        Step("earlier", yes_no(optional=True)),
        Step("booked", ends="booked"),
        Step("noted", ends="booked, and what else they wish is noted"),
        Step("not_noted", ends="booked, and nothing else wished"),
        # afterwards
        Step("cancelling", awaits=CancelAppointment),
        Step("another", one_of("yes", "no", or_own_words=True)),
        Step("keeping", awaits=KeepAppointment),
        Step("kept", ends="they will come"),
        Step("saying_where", awaits=SayWhere),
        Step("told_where", ends="told where it is"),
        Step("earlier_noted", ends="comes sooner if a time comes free"),
        Step("none", ends="there is no appointment any more"),
        Step("asking", awaits=AskToBook),
        Step("passed_on", ends="a link worker finds a time"),
        Step("by_a_person", ends="a link worker books with them"),
        Step("left", ends="left at that"),
    ]

    transitions = [
        # they say, or we find   at step         we go to        only if
        {"trigger": "start", "source": "start", "dest": "looking", "before": "show"},
        {"trigger": "no_appointment", "source": "looking", "dest": "finding", "before": "find"},
        {"trigger": "have_appointment", "source": "looking", "dest": "finding", "before": "find",
         "conditions": "they_wish_to_move_it"},
        ["have_appointment",   "looking",      "have_group",  "it_is_a_group"],
        ["have_appointment",   "looking",      "have"],
        ["appointments_found", "looking",      "which"],
        ["booked_by_a_person", "looking",      "by_a_person"],
        {"trigger": "answer", "source": "which", "dest": "opening", "before": "open_it"},
        ["have_appointment",   "opening",      "have_group",  "it_is_a_group"],
        ["have_appointment",   "opening",      "have"],
        ["appointments_found", "opening",      "which"],
        ["no_appointment",     "opening",      "none"],
        ["booked_by_a_person", "opening",      "by_a_person"],

        {"trigger": "move", "source": HAVE, "dest": "finding", "before": "find"},
        {"trigger": "answer", "source": HAVE, "dest": "finding", "before": "find_by_their_words"},
        {"trigger": "cannot", "source": [*HAVE, "have_group"], "dest": "cancelling", "before": "cancel"},
        {"trigger": "where", "source": [*HAVE, "have_group"], "dest": "saying_where", "before": "say_where"},
        {"trigger": "keep", "source": [*HAVE, "have_group"], "dest": "keeping", "before": "keep"},
        {"trigger": "sooner", "source": HAVE, "dest": "earlier_noted", "before": "wish_earlier"},
        ["have_appointment",   "saying_where", "told_where"],
        ["no_appointment",     "saying_where", "none"],
        ["have_appointment",   "keeping",      "kept"],
        ["no_appointment",     "keeping",      "none"],
        ["appointment_cancelled", "cancelling", "another"],
        ["no_appointment",     "cancelling",   "none"],
        {"trigger": "yes", "source": "another", "dest": "finding", "before": "find"},
        {"trigger": "answer", "source": "another", "dest": "finding", "before": "find_by_their_words"},
        ["no",                 "another",      "left"],

        ["slots_found",        "finding",      "slots"],
        {"trigger": "slot_chosen", "source": "finding", "dest": "holding", "before": "hold_it"},
        ["no_more_slots",      "finding",      "no_more"],
        ["no_times",           "finding",      "passed_on"],
        ["time_unclear",       "finding",      "which_time"],
        ["not_a_time",         "finding",      "confirm_again", "one_is_held"],
        ["not_a_time",         "finding",      "slots_again", "some_were_shown"],
        ["not_a_time",         "finding",      "have_again",  "they_spoke_of_what_they_have"],
        ["not_a_time",         "finding",      "when"],
        {"trigger": "more", "source": ["slots", "slots_again"], "dest": "finding", "before": "find_more"},
        {"trigger": "answer", "source": ["slots", "slots_again"], "dest": "holding", "before": "hold",
         "conditions": "they_chose_one"},
        {"trigger": "answer", "source": ["slots", "slots_again", "when", "no_more"], "dest": "finding",
         "before": "find_by_their_words"},
        {"trigger": "any", "source": "when", "dest": "finding", "before": "find"},
        {"trigger": "first", "source": "no_more", "dest": "finding", "before": "find"},
        {"trigger": "person", "source": "no_more", "dest": "asking", "before": "ask_person"},
        {"trigger": "leave", "source": ["slots", "slots_again", "when", "no_more"], "dest": "left",
         "before": "let_go"},
        ["no_times",           "asking",       "passed_on"],
        {"trigger": "answer", "source": "which_time", "dest": "finding", "before": "find_what_they_meant"},

        ["slot_held",          "holding",      "confirm"],
        {"trigger": "slot_taken", "source": "holding", "dest": "finding", "before": "find_instead"},
        {"trigger": "yes", "source": CONFIRM, "dest": "booking", "before": "book"},
        {"trigger": "no", "source": CONFIRM, "dest": "finding", "before": "find_more"},
        {"trigger": "answer", "source": CONFIRM, "dest": "finding", "before": "find_by_their_words"},
        {"trigger": "slot_taken", "source": "booking", "dest": "finding", "before": "find_instead"},
        ["appointment_booked", "booking",      "shared_phone", "asks_discreet"],
        ["appointment_booked", "booking",      "extras",      "asks_both"],
        ["appointment_booked", "booking",      "two_hours",   "asks_two_hours"],
        ["appointment_booked", "booking",      "earlier",     "asks_sooner"],
        ["appointment_booked", "booking",      "booked"],
        {"trigger": "yes", "source": "shared_phone", "dest": "noted", "before": "note_discreet"},
        {"trigger": "no", "source": "shared_phone", "dest": "not_noted", "before": "note_none"},
        {"trigger": "yes", "source": "two_hours", "dest": "noted", "before": "note_two_hours"},
        {"trigger": "no", "source": "two_hours", "dest": "not_noted", "before": "note_no_two_hours"},
        {"trigger": "yes", "source": "earlier", "dest": "noted", "before": "note_earlier"},
        {"trigger": "no", "source": "earlier", "dest": "not_noted", "before": "note_not_earlier"},
        {"trigger": "two_hours", "source": "extras", "dest": "noted",
         "before": ["note_two_hours", "note_not_earlier"]},
        {"trigger": "sooner", "source": "extras", "dest": "noted",
         "before": ["note_no_two_hours", "note_earlier"]},
        {"trigger": "both", "source": "extras", "dest": "noted",
         "before": ["note_two_hours", "note_earlier"]},
        {"trigger": "neither", "source": "extras", "dest": "not_noted",
         "before": ["note_no_two_hours", "note_not_earlier"]},
    ]  # fmt: skip

    # -- guards ---------------------------------------------------------------------------------

    def they_wish_to_move_it(self):
        wish = self.found.get("appointment_wish")
        return wish is not None and wish.move == self.found["have_appointment"].about

    def it_is_a_group(self):
        return bool(self.found["have_appointment"].appointment["group"])

    def one_is_held(self):
        return self.found["not_a_time"].held

    def some_were_shown(self):
        return "slots_found" in self.found

    def they_spoke_of_what_they_have(self):
        return self._moving() is not None

    def they_chose_one(self):
        """A time that was offered, by its number; anything else they say is when they can."""
        return self.answers[self.state].startswith(SLOT)

    def asks_discreet(self):
        return self._asks("discreet")

    def asks_both(self):
        return self._asks("both")

    def asks_two_hours(self):
        return self._asks("two_hours")

    def asks_sooner(self):
        return self._asks("sooner")

    # -- requests -------------------------------------------------------------------------------

    def show(self):
        wish = self.found.get("appointment_wish")
        self.request(ShowAppointment(wish.move if wish else None))

    def open_it(self):
        self.request(ShowAppointment(int(self.answers["which"])))

    def find(self):
        wish = self.found.get("appointment_wish")
        words = wish.words if wish and "slots_found" not in self.found else ""
        self.request(FindSlots(words=words or None, moving=self._moving()))

    def find_by_their_words(self):
        self.request(FindSlots(words=self.answers[self.state], moving=self._moving()))

    def find_what_they_meant(self):
        said = self.answers["which_time"]
        if said.startswith(READING):
            self.request(FindSlots(reading=said, moving=self._moving()))
        else:
            self.request(FindSlots(words=said, moving=self._moving()))

    def find_more(self):
        self.request(FindSlots(more=True, moving=self._moving()))

    def find_instead(self):
        self.request(FindSlots(gone=True, moving=self._moving()))

    def hold(self):
        self.request(HoldSlot(self.answers[self.state], moving=self._moving()))

    def hold_it(self):
        self.request(HoldSlot(self.found["slot_chosen"].key, moving=self._moving()))

    def let_go(self):
        if "slot_held" in self.found:
            self.request(LetSlotGo(self.found["slot_held"].about))

    def book(self):
        self.request(BookAppointment(self._which(), moving=self._moving()))

    def cancel(self):
        self.request(CancelAppointment(self._which()))

    def keep(self):
        self.request(KeepAppointment(self._which()))

    def say_where(self):
        self.request(SayWhere(self._which()))

    def wish_earlier(self):
        self.request(WishEarlier(self._which()))

    def ask_person(self):
        self.request(AskToBook(moving=self._moving()))

    def note_discreet(self):
        self.request(WishReminders(discreet=True))

    def note_none(self):
        self.request(WishReminders(discreet=False))

    def note_two_hours(self):
        self.request(WishReminders(two_hours=True))

    def note_no_two_hours(self):
        self.request(WishReminders(two_hours=False))

    def note_earlier(self):
        self.request(WishEarlier(self.found["appointment_booked"].about))

    def note_not_earlier(self):
        self.request(WishEarlier(self.found["appointment_booked"].about, wished=False))

    # -- inside ---------------------------------------------------------------------------------

    def _asks(self, what):
        return self.found["appointment_booked"].asks == what

    def _which(self):
        """The appointment their button or number was about."""
        return about(self.answers[self.state])

    def _moving(self):
        """The appointment that another time is instead of; it stands until they have that."""
        off = self.found.get("appointment_cancelled")
        booked, wish, have = (
            self.found.get(name) for name in ("appointment_booked", "appointment_wish", "have_appointment")
        )
        moving = None
        if booked is not None:
            moving = booked.about
        elif wish is not None and wish.move is not None:
            moving = wish.move
        elif have is not None and self.answers.keys() & set(HAVE):
            moving = have.about
        return None if off is not None and off.about == moving else moving
