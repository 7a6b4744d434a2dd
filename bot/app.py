"""Joins the real parts into one service. The only place that knows them all."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

import flows
from bot.appointments import reminder_plans
from bot.channels.email import send_email
from bot.channels.telegram import TelegramChannel
from bot.channels.twilio import TwilioChannel
from bot.channels.web_chat import WebChatChannel
from bot.clock import Clock, SystemClock
from bot.conversation.due import Due
from bot.conversation.inbox import Inbox
from bot.conversation.staff_turns import StaffTurns
from bot.conversation.turns import Turns
from bot.conversation.voice import Voice
from bot.delivery.deliver import Deliverer
from bot.delivery.notices import NoticeSender
from bot.delivery.receipts import record_receipt
from bot.delivery.service_mail import ServiceMail
from bot.directory.search import keep_fresh
from bot.flowkit.gather import gather
from bot.messages import Channel, ChannelName, Fetched, InboundMessage, Kind, Media, NoMedia, Receipt
from bot.practice.twilio_stand_in import TwilioStandIn
from bot.settings import PREFIX, Settings, WrongSetting
from bot.staff.parts import StaffParts
from bot.staff.site import staff_app
from bot.store import migrations
from bot.store.engines import Store
from bot.web.pages import STATIC, StaticVersions
from bot.web.parts import Parts, is_loopback
from bot.web.phone import TWILIO_HERE
from bot.web.site import make_site
from bot.web.wakes import Wakes
from bot.words.fits import check_fits
from bot.words.languages import ENGLISH, Languages
from bot.words.prompts import Prompts
from bot.worker import nightly
from bot.worker.loops import TimerLoop, TurnLoop, for_ever

log = logging.getLogger(__name__)

ROOT = Path(__file__).parent.parent
PRACTICE_NUMBER = "+447700900000"
PRACTICE_SEGMENTS_A_SECOND = 100.0


class NotReady(Exception):
    """The service cannot start as it is; the message says what to do."""


class Service:
    """The whole service in one process: the site, the turns, the timers, the deliveries."""

    def __init__(self, settings: Settings, clock: Clock | None = None):
        check_may_open(settings)
        follow_plans(settings)
        self.settings = settings
        self.clock = clock or SystemClock()
        self.store = open_store(settings, self.clock)
        self.directory = keep_fresh(self.store)
        self.languages = Languages.load(ROOT / "locales", only=settings.languages)
        self.voice = make_voice(settings, self.languages, self.clock)
        self.wakes = Wakes()
        self.practice = _practice(settings, self.clock)
        self.channels = _channels(settings, self.clock, self.wakes, self.practice)
        self.turns = Turns(self.store, self.voice)
        self.turn_loop = TurnLoop(self.store, Inbox(self.store, self.languages, settings), self.turns)
        self.timer_loop = TimerLoop(self.store, Due(self.store, self.voice))
        self.deliverer = Deliverer(self.store, self.channels, _paced(settings, self.practice), self.clock)
        self.notices = NoticeSender(
            self.store,
            settings,
            email=partial(send_email, settings) if settings.smtp_url.get_secret_value() else None,
            telegram=self.telegram,
        )
        self.service_mail = (
            ServiceMail(self.store, settings, partial(send_email, settings))
            if settings.smtp_url.get_secret_value()
            else None
        )
        self.site = self._site()

    @property
    def telegram(self) -> TelegramChannel | None:
        """The Telegram bot, when there is a token."""
        channel = self.channels.get(ChannelName.TELEGRAM)
        return channel if isinstance(channel, TelegramChannel) else None

    def _site(self) -> Starlette:
        staff = staff_app(
            StaffParts(
                store=self.store,
                settings=self.settings,
                turns=StaffTurns(self.store, self.voice),
                static=StaticVersions(STATIC),
                fetch=self._fetch,
            )
        )
        return make_site(
            Parts(
                store=self.store,
                settings=self.settings,
                clock=self.clock,
                languages=self.languages,
                receive=self.turn_loop.receive,
                record=self._record,
                telegram=self.telegram,
                practice=self.practice,
                staff=staff,
                voice=self.voice,
                wakes=self.wakes,
            )
        )

    async def _fetch(self, channel: ChannelName, media: Media, part: str) -> Fetched:
        """What somebody sent, from the provider it came by. Raises NoMedia."""
        if channel not in self.channels:  # it was switched off since
            raise NoMedia("away")
        return await self.channels[channel].fetch(media, part)

    def _record(self, receipt: Receipt) -> Future[Any]:
        return self.store.run(lambda unit: record_receipt(unit, receipt), acting="provider")

    async def run(self) -> None:
        """Everything but the site, until cancelled."""
        loops = {
            "sweep": self.turn_loop.sweep,
            "timers": self.timer_loop.run,
            "delivery": self.deliverer.run,
            "notices": self.notices.run,
            "retention": partial(nightly.run, self.store, self.settings, self.channels),
        }
        if self.service_mail is not None:
            loops["service mail"] = self.service_mail.run
        if self.telegram is not None:
            loops["telegram"] = self._listen_to_telegram
        async with asyncio.TaskGroup() as group:
            for name, work in loops.items():
                group.create_task(for_ever(name, work), name=name)

    async def _listen_to_telegram(self) -> None:
        assert self.telegram is not None
        await self.telegram.start()
        if self.settings.telegram_mode == "webhook":
            await self.telegram.set_webhook()
            await asyncio.Event().wait()
        await self.telegram.delete_webhook()
        await self.telegram.poll(self._take_from_telegram)

    async def _take_from_telegram(self, message: InboundMessage) -> None:
        """Stored first; then the little clock on a pressed button stops."""
        assert self.telegram is not None
        await asyncio.wrap_future(self.turn_loop.receive(message))
        if message.kind is Kind.BUTTON:
            await self.telegram.answer_button(message.provider_id)

    async def close(self) -> None:
        """Let go of everything, in the order it leans on each other."""
        for channel in self.channels.values():
            await channel.close()
        if self.practice is not None:
            await self.practice.close()
        await asyncio.to_thread(self.directory.close)
        await asyncio.to_thread(self.store.close)


def check_may_open(settings: Settings) -> None:
    """Refuse to bring strangers in before somebody has decided who looks after them. Raises NotReady."""
    missing = settings.missing_for_live
    if missing and (live := settings.live_channels):
        lines = "\n".join(f"  {name}: {why}" for name, why in missing)
        raise NotReady(
            f"{' and '.join(live)} cannot be opened until the safety plan is complete:\n{lines}\n"
            "`python -m bot doctor` says more."
        )


def follow_plans(settings: Settings) -> None:
    """Remind people by the service's own plans, where it has some. Raises WrongSetting naming the file."""
    try:
        reminder_plans.use(settings.appointments_plans)
    except reminder_plans.WrongPlans as wrong:
        raise WrongSetting(f"{PREFIX}APPOINTMENTS_PLANS: {wrong}") from None


def open_store(settings: Settings, clock: Clock | None = None) -> Store:
    """The store the operator set. Raises NotReady when it lacks a key or is not up to date."""
    try:
        store = Store.from_settings(settings, clock)
    except ValueError as error:
        raise NotReady(f"{error}. `python -m bot prepare` makes keys.") from None
    if not migrations.is_current(store.engine):
        store.close()
        raise NotReady("The store is not up to date. Run `python -m bot migrate` first.")
    return store


def make_voice(settings: Settings, languages: Languages, clock: Clock) -> Voice:
    """Every word the service says and understands."""
    prompts = Prompts(ROOT / "templates" / "prompts", ROOT / "locales", clock=clock, zone=settings.hours.zone)
    return Voice(prompts, languages, gather(flows), settings)


def check_words_fit(voice: Voice, now: datetime) -> None:
    """Refuse names that would make a text too long. Raises WrongSetting naming which to shorten."""
    problems = check_fits(voice.prompts, vars(voice.service(ENGLISH, now)))
    if problems:
        raise WrongSetting("\n".join(problems))


def _practice(settings: Settings, clock: Clock) -> TwilioStandIn | None:
    """A Twilio of our own, for whoever tries this on their machine without an account."""
    if settings.twilio_account_sid or settings.public_url or not is_loopback(settings.host):
        return None
    return TwilioStandIn(settings.base_url, number=PRACTICE_NUMBER, clock=clock)


def _paced(settings: Settings, practice: TwilioStandIn | None) -> Settings:
    """The practice phone has no carrier to be patient with."""
    if practice is None:
        return settings
    return settings.model_copy(update={"twilio_segments_a_second": PRACTICE_SEGMENTS_A_SECOND})


def _channels(
    settings: Settings, clock: Clock, wakes: Wakes, practice: TwilioStandIn | None
) -> dict[ChannelName, Channel]:
    channels: dict[ChannelName, Channel] = {ChannelName.WEB: WebChatChannel(wakes.visitor)}
    if practice is not None:
        carried = settings.model_copy(
            update={
                "twilio_account_sid": practice.account_sid,
                "twilio_auth_token": type(settings.twilio_auth_token)(practice.auth_token),
                "twilio_from": PRACTICE_NUMBER,
                "twilio_api_url": f"{settings.base_url}{TWILIO_HERE}",
            }
        )
        channels[ChannelName.SMS] = TwilioChannel(carried, ChannelName.SMS, clock=clock)
    if settings.sms_on:
        channels[ChannelName.SMS] = TwilioChannel(settings, ChannelName.SMS, clock=clock)
    if settings.whatsapp_on:
        channels[ChannelName.WHATSAPP] = TwilioChannel(settings, ChannelName.WHATSAPP, clock=clock)
    if settings.telegram_on:
        channels[ChannelName.TELEGRAM] = TelegramChannel(settings)
    return channels
