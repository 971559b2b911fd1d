"""Amounts of what nodes have and pods ask for, as people read them."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from dashboard.present.words import grouped, roughly

UNITS = ((1024**5, "Pi"), (1024**4, "Ti"), (1024**3, "Gi"), (1024**2, "Mi"), (1024, "Ki"))
MEMORY = frozenset({"memory", "ephemeral-storage"})


def amount(resource: str, value: int) -> str:
    """Return an amount: cpu comes in thousandths, memory in bytes, the rest in pieces."""
    if resource == "cpu":
        return grouped(Decimal(value) / 1000)
    return memory(value) if resource in MEMORY or resource.startswith("hugepages-") else grouped(value)


def memory(value: int) -> str:
    """Return bytes in the largest unit of which there is one, in three digits or, before the point, four."""
    for size, unit in UNITS:
        if value >= size:
            return f"{value / size:.{4 if value >= 1000 * size else 3}g} {unit}"
    return str(value)


def share(part: int, whole: int) -> str:
    """Return a part in hundredths of the whole, "-" of nothing."""
    return _("%(percent)s %%") % {"percent": roughly(part * 100 / whole)} if whole else "-"
