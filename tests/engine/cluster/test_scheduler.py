"""Which node a pod is bound to, and what the scheduler says when there is none."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.cluster.scheduler import AFFINITY, PORTS, TAINTS, Load, choose, obstacles
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


EMPTY = Load()


def empty(_node: str) -> Load:
    """Return what stands on a node of a new cluster."""
    return EMPTY


def asks(**requests: str) -> dict[str, Any]:
    """Return a container's resources with these requests."""
    return {"resources": {"requests": requests}}


def port(number: int, **facts: Any) -> dict[str, Any]:
    """Return a container that wants a host port."""
    return {"ports": [{"containerPort": number, "hostPort": number, **facts}]}


def test_the_emptiest_node_is_taken_then_the_first_by_name() -> None:
    """Deterministic where Kubernetes scores."""
    nodes = {name: node(name) for name in ("b", "a", "c")}
    loads = {"a": Load.of([bare("x", bound="a")])}

    assert choose(bare(), nodes, lambda name: loads.get(name, EMPTY)) == ("b", "")


def test_a_cluster_without_nodes_says_so() -> None:
    """There is nothing to count reasons over."""
    assert choose(bare(), {}, empty) == ("", "no nodes available to schedule pods")


@pytest.mark.parametrize(
    ("pod", "facts", "standing", "said"),
    [
        pytest.param(bare(), {"taints": ["gpu:NoSchedule"]}, [], [TAINTS], id="taint"),
        pytest.param(bare(), {"taints": ["gpu:PreferNoSchedule"]}, [], [], id="a preference refuses nobody"),
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
    assert obstacles(pod, node("n", **facts), Load.of(standing)) == said


def test_a_pinned_pod_is_told_of_its_own_node_and_of_the_rest() -> None:
    """The nodes that a daemon pod is not pinned to count as not satisfying its affinity."""
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["gone"]}]}
    affinity = {
        "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    }
    found, why = choose(bare(affinity=affinity), {"a": node("a"), "b": node("b")}, empty)

    assert found == ""
    assert why.startswith("0/2 nodes are available: 2 node(s) didn't satisfy plugin(s) [NodeAffinity].")


def test_reasons_are_counted_over_all_nodes() -> None:
    """Each reason stands once, with the number of nodes that gave it."""
    nodes = {"a": node("a", taints=["gpu:NoSchedule"]), "b": node("b"), "c": node("c")}
    _, why = choose(bare(container=asks(cpu="9")), nodes, empty)

    assert why.startswith("0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.")
