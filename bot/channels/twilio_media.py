"""Pictures, sounds and files at Twilio: what a message carries, and fetching one from there.

Twilio keeps them until the message is deleted or for thirteen months, gives them only to the account
they belong to, and answers with a redirect to a store elsewhere
(twilio.com/docs/messaging/api/media-resource).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

import aiohttp

from bot.messages import MOST_MEDIA_BYTES, Fetched, Media, NoMedia

#: A message carries at most ten.
MOST = 10
#: Only what lies under a message is asked for with our credentials, whatever an address may say.
_PATH = re.compile(r"^/2010-04-01/Accounts/AC\w{1,40}/Messages/\w{1,40}/Media/ME\w{1,40}$", re.ASCII)
#: twiliocdn.com, then the store behind it.
_REDIRECTS = 5
_PIECE = 64 * 1024
_GONE = frozenset({404, 410})


def media_of(form: Mapping[str, str]) -> tuple[Media, ...]:
    """What a webhook's message carries, in its order. An address that is not one of Twilio's is left out."""
    count = form.get("NumMedia", "0")
    found = []
    for n in range(min(int(count) if count.isdecimal() and len(count) < 4 else 0, MOST)):
        path = urlsplit(form.get(f"MediaUrl{n}", "")).path
        if _PATH.match(path):
            found.append(Media(path, form.get(f"MediaContentType{n}", "")[:100]))
    return tuple(found)


async def fetch(
    session: aiohttp.ClientSession,
    api_url: str,
    authorization: str,
    media: Media,
    part: str,
    seconds: float,
) -> Fetched:
    """Open one. Each wait for more of it may take `seconds`. Raises NoMedia."""
    if not _PATH.match(media.ref):
        raise NoMedia("gone")
    headers = {"Authorization": authorization, "Accept-Encoding": "identity"}
    if part:
        headers["Range"] = part
    try:
        # aiohttp leaves our credentials behind where a redirect leads to another host.
        answer = await session.get(
            api_url + media.ref,
            headers=headers,
            max_redirects=_REDIRECTS,
            timeout=aiohttp.ClientTimeout(total=None, connect=seconds, sock_read=seconds),
        )
    except (aiohttp.ClientError, TimeoutError, ValueError):
        raise NoMedia("away") from None
    if answer.status not in (200, 206):
        answer.close()
        raise NoMedia("gone" if answer.status in _GONE else "away")
    length = answer.content_length
    if length is not None and length > MOST_MEDIA_BYTES:
        answer.close()
        raise NoMedia("too-large")

    async def close() -> None:
        answer.close()

    return Fetched(
        type=media.type or answer.content_type,
        length=length,
        part=answer.headers.get("Content-Range", "") if answer.status == 206 else "",
        pieces=_pieces(answer),
        close=close,
    )


async def _pieces(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    sent = 0
    try:
        async for piece in answer.content.iter_chunked(_PIECE):
            sent += len(piece)
            if sent > MOST_MEDIA_BYTES:
                raise NoMedia("too-large")
            yield piece
    except (aiohttp.ClientError, TimeoutError):
        raise NoMedia("away") from None
