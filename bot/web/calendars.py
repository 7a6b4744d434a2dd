"""Calendars at /calendar/<token>.ics: a link worker's private feed, or the file of one appointment.

Without a sign-in, since a calendar program cannot sign in: whoever has the address may read it, so it
says little (bot/appointments/icalendar.py), and a worker can end it or make a new one at any time.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.appointments import icalendar
from bot.appointments.appointment import Appointment, by_file_token
from bot.appointments.calendar import calendar_of, feed_of
from bot.people.discreet import discreet_for
from bot.people.persons import kept
from bot.store.tables import AppointmentStatus, person
from bot.store.unit_of_work import Reading
from bot.web.guard import Limiter, caller
from bot.web.parts import Parts

#: Asked for again each time, and answered with 304 while nothing has changed.
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
#: The file of an appointment can be had for so long after it.
KEPT_FOR = timedelta(days=30)
#: No token of ours is longer.
LONGEST = 80


class Calendars:
    """The endpoint of /calendar."""

    def __init__(self, parts: Parts):
        self._parts = parts
        self._by_caller = Limiter(at_once=60, a_second=1)

    def routes(self) -> list[Route]:
        """The one address."""
        return [Route("/calendar/{token}.ics", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """GET /calendar/<token>.ics. Looking changes nothing."""
        at = caller(request.scope)
        if at is not None and not self._by_caller.allows(at):
            return PlainTextResponse("Please wait a minute.", 429, headers={**HEADERS, "Retry-After": "60"})
        token = request.path_params["token"]
        made, name = await run_in_threadpool(self._made, token if len(token) <= LONGEST else "")
        if made is None:
            raise HTTPException(404)
        headers = {**HEADERS, "ETag": icalendar.mark_of(made)}
        if headers["ETag"] in _marks(request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return Response(made, media_type=icalendar.MEDIA_TYPE, headers=headers)

    def _made(self, token: str) -> tuple[bytes | None, str]:
        """The file this token opens, and its name.

        Both ways are always looked up, each by a keyed digest of the token: how long a wrong one takes
        tells nothing of the right ones.
        """
        with self._parts.store.reading() as reading:
            staff_id, theirs = feed_of(reading, token), by_file_token(reading, token)
            if staff_id is not None:
                calendar = calendar_of(reading, staff_id)
                zone = calendar.zone if calendar else self._parts.settings.hours.zone
                site = self._parts.settings.base_url
                return icalendar.feed(reading, staff_id, site=site, zone=zone), "appointments.ics"
            if theirs is None or theirs.status is AppointmentStatus.HELD:
                return None, ""
            if reading.now - theirs.ends_at > KEPT_FOR:
                return None, ""
            return self._file(reading, theirs), icalendar.FILE_NAME

    def _file(self, reading: Reading, theirs: Appointment) -> bytes | None:
        who = reading.execute(
            select(person.c.id, person.c.language).where(
                person.c.id == kept(reading, theirs.person_id), person.c.erased_at.is_(None)
            )
        ).first()
        if who is None:
            return None
        return icalendar.calendar_file(
            theirs,
            service_name=self._parts.settings.service_name,
            site=self._parts.settings.base_url,
            language=who.language,
            now=reading.now,
            discreet=discreet_for(reading, who.id),
        )


def _marks(sent: str) -> set[str]:
    """The entity tags a calendar program says it has; a weak comparison (RFC 9110, section 13.1.2)."""
    return {f"W/{one}" if one[:1] == '"' else one for one in (part.strip() for part in sent.split(","))}
