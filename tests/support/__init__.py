"""What the tests lean on: a real database server, a real browser, stand-ins for the providers."""
