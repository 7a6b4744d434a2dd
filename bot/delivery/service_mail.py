"""Telling a service by email that somebody would like to come: a link, and no personal data."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.delivery.notices import Email
from bot.delivery.rounds import Rounds
from bot.directory import onward
from bot.directory.outcomes import onward_by_id
from bot.messages import Outcome, Sent, Status, Uncertain
from bot.settings import Settings
from bot.store.engines import Store
from bot.store.tables import ServiceStatus, onward_referral, service
from bot.store.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

_LEASE = timedelta(seconds=120)
_PATIENCE = 60.0
_MOST = 50
#: What did not go is tried again after these seconds; then a link worker rings the service.
_TRY_AGAIN_AFTER = (60, 600, 3600, 4 * 3600)


@dataclass(frozen=True, slots=True)
class ToTell:
    """One mail to one service. The link's token is made now, and only its lookup is kept."""

    onward_id: int
    address: str
    service_name: str
    token: str
    tries: int

    def __repr__(self) -> str:
        return f"ToTell(onward_id={self.onward_id})"


class ServiceMail(Rounds):
    """Sends what services are to be told. Run it beside the other deliveries when SMTP is set."""

    acting, topic, looks_every = "service-mail", "provider-mail", 30.0

    def __init__(self, store: Store, settings: Settings, email: Email):
        super().__init__(store)
        self._settings, self._email = settings, email

    async def send_due(self) -> int:
        """Send what is due now; how many services were told."""
        told = 0
        for one in await self._do(self._take):
            outcome = await self._send(one)
            await self._do(lambda unit, one=one, outcome=outcome: self._settle(unit, one, outcome))
            if isinstance(outcome, Sent):
                told += 1
            else:
                log.warning("service mail for onward referral %d not sent: %s", one.onward_id, outcome.code)
        return told

    def _take(self, unit: UnitOfWork) -> list[ToTell]:
        """What may go now. Who has taken their yes back, or whose service has stopped, is let go."""
        rows = unit.execute(_due, {"now": unit.now}).all()
        taken = []
        for row in rows:
            going = onward_by_id(unit, row.id)
            address = onward.address_of(unit, going.service_id)
            if not onward.agreed_to_tell(unit, going) or row.status is not ServiceStatus.ACTIVE:
                unit.change(onward_referral, row.id, mail_due_at=None)
                unit.audit("service not told", f"onward:{row.id}", why="no longer agreed or open")
            elif not address:
                self._give_up(unit, row.id, "no address")
            else:
                unit.change(onward_referral, row.id, mail_lease_until=unit.now + _LEASE)
                token = onward.new_link(unit, row.id)
                taken.append(ToTell(row.id, address, going.service_name, token, row.mail_tries))
        return taken

    async def _send(self, one: ToTell) -> Outcome:
        """Never raises but for being cancelled."""
        subject, body = words(one, self._settings, self._store.clock.now())
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._email(one.address, subject, body)
        except Exception as error:
            return Uncertain(type(error).__name__)

    def _settle(self, unit: UnitOfWork, one: ToTell, outcome: Outcome) -> None:
        if isinstance(outcome, Sent):
            unit.change(onward_referral, one.onward_id, mail_lease_until=None)
            onward.told_service(unit, one.onward_id)
        elif one.tries < len(_TRY_AGAIN_AFTER) and not _for_good(outcome):
            # A mail that may have gone all the same holds a link that no longer works; the next one does.
            again = unit.now + timedelta(seconds=_TRY_AGAIN_AFTER[one.tries])
            values: dict[str, Any] = {"mail_due_at": again, "mail_lease_until": None}
            unit.execute(
                update(onward_referral)
                .where(onward_referral.c.id == one.onward_id)
                .values(mail_tries=onward_referral.c.mail_tries + 1, **values)
            )
        else:
            self._give_up(unit, one.onward_id, outcome.code)

    def _give_up(self, unit: UnitOfWork, onward_id: int, why: str) -> None:
        """No mail goes: a link worker rings them."""
        values: dict[str, Any] = {"mail_due_at": None, "mail_lease_until": None, "mail_failed": why[:40]}
        unit.change(onward_referral, onward_id, **values)
        onward.ring_the_service(unit, onward_by_id(unit, onward_id), self._settings.hours)


def words(one: ToTell, settings: Settings, now: datetime) -> tuple[str, str]:
    """A subject and a body: who writes, to which service, the link. Nothing of the person."""
    ends = (now + onward.LINK_LASTS).astimezone(settings.hours.zone)
    return f"Someone would like to come to {one.service_name}", (
        f"Hello,\n\n"
        f"{settings.service_name} supports somebody who would like to come to {one.service_name}. "
        f"They said that you may know their first name and how to reach them. Please look here:\n\n"
        f"{settings.base_url}/services/{one.token}\n\n"
        f"The link needs no password. It ends on {ends.day} {ends:%B}, or once you tell us by it "
        f"whether they came.\n\n"
        f"Questions? Please ring us on {settings.service_phone}.\n\n"
        f"{settings.service_name}\n"
    )


_due = (
    select(onward_referral.c.id, onward_referral.c.mail_tries, service.c.status)
    .join(service, service.c.id == onward_referral.c.service_id)
    .where(
        onward_referral.c.mail_due_at.is_not(None),
        onward_referral.c.mail_due_at <= bindparam("now"),
        onward_referral.c.mail_lease_until.is_(None)
        | (onward_referral.c.mail_lease_until <= bindparam("now")),
    )
    .order_by(onward_referral.c.id)
    .limit(_MOST)
    .with_for_update(skip_locked=True, of=onward_referral)
)


def _for_good(outcome: Outcome) -> bool:
    return getattr(outcome, "status", None) == Status.PERMANENT_FAILURE
