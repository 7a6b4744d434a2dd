"""Looking for something near them, and going on to it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.casework.cases import case_of
from bot.casework.plans import add_line, plan_of, start_plan
from bot.casework.tasks import open_task
from bot.conversation.cards import card_of, wishes_of
from bot.conversation.carrying_out.one import CarryingOut
from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.directory import onward, suggestions
from bot.directory.checking import trusted
from bot.directory.matching import Match, Reason, suggest
from bot.directory.outcomes import PROMISED, WISHED
from bot.directory.places import outward_in
from bot.directory.search import snapshot_of
from bot.directory.services import Joining, NoSuchService, Service, service_of, services
from bot.directory.waiting import join_list
from bot.messages import COUNTED
from bot.people.access_needs import needs_of
from bot.people.persons import person_of, plan_contact
from bot.requests import (
    ChooseService,
    DeclineService,
    FindServices,
    GoesThemselves,
    GoThemselves,
    ItIsFull,
    MayTellThem,
    NeedsToShare,
    NotAPlace,
    Noted,
    NotePlace,
    NothingFits,
    OnTheList,
    PassOver,
    PlaceNeeded,
    PlaceNoted,
    PrepareToLook,
    ReadyToLook,
    Result,
    ServicesFound,
    ServiceShown,
    ServiceTold,
    ShowService,
    TellMore,
    TellService,
    WaitForPlace,
    WantsNeeded,
)
from bot.store.tables import Heading, Onward, SuggestionStatus

#: So many at a time.
AT_MOST = 3

#: The hour, local to the service's zone, at which we ask whether they got there.
ASK_AT = time(10)


# -- what must be known ------------------------------------------------------------------------


def _prepare(talk: Talk, frame: Frame, request: PrepareToLook) -> Result:
    if not request.place and not person_of(talk.unit, talk.person_id).contact_plan.get("outward"):
        return PlaceNeeded()
    plan = plan_of(talk.unit, talk.person_id)
    if not request.wants and not (plan and plan.under(Heading.WANT)):
        return WantsNeeded()
    return ReadyToLook()


def _note_place(talk: Talk, frame: Frame, request: NotePlace) -> Result:
    outward = outward_in(request.words)
    if outward is None:
        return NotAPlace()
    plan_contact(talk.unit, talk.person_id, outward=outward)
    return PlaceNoted()


# -- what fits ---------------------------------------------------------------------------------


def _find(talk: Talk, frame: Frame, request: FindServices) -> Result:
    """The best that fit, without what they have turned down or were shown lately."""
    _passed_over(talk, frame)
    if request.wants or request.words:
        _keep_wants(talk, frame, request)
    matches = _fitting(talk, request)
    if not matches:
        return _nothing(talk)
    by_id = {one.id: one for one in services(talk.unit, ids=[m.service_id for m in matches])}
    cards = [_card(talk, by_id[m.service_id], m) for m in matches]
    for match in matches:
        _offer(talk, match.service_id, match.reasons)
    if len(cards) == 1:
        return ServiceShown(cards[0])
    return ServicesFound(cards, [[str(card["id"]), card["name"]] for card in cards])


def _keep_wants(talk: Talk, frame: Frame, request: FindServices) -> None:
    """What they want goes into their plan, with the message it came in: nobody asks them twice."""
    plan_id = start_plan(talk.unit, talk.person_id)
    plan = plan_of(talk.unit, talk.person_id)
    stands = plan.under(Heading.WANT) if plan else ()
    inbox_id = frame.said.get("wants")
    for code in request.wants:
        if all(line.code != code for line in stands):
            add_line(talk.unit, plan_id, Heading.WANT, code=code, inbox_id=inbox_id)
    if request.words and all(line.words != request.words for line in stands):
        add_line(talk.unit, plan_id, Heading.WANT, words=request.words, inbox_id=inbox_id)


def _fitting(talk: Talk, request: FindServices) -> list[Match]:
    wishes = wishes_of(talk.unit, talk.person_id, talk.language, request.wants, request.words or "")
    return suggest(
        snapshot_of(talk.unit),
        wishes,
        today=talk.now.astimezone(ZoneInfo(talk.zone)).date(),
        most=1 if talk.channel in COUNTED else AT_MOST,
        without=suggestions.not_again(talk.unit, talk.person_id),
        shares=suggestions.shares_lately(talk.unit),
        months=talk.voice.settings.directory_checked_within_months,
    )


def _show(talk: Talk, frame: Frame, request: ShowService | TellMore) -> Result:
    one = _open(talk, request.service_id)
    if one is None:
        return _another(talk, request.service_id)
    _offer(talk, one.id, ())
    return ServiceShown(_card(talk, one, _why(frame, one.id)))


def _pass_over(talk: Talk, frame: Frame, request: PassOver) -> Result:
    _passed_over(talk, frame)
    return Noted()


def _decline(talk: Talk, frame: Frame, request: DeclineService) -> Result:
    suggestion_id = _offer(talk, request.service_id, ())
    suggestions.answer_suggestion(
        talk.unit, suggestion_id, SuggestionStatus.DECLINED, inbox_id=talk.inbox_id, why_not=request.why
    )
    return Noted()


# -- going on to it ----------------------------------------------------------------------------


def _choose(talk: Talk, frame: Frame, request: ChooseService) -> Result:
    """Interested: what comes next is decided by how somebody comes to this service."""
    one = _open(talk, request.service_id)
    if one is None:
        return _another(talk, request.service_id)
    card = _card(talk, one, _why(frame, one.id))
    companion = (PROMISED if card["vetted"] else WISHED) if request.along else ""
    if one.places_left == 0:
        return ItIsFull(card, one.waiting_weeks or 0)
    if one.joining is Joining.DIRECT:
        return _goes(talk, one, card, companion)
    return MayTellThem(card, or_self=one.joining is Joining.EITHER, companion=companion)


def _go(talk: Talk, frame: Frame, request: GoThemselves) -> Result:
    one = _open(talk, request.service_id)
    if one is None:
        return _another(talk, request.service_id)
    return _goes(talk, one, _card(talk, one), _companion(frame, one.id))


def _tell(talk: Talk, frame: Frame, request: TellService) -> Result:
    """With their yes the service is told; of what makes contact easier only with another yes."""
    one = _open(talk, request.service_id)
    if one is None:
        return _another(talk, request.service_id)
    if request.needs is None and (needs := needs_of(talk.unit, talk.person_id)):
        return NeedsToShare(one.id, "; ".join(need.need for need in needs))
    companion = _companion(frame, one.id)
    refer_on(talk, one, companion)
    return ServiceTold(_card(talk, one), companion)


def _goes(talk: Talk, one: Service, card: dict, companion: str) -> Result:  # type: ignore[type-arg]
    signpost(talk, one, companion)
    return GoesThemselves(card, companion)


def _wait(talk: Talk, frame: Frame, request: WaitForPlace) -> Result:
    one = service_of(talk.unit, request.service_id)
    join_list(talk.unit, talk.person_id, one.id, _offer(talk, one.id, ()))
    return OnTheList(_card(talk, one), one.waiting_weeks or 0)


def signpost(talk: Talk, one: Service, companion: str = "") -> int:
    """They get in touch themselves: it is written down, a link worker knows, and we ask later; its id."""
    card = _card(talk, one)
    session = datetime.fromisoformat(card["next"]) if card["next"] else None
    suggestion_id = _accepted(talk, one.id)
    referred = onward.refer(
        talk.unit,
        talk.person_id,
        one.id,
        Onward.SIGNPOSTED,
        suggestion_id=suggestion_id,
        someone_along=companion or None,
        first_session_at=session,
        ask_at=ask_at(talk, session),
    )
    _tell_link_worker(talk, "chose-service", one.name)
    if companion:
        _tell_link_worker(talk, "someone-along", one.name)
    return referred.onward_id


def refer_on(talk: Talk, one: Service, companion: str = "") -> int:
    """The service is told of them: by mail where that is set up, else by a link worker; its id."""
    settings = talk.voice.settings
    suggestion_id = _accepted(talk, one.id)
    referred = onward.refer(
        talk.unit,
        talk.person_id,
        one.id,
        Onward.REFERRED,
        suggestion_id=suggestion_id,
        someone_along=companion or None,
        ask_at=ask_at(talk, None),
    )
    by_mail = bool(settings.smtp_url.get_secret_value())
    if onward.tell_service(talk.unit, referred.onward_id, settings.hours, by_mail=by_mail):
        _tell_link_worker(talk, "chose-service", one.name)
    if companion:
        _tell_link_worker(talk, "someone-along", one.name)
    return referred.onward_id


def ask_at(talk: Talk, session: datetime | None) -> datetime:
    """When to ask whether they got there: the day after the session, else after the set days (aware UTC)."""
    settings = talk.voice.settings
    zone = settings.hours.zone
    after = session + timedelta(days=1) if session else talk.now + timedelta(days=settings.got_there_days)
    return datetime.combine(after.astimezone(zone).date(), ASK_AT, zone)


# -- inside ------------------------------------------------------------------------------------


def _open(talk: Talk, service_id: int) -> Service | None:
    """The service, if it may be suggested now."""
    try:
        one = service_of(talk.unit, service_id)
    except NoSuchService:
        return None
    return one if one.may_be_suggested else None


def _another(talk: Talk, gone_id: int) -> Result:
    """It has stopped meanwhile: that is said kindly, with another where there is one."""
    name = service_of(talk.unit, gone_id).name
    suggestions.answer_suggestion(
        talk.unit, _offer(talk, gone_id, ()), SuggestionStatus.PASSED_OVER, inbox_id=talk.inbox_id
    )
    for match in _fitting(talk, FindServices()):
        one = service_of(talk.unit, match.service_id)
        _offer(talk, one.id, match.reasons)
        return ServiceShown(_card(talk, one, match), instead_of=name)
    return _nothing(talk, instead_of=name)


def _nothing(talk: Talk, instead_of: str = "") -> Result:
    """Said honestly, and a link worker looks."""
    _tell_link_worker(talk, "find-something", "")
    shown = suggestions.shown_lately(talk.unit, talk.person_id)
    return NothingFits(shown=shown, instead_of=instead_of)


def _card(talk: Talk, one: Service, match: Match | None = None) -> dict:  # type: ignore[type-arg]
    outward = person_of(talk.unit, talk.person_id).contact_plan.get("outward")
    return card_of(trusted(talk.unit, one), talk.now, talk.voice.settings, match, outward)


def _offer(talk: Talk, service_id: int, reasons: tuple[Reason, ...]) -> int:
    """Write it down as suggested, if it was not; the suggestion's id."""
    newest = suggestions.newest_suggestion(talk.unit, talk.person_id, service_id)
    if newest is not None and not reasons:
        return newest.id
    return suggestions.offer(talk.unit, talk.person_id, service_id, [reason.kept for reason in reasons])


def _accepted(talk: Talk, service_id: int) -> int:
    suggestion_id = _offer(talk, service_id, ())
    suggestions.answer_suggestion(talk.unit, suggestion_id, SuggestionStatus.ACCEPTED, inbox_id=talk.inbox_id)
    return suggestion_id


def _passed_over(talk: Talk, frame: Frame) -> None:
    """What was shown here and neither taken nor turned down: they asked to see others."""
    shown = [card["id"] for card in getattr(frame.found.get("services_found"), "cards", ())]
    if (one := frame.found.get("service_shown")) is not None:
        shown.append(one.about)  # type: ignore[attr-defined]
    for service_id in dict.fromkeys(shown):
        newest = suggestions.newest_suggestion(talk.unit, talk.person_id, service_id)
        if newest is not None and newest.status is SuggestionStatus.OFFERED:
            suggestions.answer_suggestion(
                talk.unit, newest.id, SuggestionStatus.PASSED_OVER, inbox_id=talk.inbox_id
            )


def _why(frame: Frame, service_id: int) -> Match | None:
    """Why it was suggested here, as it was told."""
    found = [*getattr(frame.found.get("services_found"), "cards", ())]
    if (one := frame.found.get("service_shown")) is not None:
        found.append(one.card)  # type: ignore[attr-defined]
    for card in found:
        if card["id"] == service_id:
            return Match(service_id, tuple(Reason(*reason) for reason in card["reasons"]), card["miles"])
    return None


def _companion(frame: Frame, service_id: int) -> str:
    asked = frame.found.get("may_tell_them")
    return asked.companion if isinstance(asked, MayTellThem) and asked.about == service_id else ""


def _tell_link_worker(talk: Talk, kind: str, details: str) -> None:
    case = case_of(talk.unit, talk.person_id)
    due = talk.voice.settings.hours.working_days_after(talk.now, 1)
    open_task(talk.unit, talk.person_id, kind, due, details, case.id if case else None)


HOW: dict[type, CarryingOut] = {
    PrepareToLook: _prepare,
    NotePlace: _note_place,
    FindServices: _find,
    ShowService: _show,
    TellMore: _show,
    DeclineService: _decline,
    PassOver: _pass_over,
    ChooseService: _choose,
    GoThemselves: _go,
    TellService: _tell,
    WaitForPlace: _wait,
}
