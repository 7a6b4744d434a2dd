"""Talk to someone: they want a person, and are told honestly when one reads it."""

from __future__ import annotations

from bot.requests import HandoffOpened, OpenHandoff
from tests.support.talk import TUESDAY_5PM


def test_when_the_team_is_there(talk):
    talk.starts().hears("talk_to_someone.told_open")

    assert talk.requests == [OpenHandoff("person")]


def test_when_the_team_has_gone_home(talk):
    talk.finds(HandoffOpened(open_now=False, by=TUESDAY_5PM)).starts().hears("talk_to_someone.told_closed")
