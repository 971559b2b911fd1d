"""Endpoints that somebody wrote for a Service without a selector, as EndpointSlices that mirror them.

Who asks for a Service looks at slices only; so what the older kind says is told by the newer one, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from controller.engine.objects import Manifest
from controller.engine.service.endpoints import (
    HEADLESS_LABEL,
    MANAGER_LABEL,
    SERVICE_LABEL,
    Ports,
    read_ports,
)
from controller.engine.views import EndpointSlice

MIRROR_MANAGER = "endpointslicemirroring-controller.k8s.io"
SKIP_LABEL = "endpointslice.kubernetes.io/skip-mirror"
LEADER_ANNOTATION = "control-plane.alpha.kubernetes.io/leader"
UNMIRRORED = frozenset(
    {"endpoints.kubernetes.io/last-change-trigger-time", "kubectl.kubernetes.io/last-applied-configuration"}
)
"""Annotations that speak of the Endpoints themselves."""
MOST_MIRRORED = 1000
"""The most addresses of a subset that are mirrored, those that are ready first."""

Sort = tuple[str, Ports]
"""What the endpoints of one slice have in common: the type of their addresses, and their ports."""


class Mirror(NamedTuple):
    """What slices should hold, and how many addresses were left out, beyond the most."""

    endpoints: dict[Sort, list[Manifest]]
    beyond: int


def is_mirrored(endpoints: Manifest) -> bool:
    """Whether Endpoints want to be mirrored; locks of elections, and those that say so, do not."""
    meta = endpoints["metadata"]
    skipped = (meta.get("labels") or {}).get(SKIP_LABEL) == "true"
    return not skipped and LEADER_ANNOTATION not in (meta.get("annotations") or {})


def mirror_of(endpoints: Manifest) -> Mirror:
    """Return what the slices that mirror Endpoints should hold."""
    made: dict[Sort, list[Manifest]] = defaultdict(list)
    beyond = 0
    for subset in endpoints.get("subsets") or ():
        ports, count = read_ports(subset), 0
        for address, ready in _addresses(subset):
            count += 1
            if count <= MOST_MIRRORED:
                kind = "IPv6" if ":" in address["ip"] else "IPv4"
                made[kind, ports].append(_endpoint(address, ready=ready))
        beyond += max(0, count - MOST_MIRRORED)
    return Mirror(dict(made), beyond)


def sort_of(one: EndpointSlice) -> Sort:
    """Return what the endpoints of a slice have in common."""
    return (one.manifest["addressType"], read_ports(one.manifest))


def mirrored_meta(endpoints: Manifest, standing: Manifest) -> Manifest:
    """Return the metadata of a slice that mirrors Endpoints, beside what stands there."""
    meta = endpoints["metadata"]
    labels = {key: text for key, text in (meta.get("labels") or {}).items() if key != HEADLESS_LABEL}
    kept = {key: text for key, text in (meta.get("annotations") or {}).items() if key not in UNMIRRORED}
    rest = {field: said for field, said in standing.items() if field not in {"labels", "annotations"}}
    own = {SERVICE_LABEL: meta["name"], MANAGER_LABEL: MIRROR_MANAGER}
    return {**rest, "labels": {**labels, **own}, **({"annotations": kept} if kept else {})}


def _addresses(subset: Manifest) -> Iterator[tuple[Manifest, bool]]:
    for field, ready in (("addresses", True), ("notReadyAddresses", False)):
        for address in subset.get(field) or ():
            yield address, ready


def _endpoint(address: Manifest, *, ready: bool) -> Manifest:
    told = {field: address[field] for field in ("hostname", "nodeName", "targetRef") if address.get(field)}
    return {"addresses": [address["ip"]], "conditions": {"ready": ready}, **told}
