"""StatefulSets on real rows: a worker that dies in their ordered start doubles no identity."""

from __future__ import annotations

import pytest

from controller import models
from controller.services import objects, passes
from tests.clusters import (
    OWNER,
    PERSON,
    cluster,
    everything,
    folded_log,
    killed_in_a_commit,
    numbers,
    run_out,
    settle,
)

VOLUME = """
apiVersion: v1
kind: PersistentVolume
metadata: {name: vNUMBER}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /tmp/data}}
---
"""
DB = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 8
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: main, image: "db:1", volumeMounts: [{name: data, mountPath: /data}]}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
PODS = 8


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_in_an_ordered_start_doubles_no_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in commit after commit: each pod and claim is made once, in order, each with its own volume."""
    tried = cluster(nodes=2)
    settle(tried)
    volumes = "".join(VOLUME.replace("NUMBER", str(number)) for number in range(PODS))
    objects.manifests_create(cluster=tried, actor=PERSON, text=volumes + DB)
    monkeypatch.setattr(passes, "TURN", 0.001)
    kills = 0
    for inserts in (1, 2, 3, 4, 5):
        kills += killed_in_a_commit(tried, inserts=inserts)
        run_out(tried)
        passes.cluster_pass(cluster=tried, owner=OWNER)
    settle(tried)

    assert kills == 5
    born = models.Change.objects.filter(cluster=tried, verb="ADDED").order_by("number")
    made = [entry.name for entry in born.filter(kind__in=("Pod", "PersistentVolumeClaim"))]
    assert made == [name for number in range(PODS) for name in (f"data-db-{number}", f"db-{number}")]
    now = everything(tried)
    status = now["StatefulSet", "default", "db"]["status"]
    assert (status["replicas"], status["readyReplicas"], status["updatedReplicas"]) == (PODS, PODS, PODS)
    claims = [now["PersistentVolumeClaim", "default", f"data-db-{number}"] for number in range(PODS)]
    assert len({claim["spec"]["volumeName"] for claim in claims}) == PODS
    assert now == folded_log(tried)
    assert numbers(tried) == list(range(1, len(numbers(tried)) + 1))
