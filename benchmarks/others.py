"""The same eight-step dialogue with two well-known libraries, in this process, sending to nobody.

What they are given is less than what we do, and it is said beside each figure: no webhook comes over a
wire, no signature is checked, nothing is sealed, no words are looked at for safety, nothing is sent.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from aiogram import Bot as AiogramBot
from aiogram import Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import Message as AiogramMessage
from telegram import Update, User
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackContext,
    ConversationHandler,
    ExtBot,
    MessageHandler,
    PicklePersistence,
    filters,
)

from benchmarks.figures import Spread, table
from benchmarks.walking import STEPS, texts

PEOPLE = 500
QUESTIONS = (
    "Who is it for?\n1 Me\n2 Someone else",
    "Do you live in Ashby?\n1 Yes\n2 No",
    "Is it safe for us to use this phone?\n1 Yes\n2 No",
    "When is a good time to ring you?\n1 Any weekday\n2 Mornings",
    "What matters to you just now?",
    "What name shall we call you?",
    "May I pass this to our link workers?\n1 Yes\n2 No",
    "Done. A link worker will ring you.",
)
_TOKEN = "1:aa"
_ANSWERS = tuple(f"answer {n}" for n in range(STEPS))

#: Takes one update, as Telegram's JSON already read, all the way.
Take = Callable[[dict[str, Any]], Awaitable[object]]


def updates(people: range) -> list[dict[str, Any]]:
    """What Telegram would bring, a step of everybody at a time."""
    made = []
    for step in range(STEPS):
        for person in people:
            someone = {"id": person + 1, "is_bot": False, "first_name": "Ray"}
            message = {
                "message_id": step + 1,
                "date": 1_700_000_000,
                "chat": {"id": person + 1, "type": "private", "first_name": "Ray"},
                "from": someone,
                "text": texts(person)[step],
            }
            made.append({"update_id": len(made) + 1, "message": message})
    return made


@asynccontextmanager
async def ptb(*, each_turn: bool) -> AsyncIterator[tuple[Take, list[str]]]:
    """python-telegram-bot's ConversationHandler with PicklePersistence."""
    said: list[str] = []

    class Bot(ExtBot[None]):
        async def get_me(self, *args: Any, **kwargs: Any) -> User:
            self._bot_user = User(1, "Linkline", True)
            return self._bot_user

        async def send_message(self, chat_id: Any, text: str, *args: Any, **kwargs: Any) -> Any:
            said.append(text)

    def step(n: int) -> MessageHandler[Any, Any]:
        async def answer(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> int:
            assert update.message is not None and context.user_data is not None
            context.user_data[_ANSWERS[n]] = update.message.text
            await context.bot.send_message(update.message.chat_id, QUESTIONS[n])
            return n + 1 if n + 1 < STEPS else ConversationHandler.END

        return MessageHandler(filters.TEXT, answer)

    with tempfile.TemporaryDirectory() as folder:
        bot = Bot(_TOKEN)
        application: Application[Any, Any, Any, Any, Any, Any] = (
            ApplicationBuilder().bot(bot).updater(None)
            .persistence(PicklePersistence(Path(folder) / "pickle")).job_queue(None).build()
        )  # fmt: skip
        application.add_handler(
            ConversationHandler(
                entry_points=[step(0)],
                states={n: [step(n)] for n in range(1, STEPS)},
                fallbacks=[],
                name="intake",
                persistent=True,
                allow_reentry=False,
            )
        )
        await application.initialize()

        async def take(update: dict[str, Any]) -> None:
            await application.process_update(Update.de_json(update, bot))
            if each_turn:
                await application.update_persistence()

        yield take, said
        await application.update_persistence()


@asynccontextmanager
async def aiogram(storage: BaseStorage) -> AsyncIterator[tuple[Take, list[str]]]:
    """aiogram's finite state machine with the storage it is given."""
    said: list[str] = []

    class Nobody(BaseSession):
        async def make_request(self, bot: AiogramBot, method: Any, timeout: Any = None) -> Any:
            said.append(method.text)

        async def close(self) -> None: ...

        async def stream_content(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
            yield b""

    states = [State(f"step{n}", group_name="Intake") for n in range(STEPS)]
    bot = AiogramBot(_TOKEN, session=Nobody())
    dispatcher = Dispatcher(storage=storage)

    def step(n: int) -> Callable[..., Awaitable[None]]:
        async def answer(message: AiogramMessage, state: FSMContext) -> None:
            await state.update_data({_ANSWERS[n]: message.text})
            await message.answer(QUESTIONS[n])
            if n + 1 < STEPS:
                await state.set_state(states[n + 1])
            else:
                await state.clear()

        return answer

    for n in range(STEPS):
        dispatcher.message.register(step(n), states[n] if n else StateFilter(None))

    async def take(update: dict[str, Any]) -> None:
        await dispatcher.feed_raw_update(bot, update)

    yield take, said
    await storage.close()


async def a_second(other: AbstractAsyncContextManager[tuple[Take, list[str]]]) -> float:
    """Turns a second, warm: everyone takes a step in turn. Raises RuntimeError if anyone was not answered."""
    async with other as (take, said):
        for update in updates(range(PEOPLE, PEOPLE + 50)):
            await take(update)
        said.clear()
        coming = updates(range(PEOPLE))
        began = time.perf_counter()
        for update in coming:
            await take(update)
        took = time.perf_counter() - began
    if said != [question for question in QUESTIONS for _ in range(PEOPLE)]:
        raise RuntimeError("not everyone was asked every question")
    return len(coming) / took


def sqlite_storage(folder: Path) -> BaseStorage | None:
    """Somebody's storage on SQLite, where it is installed (pip install aiogram-sqlite-storage)."""
    try:
        module = importlib.import_module("aiogram_sqlite_storage.sqlitestore")
    except ImportError:
        return None
    return module.SQLStorage(str(folder / "fsm.db"), serializing_method="json")


def report(runs: int) -> str:
    """All of them, as a table, with what each does not do."""
    logging.getLogger("aiogram").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        measured: list[tuple[str, str, Callable[[], Any]]] = [
            (
                "python-telegram-bot, ConversationHandler, PicklePersistence",
                "on disk once a minute, not synced: a crash loses up to a minute of turns",
                lambda: ptb(each_turn=False),
            ),
            (
                "the same, told to write after each turn",
                "the whole file again each time, not synced: slower with every person",
                lambda: ptb(each_turn=True),
            ),
            (
                "aiogram, FSM, MemoryStorage",
                "nothing on disk: a restart forgets everyone",
                lambda: aiogram(MemoryStorage()),
            ),
        ]
        if sqlite_storage(Path(folder)) is not None:
            measured.append(
                (
                    "aiogram, FSM, aiogram-sqlite-storage",
                    "state and answers each committed alone; a repeated update is a second turn",
                    lambda: aiogram(sqlite_storage(Path(folder))),  # type: ignore[arg-type]
                )
            )
        rows = []
        for name, lacks, other in measured:
            rows.append((name, str(Spread.of(asyncio.run(a_second(other())) for _ in range(runs))), lacks))
    return "\n\n".join(
        [
            f"The same eight steps with other libraries, in one process and by themselves, {PEOPLE} people. "
            "For all of them: updates are handed over in memory (no HTTP, no signature), nothing is sent, "
            "sealed or looked at for safety, and an update that comes twice is answered twice.",
            table(("in memory", "turns a second", "and besides"), rows),
        ]
    )
