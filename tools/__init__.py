"""What the Makefile calls: gates, vendored files, generated pages."""
