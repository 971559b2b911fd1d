"""Where pods get their addresses: each node has a range of its own, and gives its lowest free one.

Kubernetes' controller manager gives a node its range (``spec.podCIDR``), and a network plugin on the machine
gives addresses of it. What is taken is a number whose bits are the addresses, so that it is found at once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Network

from controller.engine.objects import Manifest

USUAL, MORE = 244, 128
"""The second part of the addresses of the first 256 ranges, and that of those which follow from it."""
SIZE = 256
MOST_RANGES = 128 * SIZE
WRITTEN = re.compile(r"10\.([0-9]{1,3})\.([0-9]{1,3})\.0/24")
RESERVED = 0b11
"""The first two addresses of a range: its own, and that of the machine's bridge."""


def range_of(number: int) -> str:
    """Return the range of a number, from 0 on: 10.244.0.0/24, and when those are over 10.128.0.0/24."""
    if number < SIZE:
        return f"10.{USUAL}.{number}.0/24"
    second, third = divmod(number - SIZE, SIZE)
    return f"10.{MORE + second + (MORE + second >= USUAL)}.{third}.0/24"


@lru_cache(maxsize=MOST_RANGES)
def number_of(cidr: str) -> int:
    """Return the number of a range, or of any that somebody wrote the most there can be."""
    found = WRITTEN.fullmatch(cidr)
    if found:
        second, third = map(int, found.groups())
        number = third if second == USUAL else SIZE * (second - MORE - (second > USUAL) + 1) + third
        if number >= 0 and range_of(number) == cidr:
            return number
    return MOST_RANGES


def lowest_free(taken: int, size: int) -> int:
    """Return the lowest place in a range that is not taken, 0 if there is none; the last is for all."""
    bits = taken | RESERVED
    place = (~bits & (bits + 1)).bit_length() - 1
    return place if place < size - 1 else 0


@lru_cache(maxsize=16_384)
def bounds_of(cidr: str) -> tuple[int, int]:
    """Return the first address of a range as a number, and how many it has; 0 for what is no IPv4 range."""
    try:
        network = IPv4Network(cidr, strict=False)
    except ValueError:
        return 0, 0
    return int(network.network_address), network.num_addresses


def address_in(node: Manifest, taken: int) -> tuple[int, str]:
    """Return the place and the address that a node gives to its next pod; 0 and "" if it has none left."""
    first, size = bounds_of((node.get("spec") or {}).get("podCIDR") or "")
    place = lowest_free(taken, size) if size else 0
    return place, dotted(first + place) if place else ""


def dotted(address: int) -> str:
    """Return an address as it is written; the class that knows how takes three times as long."""
    return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"
