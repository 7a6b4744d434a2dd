"""Text reminders in a worker's own words: "Choir starts Thursday 7pm, meet at the side door"."""

from __future__ import annotations

from starlette.responses import Response

from bot.appointments.written import NotWritten, take_back, write_reminder, written_of
from bot.people.persons import Person
from bot.staff.calendar_day import bounds
from bot.staff.calendar_times import WrongTime, typed
from bot.staff.case import case_page, subject
from bot.staff.case_actions import on_their_page
from bot.staff.coming_up import as_it_goes, counted
from bot.staff.pages import Ask, NotFound, Refused
from bot.staff.wording import language
from bot.store.unit_of_work import UnitOfWork

LONGEST = 400


def write(ask: Ask) -> Response:
    """Set it: it goes at its time, and never once it is of no use any more."""
    words = ask.sent("words", LONGEST)
    with ask.reading() as reading:
        who, access = subject(ask, reading)
    if not access.all:
        raise Refused("They have not said yes to our link workers yet.")
    if who.language != "en" and ask.sent("in_their_language") != "yes":
        theirs = language(who.language)
        return _wrong(ask, f"They read {theirs}. Book an interpreter, or tick that this is in {theirs}.")
    try:
        due_at = typed(ask, ask.sent("day", 10), ask.sent("time", 5))
        until = ask.sent("until", 5)
        day = ask.times.local(due_at).date()
        useful_until = typed(ask, f"{day}", until) if until else bounds(day, ask.times.zone)[1]
    except WrongTime as error:
        return _wrong(ask, str(error))

    def work(unit: UnitOfWork, who: Person) -> int | NotWritten:
        for one in written_of(unit, who.id):
            if one.waits and (one.words, one.due_at) == (words, due_at):
                return one.id  # the same press twice, on a slow line
        return write_reminder(unit, who.id, ask.me.staff_id, words, due_at, useful_until)

    url, made = on_their_page(ask, work, all_only=True)
    if isinstance(made, NotWritten):
        return _wrong(ask, made.why)
    return ask.go(
        f"{url}#appointments", f"It goes {ask.times.moment(due_at, ask.now)}.",
        undo=(f"{url}/reminders/{made}/undo", {}),
    )  # fmt: skip


def undo(ask: Ask) -> Response:
    """It is not to go after all."""
    number = ask.path("reminder_id")

    def work(unit: UnitOfWork, who: Person) -> bool:
        if number not in {str(one.id) for one in written_of(unit, who.id)}:
            raise NotFound
        return take_back(unit, int(number))

    url, taken = on_their_page(ask, work, all_only=True)
    return ask.go(f"{url}#appointments", "Taken back." if taken else "It had gone already.", wrong=not taken)


def count(ask: Ask) -> Response:
    """The exact text as they get it, and how many texts it is."""
    words = ask.sent("words", 2000)
    with ask.reading() as reading:
        who, access = subject(ask, reading)
        if not access.all:
            raise NotFound
        voice = getattr(ask.parts.turns, "voice", None)
        goes = as_it_goes(reading, voice, who, ask.me.name, words) if words else ""
    return ask.page("_reminder_count.html", goes=goes, **(counted(goes) if goes else {"segments": 0}))


def _wrong(ask: Ask, why: str) -> Response:
    return case_page(ask, wrong_reminder=why, status=422)
