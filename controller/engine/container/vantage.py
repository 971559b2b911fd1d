"""The network as one container sees it: what programs ask, without knowing what a cluster is."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any, Protocol

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


Answers = dict[str, Any]
"""What was told, by what was asked: as JSON, so that it can be kept."""


class Vantage(Protocol):
    """What a container can ask of the network."""

    def look_up(self, name: str) -> Looked:
        """Ask for the addresses of a name."""

    def call(self, address: str, port: int, turn: int) -> Called:
        """Call an address; ``turn`` picks where chance would."""


@dataclass(slots=True)
class Asked:
    """The network as a command asks it over time: what was told before it ``changes``, and what is told now.

    ``told`` are the answers that held until that second of the command; ``answers`` are those of now.
    """

    live: Vantage
    told: Answers = field(default_factory=dict)
    changes: float = -inf
    answers: Answers = field(default_factory=dict)
    count: int = 0

    def at(self, second: float) -> Vantage:
        """Return the network of a second of the command."""
        self.count += 1
        return _Moment(self, is_past=second < self.changes)


@dataclass(frozen=True, slots=True)
class _Moment:
    """The network at one moment of a command: what was told then, or else what is told now."""

    asked: Asked
    is_past: bool

    def look_up(self, name: str) -> Looked:
        key = f"look_up {name}"
        if self.is_past and key in self.asked.told:
            told = self.asked.told[key]
            return Looked(str(told["name"]), tuple(told["addresses"]), str(told["why"]))
        found = self.asked.live.look_up(name)
        self.asked.answers[key] = asdict(found)
        return found

    def call(self, address: str, port: int, turn: int) -> Called:
        key = f"call {address} {port} {turn}"
        if self.is_past and key in self.asked.told:
            return Called(**self.asked.told[key])
        found = self.asked.live.call(address, port, turn)
        self.asked.answers[key] = asdict(found)
        return found
