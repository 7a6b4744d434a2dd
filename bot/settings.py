"""What the operator sets, from the environment or `.env`. A wrong setting refuses to start."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.clock import OpeningHours

PREFIX = "LINKLINE_"
TWILIO = "https://api.twilio.com"
TELEGRAM = "https://api.telegram.org"


#: What a deployer decides before a live channel opens (practice, section 4), and why it is asked.
SAFETY_PLAN = {
    "out_of_hours": "Nobody has decided what happens in closed hours: 'closed' or 'staffed'.",
    "safeguarding_lead": "No safeguarding lead is named.",
    "social_care_day": "Adult social care by day: no number.",
    "social_care_night": "Adult social care by night: no number.",
    "childrens_services": "Children's services: no number.",
    "urgent_food": "Urgent food and heat: no number.",
    "homelessness": "Homelessness: no number.",
}


class WrongSetting(Exception):
    """A setting that cannot be right; the message names it and says what it should be."""


def _listed(value: Any) -> Any:
    return [v.strip() for v in value.split(",") if v.strip()] if isinstance(value, str) else value


Listed = Annotated[list[str], NoDecode, BeforeValidator(_listed)]
SecretList = Annotated[list[SecretStr], NoDecode, BeforeValidator(_listed)]
Nation = Literal["england", "wales", "scotland", "northern-ireland"]


class Settings(BaseSettings):
    """Every setting there is. Read with `Settings.load()`; secrets are never printed."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=False)

    # Where it runs
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    public_url: str = ""
    database_url: str = "sqlite:///data/linkline.db"
    max_body_bytes: int = Field(1_000_000, ge=10_000)

    # Keys: the first seals, all of them open
    keys: SecretList = []
    lookup_key: SecretStr = SecretStr("")

    # Twilio
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_shared_key: SecretStr = SecretStr("")  # of webhooks signed the newer way, with a key of their own
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_whatsapp_from: str = ""
    twilio_whatsapp_template: str = ""  # ContentSid of "we have news for you", for after 24 hours
    twilio_words_set: bool = False  # its answers to STOP and HELP are ours (doctor shows them)
    twilio_api_url: str = TWILIO
    twilio_segments_a_second: float = Field(1.0, gt=0)

    # Telegram
    telegram_token: SecretStr = SecretStr("")
    telegram_api_url: str = TELEGRAM
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_secret: SecretStr = SecretStr("")

    # Staff
    staff_token: SecretStr = SecretStr("")
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""

    # The service, as people meet it
    service_name: str = "Ashby Links"
    area: str = "Ashby"
    nation: Nation = "england"
    zone: str = "Europe/London"
    opening_hours: str = "Mon-Fri 09:00-17:00"
    languages: Listed = ["en", "cy"]
    minimum_age: int = Field(18, ge=0, le=120)
    service_phone: str = "01632 960001"
    caller_name: str = "Sam"  # all that is said to whoever answers, until we know it is safe
    neighbour_name: str = ""  # who helps people outside the area
    neighbour_phone: str = ""
    contact_within_days: int = Field(5, ge=1, le=60)
    late_extra_days: int = Field(10, ge=1, le=60)
    answer_within_minutes: int = Field(30, ge=1)
    look_within_hours: int = Field(8, ge=1)  # open hours until a human has opened what we cannot read
    got_there_days: int = Field(10, ge=1, le=90)  # until we ask, where the first session is not known
    got_there_again_days: int = Field(7, ge=1, le=90)  # until we ask once more, and until a person does
    hold_extends_minutes: int = Field(60, ge=5)

    # The directory of local services
    directory_feeds: Listed = []  # "ashby=https://…", or an address alone: looked at every night
    directory_calls_a_second: float = Field(10.0, gt=0, le=10_000)
    directory_checked_within_months: int = Field(6, ge=1, le=60)
    directory_check_links: bool = True  # once a week, at night

    # Appointments
    appointments_plans: str = ""  # a file of one's own like bot/appointments/reminder_plans.toml

    # Privacy
    controller: str = ""
    privacy_contact: str = ""
    keep_without_agreement_days: int = Field(30, ge=1, le=365)
    keep_years: int = Field(8, ge=1, le=30)

    # Safety
    out_of_hours: Literal["", "closed", "staffed"] = ""
    safeguarding_lead: str = ""
    duty_contact: str = ""
    pick_up_within_minutes: int = Field(15, ge=1)  # open minutes until leads hear that nobody has it
    social_care_day: str = ""
    social_care_night: str = ""
    childrens_services: str = ""
    urgent_food: str = ""
    homelessness: str = ""

    @classmethod
    def load(cls, **given: Any) -> Settings:
        """Settings from the environment, `.env` and `given`. Raises WrongSetting naming what is wrong."""
        try:
            return cls(**given)
        except ValidationError as error:
            lines = []
            for e in error.errors():
                name = PREFIX + "_".join(str(p) for p in e["loc"]).upper() if e["loc"] else PREFIX + "…"
                lines.append(f"{name}: {e['msg'].removeprefix('Value error, ')}")
            raise WrongSetting("\n".join(lines)) from None

    @field_validator("service_name", "area", "caller_name")
    @classmethod
    def _short(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("cannot be empty: people are told it in the first message")
        if len(value) > 30:
            raise ValueError(f"{value!r} is {len(value)} characters; at most 30 fit in a text")
        return value.strip()

    @field_validator("opening_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        OpeningHours.parse(value)
        return value

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except Exception:
            raise ValueError(f"{value!r} is not a time zone such as Europe/London") from None
        return value

    @field_validator("public_url", "twilio_api_url", "telegram_api_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if value and not re.match(r"^https?://[^/\s]+", value):
            raise ValueError("should start with https:// and have no spaces")
        return value.rstrip("/")

    @field_validator("twilio_from", "twilio_whatsapp_from")
    @classmethod
    def _can_be_answered(cls, value: str) -> str:
        value = value.removeprefix("whatsapp:").replace(" ", "")
        if value and not re.match(r"^\+\d{8,15}$", value):
            raise ValueError(
                "should be a number like +447700900000. A name cannot be answered, so nobody could "
                "reply or stop"
            )
        return value

    @field_validator("directory_feeds")
    @classmethod
    def _feeds(cls, value: list[str]) -> list[str]:
        for feed in value:
            if not re.match(r"^([\w.-]{1,80}=)?https?://[^/\s]+", feed):
                raise ValueError(f"{feed!r} should be like ashby=https://directory.ashby.example/api")
        return value

    @field_validator("database_url")
    @classmethod
    def _store(cls, value: str) -> str:
        if value.startswith(("postgresql://", "postgres://")):
            value = "postgresql+psycopg://" + value.split("://", 1)[1]
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("should be sqlite:///path/to/file.db or postgresql://user@host/name")
        return value

    @model_validator(mode="after")
    def _together(self) -> Settings:
        from cryptography.fernet import Fernet

        for key in self.keys:
            try:
                Fernet(key.get_secret_value())
            except ValueError:
                raise ValueError("KEYS: each key should be made by `python -m bot keys`") from None
        if self.twilio_account_sid and not self.twilio_auth_token.get_secret_value():
            raise ValueError("TWILIO_AUTH_TOKEN is missing, and TWILIO_ACCOUNT_SID is set")
        if self.twilio_auth_token.get_secret_value() and not self.twilio_account_sid:
            raise ValueError("TWILIO_ACCOUNT_SID is missing, and TWILIO_AUTH_TOKEN is set")
        sms = self.twilio_from or self.twilio_messaging_service_sid
        if self.twilio_account_sid and not (sms or self.twilio_whatsapp_from):
            raise ValueError("TWILIO_FROM (or _MESSAGING_SERVICE_SID, or _WHATSAPP_FROM) is missing")
        if self.telegram_mode == "webhook" and self.telegram_token.get_secret_value():
            if not re.match(r"^[A-Za-z0-9_-]{1,256}$", self.telegram_secret.get_secret_value()):
                raise ValueError(
                    "TELEGRAM_SECRET should be 1 to 256 of A-Z a-z 0-9 _ - when TELEGRAM_MODE is webhook"
                )
            if not self.public_url:
                raise ValueError("PUBLIC_URL is missing: Telegram must know where to call")
        return self

    @property
    def sms_on(self) -> bool:
        """Whether real texts can go."""
        return bool(self.twilio_account_sid and (self.twilio_from or self.twilio_messaging_service_sid))

    @property
    def whatsapp_on(self) -> bool:
        return bool(self.twilio_account_sid and self.twilio_whatsapp_from)

    @property
    def telegram_on(self) -> bool:
        return bool(self.telegram_token.get_secret_value())

    @property
    def live_channels(self) -> list[str]:
        """The channels by which strangers would reach us. A stand-in on this machine is not one."""
        live = []
        if (self.sms_on or self.whatsapp_on) and not _is_here(self.twilio_api_url):
            live.append("text messages")
        if self.telegram_on and not _is_here(self.telegram_api_url):
            live.append("Telegram")
        return live

    @property
    def missing_for_live(self) -> list[tuple[str, str]]:
        """The settings a live channel still needs before strangers in trouble write to it, each with why."""
        plan = SAFETY_PLAN.items()
        return [(PREFIX + name.upper(), why) for name, why in plan if not getattr(self, name)]

    @property
    def duty_email(self) -> str:
        """The email address in `duty_contact`, which may also name them and their number; else empty."""
        found = re.search(r"[^\s<>,;:()]+@[^\s<>,;:()]+\.\w+", self.duty_contact)
        return found[0] if found else ""

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def base_url(self) -> str:
        """Where the outside reaches us, without a trailing slash; until that is set, this machine does."""
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return self.public_url or f"http://{f'[{here}]' if ':' in here else here}:{self.port}"

    @cached_property
    def hours(self) -> OpeningHours:
        """When the team is there."""
        return OpeningHours.parse(self.opening_hours, ZoneInfo(self.zone), self.nation)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
