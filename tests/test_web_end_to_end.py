"""The service as `make run` starts it: web chat and the practice phone, with all the real parts."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.service import Service, running_service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Started once for this file."""
    with running_service(tmp_path_factory.mktemp("service")) as running:
        yield running


class Resident:
    """Someone in web chat, as a program."""

    def __init__(self, service: Service, token: str):
        self.http = httpx.Client(base_url=service.url, headers={"X-Visitor": token}, timeout=30)

    def says(self, **message: str) -> list[dict]:
        """Send this; gives what we answered."""
        sent = self.http.post("/chat/messages", json=message)
        assert sent.status_code == 202, sent.text
        end = time.monotonic() + 20
        while time.monotonic() < end:
            said = self.http.get("/chat/messages", params={"after": sent.json()["id"]}).json()["messages"]
            if ours := [m for m in said if m["from"] != "you"]:
                return ours
            time.sleep(0.02)
        raise AssertionError("no answer")


def text_on(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text)))


def test_someone_begins_in_web_chat_and_presses_a_button(service: Service):
    ann = Resident(service, "ann-0123456789-0123456789")
    (greeting,) = ann.says(text="hello")
    assert "999" in greeting["text"] and len(greeting["choices"]) > 1

    (onward,) = ann.says(choice=greeting["choices"][0]["id"])
    assert onward["text"] != greeting["text"]
    assert onward["choices"]


def test_danger_is_answered_with_numbers_before_anything_else(service: Service):
    ann = Resident(service, "bea-0123456789-0123456789")
    first = ann.says(text="I want to die")[0]

    assert "999" in first["text"] and "116 123" in first["text"]
    assert first["choices"] == []


def test_the_practice_phone_is_answered_by_text_and_stop_is_the_carriers(service: Service):
    with httpx.Client(base_url=service.url, follow_redirects=True, timeout=30) as phone:
        hello = phone.post("/phone", data={"number": "07700 900123", "text": "HELLO"})
        assert re.search(r"999, not us.* \d+ segments? - ", text_on(hello))

        stopped = phone.post("/phone", data={"number": "07700 900123", "text": "STOP"})
        assert "from the phone company" in text_on(stopped)
        assert "07700 900123 stopped" in text_on(stopped)


def test_it_is_up_and_ready_and_says_how_much_waits(service: Service):
    with httpx.Client(base_url=service.url, timeout=30) as someone:
        assert someone.get("/healthz").status_code == 200
        assert someone.get("/readyz").text == "ready"
        assert 'linkline_waiting{for="turn"} 0.0' in someone.get("/metrics").text
        assert someone.get("/staff/", follow_redirects=True).status_code == 200


def test_nothing_that_was_said_is_in_the_log(service: Service):
    carl = Resident(service, "carl-0123456789-0123456789")
    carl.says(text="zanzibar marmalade")

    assert "zanzibar" not in service.log
    assert "carl-0123456789" not in service.log
    assert "Traceback" not in service.log
