"""The service ends when it is asked to, also while people have its pages open."""

from __future__ import annotations

import re
from contextlib import ExitStack

import httpx

from tests.support.service import running_service
from tests.support.town import Worker, until


def test_open_pages_are_let_go_and_nothing_is_cut_off(tmp_path):
    with running_service(tmp_path) as service, ExitStack() as open_:
        browser = open_.enter_context(httpx.Client(base_url=service.url, timeout=30))
        browser.get("/chat")
        browser.post("/chat/messages", json={"text": "hello"}).raise_for_status()
        first = re.search(r"email\s+(\S+)\s+password\s+(\S+)", service.log)
        assert first, service.log
        worker = Worker(service.url).arrives(*first.groups())
        pages = [
            (browser, "/chat/events"),
            (browser, "/phone/events?number=07700900123"),
            (worker._http, "/staff/changes"),
        ]
        streams = [open_.enter_context(client.stream("GET", path)) for client, path in pages]
        assert [stream.status_code for stream in streams] == [200, 200, 200]

        service.stop()

        ends = [b"".join(stream.iter_raw()) for stream in streams]  # a page cut off would raise here
        assert len(ends) == 3
        worker.leaves()
    until(lambda: service.process.poll() is not None, "it is still running")
    assert service.process.returncode == 0
    assert "Traceback" not in service.log
    assert "exceeded" not in service.log
