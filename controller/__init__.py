"""What a cluster is and does. Knows nothing of pages."""
