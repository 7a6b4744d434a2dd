"""The places where people meet a link worker: added, put right, retired and brought back."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from bot.appointments.places import (
    Place,
    add_place,
    bring_back,
    correct_place,
    place_of,
    retire_place,
)
from bot.appointments.places import places as all_places
from bot.staff import calendar_words
from bot.staff.hours_form import BARE
from bot.staff.pages import BASE, Ask, NotFound
from bot.store.tables import Meeting
from bot.store.unit_of_work import UnitOfWork

#: Ways that have a place of their own.
MEETINGS = {one: words for one, words in calendar_words.MEETINGS.items() if one not in BARE}
FIELDS = ("meeting", "name", "address", "how_to_get_there", "link")
_LONG = 400


def places_page(ask: Ask) -> Response:
    """Every place that is offered, and those that are not any more."""
    with ask.reading() as reading:
        there = [one for one in all_places(reading, all_=True) if one.meeting not in BARE]
    return ask.page(
        "places.html", places=[one for one in there if one.retired_at is None],
        retired=[one for one in there if one.retired_at is not None], meetings=MEETINGS,
    )  # fmt: skip


def add_page(ask: Ask, wrong: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """The form for a new place."""
    typed = {name: ask.sent(name, _LONG) for name in FIELDS}
    typed["meeting"] = typed["meeting"] or Meeting.CAFE.value
    return _form(ask, None, typed, wrong, status)


def add(ask: Ask) -> Response:
    """A new place. It is offered once somebody ticks it in their hours."""
    typed = {name: ask.sent(name, _LONG) for name in FIELDS}
    if wrong := _wrong(typed):
        return add_page(ask, wrong, 422)
    try:
        ask.write(lambda unit: add_place(unit, **typed))
    except ValueError as error:
        return add_page(ask, _beside(error), 422)
    return ask.go("places", f"{typed['name']} is a place now. Tick it in your hours to be met there.")


def correct_page(ask: Ask, wrong: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """The form with what is known of a place."""
    one = _place(ask)
    typed = {name: str(getattr(one, name)) for name in FIELDS} | {"meeting": one.meeting.value}
    if wrong is not None:
        typed = {name: ask.sent(name, _LONG) for name in FIELDS}
    return _form(ask, one, typed, wrong, status)


def correct(ask: Ask) -> Response:
    """Put it right. What is booked there says the new words from now on."""
    one = _place(ask)
    typed = {name: ask.sent(name, _LONG) for name in FIELDS}
    if wrong := _wrong(typed):
        return correct_page(ask, wrong, 422)
    try:
        ask.write(lambda unit: correct_place(unit, one.id, **typed))
    except ValueError as error:
        return correct_page(ask, _beside(error), 422)
    before = {name: str(getattr(one, name)) for name in FIELDS} | {"meeting": one.meeting.value}
    return ask.go("places", "Put right.", undo=(f"{BASE}/places/{one.id}", before))


def retire(ask: Ask) -> Response:
    """It is offered to nobody any more. What is booked there stands."""
    one = _place(ask)
    ask.write(lambda unit: retire_place(unit, one.id))
    said = f"{one.name} is not offered any more. What is booked there stands."
    return ask.go("places", said, undo=(f"{BASE}/places/{one.id}/bring-back", {}))


def back(ask: Ask) -> Response:
    """It is offered again, in the hours that had it."""
    one = _place(ask)

    def work(unit: UnitOfWork) -> None:
        bring_back(unit, one.id)

    ask.write(work)
    return ask.go("places", f"{one.name} is offered again.")


def _form(
    ask: Ask, one: Place | None, typed: Mapping[str, str], wrong: Mapping[str, str] | None, status: int
) -> Response:
    return ask.page(
        "place_form.html", status, one=one, typed=typed, wrong=wrong or {}, meetings=MEETINGS,
    )  # fmt: skip


def _place(ask: Ask) -> Place:
    number = ask.path("place_id")
    with ask.reading() as reading:
        one = place_of(reading, int(number)) if number.isdecimal() and len(number) < 18 else None
    if one is None or one.meeting in BARE:
        raise NotFound
    return one


def _wrong(typed: Mapping[str, str]) -> dict[str, str]:
    """What is missing, for the field it stands beside."""
    meeting = typed["meeting"]
    if meeting not in {one.value for one in MEETINGS}:
        return {"meeting": "Choose how people meet there."}
    if meeting == Meeting.VIDEO and typed["name"] and not typed["link"]:
        return {"link": "Give the address of the video room: people are sent it."}
    if meeting != Meeting.VIDEO and typed["name"] and not typed["address"]:
        return {"address": "Give the address: people are told where to come."}
    return {}


def _beside(error: ValueError) -> dict[str, str]:
    """A sentence of the domain, beside the field it is about."""
    said = str(error)
    for field, word in (
        ("link", "link"),
        ("address", "Address"),
        ("how_to_get_there", "How to"),
        ("name", ""),
    ):
        if word.casefold() in said.casefold():
            return {field: said}
    return {"name": said}
