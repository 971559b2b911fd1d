"""How a mirror fares: of each kind its state and what was last wrong, and which objects could not be read."""

from __future__ import annotations

import logging

from controller.engine.kinds import Kind
from controller.engine.objects import Manifest
from controller.mirror.kinds import ORDER, name_of
from controller.upstream.states import State

MOST_ODD = 20
"""How many objects are named that could not be read."""

BADNESS = (
    State.SEALED,
    State.REFUSED,
    State.UNAUTHORIZED,
    State.UNTRUSTED,
    State.UNREACHABLE,
    State.OVERLOADED,
    State.CONNECTING,
    State.LISTING,
)
"""The states that are not as they should be, the worst first."""

logger = logging.getLogger(__name__)


class Faring:
    """How the mirror of one cluster fares. ``states`` and ``errors`` are by kind.

    ``odd`` names objects that could not be read, and why: all else goes on without them.
    """

    def __init__(self, cluster: int) -> None:
        self.states: dict[str, State] = {kind.name: State.CONNECTING for kind in ORDER}
        self.errors: dict[str, str] = {}
        self.odd: dict[str, str] = {}
        self._cluster = cluster

    @property
    def state(self) -> State:
        """Return how it fares on the whole: as the worst kind, but for those that are kept from us."""
        told = set(self.states.values())
        if told == {State.FORBIDDEN}:
            return State.FORBIDDEN
        worst = told - {State.FORBIDDEN, State.LIVE}
        return min(worst, key=BADNESS.index) if worst else State.LIVE

    @property
    def missing(self) -> list[str]:
        """Return the kinds that we may not read."""
        return [name for name, state in self.states.items() if state is State.FORBIDDEN]

    @property
    def is_listing(self) -> bool:
        """Whether all that there is of a kind is being read."""
        return State.LISTING in self.states.values()

    def fares(self, kind: Kind, state: State, error: Exception | None = None) -> None:
        """Take note of how a kind fares."""
        if self.states[kind.name] is not state:
            logger.info("Cluster %s: %s: %s", self._cluster, kind.plural, state)
        self.states[kind.name] = state
        if error is None:
            self.errors.pop(kind.name, None)
        else:
            self.errors[kind.name] = str(error)[:500]

    def leave_out(self, kind: str, item: Manifest | None, error: Exception) -> None:
        """Take note of an object that could not be read."""
        name = name_of(kind, item or {})
        logger.warning("Cluster %s: %s is left out: %r", self._cluster, name, error)
        if len(self.odd) < MOST_ODD:
            self.odd[name] = f"{type(error).__name__}: {error}"[:200]

    def take_in(self, kind: str, item: Manifest) -> None:
        """Take note of an object that is read, or gone: it is odd no more."""
        self.odd.pop(name_of(kind, item), None)
