"""The plugin LimitRanger: what containers, pods and claims of a namespace may have, and have by default.

The sentences are Kubernetes'. Everything takes the LimitRanges of one namespace, in the order of their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from controller.engine.errors import Forbidden
from controller.engine.kinds import KINDS
from controller.engine.objects import Manifest
from controller.engine.quota.amounts import Amount, Amounts, asked, read
from controller.engine.quota.usage import CLAIM, POD
from controller.engine.remembered import remembered
from controller.engine.workloads.pods import qos_class

LIMIT_RANGE = "LimitRange"
ANNOTATION = "kubernetes.io/limit-ranger"
FIELDS = (("containers", "container"), ("initContainers", "init container"))
"""The lists of containers of a pod, and what the annotation calls one."""

Ranges = Sequence[Manifest]
Pairs = tuple[tuple[str, str], ...]
"""Amounts by name, as written, in the order of the names."""


def with_limits(pod: Manifest, ranges: Ranges) -> Manifest:
    """Return a pod with what the LimitRanges of its namespace give to containers that do not say.

    As in the API server that comes before validation: there may be no containers, and no names of them.
    """
    spec, told = pod["spec"], ""
    for requests, limits in map(_defaults, ranges):
        notes: list[str] = []
        for field, word in FIELDS:
            if spec.get(field):
                containers, more = _filled(spec[field], requests, limits, word)
                if more:
                    spec = {**spec, field: containers}
                    notes += more
        if notes:
            told = f"LimitRanger plugin set: {'; '.join(notes)}"
    if not told:
        return pod
    meta = pod["metadata"]
    annotations = {**(meta.get("annotations") or {}), ANNOTATION: told}
    status = {**(pod.get("status") or {}), "qosClass": qos_class(spec)}
    return {**pod, "metadata": {**meta, "annotations": annotations}, "spec": spec, "status": status}


@remembered
def _defaults(limit_range: Manifest) -> tuple[Pairs, Pairs]:
    """Return the requests and limits of containers that do not say."""
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for item in _items(limit_range, "Container"):
        requests |= item.get("defaultRequest") or {}
        limits |= item.get("default") or {}
    return tuple(sorted(requests.items())), tuple(sorted(limits.items()))


@remembered
def _filled(
    containers: list[Manifest], requests: Pairs, limits: Pairs, word: str
) -> tuple[list[Manifest], list[str]]:
    """Return containers with defaults, and what is told of that. Pods of a revision go on sharing them."""
    made, notes = [], []
    for container in containers:
        resources = container.get("resources") or {}
        for which, given in (("requests", requests), ("limits", limits)):
            has = resources.get(which) or {}
            added = {name: amount for name, amount in given if name not in has}
            if added:
                resources = {**resources, which: {**has, **added}}
                notes.append(f"{', '.join(added)} {which[:-1]} for {word} {container.get('name', '')}")
        made.append({**container, "resources": resources} if resources else container)
    return made, notes


def authored(pod: Manifest, sent: Manifest) -> Manifest:
    """Return a pod without what LimitRanges gave it: whoever sent it owns the rest."""
    annotations = pod["metadata"].get("annotations") or {}
    if ANNOTATION not in annotations:
        return pod
    kept = {name: value for name, value in annotations.items() if name != ANNOTATION}
    spec = {**pod["spec"]}
    for field, _ in FIELDS:
        if spec.get(field):
            own = sent["spec"][field]
            spec[field] = [_said_by(one, other) for one, other in zip(spec[field], own, strict=True)]
    meta = {field: value for field, value in pod["metadata"].items() if field != "annotations"}
    return {**pod, "metadata": {**meta, **({"annotations": kept} if kept else {})}, "spec": spec}


def _said_by(container: Manifest, sent: Manifest) -> Manifest:
    """Return a container with those amounts only that were sent, or follow from a limit that was."""
    own = sent.get("resources") or {}
    limits = (own.get("limits") or {}).keys()
    named = {"limits": limits, "requests": limits | (own.get("requests") or {}).keys()}
    resources = {**(container.get("resources") or {})}
    for which, names in named.items():
        if which in resources:
            resources[which] = {name: amount for name, amount in resources[which].items() if name in names}
    return {**container, "resources": {which: amounts for which, amounts in resources.items() if amounts}}


def refuse(kind: str, manifest: Manifest, ranges: Ranges) -> None:
    """Raise Forbidden if a pod or a claim is not within a LimitRange of its namespace."""
    for limit_range in ranges:
        faults = list(dict.fromkeys(_faults(kind, manifest, limit_range)))
        if faults:
            said = faults[0] if len(faults) == 1 else f"[{', '.join(faults)}]"
            name = manifest["metadata"]["name"]
            raise Forbidden(f'{KINDS[kind].resource} "{name}" is forbidden: {said}')


def _items(limit_range: Manifest, kind: str) -> Iterator[Manifest]:
    limits = (limit_range.get("spec") or {}).get("limits") or ()
    return (item for item in limits if item.get("type") == kind)


def _faults(kind: str, manifest: Manifest, limit_range: Manifest) -> Iterator[str]:
    if kind == CLAIM:
        requests = read((manifest["spec"].get("resources") or {}).get("requests"))
        for item in _items(limit_range, CLAIM):
            for name, amount in sorted(read(item.get("min")).items()):
                yield from _too_little(CLAIM, name, amount, requests, {})
            for name, amount in sorted(read(item.get("max")).items()):
                yield from _too_much_asked(CLAIM, name, amount, requests)
    elif kind == POD:
        yield from _pod_faults(manifest["spec"], limit_range)


def _pod_faults(spec: Manifest, limit_range: Manifest) -> Iterator[str]:
    for item in _items(limit_range, "Container"):
        for field, _ in FIELDS:
            for container in spec.get(field) or ():
                resources = container.get("resources") or {}
                has = read(resources.get("requests")), read(resources.get("limits"))
                yield from _bounds("Container", item, *has)
    for item in _items(limit_range, "Pod"):
        yield from _bounds("Pod", item, asked(spec, "requests"), asked(spec, "limits"))


def _bounds(kind: str, item: Manifest, requests: Amounts, limits: Amounts) -> Iterator[str]:
    for name, amount in sorted(read(item.get("min")).items()):
        yield from _too_little(kind, name, amount, requests, limits)
    for name, amount in sorted(read(item.get("max")).items()):
        yield from _too_much(kind, name, amount, requests, limits)
    for name, amount in sorted(read(item.get("maxLimitRequestRatio")).items()):
        yield from _too_far(kind, name, amount, requests, limits)


def _too_little(kind: str, name: str, least: Amount, requests: Amounts, limits: Amounts) -> Iterator[str]:
    said, request, limit = f"minimum {name} usage per {kind} is {least}", requests.get(name), limits.get(name)
    if request is None:
        yield f"{said}.  No request is specified"
    elif request.number < least.number:
        yield f"{said}, but request is {request}"
    elif limit is not None and limit.number < least.number:
        yield f"{said}, but limit is {limit}"


def _too_much_asked(kind: str, name: str, largest: Amount, requests: Amounts) -> Iterator[str]:
    said, request = f"maximum {name} usage per {kind} is {largest}", requests.get(name)
    if request is None:
        yield f"{said}.  No request is specified"
    elif request.number > largest.number:
        yield f"{said}, but request is {request}"


def _too_much(kind: str, name: str, largest: Amount, requests: Amounts, limits: Amounts) -> Iterator[str]:
    said, limit = f"maximum {name} usage per {kind} is {largest}", limits.get(name)
    if limit is None:
        yield f"{said}.  No limit is specified"
    elif limit.number > largest.number:
        yield f"{said}, but limit is {limit}"
    elif name in requests:
        yield from _too_much_asked(kind, name, largest, requests)


def _too_far(kind: str, name: str, most: Amount, requests: Amounts, limits: Amounts) -> Iterator[str]:
    said, request, limit = (
        f"{name} max limit to request ratio per {kind} is {most}",
        requests.get(name),
        limits.get(name),
    )
    if request is None or not request.number:
        yield f"{said}, but no request is specified or request is 0"
    elif limit is None or not limit.number:
        yield f"{said}, but no limit is specified or limit is 0"
    elif limit.number / request.number > most.number:
        yield f"{said}, but provided ratio is {float(limit.number / request.number):f}"
