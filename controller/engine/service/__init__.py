"""Services: who is behind one, and who is reached by it."""
