"""`doctor`: what is set up, what is missing and what to do, in plain words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot.app import ROOT, NotReady, make_voice, open_store
from bot.casework.staffing import Staff, all_staff
from bot.channels.telegram import TelegramAway, TelegramChannel, WrongToken
from bot.clock import SystemClock
from bot.directory.checking import open_findings
from bot.directory.importing import EXAMPLE
from bot.directory.services import how_many
from bot.settings import PREFIX, Settings
from bot.store.engines import Store
from bot.web.parts import is_loopback
from bot.words.fits import check_fits
from bot.words.languages import ENGLISH, Languages


class Finding(StrEnum):
    """How it stands with one thing."""

    GOOD = "ok  "
    LOOK = "look"
    BAD = "BAD "


@dataclass(frozen=True, slots=True)
class Found:
    """One thing looked at, and what to do about it when it is not well."""

    how: Finding
    what: str
    to_do: str = ""


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(doctor)


def doctor() -> None:
    """Say what is set up, what is missing and what to do. Ends with 1 when something must be done."""
    settings = Settings.load()
    found = list(examine(settings))
    for one in found:
        typer.echo(f"{one.how}  {one.what}")
        if one.to_do:
            typer.echo(f"      {one.to_do}")
    bad = sum(one.how is Finding.BAD for one in found)
    typer.echo(f"\n{bad} to mend." if bad else "\nNothing has to be mended.")
    if bad:
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Found]:
    """Everything there is to look at, in the order somebody would set it up."""
    try:
        store = open_store(settings)
    except NotReady as error:
        yield Found(Finding.BAD, str(error))
    except SQLAlchemyError as error:
        yield Found(
            Finding.BAD,
            f"The store cannot be opened ({type(error).__name__}).",
            f"Look at {PREFIX}DATABASE_URL.",
        )
    else:
        try:
            yield from _store(settings, store)
            yield from _team(settings, store)
            yield from _directory(settings, store)
        finally:
            store.close()
    yield from _words(settings)
    yield from _reached_from_outside(settings)
    yield from _texts(settings)
    yield from _telegram(settings)
    yield from _alerts(settings)
    yield from _safety(settings)
    yield from _privacy(settings)


def _store(settings: Settings, store: Store) -> Iterator[Found]:
    kind = "SQLite, one file" if settings.on_sqlite else "PostgreSQL"
    yield Found(Finding.GOOD, f"The store is up to date ({kind}), and everything said in it is sealed.")
    yield Found(
        Finding.LOOK,
        "The keys in LINKLINE_KEYS and LINKLINE_LOOKUP_KEY are all that opens it.",
        "Keep a copy of them on paper, apart from the backups. Lost keys are lost words.",
    )


def _team(settings: Settings, store: Store) -> Iterator[Found]:
    with store.reading() as reading:
        team = all_staff(reading, active_only=True)
    if not team:
        add = "python -m bot staff add EMAIL NAME --role administrator"
        yield Found(Finding.BAD, "Nobody works here yet.", add)
        return
    yield Found(Finding.GOOD, f"{len(team)} people work here.")
    if not any(one.alert_by != "none" for one in team):
        yield Found(
            Finding.LOOK,
            "Nobody is told when somebody waits: they see it only on the page.",
            "Each worker sets how and when under /staff, at their own name.",
        )
    if any(not one.has_second_step for one in team):
        yield Found(Finding.LOOK, "Not everybody has set up the second step of signing in yet.")
    yield from _duty_contact(settings, team)


def _directory(settings: Settings, store: Store) -> Iterator[Found]:
    """Whether there is anything to suggest, and nothing that nobody runs."""
    with store.reading() as reading:
        offered = how_many(reading, suggestible=True)
        examples = how_many(reading, suggestible=True, source=EXAMPLE)
        wrong = len(open_findings(reading))
    if examples and settings.live_channels:
        yield Found(
            Finding.BAD,
            f"{examples} invented services would be suggested to people.",
            "Import your own (`python -m bot services import`), which pauses them, or close them at /staff.",
        )
    elif not offered:
        yield Found(
            Finding.LOOK,
            "There are no services in the directory, so none can be suggested.",
            "`python -m bot services template` prints a spreadsheet to fill in; `services import` takes it.",
        )
    else:
        about = f", {examples} of them invented, to look round" if examples else ""
        yield Found(Finding.GOOD, f"{offered} services can be suggested{about}.")
    if wrong:
        look = "`python -m bot services check` says which; link workers see them on the page Services."
        yield Found(Finding.LOOK, f"What no longer looks right about services: {wrong}.", look)


def _duty_contact(settings: Settings, team: list[Staff]) -> Iterator[Found]:
    """Who hears of danger in closed hours, and whether an alert can reach them."""
    if settings.out_of_hours == "staffed":
        return
    if not settings.duty_contact:
        yield Found(
            Finding.LOOK,
            "Nobody is told of danger in closed hours: it is first on the page at opening.",
            f"Set {PREFIX}DUTY_CONTACT to somebody who wants to be told, with their email address.",
        )
    elif not any(one.email == settings.duty_email.casefold() for one in team):
        yield Found(
            Finding.BAD,
            "The duty contact is not alerted: no email address in it is that of somebody on the team.",
            f"Put their address into {PREFIX}DUTY_CONTACT, and add them to the team under /staff.",
        )
    else:
        yield Found(Finding.GOOD, "The duty contact is alerted of danger in closed hours.")


def _words(settings: Settings) -> Iterator[Found]:
    languages = Languages.load(ROOT / "locales", only=settings.languages)
    voice = make_voice(settings, languages, SystemClock())
    problems = check_fits(voice.prompts, vars(voice.service(ENGLISH, SystemClock().now())))
    for problem in problems:
        yield Found(Finding.BAD, problem, "Choose a shorter name, or the text costs one part more each time.")
    if not problems:
        yield Found(Finding.GOOD, f"Every text fits with the name {settings.service_name}.")
    for language in languages:
        if not language.reviewed:
            yield Found(
                Finding.LOOK,
                f"{language.name}: {language.note}",
                f"Until then leave it out: {PREFIX}LANGUAGES=en",
            )


def _reached_from_outside(settings: Settings) -> Iterator[Found]:
    if not settings.public_url:
        live = settings.sms_on or settings.whatsapp_on
        yield Found(
            Finding.BAD if live else Finding.LOOK,
            "No public address is set: only this machine can reach it.",
            f"Set {PREFIX}PUBLIC_URL=https://… once a proxy brings the world here.",
        )
    elif settings.public_url.startswith("http://") and not is_loopback(settings.host):
        yield Found(Finding.BAD, f"{PREFIX}PUBLIC_URL is not https: others could read what people say.")
    else:
        yield Found(Finding.GOOD, f"It is reached at {settings.public_url}.")


def _texts(settings: Settings) -> Iterator[Found]:
    if not (settings.sms_on or settings.whatsapp_on):
        yield Found(
            Finding.LOOK,
            "Text messages: not set up. On this machine /phone plays a phone instead.",
            f"Set {PREFIX}TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _MESSAGING_SERVICE_SID (or _FROM).",
        )
        return
    base = settings.base_url
    yield Found(
        Finding.GOOD,
        "Text messages are on.",
        f"At Twilio set the webhook to {base}/webhooks/twilio/messages, with a fallback address too.",
    )
    if settings.sms_on and not settings.twilio_messaging_service_sid:
        yield Found(
            Finding.BAD,
            "Texts go without a Messaging Service, so Twilio answers HELP and STOP with its own words.",
            f"Make one with Advanced Opt-Out and set {PREFIX}TWILIO_MESSAGING_SERVICE_SID.",
        )
    if settings.sms_on and not settings.twilio_words_set:
        phone = settings.service_phone
        yield Found(
            Finding.BAD,
            "Someone who texts STOP or HELP is answered by Twilio. These must be its words:",
            "STOP: You will get no more texts from this number. To undo this text START. "
            f"To speak to a person ring {phone}. In danger call 999.\n"
            "      HELP: In danger call 999. To talk now, free, any time: 111 then 2, or Samaritans "
            f"116 123. Our team: text PERSON or ring {phone}. STOP ends texts.\n"
            f"      Add STOPIO and PAID for Welsh. Then set {PREFIX}TWILIO_WORDS_SET=true.",
        )
    if settings.whatsapp_on and not settings.twilio_whatsapp_template:
        yield Found(
            Finding.LOOK,
            "WhatsApp: after 24 hours of silence nothing can be sent without an approved template.",
            f"Set {PREFIX}TWILIO_WHATSAPP_TEMPLATE to its ContentSid.",
        )
    yield Found(
        Finding.LOOK,
        "Twilio keeps what was said unless it is told not to.",
        "Ask Twilio for message redaction, or accept that erasing also deletes there, one by one.",
    )


def _telegram(settings: Settings) -> Iterator[Found]:
    if not settings.telegram_on:
        yield Found(
            Finding.LOOK,
            "Telegram: not set up.",
            f"Ask @BotFather for a bot and set {PREFIX}TELEGRAM_TOKEN.",
        )
        return
    try:
        name = asyncio.run(_telegram_name(settings))
        yield Found(Finding.GOOD, f"Telegram is on: t.me/{name}, by {settings.telegram_mode}.")
    except WrongToken as error:
        yield Found(Finding.BAD, str(error))
    except TelegramAway:
        yield Found(Finding.BAD, "Telegram did not answer.", f"Look at {PREFIX}TELEGRAM_API_URL.")


async def _telegram_name(settings: Settings) -> str:
    channel = TelegramChannel(settings)
    try:
        await channel.start()
        return channel.username or ""
    finally:
        await channel.close()


def _alerts(settings: Settings) -> Iterator[Found]:
    if settings.smtp_url.get_secret_value() and not settings.mail_from:
        yield Found(Finding.BAD, f"{PREFIX}SMTP_URL is set, {PREFIX}MAIL_FROM is not: no alert can go.")
    elif settings.smtp_url.get_secret_value():
        yield Found(Finding.GOOD, "Alerts to staff can go by email.")
    else:
        both = f"Set {PREFIX}SMTP_URL and {PREFIX}MAIL_FROM."
        yield Found(Finding.LOOK, "Alerts by email: not set up.", both)


def _safety(settings: Settings) -> Iterator[Found]:
    missing = settings.missing_for_live
    live = settings.sms_on or settings.whatsapp_on or settings.telegram_on
    if not missing:
        yield Found(Finding.GOOD, "The safety plan is complete.")
    for name, why in missing:
        yield Found(Finding.BAD if live else Finding.LOOK, why, f"Set {name}.")
    if missing:
        yield Found(
            Finding.BAD if live else Finding.LOOK,
            "Live channels stay closed until the safety plan is complete.",
        )


def _privacy(settings: Settings) -> Iterator[Found]:
    if settings.controller and settings.privacy_contact:
        yield Found(Finding.GOOD, "The privacy page names who is responsible.")
    else:
        yield Found(
            Finding.LOOK,
            "The privacy page does not say who is responsible for what people tell you.",
            f"Set {PREFIX}CONTROLLER and {PREFIX}PRIVACY_CONTACT. A data protection officer should read it.",
        )
