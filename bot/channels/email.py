"""Email to staff: that something waits, never what. People are not written to by email."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.messages import Outcome, Refused, Sent, Status, Uncertain
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes out, as LINKLINE_SMTP_URL says it."""

    host: str
    port: int
    username: str | None
    password: str | None
    use_tls: bool  # encrypted from the first byte
    start_tls: bool | None  # encrypted by asking; None: when the server can

    @classmethod
    def parse(cls, url: str) -> MailServer:
        """Read smtp://user:password@host:587 or smtps://… (characters such as @ written as %40).

        With smtp:// the connection is encrypted whenever the server can, and always when there is
        a password, except to this machine itself. Raises ValueError saying what is wrong, without
        the password.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError("should be like smtp://user:password@mail.example:587") from None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("should be like smtp://user:password@mail.example:587")
        use_tls = parts.scheme == "smtps"
        start_tls: bool | None = True if parts.password else None
        if use_tls or _is_here(parts.hostname):
            start_tls = False
        return cls(
            parts.hostname,
            port or (465 if use_tls else 587 if parts.username else 25),
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            use_tls,
            start_tls,
        )


async def send_email(settings: Settings, to: str, subject: str, body: str, *, seconds: float = 20) -> Outcome:
    """Send one notice to one member of staff, as plain text.

    Sent carries its Message-ID. Never raises for anything the mail server does: a server that
    cannot be reached or is busy is temporary, an address it will not take is permanent, a wrong
    password or setting is technical, and silence after we began is uncertain.
    """
    try:
        server = MailServer.parse(settings.smtp_url.get_secret_value())
        message = _message(settings.mail_from or server.username or "", to, subject, body)
    except ValueError:
        return Refused("settings", Status.TECHNICAL_FAILURE)
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=server.use_tls,
        start_tls=server.start_tls,
        local_hostname=message["From"].addresses[0].domain,
        timeout=seconds,
    )
    try:
        await client.connect()
    except Exception as error:
        client.close()
        return _before(error)
    try:
        refused, _ = await client.send_message(message)
    except Exception as error:
        client.close()
        return _during(error)
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError):
        pass  # it has the message, and need not say goodbye
    finally:
        client.close()
    return _by_code(next(iter(refused.values())).code) if refused else Sent(message["Message-ID"])


def _message(sender: str, to: str, subject: str, body: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    for header in ("From", "To"):
        if len(message[header].addresses) != 1 or not message[header].addresses[0].domain:
            raise ValueError(f"{header} is not an email address")
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
    message.set_content(body)
    return message


def _before(error: Exception) -> Outcome:
    """Nothing of the message had been said yet."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError | aiosmtplib.SMTPNotSupported):
        return Refused("sign-in", Status.TECHNICAL_FAILURE)
    if isinstance(error, ssl.SSLCertVerificationError) or isinstance(
        error.__cause__, ssl.SSLCertVerificationError
    ):
        return Refused("certificate", Status.TECHNICAL_FAILURE)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _by_code(error.code, person=False)
    return Refused("not-connected", Status.TEMPORARY_FAILURE)


def _during(error: Exception) -> Outcome:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _by_code(error.recipients[0].code)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _by_code(error.code, person=False)
    if isinstance(error, aiosmtplib.SMTPNotSupported | ValueError):  # an address it has no letters for
        return Refused("address", Status.PERMANENT_FAILURE, unreachable=True)
    return Uncertain("broken-off")


def _by_code(code: int, *, person: bool = True) -> Refused:
    """4xx: later; 5xx: never (RFC 5321, 4.2.1), which is about this `person` or about us."""
    if code < 500:
        return Refused(str(code), Status.TEMPORARY_FAILURE)
    if person:
        return Refused(str(code), Status.PERMANENT_FAILURE, unreachable=True)
    return Refused(str(code), Status.TECHNICAL_FAILURE)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
