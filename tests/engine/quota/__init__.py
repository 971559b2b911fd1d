"""Tests of what a namespace allows."""
