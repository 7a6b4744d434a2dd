"""Only Twilio's own webhooks are believed."""

from __future__ import annotations

import hashlib
import json

import pytest
from twilio.request_validator import HMAC_SHA256, RequestValidator

from bot.channels.twilio_signature import addresses, is_signed
from bot.channels.twilio_webhooks import read_form
from tests.support.payloads import twilio

TOKEN = "12345678901234567890123456789012"
KEY = "a shared key of webhooks"
URL = "https://linkline.example/webhooks/twilio/messages"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"


def signed(url, form, secret=TOKEN, algorithm=None):
    headers = {"X-Twilio-Signature": RequestValidator(secret).compute_signature(url, form, algorithm)}
    if algorithm:
        headers[SETTINGS] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    return headers


def test_a_signed_webhook_is_believed():
    form = twilio("text")
    assert is_signed([URL], form, signed(URL, form), TOKEN)


def test_twilios_own_published_example():
    """The worked example of twilio.com/docs/usage/security, also in twilio-python's tests."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert is_signed([url], form, {"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}, "12345")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Twilio-Signature": ""},
        {"X-Twilio-Signature": "not a signature"},
        {"X-Twilio-Signature": "\udcff"},
        signed(URL, twilio("text"), secret="another token"),
        signed(URL + "x", twilio("text")),
        signed(URL, twilio("text", Body="something else")),
    ],
)
def test_anything_else_is_not(headers):
    assert not is_signed([URL], twilio("text"), headers, TOKEN)


def test_one_more_field_is_not_believed():
    form = twilio("text")
    assert not is_signed([URL], form | {"OptOutType": "STOP"}, signed(URL, form), TOKEN)


def test_header_names_come_in_lower_case_too():
    form = twilio("text")
    headers = {k.lower(): v for k, v in signed(URL, form, KEY, HMAC_SHA256).items()}
    assert is_signed([URL], form, headers, TOKEN, KEY)


def test_the_newer_signature_with_a_shared_key():
    form = twilio("text")
    headers = signed(URL, form, KEY, HMAC_SHA256)
    assert is_signed([URL], form, headers, TOKEN, KEY)
    assert not is_signed([URL], form, headers, TOKEN, "another key")
    assert not is_signed([URL], form, {k: v for k, v in headers.items() if k != SETTINGS}, TOKEN, KEY)


def test_the_newer_signature_with_the_auth_token():
    form = twilio("text")
    assert is_signed([URL], form, signed(URL, form, TOKEN, HMAC_SHA256), TOKEN)


def test_a_shared_key_does_not_open_the_older_signature():
    form = twilio("text")
    assert not is_signed([URL], form, signed(URL, form, KEY), TOKEN, KEY)


def test_an_unknown_algorithm_is_not_believed():
    form = twilio("text")
    headers = signed(URL, form) | {SETTINGS: "key=1,algorithm=HMAC_MD5"}
    assert not is_signed([URL], form, headers, TOKEN)


def test_no_token_believes_nobody():
    form = twilio("text")
    assert not is_signed([URL], form, signed(URL, form, ""), "")


@pytest.mark.parametrize("signed_for", ["https://linkline.example", "https://linkline.example:443"])
@pytest.mark.parametrize("public_url", ["https://linkline.example", "https://linkline.example:443"])
def test_with_and_without_the_port(signed_for, public_url):
    form = twilio("delivered")
    tail = "/webhooks/twilio/status?m=17"
    urls = addresses(public_url, "http://127.0.0.1:8000" + tail)
    assert is_signed(urls, form, signed(signed_for + tail, form), TOKEN)


def test_on_a_port_of_its_own():
    form = twilio("text")
    url = "http://127.0.0.1:8000/webhooks/twilio/messages"
    assert is_signed(addresses("", url), form, signed(url, form), TOKEN)


def test_behind_a_proxy_only_the_public_address_counts():
    form, inside = twilio("text"), "http://10.0.0.7:8000/webhooks/twilio/messages"
    urls = addresses("https://linkline.example", inside)
    assert is_signed(urls, form, signed(URL, form), TOKEN)
    assert not is_signed(urls, form, signed(inside, form), TOKEN)


def test_behind_a_proxy_that_serves_us_under_a_path():
    form = twilio("text")
    urls = addresses("https://ashby.example/linkline", "http://10.0.0.7:8000/webhooks/twilio/messages")
    url = "https://ashby.example/linkline/webhooks/twilio/messages"
    assert is_signed(urls, form, signed(url, form), TOKEN)


def test_our_own_id_in_the_address_is_part_of_the_signature():
    form, url = twilio("delivered"), "https://linkline.example/webhooks/twilio/status?m="
    headers = signed(url + "17", form)
    assert is_signed(addresses("", url + "17"), form, headers, TOKEN)
    assert not is_signed(addresses("", url + "18"), form, headers, TOKEN)


@pytest.mark.parametrize("host", ["[::1]", "[::1]:8000"])
def test_an_ipv6_address(host):
    form, url = twilio("text"), f"https://{host}/webhooks/twilio/messages"
    assert is_signed(addresses("", url), form, signed(url, form), TOKEN)


def test_a_field_that_comes_twice():
    """Twilio's rule: each value once, in order."""
    body = b"From=%2B447700900123&Body=b&Body=a&Body=b"
    headers = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(
            URL + "BodyaBodybFrom+447700900123", {}
        )
    }
    assert is_signed([URL], read_form(body), headers, TOKEN)


def test_a_json_body_is_held_by_its_digest():
    body = json.dumps({"hello": "wörld"}).encode()
    url = f"{URL}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = signed(url, {})
    assert is_signed([url], body, headers, TOKEN)
    assert not is_signed([url], body + b" ", headers, TOKEN)
    assert not is_signed([url], b"\xff", headers, TOKEN)


def test_a_json_body_without_a_digest_is_not_believed():
    assert not is_signed([URL], b"{}", signed(URL, {}), TOKEN)


def test_twilios_own_validator_agrees():
    form = twilio("text", Body="Diolch! £5 “quoted” 👋")
    signature = signed(URL, form)["X-Twilio-Signature"]
    assert RequestValidator(TOKEN).validate(URL, form, signature)
    assert is_signed([URL], form, {"X-Twilio-Signature": signature}, TOKEN)
