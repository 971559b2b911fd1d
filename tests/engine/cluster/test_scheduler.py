"""What stands in a pod's way on one node, and what a pod takes."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.cluster.scheduler import filters
from controller.engine.cluster.scheduler.demand import Demand, Load
from controller.engine.cluster.scheduler.filters import (
    AFFINITY,
    PORTS,
    TAINTS,
    UNSCHEDULABLE,
    lacking,
    refused,
)
from controller.engine.cluster.scheduler.podinfo import PodInfo
from controller.engine.cluster.scheduler.scores import emptiness
from controller.engine.objects import Pod
from tests.builders import node


def bare(name: str = "bare", *, bound: str = "", phase: str = "Pending", **spec: Any) -> Pod:
    """Return a pod that no set made."""
    containers = [{"name": "main", "image": "bare:1", **spec.pop("container", {})}]
    manifest = {
        "metadata": {"name": name, "namespace": "default", "uid": name},
        "spec": {"containers": containers, **({"nodeName": bound} if bound else {}), **spec},
        "status": {"phase": phase},
    }
    return Pod.read(manifest, {})


def asks(**requests: str) -> dict[str, Any]:
    """Return a container's resources with these requests."""
    return {"resources": {"requests": requests}}


def port(number: int, **facts: Any) -> dict[str, Any]:
    """Return a container that wants a host port."""
    return {"ports": [{"containerPort": number, "hostPort": number, **facts}]}


CORDONED: dict[str, Any] = {"unschedulable": True, "taints": ["node.kubernetes.io/unschedulable:NoSchedule"]}
STANDS_IT: dict[str, Any] = {
    "tolerations": [{"key": "node.kubernetes.io/unschedulable", "operator": "Exists"}]
}
STORAGE = {"ephemeral-storage": "2Gi"}


@pytest.mark.parametrize(
    ("pod", "facts", "standing", "said"),
    [
        pytest.param(bare(), {"taints": ["gpu:NoSchedule"]}, [], [TAINTS], id="taint"),
        pytest.param(bare(), {"taints": ["gpu:PreferNoSchedule"]}, [], [], id="a preference refuses nobody"),
        pytest.param(bare(), CORDONED, [], [UNSCHEDULABLE], id="a cordon speaks before its taint"),
        pytest.param(bare(**STANDS_IT), CORDONED, [], [], id="a cordon can be tolerated"),
        pytest.param(bare(nodeSelector={"disk": "ssd"}), {}, [], [AFFINITY], id="selector"),
        pytest.param(
            bare(container=asks(cpu="3")), {}, [bare("x", bound="n", container=asks(cpu="2"))],
            ["Insufficient cpu"], id="cpu",
        ),
        pytest.param(
            bare(container=asks(cpu="3")), {},
            [bare("x", bound="n", phase="Succeeded", container=asks(cpu="2"))],
            [], id="finished pods take nothing",
        ),
        pytest.param(bare(container=asks(memory="9Gi")), {}, [], ["Insufficient memory"], id="memory"),
        pytest.param(
            bare(container=asks(cpu="9", memory="9Gi")), {"capacity": {"pods": "1"}}, [bare("x", bound="n")],
            ["Too many pods", "Insufficient cpu", "Insufficient memory"], id="all that lacks is named",
        ),
        pytest.param(
            bare(container={"resources": {"limits": {"cpu": "5"}}}), {}, [], ["Insufficient cpu"],
            id="a limit without a request counts",
        ),
        pytest.param(
            bare(container=asks(**STORAGE)), {"capacity": {"ephemeral-storage": "3Gi"}},
            [bare("x", bound="n", container=asks(**STORAGE))],
            ["Insufficient ephemeral-storage"], id="storage",
        ),
        pytest.param(
            bare(container=asks(**{"a.b/gpu": "1"})), {}, [], ["Insufficient a.b/gpu"],
            id="a resource that the node does not have",
        ),
        pytest.param(
            bare(container=port(80)), {}, [bare("x", bound="n", container=port(80))], [PORTS], id="same port"
        ),
        pytest.param(
            bare(container=port(80, hostIP="10.0.0.1")), {},
            [bare("x", bound="n", container=port(80, hostIP="10.0.0.2"))],
            [], id="same port at another address",
        ),
        pytest.param(
            bare(container=port(80)), {}, [bare("x", bound="n", container=port(80, protocol="UDP"))],
            [], id="same port of another protocol",
        ),
        pytest.param(
            bare(container=port(80)), {},
            [bare("x", bound="n", hostNetwork=True, container={"ports": [{"containerPort": 80}]})],
            [PORTS], id="host network holds every port of its containers",
        ),
        pytest.param(
            bare(container=port(80)), {},
            [bare("x", bound="n", container={"ports": [{"containerPort": 80}]})],
            [], id="a container's own port is no host port",
        ),
    ],
)  # fmt: skip
def test_filters(pod: Pod, facts: dict[str, Any], standing: list[Pod], said: list[str]) -> None:
    """The first filter that fails speaks for the node; resources are all named at once."""
    info, there = PodInfo.of(pod), node("n", **facts)
    load = Load.sum(Demand.of(one.manifest["spec"]) for one in standing if not one.finished)
    why = refused(info, there)
    assert ([why] if why else lacking(info.demand, load, there)) == said


def first(cpu: str, **facts: Any) -> dict[str, Any]:
    """Return an init container."""
    return {"name": "first", "image": "i", "resources": {"requests": {"cpu": cpu}}, **facts}


@pytest.mark.parametrize(
    ("spec", "cpu"),
    [
        ({"initContainers": [first("3")]}, 3000),
        ({"initContainers": [first("500m")]}, 1000),
        ({"initContainers": [first("1", restartPolicy="Always"), first("2")]}, 3000),
        ({"initContainers": [first("1", restartPolicy="Always")]}, 2000),
        ({"overhead": {"cpu": "200m"}}, 1200),
    ],
)
def test_what_a_pod_takes(spec: dict[str, Any], cpu: int) -> None:
    """Init containers run before the others, sidecars beside them, and what runs a pod costs too."""
    assert PodInfo.of(bare(container=asks(cpu="1"), **spec)).demand.cpu == cpu


def test_a_load_goes_back_to_nothing() -> None:
    """What was added can be taken away, of ports and of other resources too."""
    demand = Demand.of(bare(container={**asks(cpu="1", **STORAGE), **port(80)}).manifest["spec"])
    assert Load().plus(demand).minus(demand) == Load()


def test_a_node_that_has_not_reported_is_not_scored() -> None:
    """It has nothing of which something could be left."""
    there = node("n", capacity={"cpu": "0"})
    assert emptiness(Demand(), Load(), there) == 0
    assert emptiness(Demand(cpu=1000), filters.EMPTY, node("n")) > 100
