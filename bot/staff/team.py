"""The team: who works here, in which role, and when alerts may reach them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update
from starlette.responses import Response

from bot.casework import caseload, staffing
from bot.casework.staffing import Staff
from bot.clock import OpeningHours
from bot.staff import wording
from bot.staff.pages import Ask, NotFound, Refused
from bot.staff.passwords import hashed, one_time_password
from bot.staff.sessions import end_other_sessions
from bot.store.sealed import maybe_open
from bot.store.tables import Role, staff
from bot.store.unit_of_work import Reading, UnitOfWork


def team_page(ask: Ask, wrong: str = "", status: int = 200) -> Response:
    """Everyone, and a form to take someone on."""
    with ask.reading() as reading:
        members = staffing.all_staff(reading)
        loads = {load.staff.id: load for load in caseload.caseloads(reading)}
    members.sort(key=lambda member: (not member.active, member.name.casefold()))
    return ask.page("team.html", status, members=members, loads=loads, wrong=wrong, form=ask.form)


def add(ask: Ask) -> Response:
    """Take someone on, with a first password that works once."""
    password = one_time_password()
    kept = hashed(password)  # outside the transaction: it is slow on purpose
    email, name, role = ask.sent("email", 200), ask.sent("name", 80), ask.sent("role", 20)
    if role not in set(Role):
        role = Role.LINK_WORKER

    def work(unit: UnitOfWork) -> int:
        made = staffing.add_staff(unit, email, name, role)
        _give(unit, made, kept)
        return made

    try:
        ask.write(work)
    except staffing.AlreadyStaff:
        return team_page(ask, "Someone with this email address is on the team already.", 422)
    except ValueError:
        return team_page(ask, "Give an email address and a name.", 422)
    return ask.go("team", _first_password(name, password))


def member_page(ask: Ask, wrong: str = "", status: int = 200) -> Response:
    """One member: their role, alerts, and signing in."""
    with ask.reading() as reading:
        member = _member(ask, reading)
        chat = _chat(reading, member.id)
    return ask.page("member.html", status, member=member, chat=chat, wrong=wrong)


def change(ask: Ask) -> Response:
    """A new role, case limit or whether they work here."""
    role, active = ask.sent("role", 20), ask.sent("active") == "yes"
    limit = ask.sent("case_limit", 4)
    if role not in set(Role) or (limit and not limit.isdigit()):
        raise Refused("Choose a role, and give the case limit as a number or leave it empty.")

    def work(unit: UnitOfWork) -> Staff:
        member = _member(ask, unit)
        if (role != Role.ADMINISTRATOR or not active) and _last_administrator(unit, member):
            raise Refused("Somebody has to administer this. Make someone else an administrator first.")
        if role != member.role:
            unit.execute(update(staff).where(staff.c.id == member.id).values(role=Role(role)))
            unit.audit("role set", f"staff:{member.id}", role=role)
        if active != member.active:
            staffing.set_active(unit, member.id, active)
            if not active:
                end_other_sessions(unit, member.id)
        if (int(limit) if limit else None) != member.case_limit:
            staffing.set_case_limit(unit, member.id, int(limit) if limit else None)
        return member

    member = ask.write(work)
    return ask.go(f"team/{member.id}", "Saved.")


def new_password(ask: Ask) -> Response:
    """A first password again, for someone who forgot theirs; the phone too, if they lost it."""
    password = one_time_password()
    kept, phone = hashed(password), ask.sent("phone") == "yes"

    def work(unit: UnitOfWork) -> Staff:
        member = _member(ask, unit)
        _give(unit, member.id, kept)
        if phone:
            unit.execute(update(staff).where(staff.c.id == member.id).values(totp=None, totp_last_step=None))
            unit.audit("second step taken away", f"staff:{member.id}")
        end_other_sessions(unit, member.id, keep=ask.me.digest)
        return member

    member = ask.write(work)
    return ask.go(f"team/{member.id}", _first_password(member.name, password))


# -- a worker's own ------------------------------------------------------------------------


def my_page(ask: Ask, wrong: str = "", status: int = 200) -> Response:
    """Their own settings."""
    with ask.reading() as reading:
        member = staffing.staff_of(reading, ask.me.staff_id)
        chat = _chat(reading, ask.me.staff_id)
    return ask.page(
        "me.html", status, member=member, chat=chat, wrong=wrong, form=ask.form,
        team_hours=ask.parts.settings.opening_hours, telegram=ask.parts.settings.telegram_on,
    )  # fmt: skip


def my_name(ask: Ask) -> Response:
    """What they are called; people are told the first of it."""
    name = ask.sent("name", 80)
    if not name:
        raise Refused("Give the name people may know you by.")
    ask.write(lambda unit: staffing.rename(unit, ask.me.staff_id, name))
    return ask.go("me", "Saved.")


def my_alerts(ask: Ask) -> Response:
    """When and how alerts may reach them: that something waits, and nothing of whom."""
    by, hours, chat = ask.sent("alert_by", 20), ask.sent("hours", 200), ask.sent("telegram_chat", 40)
    if by not in wording.ALERTS:
        raise Refused("Choose how alerts may reach you.")
    try:
        if hours:
            OpeningHours.parse(hours)
    except ValueError as error:
        return my_page(ask, f"Those hours cannot be read: {error}.", 422)
    if by == "telegram" and not chat.lstrip("-").isdigit():
        return my_page(ask, "Give your Telegram chat number: only digits.", 422)
    ask.write(
        lambda unit: staffing.set_alerts(
            unit, ask.me.staff_id, alert_by=by, hours=hours or None, telegram_chat=chat
        )
    )
    return ask.go("me", "Saved.")


# -- helpers -------------------------------------------------------------------------------


def _first_password(name: str, password: str) -> str:
    return f"It works once, and is not shown again. Give {name} this first password: {password}"


def _give(unit: UnitOfWork, staff_id: int, kept: str) -> None:
    unit.execute(
        update(staff)
        .where(staff.c.id == staff_id)
        .values(password=kept, must_change_password=True, failed_sign_ins=0, locked_until=None)
    )
    unit.audit("first password given", f"staff:{staff_id}")


def _member(ask: Ask, reading: Reading) -> Staff:
    number = ask.path("staff_id")
    member = staffing.staff_of(reading, int(number)) if number.isdigit() else None
    if member is None:
        raise NotFound
    return member


def _last_administrator(reading: Reading, member: Staff) -> bool:
    if member.role is not Role.ADMINISTRATOR or not member.active:
        return False
    others: Any = select(func.count()).where(
        staff.c.role == Role.ADMINISTRATOR, staff.c.active, staff.c.id != member.id
    )
    return reading.execute(others).scalar_one() == 0


def _chat(reading: Reading, staff_id: int) -> str:
    sealed = reading.execute(select(staff.c.telegram_chat).where(staff.c.id == staff_id)).scalar()
    return maybe_open(reading.sealer, sealed)
