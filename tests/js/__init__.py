"""The page's scripts."""
