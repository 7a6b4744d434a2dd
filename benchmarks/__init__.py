"""How fast it is, and the proofs that are too large for every test run."""
