"""What objects count for in a quota, and which of them it is about."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.objects import Manifest
from controller.engine.quota.amounts import Amount, said, texts
from controller.engine.quota.scopes import is_about
from controller.engine.quota.usage import is_counted, is_tracked, names_of, usage_of

SMALL = {"requests": {"cpu": "100m", "memory": "50Mi"}, "limits": {"cpu": "200m"}}
LARGE = {"requests": {"cpu": "1"}}


def pod(*resources: Manifest, first: list[Manifest] | None = None, **spec: Any) -> Manifest:
    """Return a pod whose containers have these resources."""
    containers = [{"name": f"c{index}", "resources": each} for index, each in enumerate(resources)]
    more = {"initContainers": first} if first else {}
    return {"metadata": {"name": "p"}, "spec": {"containers": containers, **more, **spec}}


def claim(storage: str, **spec: Any) -> Manifest:
    """Return a claim."""
    return {"metadata": {"name": "c"}, "spec": {"resources": {"requests": {"storage": storage}}, **spec}}


def service(kind: str, *ports: Manifest, **spec: Any) -> Manifest:
    """Return a Service of a type."""
    return {"metadata": {"name": "s"}, "spec": {"type": kind, "ports": list(ports), **spec}}


POD = "count/pods=1,cpu={0},limits.cpu=200m,memory={1},pods=1,requests.cpu={0},requests.memory={1}"


@pytest.mark.parametrize(
    ("kind", "manifest", "counted"),
    [
        pytest.param("Pod", pod(SMALL), POD.format("100m", "50Mi"), id="pod"),
        pytest.param("Pod", pod({}), "count/pods=1,pods=1", id="nothing asked for"),
        pytest.param(
            "Pod",
            pod(SMALL, first=[{"name": "i", "resources": LARGE}]),
            POD.format("1", "50Mi"),
            id="the largest that runs before",
        ),
        pytest.param(
            "Pod",
            pod(
                SMALL,
                first=[
                    {"name": "s", "resources": SMALL, "restartPolicy": "Always"},
                    {"name": "i", "resources": {"requests": {"cpu": "50m"}}},
                ],
            ),
            POD.format("200m", "100Mi").replace("limits.cpu=200m", "limits.cpu=400m"),
            id="one that runs beside",
        ),
        pytest.param(
            "Pod",
            pod(SMALL, resources={"requests": {"cpu": "3", "example.com/x": "1"}}),
            POD.format("3", "50Mi"),
            id="written for the whole pod",
        ),
        pytest.param(
            "Pod",
            pod(SMALL, overhead={"cpu": "50m", "memory": "6Mi"}),
            POD.format("150m", "56Mi").replace("limits.cpu=200m", "limits.cpu=250m"),
            id="what the pod itself costs",
        ),
        pytest.param(
            "Pod",
            pod({"requests": {"example.com/gpu": "2", "hugepages-2Mi": "4Mi", "odd": "1"}}),
            "count/pods=1,hugepages-2Mi=4Mi,pods=1,requests.example.com/gpu=2,requests.hugepages-2Mi=4Mi",
            id="other resources",
        ),
        pytest.param("Pod", {**pod(SMALL), "status": {"phase": "Failed"}}, "count/pods=1", id="ended"),
        pytest.param("ConfigMap", {}, "configmaps=1,count/configmaps=1", id="an older name"),
        pytest.param("DaemonSet", {}, "count/daemonsets.apps=1", id="of a group"),
        pytest.param("Service", service("ClusterIP", {}), "count/services=1,services=1", id="service"),
        pytest.param(
            "Service",
            service("NodePort", {}, {}),
            "count/services=1,services=1,services.nodeports=2",
            id="node ports",
        ),
        pytest.param(
            "Service",
            service("LoadBalancer", {}, {"nodePort": 30000}, allocateLoadBalancerNodePorts=False),
            "count/services=1,services=1,services.loadbalancers=1,services.nodeports=1",
            id="load balancer",
        ),
        pytest.param(
            "Service",
            service("LoadBalancer", {}, {}),
            "count/services=1,services=1,services.loadbalancers=1,services.nodeports=2",
            id="load balancer with ports",
        ),
        pytest.param(
            "PersistentVolumeClaim",
            claim("1500m", storageClassName="gold"),
            "count/persistentvolumeclaims=1,gold.storageclass.storage.k8s.io/persistentvolumeclaims=1,"
            "gold.storageclass.storage.k8s.io/requests.storage=2,persistentvolumeclaims=1,requests.storage=2",
            id="claim",
        ),
        pytest.param(
            "PersistentVolumeClaim",
            {"metadata": {}, "spec": {}},
            "count/persistentvolumeclaims=1,persistentvolumeclaims=1",
            id="claim of nothing",
        ),
    ],
)
def test_what_an_object_counts_for(kind: str, manifest: Manifest, counted: str) -> None:
    """As Kubernetes' evaluators have it."""
    assert said(usage_of(kind, manifest)) == counted


def test_a_pod_that_should_be_gone_is_an_object_and_nothing_else() -> None:
    """It stands still, and is not held against anybody."""
    assert said(usage_of("Pod", pod(SMALL), over=True)) == "count/pods=1"


def test_which_kinds_count() -> None:
    """Events never do, nor what has no namespace, nor what Kubernetes does not have."""
    assert [is_counted(kind) for kind in ("Pod", "Event", "Node", "NodeLoad")] == [True, False, False, False]


def test_which_names_are_tracked() -> None:
    """A name under which nothing counts has no usage."""
    names = ["pods", "count/jobs.batch", "requests.example.com/gpu", "gold.storageclass.storage.k8s.io/x"]
    assert [is_tracked(name) for name in names] == [True, True, True, False]
    assert not is_tracked("count/widgets.example.com")
    assert names_of("Secret", ["secrets", "pods", "count/secrets"]) == ["count/secrets", "secrets"]


def test_a_sum_is_written_as_its_first_part() -> None:
    """What is zero has no way of writing."""
    nothing, mebi, mega = Amount.read("0"), Amount.read("64Mi"), Amount.read("64M")
    assert str(nothing.plus(mebi)) == "64Mi"
    assert str(mega.plus(mebi)) == "131108864"
    assert texts({"b": mega, "a": nothing}) == {"a": "0", "b": "64M"}


CLASS = {"scopeName": "PriorityClass"}
ACROSS = {"topologyKey": "zone", "namespaces": ["other"]}
REQUIRED, PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)


@pytest.mark.parametrize(
    ("scope", "spec", "holds"),
    [
        ("BestEffort", {}, True),
        ("NotBestEffort", {}, False),
        ("Terminating", {}, False),
        ("Terminating", {"activeDeadlineSeconds": 5}, True),
        ("NotTerminating", {}, True),
        ("CrossNamespacePodAffinity", {}, False),
        ("CrossNamespacePodAffinity", {"affinity": {"podAffinity": {REQUIRED: [{}]}}}, False),
        ("CrossNamespacePodAffinity", {"affinity": {"podAffinity": {REQUIRED: [ACROSS]}}}, True),
        (
            "CrossNamespacePodAffinity",
            {"affinity": {"podAntiAffinity": {PREFERRED: [{"podAffinityTerm": {"namespaceSelector": {}}}]}}},
            True,
        ),
        ("PriorityClass", {}, False),
        ("PriorityClass", {"priorityClassName": "high"}, True),
        ({**CLASS, "operator": "DoesNotExist"}, {}, True),
        ({**CLASS, "operator": "In", "values": ["high"]}, {"priorityClassName": "high"}, True),
        ({**CLASS, "operator": "In", "values": ["low"]}, {"priorityClassName": "high"}, False),
        ({**CLASS, "operator": "NotIn", "values": ["low"]}, {"priorityClassName": "high"}, True),
        ("VolumeAttributesClass", {}, False),
    ],
    ids=str,
)
def test_the_scopes_of_pods(scope: Any, spec: Manifest, holds: bool) -> None:  # noqa: FBT001 -- a table
    """A quota is about the pods for which all of its scopes hold."""
    quota = (
        {"scopes": [scope]} if isinstance(scope, str) else {"scopeSelector": {"matchExpressions": [scope]}}
    )
    assert is_about(quota, "Pod", pod({}, **spec)) is holds


def test_the_scope_of_claims() -> None:
    """Others never hold for what is not a pod."""
    scope = {"scopeName": "VolumeAttributesClass", "operator": "In", "values": ["fast"]}
    quota = {"scopeSelector": {"matchExpressions": [scope]}}
    assert is_about(quota, "PersistentVolumeClaim", claim("1", volumeAttributesClassName="fast"))
    going = {**claim("1"), "status": {"modifyVolumeStatus": {"targetVolumeAttributesClassName": "fast"}}}
    assert is_about(quota, "PersistentVolumeClaim", going)
    assert not is_about({"scopes": ["BestEffort"]}, "PersistentVolumeClaim", claim("1"))
    assert is_about({}, "PersistentVolumeClaim", claim("1"))
