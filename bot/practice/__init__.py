"""Stand-ins that speak as the providers do, so that everything can be tried without an account."""
