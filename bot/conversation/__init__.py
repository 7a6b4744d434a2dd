"""Turns: from one thing somebody sent, or something due, to what is said next."""
