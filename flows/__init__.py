"""The conversations, one file each: what we ask, in what order, and what we ask for in the end."""
