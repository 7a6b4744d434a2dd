"""Where everything is kept: one schema on SQLite and PostgreSQL, one way to write to it."""
