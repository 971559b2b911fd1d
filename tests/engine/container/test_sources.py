"""What containers are given from the API."""

from __future__ import annotations

from controller.engine.container.sources import ConfigSources, sources_of
from controller.engine.objects import Manifest
from tests.builders import container, pod_manifest

HELD: dict[tuple[str, str, str], Manifest] = {
    ("ConfigMap", "default", "plain"): {"data": {"a": "1"}},
    ("Secret", "default", "hidden"): {"data": {"b": "Mg=="}},
    ("ConfigMap", "default", "empty"): {"kind": "ConfigMap"},
}


def find(kind: str, namespace: str, name: str) -> Manifest | None:
    """Find what there is."""
    return HELD.get((kind, namespace, name))


def test_what_a_pod_names_is_found() -> None:
    """In volumes, projected ones too, and in the environment; what is not there is left out."""
    box = container(
        envFrom=[{"configMapRef": {"name": "empty"}}, {"secretRef": {"name": "none"}}],
        env=[{"name": "V", "valueFrom": {"secretKeyRef": {"name": "hidden", "key": "b"}}}, {"name": "W"}],
    )
    volumes = [{"name": "v", "projected": {"sources": [{"configMap": {"name": "plain"}}]}}]

    found = sources_of(pod_manifest(containers=[box], volumes=volumes), find)

    assert found == ConfigSources({"plain": {"a": "1"}, "empty": {}}, {"hidden": {"b": "2"}})
