"""Single pods: what runs in them can be killed."""

from __future__ import annotations

import pytest

from controller.engine.errors import NotFound
from controller.services import pods
from tests.clusters import PERSON, audited, cluster, numbers, settle, standing, with_daemonset
from tests.clusters import pods as standing_pods

pytestmark = pytest.mark.django_db


def test_a_killed_container_runs_anew() -> None:
    """It is counted and ready again, and the audit list has a sentence."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    name = standing_pods(tried)["node-1"].name

    pods.pod_kill(cluster=tried, actor=PERSON, namespace="default", name=name, container="nginx", signal=15)
    settle(tried)

    (status,) = standing(tried, "Pod", "default", name)["status"]["containerStatuses"]
    assert (status["restartCount"], status["ready"]) == (1, True)
    assert audited()[-1] == f"Killed container nginx of pod default/{name} by signal 15"


def test_what_does_not_run_cannot_be_killed() -> None:
    """Nothing is written for it."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    name = standing_pods(tried)["node-1"].name
    before = numbers(tried)

    pods.pod_kill(cluster=tried, actor=PERSON, namespace="default", name=name, container="other", signal=9)

    assert numbers(tried) == before
    with pytest.raises(NotFound):
        pods.pod_kill(cluster=tried, actor=PERSON, namespace="x", name=name, container="nginx", signal=9)
