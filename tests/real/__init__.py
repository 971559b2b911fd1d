"""A trial of Everynode on a real cluster that somebody names (``make real``), and on our own API (a test)."""
