"""What plain words of YAML mean, as kubectl reads them.

PyYAML's own rules would make ``12:30`` a number, ``2026-01-31`` a date and ``1e3`` a text; kubectl's
make them a text, a text and a number. A manifest must mean the same on both sides.
"""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

NULLS = {"", "~", "null", "Null", "NULL"}
YES = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
NO = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
INFINITIES = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"}
NANS = {".nan", ".NaN", ".NAN"}
INTEGER = re.compile(r"([-+]?)(?:(0[xX][0-9a-fA-F]+)|(0[bB][01]+)|(0[oO]?[0-7]+)|(0|[1-9][0-9]*))")
BASES = (16, 2, 8, 10)
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
MOST_DIGITS = 64
"""No number of a manifest has more; Python refuses to read very long ones."""


def meaning(word: str) -> Scalar:
    """Return what an unquoted word stands for. A whole number beyond 64 bits is a float, as in Go."""
    if word in NULLS:
        return None
    if word in YES or word in NO:
        return word in YES
    if word[0] in "+-.0123456789":
        return _number(word)
    return word


def _number(word: str) -> Scalar:
    if word in NANS or word in INFINITIES:
        return math.nan if word in NANS else math.copysign(math.inf, -1 if word[0] == "-" else 1)
    digits = word.replace("_", "")
    found = INTEGER.fullmatch(digits)
    if found and len(digits) <= MOST_DIGITS:
        sign, *spellings = found.groups()
        spelt, base = next((s, b) for s, b in zip(spellings, BASES, strict=True) if s)
        number = int(spelt.lower().lstrip("0box") or "0", base)
        number = -number if sign == "-" else number
        return number if -(2**63) <= number < 2**64 else float(number)
    return float(digits) if FLOAT.fullmatch(digits) else word
