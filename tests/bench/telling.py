"""Tells each measurement as soon as it is taken: a bench takes minutes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median


def tell(what: str, values: Sequence[float]) -> None:
    """Print the median of some values, and between which they lie."""
    spread = f"  ({min(values):.4g} .. {max(values):.4g}, {len(values)} runs)" if len(values) > 1 else ""
    print(f"{what}: {median(values):.4g}{spread}", flush=True)  # noqa: T201 - a bench speaks to its user
