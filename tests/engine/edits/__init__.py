"""Tests of what people and programs want changed."""
