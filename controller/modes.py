"""What can be done in a cluster depends on who moves it, and everybody asks that here.

Nobody asks for the name of a mode: what a page offers, and what a service does, hangs on one capability.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy

from controller.engine.errors import NotOffered


class Capability(StrEnum):
    """What may be done in a cluster of a mode, or not at all."""

    RECONCILE = "reconcile"
    """Our controllers act in it, and what is written into its rows is how it is."""
    CLOCK = "clock"
    """Its time can be paused, sped up and stepped."""
    MACHINES = "machines"
    """Its machines are ours: added, powered off, pressed, given faults, static pods and delays."""
    RESET = "reset"
    """It can be taken back to how it was made."""
    APISERVER = "apiserver"
    """Our door serves its API."""
    SHELL = "shell"
    """The inside of its containers is simulated: one can look and work there."""


class Mode(models.TextChoices):
    """Who moves what is in a cluster."""

    SIMULATED = "simulated", gettext_lazy("simulated")
    MIRRORED = "mirrored", gettext_lazy("mirrored")

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Return what can be done in a cluster of this mode."""
        return CAPABILITIES[self]


CAPABILITIES: dict[Mode, frozenset[Capability]] = {
    Mode.SIMULATED: frozenset(Capability),
    Mode.MIRRORED: frozenset(),
}
"""A mirrored cluster is moved by its own API server: of it we hold a copy."""


def require(mode: str, capability: Capability) -> None:
    """Raise NotOffered if a cluster of that mode lacks a capability."""
    if capability not in Mode(mode).capabilities:
        raise NotOffered(capability.value)
