"""Tests of what people and workers do to a cluster."""

from __future__ import annotations
