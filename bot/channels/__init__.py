"""The ways of talking with someone, each through its own provider's library."""
