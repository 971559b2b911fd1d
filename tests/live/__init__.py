"""Tests of what travels and who carries it."""
