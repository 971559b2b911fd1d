"""Amounts of what nodes have and pods ask for, as people read them."""

from __future__ import annotations

from django.utils.translation import gettext as _

GIB, MIB, KIB = 1024**3, 1024**2, 1024
MEMORY = frozenset({"memory", "ephemeral-storage"})


def amount(resource: str, value: int) -> str:
    """Return an amount: cpu comes in thousandths, memory in bytes, the rest in pieces."""
    if resource == "cpu":
        return f"{value / 1000:g}"
    return memory(value) if resource in MEMORY or resource.startswith("hugepages-") else str(value)


def memory(value: int) -> str:
    """Return bytes as Gi, Mi or Ki."""
    for size, unit in ((GIB, "Gi"), (MIB, "Mi"), (KIB, "Ki")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return str(value)


def share(part: int, whole: int) -> str:
    """Return a part in hundredths of the whole, "-" of nothing."""
    return _("%(percent)s %%") % {"percent": f"{part * 100 / whole:.3g}"} if whole else "-"
