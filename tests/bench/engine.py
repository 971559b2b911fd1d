"""The engine and the store by themselves, without processes between: where a pass' time can go at most."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from controller import models
from controller.engine.changes import Change, Verb
from controller.engine.daemonset.pod_factory import pinned, pod_template
from controller.engine.objects import DaemonSet, Moment
from controller.engine.passes import plan
from controller.engine.workloads.pods import pod_manifest
from controller.services.names import NAMES
from controller.store.writes import writing
from tests import builders
from tests.engine.play import Play, set_manifest
from tests.engine.workloads import Workloads

NODES = 5_000
PODS = 10_000
SETS = 20
FORKS = 9
REPLICAS = 1000
THOUSAND = f"""
apiVersion: apps/v1
kind: ReplicaSet
metadata: {{name: web}}
spec:
  replicas: {REPLICAS}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: main, image: "web:1", resources: {{requests: {{cpu: 100m}}}}}}]}}
"""


def full_pass_s() -> float:
    """Return the seconds of a pass over a settled cluster of 5,000 nodes in which everything is touched."""
    play = Play(*(f"node-{number}" for number in range(NODES)))
    play.add_set(set_manifest())
    play.settle()
    world = play.reloaded()
    began = time.perf_counter()
    outcome = plan(world, play.now, play.names)
    spent = time.perf_counter() - began
    assert not outcome.changes, "a settled cluster stays as it is"
    return spent


def schedule_s() -> float:
    """Return the seconds in which a ReplicaSet of 1,000 pods is made, bound and ready on 5,000 nodes."""
    play = Workloads(*(f"node-{number}" for number in range(NODES)))
    play.add_set(set_manifest())
    play.settle()
    play.create(THOUSAND)
    began = time.perf_counter()
    play.settle()
    spent = time.perf_counter() - began
    assert len(play.names_of(app="web")) == REPLICAS, "all of them fit"
    return spent


def fork_ms() -> list[float]:
    """Return the milliseconds of forks of a world of 5,000 nodes and 20 sets, with the first edit in each."""
    play = Play(*(f"node-{number}" for number in range(NODES)))
    uids = [play.add_set(set_manifest(f"set-{number}")) for number in range(SETS)]
    for uid in uids:
        ds = play.sets[uid].ds
        template = pod_template(ds, "hash")
        for number in range(NODES):
            suffix, node = f"{number:05}", f"node-{number}"
            name = f"agent-{suffix}"
            pod = pod_manifest(
                ds, template, name=name, uid=play.names.uid(), now=play.now, spec=pinned(template, node)
            )
            bound = {**pod, "spec": {**pod["spec"], "nodeName": node}}
            play.world.apply(Change(Verb.ADDED, "Pod", bound, "bench", ""))
    return [_fork_ms(play, f"node-{number}") for number in range(FORKS)]


def _fork_ms(play: Play, node: str) -> float:
    began = time.perf_counter()
    fork = play.world.fork()
    standing = play.node(node).manifest
    labelled = {**standing, "metadata": {**standing["metadata"], "labels": {"disk": "ssd"}}}
    fork.apply(Change(Verb.MODIFIED, "Node", labelled, "bench", ""))
    spent = time.perf_counter() - began
    assert play.node(node).labels == {}, "the world itself stays as it was"
    return spent * 1000


def insert_s() -> float:
    """Return the seconds in which 10,000 new pods are numbered, written and committed."""
    moment = Moment(datetime.now(UTC), 0.0)
    ds = DaemonSet.read(builders.daemonset_manifest(), {})
    template = pod_template(ds, "hash")
    pods = [
        pod_manifest(
            ds,
            template,
            name=f"agent-{number:05}",
            uid=NAMES.uid(),
            now=moment,
            spec=pinned(template, f"node-{number}"),
        )
        for number in range(PODS)
    ]
    row = models.Cluster.objects.create(name="insert", anchor_wall=time.time(), paused=True)
    began = time.perf_counter()
    with writing(row.pk) as opened:
        opened.put(Change(Verb.ADDED, "Pod", pod, "bench", "one of many") for pod in pods)
    return time.perf_counter() - began
