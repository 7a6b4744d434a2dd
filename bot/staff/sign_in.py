"""Signing in: an email and a password, then a code from the worker's own phone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select, update
from starlette.responses import Response

from bot.casework.staffing import by_email, rename
from bot.staff.pages import BASE, COOKIE, Ask, NotAllowed, local, same
from bot.staff.passwords import hashed, is_right, new_secret, picture_of, step_of, what_is_wrong_with
from bot.staff.sessions import end_other_sessions, end_session, start_session
from bot.store.tables import staff
from bot.store.unit_of_work import UnitOfWork

TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
FORM = "linkline_form"  # before there is a session, the form proves it came from our page
SET_UP_FOR = timedelta(minutes=30)

WRONG = "That email and password do not match. Check them and try again."
WRONG_CODE = "That code did not work. Codes change every half minute: wait for the next one and try it."
LOCKED = "That was {tries} tries. To keep people's details safe, wait {minutes} minutes, then try again."


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at signing in, counted before it is checked: many at once get no extra tries."""

    staff_id: int
    password: str | None
    locked: bool
    last: bool = False


def begin_attempt(unit: UnitOfWork, whom: int | str) -> Attempt | None:
    """Count a try against this worker (an id, or an email address); None when there is no such worker."""
    found = by_email(unit, whom) if isinstance(whom, str) else None
    staff_id = found.id if found else whom
    if isinstance(staff_id, str):
        return None
    row = unit.execute(select(staff).where(staff.c.id == staff_id, staff.c.active).with_for_update()).first()
    if row is None:
        return None
    if row.locked_until and row.locked_until > unit.now:
        return Attempt(row.id, row.password, locked=True)
    tries = 1 if row.locked_until else row.failed_sign_ins + 1
    last = tries >= TRIES  # it locks before it is checked; being right unlocks
    until = unit.now + LOCKED_FOR if last else None
    unit.execute(update(staff).where(staff.c.id == row.id).values(failed_sign_ins=tries, locked_until=until))
    return Attempt(row.id, row.password, locked=False, last=last)


def was_right(unit: UnitOfWork, staff_id: int, *, all_of_it: bool = False) -> None:
    """This try no longer counts; after the second step (`all_of_it`) none does.

    A right password alone forgets no wrong code, or codes could be tried without end.
    """
    left = 0 if all_of_it else staff.c.failed_sign_ins - 1
    unit.execute(update(staff).where(staff.c.id == staff_id).values(failed_sign_ins=left, locked_until=None))


def was_wrong(unit: UnitOfWork, attempt: Attempt | None) -> None:
    """The try counts, and the last of them is written down."""
    if attempt and attempt.last:
        unit.audit("locked after wrong tries", f"staff:{attempt.staff_id}")


# -- email and password --------------------------------------------------------------------


def sign_in_page(ask: Ask, wrong: str = "", status: int = 200) -> Response:
    """The form. Someone who is signed in already goes on."""
    if ask.who and ask.who.finished:
        return ask.go(local(ask.query.get("next")))
    proof = secrets.token_urlsafe(24)
    response = ask.page(
        "sign_in.html", status, wrong=wrong, email=ask.sent("email", 200), proof=proof,
        onward=local(ask.sent("next") or ask.query.get("next")),
    )  # fmt: skip
    ask.set_cookie(response, FORM, proof)
    return response


def sign_in(ask: Ask) -> Response:
    """Check the email and the password."""
    if not same(ask.sent("proof"), ask.request.cookies.get(FORM, "")):
        return sign_in_page(ask, "This page had been open too long. Please sign in again.", 403)
    password = str(ask.form.get("password", ""))[:500]
    attempt = ask.write(lambda unit: begin_attempt(unit, ask.sent("email", 200)))
    if attempt and attempt.locked:
        return sign_in_page(ask, _locked(), 429)
    if not is_right(password, attempt.password if attempt else None):
        ask.write(lambda unit: was_wrong(unit, attempt))
        return (
            sign_in_page(ask, _locked(), 429) if attempt and attempt.last else sign_in_page(ask, WRONG, 401)
        )
    assert attempt is not None
    old = ask.who.digest if ask.who else None

    def work(unit: UnitOfWork) -> str:
        was_right(unit, attempt.staff_id)
        return start_session(unit, attempt.staff_id, finished=False, instead_of=old)

    token = ask.write(work)
    response = ask.go(f"sign-in/code?next={local(ask.sent('next'))}")
    ask.set_cookie(response, COOKIE, token)
    response.delete_cookie(FORM, path=BASE)
    return response


def sign_out(ask: Ask) -> Response:
    """End this session; every device has its own."""
    who = ask.me

    def work(unit: UnitOfWork) -> None:
        end_session(unit, who.digest)
        unit.audit("signed out", f"staff:{who.staff_id}")

    ask.write(work)
    response = ask.go("sign-in", "You have signed out.")
    response.delete_cookie(COOKIE, path=BASE)
    return response


# -- the second step -----------------------------------------------------------------------


def code_page(ask: Ask, wrong: str = "", status: int = 200) -> Response:
    """Asks for a code, or helps someone set up their phone the first time."""
    if ask.me.finished:
        return ask.go(local(ask.query.get("next")))
    onward = local(ask.sent("next") or ask.query.get("next"))
    with ask.reading() as reading:
        row = reading.execute(select(staff).where(staff.c.id == ask.me.staff_id)).one()
        sealer = reading.sealer
        if row.totp is not None:
            return ask.page("code.html", status, wrong=wrong, onward=onward)
        email = sealer.open(row.email)
    secret = _offered(ask) or new_secret()
    kept = sealer.seal_json([ask.me.staff_id, secret, (ask.now + SET_UP_FOR).timestamp()]).decode()
    return ask.page(
        "set_up_code.html", status, wrong=wrong, onward=onward, kept=kept,
        picture=picture_of(secret, email, ask.parts.settings.service_name),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        may_wait=ask.parts.practice_install,
    )  # fmt: skip


def check_code(ask: Ask) -> Response:
    """Check a code; the first one that is right sets the phone up."""
    staff_id, code = ask.me.staff_id, ask.sent("code", 20)
    if ask.me.finished:
        return ask.go(local(ask.sent("next")))
    attempt = ask.write(lambda unit: begin_attempt(unit, staff_id))
    if attempt is None or attempt.locked:
        return _out(ask)
    offered = _offered(ask)

    def work(unit: UnitOfWork) -> str | None:
        row = unit.execute(select(staff).where(staff.c.id == staff_id).with_for_update()).one()
        first = row.totp is None
        secret = offered if first else unit.sealer.open(row.totp)
        step = step_of(code, secret, unit.now) if secret else None
        if step is None:
            return None
        values = {"totp_last_step": step} | ({"totp": unit.sealer.seal(secret)} if first else {})
        unused = or_(staff.c.totp_last_step.is_(None), staff.c.totp_last_step < step)
        if not unit.execute(update(staff).where(staff.c.id == staff_id, unused).values(**values)).rowcount:
            return None  # someone looked over a shoulder: a code works once
        if first:
            unit.audit("set up a second step", f"staff:{staff_id}")
        return _finished(unit, ask)

    token = ask.write(work)
    if token is None:
        ask.write(lambda unit: was_wrong(unit, attempt))
        if attempt.last:
            return _out(ask)
        return code_page(ask, WRONG_CODE, 401)
    return _in(ask, token)


def skip_code(ask: Ask) -> Response:
    """Leave the second step for later: only while nobody outside can reach this machine."""
    staff_id = ask.me.staff_id

    def work(unit: UnitOfWork) -> str:
        row = unit.execute(select(staff.c.totp).where(staff.c.id == staff_id)).one()
        if row.totp is not None or not ask.parts.practice_install:
            raise NotAllowed("The second step cannot be skipped here.")
        return _finished(unit, ask, second_step="skipped on a practice install")

    return _in(ask, ask.write(work))


# -- a new password ------------------------------------------------------------------------


def password_page(ask: Ask, wrong: str = "", status: int = 200) -> Response:
    """The form for a new password."""
    with ask.reading() as reading:
        email = reading.sealer.open(
            reading.execute(select(staff.c.email).where(staff.c.id == ask.me.staff_id)).scalar_one()
        )
    name = ask.sent("name", 80) or ask.me.name
    return ask.page(
        "password.html", status, wrong=wrong, first=ask.me.must_change_password, email=email, name=name
    )


def change_password(ask: Ask) -> Response:
    """Set a new password; everywhere else this worker is signed out."""
    who = ask.me
    new, again = str(ask.form.get("new", ""))[:500], str(ask.form.get("again", ""))[:500]
    old = str(ask.form.get("old", ""))[:500]
    with ask.reading() as reading:
        row = reading.execute(select(staff).where(staff.c.id == who.staff_id)).one()
        email = reading.sealer.open(row.email)
    if not who.must_change_password:
        attempt = ask.write(lambda unit: begin_attempt(unit, who.staff_id))
        if attempt is None or attempt.locked or not is_right(old, attempt.password):
            ask.write(lambda unit: was_wrong(unit, attempt))
            return password_page(ask, "Your old password is not right. Try it again.", 401)
    wrong = what_is_wrong_with(new, again, email, who.name)
    if not wrong and is_right(new, row.password):
        wrong = "That is the password you have now. Choose another."
    if wrong:
        return password_page(ask, wrong, 422)
    kept = hashed(new)
    name = ask.sent("name", 80)

    def work(unit: UnitOfWork) -> None:
        was_right(unit, who.staff_id, all_of_it=True)
        if who.must_change_password and name and name != who.name:
            rename(unit, who.staff_id, name)
        unit.execute(
            update(staff).where(staff.c.id == who.staff_id).values(password=kept, must_change_password=False)
        )
        end_other_sessions(unit, who.staff_id, keep=who.digest)
        unit.audit("changed their password", f"staff:{who.staff_id}")

    ask.write(work)
    return ask.go("", "Your new password is saved.")


# -- helpers -------------------------------------------------------------------------------


def _locked() -> str:
    return LOCKED.format(tries=TRIES, minutes=int(LOCKED_FOR.total_seconds() // 60))


def _offered(ask: Ask) -> str | None:
    """The secret we offered this worker a moment ago, from the form it came back in."""
    if not (kept := ask.sent("kept")):
        return None
    try:
        staff_id, secret, until = ask.parts.store.sealer.open_json(kept.encode())
    except Exception:
        return None
    return secret if staff_id == ask.me.staff_id and until > ask.now.timestamp() else None


def _finished(unit: UnitOfWork, ask: Ask, **details: str) -> str:
    """Signed in: a session of its own, so that no cookie known before it is worth anything."""
    was_right(unit, ask.me.staff_id, all_of_it=True)
    unit.audit("signed in", f"staff:{ask.me.staff_id}", **details)
    return start_session(unit, ask.me.staff_id, finished=True, instead_of=ask.me.digest)


def _out(ask: Ask) -> Response:
    """Too many wrong codes: whoever this is begins again, after the wait."""
    digest = ask.me.digest
    ask.write(lambda unit: end_session(unit, digest))
    ask.who = None
    response = sign_in_page(ask, _locked(), 429)
    response.delete_cookie(COOKIE, path=BASE)
    return response


def _in(ask: Ask, token: str) -> Response:
    response = ask.go(local(ask.sent("next")))
    ask.set_cookie(response, COOKIE, token)
    return response
