"""Which card answers what was noticed: by nation, by whether the team is there, by whose danger it is.

The words are blocks of `templates/prompts/safety.txt`; the numbers in them come from the services' own
pages (0808 2000 247 is England's only; Northern Ireland has no 111). The prompt sees `service.opens`,
and for food and shelter `service.urgent_food` and `service.homelessness`.
"""

from __future__ import annotations

from bot.messages import ChannelName
from bot.safety.noticing import Level, Noticed

#: Nations with lines of their own. Anywhere else gets only what works all over the UK.
NATIONS = ("england", "wales", "scotland", "northern-ireland")

#: Someone's own hand: everything else that is danger now names nothing, since others may read it.
OWN_HAND = frozenset({"suicide", "self-harm", "means"})


def card(
    noticed: Noticed,
    *,
    nation: str | None,
    deployer_nation: str,
    is_open: bool,
    under_age: bool,
    channel: ChannelName | str,
) -> str:
    """The prompt key of the card for this, such as "safety.crisis_england_closed".

    `nation` is the person's own, None until it is known: then the deployer's is taken. `is_open`
    is whether someone is there now, by the hours or by a rota. `under_age`: below the service's age.
    A card is one block for all channels but for the shorter `on_sms__` form, which the prompts choose.
    """
    when = "open" if is_open else "closed"
    block = _block(noticed, nation or deployer_nation, under_age)
    return f"safety.{block}" if block in ("worry", "recovery") else f"safety.{block}_{when}"


def _block(noticed: Noticed, nation: str, under_age: bool) -> str:
    place = nation.replace("-", "_") if nation in NATIONS else "uk"
    match noticed.level:
        case Level.WORRY:
            return "recovery" if noticed.is_over else "worry"
        case Level.DANGER_NOW if noticed.category not in OWN_HAND:
            return "emergency"
        case Level.DANGER_NOW:
            return "danger" if noticed.about_self else "danger_someone_else"
        case Level.ABUSE:
            return "abuse_young" if under_age else f"abuse_{place}"
    match noticed.category:
        case "neglect":
            return "neglect"
        case "harm-to-others":
            return "harm"
    if not noticed.about_self:
        return "someone_else"
    return "young" if under_age else f"crisis_{place}"
