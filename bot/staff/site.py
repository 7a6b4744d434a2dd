"""The staff pages as one application, which the site mounts at /staff."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.staff import (
    agreeing,
    appointments,
    attendance,
    audit,
    booking,
    calendar,
    case,
    case_actions,
    directory,
    directory_actions,
    gaps,
    groups,
    handoffs,
    hours,
    media,
    moving,
    people,
    places,
    queue,
    sign_in,
    support_actions,
    tasks,
    team,
    text_reminders,
    time_off,
)
from bot.staff.changes import Changes
from bot.staff.pages import Ask, NotAllowed, NotFound, Page, Rules, serve
from bot.staff.parts import StaffParts
from bot.store.tables import Role
from bot.store.writer import StoreUnavailable

#: No inline script or style, nothing from anywhere else; a QR code is a data: picture.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}

OPEN = Rules(signed_in=False)
HALF = Rules(finished=False)
ANYONE = Rules()
LEADS = Rules(roles=frozenset({Role.LEAD, Role.ADMINISTRATOR}))
ADMINISTRATORS = Rules(roles=frozenset({Role.ADMINISTRATOR}))
BY_ITSELF = Rules(alive=False)  # the page asks for it, not the person


def staff_app(parts: StaffParts) -> Starlette:
    """All staff pages. Give it the real parts; mount it at /staff."""

    def routes(pages: Iterable[tuple[str, str, Page, Rules]]) -> list[Route]:
        return [
            Route(path, serve(parts, page, rules), methods=[method]) for method, path, page, rules in pages
        ]

    def sorry(status: int, heading: str, *lines: str):  # type: ignore[no-untyped-def]
        def page(request: Request, error: Exception) -> Response:
            shown = (str(error),) if isinstance(error, NotAllowed) and str(error) else lines
            ask = Ask(parts, request, FormData(), None, alive=False)
            if status < 500:
                ask.know_who()
            answer = ask.page("message.html", status, heading=heading, lines=shown)
            answer.headers.update(HEADERS)  # the outermost handler answers outside our middleware
            return answer

        async def answer(request: Request, error: Exception) -> Response:
            return await run_in_threadpool(page, request, error)

        return answer

    gone = sorry(
        404, "This page is not here", "The link may be old, or the two people on it may have been joined."
    )
    closed = sorry(
        403, "This page is not open to you", "If you need it for your work, ask your administrator."
    )
    too_long = sorry(413, "That was too long", "Make it shorter, and try again.")

    async def refused(request: Request, error: Exception) -> Response:
        return await (too_long if getattr(error, "status_code", 404) == 413 else gone)(request, error)

    changes = Changes(parts.store)
    app = Starlette(
        routes=[*routes(PAGES), Route("/changes", changes.endpoint)],
        exception_handlers={
            NotFound: gone,
            NotAllowed: closed,
            HTTPException: refused,
            StoreUnavailable: sorry(
                503,
                "We cannot save just now",
                "Nothing was lost and nothing was done. Please try again in a minute.",
            ),
            Exception: sorry(
                500,
                "Something went wrong on our side",
                "It is written down for whoever runs this service.",
                "Please go back and look whether what you did is there before you do it again.",
            ),
        },
    )
    app.add_middleware(SafeHeaders)
    app.state.let_go = changes.end
    return app


PAGES: list[tuple[str, str, Page, Rules]] = [
    ("GET", "/sign-in", sign_in.sign_in_page, OPEN),
    ("POST", "/sign-in", sign_in.sign_in, OPEN),
    ("GET", "/sign-in/code", sign_in.code_page, HALF),
    ("POST", "/sign-in/code", sign_in.check_code, HALF),
    ("POST", "/sign-in/skip", sign_in.skip_code, HALF),
    ("POST", "/sign-out", sign_in.sign_out, HALF),
    ("GET", "/password", sign_in.password_page, ANYONE),
    ("POST", "/password", sign_in.change_password, ANYONE),
    ("GET", "/", queue.queue_page, ANYONE),
    ("GET", "/queue/rows", queue.queue_rows, BY_ITSELF),
    ("GET", "/queue.json", queue.queue_json, OPEN),
    ("GET", "/handoffs/{handoff_id}", handoffs.open_by_id, ANYONE),
    ("POST", "/handoffs/{handoff_id}/pick-up", handoffs.pick_up, ANYONE),
    ("POST", "/handoffs/{handoff_id}/keep", handoffs.keep, ANYONE),
    ("POST", "/handoffs/{handoff_id}/put-back", handoffs.put_back, LEADS),
    ("POST", "/handoffs/{handoff_id}/hand-back", handoffs.hand_back, ANYONE),
    ("POST", "/handoffs/{handoff_id}/close", handoffs.close, ANYONE),
    ("POST", "/handoffs/{handoff_id}/undo-close", handoffs.undo_close, ANYONE),
    ("GET", "/people", people.found_page, ANYONE),
    ("GET", "/people/new", people.new_page, ANYONE),
    ("POST", "/people/new", people.open_case, ANYONE),
    ("GET", "/people/{token}", case.case_page, ANYONE),
    ("GET", "/people/{token}/live", case.live, BY_ITSELF),
    ("POST", "/people/{token}/contacts", case_actions.log_contact, ANYONE),
    ("POST", "/people/{token}/contacts/{contact_id}/undo", case_actions.undo_contact, ANYONE),
    ("POST", "/people/{token}/next-step", case_actions.next_step, ANYONE),
    ("POST", "/people/{token}/needs", case_actions.add_need, ANYONE),
    ("POST", "/people/{token}/needs/{need_id}/end", case_actions.end_need, ANYONE),
    ("POST", "/people/{token}/needs/{need_id}/undo", case_actions.undo_need, ANYONE),
    ("POST", "/people/{token}/contact-plan", case_actions.contact_plan, ANYONE),
    ("POST", "/people/{token}/facts", case_actions.facts, ANYONE),
    ("POST", "/people/{token}/trials", attendance.keep_out, ANYONE),
    ("POST", "/people/{token}/take", case_actions.take_case, ANYONE),
    ("POST", "/people/{token}/take/undo", case_actions.undo_take, ANYONE),
    ("POST", "/people/{token}/close", handoffs.close_case, ANYONE),
    ("POST", "/people/{token}/reopen", handoffs.reopen_case, ANYONE),
    ("POST", "/people/{token}/yes", agreeing.said_yes, ANYONE),
    ("POST", "/people/{token}/no", agreeing.said_no, ANYONE),
    ("POST", "/people/{token}/concerns/acknowledge", case_actions.acknowledge, ANYONE),
    ("POST", "/people/{token}/concerns/{concern_id}/none", case_actions.not_a_concern, ANYONE),
    ("POST", "/people/{token}/concerns/{concern_id}/confirm", case_actions.confirm, ANYONE),
    ("GET", "/people/{token}/media/{inbox_id}/{nth}", media.open_media, ANYONE),
    ("POST", "/people/{token}/looked/{inbox_id}", media.looked_at, ANYONE),
    ("POST", "/people/{token}/looked/{inbox_id}/undo", media.undo_looked_at, ANYONE),
    ("POST", "/people/{token}/offer", support_actions.offer, ANYONE),
    ("POST", "/people/{token}/onward/{onward_id}/outcome", support_actions.record_outcome, ANYONE),
    ("POST", "/people/{token}/onward/{onward_id}/undo", support_actions.undo_outcome, ANYONE),
    ("POST", "/people/{token}/onward/{onward_id}/session", support_actions.set_session, ANYONE),
    ("POST", "/people/{token}/onward/{onward_id}/told", support_actions.told_them, ANYONE),
    ("GET", "/people/{token}/reminders", case.case_page, ANYONE),  # where a form that was wrong stays
    ("POST", "/people/{token}/reminders", text_reminders.write, ANYONE),
    ("POST", "/people/{token}/reminders/count", text_reminders.count, ANYONE),
    ("POST", "/people/{token}/reminders/{reminder_id}/undo", text_reminders.undo, ANYONE),
    ("POST", "/people/{token}/reply", case_actions.reply, ANYONE),
    ("GET", "/people/{token}/reply", case.case_page, ANYONE),  # the address of a reply that could not go
    ("GET", "/people/{token}/merge/{other}", people.compare_page, ANYONE),
    ("POST", "/people/{token}/merge/{other}", people.merge, ANYONE),
    ("POST", "/people/{token}/part/{joining_id}", people.part, ANYONE),
    ("POST", "/compose/count", case.count, ANYONE),
    ("GET", "/calendar", calendar.calendar_page, ANYONE),
    ("GET", "/calendar/live", calendar.live, BY_ITSELF),
    ("GET", "/calendar/book", booking.book_page, ANYONE),
    ("POST", "/calendar/book", booking.book, ANYONE),
    ("GET", "/calendar/time-off", time_off.time_off_page, ANYONE),
    ("POST", "/calendar/time-off", time_off.take, ANYONE),
    ("POST", "/calendar/time-off/{time_off_id}/undo", time_off.take_back, ANYONE),
    ("GET", "/appointments/{appointment_id}", appointments.appointment_page, ANYONE),
    ("GET", "/appointments/{appointment_id}/move", moving.move_page, ANYONE),
    ("POST", "/appointments/{appointment_id}/move", moving.move, ANYONE),
    ("POST", "/appointments/{appointment_id}/outcome", appointments.outcome, ANYONE),
    ("POST", "/appointments/{appointment_id}/cancel", appointments.cancel, ANYONE),
    ("POST", "/appointments/{appointment_id}/undo", appointments.undo, ANYONE),
    ("GET", "/tasks", tasks.tasks_page, ANYONE),
    ("POST", "/tasks/{task_id}/done", case_actions.task_done, ANYONE),
    ("POST", "/tasks/{task_id}/undo", case_actions.undo_task, ANYONE),
    ("GET", "/directory", directory.directory_page, ANYONE),
    ("GET", "/directory/gaps", gaps.gaps_page, ANYONE),
    ("GET", "/directory/gaps.csv", gaps.gaps_file, ANYONE),
    ("GET", "/directory/new", directory_actions.add_page, ANYONE),
    ("POST", "/directory/new", directory_actions.add, ANYONE),
    ("GET", "/directory/{service}", directory.service_page, ANYONE),
    ("GET", "/directory/{service}/correct", directory_actions.correct_page, ANYONE),
    ("POST", "/directory/{service}/correct", directory_actions.correct, ANYONE),
    # Where a form that was wrong stays, loaded again.
    ("GET", "/directory/{service}/pause", directory.service_page, ANYONE),
    ("POST", "/directory/{service}/pause", directory_actions.pause, ANYONE),
    ("GET", "/directory/{service}/close", directory.service_page, ANYONE),
    ("POST", "/directory/{service}/close", directory_actions.close, ANYONE),
    ("POST", "/directory/{service}/reopen", directory_actions.reopen, ANYONE),
    ("POST", "/directory/{service}/undo", directory_actions.put_back, ANYONE),
    ("POST", "/directory/{service}/assure", directory_actions.assure, ANYONE),
    ("POST", "/directory/{service}/checks/{check_id}/settle", directory_actions.settle, ANYONE),
    ("POST", "/directory/{service}/follow", directory_actions.follow_source, ANYONE),
    ("POST", "/directory/{service}/suggest", support_actions.suggest, ANYONE),
    ("GET", "/hours", hours.hours_page, ANYONE),
    ("POST", "/hours", hours.save, ANYONE),
    ("GET", "/hours/feed", hours.hours_page, ANYONE),  # where the new address was shown
    ("POST", "/hours/feed", hours.make_feed, ANYONE),
    ("POST", "/hours/feed/end", hours.stop_feed, ANYONE),
    ("GET", "/places", places.places_page, ANYONE),
    ("GET", "/places/new", places.add_page, ANYONE),
    ("POST", "/places/new", places.add, ANYONE),
    ("GET", "/places/{place_id}", places.correct_page, ANYONE),
    ("POST", "/places/{place_id}", places.correct, ANYONE),
    ("POST", "/places/{place_id}/retire", places.retire, ANYONE),
    ("POST", "/places/{place_id}/bring-back", places.back, ANYONE),
    ("GET", "/sessions", groups.sessions_page, ANYONE),
    ("GET", "/sessions/new", groups.plan_page, ANYONE),
    ("POST", "/sessions/new", groups.plan, ANYONE),
    ("GET", "/sessions/{session_id}", groups.session_page, ANYONE),
    ("GET", "/sessions/{session_id}/told", groups.session_page, BY_ITSELF),
    ("GET", "/sessions/{session_id}/correct", groups.correct_page, ANYONE),
    ("POST", "/sessions/{session_id}/correct", groups.correct, ANYONE),
    ("POST", "/sessions/{session_id}/invite", groups.invite, ANYONE),
    ("POST", "/sessions/{session_id}/leave", groups.leave, ANYONE),
    ("GET", "/sessions/{session_id}/cancel", groups.session_page, ANYONE),  # a wrong form stays there
    ("POST", "/sessions/{session_id}/cancel", groups.cancel, ANYONE),
    ("GET", "/attendance", attendance.attendance_page, LEADS),
    ("GET", "/attendance.csv", attendance.attendance_file, LEADS),
    ("GET", "/attendance/trials/{name}/start", attendance.attendance_page, LEADS),  # where a form stays
    ("POST", "/attendance/trials/{name}/start", attendance.start_trial, LEADS),
    ("POST", "/attendance/trials/{name}/stop", attendance.stop_trial, LEADS),
    ("GET", "/team", team.team_page, ADMINISTRATORS),
    ("POST", "/team", team.add, ADMINISTRATORS),
    ("GET", "/team/{staff_id}", team.member_page, ADMINISTRATORS),
    ("POST", "/team/{staff_id}", team.change, ADMINISTRATORS),
    ("POST", "/team/{staff_id}/password", team.new_password, ADMINISTRATORS),
    ("GET", "/me", team.my_page, ANYONE),
    ("POST", "/me", team.my_alerts, ANYONE),
    ("POST", "/me/name", team.my_name, ANYONE),
    ("GET", "/audit", audit.audit_page, LEADS),
]


class SafeHeaders:
    """Adds the headers that keep these pages to themselves."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)  # what somebody sent has a stricter policy of its own
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
