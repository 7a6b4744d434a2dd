"""What is asked of the directory for somebody: what may fit, going on to it, and whether they got there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from bot.requests.base import Request, Result
from bot.requests.people import Noted

#: One service as a message tells it: its name, times, place, cost and reasons, as codes and numbers.
Card = dict[str, Any]


# -- looking ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceNeeded(Result):
    """We do not know where they live, not even roughly."""


@dataclass(frozen=True, slots=True)
class WantsNeeded(Result):
    """They have no plan that says what they want."""


@dataclass(frozen=True, slots=True)
class ReadyToLook(Result):
    """We know enough to look."""


@dataclass(frozen=True, slots=True)
class PrepareToLook(Request):
    """What must still be asked before we look? `place` and `wants` say what was asked already."""

    place: bool = False
    wants: bool = False
    results: ClassVar = (PlaceNeeded, WantsNeeded, ReadyToLook)


@dataclass(frozen=True, slots=True)
class PlaceNoted(Result):
    """The first half of their postcode is in their contact plan."""


@dataclass(frozen=True, slots=True)
class NotAPlace(Result):
    """That is no first half of a postcode."""


@dataclass(frozen=True, slots=True)
class NotePlace(Request):
    """Keep the first half of their postcode; a whole one is cut to it."""

    words: str
    results: ClassVar = (PlaceNoted, NotAPlace)


@dataclass(frozen=True, slots=True)
class ServicesFound(Result):
    """What may fit, the best first, at most three. `offers` are [service id, name]."""

    cards: list[Card]
    offers: list[list[str]]


@dataclass(frozen=True, slots=True)
class ServiceShown(Result):
    """One service. `instead_of` names one that has stopped meanwhile; `by` is whose idea it is."""

    card: Card
    instead_of: str = ""
    by: str = ""

    @property
    def about(self) -> int:
        """The service this is about."""
        return self.card["id"]


@dataclass(frozen=True, slots=True)
class NothingFits(Result):
    """Nothing, or nothing more than was `shown` already. A link worker is told, and looks too."""

    shown: int = 0
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class FindServices(Request):
    """Look for what fits. `wants` are codes, `words` their own; nothing shown lately is shown again."""

    wants: tuple[str, ...] = ()
    words: str | None = None
    results: ClassVar = (ServicesFound, ServiceShown, NothingFits)


@dataclass(frozen=True, slots=True)
class ShowService(Request):
    """Tell of this one; if it has stopped meanwhile, of another."""

    service_id: int
    results: ClassVar = (ServiceShown, NothingFits)


@dataclass(frozen=True, slots=True)
class TellMore(Request):
    """All we know of it, shortly: what it is, access, cost, and when that was last checked."""

    service_id: int
    results: ClassVar = (ServiceShown, NothingFits)


@dataclass(frozen=True, slots=True)
class DeclineService(Request):
    """It is not for them. `why` is a code of what gets in the way, or nothing."""

    service_id: int
    why: str | None = None
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class PassOver(Request):
    """None of what was shown: kept as passed over, and not shown again for a while."""

    results: ClassVar = (Noted,)


# -- going on to it --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MayTellThem(Result):
    """Shall we tell the service? They are asked. `or_self`: they may get in touch themselves as well."""

    card: Card
    or_self: bool
    companion: str = ""  # promised, wished

    @property
    def about(self) -> int:
        """The service this is about."""
        return self.card["id"]


@dataclass(frozen=True, slots=True)
class ItIsFull(Result):
    """No place is left. `weeks` is what the service says of the wait; nought when it says nothing."""

    card: Card
    weeks: int = 0

    @property
    def about(self) -> int:
        """The service this is about."""
        return self.card["id"]


@dataclass(frozen=True, slots=True)
class GoesThemselves(Result):
    """They get in touch, or just come. A link worker knows, and we ask later whether they got there."""

    card: Card
    companion: str = ""


@dataclass(frozen=True, slots=True)
class ChooseService(Request):
    """They are interested. `along`: they would like someone to come with them."""

    service_id: int
    along: bool = False
    results: ClassVar = (MayTellThem, GoesThemselves, ItIsFull, ServiceShown, NothingFits)


@dataclass(frozen=True, slots=True)
class NeedsToShare(Result):
    """They told us what makes contact easier: shall the service know it too?"""

    about: int
    needs: str


@dataclass(frozen=True, slots=True)
class ServiceTold(Result):
    """An onward referral: the service is told, by mail or by a link worker, and is in touch with them."""

    card: Card
    companion: str = ""


@dataclass(frozen=True, slots=True)
class TellService(Request):
    """Pass on their first name and the safe way, and with `needs` True what makes contact easier.

    `needs` is None until they were asked.
    """

    service_id: int
    needs: bool | None = None
    results: ClassVar = (ServiceTold, NeedsToShare, ServiceShown, NothingFits)


@dataclass(frozen=True, slots=True)
class GoThemselves(Request):
    """They get in touch with it themselves."""

    service_id: int
    results: ClassVar = (GoesThemselves, ServiceShown, NothingFits)


@dataclass(frozen=True, slots=True)
class OnTheList(Result):
    """They wait for a place there, and hear when one comes up. `weeks` as the service says, or nought."""

    card: Card
    weeks: int = 0


@dataclass(frozen=True, slots=True)
class WaitForPlace(Request):
    """Put them on the list for a place."""

    service_id: int
    results: ClassVar = (OnTheList,)


# -- did you get there? ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OnTheWay(Result):
    """What they said yes to, and what we ask about. `stopped`: it closed or paused meanwhile."""

    onward_id: int
    name: str
    stopped: bool = False
    nth: int = 1

    @property
    def about(self) -> int:
        """The onward referral this is about."""
        return self.onward_id


@dataclass(frozen=True, slots=True)
class RecordGotThere(Request):
    """They were there. `words` are what they say of it."""

    onward_id: int
    words: str | None = None
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class RecordNotThere(Request):
    """They did not go, and will not. `why` is a code of what got in the way; `words` their own."""

    onward_id: int
    why: str | None = None
    words: str | None = None
    results: ClassVar = (Noted,)


@dataclass(frozen=True, slots=True)
class AnotherTime(Result):
    """We ask again after `on`: the next session, as an ISO date, where the service's days are known."""

    on: str = ""


@dataclass(frozen=True, slots=True)
class ForAPerson(Result):
    """It goes to a link worker: it has been tried long enough by message."""


@dataclass(frozen=True, slots=True)
class TryAnotherTime(Request):
    """They want to try again. `why` is what got in the way this time."""

    onward_id: int
    why: str | None = None
    words: str | None = None
    results: ClassVar = (AnotherTime, ForAPerson)


@dataclass(frozen=True, slots=True)
class CompanionAsked(Result):
    """Somebody to come along: `promised` where the service has vetted companions; else a human asks."""

    promised: bool
    on: str = ""


@dataclass(frozen=True, slots=True)
class AskCompanion(Request):
    """They would go with someone beside them."""

    onward_id: int
    why: str | None = None
    words: str | None = None
    results: ClassVar = (CompanionAsked, ForAPerson)


@dataclass(frozen=True, slots=True)
class AskLinkWorker(Request):
    """They would rather talk it over with a person, who has it from now on."""

    onward_id: int
    why: str | None = None
    words: str | None = None
    results: ClassVar = (ForAPerson,)


# -- a place comes up ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceOffered(Result):
    """A place is free where they wait. `until` is the ISO instant up to which it is kept for an answer."""

    waited_id: int
    card: Card
    until: str

    @property
    def about(self) -> int:
        """The place on the list this is about."""
        return self.waited_id


@dataclass(frozen=True, slots=True)
class PlaceTaken(Result):
    """The place is theirs. `themselves`: they get in touch; otherwise the service is told."""

    card: Card
    themselves: bool = False


@dataclass(frozen=True, slots=True)
class PlaceGone(Result):
    """Somebody else said yes first. They are still on the list."""

    name: str


@dataclass(frozen=True, slots=True)
class TakePlace(Request):
    """Yes to the place: the first takes it."""

    waited_id: int
    results: ClassVar = (PlaceTaken, PlaceGone)


@dataclass(frozen=True, slots=True)
class LeavePlace(Request):
    """Not this one. `for_good`: take them off the list."""

    waited_id: int
    for_good: bool = False
    results: ClassVar = (Noted,)
