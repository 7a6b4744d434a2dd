"""`talk`: try a flow in the terminal, with the real words and a store that is gone afterwards."""

from __future__ import annotations

import itertools
from typing import Annotated

import typer
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.app import ROOT, make_voice
from bot.clock import SystemClock
from bot.conversation import engine
from bot.conversation.due import Due
from bot.conversation.inbox import Inbox
from bot.conversation.talk import Talk
from bot.conversation.turns import Turns
from bot.conversation.voice import Voice
from bot.messages import WITH_BUTTONS, ChannelName, InboundMessage
from bot.people.contact_points import ContactPoint, first_contact, heard_from
from bot.settings import Settings
from bot.store import migrations
from bot.store.engines import Store
from bot.store.sealed import Sealer, maybe_open
from bot.store.tables import outbox
from bot.store.unit_of_work import UnitOfWork
from bot.words.languages import Languages

#: Shared by the connections of this process, and gone with it.
IN_MEMORY = "sqlite:///file:talk?mode=memory&cache=shared&uri=true"

#: Numbers for drama (Ofcom): nobody has this one.
ADDRESS = "+447700900001"


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(talk)


def talk(
    flow: Annotated[str, typer.Argument()] = "welcome",
    channel: ChannelName = ChannelName.SMS,
    language: str = "en",
) -> None:
    """Try a flow here: `talk intake --channel web --language cy`. An empty line ends it."""
    settings = Settings.load()
    languages = Languages.load(ROOT / "locales")
    voice = make_voice(settings, languages, SystemClock())
    if flow not in voice.flows:
        raise typer.BadParameter(f"no flow is called {flow!r}: {', '.join(voice.flows)}")
    if language not in languages:
        raise typer.BadParameter(f"not offered: {language!r}. There is {', '.join(languages.offered)}")
    store = Store(IN_MEMORY, Sealer([Fernet.generate_key().decode()], "tried in a terminal"))
    try:
        migrations.upgrade(store.engine)
        _Terminal(store, voice, settings, languages, channel).run(flow, language)
    finally:
        store.close()


class _Terminal:
    """One person at a keyboard."""

    def __init__(
        self, store: Store, voice: Voice, settings: Settings, languages: Languages, channel: ChannelName
    ):
        self._store, self._voice, self._channel = store, voice, channel
        self._zone = settings.zone
        self._inbox = Inbox(store, languages, settings)
        self._turns, self._due = Turns(store, voice), Due(store, voice)
        self._shown = 0

    def run(self, flow: str, language: str) -> None:
        self._store.run(lambda unit: self._begin(unit, flow, language), acting="command").result()
        self._show()
        for n in itertools.count(1):
            try:
                said = input("> ")
            except EOFError:
                return
            if not said:
                return
            message = InboundMessage(self._channel, f"terminal-{n}", ADDRESS, said)
            received = self._inbox.receive(message).result()
            while self._turns.take(received.conversation_id).result().more:
                pass
            for timer in self._due.waiting():
                self._due.take(timer).result()
            self._show()

    def _begin(self, unit: UnitOfWork, flow: str, language: str) -> None:
        point: ContactPoint = first_contact(unit, self._channel, ADDRESS, language=language, zone=self._zone)
        heard_from(unit, point.id)
        talking = Talk(unit, self._voice, point.conversation_id, point.id)
        engine.start(talking, flow)
        talking.finish()

    def _show(self) -> None:
        with self._store.reading() as reading:
            rows = reading.execute(select(outbox).where(outbox.c.id > self._shown).order_by(outbox.c.id))
            for row in rows.all():
                self._shown = row.id
                typer.echo()
                typer.echo(maybe_open(reading.sealer, row.text))
                if self._channel in WITH_BUTTONS and row.choices:
                    typer.echo("  ".join(f"[{label}]" for _, label in reading.sealer.open_json(row.choices)))
                if self._channel is ChannelName.SMS:
                    typer.echo(f"({row.segments} segment{'s' if row.segments != 1 else ''})")
                if row.reason:
                    typer.echo(f"(not sent: {row.reason})")
