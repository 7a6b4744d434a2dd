"""Who works here: link workers, leads and administrators, and when they may be told of things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.clock import OpeningHours
from bot.store.tables import Role, staff
from bot.store.unit_of_work import Reading, UnitOfWork

ALERTS = ("none", "email", "telegram")


class AlreadyStaff(ValueError):
    """Someone with this email address is on the team already."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Someone on the team. `hours` as they wrote them; None means the team's."""

    id: int
    email: str
    name: str
    role: Role
    active: bool
    hours: str | None
    alert_by: str
    case_limit: int | None
    has_password: bool
    has_second_step: bool
    created_at: datetime

    def __repr__(self) -> str:
        return f"Staff(id={self.id}, role={self.role.value})"

    @property
    def first_name(self) -> str:
        """What the person is told."""
        return self.name.split()[0] if self.name.split() else ""

    @property
    def leads(self) -> bool:
        return self.role in (Role.LEAD, Role.ADMINISTRATOR)


def _email(email: str) -> str:
    return email.strip().casefold()


def add_staff(
    unit: UnitOfWork,
    email: str,
    name: str,
    role: Role | str,
    password: str | None = None,
    *,
    must_change_password: bool = True,
) -> int:
    """Take someone on; their id. A password given to them is to be changed the first time.

    Raises AlreadyStaff, and ValueError for an address or a role that is none.
    """
    email = _email(email)
    if "@" not in email or not name.strip():
        raise ValueError("someone on the team needs an email address and a name")
    nested = unit.connection.begin_nested()
    try:
        made = unit.insert(
            staff,
            email=unit.sealer.seal(email),
            email_lookup=unit.sealer.lookup("email", email),
            name=unit.sealer.seal(" ".join(name.split())),
            role=Role(role),
            password=PasswordHasher().hash(password) if password else None,
            must_change_password=bool(password) and must_change_password,
            created_at=unit.now,
        )
    except IntegrityError:
        nested.rollback()
        raise AlreadyStaff("someone with this email address is on the team already") from None
    nested.commit()
    unit.audit("staff added", f"staff:{made}", role=Role(role).value)
    return made


def staff_of(reading: Reading, staff_id: int) -> Staff | None:
    """This member of the team."""
    row = reading.execute(select(staff).where(staff.c.id == staff_id)).first()
    return _opened(reading, row) if row else None


def by_email(reading: Reading, email: str) -> Staff | None:
    """Whose address this is."""
    lookup = reading.sealer.lookup("email", _email(email))
    row = reading.execute(select(staff).where(staff.c.email_lookup == lookup)).first()
    return _opened(reading, row) if row else None


def all_staff(reading: Reading, *, active_only: bool = False) -> list[Staff]:
    """The team, by name."""
    query = select(staff).where(staff.c.active) if active_only else select(staff)
    return sorted((_opened(reading, row) for row in reading.execute(query)), key=lambda s: s.name.casefold())


def name_of(reading: Reading, staff_id: int | None) -> str:
    """Their name, or nothing."""
    if staff_id is None:
        return ""
    sealed = reading.execute(select(staff.c.name).where(staff.c.id == staff_id)).scalar_one_or_none()
    return reading.sealer.open(sealed) if sealed is not None else ""


def rename(unit: UnitOfWork, staff_id: int, name: str) -> None:
    """What they are called from now on; people see the first of it. Raises ValueError for no name."""
    if not name.strip():
        raise ValueError("someone on the team needs a name")
    unit.execute(
        update(staff).where(staff.c.id == staff_id).values(name=unit.sealer.seal(" ".join(name.split())))
    )
    unit.audit("name changed", f"staff:{staff_id}")


def set_alerts(
    unit: UnitOfWork, staff_id: int, *, alert_by: str, hours: str | None, telegram_chat: str | None = None
) -> None:
    """How and when they are told that something waits. Raises ValueError for hours that are none."""
    if alert_by not in ALERTS:
        raise ValueError(f"{alert_by!r} is none of {', '.join(ALERTS)}")
    if hours:
        OpeningHours.parse(hours)
    values = {"alert_by": alert_by, "hours": hours or None}
    if telegram_chat is not None:
        values["telegram_chat"] = unit.sealer.seal(telegram_chat) if telegram_chat else None
    unit.execute(update(staff).where(staff.c.id == staff_id).values(**values))
    unit.audit("alerts set", f"staff:{staff_id}", alert_by=alert_by)


def set_case_limit(unit: UnitOfWork, staff_id: int, limit: int | None) -> None:
    """How many open cases they carry at most; None for no limit."""
    unit.execute(update(staff).where(staff.c.id == staff_id).values(case_limit=limit))
    unit.audit("case limit set", f"staff:{staff_id}", limit=limit)


def set_active(unit: UnitOfWork, staff_id: int, active: bool) -> None:
    """Whether they work here now. Nobody is removed: what they did stays theirs."""
    unit.execute(update(staff).where(staff.c.id == staff_id).values(active=active))
    unit.audit("staff active set", f"staff:{staff_id}", active=active)


def _opened(reading: Reading, row) -> Staff:  # type: ignore[no-untyped-def]
    return Staff(
        row.id,
        reading.sealer.open(row.email),
        reading.sealer.open(row.name),
        row.role,
        row.active,
        row.hours,
        row.alert_by,
        row.case_limit,
        row.password is not None,
        row.totp is not None,
        row.created_at,
    )
