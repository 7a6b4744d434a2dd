"""Sealing what people tell us, and finding it again without opening it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class CannotOpen(Exception):
    """A sealed value that none of our keys opens: a key is missing from LINKLINE_KEYS."""


class Sealer:
    """Seals with the first key, opens with any. Lookups have a key of their own.

    `keys` are Fernet keys (url-safe base64, 32 bytes), newest first. A lookup is
    HMAC-SHA-256 of (kind, normalised value) in hex: it finds, and tells nothing.
    """

    def __init__(self, keys: Sequence[str], lookup_key: str):
        if not keys:
            raise ValueError("LINKLINE_KEYS is empty: nothing can be sealed")
        if not lookup_key:
            raise ValueError("LINKLINE_LOOKUP_KEY is empty: nobody could be found again")
        self._fernet = MultiFernet([Fernet(k) for k in keys])
        self._lookup_key = lookup_key.encode()

    def seal(self, words: str) -> bytes:
        """Words, sealed."""
        return self._fernet.encrypt(words.encode())

    def open(self, sealed: bytes) -> str:
        """The words again. Raises CannotOpen."""
        try:
            return self._fernet.decrypt(bytes(sealed)).decode()
        except InvalidToken:
            raise CannotOpen("a sealed value cannot be opened with the keys we have") from None

    def seal_json(self, value: Any) -> bytes:
        """Anything JSON can hold, sealed."""
        return self._fernet.encrypt(orjson.dumps(value))

    def open_json(self, sealed: bytes) -> Any:
        """The value again. Raises CannotOpen."""
        try:
            return orjson.loads(self._fernet.decrypt(bytes(sealed)))
        except InvalidToken:
            raise CannotOpen("a sealed value cannot be opened with the keys we have") from None

    def reseal(self, sealed: bytes) -> bytes:
        """The same value under the newest key."""
        return self._fernet.rotate(bytes(sealed))

    def lookup(self, kind: str, value: str) -> str:
        """What to search by: `kind` ("sms", "name word", …) keeps one sort from matching another."""
        return hmac.new(self._lookup_key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()


def maybe_open(sealer: Sealer, sealed: bytes | None) -> str:
    """The words, or nothing where nothing was kept."""
    return sealer.open(sealed) if sealed is not None else ""
