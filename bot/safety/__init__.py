"""Noticing danger in what someone says, and the words that answer it."""
