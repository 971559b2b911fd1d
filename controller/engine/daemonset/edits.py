"""Edits of a node and of a pod template as data: what a cure proposes, and what it would make.

An edit knows the object as it should be afterwards; nobody's object is touched here, and the words for
it are made where it is shown (``dashboard/present/cures.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.engine.matching.affinity import REQUIRED, Term
from controller.engine.objects import Manifest, Taint, Toleration


@dataclass(frozen=True, slots=True)
class NodeEdit:
    """Labels to set, label keys to remove and taints to remove."""

    labels: tuple[tuple[str, str], ...]
    unlabel: tuple[str, ...]
    untaint: tuple[Taint, ...]

    def labels_after(self, labels: Mapping[str, str]) -> dict[str, str]:
        """Return the node's whole map of labels after the edit."""
        return {key: labels[key] for key in labels if key not in self.unlabel} | dict(self.labels)

    def taints_after(self, taints: Iterable[Taint]) -> tuple[Taint, ...]:
        """Return the node's taints after the edit."""
        return tuple(taint for taint in taints if taint not in self.untaint)

    @property
    def size(self) -> int:
        """Return how many single labels and taints are edited."""
        return len(self.labels) + len(self.unlabel) + len(self.untaint)


class Widening(StrEnum):
    """How a term of the node affinity is made to match the node."""

    ALLOW_VALUE = "allow-value"
    ALLOW_EXCLUDED = "allow-excluded"
    LOWER_BOUND = "lower-bound"
    RAISE_BOUND = "raise-bound"
    NAME_NODE = "name-node"


@dataclass(frozen=True, slots=True)
class TermEdit:
    """A node selector term as it should be. One past the last ``index`` means: add it.

    ``key`` and ``value`` are what is allowed now, the new bound, or the name of the node.
    """

    index: int
    term: Term
    widening: Widening
    key: str
    value: str

    def apply(self, affinity: Manifest) -> Manifest:
        """Return a pod's ``spec.affinity`` after the edit."""
        on_node = affinity["nodeAffinity"]
        terms = list(on_node[REQUIRED].get("nodeSelectorTerms") or ())
        terms[self.index : self.index + 1] = [self.term.manifest]
        required = {**on_node[REQUIRED], "nodeSelectorTerms": terms}
        return {**affinity, "nodeAffinity": {**on_node, REQUIRED: required}}


def _toleration_manifest(one: Toleration) -> Manifest:
    raw: Manifest = {"key": one.key, "operator": one.operator}
    if one.value:
        raw["value"] = one.value
    return {**raw, "effect": one.effect} if one.effect else raw


@dataclass(frozen=True, slots=True)
class SetEdit:
    """What to change in a set's pod template."""

    drop_node_name: bool
    drop_selector: tuple[str, ...]
    affinity: TermEdit | None
    tolerations: tuple[Toleration, ...]

    def apply(self, template: Manifest) -> Manifest:
        """Return the pod template after the edit."""
        spec = dict(template["spec"])
        if self.drop_node_name:
            del spec["nodeName"]
        if self.drop_selector:
            selector = spec.pop("nodeSelector")
            kept = {key: selector[key] for key in selector if key not in self.drop_selector}
            spec |= {"nodeSelector": kept} if kept else {}
        if self.affinity:
            spec["affinity"] = self.affinity.apply(spec["affinity"])
        if self.tolerations:
            added = [_toleration_manifest(one) for one in self.tolerations]
            spec["tolerations"] = [*(spec.get("tolerations") or ()), *added]
        return {**template, "spec": spec}

    @property
    def size(self) -> int:
        """Return how many single fields and entries are edited."""
        fields = self.drop_node_name + (self.affinity is not None)
        return fields + len(self.drop_selector) + len(self.tolerations)


@dataclass(frozen=True, slots=True)
class RequestEdit:
    """What a container should request of a resource instead; ``amount`` is written as Kubernetes does."""

    container: str
    resource: str
    amount: str

    def apply(self, template: Manifest) -> Manifest:
        """Return the pod template after the edit."""

        def edited(container: Manifest) -> Manifest:
            if container["name"] != self.container:
                return container
            resources = container.get("resources") or {}
            requests = {**(resources.get("requests") or {}), self.resource: self.amount}
            return {**container, "resources": {**resources, "requests": requests}}

        return _with_containers(template, edited)


@dataclass(frozen=True, slots=True)
class PortEdit:
    """Which port of their machines pods should take instead of another."""

    before: int
    after: int

    def apply(self, template: Manifest) -> Manifest:
        """Return the pod template after the edit. Pods in the network of their machine listen there."""
        in_host = bool(template["spec"].get("hostNetwork"))

        def edited(port: Manifest) -> Manifest:
            taken = port.get("hostPort") or (port["containerPort"] if in_host else 0)
            if taken != self.before:
                return port
            return {**port, "hostPort": self.after, **({"containerPort": self.after} if in_host else {})}

        def with_ports(container: Manifest) -> Manifest:
            ports = container.get("ports")
            return {**container, "ports": [edited(port) for port in ports]} if ports else container

        return _with_containers(template, with_ports)


def _with_containers(template: Manifest, edit: Callable[[Manifest], Manifest]) -> Manifest:
    spec = template["spec"]
    return {**template, "spec": {**spec, "containers": [edit(one) for one in spec["containers"]]}}
