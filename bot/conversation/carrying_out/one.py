"""The shape of carrying out one request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.conversation.state import Frame
from bot.conversation.talk import Talk
from bot.requests import Result

CarryingOut = Callable[[Talk, Frame, Any], Result]
