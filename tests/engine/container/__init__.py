"""What stands in a container."""
