"""Tests of what would come of an edit."""
