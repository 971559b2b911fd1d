"""Quantities as the API server keeps them: one spelling for each amount.

``0.5`` and ``500m`` are the same amount of cpu. The server stores ``500m`` whichever was written, so
a rewritten manifest is no change, and everyone behind this door meets sane numbers only.
"""

from __future__ import annotations

import re
from decimal import ROUND_UP, Context, Decimal

QUANTITY = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,18}|)", re.ASCII)
BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
SUFFIXES = {power: suffix for suffix, power in DECIMAL.items()}
BINARY_SUFFIXES = {power: suffix for suffix, power in BINARY.items()}
KIBI = 1024
LARGEST = Decimal(2**63 - 1)
MOST_DIGITS = 64
LONGEST = 256
SAID = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


def canonical(text: str) -> str | None:
    """Return the server's spelling of an amount, or None if it is none.

    Amounts finer than a nano are rounded up, amounts beyond 2**63 - 1 are cut to it.
    """
    found = QUANTITY.fullmatch(text) if len(text) <= LONGEST else None
    if not found:
        return None
    sign, digits, suffix = found.groups()
    amount = _amount(digits, suffix)
    if sign == "-":
        amount = -amount
    if suffix in BINARY and abs(amount) >= KIBI and amount == int(amount):
        return _binary(int(amount))
    return _exponent(amount) if suffix[:1] in {"e", "E"} and len(suffix) > 1 else _decimal(amount)


def _amount(digits: str, suffix: str) -> Decimal:
    whole, _, fraction = digits.partition(".")
    if suffix in BINARY:
        power, factor = 0, Decimal(KIBI ** BINARY[suffix])
    else:
        power, factor = DECIMAL[suffix] if suffix in DECIMAL else int(suffix[1:]), Decimal(1)
    whole = whole.lstrip("0")
    if len(whole) + power > MOST_DIGITS and (whole + fraction).strip("0"):
        return LARGEST
    if len(whole) + power < -MOST_DIGITS or not (whole + fraction).strip("0"):
        return Decimal("1E-9") if (whole + fraction).strip("0") else Decimal(0)
    exact = Context(prec=3 * MOST_DIGITS + len(digits))
    amount = exact.multiply(Decimal(digits).scaleb(power, exact), factor)
    return min(amount.quantize(Decimal("1E-9"), ROUND_UP, exact), LARGEST)


def _binary(amount: int) -> str:
    power = 0
    while amount % KIBI == 0 and power < max(BINARY_SUFFIXES):
        amount, power = amount // KIBI, power + 1
    return f"{amount}{BINARY_SUFFIXES.get(power, '')}"


def _scaled(amount: Decimal) -> tuple[int, int]:
    """Return a whole number and the largest power of a thousand that together make the amount."""
    number, power = int(amount.scaleb(9, Context(prec=3 * MOST_DIGITS))), -9
    while number and number % 1000 == 0 and power < max(SUFFIXES):
        number, power = number // 1000, power + 3
    return number, power if number else 0


def _decimal(amount: Decimal) -> str:
    number, power = _scaled(amount)
    return f"{number}{SUFFIXES[power]}"


def _exponent(amount: Decimal) -> str:
    number, power = _scaled(amount)
    return f"{number}e{power}" if power else str(number)
