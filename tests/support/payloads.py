"""What providers send, as captured, with the names and numbers changed."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parents[1] / "data" / "payloads"
_READ = {name: json.loads((_DATA / f"{name}.json").read_text()) for name in ("twilio", "telegram")}


def twilio(name: str, **changes: str) -> dict[str, str]:
    """A form of one of Twilio's webhooks, with fields changed; None takes a field away."""
    return _changed(_READ["twilio"][name], changes)


def telegram(name: str, **changes: Any) -> dict[str, Any]:
    """One of Telegram's updates, with fields of the message (or query) in it changed."""
    update = copy.deepcopy(_READ["telegram"][name])
    inner = next(k for k in update if k != "update_id")
    update[inner] = _changed(update[inner], changes)
    return update


def _changed(payload: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in (payload | changes).items() if v is not None}
