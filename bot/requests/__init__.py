"""Everything the bot can cause, each request beside its results. The list is the safety case."""
