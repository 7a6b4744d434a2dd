"""Quiet hours: between these nobody hears from us of our own accord, by the clock where they are."""

from __future__ import annotations

#: Nobody is written to of our own accord before 9 or after 8 in their own zone.
QUIET_BEFORE, QUIET_FROM = 9, 20
