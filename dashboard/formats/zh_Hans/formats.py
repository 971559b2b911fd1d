"""Digits stand in groups of three, as browsers write them (``Intl.NumberFormat``); Django has no groups."""

from __future__ import annotations

THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
