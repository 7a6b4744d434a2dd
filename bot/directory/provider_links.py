"""A service's link: it shows who it is about in the one browser it was opened in, and in no other.

A link sent on, or looked at by a mail scanner on its way, shows nothing about anyone.
"""

from __future__ import annotations

import secrets
from enum import StrEnum

from sqlalchemy import or_, select, update

from bot.directory.concerned import service_changed
from bot.directory.keeping import change, happened
from bot.directory.onward import by_link, provider_view
from bot.store.tables import onward_referral, service
from bot.store.unit_of_work import Reading, UnitOfWork

#: More places, or weeks, than any local group has is a slip of the finger.
MOST_PLACES, MOST_WEEKS = 500, 104


class Opened(StrEnum):
    """Where a link has been opened, as one browser sees it."""

    NOWHERE = "nowhere"  # the link does not work: wrong, answered, over, or they said no since
    NOT_YET = "not-yet"
    HERE = "here"
    ELSEWHERE = "elsewhere"


def new_browser() -> str:
    """What a browser keeps, so that it is known again: 128 random bits."""
    return secrets.token_urlsafe(16)


def opened(reading: Reading, token: str, browser: str) -> Opened:
    """Where this link has been opened. `browser` is what the one who asks has kept, or empty."""
    onward = by_link(reading, token)
    if onward is None or provider_view(reading, token) is None:
        return Opened.NOWHERE
    kept = reading.execute(
        select(onward_referral.c.link_opened_by).where(onward_referral.c.id == onward.id)
    ).scalar_one()
    if kept is None or not kept.startswith(_of_link(reading, token)):
        return Opened.NOT_YET  # never, or it was an earlier link of the same referral
    return Opened.HERE if browser and kept == _mark(reading, token, browser) else Opened.ELSEWHERE


def open_link(unit: UnitOfWork, token: str, browser: str) -> bool:
    """Let this browser see who it is about; False when another was first, or the link does not work."""
    onward = by_link(unit, token)
    if onward is None or provider_view(unit, token) is None:
        return False
    mine = _mark(unit, token, browser)
    kept = onward_referral.c.link_opened_by
    first = unit.execute(
        update(onward_referral)
        .where(
            onward_referral.c.id == onward.id,
            or_(kept.is_(None), kept.not_like(f"{_of_link(unit, token)}%"), kept == mine),
        )
        .values(link_opened_by=mine)
    ).rowcount
    if first:
        unit.audit("service's link opened", f"onward:{onward.id}")
    return bool(first)


def places_now(unit: UnitOfWork, token: str, places: int, weeks: int | None = None) -> bool:
    """The service says how many places it has, and how long the wait is; False when the link does not work.

    Call it before what uses the link up. Whoever waits for a place hears of one. Raises ValueError for
    a number nobody can mean.
    """
    if not 0 <= places <= MOST_PLACES or not 0 <= (weeks or 0) <= MOST_WEEKS:
        raise ValueError("that many cannot be meant")
    onward = by_link(unit, token)
    if onward is None or provider_view(unit, token) is None:
        return False
    row = unit.execute(
        select(service.c.places_left, service.c.waiting_weeks).where(service.c.id == onward.service_id)
    ).one()
    now = {"places_left": places, **({"waiting_weeks": weeks} if weeks is not None else {})}
    differ = {name: [getattr(row, name), value] for name, value in now.items() if getattr(row, name) != value}
    if differ:
        change(unit, onward.service_id, **{name: value for name, (_, value) in differ.items()})
        happened(unit, onward.service_id, "corrected", changed=differ)
        service_changed(unit, onward.service_id, differ)
    return True


def _of_link(reading: Reading, token: str) -> str:
    return reading.sealer.lookup("provider link opened", token)[:24]


def _mark(reading: Reading, token: str, browser: str) -> str:
    of_browser = reading.sealer.lookup("provider browser", f"{token}\0{browser}")[:40]
    return f"{_of_link(reading, token)}{of_browser}"
