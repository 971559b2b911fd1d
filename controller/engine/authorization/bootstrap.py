"""The ClusterRoles and bindings that every cluster has from the beginning, as far as people meet them.

They hold without being stored; one of the same name that somebody stores goes before them. Resources are
those that Everynode serves.
"""

from __future__ import annotations

from collections.abc import Iterable

from controller.engine.kinds import KINDS, RBAC
from controller.engine.objects import Manifest

READ = ("get", "list", "watch")
WRITE = ("create", "delete", "deletecollection", "patch", "update")
REVIEWS = ("selfsubjectaccessreviews", "selfsubjectrulesreviews")
DISCOVERY = ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz"]
VERSION = ["/version", "/version/"]


def _rule(group: str, resources: Iterable[str], verbs: Iterable[str]) -> Manifest:
    return {"apiGroups": [group], "resources": sorted(resources), "verbs": [*verbs]}


def _namespaced(*without: str) -> dict[str, set[str]]:
    """Return the resources of namespaces by API group, with their subresources, but for some."""
    found: dict[str, set[str]] = {}
    for kind in KINDS.values():
        if kind.namespaced and kind.plural not in without and kind.group != RBAC:
            named = {kind.plural, *(f"{kind.plural}/{each.name}" for each in kind.subresources)}
            found.setdefault(kind.group, set()).update(named)
    return found


HANDS_ON = frozenset({"pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "serviceaccounts/token"})
"""Subresources that who may only look may not use."""
KEPT = frozenset({"pods/binding", "pods/eviction", "pods/ephemeralcontainers", "events"})
"""What edit does not write as a whole."""


def _view() -> list[Manifest]:
    looks = _namespaced("secrets")
    return [
        *(_rule(group, resources - HANDS_ON, READ) for group, resources in looks.items()),
        _rule("", ["namespaces"], READ),
    ]


def _edit() -> list[Manifest]:
    writes = _namespaced("controllerrevisions", "resourcequotas", "limitranges", "endpoints", "leases")
    rules = []
    for group, resources in writes.items():
        plain = {one for one in resources if not one.endswith("/status")} - KEPT - HANDS_ON
        rules.append(_rule(group, plain, WRITE))
    return [
        *_view(),
        *rules,
        _rule("", ["secrets"], READ),
        _rule("", HANDS_ON, ("get", "create")),
        _rule("", ["pods/eviction"], ("create",)),
        _rule("coordination.k8s.io", ["leases"], (*READ, *WRITE)),
    ]


def _admin() -> list[Manifest]:
    return [
        *_edit(),
        _rule(RBAC, ["roles", "rolebindings"], (*READ, *WRITE)),
        _rule("authorization.k8s.io", ["localsubjectaccessreviews"], ("create",)),
    ]


def _urls(urls: list[str]) -> Manifest:
    return {"nonResourceURLs": urls, "verbs": ["get"]}


def _role(name: str, rules: list[Manifest]) -> Manifest:
    meta = {"name": name, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": meta, "rules": rules}


def _binding(name: str, *groups: str) -> Manifest:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": name},
        "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": group} for group in groups],
    }


CLUSTER_ROLES: list[Manifest] = [
    _role("admin", _admin()),
    _role(
        "cluster-admin",
        [
            {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
            {"nonResourceURLs": ["*"], "verbs": ["*"]},
        ],
    ),
    _role("edit", _edit()),
    _role(
        "system:basic-user",
        [
            _rule("authorization.k8s.io", REVIEWS, ("create",)),
            _rule("authentication.k8s.io", ["selfsubjectreviews"], ("create",)),
        ],
    ),
    _role("system:discovery", [_urls([*DISCOVERY, *VERSION])]),
    _role("system:public-info-viewer", [_urls(["/healthz", "/livez", "/readyz", *VERSION])]),
    _role("view", _view()),
]
CLUSTER_ROLE_BINDINGS: list[Manifest] = [
    _binding("cluster-admin", "system:masters"),
    _binding("system:basic-user", "system:authenticated"),
    _binding("system:discovery", "system:authenticated"),
    _binding("system:public-info-viewer", "system:authenticated", "system:unauthenticated"),
]
