"""Linkline: helping people find what would make life better near them, by chat and by text."""

__version__ = "0.1.0"
