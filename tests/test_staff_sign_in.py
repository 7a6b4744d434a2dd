"""Signing in to the staff pages: what a worker sees, and what nobody else can do."""

from __future__ import annotations

import pyotp
import pytest
from sqlalchemy import select

from bot.casework import staffing
from bot.staff.passwords import what_is_wrong_with
from bot.staff.sessions import digest_of
from bot.store.tables import Role, audit, staff, staff_session
from tests.support.seeds import PASSWORD, add_worker
from tests.support.staff_site import Visitor, staff_site

EMAIL = "bea@ashby.example"


@pytest.fixture
def bea(done):
    """A worker whose second step is not set up."""
    return done(lambda unit: add_worker(unit, EMAIL, "Bea Marsh", Role.LINK_WORKER))


@pytest.fixture
def visitor(site):
    return Visitor(site)


@pytest.fixture
def public(store):
    """A visitor to a service that others can reach: the second step is not to be skipped there."""
    url = "https://links.ashby.example"
    return Visitor(staff_site(store, public_url=url), url)


def sets_up_phone(visitor, clock):
    """Give the first code; the secret, for later ones."""
    secret = "".join(visitor.page.text.split('class="ll-secret">')[1].split("<")[0].split())
    visitor.presses("/sign-in/code", code=pyotp.TOTP(secret).at(clock.now()))
    return secret


def test_nobody_sees_a_page_before_signing_in(visitor, bea):
    for path in ("/", "/people", "/tasks", "/team", "/audit", "/me", "/handoffs/1", "/people/abc"):
        visitor.goes(path)
        assert visitor.at == "/sign-in"


def test_a_password_and_a_code_open_the_queue(visitor, bea, clock):
    visitor.signs_in(EMAIL)
    assert "Set up your phone" in visitor.text

    sets_up_phone(visitor, clock)

    assert (visitor.at, visitor.page.status_code) == ("/", 200)
    assert "Nobody is waiting" in visitor.text


def test_next_time_only_the_code_is_asked_for_and_it_works_once(visitor, site, bea, clock):
    visitor.signs_in(EMAIL)
    secret = sets_up_phone(visitor, clock)
    again = Visitor(site)
    again.signs_in(EMAIL)
    assert "Type the code from your phone" in again.text

    again.presses("/sign-in/code", code=pyotp.TOTP(secret).at(clock.now()))
    assert "That code did not work" in again.text

    clock.forward(seconds=30)
    again.presses("/sign-in/code", code=pyotp.TOTP(secret).at(clock.now()))
    assert again.at == "/"


def test_a_half_signed_in_worker_sees_nothing_and_does_nothing(visitor, ashby):
    visitor.signs_in(EMAIL)
    csrf = visitor.hidden("csrf")

    assert visitor.goes("/").url.path == "/staff/sign-in/code"
    visitor.presses(f"/handoffs/{ashby.ray.handoff_id}/pick-up", csrf=csrf)
    assert visitor.at == "/sign-in/code"


def test_the_second_step_waits_only_on_ones_own_machine(visitor, public, bea):
    visitor.signs_in(EMAIL)
    assert "Skip this for now" in visitor.text
    visitor.presses("/sign-in/skip")
    assert visitor.at == "/"

    public.signs_in(EMAIL)
    assert "Skip this" not in public.text
    public.presses("/sign-in/skip")
    assert public.page.status_code == 403


@pytest.mark.parametrize("email", [EMAIL, "nobody@ashby.example"])
def test_a_wrong_password_and_an_unknown_email_hear_the_same(visitor, bea, email):
    visitor.signs_in(email, "not this one")

    assert visitor.page.status_code == 401
    assert "That email and password do not match" in visitor.text


def test_five_wrong_tries_lock_kindly_and_time_opens_again(visitor, bea, clock, store):
    for _ in range(4):
        visitor.signs_in(EMAIL, "not this one")
    visitor.signs_in(EMAIL, "not this one")
    assert "That was 5 tries. To keep people's details safe, wait 15 minutes" in visitor.text

    visitor.signs_in(EMAIL)
    assert visitor.page.status_code == 429

    clock.forward(minutes=16)
    visitor.signs_in(EMAIL)
    assert "Set up your phone" in visitor.text
    with store.reading() as reading:
        assert "locked after wrong tries" in reading.execute(select(audit.c.action)).scalars().all()


def test_a_right_password_does_not_forget_wrong_codes(visitor, site, bea, clock):
    visitor.signs_in(EMAIL)
    sets_up_phone(visitor, clock)
    thief = Visitor(site)
    for _ in range(5):
        thief.signs_in(EMAIL)
        thief.presses("/sign-in/code", code="000000")

    assert thief.page.status_code == 429
    thief.signs_in(EMAIL)
    assert thief.page.status_code == 429


def test_a_form_from_somewhere_else_does_nothing(visitor, bea, store):
    visitor.goes("/sign-in")
    visitor.presses("/sign-in", email=EMAIL, password=PASSWORD, proof="guessed")
    assert visitor.page.status_code == 403

    visitor.signs_in(EMAIL)
    visitor.presses("/sign-in/skip", csrf="guessed")
    assert visitor.page.status_code == 403
    visitor.goes("/")
    assert visitor.at == "/sign-in/code"


def test_every_form_on_the_pages_carries_its_proof(at_work, ashby):
    lou = at_work("sam")
    for path in ("/", "/?show=all", f"/people/{ashby.josie.token}", "/people/new", "/tasks", "/team", "/me"):
        page = lou.goes(path).text
        forms = [f for f in page.split("<form")[1:] if 'method="post"' in f.split(">")[0]]
        assert forms, path
        for form in forms:
            assert 'name="csrf"' in form.split("</form>")[0], (path, form[:200])


def test_a_cookie_known_before_signing_in_is_worth_nothing_after(visitor, bea, store):
    visitor.signs_in(EMAIL)
    half = visitor.cookies["linkline_staff"]
    visitor.presses("/sign-in/skip")
    whole = visitor.cookies["linkline_staff"]

    assert whole != half
    with store.reading() as reading:
        kept = reading.execute(select(staff_session.c.token)).scalars().all()
    assert kept == [digest_of(whole)]


def test_the_cookie_is_for_this_server_alone(visitor, public, bea):
    for someone, secure in ((visitor, False), (public, True)):
        someone.goes("/sign-in")
        form = {"proof": someone.hidden("proof"), "email": EMAIL, "password": PASSWORD}
        cookie = {"Cookie": f"linkline_form={form['proof']}"}  # sent by hand: a Secure one needs https
        answer = someone.asks("POST", "/sign-in", follow=False, data=form, headers=cookie)
        cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("linkline_staff="))
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/staff" in cookie
        assert ("Secure" in cookie) is secure


@pytest.mark.parametrize(("away", "still_in"), [(59, True), (61, False)])
def test_an_hour_away_signs_out(visitor, bea, clock, away, still_in):
    visitor.signs_in(EMAIL)
    visitor.presses("/sign-in/skip")
    clock.forward(minutes=away)

    visitor.goes("/")

    assert (visitor.at == "/") is still_in


def test_twelve_hours_sign_out_even_at_work(visitor, bea, clock):
    visitor.signs_in(EMAIL)
    visitor.presses("/sign-in/skip")
    for _ in range(23):
        clock.forward(minutes=30)
        assert visitor.goes("/").url.path == "/staff/"
    clock.forward(minutes=30)

    assert visitor.goes("/").url.path == "/staff/sign-in"


def test_a_page_left_open_does_not_keep_someone_signed_in(visitor, bea, clock):
    visitor.signs_in(EMAIL)
    visitor.presses("/sign-in/skip")
    clock.forward(minutes=50)
    visitor.goes("/queue/rows")
    clock.forward(minutes=15)

    answer = visitor.goes("/queue/rows", **{"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == "/staff/sign-in"


def test_signing_out_ends_it(visitor, bea):
    visitor.signs_in(EMAIL)
    visitor.presses("/sign-in/skip")
    kept = visitor.cookies["linkline_staff"]

    visitor.presses("/sign-out")
    assert "You have signed out" in visitor.text
    visitor.cookies.set("linkline_staff", kept, path="/staff")
    assert visitor.goes("/").url.path == "/staff/sign-in"


def test_a_given_password_is_changed_at_once(visitor, done):
    done(lambda unit: staffing.add_staff(unit, EMAIL, "Bea Marsh", Role.LINK_WORKER, "given-once-only"))
    visitor.signs_in(EMAIL, "given-once-only")
    visitor.presses("/sign-in/skip")
    assert "Choose your own password" in visitor.text
    assert visitor.goes("/").url.path == "/staff/password"

    visitor.presses("/password", new="given-once-only", again="given-once-only")
    assert "That is the password you have now" in visitor.text
    visitor.presses("/password", new=PASSWORD, again=PASSWORD)

    assert visitor.at == "/"
    assert "Your new password is saved" in visitor.text


def test_a_new_password_signs_out_everywhere_else(visitor, site, bea):
    elsewhere = Visitor(site)
    for someone in (visitor, elsewhere):
        someone.signs_in(EMAIL)
        someone.presses("/sign-in/skip")
    visitor.goes("/password")

    visitor.presses("/password", old=PASSWORD, new="copper river lantern", again="copper river lantern")

    assert visitor.goes("/").url.path == "/staff/"
    assert elsewhere.goes("/").url.path == "/staff/sign-in"


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", "short", "at least 12 characters"),
        ("marsh-marsh-marsh", "marsh-marsh-marsh", "Leave out your name"),
        ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "more different letters"),
        ("copper river lantern", "copper river", "not the same"),
    ],
)
def test_what_cannot_be_a_password_says_why(password, again, said):
    assert said in (what_is_wrong_with(password, again, EMAIL, "Bea Marsh") or "")


def test_someone_who_left_is_signed_out(visitor, bea, done):
    visitor.signs_in(EMAIL)
    visitor.presses("/sign-in/skip")

    done(lambda unit: staffing.set_active(unit, bea, False))

    assert visitor.goes("/").url.path == "/staff/sign-in"
    visitor.signs_in(EMAIL)
    assert visitor.page.status_code == 401


@pytest.mark.parametrize(
    "onward", ["https://elsewhere.example/", "//elsewhere.example", "/staff/\\elsewhere", "/chat"]
)
def test_signing_in_never_leads_to_another_site(visitor, bea, onward):
    visitor.goes(f"/sign-in?next={onward}")

    assert visitor.hidden("next") == "/staff/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(visitor, ashby):
    visitor.goes(f"/people/{ashby.ray.token}")
    visitor.presses("/sign-in", email=EMAIL, password=PASSWORD)
    visitor.presses("/sign-in/skip")

    assert visitor.at == f"/people/{ashby.ray.token}"


def test_no_page_may_run_what_is_written_in_it(visitor, bea):
    for path in ("/sign-in", "/nowhere"):
        headers = visitor.goes(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["x-frame-options"] == "DENY"
    assert visitor.page.status_code == 404


def test_what_is_kept_of_a_password_and_a_phone_cannot_be_read(visitor, bea, clock, store):
    visitor.signs_in(EMAIL)
    secret = sets_up_phone(visitor, clock)

    with store.reading() as reading:
        row = reading.execute(select(staff)).one()
    assert row.password.startswith("$argon2id$") and PASSWORD not in row.password
    assert secret.encode() not in row.totp
