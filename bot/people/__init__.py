"""People: who they are, the ways to reach them, what they agreed to, and when two are one."""
