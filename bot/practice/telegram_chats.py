"""Private chats with one bot: what is in them, and the updates people's doings make."""

from __future__ import annotations

import copy
import json
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock, SystemClock
from bot.practice.samples import Sample, sample

_PHOTO = [
    {"file_id": "thumbnail", "file_unique_id": "t", "width": 90, "height": 90},
    {"file_id": "photo", "file_unique_id": "p", "width": 1280, "height": 960},
]
_FILE = {"file_id": "file", "file_unique_id": "f"}
#: What a message holds instead of text, as Telegram sends it.
HOLDINGS: dict[str, dict[str, Any]] = {
    "voice": {"voice": _FILE | {"duration": 3}},
    "audio": {"audio": _FILE | {"duration": 60}},
    "photo": {"photo": _PHOTO},
    "video": {"video": _FILE | {"width": 9, "height": 9, "duration": 3}},
    "video_note": {"video_note": _FILE | {"length": 9, "duration": 3}},
    "animation": {
        "animation": _FILE | {"width": 9, "height": 9, "duration": 3},
        "document": _FILE,
    },
    "sticker": {
        "sticker": _FILE
        | {"type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False}
    },
    "document": {"document": _FILE},
    "location": {"location": {"latitude": 52.7, "longitude": -1.5}},
    "contact": {"contact": {"phone_number": "+447700900999", "first_name": "Jo"}},
    "pinned_message": {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
}

#: The largest file a bot may fetch (core.telegram.org/bots/api#getfile).
MOST_TO_FETCH = 20 * 1024 * 1024


@dataclass(slots=True)
class Said:
    """One message in a chat. `buttons` are (label, callback_data), row by row."""

    chat: int
    message_id: int
    text: str
    from_bot: bool
    buttons: list[list[tuple[str, str]]] = field(default_factory=list)
    told: bool = True  # False when our answer to sendMessage was lost on the way
    file: str = ""  # the file_id of what came with it


class Failed(Exception):
    """A method Telegram answers with ok: false. Code 0: not answered at all."""

    def __init__(self, code: int, description: str, **parameters: int):
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


@dataclass
class Chats:
    """Telegram's memory of one bot's chats, and its rules. Nothing here goes over a wire.

    What goes wrong with sendMessage is a word, by chat in `trouble_for` or for the next sends in
    `troubles`: "400", "403", "429:7" (with seconds to wait), "500", "502", "hang" (taken, never
    answered), "drop" (taken, the answer breaks off), "lost" (not taken, and the line breaks off).
    """

    bot_id: int
    username: str = "linkline_bot"
    clock: Clock = field(default_factory=SystemClock)
    messages: list[Said] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    languages: dict[int, str] = field(default_factory=dict)
    trouble_for: dict[int, str] = field(default_factory=dict)
    troubles: deque[str] = field(default_factory=deque)
    answered_buttons: list[str] = field(default_factory=list)
    files: dict[str, Sample] = field(default_factory=dict)  # what people sent, by its file_id
    _message_id: int = 100
    _queries: set[str] = field(default_factory=set)

    def message(self, chat: int, **content: Any) -> dict[str, Any]:
        """A message from a person, as Telegram would send it."""
        self.known.add(chat)
        self._message_id += 1
        if "text" in content:
            self.messages.append(Said(chat, self._message_id, content["text"], from_bot=False))
        return {
            "message_id": self._message_id,
            "from": self._person(chat),
            "chat": self._chat(chat),
            "date": self.now(),
            **content,
        }

    def holding(self, chat: int, what: str, caption: str = "", file: Sample | None = None) -> dict[str, Any]:
        """Someone sends something that is not text: a key of HOLDINGS, holding `file` or a sample."""
        held = copy.deepcopy(HOLDINGS[what])
        for one in held.values():
            self._keep(what, one, file)
        return self.message(chat, **held | ({"caption": caption} if caption else {}))

    def get_file(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """getFile: where a file lies for the next hour. Raises Failed."""
        file_id = str(asked.get("file_id", ""))
        file = self.files.get(file_id)
        if file is None:
            raise Failed(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(file.content) > MOST_TO_FETCH:
            raise Failed(400, "Bad Request: file is too big")
        found = {"file_id": file_id, "file_unique_id": file_id[-8:], "file_size": len(file.content)}
        return found | {"file_path": f"files/{file_id}"}

    def edited(self, chat: int, message_id: int, text: str) -> dict[str, Any]:
        """Someone corrects what they wrote."""
        return self.message(chat, text=text) | {"message_id": message_id, "edit_date": self.now()}

    def pressed(self, chat: int, data: str) -> dict[str, Any]:
        """Someone presses the newest button in their chat that carries `data`."""
        for said in reversed(self.messages):
            if said.chat == chat and any(d == data for row in said.buttons for _, d in row):
                break
        else:
            raise LookupError("there is no such button in that chat")
        query = secrets.token_hex(8)
        self._queries.add(query)
        under = {"message_id": said.message_id, "date": self.now(), "chat": self._chat(chat)}
        return {
            "id": query,
            "from": self._person(chat),
            "message": under | {"text": said.text, "from": self.me()},
            "chat_instance": "1",
            "data": data,
        }

    def membership(self, chat: int, *, blocked: bool) -> dict[str, Any]:
        """Someone blocks the bot, or lets it write again."""
        (self.blocked.add if blocked else self.blocked.discard)(chat)
        was, now = ("member", "kicked") if blocked else ("kicked", "member")
        extra = {"kicked": {"until_date": 0}, "member": {}}
        return {
            "chat": self._chat(chat),
            "from": self._person(chat),
            "date": self.now(),
            "old_chat_member": {"user": self.me(), "status": was} | extra[was],
            "new_chat_member": {"user": self.me(), "status": now} | extra[now],
        }

    def last(self, chat: int) -> Said | None:
        """The newest message of the bot in a chat."""
        return next((m for m in reversed(self.messages) if m.chat == chat and m.from_bot), None)

    def send(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """sendMessage. Raises Failed; its description is the trouble itself when nobody is answered."""
        return self._said(asked, str(asked.get("text", "")), 4096)

    def send_document(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """sendDocument, with its file as a Sample in `document`. Raises Failed, as `send` does."""
        file, caption = asked.get("document"), str(asked.get("caption", ""))
        if not isinstance(file, Sample) or not file.content:
            raise Failed(400, "Bad Request: there is no document in the request")
        if len(caption) > 1024:
            raise Failed(400, "Bad Request: message caption is too long")
        shown = self._said(asked, caption, 1024, file)
        caption = {"caption": shown.pop("text")} if caption else {}
        kept = {"file_id": self.messages[-1].file, "file_unique_id": "d", "file_name": file.name}
        return shown | caption | {"document": kept | {"file_size": len(file.content)}}

    def _said(
        self, asked: Mapping[str, Any], text: str, most: int, file: Sample | None = None
    ) -> dict[str, Any]:
        chat = int(asked["chat_id"])
        trouble = self.troubles.popleft() if self.troubles else self.trouble_for.get(chat, "")
        name, _, seconds = trouble.partition(":")
        if name == "429":
            wait = int(seconds or 1)
            raise Failed(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        if name in ("400", "500", "502", "503"):
            raise Failed(int(name), {"400": "Bad Request: wrong"}.get(name, "Internal Server Error"))
        if name == "lost":
            raise Failed(0, trouble)
        if name == "403" or chat in self.blocked:
            raise Failed(403, "Forbidden: bot was blocked by the user")
        if chat not in self.known:
            raise Failed(400, "Bad Request: chat not found")
        if not text.strip() and file is None:
            raise Failed(400, "Bad Request: message text is empty")
        if len(text) > most:
            raise Failed(400, "Bad Request: message is too long")
        buttons = []
        if markup := asked.get("reply_markup"):
            for row in (json.loads(markup) if isinstance(markup, str) else markup)["inline_keyboard"]:
                if any(not 1 <= len(b["callback_data"].encode()) <= 64 for b in row):
                    raise Failed(400, "Bad Request: BUTTON_DATA_INVALID")
                buttons.append([(b["text"], b["callback_data"]) for b in row])
        self._message_id += 1
        said = Said(chat, self._message_id, text, True, buttons, told=name not in ("hang", "drop"))
        if file is not None:
            said.file = secrets.token_urlsafe(24)
            self.files[said.file] = file
        self.messages.append(said)
        if not said.told:
            raise Failed(0, trouble)
        return self.shown(said)

    def edit(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """editMessageText and editMessageReplyMarkup. Raises Failed."""
        said = self._find(asked, "message to edit not found")
        said.text, said.buttons = str(asked.get("text", said.text)), []
        return self.shown(said)

    def delete(self, asked: Mapping[str, Any]) -> bool:
        """deleteMessage. Raises Failed."""
        self.messages.remove(self._find(asked, "message to delete not found"))
        return True

    def answer_button(self, asked: Mapping[str, Any]) -> bool:
        """answerCallbackQuery. Raises Failed."""
        query = asked.get("callback_query_id")
        if query not in self._queries:
            raise Failed(400, "Bad Request: query is too old and response timeout expired")
        self._queries.discard(query)
        self.answered_buttons.append(query)
        return True

    def shown(self, said: Said) -> dict[str, Any]:
        """A message of the bot as Telegram shows it."""
        shown = {"message_id": said.message_id, "from": self.me(), "chat": self._chat(said.chat)}
        return shown | {"date": self.now(), "text": said.text}

    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def me(self) -> dict[str, Any]:
        """The bot itself, as getMe gives it."""
        name = {"id": self.bot_id, "is_bot": True, "first_name": "Linkline", "username": self.username}
        return name | {
            "can_join_groups": False,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def _keep(self, what: str, held: Any, file: Sample | None) -> None:
        """Give each file of a message a name of its own, and keep its bytes."""
        if isinstance(held, list):  # a photo comes in several sizes, the largest last
            for size in held[:-1]:
                self._keep(what, size, Sample("image/png", b"a small size", ""))
            held = held[-1]
        if "file_id" not in held:
            return
        file = file or sample(what)
        held["file_id"] = secrets.token_urlsafe(24)
        held["file_size"] = len(file.content)
        if what in ("voice", "audio", "video", "animation", "document"):
            held["mime_type"] = file.type
        if what in ("audio", "video", "animation", "document") and file.name:
            held["file_name"] = file.name
        self.files[held["file_id"]] = file

    def _find(self, asked: Mapping[str, Any], missing: str) -> Said:
        for said in self.messages:
            if said.chat == int(asked["chat_id"]) and said.message_id == int(asked["message_id"]):
                return said
        raise Failed(400, f"Bad Request: {missing}")

    def _person(self, chat: int) -> dict[str, Any]:
        language = self.languages.get(chat, "en")
        return {"id": chat, "is_bot": False, "first_name": "Ray", "language_code": language}

    def _chat(self, chat: int) -> dict[str, Any]:
        return {"id": chat, "type": "private", "first_name": "Ray"}
