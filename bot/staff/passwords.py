"""Passwords and the six-digit codes of the second step: made, checked, and used once."""

from __future__ import annotations

import secrets
from datetime import datetime

import pyotp
import segno
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: argon2-cffi's defaults are RFC 9106's low-memory profile.
HASHER = PasswordHasher()
#: Checked when there is no such worker, so that a wrong email takes as long as a wrong password.
_NOBODY = HASHER.hash(secrets.token_urlsafe(16))

SHORTEST = 12  # three random words, as the National Cyber Security Centre advises
STEP_SECONDS = 30


def hashed(password: str) -> str:
    """What is kept of a password."""
    return HASHER.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether this is the password. Takes about as long whoever it is."""
    try:
        return HASHER.verify(kept or _NOBODY, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def what_is_wrong_with(password: str, again: str, email: str, name: str) -> str | None:
    """Why this cannot be a new password, in plain words; None when it can."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Three words that only you would put together work well."
    plain = password.casefold()
    known = [*email.casefold().split("@")[:1], *name.casefold().split()]
    if any(len(word) > 3 and word in plain for word in known):
        return "Leave out your name and your email address: others would try those first."
    if len(set(plain)) < 5:
        return "Use more different letters: this one is quick to guess."
    if password != again:
        return "The two are not the same. Type the new password twice."
    return None


def one_time_password() -> str:
    """A first password to read out to someone, without letters that look alike: changed when it is used."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def new_secret() -> str:
    """A secret for an authenticator app."""
    return pyotp.random_base32()


def picture_of(secret: str, email: str, service: str) -> str:
    """The secret as a QR code, in a data: address for an <img>."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=service)
    return segno.make(uri, error="m").svg_data_uri(scale=5, border=2)


def step_of(code: str, secret: str, now: datetime) -> int | None:
    """The half minute this code belongs to: the present one, or one either side (clocks differ); or None."""
    code = "".join(code.split())
    if len(code) != 6 or not code.isascii() or not code.isdigit():
        return None
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    right = [
        s for s in (present - 1, present, present + 1) if secrets.compare_digest(totp.generate_otp(s), code)
    ]
    return right[-1] if right else None
