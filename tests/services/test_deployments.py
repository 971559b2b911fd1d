"""Deployments on real rows: what a worker that dies in the middle of a rollout leaves behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from controller import models
from controller.engine.objects import Key, Manifest
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
    standing,
)

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 6
  selector: {matchLabels: {app: web}}
  strategy: {rollingUpdate: {maxSurge: 2, maxUnavailable: 1}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
"""
MOST = 8


def history(tried: int) -> Iterator[dict[Key, Manifest]]:
    """Yield what stood after each change of a set, from the first on."""
    state: dict[Key, Manifest] = {}
    for entry in models.Change.objects.filter(cluster=tried).order_by("number"):
        key = (entry.kind, entry.namespace, entry.name)
        state.pop(key, None)
        if entry.verb != "DELETED":
            state[key] = entry.manifest
        if entry.kind == "ReplicaSet":
            yield state


def sets_of(state: dict[Key, Manifest]) -> list[Manifest]:
    """Return the sets that stand."""
    return [manifest for key, manifest in state.items() if key[0] == "ReplicaSet"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_in_a_rollout_loses_and_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in commit after commit: every step is made once, within the bounds, and the rollout ends."""
    tried = cluster(nodes=3)
    objects.manifests_create(cluster=tried, actor=PERSON, text=WEB)
    settle(tried)
    web = standing(tried, "Deployment", "default", "web")
    template = web["spec"]["template"]
    newer = {**template, "spec": {**template["spec"], "containers": [{"name": "main", "image": "web:2"}]}}
    objects.object_replace(
        cluster=tried,
        actor=PERSON,
        kind="Deployment",
        manifest={**web, "spec": {**web["spec"], "template": newer}},
    )
    monkeypatch.setattr(passes, "TURN", 0.001)
    kills = 0
    for inserts in (1, 2, 3, 4):
        before = everything(tried)
        kills += killed_in_a_commit(tried, inserts=inserts)
        run_out(tried)
        assert inserts > 1 or everything(tried) == before
        passes.cluster_pass(cluster=tried, owner=OWNER)
    settle(tried)

    assert kills == 4
    now = everything(tried)
    pods = [manifest for key, manifest in now.items() if key[0] == "Pod"]
    assert [pod["spec"]["containers"][0]["image"] for pod in pods] == ["web:2"] * 6
    assert sorted(each["spec"]["replicas"] for each in sets_of(now)) == [0, 6]
    status = now["Deployment", "default", "web"]["status"]
    assert (status["replicas"], status["updatedReplicas"], status["availableReplicas"]) == (6, 6, 6)
    for state in history(tried):
        sizes = [each["spec"]["replicas"] for each in sets_of(state)]
        assert len(sizes) <= 2
        assert sum(sizes) <= MOST
    assert now == folded_log(tried)
    assert numbers(tried) == list(range(1, len(numbers(tried)) + 1))
