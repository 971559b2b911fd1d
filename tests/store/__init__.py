"""Tests of what is written and read again, on the database of the run."""

from __future__ import annotations
