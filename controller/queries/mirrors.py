"""How the mirroring of a real cluster fares: what is shown of it is as old as it was last heard of."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from controller import models
from controller.upstream.connection import Connection
from controller.upstream.secrets import unseal
from controller.upstream.states import State

PATIENCE = 6.0
"""Seconds for which a mirror may be late to renew its lease, or to take that of a new cluster."""


@dataclass(frozen=True, slots=True)
class MirrorFacts:
    """A real cluster's API server and its mirror.

    ``cluster_uid`` tells the cluster from others, "" until it is known. ``age`` is how many seconds ago
    it was last heard of, None if never. ``errors`` say what is wrong, by kind; ``missing`` are the kinds
    that may not be read, ``odd`` names objects that could not be. Its clock is ``skew`` seconds ahead of
    ours. ``is_followed`` says whether a mirror runs that follows it.
    """

    server: str
    cluster_uid: str
    version: str
    state: State
    errors: dict[str, str]
    odd: tuple[str, ...]
    missing: tuple[str, ...]
    last_seen: datetime | None
    age: float | None
    skew: float
    requests: int
    impersonate: bool
    insecure: bool
    is_followed: bool


def connection_of(*, cluster: int) -> tuple[Connection, bool] | None:
    """Return how a real cluster is reached, and whether people act there as themselves; None: it is no such.

    Raises NoKey.
    """
    row = models.Mirror.objects.filter(pk=cluster).first()
    return (unseal(bytes(row.sealed)), row.impersonate) if row else None


def mirror_of(*, cluster: int) -> MirrorFacts | None:
    """Return how a cluster's mirroring fares, None if it is no real one."""
    row = models.Mirror.objects.select_related("cluster").defer("sealed").filter(pk=cluster).first()
    if row is None:
        return None
    now = time.time()
    until = max(row.expires, row.cluster.created.timestamp()) + PATIENCE
    return MirrorFacts(
        server=row.server,
        cluster_uid=row.cluster_uid,
        version=row.version,
        state=State(row.state),
        errors=row.facts.get("errors") or {},
        odd=tuple(row.facts.get("odd") or ()),
        missing=tuple(row.missing),
        last_seen=None if row.last_seen is None else datetime.fromtimestamp(row.last_seen, UTC),
        age=None if row.last_seen is None else max(0.0, now - row.last_seen),
        skew=row.skew,
        requests=row.requests,
        impersonate=row.impersonate,
        insecure=row.insecure,
        is_followed=until > now,
    )
