"""The rules of nodes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from controller.engine.admission.field_errors import forbidden, invalid
from controller.engine.admission.resources import capacity_faults
from controller.engine.admission.taints import taints_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

TAINTS = "metadata.taints"
"""The server's own path: its rule for taints starts from the metadata."""
SET_ONCE = ("podCIDR", "providerID")
CHANGEABLE = {"taints", "unschedulable", *SET_ONCE, "podCIDRs"}


def node_faults(node: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a new node's taints, resources and address range."""
    spec = node.get("spec") or {}
    yield from taints_faults(spec.get("taints") or [], TAINTS)
    yield from capacity_faults(node.get("status") or {})
    for index, cidr in enumerate(spec.get("podCIDRs") or ()):
        if not _is_cidr(cidr):
            said = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
            yield invalid(f"spec.podCIDRs[{index}]", cidr, said)


def _is_cidr(text: str) -> bool:
    try:
        return "/" in text and bool(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return False


def node_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a changed node: labels, annotations, taints and cordon may change."""
    before, after = old.get("spec") or {}, new.get("spec") or {}
    for field in SET_ONCE:
        if before.get(field) and before[field] != after.get(field):
            at = "spec.podCIDRs" if field == "podCIDR" else f"spec.{field}"
            yield forbidden(at, f'node updates may not change {field} except from "" to valid')
    yield from taints_faults(after.get("taints") or [], TAINTS)
    if _fixed(before) != _fixed(after):
        said = (
            "node updates may only change labels, taints, or capacity "
            "(or configSource, if the DynamicKubeletConfig feature gate is enabled)"
        )
        yield forbidden("[]", said)


def _fixed(spec: Manifest) -> Manifest:
    return {field: value for field, value in spec.items() if field not in CHANGEABLE}
