"""Who is reached by what."""
