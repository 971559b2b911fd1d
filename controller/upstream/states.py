"""How the mirroring of a cluster fares: codes that stand in its row, put into words where it is shown."""

from __future__ import annotations

from enum import StrEnum

from controller.upstream.addresses import BadAddress
from controller.upstream.errors import NotAllowed, NotKnown, NotTrusted, Overloaded
from controller.upstream.secrets import NoKey


class State(StrEnum):
    """How the mirroring of a cluster fares."""

    CONNECTING = "connecting"
    """It has not been heard of yet."""
    LISTING = "listing"
    """What is there is being read for the first time."""
    LIVE = "live"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    """Somebody else answers, or the authority that we know is not its own any more."""
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    """It knows us, and we may read nothing at all."""
    OVERLOADED = "overloaded"
    REFUSED = "refused"
    """Its address is one that we do not connect to."""
    SEALED = "sealed"
    """Its credentials cannot be opened with the key that we have."""


STATES: tuple[tuple[type[Exception], State], ...] = (
    (BadAddress, State.REFUSED),
    (NoKey, State.SEALED),
    (NotTrusted, State.UNTRUSTED),
    (NotKnown, State.UNAUTHORIZED),
    (NotAllowed, State.FORBIDDEN),
    (Overloaded, State.OVERLOADED),
)


def state_after(error: Exception) -> State:
    """Return how it fares with a mirroring that met an error."""
    return next((state for kind, state in STATES if isinstance(error, kind)), State.UNREACHABLE)
