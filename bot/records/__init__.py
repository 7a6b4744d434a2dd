"""Records: how long they are kept, and what is left when they are not."""
