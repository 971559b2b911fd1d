"""Kinds that are only kept: no controller here acts on them, but clients expect defaults and refusals."""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Callable, Iterator

from controller.engine.admission import grammar
from controller.engine.admission.endpoints import endpoints_faults, endpoints_update_faults, with_protocols
from controller.engine.admission.field_errors import (
    duplicate,
    each_invalid,
    forbidden,
    invalid,
    required,
    too_long,
    unsupported,
)
from controller.engine.admission.metadata import IMMUTABLE
from controller.engine.admission.podspec import template_faults
from controller.engine.errors import Cause
from controller.engine.newpod import PRIORITY_CLASSES
from controller.engine.objects import Manifest

LARGEST = 1024 * 1024
"""The bytes that a ConfigMap or a Secret may hold."""
HIGHEST_PRIORITY = 1_000_000_000
PREEMPTION = ("PreemptLowerPriority", "Never")
ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
MOST_ADDRESSES = 100
HIDDEN = "<secret contents redacted>"


# -- secrets and configuration ---------------------------------------------------------------------


def _secret(raw: Manifest) -> Manifest:
    """Return a Secret whose ``stringData`` has been written into its ``data``."""
    plain = {
        key: base64.b64encode(text.encode()).decode() for key, text in (raw.get("stringData") or {}).items()
    }
    rest = {field: value for field, value in raw.items() if field != "stringData"}
    data = {**(raw.get("data") or {}), **plain}
    return {"type": "Opaque", **rest, **({"data": data} if data else {})}


def _secret_faults(manifest: Manifest) -> Iterator[Cause]:
    data = manifest.get("data") or {}
    for key in data:
        yield from each_invalid(f"data[{key}]", key, grammar.config_key(key))
    held = {key: base64.b64decode(text) for key, text in data.items()}
    if sum(map(len, held.values())) > LARGEST:
        yield too_long("data", LARGEST)
    kind = manifest["type"]
    wanted = WANTED.get(kind, ())
    if kind == "kubernetes.io/basic-auth":
        wanted = () if data.keys() & {"username", "password"} else wanted
    for key in wanted:
        if key not in data:
            yield required(f"data[{key}]")
        elif key in FILES and not _is_json(held[key]):
            yield invalid(f"data[{key}]", HIDDEN, "must be JSON")
    annotations = manifest["metadata"].get("annotations") or {}
    if kind == ACCOUNT_TOKEN and not annotations.get(OF_ACCOUNT):
        yield required(f"metadata.annotations[{OF_ACCOUNT}]")


ACCOUNT_TOKEN = "kubernetes.io/service-account-token"  # noqa: S105 - a type of Secrets
OF_ACCOUNT = "kubernetes.io/service-account.name"
WANTED = {
    "kubernetes.io/basic-auth": ("username", "password"),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}
"""What a Secret of a type has to hold."""
FILES = frozenset({".dockercfg", ".dockerconfigjson"})


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def _secret_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    if old["type"] != new["type"]:
        yield invalid("type", new["type"], IMMUTABLE)
    yield from _sealed_faults(old, new, ("data",))
    yield from _secret_faults(new)


def _config_faults(manifest: Manifest) -> Iterator[Cause]:
    data, binary = manifest.get("data") or {}, manifest.get("binaryData") or {}
    size = 0
    for key, text in data.items():
        yield from each_invalid(f"data[{key}]", key, grammar.config_key(key))
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
        size += len(text.encode())
    for key, text in binary.items():
        yield from each_invalid(f"binaryData[{key}]", key, grammar.config_key(key))
        size += len(text) * 3 // 4
    if size > LARGEST:
        yield too_long("", LARGEST)


def _config_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    yield from _sealed_faults(old, new, ("data", "binaryData"))
    yield from _config_faults(new)


def _sealed_faults(old: Manifest, new: Manifest, fields: tuple[str, ...]) -> Iterator[Cause]:
    """Yield what changed of an object that is immutable by its own word."""
    if not old.get("immutable"):
        return
    for field in ("immutable", *fields):
        if old.get(field) != new.get(field):
            yield forbidden(field, "field is immutable when `immutable` is set")


# -- priorities, leases, templates, slices ---------------------------------------------------------


def _priority_class(raw: Manifest) -> Manifest:
    return {"preemptionPolicy": PREEMPTION[0], "value": 0, **raw}


def _priority_faults(manifest: Manifest) -> Iterator[Cause]:
    name, policy = manifest["metadata"].get("name", ""), manifest["preemptionPolicy"]
    if name.startswith("system-"):
        if unlike := _unlike_system(name, manifest):
            said = "priority class names with 'system-' prefix are reserved for system use only"
            yield forbidden("metadata.name", f"{said}. error: {unlike}")
    elif manifest["value"] > HIGHEST_PRIORITY:
        yield forbidden("value", f"maximum allowed value of a user defined priority is {HIGHEST_PRIORITY}")
    if policy not in PREEMPTION:
        yield unsupported("preemptionPolicy", policy, PREEMPTION)


def _unlike_system(name: str, manifest: Manifest) -> str:
    """Return what of a class with the name of the system's is not as theirs, or ""."""
    if name not in PRIORITY_CLASSES:
        return f"{name} is not a known system priority class"
    if manifest["value"] != PRIORITY_CLASSES[name]:
        return f"value of {name} PriorityClass must be {PRIORITY_CLASSES[name]}"
    return f"globalDefault of {name} PriorityClass must be false" if manifest.get("globalDefault") else ""


def _priority_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    if old["value"] != new["value"]:
        yield forbidden("value", "may not be changed in an update.")
    if old["preemptionPolicy"] != new["preemptionPolicy"]:
        yield invalid("preemptionPolicy", new["preemptionPolicy"], IMMUTABLE)


def _lease_faults(manifest: Manifest) -> Iterator[Cause]:
    spec = manifest.get("spec") or {}
    if spec.get("leaseDurationSeconds", 1) <= 0:
        yield invalid("spec.leaseDurationSeconds", spec["leaseDurationSeconds"], "must be greater than 0")
    if spec.get("leaseTransitions", 0) < 0:
        said = "must be greater than or equal to 0"
        yield invalid("spec.leaseTransitions", spec["leaseTransitions"], said)


def _template_faults(manifest: Manifest) -> Iterator[Cause]:
    return template_faults(manifest["template"], "template")


def _slice(raw: Manifest) -> Manifest:
    if not raw.get("ports"):
        return raw
    return {**raw, "ports": [{"name": "", "protocol": "TCP", **port} for port in raw["ports"]]}


def _slice_faults(manifest: Manifest) -> Iterator[Cause]:
    kind = manifest.get("addressType") or ""
    if not kind:
        yield required("addressType")
    elif kind not in ADDRESS_TYPES:
        yield unsupported("addressType", kind, ADDRESS_TYPES)
    for index, endpoint in enumerate(manifest.get("endpoints") or ()):
        addresses, path = endpoint.get("addresses") or [], f"endpoints[{index}].addresses"
        if not addresses:
            yield required(path, "must contain at least 1 address")
        for number, address in enumerate(addresses):
            if wrong := _address_fault(kind, address):
                yield invalid(f"{path}[{number}]", address, wrong)
    names = set[str]()
    for index, port in enumerate(manifest.get("ports") or ()):
        if port["name"] in names:
            yield duplicate(f"ports[{index}].name", port["name"])
        names.add(port["name"])


def _address_fault(kind: str, address: str) -> str:
    """Return what is wrong with an address of a type, or nothing."""
    if kind not in {"IPv4", "IPv6"}:
        return ""
    try:
        found = ipaddress.ip_address(address).version == int(kind[-1])
    except ValueError:
        found = False
    return "" if found else f"must be a valid {kind} address"


def _slice_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    yield from _slice_faults(new)
    if old.get("addressType") != new.get("addressType"):
        yield invalid("addressType", new.get("addressType", ""), IMMUTABLE)


DEFAULTS: dict[str, Callable[[Manifest], Manifest]] = {
    "Endpoints": with_protocols,
    "EndpointSlice": _slice,
    "PriorityClass": _priority_class,
    "Secret": _secret,
}
CREATE: dict[str, Callable[[Manifest], Iterator[Cause]]] = {
    "ConfigMap": _config_faults,
    "Endpoints": endpoints_faults,
    "EndpointSlice": _slice_faults,
    "Lease": _lease_faults,
    "PodTemplate": _template_faults,
    "PriorityClass": _priority_faults,
    "Secret": _secret_faults,
}
UPDATE: dict[str, Callable[[Manifest, Manifest], Iterator[Cause]]] = {
    "ConfigMap": _config_update_faults,
    "Endpoints": endpoints_update_faults,
    "EndpointSlice": _slice_update_faults,
    "Lease": lambda _old, new: _lease_faults(new),
    "PodTemplate": lambda _old, new: _template_faults(new),
    "PriorityClass": _priority_update_faults,
    "Secret": _secret_update_faults,
}
