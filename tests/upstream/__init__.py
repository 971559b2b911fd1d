"""Real clusters: connections, credentials and the client."""
