"""When Jobs come, and which of their indexes."""
