"""What Twilio's webhooks say: a message from someone, or what became of one of ours."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from bot.channels.malformed import Malformed
from bot.channels.numbers import can_be_answered
from bot.channels.twilio_errors import meaning
from bot.channels.twilio_media import media_of
from bot.messages import ChannelName, InboundMessage, Kind, Receipt, Status

#: The words a carrier acts on by itself when they are the whole message, in any case of letters
#: (twilio.com/docs/messaging/tutorials/advanced-opt-out). YES is one of Twilio's opt-in words too,
#: but it is an everyday answer: someone who agrees to something has not asked for texts again.
OPT_OUT_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
OPT_IN_WORDS = frozenset({"START", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
_BY_OPT_OUT_TYPE = {"STOP": Kind.OPT_OUT, "START": Kind.OPT_IN, "HELP": Kind.HELP}
_BY_WORD = {
    **dict.fromkeys(OPT_OUT_WORDS, Kind.OPT_OUT),
    **dict.fromkeys(OPT_IN_WORDS, Kind.OPT_IN),
    **dict.fromkeys(HELP_WORDS, Kind.HELP),
}
_LONGEST_WORD = max(map(len, _BY_WORD))

#: What a picture, sound or file is called, by the start of its content type; else "file".
_MEDIA = (
    ("image/webp", "sticker"),
    ("image/", "photo"),
    ("audio/", "voice"),
    ("video/", "video"),
    ("text/vcard", "contact"),
    ("text/x-vcard", "contact"),
)

#: MessageStatus, as twilio-python's MessageInstance.Status has them. Until it is delivered,
#: every status says the same to us: Twilio took it.
_TAKEN = frozenset({"accepted", "scheduled", "queued", "sending", "sent", "partially_delivered"})
_THERE = frozenset({"delivered", "read"})
_FAILED = frozenset({"undelivered", "failed"})

_WHATSAPP = "whatsapp:"


class Form(dict[str, str]):
    """A form's fields by name. `getall` is what twilio's validator asks for a repeated field."""

    __slots__ = ("_repeated",)

    def __init__(self, fields: list[tuple[str, str]]):
        super().__init__(fields)
        self._repeated: dict[str, list[str]] = {}
        if len(self) != len(fields):
            for name, value in fields:
                self._repeated.setdefault(name, []).append(value)

    def getall(self, name: str) -> list[str]:
        return self._repeated.get(name) or [self[name]]


def read_form(body: bytes) -> Form:
    """The fields of a form as it came. Raises Malformed when it is not one."""
    try:
        return Form(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=500))
    except ValueError:
        raise Malformed("the body is not a form") from None


def read_message(form: Mapping[str, str]) -> InboundMessage:
    """The message someone sent, by text or by WhatsApp.

    A word the carrier acts on has its own kind (OPT_OUT, OPT_IN, HELP): the carrier has answered,
    so we do not. With Advanced Opt-Out, Twilio says so in OptOutType; without it the default words
    do, on SMS only. Raises Malformed naming the missing field.
    """
    provider_id = form.get("MessageSid") or form.get("SmsMessageSid") or ""
    if not provider_id.isalnum() or len(provider_id) > 64:
        raise Malformed("MessageSid is not there or is not one")
    sender = form.get("From", "").strip()
    if not sender:
        raise Malformed("From is not there")
    channel = ChannelName.SMS
    if sender.startswith(_WHATSAPP):
        channel, sender = ChannelName.WHATSAPP, sender[len(_WHATSAPP) :]
    text = form.get("Body", "")
    kind, choice, unreadable, detail = Kind.WORDS, None, None, ""

    opt_out_type = form.get("OptOutType")
    if opt_out_type:
        kind = _BY_OPT_OUT_TYPE.get(opt_out_type.upper(), Kind.WORDS)
    elif channel == ChannelName.SMS and len(text) <= 2 * _LONGEST_WORD:
        kind = _BY_WORD.get(text.strip().upper(), Kind.WORDS)

    if kind == Kind.WORDS:
        if form.get("ButtonPayload"):
            kind, choice = Kind.BUTTON, form["ButtonPayload"]
            text = text or form.get("ButtonText", "")
        elif form.get("NumMedia", "0") != "0":
            kind, unreadable = Kind.UNREADABLE, _media(form.get("MediaContentType0", ""))
        elif channel == ChannelName.WHATSAPP and form.get("Latitude"):
            kind, unreadable, detail = Kind.UNREADABLE, "place", _place(form)
    return InboundMessage(
        channel=channel,
        provider_id=provider_id,
        address=sender,
        text=text,
        kind=kind,
        choice=choice,
        unreadable=unreadable,
        media=media_of(form),
        detail=detail,
        # WhatsApp goes over the internet: someone who kept their Polish number is answered there.
        can_be_answered=channel == ChannelName.WHATSAPP or can_be_answered(sender),
    )


def read_receipt(form: Mapping[str, str], query: Mapping[str, str]) -> Receipt | None:
    """What became of one of our messages; None for a status that says nothing about it.

    `query` carries `m`, our own id, which we put in the status callback's address. Raises
    Malformed when neither that nor a MessageSid says which message.
    """
    ours = query.get("m", "")
    message_id = int(ours) if ours.isdecimal() and ours.isascii() and len(ours) < 19 else None
    provider_id = form.get("MessageSid") or form.get("SmsSid") or None
    if message_id is None and provider_id is None:
        raise Malformed("neither m nor MessageSid says which message")
    status = (form.get("MessageStatus") or form.get("SmsStatus") or "").lower()
    if status in _THERE:
        return Receipt(Status.DELIVERED, message_id, provider_id)
    if status in _TAKEN:
        return Receipt(Status.SENT, message_id, provider_id)
    if status == "canceled":
        return Receipt(Status.PERMANENT_FAILURE, message_id, provider_id, "canceled")
    if status in _FAILED:
        code = form.get("ErrorCode", "")
        means = meaning(int(code) if code.isdecimal() and code.isascii() and len(code) < 9 else 0)
        return Receipt(means.status, message_id, provider_id, code[:16] or status, means.unreachable)
    return None


def _place(form: Mapping[str, str]) -> str:
    """A place in words: its name where it has one, and where it is."""
    named = ", ".join(form[name] for name in ("Label", "Address") if form.get(name))
    at = f"{form['Latitude']}, {form.get('Longitude', '')}"
    return (f"{named} ({at})" if named else at)[:300]


def _media(content_type: str) -> str:
    for start, called in _MEDIA:
        if content_type.startswith(start):
            return called
    return "file"
