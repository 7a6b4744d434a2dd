"""What the author of a flow uses."""

from bot.flowkit.answers import (
    a_name,
    free_text,
    one_about,
    one_of,
    one_of_found,
    one_of_the_languages,
    scale,
    yes_no,
)
from bot.flowkit.flow import BadFlow, Flow, StartFlow, Step
from bot.flowkit.when import answered, by_phone, skipped

__all__ = [
    "BadFlow", "Flow", "StartFlow", "Step", "a_name", "answered", "by_phone", "free_text", "one_about",
    "one_of", "one_of_found", "one_of_the_languages", "scale", "skipped", "yes_no",
]  # fmt: skip
