"""Safe contact: for every purpose, every answer about safety and every state, what may go and why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bot.messages import ChannelName
from bot.people.safe_contact import Purpose, Way, why_not
from bot.store.tables import Safe

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
JUST_NOW = NOW - timedelta(minutes=2)
YESTERDAY = NOW - timedelta(hours=20)
SAFE_ORDER = (Safe.NOT_ASKED, Safe.ONLY_ME, Safe.TEXT_ONLY, Safe.NO_MESSAGE, Safe.SHARED, Safe.NOT_NOW)

# Who wrote when: "now", two minutes ago (they are holding the phone); "before", twenty hours ago.
# One column for each answer to "is it safe", in the order of SAFE_ORDER; "." may go.
#   a: not known to be safe   o: others may see it   n: not safe now
SMS = """
             not-asked only-me text-only no-message shared not-now
reply       now     .     .     .     .     .     n
reply       before  .     .     .     .     .     n
card        now     .     .     .     .     .     n
card        before  a     .     .     a     a     n
unreadable  now     .     .     .     .     .     n
unreadable  before  .     .     .     .     .     n
staff       now     .     .     .     .     .     n
staff       before  .     .     .     o     o     n
nudge       now     a     .     .     a     a     n
nudge       before  a     .     .     a     a     n
waiting     now     .     .     .     .     .     n
waiting     before  .     .     .     o     o     n
closing     now     .     .     .     .     .     n
closing     before  .     .     .     o     o     n
support     now     .     .     .     .     .     n
support     before  .     .     .     o     o     n
appointment now     .     .     .     .     .     n
appointment before  .     .     .     o     o     n
discreet    now     .     .     .     o     .     n
discreet    before  .     .     .     o     .     n
stop        now     .     .     .     .     .     n
stop        before  .     .     .     .     .     n
code        now     .     .     .     o     o     n
code        before  .     .     .     o     o     n
"""
REASONS = {".": None, "a": "not known to be safe", "o": "others may see it", "n": "not safe now"}
WROTE = {"now": JUST_NOW, "before": YESTERDAY}
TABLE = {
    (Purpose(purpose), wrote, safe): REASONS[cell]
    for purpose, wrote, *cells in (line.split() for line in SMS.strip().splitlines()[1:])
    for safe, cell in zip(SAFE_ORDER, cells, strict=True)
}
EVERYTHING = list(product(Purpose, WROTE, Safe))


def test_the_table_has_a_line_for_everything():
    assert set(TABLE) == set(EVERYTHING)


@pytest.mark.parametrize(("purpose", "wrote", "safe"), EVERYTHING)
def test_by_text(purpose, wrote, safe):
    way = Way(ChannelName.SMS, safe, last_inbound_at=WROTE[wrote])

    assert why_not(way, purpose, now=NOW) == TABLE[purpose, wrote, safe]


@pytest.mark.parametrize(("purpose", "wrote", "safe"), EVERYTHING)
def test_whoever_said_stop_gets_nothing_but_the_one_answer_to_it(purpose, wrote, safe):
    way = Way(ChannelName.TELEGRAM, safe, opted_out_at=NOW, last_inbound_at=WROTE[wrote])

    reason = why_not(way, purpose, now=NOW)

    if purpose == Purpose.STOP and wrote == "now":
        assert reason == ("not safe now" if safe == Safe.NOT_NOW else None)
    else:
        assert reason == "opted out"


@pytest.mark.parametrize(("purpose", "safe"), list(product(Purpose, Safe)))
def test_what_cannot_be_reached_is_not_tried_until_they_write_again(purpose, safe):
    gone = Way(ChannelName.SMS, safe, unreachable_at=NOW - timedelta(hours=1), last_inbound_at=YESTERDAY)
    back = replace(gone, last_inbound_at=JUST_NOW)

    assert why_not(gone, purpose, now=NOW) == ("not safe now" if safe == Safe.NOT_NOW else "unreachable")
    assert why_not(back, purpose, now=NOW) == TABLE[purpose, "now", safe]


@pytest.mark.parametrize(("purpose", "safe"), list(product(Purpose, Safe)))
def test_a_number_someone_else_gave_is_never_texted(purpose, safe):
    way = Way(ChannelName.SMS, safe)

    assert why_not(way, purpose, now=NOW) == (
        "not safe now" if safe == Safe.NOT_NOW else "given by someone else"
    )


@pytest.mark.parametrize("safe", Safe)
def test_nobody_is_nudged_after_a_concern(safe):
    way = Way(ChannelName.SMS, safe, last_inbound_at=YESTERDAY)

    assert why_not(way, Purpose.NUDGE, now=NOW, concern=True) is not None
    assert why_not(way, Purpose.REPLY, now=NOW, concern=True) == TABLE[Purpose.REPLY, "before", safe]


@pytest.mark.parametrize(("purpose", "wrote", "safe"), EVERYTHING)
def test_what_was_meant_for_another_channel_goes_only_where_it_is_theirs_alone(purpose, wrote, safe):
    way = Way(ChannelName.SMS, safe, last_inbound_at=WROTE[wrote])

    reason = why_not(way, purpose, now=NOW, elsewhere=True)

    if safe == Safe.NOT_NOW:
        assert reason == "not safe now"
    elif safe in (Safe.ONLY_ME, Safe.TEXT_ONLY):
        assert reason is None
    else:
        assert reason == "not known to be safe"


@pytest.mark.parametrize("safe", [Safe.NOT_ASKED, Safe.SHARED, Safe.NO_MESSAGE])
def test_a_card_answers_for_five_minutes_and_no_longer(safe):
    way = Way(ChannelName.SMS, safe)

    def at(**after):
        return why_not(way, Purpose.CARD, now=NOW + timedelta(**after), answers_at=NOW)

    assert at(minutes=5) is None
    assert at(minutes=5, seconds=1) == "not known to be safe"


@pytest.mark.parametrize(("purpose", "safe"), list(product(Purpose, [Safe.SHARED, Safe.NO_MESSAGE])))
def test_a_web_page_shows_itself_to_nobody_who_does_not_open_it(purpose, safe):
    way = Way(ChannelName.WEB, safe, last_inbound_at=YESTERDAY)

    refused = {Purpose.NUDGE, Purpose.CARD}
    assert (why_not(way, purpose, now=NOW) is not None) == (purpose in refused)


@pytest.mark.parametrize("purpose", Purpose)
def test_whatsapp_takes_our_words_for_a_day_after_theirs(purpose):
    way = Way(ChannelName.WHATSAPP, Safe.ONLY_ME, last_inbound_at=NOW)

    assert why_not(way, purpose, now=NOW + timedelta(hours=23, minutes=59)) is None
    assert why_not(way, purpose, now=NOW + timedelta(hours=24)) == "needs a template"
