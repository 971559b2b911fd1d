"""Kinds that are only kept: no controller here acts on them, but clients expect their defaults."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from controller.engine.admission.field_errors import invalid, required
from controller.engine.errors import Cause
from controller.engine.objects import Manifest


def service(raw: Manifest) -> Manifest:
    """Return a Service with its type, its address and its ports' protocols filled in."""
    spec = {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster", **_spec(raw)}
    if spec["type"] != "ExternalName":
        spec.setdefault("clusterIP", address_of(raw))
        spec.setdefault("clusterIPs", [spec["clusterIP"]])
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
    if spec.get("ports"):
        spec["ports"] = [
            {"protocol": "TCP", "targetPort": port.get("port"), **port} for port in spec["ports"]
        ]
    return {"status": {"loadBalancer": {}}, **raw, "spec": spec}


def address_of(raw: Manifest) -> str:
    """Return an address in the services' range that is always the same for a namespace and name."""
    meta = raw.get("metadata") or {}
    digest = hashlib.sha256(f"{meta.get('namespace')}/{meta.get('name')}".encode()).digest()
    return f"10.96.{digest[0]}.{1 + digest[1] % 254}"


def secret(raw: Manifest) -> Manifest:
    """Return a Secret whose ``stringData`` has been written into its ``data``."""
    plain = {
        key: base64.b64encode(text.encode()).decode() for key, text in (raw.get("stringData") or {}).items()
    }
    rest = {field: value for field, value in raw.items() if field != "stringData"}
    data = {**(raw.get("data") or {}), **plain}
    return {"type": "Opaque", **rest, **({"data": data} if data else {})}


def claim(raw: Manifest) -> Manifest:
    """Return a PersistentVolumeClaim that waits for a volume."""
    return {"status": {"phase": "Pending"}, **raw, "spec": {"volumeMode": "Filesystem", **_spec(raw)}}


def volume(raw: Manifest) -> Manifest:
    """Return a PersistentVolume that nobody has claimed."""
    spec = {"persistentVolumeReclaimPolicy": "Retain", "volumeMode": "Filesystem", **_spec(raw)}
    return {"status": {"phase": "Available"}, **raw, "spec": spec}


def _spec(raw: Manifest) -> Manifest:
    spec: Manifest = raw.get("spec") or {}
    return spec


DEFAULTS: dict[str, Callable[[Manifest], Manifest]] = {
    "PersistentVolume": volume,
    "PersistentVolumeClaim": claim,
    "Secret": secret,
    "Service": service,
}


def service_errors(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a Service that clients are likely to get wrong."""
    spec = manifest["spec"]
    ports = spec.get("ports") or []
    if not ports and spec.get("clusterIP") != "None" and spec["type"] != "ExternalName":
        yield required("spec.ports")
    for index, port in enumerate(ports):
        if not 0 < port.get("port", 0) <= MOST_PORT:
            said = "must be between 1 and 65535, inclusive"
            yield invalid(f"spec.ports[{index}].port", port.get("port", 0), said)


MOST_PORT = 65_535


def data_errors(manifest: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with the values of a Secret: they are base64."""
    for key, text in (manifest.get("data") or {}).items():
        if not _is_base64(text):
            yield invalid(f"data[{key}]", "<secret contents redacted>", "must be base64")


def _is_base64(text: Any) -> bool:  # noqa: ANN401 - any JSON
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True
