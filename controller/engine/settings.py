"""What can be set of a simulated cluster's machines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Delays in seconds of cluster time; a pod's annotations win over them."""

    start_delay: float = 1.0
    stop_delay: float = 1.0
    node_grace: float = 40.0
