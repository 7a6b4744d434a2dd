"""Every conversation the service can have. Read one as a table; its words are in templates/prompts."""
