"""Opening what people sent, in tests: the way to a provider, and what was written down of it."""

from __future__ import annotations

from sqlalchemy import select

from bot.casework import looking
from bot.casework.handoffs import open_handoff
from bot.messages import ChannelName, Fetched, Media
from bot.people.conversations import person_in
from bot.people.persons import person_of
from bot.store.tables import audit, inbox

#: What somebody sent a picture of, as its bytes.
SECRET = b"\x89PNG the meter is empty again"


def by(make):
    """`fetch` as app.py hands it in, each with connections of its own: a test's visitors have many loops."""

    async def fetch(channel: ChannelName, media: Media, part: str) -> Fetched:
        made = make()
        try:
            fetched = await made.fetch(media, part)
        except BaseException:
            await made.close()
            raise
        let_go = fetched.close

        async def close() -> None:
            await let_go()
            await made.close()

        fetched.close = close
        return fetched

    return fetch


def put_before_staff(store, received):
    """As the turn does; the token of whose page it is on."""
    store.run(
        lambda unit: open_handoff(
            unit, received.conversation_id, reason="unreadable", sees_from=received.inbox_id
        ),
        acting="test",
    ).result(20)
    with store.reading() as reading:
        return person_of(reading, person_in(reading, received.conversation_id)).token


def opened(store):
    with store.reading() as reading:
        rows = reading.execute(
            select(audit.c.acting, audit.c.subject, audit.c.details).where(audit.c.action == looking.OPENED)
        )
        return [tuple(row) for row in rows]


def looked_at(store, inbox_id):
    with store.reading() as reading:
        return reading.execute(select(inbox.c.looked_at).where(inbox.c.id == inbox_id)).scalar_one()
