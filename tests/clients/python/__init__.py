"""Run in the environment of the clients, not in that of the tests."""
