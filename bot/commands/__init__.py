"""What an operator does from a terminal. `python -m bot --help` lists it."""
