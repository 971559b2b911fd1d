"""The mirror of real clusters."""
