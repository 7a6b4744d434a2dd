"""What keeps the service going between requests."""
