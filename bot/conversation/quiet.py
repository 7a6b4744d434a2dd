"""Quiet hours: when nobody hears from us unless they wrote first."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.people.quiet import QUIET_BEFORE, QUIET_FROM


def quiet_until(now: datetime, zone: ZoneInfo) -> datetime | None:
    """Until when to keep quiet (half past nine, local), or None where it is a time to write. Both aware."""
    local = now.astimezone(zone)
    if QUIET_BEFORE <= local.hour < QUIET_FROM:
        return None
    later = local.replace(hour=QUIET_BEFORE, minute=30, second=0, microsecond=0)
    return later if later > local else later + timedelta(days=1)
