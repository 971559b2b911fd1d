"""Amounts as Kubernetes writes them: cpu, memory, and numbers that may be percentages.

``0.5`` and ``500m`` are the same amount of cpu. The server stores ``500m`` whichever was written
(``canonical``), so a rewritten manifest is no change, and the engine meets sane numbers only.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache

Amount = int | float | str

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
LONGEST_EXPONENT = 3
"""Digits of an exponent that is computed with: a longer one would cost memory and is no amount."""


@lru_cache(maxsize=4096)
def quantity(amount: Amount) -> Fraction:
    """Return the exact amount that a quantity such as 100m, 1.5, 2Gi or 1e3 writes.

    ValueError if it is none.
    """
    found = QUANTITY.fullmatch(str(amount))
    suffix = found[3] if found else ""
    if found is None or (suffix not in DECIMAL | BINARY and len(suffix.lstrip("eE+-")) > LONGEST_EXPONENT):
        raise ValueError(f"not a quantity: {amount!r}")
    scale = Fraction(KIBI) ** BINARY[suffix] if suffix in BINARY else Fraction(10) ** _power(suffix)
    return Fraction(found[1] + found[2]) * scale


def _power(suffix: str) -> int:
    return DECIMAL[suffix] if suffix in DECIMAL else int(suffix[1:])


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


# -- one spelling for each amount ------------------------------------------------------------------


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


def written(amount: Fraction, *, binary: bool) -> str:
    """Return the server's spelling of an amount that was worked out; ``binary``: with suffixes such as Mi."""
    if binary and abs(amount) >= KIBI and amount.denominator == 1:
        return _binary(int(amount))
    exact = Context(prec=3 * MOST_DIGITS)
    return _decimal(exact.divide(Decimal(amount.numerator), Decimal(amount.denominator)))


def _amount(digits: str, suffix: str) -> Decimal:
    whole, _, fraction = digits.partition(".")
    if suffix in BINARY:
        power, factor = 0, Decimal(KIBI ** BINARY[suffix])
    else:
        power, factor = _power(suffix), Decimal(1)
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
