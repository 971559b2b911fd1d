"""Staged rollouts of a real cluster, here behind our own door, are carried out through its API alone."""

from __future__ import annotations

import html
import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from controller.engine.daemonset.staged.status import (
    MANAGER_ANNOTATION,
    PLAN_STATUS_ANNOTATION,
    PROMOTE_ANNOTATION,
)
from controller.engine.objects import HASH_LABEL, PAUSED_ANNOTATION, PLAN_ANNOTATION
from tests.kubectls import kubectl
from tests.mirror.staged import Told
from tests.mirror.test_forwarding import AGENT, MERGE, SET, Real
from tests.servers import Everynode, everynode_running, wait_until

NODES, BUDGET = 12, 2
PODS = "/api/v1/namespaces/default/pods"
OWN = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": BUDGET, "maxSurge": 0}}
PLAN = {
    "canary": "disk=ssd",
    "waves_by": "zone",
    "promotion": "Automatic",
    "soak": "0",
    "partition": "0",
    "max_failures": "3",
    "on_failure": "Pause",
    "deadline": "600",
}


@pytest.fixture(name="own", scope="module")
def _own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everynode]:
    more = {"EVERYNODE_ROLLOUT_TAKEOVER": "3"}
    with everynode_running(tmp_path_factory.mktemp("staging"), "--no-demo", more=more) as instance:
        yield instance


@pytest.fixture(name="real", scope="module")
def _real(own: Everynode, tmp_path_factory: pytest.TempPathFactory) -> Real:
    config = own.cluster("staged", nodes=NODES, delay=0.3)
    file = tmp_path_factory.mktemp("staging-config") / "kubeconfig"
    file.write_text(config)
    server = str(yaml.safe_load(config)["clusters"][0]["cluster"]["server"])
    agent = {**AGENT, "spec": {**AGENT["spec"], "updateStrategy": OWN}}
    httpx.post(f"{server}/apis/apps/v1/namespaces/default/daemonsets", json=agent).raise_for_status()
    own.manage("cluster", "add", "staged-real", "--kubeconfig", str(file))
    real = Real(own, "staged-real", server)
    for number, node in enumerate(real.get("/api/v1/nodes")["items"]):
        labels = {"zone": "ab"[number % 2]} if number else {"disk": "ssd"}
        real.patch(f"/api/v1/nodes/{node['metadata']['name']}", {"metadata": {"labels": labels}})
    wait_until(lambda: ready(real) == NODES, what="the pods")
    page = f"{own.url}clusters/staged-real/sets/default/agent/rollout/"
    wait_until(lambda: own._http.get(page).status_code == httpx.codes.OK, what="the set in the mirror")
    return real


@pytest.fixture(name="paste")
def _paste(real: Real, tmp_path: Path) -> Callable[[str], None]:
    """Return what runs the lines that the page of the rollout shows under a name, as they stand there."""
    config = {
        "clusters": [{"name": "it", "cluster": {"server": real.server}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": ""}}],
        "current-context": "it",
    }
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config))
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "kubectl").symlink_to(kubectl())
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "KUBECONFIG": str(tmp_path / "kubeconfig"), "HOME": str(tmp_path)}

    def run(name: str) -> None:
        shown = re.compile(rf'<pre[^>]*data-hand="{name}"[^>]*>(.*?)</pre>', re.DOTALL)
        page = "sets/default/agent/rollout/"
        wait_until(lambda: bool(shown.search(real.page(page))), what=f"the lines to {name}")
        found = shown.search(real.page(page))
        assert found
        subprocess.run(["sh", "-e", "-c", html.unescape(found[1])], env=env, check=True, timeout=60)

    return run


def ready(real: Real) -> int:
    """Return how many pods are ready there."""
    return int((real.get(SET).get("status") or {}).get("numberReady") or 0)


def noted(real: Real) -> dict[str, str]:
    """Return the annotations of the set there."""
    return dict(real.get(SET)["metadata"].get("annotations") or {})


def phase(real: Real) -> str:
    """Return the phase that the status tells there."""
    return str(json.loads(noted(real).get(PLAN_STATUS_ANNOTATION) or "{}").get("phase"))


def waves(real: Real) -> dict[str, int]:
    """Return the number of each node's wave."""
    found = {}
    for node in real.get("/api/v1/nodes")["items"]:
        labels = node["metadata"]["labels"]
        found[node["metadata"]["name"]] = 0 if "disk" in labels else 1 + "ab".index(labels["zone"])
    return found


def left(real: Real, told: Told) -> int:
    """Return how many of the old pods are still there."""
    return len({pod["metadata"]["name"] for pod in real.get(PODS)["items"]} & told.pods.keys())


def await_left(real: Real, told: Told, few: int) -> None:
    """Wait until no more than a few of the old pods are there."""
    wait_until(lambda: left(real, told) <= few, what=f"{few} old pods")


def begin(real: Real, image: str) -> tuple[Told, str]:
    """Give the set a plan and another image on the pages; return who will judge, from which version on."""
    listed = real.get(PODS)
    (old,) = {pod["metadata"]["labels"][HASH_LABEL] for pod in listed["items"]}
    told = Told(waves(real), old, {pod["metadata"]["name"]: pod for pod in listed["items"]})
    real.post("sets/default/agent/rollout/do/", action="plan", **PLAN)
    assert PLAN_ANNOTATION in noted(real)
    wait_until(lambda: real.get(SET)["spec"]["updateStrategy"]["type"] == "OnDelete", what="OnDelete")
    real.post("sets/default/agent/do/", action="image", container="main", image=image)
    return told, str(listed["metadata"]["resourceVersion"])


def judge(real: Real, told: Told, version: str) -> None:
    """Read the API server's log of the rollout: its budget, its order, its end."""
    query = f"watch=1&resourceVersion={version}&timeoutSeconds=1"
    told.read(httpx.get(f"{real.server}{PODS}?{query}", timeout=30).text)
    assert sorted(told.deleted) == sorted(told.waves)
    assert told.worst <= BUDGET
    assert real.get(SET)["spec"]["updateStrategy"] == OWN
    assert not noted(real).keys() & {PLAN_ANNOTATION, MANAGER_ANNOTATION, PROMOTE_ANNOTATION}


def test_wave_by_wave(real: Real) -> None:
    """A canary, then zones one by one, within the budget, and at the end its own strategy is back."""
    told, version = begin(real, "agent:2")
    wait_until(lambda: phase(real) == "Completed", within=60, what="the end of the rollout")
    judge(real, told, version)


def test_workers_are_killed(real: Real) -> None:
    """Whoever comes after a worker that was killed goes on with what stands in the set."""
    told, version = begin(real, "agent:3")
    for few in range(NODES, NODES - 8, -2):
        await_left(real, told, few)
        os.kill(real.everynode.run["pids"]["worker"], signal.SIGKILL)
    wait_until(lambda: phase(real) == "Completed", within=60, what="the end of the rollout")
    judge(real, told, version)


def test_it_is_somebody_elses(real: Real) -> None:
    """A plan of another Everynode is left to it, and taken over when it leaves undone what is due."""
    real.post("sets/default/agent/rollout/do/", action="plan", **PLAN)
    wait_until(lambda: phase(real) == "Waiting", what="the plan")
    real.patch(SET, {"metadata": {"annotations": {MANAGER_ANNOTATION: "somebody"}}})
    wait_until(lambda: "somebody" in real.page("sets/default/agent/rollout/"), what="its name on the page")
    real.patch("/api/v1/nodes/node-01", {"metadata": {"labels": {"seen": "yes"}}})
    wait_until(lambda: "seen" in real.page("nodes/node-01/"), what="the label in the mirror")
    assert noted(real)[MANAGER_ANNOTATION] == "somebody"

    real.patch(SET, {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "agent:4"}]}}}})
    wait_until(lambda: noted(real).get(MANAGER_ANNOTATION, "") != "somebody", what="somebody who does it")
    assert "everynode-" in noted(real)[MANAGER_ANNOTATION]
    wait_until(lambda: phase(real) == "Completed", within=60, what="the end of the rollout")
    assert real.get(SET)["spec"]["updateStrategy"] == OWN


def hashes(real: Real) -> set[str]:
    """Return the revisions of all pods there."""
    return {pod["metadata"]["labels"][HASH_LABEL] for pod in real.get(PODS)["items"]}


@pytest.mark.parametrize("way", ["finish", "undo"])
def test_it_goes_on_by_hand(real: Real, paste: Callable[[str], None], way: str) -> None:
    """The lines of the page pause a rollout, let it go on, and end it once nobody carries it out any more."""
    (old,) = hashes(real)
    real.post("sets/default/agent/rollout/do/", action="plan", **{**PLAN, "promotion": "AfterCanary"})
    wait_until(lambda: phase(real) == "Waiting", what="the plan")
    paste("pause")
    wait_until(lambda: phase(real) == "Paused", what="the pause")
    paste("resume")
    wait_until(lambda: phase(real) == "Waiting", what="the plan again")
    real.post("sets/default/agent/do/", action="image", container="main", image=f"agent:{way}")
    wait_until(lambda: phase(real) == "AwaitingPromotion", what="the canary")
    real.patch(SET, {"metadata": {"annotations": {MANAGER_ANNOTATION: "somebody who is gone"}}})
    paste(way)
    wait_until(lambda: len(hashes(real)) == 1 and ready(real) == NODES, within=60, what="the end")
    assert (hashes(real) == {old}) is (way == "undo")
    assert real.get(SET)["spec"]["updateStrategy"] == OWN
    assert not [name for name in noted(real) if "everynode.dev" in name]


def test_it_is_paused_and_ended(real: Real) -> None:
    """A plan is paused on the page, and taken away; without one there is nothing that could be paused."""
    answer = real.post("sets/default/agent/rollout/do/", action="pause")
    assert answer.status_code == httpx.codes.BAD_REQUEST
    real.post("sets/default/agent/rollout/do/", action="plan", **PLAN)
    wait_until(lambda: phase(real) == "Waiting", what="the plan")
    real.post("sets/default/agent/rollout/do/", action="pause")
    wait_until(lambda: phase(real) == "Paused", what="the pause")
    assert noted(real)[PAUSED_ANNOTATION] == "true"
    real.post("sets/default/agent/rollout/do/", action="resume")
    real.post("sets/default/agent/rollout/do/", action="end")
    wait_until(lambda: phase(real) == "Canceled", what="the end of the plan")
    wait_until(lambda: real.get(SET)["spec"]["updateStrategy"] == OWN, what="its own strategy")
    httpx.patch(f"{real.server}{SET}", json={"metadata": {"annotations": {}}}, headers=MERGE)
