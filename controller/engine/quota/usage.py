"""What an object counts for in a quota: which names it counts under, and how much of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache

from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.engine.quota.amounts import ONE, Amount, Amounts, read, with_overhead

POD, SERVICE, CLAIM = "Pod", "Service", "PersistentVolumeClaim"
ALIASES = {
    "ConfigMap": "configmaps",
    "ReplicationController": "replicationcontrollers",
    "ResourceQuota": "resourcequotas",
    "Secret": "secrets",
}
"""The older names of counts, beside ``count/...``."""
COMPUTE = ("cpu", "memory", "ephemeral-storage")
OF_PODS = frozenset(
    {"pods", *COMPUTE, *(f"{which}.{name}" for which in ("requests", "limits") for name in COMPUTE)}
)
OF_SERVICES = frozenset({"services", "services.nodeports", "services.loadbalancers"})
OF_CLAIMS = frozenset({"persistentvolumeclaims", "requests.storage"})
BY_CLASS = ".storageclass.storage.k8s.io/"
"""Between the name of a storage class and what is counted of it."""
HUGE = ("hugepages-", "requests.hugepages-")
REQUESTS = "requests."
OF_POD_AT_LARGE = frozenset({"overhead", "resources"})
OF_CONTAINER = frozenset({"resources", "restartPolicy"})
"""The fields on which it depends what a pod asks for."""
COUNTED_NEVER = frozenset({"Event"})


def is_counted(kind: str) -> bool:
    """Whether objects of a kind count for quotas."""
    return kind in KINDS and KINDS[kind].namespaced and kind not in COUNTED_NEVER


def count_name(kind: str) -> str:
    """Return the name under which the objects of a kind are counted, whatever they are."""
    return f"count/{KINDS[kind].resource}"


def names_of(kind: str, names: Iterable[str]) -> list[str]:
    """Return those of a quota's names under which objects of a kind may count, in their order."""
    return sorted(name for name in names if name == count_name(kind) or _is_of(kind, name))


def _is_of(kind: str, name: str) -> bool:
    return NAMES[kind](name) if kind in NAMES else name == ALIASES.get(kind)


@lru_cache(maxsize=1024)
def is_tracked(name: str) -> bool:
    """Whether anything counts under a name of a quota."""
    return any(is_counted(kind) and names_of(kind, [name]) for kind in KINDS)


def _is_of_pods(name: str) -> bool:
    return name in OF_PODS or name.startswith(HUGE) or (name.startswith(REQUESTS) and is_extended(name))


def is_extended(name: str) -> bool:
    """Whether a resource is none of Kubernetes' own."""
    return "/" in name and "kubernetes.io/" not in name


def _is_of_claims(name: str) -> bool:
    return name in OF_CLAIMS or name.partition(BY_CLASS)[2] in OF_CLAIMS


NAMES: dict[str, Callable[[str], bool]] = {
    POD: _is_of_pods,
    SERVICE: OF_SERVICES.__contains__,
    CLAIM: _is_of_claims,
}


NUMBERS = frozenset({"pods", count_name(POD)})
"""The names under which pods count alike, whatever they ask for."""


def number_of(*, ended: bool) -> Amounts:
    """Return what a pod counts for under the ``NUMBERS``."""
    return ENDED if ended else STANDING


STANDING: Amounts = dict.fromkeys(sorted(NUMBERS), ONE)
ENDED: Amounts = {count_name(POD): ONE}


def usage_of(kind: str, manifest: Manifest, *, over: bool = False) -> Amounts:
    """Return what an object counts for. A pod that is ``over`` is an object, and nothing else."""
    counted = {count_name(kind): ONE}
    if kind == POD:
        ended = (manifest.get("status") or {}).get("phase") in {"Failed", "Succeeded"}
        return counted if over or ended else _of_pod(manifest["spec"])
    if kind in ALIASES:
        counted[ALIASES[kind]] = ONE
    elif kind == SERVICE:
        counted |= _of_service(manifest["spec"])
    elif kind == CLAIM:
        counted |= _of_claim(manifest)
    return counted


def _of_pod(spec: Manifest) -> Amounts:
    """Return what a pod counts for: one object for all pods that ask for the same.

    It is not remembered by the spec: that of a pod at rest is made anew each time.
    """
    wanted = {name: spec[name] for name in OF_POD_AT_LARGE & spec.keys()}
    for field in ("containers", "initContainers"):
        wanted[field] = [
            {name: each[name] for name in OF_CONTAINER & each.keys()} for each in spec.get(field) or ()
        ]
    return _of_wanted(json.dumps(wanted, sort_keys=True))


@lru_cache(maxsize=4096)
def _of_wanted(text: str) -> Amounts:
    spec = json.loads(text)
    amounts = amounts_for(with_overhead(spec, "requests"), with_overhead(spec, "limits"))
    return {count_name(POD): ONE, "pods": ONE, **amounts}


def amounts_for(requests: Amounts, limits: Amounts) -> Amounts:
    """Return requests and limits by the names that quotas have for them."""
    found: dict[str, Amount] = {}
    for name, amount in requests.items():
        if name in COMPUTE or name.startswith(HUGE[0]):
            found[name] = amount
            found[REQUESTS + name] = amount
        elif is_extended(name):
            found[REQUESTS + name] = amount
    found.update({f"limits.{name}": amount for name, amount in limits.items() if name in COMPUTE})
    return found


def _of_service(spec: Manifest) -> Amounts:
    ports, found = spec.get("ports") or (), {"services": ONE}
    if spec.get("type") == "LoadBalancer":
        found["services.loadbalancers"] = ONE
        if spec.get("allocateLoadBalancerNodePorts") is False:
            ports = [port for port in ports if port.get("nodePort")]
    if spec.get("type") in {"NodePort", "LoadBalancer"}:
        found["services.nodeports"] = Amount(ONE.number * len(ports))
    return found


def _of_claim(manifest: Manifest) -> Amounts:
    spec, meta = manifest["spec"], manifest["metadata"]
    found = {"persistentvolumeclaims": ONE}
    storage = read((spec.get("resources") or {}).get("requests")).get("storage")
    if storage:
        whole = -(-storage.number // 1)
        found["requests.storage"] = Amount(ONE.number * whole, storage.binary)
    old = (meta.get("annotations") or {}).get("volume.beta.kubernetes.io/storage-class")
    if named := old or spec.get("storageClassName"):
        found |= {f"{named}{BY_CLASS}{name}": amount for name, amount in found.items()}
    return found
