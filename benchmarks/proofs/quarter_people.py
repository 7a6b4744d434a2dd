"""The invented people of a quarter: how they are, and what they type."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.messages import ChannelName

#: How people are, and how many of a hundred are so.
KINDS = {
    "answers": 34, "not yet": 22, "silent": 20, "wanders": 10, "not for me": 5, "shared": 3, "stops": 3,
    "in danger": 3,
}  # fmt: skip

#: What they type to each question; several are chosen from.
REPLIES: dict[str, tuple[str, ...]] = {
    "menu.what": ("find things near me",),
    "find_support.services": ("1", "1", "2", "show others"),
    "find_support.one": ("1", "1", "1", "interested", "yes please", "4", "more", "not for me", "others"),
    "find_support.more": ("1", "interested", "4", "not for me"),
    "find_support.why_not": ("1", "the day or time", "skip"),
    "find_support.may_tell": ("yes", "yes", "1", "no"),
    "find_support.tell_or_go": ("1", "you tell them", "I will contact them"),
    "find_support.share_needs": ("yes", "no"),
    "find_support.full": ("1", "yes", "show others"),
    "got_there.stopped": ("1", "I did go there", "no"),
    "got_there.how": ("it was good", "lovely people"),
    "got_there.barrier": ("1", "nerves", "my sister came to stay", "skip", "the day or time"),
    "got_there.mend": ("1", "2", "3", "4", "5", "another time", "leave it there"),
    "got_there.instead": ("1", "2", "3"),
    "place_free.offered": ("yes", "yes please", "not this time", "take me off the list"),
    "place_free.stopped": ("1", "2"),
}
GOT_THERE = {
    "answers": ("yes", "1", "I went", "yes"), "not yet": ("no", "not yet", "2", "yes"),
    "wanders": ("yes", "not yet", "3"), "not for me": ("it is not for me", "3"),
}  # fmt: skip
WANDERING = ("hello", "menu", "what was that?", "is it free?", "thanks", "again")


@dataclass
class Someone:
    """One invented person."""

    n: int
    kind: str
    channel: ChannelName
    person_id: int = 0
    conversation_id: int = 0
    to_say: list[tuple[datetime, str, str]] = field(default_factory=list)  # when, to what, "" for begins

    @property
    def address(self) -> str:
        return f"+44770090{self.n:04d}" if self.channel is ChannelName.SMS else str(900000 + self.n)
