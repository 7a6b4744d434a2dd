"""Every code the service uses has words on the staff pages, and times read as people say them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import LONDON
from bot.messages import ChannelName, Status
from bot.people.access_needs import KINDS
from bot.safety.noticing import Level
from bot.staff import wording
from bot.staff.times import Times, length
from bot.store.tables import ContactKind, Role, Safe

ROOT = Path(__file__).parent.parent
SOURCE = "\n".join(p.read_text() for folder in ("bot", "flows") for p in (ROOT / folder).rglob("*.py"))


def test_every_reason_for_a_handoff_has_words():
    used = set(re.findall(r'open_handoff\([^)]*?reason="([a-z-]+)"', SOURCE, re.S))
    used |= set(re.findall(r'OpenHandoff\("([a-z-]+)"', SOURCE))
    assert {"referral", "concern", "call-back", "person"} <= used
    assert used - wording.REASONS.keys() == set()


def test_every_task_has_words():
    used = set(re.findall(r'\b(?:open_task|ask_a_human)\([^)]*?_id,\s*"([a-z-]+)"', SOURCE))
    used |= set(re.findall(r'person_in\([^)]*\),\s*"([a-z-]+)"', SOURCE))
    assert {"ring", "confirm"} <= used
    assert used - wording.TASKS.keys() == set()


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (Level, wording.LEVELS),
        (Status, wording.STATUSES),
        (ChannelName, wording.CHANNELS),
        (Safe, wording.SAFE),
        (Safe, wording.SAFE_SHORT),
        (Safe, wording.SAFE_CHAT),
        (Safe, wording.SEEN_BY),
        (ContactKind, wording.CONTACTS),
        (Role, wording.ROLES),
        (KINDS, wording.NEEDS),
    ],
)
def test_every_code_has_words(codes, words):
    assert set(codes) == set(words)


def test_a_number_reads_as_it_is_read_out():
    assert wording.number("+447700900101") == "07700 900101"
    assert wording.number("+33123456789") == "+33 1 23 45 67 89"
    assert wording.number("visitor") == "visitor"


NOW = datetime(2026, 3, 3, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(0), "today at 4.30pm"),
        (timedelta(days=-1), "yesterday at 4.30pm"),
        (timedelta(days=1), "tomorrow at 4.30pm"),
        (timedelta(days=3), "Friday 6 March at 4.30pm"),
        (timedelta(days=-400), "27 January 2025 at 4.30pm"),
        (timedelta(days=30), "Thursday 2 April at 5.30pm"),
    ],
)
def test_moments_are_said_in_the_teams_own_time(ahead, said):
    assert Times(LONDON).moment(NOW + ahead, NOW) == said


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=50), "under a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=25), "25 minutes"),
        (timedelta(hours=3, minutes=50), "3 hours"),
        (timedelta(days=-2), "2 days"),
    ],
)
def test_lengths(span, said):
    assert length(span) == said


def test_a_day_typed_is_its_last_minute_here():
    assert Times(LONDON).end_of_day("2026-07-01") == datetime(2026, 7, 1, 22, 59, tzinfo=UTC)
    assert Times(LONDON).end_of_day(" ") is None
    with pytest.raises(ValueError, match="soon"):
        Times(LONDON).end_of_day("soon")
