"""Amounts as people read them."""

from __future__ import annotations

import pytest

from dashboard.present.amounts import amount, memory, share


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (512, "512"),
        (1536, "1.5 Ki"),
        (1023 * 1024, "1023 Ki"),
        (40_000 * 1024**3, "39.1 Ti"),
        (3 * 1024**5, "3 Pi"),
    ],
)
def test_memory(value: int, words: str) -> None:
    """Memory is told in its largest unit, and never in powers of ten."""
    assert memory(value) == words


def test_shares() -> None:
    """Hundredths come in three digits, and never in powers of ten."""
    assert (share(1, 3), share(12_345, 1000), share(1, 0)) == ("33.3 %", "1234 %", "-")


def test_amounts() -> None:
    """Cpu comes in thousandths, pods in pieces."""
    assert (amount("cpu", 20_000_500), amount("pods", 110)) == ("20,000.5", "110")
