"""What kubectl shows of Services, and of the lists of who is behind them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from controller.apiserver.age import age
from controller.apiserver.pod_columns import NONE
from controller.engine.matching.labels import labels_text
from controller.engine.objects import Manifest

UNSET = "<unset>"


def service_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of a Service."""
    spec = manifest.get("spec") or {}
    ports = ",".join(map(_port, spec.get("ports") or ()))
    addresses = spec.get("clusterIPs") or [spec.get("clusterIP")]
    return [
        manifest["metadata"]["name"],
        spec.get("type") or "ClusterIP",
        addresses[0] or NONE,
        _outside(spec, manifest.get("status") or {}),
        ports or NONE,
        age(manifest["metadata"].get("creationTimestamp"), now),
        labels_text(spec.get("selector")) or NONE,
    ]


def _port(port: Manifest) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port')}{node}/{port.get('protocol') or 'TCP'}"


def _outside(spec: Manifest, status: Manifest) -> str:
    """Return where a service is reached from outside of the cluster."""
    given = list(spec.get("externalIPs") or ())
    if spec.get("type") == "ExternalName":
        return spec.get("externalName") or NONE
    if spec.get("type") == "LoadBalancer":
        balancer = (status.get("loadBalancer") or {}).get("ingress") or ()
        given = [each.get("ip") or each.get("hostname") or "" for each in balancer] + given
        return ",".join(given) or "<pending>"
    return ",".join(given) or NONE


def endpoints_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of Endpoints."""
    return [
        manifest["metadata"]["name"],
        _few(_reached(manifest), "" if manifest.get("subsets") else NONE),
        age(manifest["metadata"].get("creationTimestamp"), now),
    ]


def _reached(manifest: Manifest) -> Iterable[str]:
    for subset in manifest.get("subsets") or ():
        addresses = [each.get("ip") or "" for each in subset.get("addresses") or ()]
        ports = subset.get("ports") or ()
        yield from (f"{address}:{port.get('port')}" for port in ports for address in addresses)
        if not ports:
            yield from addresses


def slice_cells(manifest: Manifest, now: datetime) -> list[Any]:
    """Return the cells of an EndpointSlice."""
    points = manifest.get("endpoints") or ()
    return [
        manifest["metadata"]["name"],
        manifest.get("addressType") or "",
        _few((str(port.get("port") or "*") for port in manifest.get("ports") or ()), UNSET),
        _few((each for point in points for each in point.get("addresses") or ()), UNSET),
        age(manifest["metadata"].get("creationTimestamp"), now),
    ]


def _few(found: Iterable[str], none: str = NONE, most: int = 3) -> str:
    listed = list(found)
    more = f" + {len(listed) - most} more..." if len(listed) > most else ""
    return ",".join(listed[:most]) + more or none
