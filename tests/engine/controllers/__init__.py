"""Passes over worlds that are played in memory."""
