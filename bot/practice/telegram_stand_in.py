"""A stand-in for Telegram's Bot API: one bot, private chats, polling and webhooks.

It runs in the tests, and by itself for the proofs:
`python -m bot.practice.telegram_stand_in --port 8802 --target http://127.0.0.1:8000/webhooks/telegram`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from python_multipart.multipart import Field, File, parse_form

from bot.clock import Clock, SystemClock
from bot.practice.samples import Sample
from bot.practice.telegram_chats import Chats, Failed
from bot.practice.wire import (
    Receive,
    Send,
    break_off,
    give,
    header,
    lifespan,
    never_answer,
    reply,
    whole_body,
)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True, slots=True)
class Called:
    """One webhook call: the update's id, and what was answered (0: nothing was)."""

    update_id: int
    answered: int


class TelegramStandIn:
    """An ASGI app that is Telegram to whoever points LINKLINE_TELEGRAM_API_URL at it.

    `chats` holds every message, and what is to go wrong; `calls` every webhook call and its
    answer; `asked` every method the bot used. A webhook not answered 2xx is called `webhook_tries`
    times; then its update stays in `waiting`, as at Telegram.
    """

    def __init__(
        self,
        token: str = "",
        *,
        username: str = "linkline_bot",
        clock: Clock | None = None,
        target: str = "",
        secret: str = "",
    ):
        self.token = token or f"{secrets.randbelow(9 * 10**9) + 10**9}:{secrets.token_hex(18)}"
        self.target, self.secret = target, secret
        self.chats = Chats(int(self.token.partition(":")[0]), username, clock or SystemClock())
        self.calls: list[Called] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.waiting: deque[dict[str, Any]] = deque()
        self.webhook_tries = 1
        self._update_id = 1000
        self._arrived: asyncio.Event | None = None
        self._session: aiohttp.ClientSession | None = None
        self._methods: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "getMe": lambda asked: self.chats.me(),
            "sendMessage": self.chats.send,
            "sendDocument": self.chats.send_document,
            "editMessageText": self.chats.edit,
            "editMessageReplyMarkup": self.chats.edit,
            "deleteMessage": self.chats.delete,
            "answerCallbackQuery": self.chats.answer_button,
            "getFile": self.chats.get_file,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "setMyCommands": lambda asked: True,
        }

    async def says(self, chat: int, text: str) -> int:
        """Someone writes. Gives what the webhook was answered (0 when updates are polled for)."""
        return await self.push({"message": self.chats.message(chat, text=text)})

    async def sends(self, chat: int, what: str, caption: str = "", file: Sample | None = None) -> int:
        """Someone sends something that is not text: a key of HOLDINGS; `file` is what, if not a sample."""
        return await self.push({"message": self.chats.holding(chat, what, caption, file)})

    async def edits(self, chat: int, message_id: int, text: str) -> int:
        """Someone corrects what they wrote."""
        return await self.push({"edited_message": self.chats.edited(chat, message_id, text)})

    async def presses(self, chat: int, data: str) -> int:
        """Someone presses the newest button in their chat that carries `data`."""
        return await self.push({"callback_query": self.chats.pressed(chat, data)})

    async def blocks(self, chat: int) -> int:
        """Someone blocks the bot."""
        return await self.push({"my_chat_member": self.chats.membership(chat, blocked=True)})

    async def unblocks(self, chat: int) -> int:
        """Someone lets the bot write again."""
        return await self.push({"my_chat_member": self.chats.membership(chat, blocked=False)})

    async def push(self, content: Mapping[str, Any]) -> int:
        """Hand one update on: to the webhook if one is set, else to whoever polls."""
        self._update_id += 1
        update = {"update_id": self._update_id, **content}
        if self.target:
            return await self.call(update)
        self.waiting.append(update)
        if self._arrived is not None:
            self._arrived.set()
        return 0

    async def call(self, update: Mapping[str, Any]) -> int:
        """Call the webhook with an update, perhaps one it has had before."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        answered = 0
        for _ in range(self.webhook_tries):
            try:
                async with self._session.post(self.target, json=update, headers=headers) as answer:
                    answered = answer.status
            except (aiohttp.ClientError, TimeoutError):
                answered = 0
            self.calls.append(Called(update["update_id"], answered))
            if 200 <= answered < 300:
                return answered
            await asyncio.sleep(0.2)
        self.waiting.append(dict(update))
        return answered

    async def try_again(self) -> None:
        """Call the webhook again with what it did not take, oldest first."""
        late, self.waiting = self.waiting, deque()
        for update in late:
            await self.call(update)

    async def close(self) -> None:
        """Let go of connections, and of whoever waits for updates."""
        if self._arrived is not None:
            self._arrived.set()
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _set_webhook(self, asked: Mapping[str, Any]) -> bool:
        self.target, self.secret = asked.get("url", ""), asked.get("secret_token", "")
        return True

    def _delete_webhook(self, asked: Mapping[str, Any]) -> bool:
        self.target = ""
        return True

    async def _get_updates(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        if self.target:
            raise Failed(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(asked.get("offset") or 0)
        while self.waiting and self.waiting[0]["update_id"] < offset:
            self.waiting.popleft()
        if not self.waiting and float(asked.get("timeout") or 0):
            self._arrived = asyncio.Event()
            try:
                await asyncio.wait_for(self._arrived.wait(), float(asked["timeout"]))
            except TimeoutError:
                pass
        return list(self.waiting)[: int(asked.get("limit") or 100)]

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await lifespan(receive, send, self.close)
        body = await whole_body(receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path.startswith("/file/"):
            return await self._give(scope, path, send)
        asked = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        sort = header(scope, "content-type")
        if sort.startswith("multipart/form-data"):
            asked |= _with_files(sort, body)
        elif body[:1] == b"{":
            asked |= json.loads(body)
        else:
            asked |= parse_qsl(body.decode(), keep_blank_values=True)
        if path.startswith("/stand-in/"):
            return await self._control(path, asked, send)
        head, _, method = path.rpartition("/")
        if head != f"/bot{self.token}":
            return await reply(send, 401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        try:
            if method == "getUpdates":
                result: Any = await self._get_updates(asked)
            elif method in self._methods:
                self.asked.append((method, asked))
                result = self._methods[method](asked)
            else:
                raise Failed(404, "Not Found")
        except Failed as failed:
            return await self._fail(failed, receive, send)
        await reply(send, 200, {"ok": True, "result": result})

    async def _give(self, scope: dict[str, Any], path: str, send: Send) -> None:
        """A file, from where getFile said. Telegram's file server says of nothing what it is."""
        ours = f"/file/bot{self.token}/files/"
        file = self.chats.files.get(path.removeprefix(ours)) if path.startswith(ours) else None
        if file is None:
            return await reply(send, 404, {"ok": False, "error_code": 404, "description": "Not Found"})
        await give(send, file.content, "application/octet-stream", header(scope, "range"))

    async def _fail(self, failed: Failed, receive: Receive, send: Send) -> None:
        if failed.description == "hang":
            return await never_answer(receive)
        if failed.code == 0:
            return await break_off(send)
        said: dict[str, Any] = {"ok": False, "error_code": failed.code, "description": failed.description}
        if failed.parameters:
            said["parameters"] = failed.parameters
        await reply(send, failed.code, said)

    async def _control(self, path: str, asked: dict[str, Any], send: Send) -> None:
        """What another process asks of this one: to say something, to be in trouble, what was seen."""
        if path == "/stand-in/seen":
            seen = {
                "messages": [asdict(m) for m in self.chats.messages],
                "calls": [asdict(c) for c in self.calls],
                "waiting": [u["update_id"] for u in self.waiting],
            }
            return await reply(send, 200, seen)
        if path == "/stand-in/says":
            return await reply(send, 200, {"answered": await self.says(int(asked["chat"]), asked["text"])})
        if path == "/stand-in/sends":
            file = None
            if asked.get("content"):
                content = base64.b64decode(asked["content"])
                file = Sample(asked.get("type", ""), content, asked.get("name", ""))
            what, caption = asked.get("what", "photo"), asked.get("caption", "")
            answered = await self.sends(int(asked["chat"]), what, caption, file)
            return await reply(send, 200, {"answered": answered})
        if path == "/stand-in/presses":
            answered = await self.presses(int(asked["chat"]), asked["data"])
            return await reply(send, 200, {"answered": answered})
        if path == "/stand-in/try-again":
            await self.try_again()
            return await reply(send, 200, {"waiting": len(self.waiting)})
        if path == "/stand-in/habits":
            self.chats.trouble_for.update({int(k): v for k, v in asked.get("trouble_for", {}).items()})
            self.chats.troubles.extend(asked.get("troubles", []))
            self.webhook_tries = int(asked.get("webhook_tries", self.webhook_tries))
            return await reply(send, 200, {})
        await reply(send, 404, {})


def _with_files(sort: str, body: bytes) -> dict[str, Any]:
    """A form with files in it, as the library sends a document: each file becomes a Sample."""
    said: dict[str, Any] = {}

    def on_field(field: Field) -> None:
        said[field.field_name.decode()] = (field.value or b"").decode()

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        type_ = (file.content_type or "application/octet-stream").partition(";")[0]
        said[file.field_name.decode()] = Sample(type_, file.file_object.read(), file.file_name.decode())

    parse_form({"Content-Type": sort.encode()}, BytesIO(body), on_field, on_file)
    # The library attaches a file under a name of its own, and says which.
    for name, value in list(said.items()):
        if isinstance(value, str) and value.startswith("attach://"):
            said[name] = said.get(value.removeprefix("attach://"))
    return said


def main() -> None:
    """Serve a stand-in on loopback until stopped, and say with what it is reached."""
    import uvicorn

    asked = argparse.ArgumentParser(description="A stand-in for Telegram, on this machine only.")
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--token", default="")
    asked.add_argument("--target", default="", help="the webhook; leave it out to be polled")
    asked.add_argument("--secret", default="")
    given = asked.parse_args()
    stand_in = TelegramStandIn(given.token, target=given.target, secret=given.secret)
    print(f"LINKLINE_TELEGRAM_API_URL=http://127.0.0.1:{given.port}")
    print(f"LINKLINE_TELEGRAM_TOKEN={stand_in.token}", flush=True)
    uvicorn.run(stand_in, host="127.0.0.1", port=given.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
