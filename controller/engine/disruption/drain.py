"""Draining a node as ``kubectl drain`` does: who has to go, who stays, and whom nobody agreed to lose.

A node that is drained says so itself, by an annotation with the options, and who is in the way by another;
so it goes on after any kill, and whoever reads the node sees it. What asks for an eviction is elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from controller.engine.objects import Manifest, Pod

DRAIN_ANNOTATION, DRAIN_STATUS_ANNOTATION = "drain.everynode.dev/options", "drain.everynode.dev/status"
MIRROR_ANNOTATION = "kubernetes.io/config.mirror"


class Fate(StrEnum):
    """What a drain does with a pod: only one that ``GOES`` is evicted."""

    GOES = "goes"
    DAEMON = "daemon"
    MIRROR = "mirror"
    NEWCOMER = "newcomer"
    LOCAL_DATA = "local-data"
    UNMANAGED = "unmanaged"


LEFT_ALONE = frozenset({Fate.DAEMON, Fate.MIRROR, Fate.NEWCOMER})
"""Pods that do not hold a drain up."""

HasSet = Callable[[str, str], bool]
"""Whether there is a DaemonSet of that namespace and name."""


@dataclass(frozen=True, slots=True)
class DrainOptions:
    """How a node is drained: ``kubectl drain``'s --delete-emptydir-data, --force and --grace-period.

    ``grace`` is in seconds, None for each pod's own. ``begun`` is the wall time at which it began, as
    manifests write it: pods that came later are left alone, as by kubectl, which lists them once. ``pods`` is
    how many had to go then.
    """

    local_data: bool = False
    unmanaged: bool = False
    grace: int | None = None
    begun: str = ""
    pods: int = 0

    def text(self) -> str:
        """Return the options as the annotation holds them."""
        given: dict[str, Any] = {"deleteEmptyDirData": self.local_data, "force": self.unmanaged}
        if self.grace is not None:
            given["gracePeriodSeconds"] = self.grace
        return json.dumps({**given, "begun": self.begun, "pods": self.pods})

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read them; None if they are not well formed."""
        try:
            given = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(given, dict):
            return None
        grace, begun, pods = given.get("gracePeriodSeconds"), given.get("begun", ""), given.get("pods", 0)
        if not _is_count(0 if grace is None else grace) or not _is_count(pods) or not isinstance(begun, str):
            return None
        return cls(given.get("deleteEmptyDirData") is True, given.get("force") is True, grace, begun, pods)


def _is_count(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= 0


def options_of(node: Manifest) -> str:
    """Return the annotation of a node that is drained, "" for any other."""
    return str((node["metadata"].get("annotations") or {}).get(DRAIN_ANNOTATION) or "")


def fate_of(pod: Pod, options: DrainOptions, has_set: HasSet) -> Fate:
    """Return what a drain does with a pod of its node, by the rules of ``kubectl drain``."""
    if options.begun and pod.created > options.begun:
        return Fate.NEWCOMER
    owner = next((one for one in pod.references if one.get("controller")), None)
    if owner and owner["kind"] == "DaemonSet" and not pod.finished and has_set(pod.namespace, owner["name"]):
        return Fate.DAEMON
    if MIRROR_ANNOTATION in (pod.manifest["metadata"].get("annotations") or {}):
        return Fate.MIRROR
    if pod.finished:
        return Fate.GOES
    if not options.local_data and _has_local_data(pod.manifest):
        return Fate.LOCAL_DATA
    orphaned = owner is None or owner["kind"] == "DaemonSet"
    return Fate.UNMANAGED if orphaned and not options.unmanaged else Fate.GOES


def _has_local_data(pod: Manifest) -> bool:
    return any("emptyDir" in volume for volume in pod["spec"].get("volumes") or ())


@dataclass(frozen=True, slots=True)
class DrainStatus:
    """Who is in the way of a drain: ``namespace/name`` of pods, those that a budget holds by its name.

    ``refused`` are pods that nobody agreed to lose, by their fate. Of many only the first are listed.
    """

    held: Mapping[str, str]
    refused: Mapping[str, str]

    def text(self) -> str:
        """Return the status as the annotation holds it, "" if nobody is in the way."""
        if not self.held and not self.refused:
            return ""
        return json.dumps({"heldByBudget": _first(self.held), "refused": _first(self.refused)})

    @classmethod
    def read(cls, text: str) -> Self:
        """Read it; what is not well formed says nothing."""
        try:
            given = json.loads(text or "{}")
        except (ValueError, RecursionError):
            given = {}
        parts = [given.get(part) if isinstance(given, dict) else None for part in ("heldByBudget", "refused")]
        held, refused = (_texts(part) for part in parts)
        return cls(held, refused)


MOST = 20
"""So many pods that are in the way are listed."""


def _first(pods: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(pods.items())[:MOST])


def _texts(given: object) -> dict[str, str]:
    return {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
