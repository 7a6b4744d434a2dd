"""What a worker does with the directory: add a service, put it right, pause, close, check, suggest it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response

from bot.directory import checking, services
from bot.directory.details import EASES, ServiceDetails
from bot.directory.services import CannotBe, ChangedMeanwhile, Service
from bot.flowkit.lists import WANTS
from bot.staff import service_form, support_words
from bot.staff.directory import find, service_page, today, url_of
from bot.staff.pages import BASE, Ask, NotFound, Refused
from bot.staff.service_form import Filled
from bot.store.tables import ServiceStatus
from bot.store.unit_of_work import UnitOfWork

WHY_MOST = 200


# -- adding one, putting one right ---------------------------------------------------------------


def add_page(
    ask: Ask, filled: Filled | None = None, wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    """The form for a new service. It keeps what was typed when something is wrong."""
    filled = filled or service_form.from_details(ServiceDetails(name=""))
    return _form(ask, filled, wrong or {}, None, status)


def add(ask: Ask) -> Response:
    """Keep a new service of our own."""
    details, wrong = service_form.read(ask.form)
    if wrong:
        return add_page(ask, service_form.from_form(ask.form), wrong, 422)
    if _checked_now(ask.form):
        details = replace(details, assured_on=today(ask))

    def work(unit: UnitOfWork) -> str:
        made = services.add_service(unit, details)
        return services.service_of(unit, made).token

    try:
        token = ask.write(work)
    except CannotBe as cannot:
        return add_page(ask, service_form.from_form(ask.form), service_form.beside(cannot.problems), 422)
    return ask.go(f"directory/{token}", f"{details.name} is in the directory now.")


def correct_page(
    ask: Ask, filled: Filled | None = None, wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    """The form with what is known of a service."""
    with ask.reading() as reading:
        one = find(ask, reading)
    return _form(ask, filled or service_form.from_details(one), wrong or {}, one, status)


def correct(ask: Ask) -> Response:
    """Put it right; what nobody changed stays with the feed it came from."""
    with ask.reading() as reading:
        one = find(ask, reading)
    details, wrong = service_form.read(ask.form, one)
    if wrong:
        return correct_page(ask, service_form.from_form(ask.form), wrong, 422)
    changed = {name: getattr(details, name) for name in service_form.ASKED_FOR}
    if _checked_now(ask.form):
        changed["assured_on"] = today(ask)
    version = int(ask.sent("version", 10)) if ask.sent("version", 10).isdigit() else None
    try:
        did = ask.write(
            lambda unit: services.correct(unit, one.id, ask.me.staff_id, version=version, **changed)
        )
    except CannotBe as cannot:
        wrong = service_form.beside(cannot.problems)
        return correct_page(ask, service_form.from_form(ask.form), wrong, 422)
    except ChangedMeanwhile:
        return correct_page(ask, service_form.from_form(ask.form), {"name": CHANGED}, 409)
    return ask.go(url_of(one), "Put right." if did else "Nothing was changed.")


CHANGED = (
    "Somebody else changed this service while you were writing. Open it in another tab, compare, and save "
    "again if what you wrote is still right."
)


def _form(ask: Ask, filled: Filled, wrong: dict[str, str], one: Service | None, status: int) -> Response:
    return ask.page(
        "service_form.html", status, filled=filled, wrong=wrong, one=one, s=support_words, wants=WANTS,
        eases=EASES, often=service_form.OFTEN, as_it_is=service_form.AS_IT_IS,
        url=url_of(one) if one else f"{BASE}/directory",
    )  # fmt: skip


def _checked_now(form: FormData) -> bool:
    return form.get("checked_now") == "yes"


# -- is it there? ----------------------------------------------------------------------------------


def pause(ask: Ask) -> Response:
    """Suggest it no longer for now: why, and when to look again."""
    why, written = ask.sent("why", WHY_MOST), ask.sent("until", 10)
    wrong, until = {}, None
    if not why:
        wrong["why"] = "Say why, in a few words: whoever looks next wants to know."
    try:
        until = date.fromisoformat(written) if written else None
        if until is not None and until <= today(ask):
            wrong["until"] = "That day is past. Choose the day on which to look again."
    except ValueError:
        wrong["until"] = "That is not a date. Choose one such as 12 March 2026."
    if wrong:
        return service_page(ask, wrong, "pause", 422)
    return _stand(
        ask,
        lambda unit, one: services.pause(unit, one.id, ask.me.staff_id, why, until=until),
        "Paused. It is suggested to nobody until somebody opens it again.",
    )


def close(ask: Ask) -> Response:
    """It has ended. Its page and its history stay."""
    why = ask.sent("why", WHY_MOST)
    if not why:
        return service_page(
            ask, {"why": "Say how you know, in a few words: whoever looks next wants to know."}, "close", 422
        )
    said = "Closed. It is suggested to nobody from now on. Its page and its history stay."
    return _stand(ask, lambda unit, one: services.close(unit, one.id, ask.me.staff_id, why), said)


def reopen(ask: Ask) -> Response:
    """It goes on."""
    return _stand(
        ask, lambda unit, one: services.reopen(unit, one.id, ask.me.staff_id), "Open again.", undo=False
    )


def put_back(ask: Ask) -> Response:
    """Undo: it stands as it stood before, with its reason and its day."""
    was, why = ask.sent("was", 20), ask.sent("was_why", WHY_MOST)
    until = date.fromisoformat(ask.sent("was_until", 10)) if ask.sent("was_until", 10) else None
    me = ask.me.staff_id
    ways: dict[str, Callable[[UnitOfWork, Service], None]] = {
        ServiceStatus.ACTIVE: lambda unit, one: services.reopen(unit, one.id, me),
        ServiceStatus.PAUSED: lambda unit, one: services.pause(unit, one.id, me, why, until=until),
        ServiceStatus.CLOSED: lambda unit, one: services.close(unit, one.id, me, why),
    }
    if was not in ways:
        raise NotFound
    return _stand(ask, ways[was], "Undone. It is as it was.", undo=False)


def _stand(
    ask: Ask, work: Callable[[UnitOfWork, Service], None], said: str, *, undo: bool = True
) -> Response:
    """Let it stand otherwise; the undo knows how it stood."""

    def done(unit: UnitOfWork) -> Service:
        one = find(ask, unit)
        work(unit, one)
        return one

    was = ask.write(done)
    url = url_of(was)
    back: dict[str, Any] = {
        "was": was.status.value,
        "was_why": was.status_why,
        "was_until": was.paused_until.isoformat() if was.paused_until else "",
    }
    return ask.go(url, said, undo=(f"{url}/undo", back) if undo else None)


def assure(ask: Ask) -> Response:
    """Somebody asked the service, today, and it is as written here. Findings about it are settled by that."""

    def work(unit: UnitOfWork) -> tuple[Service, int]:
        one = find(ask, unit)
        services.assure(unit, one.id, ask.me.staff_id, today(ask))
        found = checking.open_findings(unit, service_id=one.id)
        shown = [finding for finding in found if finding.what != checking.ASSURED]
        for finding in found:
            checking.settle(unit, finding.id, ask.me.staff_id)
        return one, len(shown)

    one, settled = ask.write(work)
    more = " What the checks had found is settled with it." if settled else ""
    return ask.go(url_of(one), f"Thank you. It is written down that you checked it today.{more}")


def settle(ask: Ask) -> Response:
    """A human has looked at what a check found, and it is right."""
    try:
        check_id = int(ask.path("check_id"))
    except ValueError:
        raise NotFound from None

    def work(unit: UnitOfWork) -> tuple[Service, bool]:
        one = find(ask, unit)
        theirs = {finding.id for finding in checking.open_findings(unit, service_id=one.id)}
        return one, check_id in theirs and checking.settle(unit, check_id, ask.me.staff_id)

    one, settled = ask.write(work)
    return ask.go(url_of(one), "Settled." if settled else "Somebody settled that already.")


def follow_source(ask: Ask) -> Response:
    """What we had put right is left to the feed again, from its next import on."""
    field = ask.sent("field", 40)

    def work(unit: UnitOfWork) -> tuple[Service, bool]:
        one = find(ask, unit)
        return one, services.follow_source(unit, one.id, ask.me.staff_id, field)

    one, did = ask.write(work)
    if not did:
        raise Refused("The feed says that already.")
    return ask.go(url_of(one), "From the next import on the feed says this again.")
