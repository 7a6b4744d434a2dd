"""How fast each channel may take messages, and which chats must rest a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.messages import ChannelName
from bot.settings import Settings

#: core.telegram.org/bots/faq: about 30 messages a second in all, one a second in a chat.
TELEGRAM_A_SECOND = 30.0
TELEGRAM_CHAT_RESTS = 1.0
#: What one number may send by WhatsApp (twilio.com/docs/whatsapp/best-practices-and-faqs).
WHATSAPP_A_SECOND = 80.0
#: A provider that asks us to wait longer is asked again after this: later messages wait no longer.
LONGEST_HOLD = 300.0


#: Room for one, but for what floating point loses on the way.
_LOST = 1e-6
ENOUGH = 1 - _LOST


@dataclass(frozen=True, slots=True)
class Rate:
    """How much `a_second` (segments where they are counted), and for how many seconds a chat then rests."""

    a_second: float
    chat_rests: float = 0.0


def rates(settings: Settings) -> dict[ChannelName, Rate]:
    """How fast the channels are that have a limit; web chat has none."""
    return {
        ChannelName.SMS: Rate(settings.twilio_segments_a_second),
        ChannelName.WHATSAPP: Rate(WHATSAPP_A_SECOND),
        ChannelName.TELEGRAM: Rate(TELEGRAM_A_SECOND, TELEGRAM_CHAT_RESTS),
    }


@dataclass(frozen=True, slots=True)
class Room:
    """What a channel has room for just now: how much may leave, and who must rest.

    `most` is how much there can ever be room for.
    """

    budget: float
    resting: frozenset[int]
    most: float = float("inf")

    def needed(self, cost: float, bulk: bool) -> float:
        """How much there must be for this to leave. After what nobody waits for, an answer finds room."""
        return min(cost + ENOUGH, self.most - _LOST) if bulk else ENOUGH


_ALL = Room(float("inf"), frozenset())


class Throttle:
    """A bucket of tokens for each channel, and a rest for each chat, in this process's memory.

    A bucket holds one second's worth and may go into debt: a text of three segments leaves when
    there is room for one, and the next waits until it is paid for. Safety asks nobody. `seconds`
    counts up and never jumps.
    """

    def __init__(self, rates: Mapping[ChannelName, Rate], seconds: Callable[[], float] = time.monotonic):
        self._rates = dict(rates)
        self._seconds = seconds
        self._tokens = {name: self._holds(name) for name in self._rates}
        self._filled_at = dict.fromkeys(self._rates, seconds())
        self._held_until: dict[ChannelName, float] = {}
        self._rests_until: dict[ChannelName, dict[int, float]] = {name: {} for name in self._rates}

    def room(self, channel: ChannelName) -> Room:
        """What may leave now."""
        now = self._seconds()
        held = self._held_until.get(channel, 0.0) > now
        if channel not in self._rates:
            return Room(0.0, frozenset()) if held else _ALL
        self._fill(channel, now)
        resting = self._rests_until[channel]
        for chat in [c for c, until in resting.items() if until <= now]:
            del resting[chat]
        return Room(
            0.0 if held else max(self._tokens[channel], 0.0), frozenset(resting), self._holds(channel)
        )

    def spend(self, channel: ChannelName, contact_point_id: int, cost: float) -> None:
        """This much left just now, to this chat."""
        rate = self._rates.get(channel)
        if rate is None:
            return
        self._tokens[channel] -= cost
        if rate.chat_rests:
            self._rests_until[channel][contact_point_id] = self._seconds() + rate.chat_rests

    def hold(self, channel: ChannelName, seconds: float) -> None:
        """The provider asked us to wait: nothing leaves by this channel until then."""
        until = self._seconds() + min(seconds, LONGEST_HOLD)
        self._held_until[channel] = max(until, self._held_until.get(channel, 0.0))

    def wait(self, channel: ChannelName, room: float = 1) -> float:
        """Seconds until there may be so much room, where there is less now; or until some chat has rested."""
        now = self._seconds()
        ends = [self._held_until.get(channel, 0.0) - now]
        rate = self._rates.get(channel)
        if rate is not None:
            ends.append((room - self._tokens[channel]) / rate.a_second)
            ends.append(min(self._rests_until[channel].values(), default=now) - now)
        return max(0.001, min((e for e in ends if e > 0), default=0.001))

    def _fill(self, channel: ChannelName, now: float) -> None:
        gained = (now - self._filled_at[channel]) * self._rates[channel].a_second
        self._tokens[channel] = min(self._tokens[channel] + gained, self._holds(channel))
        self._filled_at[channel] = now

    def _holds(self, channel: ChannelName) -> float:
        return max(self._rates[channel].a_second, 1.0)
