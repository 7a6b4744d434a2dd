"""Handing what was said to its channel, in order, and finding out what became of it."""
