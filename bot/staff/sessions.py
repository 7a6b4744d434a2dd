"""Who is signed in: a random cookie, kept here only as its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, or_, select, update

from bot.store.tables import Role, staff, staff_session
from bot.store.unit_of_work import Reading, UnitOfWork

#: OWASP Session Management Cheat Sheet: both an idle and an absolute end.
IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
#: `seen_at` is written at most this often, so that reading pages costs no write.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One worker's session. Until `finished`, only the second step of signing in is open to it."""

    staff_id: int
    name: str
    role: Role
    csrf: str
    digest: str
    finished: bool
    must_change_password: bool
    seen_lately: bool

    @property
    def leads(self) -> bool:
        return self.role in (Role.LEAD, Role.ADMINISTRATOR)

    @property
    def administers(self) -> bool:
        return self.role is Role.ADMINISTRATOR


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(unit: UnitOfWork, staff_id: int, *, finished: bool, instead_of: str | None = None) -> str:
    """A new session; its token, for the cookie. `instead_of` (a digest) ends: none is used again."""
    if instead_of:
        end_session(unit, instead_of)
    gone = or_(staff_session.c.created_at < unit.now - ABSOLUTE, staff_session.c.seen_at < unit.now - IDLE)
    unit.execute(delete(staff_session).where(gone))
    token = secrets.token_urlsafe(32)
    unit.execute(
        insert(staff_session).values(
            token=digest_of(token), staff_id=staff_id, created_at=unit.now, seen_at=unit.now,
            totp_done=finished, csrf=secrets.token_urlsafe(24),
        )
    )  # fmt: skip
    return token


def session_of(reading: Reading, token: str | None) -> SignedIn | None:
    """Whose session this cookie is, if it still stands."""
    if not token:
        return None
    row = reading.execute(
        select(staff_session, staff.c.name, staff.c.role, staff.c.must_change_password)
        .join(staff, staff.c.id == staff_session.c.staff_id)
        .where(
            staff_session.c.token == digest_of(token),
            staff_session.c.created_at > reading.now - ABSOLUTE,
            staff_session.c.seen_at > reading.now - IDLE,
            staff.c.active,
        )
    ).first()
    if row is None:
        return None
    return SignedIn(
        staff_id=row.staff_id,
        name=reading.sealer.open(row.name),
        role=row.role,
        csrf=row.csrf,
        digest=row.token,
        finished=row.totp_done,
        must_change_password=row.must_change_password,
        seen_lately=row.seen_at > reading.now - SEEN_EVERY,
    )


def seen(unit: UnitOfWork, digest: str) -> None:
    """They did something: the idle time starts again."""
    unit.execute(update(staff_session).where(staff_session.c.token == digest).values(seen_at=unit.now))


def end_session(unit: UnitOfWork, digest: str) -> None:
    """Signed out."""
    unit.execute(delete(staff_session).where(staff_session.c.token == digest))


def end_other_sessions(unit: UnitOfWork, staff_id: int, keep: str | None = None) -> None:
    """Sign this worker out everywhere else (everywhere, without `keep`)."""
    where = [staff_session.c.staff_id == staff_id]
    if keep:
        where.append(staff_session.c.token != keep)
    unit.execute(delete(staff_session).where(*where))
