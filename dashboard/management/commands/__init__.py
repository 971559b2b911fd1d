"""One module a command; Django finds them by their names."""
