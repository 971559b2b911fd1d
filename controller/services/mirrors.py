"""Real clusters: added with the connection to their API server, whose credentials are kept sealed."""

from __future__ import annotations

import time

from controller import models
from controller.engine.errors import NotFound
from controller.modes import Mode
from controller.services.clusters import name_faults, refuse
from controller.services.edits import acting
from controller.services.newclusters import made
from controller.upstream.connection import Connection
from controller.upstream.secrets import seal

ACTOR = "mirror"
"""In whose name what mirrors find is noted."""


def mirror_add(*, name: str, actor: str, connection: Connection, impersonate: bool = False) -> models.Cluster:
    """Add a real cluster; a mirror begins to read it within moments.

    With ``impersonate`` what people change there is done as them (``Impersonate-User``).
    Raises AlreadyExists, Invalid (its name), NoKey.
    """
    refuse(name, name_faults(name))
    row = models.Cluster(name=name, mode=Mode.MIRRORED, anchor_wall=time.time(), recipe={})
    with made(row):
        models.Mirror.objects.create(
            cluster=row,
            server=connection.origin,
            sealed=seal(connection),
            impersonate=impersonate,
            insecure=connection.insecure,
        )
        with acting(cluster=row.pk, actor=actor) as act:
            act.note("mirror_add", name, server=connection.origin, impersonate=impersonate)
    return models.Cluster.objects.get(pk=row.pk)


def mirror_replace(*, cluster: int, actor: str, connection: Connection, impersonate: bool) -> None:
    """Give a real cluster other credentials, or another address; its mirror begins anew with them at once.

    What was sealed before is gone. Raises NotFound (there is no such cluster, or it is no real one), NoKey.
    """
    with acting(cluster=cluster, actor=actor) as act:
        changed = models.Mirror.objects.filter(pk=cluster).update(
            server=connection.origin,
            sealed=seal(connection),
            impersonate=impersonate,
            insecure=connection.insecure,
        )
        if not changed:
            raise NotFound("mirrors", act.row.name)
        act.note("mirror_replace", act.row.name, server=connection.origin, impersonate=impersonate)


def mirror_recreated(*, cluster: int, uid: str) -> None:
    """Note that another cluster, of that uid, answers at a cluster's address. Raises NotFound."""
    with acting(cluster=cluster, actor=ACTOR) as act:
        models.Mirror.objects.filter(pk=cluster).update(cluster_uid=uid)
        act.note("mirror_recreated", act.row.name)


def mirror_rewound(*, cluster: int) -> None:
    """Note that a cluster's API server went back to an earlier state, as from a backup. Raises NotFound."""
    with acting(cluster=cluster, actor=ACTOR) as act:
        act.note("mirror_rewound", act.row.name)
