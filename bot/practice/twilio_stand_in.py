"""A stand-in for Twilio: its REST protocol, its signed webhooks, and a carrier behind them.

It runs behind the practice phone, in the tests, and by itself:
`python -m bot.practice.twilio_stand_in --port 8801 --target http://127.0.0.1:8000`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import random
import re
import secrets
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import aiohttp

from bot.clock import Clock, SystemClock
from bot.practice.carrier import API_VERSION, Carrier, Habits, Problem, Text, new_sid
from bot.practice.samples import Sample, sample
from bot.practice.twilio_media import Media
from bot.practice.wire import Receive, Send, break_off, header, lifespan, never_answer, reply, whole_body

Answer = tuple[int, object, dict[str, str]]
_PATH = re.compile(rf"^/{API_VERSION}/Accounts/(AC\w+)/Messages(?:/(\w+))?\.json$")


@dataclass(frozen=True, slots=True)
class Call:
    """One webhook we called: about which text, and what was answered (0: nothing was)."""

    path: str
    sid: str
    status: str  # of the text, as told; "received" for one from a person
    answered: int


class TwilioStandIn:
    """An ASGI app that is Twilio to whoever points LINKLINE_TWILIO_API_URL at it.

    `target` is where the program under test is reached; texts from people go to its
    /webhooks/twilio/messages. `carrier` holds every text; `calls` every webhook and its answer.
    Webhooks are signed as Twilio signs them, for the address that is called, or for
    `signed_as` instead when a proxy stands between.
    """

    def __init__(
        self,
        target: str = "",
        *,
        account_sid: str = "",
        auth_token: str = "",
        number: str = "+447700900000",
        carrier: Carrier | None = None,
        clock: Clock | None = None,
        at_once: int = 32,
    ):
        self.account_sid = account_sid or new_sid("AC")
        self.auth_token = auth_token or secrets.token_hex(16)
        self.target = target.rstrip("/")
        self.signed_as = ""
        self.carrier = carrier or Carrier(self.account_sid, number, clock=clock or SystemClock())
        self.calls: list[Call] = []
        self._key = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        self._media = Media(self.carrier)
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task] = set()
        self._at_once = at_once
        self._room: asyncio.Semaphore | None = None

    @property
    def habits(self) -> Habits:
        """How the network behaves."""
        return self.carrier.habits

    async def text(
        self,
        from_: str,
        body: str = "",
        *,
        media: str | Sequence[Sample] = "",
        sid: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> tuple[str, int]:
        """Someone texts the service. Gives the MessageSid and what its webhook was answered.

        With `sid` of an earlier text it is the same text told again. `media` is one of voice,
        photo, video, file, or what is sent itself; `extra` are further fields of the form.
        """
        sent = [sample(media)] if isinstance(media, str) and media else media
        heard, kind = self.carrier.hear(from_, body, sid=sid, media=sent or ())
        form = self.form(heard, kind) | dict(extra or {})
        return heard.sid, await self._call("/webhooks/twilio/messages", form, "received")

    def form(self, heard: Text, opt_out_type: str = "") -> dict[str, str]:
        """What the webhook of a text from someone says."""
        form = {
            "ToCountry": "GB",
            "ToState": "",
            "SmsMessageSid": heard.sid,
            "NumMedia": str(len(heard.media)),
            "ToCity": "",
            "FromZip": "",
            "SmsSid": heard.sid,
            "FromState": "",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": heard.body,
            "FromCountry": "GB",
            "To": heard.to,
            "ToZip": "",
            "NumSegments": str(heard.segments),
            "MessageSid": heard.sid,
            "AccountSid": self.account_sid,
            "From": heard.from_,
            "ApiVersion": API_VERSION,
        }
        for n, (media, one) in enumerate(heard.media.items()):
            form[f"MediaContentType{n}"] = one.type
            form[f"MediaUrl{n}"] = self.carrier.media_url(heard, media)
        if opt_out_type and self.habits.tells_opt_out_type:
            form["OptOutType"] = opt_out_type
        return form

    async def tell(self, sid: str, status: str, error_code: int | None = None) -> int:
        """Tell one status of one of the service's texts. Gives what the webhook was answered."""
        text = self.carrier.texts[sid]
        if error_code is not None:
            text.error_code = error_code
        self.carrier.move(text, status)
        form = {
            "ApiVersion": API_VERSION,
            "MessageStatus": status,
            "SmsSid": sid,
            "SmsStatus": status,
            "To": text.to,
            "From": text.from_,
            "MessageSid": sid,
            "AccountSid": self.account_sid,
        }
        if text.error_code is not None and status in ("failed", "undelivered"):
            form["ErrorCode"] = str(text.error_code)
        if text.service_sid:
            form["MessagingServiceSid"] = text.service_sid
        return await self._call(text.status_callback, form, status)

    async def settled(self) -> None:
        """Wait until every receipt under way has been told."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Stop telling receipts, and let go of connections."""
        for task in list(self._tasks):
            task.cancel()
        await self.settled()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def sign(self, url: str, form: Mapping[str, str]) -> dict[str, str]:
        """The signature headers of a webhook to `url`."""
        signed = url + "".join(name + form[name] for name in sorted(form))
        if not self.habits.signs_sha256:
            digest = hmac.digest(self.auth_token.encode(), signed.encode(), hashlib.sha1)
            return {"X-Twilio-Signature": base64.b64encode(digest).decode()}
        digest = hmac.digest(self.auth_token.encode(), signed.encode(), hashlib.sha256)
        return {
            "X-Twilio-Signature": base64.b64encode(digest).decode(),
            "X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_practice,algorithm=HMAC_SHA256",
        }

    async def _call(self, url: str, form: Mapping[str, str], status: str) -> int:
        if not url:
            return 0
        if url.startswith("/"):
            url = self.target + url
        as_signed = self.signed_as + url.removeprefix(self.target) if self.signed_as else url
        headers = self.sign(as_signed, form) | {"I-Twilio-Idempotency-Token": secrets.token_hex(16)}
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))
        answered = 0
        for _ in range(self.habits.webhook_tries):
            try:
                async with self._session.post(url, data=form, headers=headers) as answer:
                    answered = answer.status
            except (aiohttp.ClientError, TimeoutError):
                answered = 0
            self.calls.append(Call(url.removeprefix(self.target), form["MessageSid"], status, answered))
            if 200 <= answered < 300:
                break
            await asyncio.sleep(0.2)
        return answered

    async def _tell_receipts(self, text: Text) -> None:
        if self._room is None:
            self._room = asyncio.Semaphore(self._at_once)
        statuses = self.carrier.statuses(text) * self.habits.receipts_each
        if not self.habits.receipts_in_order:
            random.shuffle(statuses)
        for status in statuses:
            if self.habits.receipt_delay:
                await asyncio.sleep(self.habits.receipt_delay)
            async with self._room:
                await self.tell(text.sid, status)

    def _later(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await lifespan(receive, send, self.close)
        body = await whole_body(receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path.startswith("/stand-in/"):
            return await reply(send, *await self._control(scope["method"], path, body))
        if self._media.is_stored(path):
            return await self._media.give_stored(scope, path, send)
        matched = _PATH.match(path) or self._media.path.match(path)
        if not matched:
            return await reply(send, *_problem(Problem(20404, "Not found", 404)))
        given = header(scope, "authorization")
        if matched[1] != self.account_sid or not hmac.compare_digest(given, f"Basic {self._key}"):
            return await reply(send, *_problem(Problem(20003, "Authenticate", 401)))
        if matched.re is self._media.path:
            return await reply(send, *self._media.answer(scope, matched, _NOT_THERE))
        if scope["method"] == "POST" and not matched[2]:
            return await self._take(body, receive, send)
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        await reply(send, *self._look(scope["method"], matched[2], path, query))

    async def _take(self, body: bytes, receive: Receive, send: Send) -> None:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        taken, trouble = self.carrier.take(form)
        if isinstance(taken, Text):
            self._later(self._tell_receipts(taken))
        if trouble == "hang":
            return await never_answer(receive)
        if trouble in ("drop", "lost"):
            return await break_off(send)
        if isinstance(taken, Problem):
            return await reply(send, *_problem(taken))
        await reply(send, *(201, self.carrier.resource(taken), {}))

    def _look(self, method: str, sid: str | None, path: str, query: Mapping[str, str]) -> Answer:
        if sid is None:
            return 200, self._page(path, query), {}
        if method == "DELETE" and self.carrier.forget(sid):
            return 204, None, {}
        text = self.carrier.texts.get(sid)
        if text is None or method == "DELETE":
            return _NOT_THERE
        return 200, self.carrier.resource(text), {}

    def _page(self, path: str, query: Mapping[str, str]) -> dict[str, object]:
        texts = self.carrier.thread(query["To"]) if query.get("To") else list(self.carrier.texts.values())
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        found = [t for t in reversed(texts) if _matches(t, query)]
        shown = found[page * size : (page + 1) * size]
        more = len(found) > (page + 1) * size
        here = f"{path}?PageSize={size}&Page="
        return {
            "end": page * size + len(shown) - 1,
            "first_page_uri": f"{here}0",
            "messages": [self.carrier.resource(t) for t in shown],
            "next_page_uri": f"{here}{page + 1}" if more else None,
            "page": page,
            "page_size": size,
            "previous_page_uri": f"{here}{page - 1}" if page else None,
            "start": page * size,
            "uri": f"{here}{page}",
        }

    async def _control(self, method: str, path: str, body: bytes) -> Answer:
        """What another process asks of this one: say something, behave otherwise, show what was seen."""
        asked = json.loads(body) if body else {}
        if path == "/stand-in/seen":
            texts = [self.carrier.resource(t) | {"told": t.told} for t in self.carrier.texts.values()]
            refused = [{"to": to, "code": problem.code} for to, problem in self.carrier.refused]
            return 200, {"texts": texts, "refused": refused, "calls": [asdict(c) for c in self.calls]}, {}
        if path == "/stand-in/texts" and method == "POST":
            if isinstance(files := asked.pop("files", None), list):
                asked["media"] = [Sample(type_, base64.b64decode(content)) for type_, content in files]
            sid, answered = await self.text(asked.pop("from"), asked.pop("body", ""), **asked)
            return 200, {"sid": sid, "answered": answered}, {}
        if path == "/stand-in/habits" and method == "POST":
            known = {f.name for f in fields(Habits)}
            for name in known & asked.keys():
                setattr(self.habits, name, asked[name])
            self.carrier.trouble_for.update(asked.get("trouble_for", {}))
            self.carrier.troubles.extend(asked.get("troubles", []))
            self.target = asked.get("target", self.target)
            return 200, asdict(self.habits), {}
        return _problem(Problem(20404, "Not found", 404))


def _matches(text: Text, query: Mapping[str, str]) -> bool:
    if query.get("From") and text.from_ != query["From"]:
        return False
    if query.get("To") and text.to != query["To"]:
        return False
    for name, holds in (
        ("DateSent", lambda a, b: a == b),
        ("DateSent<", lambda a, b: a <= b),
        ("DateSent>", lambda a, b: a >= b),
    ):
        if query.get(name) and not (
            text.sent and holds(text.sent.astimezone(UTC).date(), datetime.fromisoformat(query[name]).date())
        ):
            return False
    return True


def _problem(problem: Problem) -> Answer:
    said = {
        "code": problem.code,
        "message": problem.message,
        "more_info": f"https://www.twilio.com/docs/errors/{problem.code}",
        "status": problem.http,
    }
    return problem.http, said, {"retry-after": str(problem.retry_after)} if problem.retry_after else {}


_NOT_THERE = _problem(Problem(20404, "The requested resource was not found", 404))


def main() -> None:
    """Serve a stand-in on loopback until stopped, and say with what it is reached."""
    import uvicorn

    asked = argparse.ArgumentParser(description="A stand-in for Twilio, on this machine only.")
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--target", default="", help="where the program is: http://127.0.0.1:8000")
    asked.add_argument("--account-sid", default="")
    asked.add_argument("--auth-token", default="")
    asked.add_argument("--number", default="+447700900000")
    given = asked.parse_args()
    stand_in = TwilioStandIn(
        given.target, account_sid=given.account_sid, auth_token=given.auth_token, number=given.number
    )
    print(f"LINKLINE_TWILIO_API_URL=http://127.0.0.1:{given.port}")
    print(f"LINKLINE_TWILIO_ACCOUNT_SID={stand_in.account_sid}")
    print(f"LINKLINE_TWILIO_AUTH_TOKEN={stand_in.auth_token}")
    print(f"LINKLINE_TWILIO_FROM={given.number}", flush=True)
    uvicorn.run(stand_in, host="127.0.0.1", port=given.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
