"""Notices to staff by email, to a real mail server on this machine."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.channels.email import MailServer, send_email
from bot.messages import Refused, Sent, Status, Uncertain
from bot.settings import Settings
from tests.support.serving import free_address

SAM = "sam@ashby.example"


class Mailbox:
    """What a mail server does with each message: keep it, or answer something else."""

    def __init__(self):
        self.kept = []
        self.at_recipient = self.at_data = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.at_recipient

    async def handle_DATA(self, server, session, envelope):
        if self.at_data == "hang":
            await asyncio.sleep(2)
        if self.at_data.startswith("250"):
            self.kept.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return self.at_data


def _serve(mailbox, **options):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    return Controller(mailbox, hostname="127.0.0.1", port=port, **options)


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def server(mailbox):
    controller = _serve(mailbox)
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def notice(url, to=SAM, subject="Someone is waiting", seconds=5.0):
    settings = Settings.load(_env_file=None, smtp_url=url, mail_from="Linkline <linkline@ashby.example>")
    words = "Level: risk. https://linkline.example/staff"
    return send_email(settings, to, subject, words, seconds=seconds)


async def test_a_notice_arrives(mailbox, server):
    outcome = await notice(server)
    (mail,) = mailbox.kept
    assert outcome == Sent(mail["Message-ID"])
    assert (mail["To"], mail["Subject"]) == (SAM, "Someone is waiting")
    assert mail["From"] == "Linkline <linkline@ashby.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().strip() == "Level: risk. https://linkline.example/staff"


@pytest.mark.parametrize(
    ("answer", "status", "unreachable"),
    [
        ("550 no such person", Status.PERMANENT_FAILURE, True),
        ("450 try later", Status.TEMPORARY_FAILURE, False),
    ],
)
async def test_an_address_that_is_not_taken(mailbox, server, answer, status, unreachable):
    mailbox.at_recipient = answer
    assert await notice(server) == Refused(answer[:3], status, unreachable=unreachable)


@pytest.mark.parametrize(
    ("answer", "status"),
    [("554 no", Status.TECHNICAL_FAILURE), ("451 try later", Status.TEMPORARY_FAILURE)],
)
async def test_a_message_that_is_not_taken(mailbox, server, answer, status):
    mailbox.at_data = answer
    assert await notice(server) == Refused(answer[:3], status)


async def test_no_mail_server():
    url = free_address().replace("http", "smtp")
    assert await notice(url) == Refused("not-connected", Status.TEMPORARY_FAILURE)


async def test_silence_after_we_began_is_uncertain(mailbox, server):
    mailbox.at_data = "hang"
    assert await notice(server, seconds=0.3) == Uncertain("broken-off")


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:25", "smtp://", "smtp://mail.example:port"])
async def test_a_setting_that_cannot_be_right(url):
    assert await notice(url) == Refused("settings", Status.TECHNICAL_FAILURE)


@pytest.mark.parametrize(
    ("to", "subject"),
    [("nobody", "x"), ("", "x"), ("a@ashby.example, b@ashby.example", "x"), (SAM, "x\nBcc: b@ashby.example")],
)
async def test_one_address_and_one_line_of_subject(mailbox, server, to, subject):
    assert await notice(server, to, subject) == Refused("settings", Status.TECHNICAL_FAILURE)
    assert mailbox.kept == []


@pytest.mark.parametrize(("password", "right"), [("p%40ss", True), ("wrong", False)])
async def test_signing_in(mailbox, password, right):
    def check(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"linkline", b"p@ss"), handled=False)

    controller = _serve(mailbox, authenticator=check, auth_require_tls=False)
    controller.start()
    try:
        outcome = await notice(f"smtp://linkline:{password}@127.0.0.1:{controller.port}")
    finally:
        controller.stop()
    assert len(mailbox.kept) == right
    assert right or outcome == Refused("sign-in", Status.TECHNICAL_FAILURE)


@pytest.fixture
def own_certificate(tmp_path):
    """Encryption with a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "mail.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


async def test_a_mail_server_that_is_not_who_it_says_gets_nothing(mailbox, own_certificate):
    controller = _serve(mailbox, ssl_context=own_certificate)
    controller.start()
    try:
        outcome = await notice(f"smtps://linkline:p@localhost:{controller.port}")
    finally:
        controller.stop()
    assert outcome == Refused("certificate", Status.TECHNICAL_FAILURE)
    assert mailbox.kept == []


def test_how_a_mail_server_is_written():
    away = MailServer.parse("smtp://linkline:p%40ss@mail.example")
    assert (away.host, away.port, away.password) == ("mail.example", 587, "p@ss")
    assert away.start_tls is True, "a password never goes out in the clear"
    plain = MailServer.parse("smtp://mail.example")
    assert (plain.port, plain.start_tls) == (25, None), "encrypted when the server can"
    wrapped = MailServer.parse("smtps://linkline:p@mail.example")
    assert (wrapped.port, wrapped.use_tls, wrapped.start_tls) == (465, True, False)
    here = MailServer.parse("smtp://localhost:1025")
    assert (here.port, here.start_tls) == (1025, False), "this machine's own often has no certificate"


def test_a_wrong_setting_is_said_without_the_password():
    with pytest.raises(ValueError) as told:
        MailServer.parse("smtp://linkline:p@ss@mail.example:port")
    assert "p@ss" not in str(told.value)


async def test_no_address_and_no_words_are_logged(mailbox, server, caplog):
    caplog.set_level(logging.DEBUG, logger="bot")
    await notice(server)
    mailbox.at_recipient = "550 no such person"
    await notice(server)
    assert SAM not in caplog.text
