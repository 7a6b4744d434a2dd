"""Web chat by its fixed addresses: what someone sends, once; what they then read; what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import json

import httpx
import pytest
from sqlalchemy import func, select

from bot.messages import ChannelName, Choice, Kind
from bot.outbox.queue import queue_message
from bot.people.contact_points import known
from bot.store.tables import Role, inbox, person
from tests.support.seeds import add_worker
from tests.support.serving import serving
from tests.support.web_site import VISITOR, Answer, Web, until

ME = Choice("need:me", "Me, 18 or over")


def asks(message) -> list[Answer]:
    return [Answer("Who is it for?", (ME, Choice("need:other", "Someone else")))]


async def read(client, after: str = "") -> list[dict]:
    answer = await client.get("/chat/messages", params={"after": after} if after else {})
    assert answer.status_code == 200
    return answer.json()["messages"]


async def has_read(client, many: int) -> list[dict]:
    async with asyncio.timeout(10):
        while len(said := await read(client)) < many:
            await asyncio.sleep(0.01)
    return said


async def test_someone_writes_and_reads_our_answer(web: Web):
    web.answers = asks
    async with web.client(VISITOR) as visitor:
        sent = await visitor.post("/chat/messages", json={"text": "hello"})
        said = await has_read(visitor, 2)

    assert sent.status_code == 202
    assert [(m["from"], m["text"]) for m in said] == [("you", "hello"), ("us", "Who is it for?")]
    assert said[0]["id"] == sent.json()["id"]
    assert said[1]["choices"] == [
        {"id": "need:me", "label": "Me, 18 or over"},
        {"id": "need:other", "label": "Someone else"},
    ]
    assert all(set(m) == {"id", "from", "text", "choices", "at"} for m in said)


async def test_a_pressed_button_is_heard_as_that_choice_and_shown_by_its_label(web: Web):
    web.answers = lambda message: asks(message) if message.text else []
    async with web.client(VISITOR) as visitor:
        await visitor.post("/chat/messages", json={"text": "hello"})
        await has_read(visitor, 2)
        await visitor.post("/chat/messages", json={"choice": "need:me"})
        said = await has_read(visitor, 3)

    assert (web.heard[-1].kind, web.heard[-1].choice) == (Kind.BUTTON, "need:me")
    assert (said[-1]["from"], said[-1]["text"]) == ("you", "Me, 18 or over")


async def test_only_what_came_after_is_given_when_asked_so(web: Web):
    web.answers = asks
    async with web.client(VISITOR) as visitor:
        await visitor.post("/chat/messages", json={"text": "hello", "id": "first"})
        await has_read(visitor, 2)

        after_theirs = await read(visitor, after="first")
        after_ours = await read(visitor, after=after_theirs[0]["id"])

    assert [m["text"] for m in after_theirs] == ["Who is it for?"]
    assert after_ours == []


async def test_the_same_id_twice_is_one_message(web: Web):
    async with web.client(VISITOR) as visitor:
        answers = await asyncio.gather(
            *(visitor.post("/chat/messages", json={"text": "once", "id": "abc"}) for _ in range(20))
        )
        said = await read(visitor)

    assert {(a.status_code, a.json()["id"]) for a in answers} == {(202, "abc")}
    assert [m["text"] for m in said] == ["once"]
    assert len(web.heard) == 1


async def test_two_visitors_may_use_the_same_id(web: Web):
    async with web.client("visitor-one-0123456789") as one, web.client("visitor-two-0123456789") as two:
        await one.post("/chat/messages", json={"text": "I am one", "id": "1"})
        await two.post("/chat/messages", json={"text": "I am two", "id": "1"})

        assert [m["text"] for m in await read(one)] == ["I am one"]
        assert [m["text"] for m in await read(two)] == ["I am two"]


async def test_a_link_workers_words_say_who_wrote_them(web: Web):
    worker = web.store.run(
        lambda unit: add_worker(unit, "bea@ashby.example", "Bea", Role.LINK_WORKER), acting="test"
    ).result(20)
    async with web.client(VISITOR) as visitor:
        await visitor.post("/chat/messages", json={"text": "hello"})
        web.says(Answer("Hello Ray, it is Bea.", staff_id=worker))

        assert (await read(visitor))[-1]["from"] == "link worker"


async def test_someone_without_cookies_is_told_the_token_they_may_go_on_with(web: Web):
    async with web.client() as nobody:
        sent = await nobody.post("/chat/messages", json={"text": "hello"})
    token = sent.headers["x-visitor"]
    async with web.client(token) as visitor:
        said = await read(visitor)

    assert len(token) >= 22  # 128 bits in base64
    assert [m["text"] for m in said] == ["hello"]


async def test_a_visitor_sees_nothing_of_another(web: Web):
    web.answers = asks
    async with web.client(VISITOR) as visitor:
        await visitor.post("/chat/messages", json={"text": "this is mine"})
    async with web.client("somebody-else-0123456789") as other, web.client() as nobody:
        assert await read(other) == []
        assert await read(nobody) == []


async def test_what_was_held_back_is_not_shown(web: Web):
    """Queued, failed or not sent for safety's sake: only what delivery has sent is on the page."""
    async with web.client(VISITOR) as visitor:
        await visitor.post("/chat/messages", json={"text": "hello"})

        def queue(unit):
            point = known(unit, ChannelName.WEB, VISITOR)
            queue_message(
                unit,
                conversation_id=point.conversation_id,
                contact_point_id=point.id,
                channel=ChannelName.WEB,
                purpose="reply",
                text="not yet",
                language="en",
            )

        web.store.run(queue, acting="test").result(20)

        assert [m["text"] for m in await read(visitor)] == ["hello"]


async def test_the_language_of_the_page_and_the_poster_are_kept_for_the_first_words(web: Web):
    async with web.client(VISITOR, headers={"Accept-Language": "cy-GB,cy;q=0.9"}) as visitor:
        await visitor.post("/chat/messages", json={"text": "?", "source": "library"})

    assert (web.heard[0].language, web.heard[0].source) == ("cy", "library")
    with web.store.reading() as reading:
        assert reading.execute(select(person.c.language, person.c.source)).one() == ("cy", "library")


@pytest.mark.parametrize("text", ["", "   ", "é" * 4000, "👍", "a\x00b", "‮evil"])
async def test_any_words_are_taken(web: Web, text):
    async with web.client(VISITOR) as visitor:
        sent = await visitor.post("/chat/messages", json={"text": text})
        said = await read(visitor)

    assert sent.status_code == 202
    assert said[0]["text"] == text


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        (b"{}", 400, "nothing"),
        (b"[]", 400, "not-words"),
        (b"not json", 400, "not-words"),
        (b'{"text": 5}', 400, "not-words"),
        (b'{"text": ["a"]}', 400, "not-words"),
        (b'{"choice": {}}', 400, "not-words"),
        (b'{"text": "\\ud800"}', 400, "not-words"),
        (b'{"text": "a", "id": ""}', 400, "not-words"),
        (b'{"text": "a", "id": "us-1"}', 400, "not-words"),
        (b'{"text": "a", "id": "%s"}' % (b"x" * 65), 400, "not-words"),
        (json.dumps({"text": "a" * 10_001}).encode(), 413, "too-long"),
        (json.dumps({"text": "a" * 1_100_000}).encode(), 413, "too-long"),
    ],
)
async def test_what_cannot_be_taken_is_refused_kindly(web: Web, body, status, error):
    async with web.client(VISITOR) as visitor:
        answer = await visitor.post("/chat/messages", content=body)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["message"].endswith(".")
    assert web.heard == []


async def test_a_long_body_without_a_length_is_refused_too(web: Web):
    async def pieces():
        for _ in range(40):
            yield b"a" * 50_000

    async with web.client(VISITOR) as visitor:
        answer = await visitor.post("/chat/messages", content=pieces())

    assert (answer.status_code, answer.json()["error"]) == (413, "too-long")


async def test_a_full_disk_says_so_and_keeps_nothing(web: Web):
    web.full = True
    async with web.client(VISITOR) as visitor:
        answer = await visitor.post("/chat/messages", json={"text": "hello", "id": "1"})
        web.full = False
        again = await visitor.post("/chat/messages", json={"text": "hello", "id": "1"})
        said = await read(visitor)

    assert (answer.status_code, answer.json()["error"]) == (503, "not-stored")
    assert "999" in answer.json()["message"]
    assert answer.headers["retry-after"]
    assert again.status_code == 202
    assert [m["text"] for m in said] == ["hello"]


async def test_sorry_is_said_in_the_language_of_their_page(web: Web):
    web.full = True
    async with web.client(VISITOR, headers={"Accept-Language": "en"}) as visitor:
        answer = await visitor.post("/chat/messages", json={"text": "helo", "language": "cy"})

    assert "Mewn perygl? Ffoniwch 999." in answer.json()["message"]


async def test_a_flood_is_slowed_with_kind_words(web: Web):
    async with web.client(VISITOR) as visitor:
        answers = [await visitor.post("/chat/messages", json={"text": str(n)}) for n in range(70)]

    assert [a.status_code for a in answers[:50]] == [202] * 50
    assert answers[-1].status_code == 429
    assert "999" in answers[-1].json()["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_sites_page_cannot_write_for_someone(web: Web, headers):
    async with web.client(VISITOR) as visitor:
        answer = await visitor.post("/chat/messages", json={"text": "hello"}, headers=headers)

    assert answer.status_code == 403
    assert web.heard == []


@pytest.mark.parametrize("headers", [{"Origin": "http://127.0.0.1:8000"}, {"Sec-Fetch-Site": "same-origin"}])
async def test_our_own_page_can(web: Web, headers):
    async with web.client(VISITOR) as visitor:
        answer = await visitor.post("/chat/messages", json={"text": "hello"}, headers=headers)

    assert answer.status_code == 202


async def test_a_token_that_could_be_guessed_is_refused(web: Web):
    async with web.client("123", calls_from="203.0.113.5") as visitor:
        answer = await visitor.post("/chat/messages", json={"text": "hello"})

    assert (answer.status_code, answer.json()["error"]) == (400, "bad-visitor")


async def test_whoever_tries_it_out_on_the_machine_itself_may_call_themselves_anything(web: Web):
    async with web.client("ray") as ray, web.client("bea") as bea:
        answer = await ray.post("/chat/messages", json={"text": "hello"})
        of_ray, of_bea = await read(ray), await read(bea)

    assert answer.status_code == 202
    assert [m["text"] for m in of_ray] == ["hello"]
    assert of_bea == []


async def test_fifty_at_once_are_each_stored_once(web: Web):
    async with web.client(VISITOR) as visitor:
        await asyncio.gather(*(visitor.post("/chat/messages", json={"text": str(n)}) for n in range(50)))
        said = await read(visitor)

    assert sorted(int(m["text"]) for m in said) == list(range(50))
    with web.store.reading() as reading:
        assert reading.execute(select(func.count()).select_from(person)).scalar_one() == 1
        assert reading.execute(select(func.count()).select_from(inbox)).scalar_one() == 50


class Stream:
    """An open /chat/events: what it heard so far."""

    def __init__(self, client, **params):
        self._client, self._params = client, params
        self.heard: list[dict] = []

    async def __aenter__(self) -> Stream:
        self._opened = asyncio.Event()
        self._task = asyncio.create_task(self._listen())
        await self._opened.wait()
        return self

    async def __aexit__(self, *_) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        async with self._client.stream("GET", "/chat/events", params=self._params) as answer:
            self.status = answer.status_code
            self._opened.set()
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    self.heard.append(json.loads(line[5:]))

    @property
    def texts(self) -> list[str]:
        return [m["text"] for m in self.heard]


async def test_an_open_page_hears_of_each_message_once(web: Web):
    web.answers = asks
    async with serving(web.site) as served:
        headers = {"X-Visitor": VISITOR}
        async with httpx.AsyncClient(base_url=served.url, headers=headers, timeout=20) as visitor:
            async with Stream(visitor) as stream:
                await visitor.post("/chat/messages", json={"text": "hello"})
                await until(lambda: len(stream.heard) == 2)
                web.says(Answer("Are you still there?"))
                await until(lambda: len(stream.heard) == 3)

            assert stream.texts == ["hello", "Who is it for?", "Are you still there?"]
            assert stream.heard == await read(visitor)

            # A page that comes back goes on from where it was.
            async with Stream(visitor, after=stream.heard[0]["id"]) as again:
                await until(lambda: len(again.heard) == 2)
            assert again.texts == ["Who is it for?", "Are you still there?"]


async def test_a_visitor_has_only_a_few_open_pages(web: Web):
    async with serving(web.site) as served:
        headers = {"X-Visitor": VISITOR}
        async with (
            httpx.AsyncClient(base_url=served.url, headers=headers, timeout=20) as visitor,
            contextlib.AsyncExitStack() as pages,
        ):
            streams = [await pages.enter_async_context(Stream(visitor)) for _ in range(5)]

            assert [s.status for s in streams] == [200, 200, 200, 200, 204]
