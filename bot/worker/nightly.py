"""Once a night: what was said without a yes is erased, the providers' copies too; all is tidied."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from bot.appointments import variants
from bot.appointments.tidying import tidy
from bot.directory import outcomes, refreshing
from bot.messages import Channel, ChannelName
from bot.records.retention import copies_deleted, copies_left, erase_unagreed
from bot.settings import Settings
from bot.store.engines import Store

log = logging.getLogger(__name__)

#: Three in the morning, local time: few are writing.
AT_HOUR = 3


async def run(store: Store, settings: Settings, channels: Mapping[ChannelName, Channel]) -> None:
    """For ever: at three each night, erase what has had its time, refresh the directory, tidy and look."""
    while True:
        now = store.clock.now()
        await asyncio.sleep((next_night(now, settings) - now).total_seconds())
        await erase(store, settings, channels)
        await refresh_directory(store, settings)
        await remember(store)
        await tidy_appointments(store)
        await look_at_trials(store)


def next_night(now: datetime, settings: Settings) -> datetime:
    """The next three in the morning, local time (aware)."""
    local = now.astimezone(settings.hours.zone)
    tonight = local.replace(hour=AT_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight > local else tonight + timedelta(days=1)


async def erase(store: Store, settings: Settings, channels: Mapping[ChannelName, Channel]) -> int:
    """Erase what was said without agreement and has had its days; how many people.

    In chunks, so that nobody waits for it.
    """
    before = store.clock.now() - timedelta(days=settings.keep_without_agreement_days)
    people, more = 0, True
    while more:
        erased = await asyncio.wrap_future(
            store.run(lambda unit: erase_unagreed(unit, before), acting="retention")
        )
        people, more = people + erased.people, erased.more
    await _at_providers(store, channels)
    log.info("retention: %d people erased", people)
    return people


async def refresh_directory(store: Store, settings: Settings) -> None:
    """Look at the directory's feeds again and check its services. What goes wrong waits for tomorrow."""
    try:
        await asyncio.to_thread(refreshing.refresh_apart, store, settings)
    except Exception as error:
        log.error("the directory could not be refreshed: %s", type(error).__name__)


async def remember(store: Store) -> None:
    """Whoever said yes to a service and would never be asked whether they got there is asked after all."""
    try:
        again = await asyncio.wrap_future(store.run(outcomes.remember, acting="system"))
    except Exception as error:
        log.error("nobody could be remembered: %s", type(error).__name__)
        return
    if again:
        log.warning("got there: %d would have been forgotten", again)


async def tidy_appointments(store: Store) -> int:
    """Slots that were only held are forgotten, and sessions gone by are over; how many slots."""
    slots, more = 0, True
    try:
        while more:
            tidied = await asyncio.wrap_future(store.run(tidy, acting="system"))
            slots, more = slots + tidied.slots, tidied.more
    except Exception as error:
        log.error("appointments could not be tidied: %s", type(error).__name__)
    return slots


async def look_at_trials(store: Store) -> list[str]:
    """A trial of wordings that does harm, or is finished, stops by itself; the names of those that did."""
    try:
        stopped = await asyncio.wrap_future(store.run(variants.look, acting="system"))
    except Exception as error:
        log.error("trials could not be looked at: %s", type(error).__name__)
        return []
    for name in stopped:
        log.warning("the trial %s has stopped: see the attendance page", name)
    return stopped


async def _at_providers(store: Store, channels: Mapping[ChannelName, Channel]) -> None:
    def left():  # type: ignore[no-untyped-def]
        with store.reading() as reading:
            return copies_left(reading)

    while copies := await asyncio.to_thread(left):
        gone = []
        for copy in copies:
            channel = channels.get(copy.channel)
            # Telegram lets a bot delete for 48 hours only, and these are a month old: all that can
            # be done is to forget what they were called there. The privacy page says so.
            if copy.channel is ChannelName.TELEGRAM or (
                channel is not None and await channel.erase("", copy.provider_id)
            ):
                gone.append(copy)
        if not gone:
            log.warning("retention: %d copies could not be deleted at the provider yet", len(copies))
            return
        await asyncio.wrap_future(store.run(partial(copies_deleted, copies=gone), acting="retention"))
