"""A staged rollout of a real cluster whose Everynode is killed, part by part, again and again.

The cluster stands behind the API door of an Everynode of its own, which nobody touches; another one mirrors
it through TLS, carries the rollout out, and is killed. Judged is by what the API server told of its pods.
The suite kills each part once; ``make chaos`` goes the whole way: 200 nodes, ten kills.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest

from controller.engine.daemonset.staged.status import MANAGER_ANNOTATION, PLAN_STATUS_ANNOTATION
from controller.engine.objects import HASH_LABEL, PLAN_ANNOTATION
from controller.upstream import kubeconfig
from controller.upstream.client import Client
from dashboard.programs import HOST
from tests.chaos.inside import Inside
from tests.chaos.visitor import Visitor
from tests.mirror.staged import Told
from tests.servers import BASE, Everynode, environment, everynode_running, wait_until

pytestmark = pytest.mark.chaos
WHOLE = os.environ.get("EVERYNODE_CHAOS") == "whole"
NODES, KILLS, BUDGET = (200, 10, 10) if WHOLE else (24, 3, 4)
PATIENCE = 180 if WHOLE else 60
"""Seconds for which a busy machine may take for one of the steps."""
PARTS = ("worker", "mirror", "web")
PODS = "/api/v1/namespaces/default/pods"
SETS = "/apis/apps/v1/namespaces/default/daemonsets"
OWN = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": BUDGET, "maxSurge": 0}}
PLAN = {"canary": "canary=yes", "waves_by": "zone", "promotion": "Automatic", "soak": "1", "partition": "0",
        "max_failures": "3", "on_failure": "Pause", "deadline": "600"}  # fmt: skip
LABELS = ("canary=yes", "zone=a", "zone=b", "zone=c")
"""The label of the nodes of each wave, in the order of the waves."""
NAME = "staged"

MAKE = """
import sys, django
django.setup()
from django.core.management import call_command
from controller.services import clusters, nodes
row = clusters.cluster_create(name="far", actor="ada", start_delay=0.3, stop_delay=0.2)
names = [f"n-{number:03}" for number in range(int(sys.argv[1]))]
for place, label in enumerate(sys.argv[2:]):
    some = [name for at, name in enumerate(names) if (at % 3 + 1 if at % 12 else 0) == place]
    nodes.nodes_add(cluster=row.pk, actor="ada", names=some, labels=dict([label.split("=")]))
call_command("kubeconfig", "far")
"""
"""Makes a cluster whose every twelfth node is a canary, the others of three zones; prints its kubeconfig."""


def wave_of(node: dict[str, Any]) -> int:
    """Return the number of a node's wave."""
    labels = node["metadata"]["labels"]
    return next(
        at
        for at, (key, _, value) in enumerate(one.partition("=") for one in LABELS)
        if labels.get(key) == value
    )


def agent(image: str) -> dict[str, Any]:
    """Return a set of every node."""
    labels = {"app": "agent"}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "agent"},
        "spec": {
            "selector": {"matchLabels": labels},
            "updateStrategy": OWN,
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": image}]},
            },
        },
    }


@dataclass
class Far:
    """The cluster behind its API server, asked through TLS."""

    client: Client

    @property
    def agent(self) -> dict[str, Any]:
        """Return the set."""
        return self.client.get(f"{SETS}/agent")

    @property
    def phase(self) -> str:
        """Return what the set's annotation says of its rollout."""
        noted = self.agent["metadata"].get("annotations") or {}
        return str(json.loads(noted.get(PLAN_STATUS_ANNOTATION) or "{}").get("phase"))

    @property
    def updated(self) -> int:
        """Return how many nodes have a new pod, as far as their controller knows which are new."""
        agent = self.agent
        status = agent["status"]
        known = status.get("observedGeneration") == agent["metadata"]["generation"]
        return int(status.get("updatedNumberScheduled") or 0) if known else 0

    def watched(self, version: str, path: str = PODS) -> str:
        """Return what is told, within a second, of all that happened to pods since a version."""
        query: dict[str, str | int] = {"watch": "1", "resourceVersion": version, "timeoutSeconds": 1}
        return self.client.text(path, query)

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        """Return when it holds. The server is asked once a second: whoever asks it all the time is a load."""

        def held() -> bool:
            return holds() or bool(self.watched(self.agent["metadata"]["resourceVersion"], SETS) and holds())

        wait_until(held, within=PATIENCE, what=what)


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Far, str]]:
    """Run the Everynode whose API the cluster stands behind; return that and its kubeconfig."""
    with everynode_running(tmp_path_factory.mktemp("far"), "--no-demo", "--tls", "--host", HOST) as door:
        words = [sys.executable, "-c", MAKE, str(NODES), *LABELS]
        env = environment(door.data, {"DJANGO_SETTINGS_MODULE": "dashboard.settings"})
        made = subprocess.run(words, env=env, cwd=BASE, check=True, capture_output=True, text=True)
        with Client(kubeconfig.read(made.stdout)) as client:
            yield Far(client), made.stdout


@pytest.fixture(scope="module")
def mirrored(running: Everynode, far: tuple[Far, str], tmp_path_factory: pytest.TempPathFactory) -> Far:
    """Let the Everynode that will be killed mirror the cluster."""
    there, config = far
    there.client.send("POST", SETS, {}, agent("agent:1"))
    file = tmp_path_factory.mktemp("staged") / "kubeconfig"
    file.write_text(config)
    running.manage("cluster", "add", NAME, "--kubeconfig", str(file))
    there.wait(lambda: there.agent["status"].get("numberReady") == NODES, what="the pods")
    return there


def kill(running: Everynode, part: str) -> None:
    """Kill a part of the instance, and wait until its supervisor started it again."""
    dead = int(running.run["pids"][part])
    os.kill(dead, signal.SIGKILL)
    wait_until(lambda: int(running.run["pids"][part]) != dead, what=f"another {part}")


def await_updated(far: Far, many: int) -> None:
    """Wait until so many nodes have a new pod."""
    far.wait(lambda: far.updated >= many, what=f"{many} new pods")


def steps(inside: Inside) -> list[tuple[str, str]]:
    """Return phase and wave of each step that the audit list tells of."""
    sql = "SELECT facts FROM controller_auditentry WHERE action = 'rollout_step' ORDER BY id"
    found = [json.loads(facts) for (facts,) in inside.rows(sql)]
    return [(one["phase"], one.get("wave", "")) for one in found]


def test_parts_are_killed(running: Everynode, inside: Inside, visitor: Visitor, mirrored: Far) -> None:
    """Every node loses its old pod once, in the order of the waves and within the budget, whoever dies."""
    far, page = mirrored, f"clusters/{NAME}/sets/default/agent/"
    listed = far.client.get(PODS)
    (old,) = {pod["metadata"]["labels"][HASH_LABEL] for pod in listed["items"]}
    waves = {node["metadata"]["name"]: wave_of(node) for node in far.client.get("/api/v1/nodes")["items"]}
    told = Told(waves, old, {pod["metadata"]["name"]: pod for pod in listed["items"]})

    wait_until(
        lambda: visitor.send(f"{page}rollout/do/", action="plan", **PLAN)[0] == HTTPStatus.OK, what="a plan"
    )
    far.wait(lambda: bool(far.agent["spec"]["updateStrategy"]["type"] == "OnDelete"), what="OnDelete")
    visitor.send(f"{page}do/", action="image", container="main", image="agent:2")
    for number in range(KILLS):
        await_updated(far, NODES * (number + 1) // (KILLS + 1))
        kill(running, PARTS[number % len(PARTS)])
    far.wait(lambda: far.phase == "Completed", what="the end of the rollout")
    wait_until(lambda: ("Completed", "") in steps(inside), within=PATIENCE, what="the end in the mirror")
    wait_until(lambda: visitor.finds(page, "agent:2"), within=PATIENCE, what="the page")

    told.read(far.watched(listed["metadata"]["resourceVersion"]))
    assert sorted(told.deleted) == sorted(waves)
    assert told.worst <= BUDGET
    assert far.agent["spec"]["updateStrategy"] == OWN
    assert not far.agent["metadata"]["annotations"].keys() & {PLAN_ANNOTATION, MANAGER_ANNOTATION}
    whole = [*(("Progressing", wave) for wave in ("canary", *LABELS[1:])), ("Completed", "")]
    noted = steps(inside)
    assert noted == [step for step in whole if step in noted]  # a wave may pass while no mirror runs
