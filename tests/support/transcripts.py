"""Whole conversations as pages to read, kept in tests/transcripts and compared with what is said today.

`pytest --write-transcripts` writes them anew: read the difference as prose before committing it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.messages import ChannelName, Status
from tests.support.conversation import Conversation
from tests.support.phone import Line

FOLDER = Path(__file__).parent.parent / "transcripts"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-transcripts", action="store_true", help="write tests/transcripts anew")


def page(title: str, about: str, conversation: Conversation) -> str:
    """The whole conversation: ">" is what they say; "[2]" what a text of ours costs, in segments."""
    several = len({line.phone.address for line in conversation.lines if line.phone}) > 1
    lines = [title, "=" * len(title), "", about, ""]
    for line in conversation.lines:
        lines += [*_shown(line, several), ""]
    texts = [p for p in conversation.phones if p.channel is ChannelName.SMS]
    if texts:
        said = sum(line.who == "them" and line.phone in texts for line in conversation.lines)
        lines.append(f"{said} texts from them; {sum(p.segments_heard for p in texts)} segments from us.")
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _shown(line: Line, several: bool) -> list[str]:
    if line.who == "time":
        return [f"-- {line.text} --"]
    if line.who == "worker":
        return [f"   ({line.text})"]
    assert line.phone is not None
    where = f"{line.phone.channel.value} " if several else ""
    if line.who == "them":
        text = line.text if len(line.text) <= 300 else f"{line.text[:60]}... ({len(line.text)} characters)"
        return [f"{where}> {_indented(text) or '(nothing)'}"]
    cost = f"[{line.segments}] " if line.phone.channel is ChannelName.SMS else ""
    reason = "" if line.status is not Status.NOT_SENT else f"(not sent: {line.reason}) "
    shown = [f"{where}{cost}{reason}{_indented(line.text)}"]
    if line.choices:
        shown.append("    " + " ".join(f"[{c.label}]" for c in line.choices))
    return shown


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")
