"""What every cluster and every namespace holds from the beginning, as the API server is sent it."""

from __future__ import annotations

from controller.engine.objects import Manifest

API_PORT = {"name": "https", "port": 443, "protocol": "TCP"}
API_META: Manifest = {"name": "kubernetes", "namespace": "default"}
API_SERVICE: Manifest = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {**API_META, "labels": {"component": "apiserver", "provider": "kubernetes"}},
    "spec": {"clusterIP": "10.96.0.1", "ports": [{**API_PORT, "targetPort": 6443}]},
}
API_ENDPOINTS: Manifest = {
    "apiVersion": "v1",
    "kind": "Endpoints",
    "metadata": {**API_META, "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
    "subsets": [{"addresses": [{"ip": "192.0.2.1"}], "ports": [{**API_PORT, "port": 6443}]}],
}
API_SLICE: Manifest = {
    "apiVersion": "discovery.k8s.io/v1",
    "kind": "EndpointSlice",
    "metadata": {**API_META, "labels": {"kubernetes.io/service-name": API_META["name"]}},
    "addressType": "IPv4",
    "endpoints": [{"addresses": ["192.0.2.1"], "conditions": {"ready": True}}],
    "ports": [{**API_PORT, "port": 6443}],
}
"""The Service by which pods find the API server; clients expect it in every cluster."""
SYSTEM_CLASSES: list[Manifest] = [
    {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
        "description": f"Used for system critical pods that {what}.",
    }
    for name, value, what in (
        (
            "system-cluster-critical",
            2_000_000_000,
            "must run in the cluster, but can be moved to another node if necessary",
        ),
        ("system-node-critical", 2_000_001_000, "must not be moved from their current node"),
    )
]
"""The PriorityClasses that every cluster has. Nobody may delete them, or make others of their value."""


def namespace_defaults(namespace: str) -> list[Manifest]:
    """Return what a new namespace is given: the default account, and the root certificates."""
    account = {"name": "default", "namespace": namespace}
    roots = {"name": "kube-root-ca.crt", "namespace": namespace}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": roots, "data": {"ca.crt": ""}},
    ]


def builtins_of(namespace: str) -> list[Manifest]:
    """Return all that a namespace holds by itself."""
    served = [API_SERVICE, API_ENDPOINTS, API_SLICE] if namespace == API_META["namespace"] else []
    return [*namespace_defaults(namespace), *served]
