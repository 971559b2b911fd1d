"""What logs and programs need to know of a pod."""

from __future__ import annotations

from base64 import b64encode

import pytest

from controller.engine.container.sources import ConfigSources
from controller.engine.errors import NotFound
from controller.queries.containers import config_sources_of, pod_seen
from controller.services import nodes, objects
from tests.builders import container, pod_manifest
from tests.clusters import PERSON, cluster, pods, with_daemonset

pytestmark = pytest.mark.django_db


def kept(tried: int, kind: str, name: str, **data: str) -> None:
    """Keep a config map or a secret."""
    manifest = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "data": data}
    objects.object_create(cluster=tried, actor=PERSON, kind=kind, manifest=manifest)


def test_a_pod_is_seen_with_its_machine() -> None:
    """And whether that answers."""
    tried = cluster(nodes=1)
    with_daemonset(tried)
    name = pods(tried)["node-1"].name

    seen = pod_seen(cluster=tried, namespace="default", name=name)
    nodes.node_power(cluster=tried, actor=PERSON, nodes=["node-1"], up=False)

    assert seen.node["metadata"]["name"] == "node-1"
    assert seen.reached
    assert not pod_seen(cluster=tried, namespace="default", name=name).reached
    with pytest.raises(NotFound):
        pod_seen(cluster=tried, namespace="default", name="nobody")


def test_a_pod_may_have_no_machine() -> None:
    """Then there is nothing to reach."""
    tried = cluster()
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [container()]},
    }
    objects.object_create(cluster=tried, actor=PERSON, kind="Pod", manifest=pod)

    seen = pod_seen(cluster=tried, namespace="default", name="p")

    assert (seen.node, seen.reached) == ({}, False)


def test_what_a_pod_names_is_read_wherever_it_names_it() -> None:
    """Volumes, projected ones, and the environment; what does not exist is left out."""
    tried = cluster()
    for name in ("mounted", "projected", "all", "one"):
        kept(tried, "ConfigMap", name, key=name)
    for name in ("mounted", "projected", "all", "one"):
        kept(tried, "Secret", name, key=b64encode(name.encode()).decode())
    box = container(
        envFrom=[{"configMapRef": {"name": "all"}}, {"secretRef": {"name": "all"}}],
        env=[
            {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "one", "key": "key"}}},
            {"name": "B", "valueFrom": {"secretKeyRef": {"name": "one", "key": "key"}}},
            {"name": "C", "value": "plain"},
        ],
    )
    volumes = [
        {"name": "a", "configMap": {"name": "mounted"}},
        {"name": "b", "secret": {"secretName": "mounted"}},
        {"name": "c", "projected": {"sources": [{"configMap": {"name": "projected"}}]}},
        {"name": "d", "projected": {"sources": [{"secret": {"name": "projected"}}]}},
        {"name": "e", "configMap": {"name": "none"}},
    ]

    sources = config_sources_of(cluster=tried, pod=pod_manifest(containers=[box], volumes=volumes))

    texts = {name: {"key": name} for name in ("mounted", "projected", "all", "one")}
    assert sources == ConfigSources(texts, texts)
