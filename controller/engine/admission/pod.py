"""The rules of pods that somebody makes or changes by hand."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission.causes import forbidden, invalid
from controller.engine.admission.podspec import pod_spec_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

CHANGEABLE = {"activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds"}
SAID = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` "
    "(only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
    "(allow it to be set to 1 if it was previously negative)"
)


def pod_faults(pod: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a new pod's spec."""
    yield from pod_spec_faults(pod["spec"], "spec")


def pod_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a changed pod: of its spec, images may change and tolerations be added."""
    before, after = old["spec"], new["spec"]
    yield from pod_spec_faults(after, "spec")
    if len(before.get("containers") or ()) != len(after.get("containers") or ()):
        yield forbidden("spec.containers", "pod updates may not add or remove containers")
        return
    tolerations = after.get("tolerations") or []
    if any(toleration not in tolerations for toleration in before.get("tolerations") or ()):
        said = "existing toleration can not be modified except its tolerationSeconds"
        yield invalid("spec.tolerations", tolerations, said)
    if _fixed(before) != _fixed(after):
        yield forbidden("spec", SAID)


def _fixed(spec: Manifest) -> Manifest:
    kept = {field: value for field, value in spec.items() if field not in CHANGEABLE}
    for field in ("containers", "initContainers"):
        kept[field] = [
            {name: value for name, value in container.items() if name != "image"}
            for container in spec.get(field) or ()
        ]
    return kept
