"""What an account must be allowed to do in a real cluster, as rules of RBAC: no more than what is done there.

The ClusterRoles in deploy/rbac are these lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

Manifest = dict[str, Any]


class Right(NamedTuple):
    """A verb on a resource of an API group, in all namespaces."""

    verb: str
    group: str
    resource: str
    subresource: str = ""

    @property
    def where(self) -> str:
        """Return the resource as rules name it."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    def __str__(self) -> str:
        return f"{self.verb} {self.where}{f'.{self.group}' if self.group else ''}"


MIRRORED = (
    ("", "namespaces"),
    ("", "nodes"),
    ("", "pods"),
    ("", "events"),
    ("apps", "daemonsets"),
    ("apps", "controllerrevisions"),
)
"""Group and resource of the kinds that are mirrored."""

CHANGED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("", "nodes", ("get", "patch", "delete")),
    ("", "pods", ("get", "patch", "delete")),
    ("", "namespaces", ("patch",)),
    ("apps", "daemonsets", ("create", "get", "patch", "delete")),
)

READER = (
    *(Right(verb, *where) for where in MIRRORED for verb in ("list", "watch")),
    Right("get", "", "namespaces"),
    Right("get", "", "pods", "log"),
)
"""What it takes to show a cluster, with the logs of its pods; who it is, its namespace kube-system tells."""

OPERATOR = (
    *READER,
    *(Right(verb, group, resource) for group, resource, verbs in CHANGED for verb in verbs),
    Right("create", "", "pods", "eviction"),
)
"""What it takes to change it too: our account needs that, or each person whom it acts as."""

IMPERSONATOR = (*READER, Right("impersonate", "", "users"))
"""What it takes to show it, and to let people change it as themselves."""


def rules(rights: Iterable[Right]) -> list[Manifest]:
    """Return rights as the rules of a ClusterRole: one for those with the same group and verbs."""
    verbs: dict[tuple[str, str], list[str]] = {}
    for right in rights:
        verbs.setdefault((right.group, right.where), []).append(right.verb)
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (group, where), some in verbs.items():
        alike.setdefault((group, tuple(some)), []).append(where)
    return [
        {"apiGroups": [group], "resources": resources, "verbs": list(some)}
        for (group, some), resources in alike.items()
    ]


def cluster_role(name: str, rights: Iterable[Right]) -> Manifest:
    """Return a ClusterRole that grants rights."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": rules(rights),
    }
