"""Plain words of YAML mean what they mean to kubectl."""

from __future__ import annotations

import math

import pytest

from controller.manifests.scalars import Scalar, meaning


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("yes", True),
        ("y", True),
        ("On", True),
        ("off", False),
        ("FALSE", False),
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        ("0", 0),
        ("1_000", 1000),
        ("0644", 420),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b101", 5),
        ("-0b1", -1),
        ("0899", 899.0),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("9" * 65, float("9" * 65)),
        ("12:30", "12:30"),
        ("2026-01-31", "2026-01-31"),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        ("0x", "0x"),
        ("yEs", "yEs"),
        ("=", "="),
        ("nginx:1.27", "nginx:1.27"),
    ],
)
def test_a_word_means_what_it_means_to_kubectl(word: str, value: Scalar) -> None:
    """Times, dates and versions are texts; octal, hexadecimal and exponents are numbers."""
    found = meaning(word)

    assert (found, type(found)) == (value, type(value))


def test_what_is_no_number_is_a_number() -> None:
    """Not a number is a float that equals nothing."""
    found = meaning(".nan")

    assert isinstance(found, float)
    assert math.isnan(found)
