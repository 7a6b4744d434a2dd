"""What a request is, and how a result becomes the next trigger."""

from __future__ import annotations

import re
from typing import ClassVar


class Result:
    """What came of a request. Its snake-case name is the trigger the flow gets next."""

    @classmethod
    def trigger(cls) -> str:
        """`ReferralOpened` is "referral_opened"."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Request:
    """Something a flow asks for. `results` lists everything that can come of it; refusal is a result."""

    results: ClassVar[tuple[type[Result], ...]] = ()
