"""Everynode as people meet it: stories in a real browser against a real instance."""
