"""Everything reached over HTTP: webhooks, web chat, the practice phone, staff pages, and how things are."""
