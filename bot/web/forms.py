"""What a page without a script sends: a form, read with care, and whether another site sent it for us."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from bot.web.guard import TooLong, read_body

#: More boxes than any of our forms has.
MOST_FIELDS = 60


class Wrong(Exception):
    """Why something someone sent was not taken: a status, and a block of a sorry.html."""

    def __init__(self, status: int, what: str):
        super().__init__(what)
        self.status, self.what = status, what


class Form:
    """The fields of a form. A name may come more than once, as ticked boxes do."""

    def __init__(self, pairs: list[tuple[str, str]]):
        self._pairs = pairs

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self._pairs)

    def one(self, name: str) -> str:
        """The last value of this name; empty when there is none."""
        return next((value for key, value in reversed(self._pairs) if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of this name, in order."""
        return [value for key, value in self._pairs if key == name]

    def words(self, name: str) -> str:
        """What somebody wrote there, with a box's line ends made plain."""
        return self.one(name).replace("\r\n", "\n").strip()


async def read_form(request: Request, most: int) -> Form:
    """A form's fields, of at most `most` bytes. Raises Wrong."""
    try:
        body = await read_body(request.scope, request.receive, most)
        return Form(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except TooLong:
        raise Wrong(413, "too_long") from None
    except ClientDisconnect:
        raise Wrong(400, "nothing") from None
    except ValueError:
        raise Wrong(400, "not_words") from None


def from_another_site(request: Request) -> bool:
    """Whether a browser says that another site sent this.

    These pages tell browsers to name no referrer, so an older one gives its origin as "null": a link
    that holds 128 random bits is what shows that somebody was on the page.
    """
    return request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
