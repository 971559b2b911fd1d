"""Amounts of resources by name, as quotas and limits add, compare and write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple, Self

from controller.engine.matching.quantities import Amount as Text
from controller.engine.matching.quantities import quantity, written
from controller.engine.objects import Manifest


class Amount(NamedTuple):
    """An exact amount. ``binary``: it is written with suffixes such as Mi."""

    number: Fraction
    binary: bool = False

    @classmethod
    def read(cls, text: Text) -> Self:
        """Read a quantity that has passed admission."""
        return cls(quantity(text), str(text).endswith("i"))

    def plus(self, other: Amount) -> Amount:
        """Add another one; a sum is written as the first that is not zero."""
        return Amount(self.number + other.number, self.binary if self.number else other.binary)

    def __str__(self) -> str:
        return written(self.number, binary=self.binary)


Amounts = Mapping[str, Amount]
NOTHING = Amount(Fraction(0))
ONE = Amount(Fraction(1))
AT_POD_LEVEL = frozenset({"cpu", "memory"})
"""What a pod may ask for as a whole, instead of its containers."""


def read(amounts: Mapping[str, Text] | None) -> Amounts:
    """Read amounts as manifests hold them."""
    return {name: Amount.read(text) for name, text in (amounts or {}).items()}


def texts(amounts: Amounts) -> dict[str, str]:
    """Return amounts as manifests hold them, in the order of their names."""
    return {name: str(amounts[name]) for name in sorted(amounts)}


def said(amounts: Amounts) -> str:
    """Return amounts as sentences list them."""
    return ",".join(f"{name}={amount}" for name, amount in sorted(amounts.items()))


def plus(some: Amounts, more: Amounts) -> Amounts:
    """Add amounts by name."""
    return {**some, **{name: some.get(name, NOTHING).plus(amount) for name, amount in more.items()}}


def most(some: Amounts, others: Amounts) -> Amounts:
    """Return of each name the larger amount."""
    larger = {
        name: amount
        for name, amount in others.items()
        if name not in some or amount.number > some[name].number
    }
    return {**some, **larger}


def total(amounts: Iterable[Amounts]) -> Amounts:
    """Add all of them."""
    found: Amounts = {}
    for each in amounts:
        found = plus(found, each)
    return found


def asked(spec: Manifest, which: str) -> Amounts:
    """Return the ``requests`` or ``limits`` of a pod: what its containers have together.

    Init containers run before them, one after the other: the largest counts if it is more. Those that
    restart run beside the others. What is written at the level of the pod counts instead.
    """
    running = total(_of(container, which) for container in spec["containers"])
    beside: Amounts = {}
    first: Amounts = {}
    for container in spec.get("initContainers") or ():
        wanted = plus(beside, _of(container, which))
        if container.get("restartPolicy") == "Always":
            running, beside = plus(running, _of(container, which)), wanted
        first = most(first, wanted)
    whole = _of(spec, which)
    return {**most(running, first), **{name: whole[name] for name in AT_POD_LEVEL & whole.keys()}}


def with_overhead(spec: Manifest, which: str) -> Amounts:
    """Return the same with what the pod itself costs; a limit that there is not stays none."""
    counted, overhead = asked(spec, which), read(spec.get("overhead"))
    if which == "limits":
        overhead = {name: amount for name, amount in overhead.items() if name in counted}
    return plus(counted, overhead)


def _of(owner: Manifest, which: str) -> Amounts:
    """Return what a container, or a pod as a whole, asks for."""
    return read((owner.get("resources") or {}).get(which))
