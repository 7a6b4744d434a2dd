"""The directory's own nights: its feeds are looked at again, and everything is checked."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path
from urllib.parse import urlsplit

from bot.directory.checking import Checked, check
from bot.directory.feeds import FeedFailed, HsdsFeed
from bot.directory.files import FileSource
from bot.directory.importing import Progress, Report, Source, import_from
from bot.directory.links import LinkLook
from bot.settings import Settings
from bot.store.engines import Store

log = logging.getLogger(__name__)

#: Links are looked at in the night to Sunday: once a week is polite.
SUNDAY = 6


def is_address(where: str) -> bool:
    """Whether this is a feed's address and not a file's name."""
    return where.startswith(("http://", "https://"))


def source_of(store: Store, settings: Settings, where: str) -> Source:
    """Where services come from: a feed's address or a file's name. Raises FeedFailed."""
    today = store.clock.now().astimezone(settings.hours.zone).date()
    if is_address(where):
        return HsdsFeed(where, today, a_second=settings.directory_calls_a_second)
    return FileSource(Path(where), today)


def name_of(where: str) -> str:
    """What a source is called when nobody named it: a feed's host and path, a file's name."""
    if not is_address(where):
        return Path(where).stem[:80]
    parts = urlsplit(where)
    return f"{parts.netloc}{parts.path}".removesuffix("/").removesuffix("/services")[:80]


def feeds(settings: Settings) -> list[tuple[str, str]]:
    """The feeds that are looked at every night: each one's name and address."""
    named = [re.match(r"(?:([\w.-]+)=)?(.*)", feed) for feed in settings.directory_feeds]
    return [(at[1] or name_of(at[2]), at[2]) for at in named if at]


async def import_services(
    store: Store,
    settings: Settings,
    where: str,
    *,
    name: str = "",
    dry_run: bool = False,
    whole: bool = True,
    accept_gone: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import a feed or a file, as `importing.import_from` does. Raises FeedFailed for no address at all."""
    source = source_of(store, settings, where)
    return await import_from(
        store,
        source,
        name or name_of(where),
        dry_run=dry_run,
        whole=whole,
        accept_gone=accept_gone,
        progress=progress,
    )


async def check_services(
    store: Store, settings: Settings, *, links: bool, progress: Progress | None = None
) -> Checked:
    """Check every service, following its link or not."""
    today = store.clock.now().astimezone(settings.hours.zone).date()
    months = settings.directory_checked_within_months
    if not links:
        return await check(store, today, months, links=None, progress=progress)
    async with LinkLook() as look:
        return await check(store, today, months, links=look, progress=progress)


async def refresh(store: Store, settings: Settings) -> None:
    """Every feed again, one after another, then a check. What fails is in its run and in the log."""
    for name, where in feeds(settings):
        try:
            report = await import_services(store, settings, where, name=name)
        except FeedFailed as error:
            log.warning("directory feed %s: %s", name, error)
            continue
        if report.failed_why or report.not_marked:
            log.warning("directory feed %s: %s", name, report.failed_why or report.not_marked)
    sunday = store.clock.now().astimezone(settings.hours.zone).weekday() == SUNDAY
    await check_services(store, settings, links=sunday and settings.directory_check_links)


def refresh_apart(store: Store, settings: Settings) -> None:
    """`refresh` in a thread of its own, so that reading thousands of services delays nobody's answer."""
    asyncio.run(refresh(store, settings))
