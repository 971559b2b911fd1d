"""Amounts as Kubernetes writes them: cpu, memory, and numbers that may be percentages."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import lru_cache

Amount = int | float | str

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+))(?P<suffix>[numkMGTPE]|[KMGTPE]i|[eE](?P<exponent>[+-]?\d+))?",
    re.ASCII,
)
_SUFFIXES: dict[str, Fraction] = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "": Fraction(1),
    **{letter: Fraction(1000**power) for power, letter in enumerate("kMGTPE", start=1)},
    **{letter + "i": Fraction(1024**power) for power, letter in enumerate("KMGTPE", start=1)},
}
_LONGEST_EXPONENT = 3
"""Digits of an exponent: a longer one would cost memory and is no amount of anything."""


@lru_cache(maxsize=4096)
def quantity(amount: Amount) -> Fraction:
    """Return the exact amount that a quantity such as 100m, 1.5, 2Gi or 1e3 writes.

    ValueError if it is none.
    """
    found = _QUANTITY.fullmatch(str(amount))
    exponent = found["exponent"] if found else None
    if found is None or (exponent and len(exponent.lstrip("+-")) > _LONGEST_EXPONENT):
        raise ValueError(f"not a quantity: {amount!r}")
    scale = Fraction(10) ** int(exponent) if exponent else _SUFFIXES[found["suffix"] or ""]
    return Fraction(found["number"]) * scale


@lru_cache(maxsize=4096)
def cpu_milli(amount: Amount) -> int:
    """Return thousandths of a cpu, rounded up: "500m" is 500, "2" is 2000. ValueError if malformed."""
    return math.ceil(quantity(amount) * 1000)


@lru_cache(maxsize=4096)
def bytes_of(amount: Amount) -> int:
    """Return whole units, rounded up: "512Mi" is 536870912. ValueError if malformed."""
    return math.ceil(quantity(amount))


def int_or_percent(value: int | str, total: int, *, round_up: bool) -> int:
    """Return a number as it stands and a percentage as that share of ``total``, rounded as asked.

    ValueError if ``value`` is neither.
    """
    if isinstance(value, int):
        return value
    if not value.endswith("%"):
        raise ValueError(f"neither a number nor a percentage: {value!r}")
    share = int(value[:-1]) * total
    return -(-share // 100) if round_up else share // 100
