"""Tests of the commands."""

from __future__ import annotations
