"""Quantities: one spelling for each amount, and no number that could hurt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.engine.matching.quantities import canonical, quantity

LARGEST = "9223372036854775807"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1", "1"),
        ("0.5", "500m"),
        (".5", "500m"),
        ("5.", "5"),
        ("+1", "1"),
        ("-1", "-1"),
        ("00", "0"),
        ("1000m", "1"),
        ("1000k", "1M"),
        ("1500m", "1500m"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0Gi", "0"),
        ("0.5Ki", "512"),
        ("0.1Ki", "102400m"),
        ("1025Ki", "1025Ki"),
        ("1Ei", "1Ei"),
        ("129e6", "129e6"),
        ("1.1e3", "1100"),
        ("1E3", "1e3"),
        ("1E", "1E"),
        ("0.0000000001", "1n"),
        ("1e-999", "1e-9"),
        ("0e-999", "0"),
        ("0e999", "0"),
        ("10Ei", LARGEST),
        ("1e1000000000", LARGEST),
        ("-1e99", f"-{LARGEST}"),
    ],
)
def test_an_amount_has_one_spelling(written: str, kept: str) -> None:
    """Whichever way an amount is written, the server keeps it in one."""
    assert canonical(written) == kept


@pytest.mark.parametrize("text", ["", "a", "1KiB", "1 Gi", "1e", "--1", "1..2", "٣", "Ki", "1" * 300])
def test_what_is_no_amount_is_told_apart(text: str) -> None:
    """Words, unknown units, digits of other scripts and endless numbers are no quantities."""
    assert canonical(text) is None


@given(
    st.decimals(min_value="-1e6", max_value="1e6", places=9),
    st.sampled_from(["", "m", "k", "M", "Ki", "Mi", "e3", "e-2"]),
)
def test_the_spelling_keeps_the_amount_and_is_stable(number: object, suffix: str) -> None:
    """Rewriting changes an amount by less than a nano, and rewriting again changes nothing."""
    written = f"{number:f}{suffix}"
    kept = canonical(written)

    assert kept is not None
    assert abs(quantity(kept) - quantity(written)) < quantity("1n")
    assert canonical(kept) == kept
