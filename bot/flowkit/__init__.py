"""What the author of a flow uses."""

from bot.flowkit.answers import (
    a_line,
    a_name,
    about,
    free_text,
    one_about,
    one_of,
    one_of_found,
    one_of_the_languages,
    scale,
    several_of,
    yes_no,
)
from bot.flowkit.flow import BadFlow, Flow, StartFlow, Step
from bot.flowkit.when import answered, by_phone, by_text, skipped

__all__ = [
    "BadFlow", "Flow", "StartFlow", "Step", "a_line", "a_name", "about", "answered", "by_phone", "by_text",
    "free_text", "one_about", "one_of", "one_of_found", "one_of_the_languages", "scale", "several_of",
    "skipped", "yes_no",
]  # fmt: skip
