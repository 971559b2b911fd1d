"""The rules of pods that somebody makes or changes by hand."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission.field_errors import forbidden, invalid
from controller.engine.admission.podspec import pod_spec_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

CHANGEABLE = {"activeDeadlineSeconds", "schedulingGates", "tolerations"}
SAID = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
    "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
    "(allow it to be set to 1 if it was previously negative)"
)


def pod_faults(pod: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a new pod's spec."""
    spec = pod["spec"]
    yield from pod_spec_faults(spec, "spec")
    yield from _images_faults(spec)
    if "ephemeralContainers" in spec:
        yield forbidden("spec.ephemeralContainers", "cannot be set on create")
    if "nodeName" in spec and "schedulingGates" in spec:
        yield forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")


def _images_faults(spec: Manifest) -> Iterator[Cause]:
    """Yield images with blanks around them, which templates may have and pods may not."""
    for field in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            image = container.get("image", "")
            if image != image.strip():
                said = "must not have leading or trailing whitespace"
                yield invalid(f"spec.{field}[{index}].image", image, said)


def pod_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a changed pod: of its spec, images may change and tolerations be added."""
    before, after = old["spec"], new["spec"]
    yield from pod_spec_faults(after, "spec")
    yield from _images_faults(after)
    for field in ("containers", "initContainers"):
        if len(before.get(field) or ()) != len(after.get(field) or ()):
            yield forbidden(f"spec.{field}", "pod updates may not add or remove containers")
            return
    yield from _deadline_faults(before.get("activeDeadlineSeconds"), after.get("activeDeadlineSeconds"))
    kept = [_timeless(toleration) for toleration in after.get("tolerations") or ()]
    if any(_timeless(toleration) not in kept for toleration in before.get("tolerations") or ()):
        yield forbidden(
            "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"
        )
    if any(gate not in (before.get("schedulingGates") or ()) for gate in after.get("schedulingGates") or ()):
        yield forbidden("spec.schedulingGates", "only deletion is allowed, but found new scheduling gate")
    if _fixed(before) != _fixed(after):
        yield forbidden("spec", SAID)


def _deadline_faults(before: int | None, after: int | None) -> Iterator[Cause]:
    """Yield whether a pod would get more time than it had."""
    path = "spec.activeDeadlineSeconds"
    if before is not None and after is None:
        yield invalid(path, None, "must not update from a positive integer to nil value")
    if before is not None and after is not None and before < after:
        yield invalid(path, after, "must be less than or equal to previous value")


def _timeless(toleration: Manifest) -> Manifest:
    return {field: value for field, value in toleration.items() if field != "tolerationSeconds"}


def _fixed(spec: Manifest) -> Manifest:
    kept = {field: value for field, value in spec.items() if field not in CHANGEABLE}
    for field in ("containers", "initContainers"):
        kept[field] = [
            {name: value for name, value in container.items() if name != "image"}
            for container in spec.get(field) or ()
        ]
    return kept
