"""The site, its settings and its supervisor."""
