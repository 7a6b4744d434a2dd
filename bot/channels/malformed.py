"""What a provider sent that cannot be what it says it is."""

from __future__ import annotations


class Malformed(ValueError):
    """A webhook we cannot read. Its text names the field that is wrong, never what was in it."""
