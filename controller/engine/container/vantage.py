"""The network as one container sees it: what programs ask, without knowing what a cluster is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

NAME_SERVER = "10.96.0.10"


@dataclass(frozen=True, slots=True)
class Looked:
    """What a name server said: the ``name`` in full with its addresses, or a sentence why there are none."""

    name: str
    addresses: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call: a ``text`` from ``address`` and ``port``, or a sentence why nobody answered.

    ``refused``: somebody said no at once. Otherwise nobody said anything.
    """

    address: str
    port: int
    text: str = ""
    why: str = ""
    refused: bool = False


class Vantage(Protocol):
    """What a container can ask of the network."""

    def look_up(self, name: str) -> Looked:
        """Ask for the addresses of a name."""

    def call(self, address: str, port: int, turn: int) -> Called:
        """Call an address; ``turn`` picks where chance would."""
