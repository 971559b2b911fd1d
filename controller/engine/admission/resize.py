"""What may be written through a pod's subresource `resize`: cpu and memory of containers, nothing else.

The rest of what is sent is left alone. From a pod's first resize on its status says what each container
has: the kubelet compares that with what the spec wants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from controller.engine import newpod
from controller.engine.admission.defaults import with_defaults
from controller.engine.admission.field_errors import forbidden, invalid
from controller.engine.admission.podspec import pod_spec_faults
from controller.engine.errors import Cause, Invalid
from controller.engine.objects import Manifest
from controller.engine.workloads.pods import qos_class

MIRROR = "kubernetes.io/config.mirror"
RESIZED = ("resources", "resizePolicy")
CHANGEABLE = frozenset({"cpu", "memory"})
STATUSES = (("containers", "containerStatuses"), ("initContainers", "initContainerStatuses"))


def admit_resize(old: Manifest, new: Manifest, *, read: Callable[[str, object], Manifest]) -> Manifest:
    """Return the pod ``old`` with the resources of the containers of ``new``.

    Raises BadRequest for fields of a wrong type, Invalid if more is wanted than cpu and memory.
    """
    if MIRROR in (old["metadata"].get("annotations") or {}):
        raise Invalid("Pod", old["metadata"]["name"], [forbidden("", "static pods cannot be resized")])
    sent = with_defaults("Pod", read("Pod", new))["spec"]
    causes = list(_order_faults(old["spec"], sent))
    spec = newpod.completed(_resized(old["spec"], sent)) if not causes else sent
    causes = [*pod_spec_faults(spec, "spec"), *_quality_faults(old, spec), *causes]
    if not any(_order_faults(old["spec"], sent)):
        causes += _resize_faults(old["spec"], spec)
    if causes:
        raise Invalid("Pod", old["metadata"]["name"], causes)
    if spec == old["spec"]:
        return old
    generation = old["metadata"].get("generation", 0) + 1
    made = {**old, "metadata": {**old["metadata"], "generation": generation}, "spec": spec}
    return {**made, "status": _with_held(old)} if "status" in old else made


def _resized(spec: Manifest, sent: Manifest) -> Manifest:
    """Return the spec with what is resized of the containers that were sent."""
    made = {**spec}
    for field, _ in STATUSES:
        if spec.get(field):
            pairs = zip(spec[field], sent[field], strict=True)
            made[field] = [_container(container, wanted) for container, wanted in pairs]
    return made


def _container(container: Manifest, wanted: Manifest) -> Manifest:
    kept = {field: value for field, value in container.items() if field not in RESIZED}
    return {**kept, **{field: wanted[field] for field in RESIZED if field in wanted}}


def _order_faults(spec: Manifest, sent: Manifest) -> Iterator[Cause]:
    for field, _ in STATUSES:
        before, after = spec.get(field) or [], sent.get(field) or []
        if len(before) != len(after):
            yield forbidden(f"spec.{field}", f"{field} may not be added or removed on resize")
            continue
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            if one["name"] != other.get("name"):
                said = f"{field} may not be renamed or reordered on resize"
                yield forbidden(f"spec.{field}[{index}].name", said)


def _quality_faults(old: Manifest, spec: Manifest) -> Iterator[Cause]:
    quality = (old.get("status") or {}).get("qosClass") or qos_class(old["spec"])
    if qos_class(spec) != quality:
        yield invalid("spec", quality, "Pod QOS Class may not change as a result of resizing")


def _resize_faults(before: Manifest, after: Manifest) -> Iterator[Cause]:
    for field, _ in STATUSES:
        for index, (one, other) in enumerate(
            zip(before.get(field) or (), after.get(field) or (), strict=True)
        ):
            at, had, wants = (
                f"spec.{field}[{index}]",
                one.get("resources") or {},
                other.get("resources") or {},
            )
            for kind in ("requests", "limits"):
                if CHANGEABLE & (had.get(kind) or {}).keys() - (wants.get(kind) or {}).keys():
                    yield forbidden(f"{at}.resources.{kind}", f"resource {kind} cannot be removed")
            runs = field == "containers" or one.get("restartPolicy") == "Always"
            if _fixed(one, runs) != _fixed(other, runs):
                what = "" if field == "containers" else " for sidecar containers"
                yield forbidden("spec", f"only cpu and memory resources{what} are mutable")


def _fixed(container: Manifest, resizable: bool) -> Manifest:  # noqa: FBT001 -- read twice in a row
    """Return what may not change of a container."""
    if not resizable:
        return container
    resources = container.get("resources") or {}
    kept = {
        kind: {name: amount for name, amount in (resources.get(kind) or {}).items() if name not in CHANGEABLE}
        for kind in ("requests", "limits")
    }
    return {**container, "resources": {**resources, **kept}}


def _with_held(old: Manifest) -> Manifest:
    """Return the status of a pod in which each container that its node knows says what it has."""
    status: Manifest = {**old["status"]}
    for field, statuses in STATUSES:
        has = {one["name"]: one.get("resources") or {} for one in old["spec"].get(field) or ()}
        if status.get(statuses):
            status[statuses] = [
                {**held(has[entry["name"]]), **entry} if entry["name"] in has else entry
                for entry in status[statuses]
            ]
    return status


def held(resources: Manifest) -> Manifest:
    """Return what the status of a container says of the resources that it was given."""
    return {"allocatedResources": resources.get("requests") or {}, "resources": resources}
