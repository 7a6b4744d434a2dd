"""A yes or a no told to a worker, on the phone or face to face."""

from __future__ import annotations

from starlette.responses import Response

from bot.casework import cases
from bot.casework.referrals import open_referral
from bot.people import consents, persons
from bot.people.for_a_human import ask_a_human, has_open_concern, open_case_id
from bot.people.persons import Person
from bot.staff.case_actions import on_their_page
from bot.staff.pages import BASE, Ask, Refused
from bot.store.tables import Ledger
from bot.store.unit_of_work import UnitOfWork

PASS_ON = "pass-on"


def said_yes(ask: Ask) -> Response:
    """They agreed aloud: what they said may be seen, and there is a case for them."""
    if ask.sent("agreed") != "yes":
        raise Refused("Ask them, then tick that they said yes.")
    name, matters = ask.sent("name", 60), ask.sent("matters")
    settings = ask.parts.settings

    def work(unit: UnitOfWork, who: Person) -> None:
        if who.agreed_at is not None:
            raise Refused("They said yes already.")
        consents.record(unit, who.id, Ledger.AGREEMENT, PASS_ON, True, language=who.language)
        if name:
            persons.call(unit, who.id, name)
        open_referral(
            unit,
            who.id,
            who.conversation_id,
            by="self",
            source=who.source,
            content={"matters": matters} if matters else {},
            hours=settings.hours,
            within_days=settings.contact_within_days,
        )

    url, _ = on_their_page(ask, work)
    return ask.go(url, "Their yes is written down, and a case is open.")


def said_no(ask: Ask) -> Response:
    """They changed their mind: nothing is passed on from now. While a concern is open the case stays."""

    def work(unit: UnitOfWork, who: Person) -> bool:
        consents.record(unit, who.id, Ledger.AGREEMENT, PASS_ON, False, language=who.language)
        persons.no_longer_agreed(unit, who.id)
        case_id = open_case_id(unit, who.id)
        if case_id is not None and has_open_concern(unit, who.id):
            closing = ask.parts.settings.hours.closing(unit.now)
            ask_a_human(unit, who.id, "not-needed", closing, case_id=case_id)
            return True
        if case_id is not None:
            cases.close_case(unit, case_id, ask.me.staff_id, "declined")
        return False

    _, stays = on_their_page(ask, work, all_only=True)
    more = " A concern is open, so decide what becomes of the case." if stays else ""
    return ask.go(f"{BASE}/", f"Their no is written down. Nothing is passed on from now.{more}")
