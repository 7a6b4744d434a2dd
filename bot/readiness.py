"""What a deployer must have decided before strangers in trouble can write to them."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.settings import PREFIX, Settings

#: Each setting of the safety plan, and why it is asked for (practice: concerns).
PLAN = {
    "out_of_hours": "Nobody has decided what happens in closed hours: 'closed' or 'staffed'.",
    "safeguarding_lead": "No safeguarding lead is named.",
    "social_care_day": "Adult social care by day: no number.",
    "social_care_night": "Adult social care by night: no number.",
    "childrens_services": "Children's services: no number.",
    "urgent_food": "Urgent food and heat: no number.",
    "homelessness": "Homelessness: no number.",
}


def missing_for_live(settings: Settings) -> list[tuple[str, str]]:
    """The settings a live channel still needs, each with why."""
    return [(PREFIX + name.upper(), why) for name, why in PLAN.items() if not getattr(settings, name)]


def live_channels(settings: Settings) -> list[str]:
    """The channels by which strangers would reach us. A stand-in on this machine is not one."""
    live = []
    if (settings.sms_on or settings.whatsapp_on) and not _is_here(settings.twilio_api_url):
        live.append("text messages")
    if settings.telegram_on and not _is_here(settings.telegram_api_url):
        live.append("Telegram")
    return live


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
