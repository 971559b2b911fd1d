"""Real clusters in the test's database, moved by real passes, and the ways to look at them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from django.db import connection
from django.db.models import F

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.objects import Key, Manifest
from controller.modes import Mode
from controller.queries.source import ClusterView, cluster_view
from controller.services import clusters, objects, passes
from controller.store import rows
from controller.store.clocks import needs_reconcile
from dashboard.present.audits import sentence
from tests.servers import BASE, wait_until

P = ParamSpec("P")
T = TypeVar("T")

PERSON = "ada"
OWNER = "test"
NOW = 1_800_000_000.0


def bare_cluster(name: str = "bare") -> int:
    """Return the id of a cluster that holds nothing at all, not even namespaces."""
    row = models.Cluster.objects.create(name=name, anchor_wall=NOW)
    models.Lease.objects.create(cluster=row)
    return row.pk


def cluster(name: str = "tried", *, nodes: int = 0, delay: float = 0.0, **labels: str) -> int:
    """Return the id of a cluster with nodes called node-1, node-2 and so on."""
    made = clusters.cluster_create(
        name=name, actor=PERSON, nodes=nodes, labels=labels, start_delay=delay, stop_delay=delay, node_grace=0
    )
    return made.pk


def mirrored(cluster: int) -> int:
    """Turn a cluster of a test into one that is mirrored, as it stands, from a server nobody reaches."""
    models.Cluster.objects.filter(pk=cluster).update(
        mode=Mode.MIRRORED, planned=F("number"), due=None, anchor_wall=NOW, anchor_cluster=NOW
    )
    models.Mirror.objects.create(cluster_id=cluster, server="https://192.0.2.1:6443", sealed=b"")
    return cluster


def row_of(cluster: int) -> models.Cluster:
    """Return the cluster's row as it is now."""
    return models.Cluster.objects.get(pk=cluster)


def settle(cluster: int) -> None:
    """Make passes until nothing is to be done at this moment."""

    def quiet() -> bool:
        passes.cluster_pass(cluster=cluster, owner=OWNER)
        return not needs_reconcile(row_of(cluster), time.time())

    wait_until(quiet, what="a cluster with nothing to do")


def demo_text(name: str) -> str:
    """Return one of the demo's manifests."""
    return (Path(BASE) / "controller" / "demo" / f"{name}.yaml").read_text()


def with_daemonset(cluster: int, name: str = "nginx-ds") -> Manifest:
    """Create one of the demo's sets and let its pods start. Returns its manifest then."""
    (done,) = objects.manifests_create(cluster=cluster, actor=PERSON, text=demo_text(name))
    settle(cluster)
    return standing(cluster, "DaemonSet", done.namespace, done.name)


def standing(cluster: int, kind: str, namespace: str, name: str) -> Manifest:
    """Return an object's manifest; fails if there is none."""
    found = rows.find(cluster, (kind, namespace, name))
    assert found
    return found.manifest


def node(cluster: int, name: str) -> Manifest:
    """Return a node's manifest."""
    return standing(cluster, "Node", "", name)


def pods(cluster: int) -> dict[str, models.Pod]:
    """Return the pods by the node that they are on; fails if two share one."""
    found = list(models.Pod.objects.filter(cluster=cluster))
    by_node = {pod.node: pod for pod in found}
    assert len(by_node) == len(found)
    return by_node


def everything(cluster: int) -> dict[Key, Manifest]:
    """Return what the rows hold."""
    return {key: text.parsed(key[0]).manifest for key, text in rows.all_packed(cluster)}


def folded_log(cluster: int, upto: int | None = None) -> dict[Key, Manifest]:
    """Return what the log amounts to, from its beginning."""
    state: dict[Key, Manifest] = {}
    for entry in models.Change.objects.filter(cluster=cluster).order_by("number"):
        if upto is None or entry.number <= upto:
            key = (entry.kind, entry.namespace, entry.name)
            state.pop(key, None)
            if entry.verb != Verb.DELETED:
                state[key] = entry.manifest
    return state


def numbers(cluster: int) -> list[int]:
    """Return the numbers of the log, oldest first."""
    entries = models.Change.objects.filter(cluster=cluster).order_by("number")
    return list(entries.values_list("number", flat=True))


def change(manifest: Manifest, verb: Verb = Verb.ADDED, **timers: float) -> Change:
    """Return a change of an object, made by a person for the sake of a test."""
    return Change(verb, manifest["kind"], manifest, PERSON, "a test", timers)


def audited() -> list[str]:
    """Return the sentences of the audit list, oldest first."""
    entries = models.AuditEntry.objects.order_by("pk")
    return [sentence(entry.action, entry.about, entry.facts) for entry in entries]


def run_out(cluster: int) -> None:
    """Let the lease of a cluster have run out long ago, as if its holder had died."""
    models.Lease.objects.filter(cluster=cluster).update(expires=1.0)


def looked(
    query: Callable[Concatenate[ClusterView, P], T], cluster: int, /, *args: P.args, **facts: P.kwargs
) -> T:
    """Ask a query of a cluster as it stands now."""
    with cluster_view(cluster) as view:
        return query(view, *args, **facts)


DIES = """
import sys, time
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from controller.services import passes
from controller.store import rows

def hang(*row, **facts):
    print("mid", flush=True)
    time.sleep(60)

rows.insert = hang
passes.cluster_pass(cluster=int(sys.argv[2]), owner="dies")
"""


def killed_in_a_commit(cluster: int) -> bool:
    """Let a worker of its own process make a pass, and kill it while it inserts rows.

    Returns whether it came so far.
    """
    words = [sys.executable, "-c", DIES, str(connection.settings_dict["NAME"]), str(cluster)]
    with subprocess.Popen(words, cwd=BASE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        is_hanging = worker.stdout.readline() == "mid\n"
        worker.kill()
    return is_hanging
