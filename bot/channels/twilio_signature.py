"""Whether a webhook really came from Twilio: the signature on it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import (
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
    get_signature_algorithm,
)

_DEFAULT_PORT = {"http": 80, "https": 443}
_validator = lru_cache(maxsize=4)(RequestValidator)


def is_signed(
    urls: Sequence[str],
    params: Mapping[str, str] | bytes,
    headers: Mapping[str, str],
    auth_token: str,
    shared_key: str = "",
) -> bool:
    """Whether Twilio signed this request with one of our secrets.

    `urls` are the addresses it may have been sent to (see `addresses`), query included. `params`
    is the form, or the body as it came when that was JSON. `headers` takes lower-case or original
    names. `auth_token` is the account's; `shared_key` is the newer webhook key, whose requests name
    their algorithm (HMAC_SHA1 or HMAC_SHA256) in X-Twilio-Webhooks-Signature-Settings.

    The sums are twilio's own RequestValidator's. Its `validate` is not used: it works out both
    ports every time, compares character by character, and loses the host of an IPv6 address.
    """
    signature = _header(headers, SIGNATURE_HEADER)
    if not signature:
        return False
    settings = _header(headers, SIGNATURE_SETTINGS_HEADER)
    algorithm = get_signature_algorithm(settings)
    secrets = [shared_key, auth_token] if settings else [auth_token]
    given = signature.encode("utf-8", "surrogateescape")
    for secret in filter(None, secrets):
        validator = _validator(secret)
        for url in urls:
            form = params
            if isinstance(params, bytes):
                if not _is_body_of(params, url):
                    continue
                form = {}
            try:
                ours = validator.compute_signature(url, form, algorithm)
            except ValueError:  # an algorithm nobody has heard of
                return False
            if hmac.compare_digest(ours.encode(), given):
                return True
    return False


def addresses(public_url: str, requested: str) -> list[str]:
    """The addresses a request may have been signed for: as given, then with or without the port.

    `requested` is the whole URL as it reached us. Behind a proxy that is not what Twilio called,
    so with `public_url` set (LINKLINE_PUBLIC_URL) only the path and query of `requested` are used.
    Twilio is not consistent about signing the default port.
    """
    scheme, rest = requested.split("://", 1)
    host, slash, path = rest.partition("/")
    base = public_url or f"{scheme}://{host}"
    scheme, rest = base.split("://", 1)
    host, under, prefix = rest.partition("/")
    tail = under + prefix.rstrip("/") + slash + path if prefix else slash + path
    found = [f"{scheme}://{host}{tail}"]
    bare, colon, port = host.rpartition(":")
    if colon and port.isdigit():
        found.append(f"{scheme}://{bare}{tail}")
    elif scheme in _DEFAULT_PORT:
        found.append(f"{scheme}://{host}:{_DEFAULT_PORT[scheme]}{tail}")
    return found


def _is_body_of(body: bytes, url: str) -> bool:
    """Whether a JSON body is the one whose digest the signed address carries (bodySHA256)."""
    named = parse_qs(urlsplit(url).query).get("bodySHA256")
    if not named:
        return False
    try:
        ours = RequestValidator("").compute_hash(body.decode("utf-8"))
    except UnicodeDecodeError:
        return False
    return hmac.compare_digest(ours.encode(), named[0].encode("utf-8", "surrogateescape"))


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name) or headers.get(name.lower()) or ""
