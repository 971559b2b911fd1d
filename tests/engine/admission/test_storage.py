"""Volumes, claims and storage classes: what the API server fills in, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from controller.engine.admission.admit import admit_create, admit_update
from controller.engine.admission.storage import growth_refusal
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest
from tests.engine.admission.parts import NOW
from tests.engine.admission.test_statefulset import ANSWERS, FILES

CLAIM: Manifest = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
VOLUME: Manifest = {
    "accessModes": ["ReadWriteOnce"],
    "capacity": {"storage": "1Gi"},
    "hostPath": {"path": "/data"},
}
PV, PVC = "PersistentVolume", "PersistentVolumeClaim"
FIXED = (
    "spec: Forbidden: spec is immutable after creation except resources.requests and "
    "volumeAttributesClassName for bound claims"
)
PROVISIONER = {"provisioner": "example.org/disks"}


def admitted(kind: str, **fields: Any) -> Manifest:
    """Return a new object as the API server stores it."""
    return admit_create(kind, {"metadata": {"name": "data"}, **fields}, NOW, "uid", "abcde")


def refusals(kind: str, old: Manifest | None = None, **fields: Any) -> list[str]:
    """Return the faults of a new object, or of what is to take the place of ``old``."""
    with pytest.raises(Invalid) as caught:
        admit_update(kind, old, {**old, **fields}) if old else admitted(kind, **fields)
    return [str(cause) for cause in caught.value.causes]


def test_all_faults_are_named_in_the_recorded_order() -> None:
    """The recording's own files, and its own words."""
    found = []
    for manifest in yaml.safe_load_all(FILES["storage.yaml"]):
        with pytest.raises(Invalid) as caught:
            admit_create(manifest["kind"], manifest, NOW, "uid", "abcde")
        found.append(caught.value.sentence)
    recorded = ANSWERS["kubectl create -f storage.yaml"]
    assert [line.partition('"storage.yaml": ')[2] for line in recorded] == found


def test_a_new_claim_waits_and_is_protected() -> None:
    """A status that somebody sends with it is not taken."""
    made = admitted(PVC, spec=CLAIM, status={"phase": "Bound"})
    assert made["status"] == {"phase": "Pending"}
    assert made["spec"]["volumeMode"] == "Filesystem"
    assert made["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]


def test_a_claim_may_want_no_class_at_all() -> None:
    """That is not the same as to name none."""
    assert admitted(PVC, spec={**CLAIM, "storageClassName": ""})["spec"]["storageClassName"] == ""
    assert "storageClassName" not in admitted(PVC, spec=CLAIM)["spec"]


def test_a_new_volume_is_kept_when_it_is_released() -> None:
    """Unless it says otherwise."""
    made = admitted(PV, spec=VOLUME)
    assert (made["status"], made["spec"]["persistentVolumeReclaimPolicy"]) == ({"phase": "Pending"}, "Retain")
    assert made["spec"]["hostPath"] == {"path": "/data", "type": ""}
    assert made["metadata"]["finalizers"] == ["kubernetes.io/pv-protection"]


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        (
            {"accessModes": ["ReadWriteOncePod", "ReadWriteMany"]},
            ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
        ),
        (
            {"volumeMode": "Tape", "storageClassName": "Fast!"},
            ["spec.storageClassName: Invalid value", 'spec.volumeMode: Unsupported value: "Tape"'],
        ),
        ({"selector": {"matchLabels": {"a": "b!"}}}, ["spec.selector.matchLabels: Invalid value"]),
    ],
)
def test_what_is_wrong_with_a_claim(fields: Manifest, faults: list[str]) -> None:
    """Field by field."""
    found = refusals(PVC, spec={**CLAIM, **fields})
    assert [fault[: len(begin)] for fault, begin in zip(found, faults, strict=True)] == faults


def test_what_is_wrong_with_a_volume_without_a_capacity() -> None:
    """It is missing, and it is not storage."""
    spec = {key: value for key, value in VOLUME.items() if key != "capacity"}
    assert refusals(PV, spec=spec) == [
        "spec.capacity: Required value",
        'spec.capacity: Unsupported value: {}: supported values: "storage"',
    ]


def test_a_claim_may_not_change_but_for_what_binding_writes() -> None:
    """A volume and a class may be filled in once."""
    made = admitted(PVC, spec=CLAIM)
    bound = {**made["spec"], "volumeName": "one", "storageClassName": "fast"}
    assert admit_update(PVC, made, {**made, "spec": bound})["spec"] == bound
    more = {**made["spec"], "resources": {"requests": {"storage": "2Gi"}}}
    assert refusals(PVC, made, spec=more) == [FIXED]
    other = admit_update(PVC, made, {**made, "spec": bound})
    assert refusals(PVC, other, spec={**bound, "volumeName": "two"}) == [FIXED]


def test_a_bound_claim_may_ask_for_more_but_not_for_less_than_it_has() -> None:
    """To say the same again is no fault, whatever its volume holds."""
    status = {"phase": "Bound", "capacity": {"storage": "5Gi"}}
    made = {**admitted(PVC, spec=CLAIM), "status": status}
    for size in ("1Gi", "3Gi", "8Gi"):
        more = {**made["spec"], "resources": {"requests": {"storage": size}}}
        assert admit_update(PVC, made, {**made, "spec": more})["spec"] == more
    grown = {**made, "spec": {**made["spec"], "resources": {"requests": {"storage": "8Gi"}}}}
    said = "field can not be less than status.capacity"
    for size in ("3Gi", "5Gi"):
        less = {**made["spec"], "resources": {"requests": {"storage": size}}}
        assert refusals(PVC, grown, spec=less) == [f"spec.resources.requests.storage: Forbidden: {said}"]
    back = {**made["spec"], "resources": {"requests": {"storage": "6Gi"}}}
    assert admit_update(PVC, grown, {**grown, "spec": back})["spec"] == back


def test_only_classes_that_say_so_make_volumes_larger() -> None:
    """A claim without a class, or of one that is gone or does not allow it, may ask for no more."""
    made = admitted(PVC, spec={**CLAIM, "storageClassName": "fast"})
    more = {**made, "spec": {**made["spec"], "resources": {"requests": {"storage": "8Gi"}}}}
    classes: dict[str, Any] = {}
    assert growth_refusal(made, made, classes.get) == ""
    assert growth_refusal(made, more, classes.get).startswith(
        "only dynamically provisioned pvc can be resized"
    )
    classes["fast"] = {"provisioner": "a.b"}
    assert growth_refusal(made, more, classes.get)
    classes["fast"]["allowVolumeExpansion"] = True
    assert growth_refusal(made, more, classes.get) == ""


def test_a_volume_stays_where_it_is() -> None:
    """It may be let go by its claim, but not become another one."""
    affinity = {
        "required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Exists"}]}]}
    }
    made = admitted(PV, spec={**VOLUME, "nodeAffinity": affinity, "claimRef": {"name": "x"}})
    free = {key: value for key, value in made["spec"].items() if key != "claimRef"}
    assert admit_update(PV, made, {**made, "spec": free})["spec"] == free
    moved = {**free, "hostPath": {"path": "/other"}, "volumeMode": "Block"}
    key = {"key": "b", "operator": "Exists"}
    moved["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": [key]}]}}
    fields = ["spec.persistentvolumesource", "volumeMode", "nodeAffinity"]
    assert [fault.partition(": ")[0] for fault in refusals(PV, made, spec=moved)] == fields


def test_a_storage_class_deletes_and_binds_at_once() -> None:
    """Unless it says otherwise."""
    made = admitted("StorageClass", **PROVISIONER)
    assert (made["reclaimPolicy"], made["volumeBindingMode"]) == ("Delete", "Immediate")


def test_what_is_wrong_with_a_storage_class() -> None:
    """It has to say who provisions; Recycle is a policy of volumes only."""
    bindings = 'supported values: "Immediate", "WaitForFirstConsumer"'
    assert refusals("StorageClass", reclaimPolicy="Recycle", volumeBindingMode="Later") == [
        "provisioner: Required value",
        'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
        f'volumeBindingMode: Unsupported value: "Later": {bindings}',
    ]


def test_a_storage_class_makes_what_it_made() -> None:
    """What volumes follow from may not change."""
    made = admitted("StorageClass", **PROVISIONER)
    changed = {
        "parameters": {"type": "fast"},
        "provisioner": "other",
        "reclaimPolicy": "Retain",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    faults = refusals("StorageClass", made, **changed)
    assert [fault.partition(": ")[0] for fault in faults] == list(changed)
    assert all(fault.endswith(": field is immutable") for fault in faults)
    assert admit_update("StorageClass", made, {**made, "allowVolumeExpansion": True})["allowVolumeExpansion"]


def test_a_local_volume_says_where_it_is() -> None:
    """By the labels of its node, held to the rules of pods' affinity."""
    local = {field: value for field, value in VOLUME.items() if field != "hostPath"}
    local["local"] = {"path": "/data"}
    assert refusals(PV, spec=local) == [
        "spec.nodeAffinity: Required value: Local volume requires node affinity"
    ]
    assert refusals(PV, spec={**local, "nodeAffinity": {"required": {"nodeSelectorTerms": []}}}) == [
        (
            "spec.nodeAffinity.required.nodeSelectorTerms: "
            "Required value: must have at least one node selector term"
        )
    ]
    assert refusals(PV, spec={**local, "nodeAffinity": {}}) == [
        "spec.nodeAffinity.required: Required value: must specify required node constraints"
    ]
    term = {"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}
    assert admitted(PV, spec={**local, "nodeAffinity": {"required": {"nodeSelectorTerms": [term]}}})


def test_a_provisioner_is_a_qualified_name() -> None:
    """Its case is free."""
    (told,) = refusals("StorageClass", provisioner="a b")
    assert told.startswith('provisioner: Invalid value: "a b": name part must consist of')
    assert admitted("StorageClass", provisioner="Example.org/Disks")
