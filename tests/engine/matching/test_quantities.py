"""Amounts: suffixes, rounding and what is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.engine.matching.quantities import Amount, bytes_of, cpu_milli, int_or_percent


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        pytest.param("500m", 500, id="milli"),
        pytest.param("2", 2000, id="whole"),
        pytest.param(2, 2000, id="a number"),
        pytest.param(0.1, 100, id="a fraction of YAML"),
        pytest.param("1.5", 1500, id="decimals"),
        pytest.param(".5", 500, id="no leading zero"),
        pytest.param("1.", 1000, id="no decimals after the point"),
        pytest.param("100u", 1, id="rounds up"),
        pytest.param("1n", 1, id="nano rounds up"),
        pytest.param("1k", 1_000_000, id="kilo"),
    ],
)
def test_cpu(amount: Amount, expected: int) -> None:
    """A cpu amount is counted in thousandths, rounded up."""
    assert cpu_milli(amount) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        pytest.param("512Mi", 512 * 1024**2, id="mebi"),
        pytest.param("1Gi", 1024**3, id="gibi"),
        pytest.param("1G", 10**9, id="giga"),
        pytest.param("1E", 10**18, id="exa, not an exponent"),
        pytest.param("1e3", 1000, id="exponent"),
        pytest.param("2E-1", 1, id="negative exponent rounds up"),
        pytest.param("128974848000m", 128974848, id="milli of bytes"),
        pytest.param("0.5Ki", 512, id="decimals of a binary suffix"),
        pytest.param(1024, 1024, id="a number"),
    ],
)
def test_bytes(amount: Amount, expected: int) -> None:
    """A memory amount is counted in bytes, rounded up."""
    assert bytes_of(amount) == expected


@pytest.mark.parametrize(
    "text", ["", "Mi", "1 Gi", "1K", "1GiB", "one", "1e", "1e9999", "--1", "\N{ARABIC-INDIC DIGIT THREE}"]
)
def test_malformed_amounts_are_refused(text: str) -> None:
    """What is outside the grammar of quantities is no amount."""
    with pytest.raises(ValueError, match="not a quantity"):
        bytes_of(text)


@pytest.mark.parametrize(
    ("value", "round_up", "expected"),
    [
        pytest.param(3, True, 3, id="a number stands"),
        pytest.param("25%", True, 3, id="a share rounds up"),
        pytest.param("25%", False, 2, id="a share rounds down"),
        pytest.param("0%", True, 0, id="nothing"),
        pytest.param("100%", False, 10, id="everything"),
    ],
)
def test_int_or_percent(value: int | str, expected: int, *, round_up: bool) -> None:
    """A percentage is a share of the total, of ten here."""
    assert int_or_percent(value, 10, round_up=round_up) == expected


@given(st.integers(0, 100), st.integers(0, 10_000))
def test_percentages_round_like_exact_shares(percent: int, total: int) -> None:
    """Rounding is exact: no share falls short or over for want of precision."""
    text = f"{percent}%"

    assert int_or_percent(text, total, round_up=True) * 100 in range(percent * total, percent * total + 100)
    assert int_or_percent(text, total, round_up=False) == math.floor(percent * total / 100)


@pytest.mark.parametrize("text", ["", "10", "x%", "%"])
def test_neither_number_nor_percentage(text: str) -> None:
    """A text without a percent sign, or without a number before it, is refused."""
    with pytest.raises(ValueError, match=r"neither|invalid literal"):
        int_or_percent(text, 10, round_up=True)
