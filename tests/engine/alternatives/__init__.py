"""One daemon run in five ways."""
