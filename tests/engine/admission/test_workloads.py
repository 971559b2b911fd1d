"""Workloads beside the DaemonSet: what the API server fills in, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.admit import admit_create, admit_update
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest
from tests.engine.edits.ledger import NOW

LABELS = {"app": "web"}
MISMATCH = (
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'
)


def template(**spec: Any) -> Manifest:
    """Return a pod template."""
    pod = {"containers": [{"name": "main", "image": "web:1"}], **spec}
    return {"metadata": {"labels": LABELS}, "spec": pod}


def admitted(kind: str, **spec: Any) -> Manifest:
    """Return a workload as the API server stores it."""
    return admit_create(kind, {"metadata": {"name": "web"}, "spec": spec}, NOW, "uid", "abcde")


def refusals(kind: str, **spec: Any) -> list[str]:
    """Return the faults of a workload, by their fields."""
    with pytest.raises(Invalid) as caught:
        admitted(kind, **spec)
    return [str(cause) for cause in caught.value.causes]


SELECTED: Manifest = {"selector": {"matchLabels": LABELS}, "template": template()}


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        ("ReplicaSet", SELECTED, {"replicas": 1}),
        ("ReplicationController", {"template": template()}, {"replicas": 1, "selector": LABELS}),
        (
            "Deployment",
            SELECTED,
            {
                "replicas": 1,
                "revisionHistoryLimit": 10,
                "progressDeadlineSeconds": 600,
                "strategy": {
                    "type": "RollingUpdate",
                    "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
                },
            },
        ),
        ("Deployment", {**SELECTED, "strategy": {"type": "Recreate"}}, {"strategy": {"type": "Recreate"}}),
        (
            "StatefulSet",
            {
                **SELECTED,
                "volumeClaimTemplates": [
                    {
                        "metadata": {"name": "data"},
                        "spec": {
                            "accessModes": ["ReadWriteOnce"],
                            "resources": {"requests": {"storage": "1Gi"}},
                        },
                    }
                ],
            },
            {
                "replicas": 1,
                "podManagementPolicy": "OrderedReady",
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
                "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
            },
        ),
        (
            "StatefulSet",
            {**SELECTED, "updateStrategy": {"type": "OnDelete"}},
            {"updateStrategy": {"type": "OnDelete"}},
        ),
        (
            "Job",
            {"template": template(restartPolicy="Never")},
            {"completions": 1, "parallelism": 1, "backoffLimit": 6, "completionMode": "NonIndexed"},
        ),
        (
            "CronJob",
            {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template(restartPolicy="Never")}}},
            {"concurrencyPolicy": "Allow", "suspend": False, "successfulJobsHistoryLimit": 3},
        ),
    ],
)
def test_what_is_left_out_is_filled_in(kind: str, spec: Manifest, expected: Manifest) -> None:
    """The defaults are those of the published API."""
    made = admitted(kind, **spec)["spec"]
    assert {field: made[field] for field in expected} == expected


def test_a_job_without_completions_has_none() -> None:
    """With a parallelism alone, one success is enough."""
    made = admitted("Job", parallelism=3, template=template(restartPolicy="Never"))["spec"]
    assert (made["parallelism"], "completions" in made) == (3, False)


@pytest.mark.parametrize(
    ("kind", "spec", "faults"),
    [
        ("ReplicaSet", {"template": template()}, ["spec.selector: Required value", MISMATCH]),
        (
            "ReplicaSet",
            {**SELECTED, "replicas": -1, "minReadySeconds": -2},
            [
                "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
                "spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0",
            ],
        ),
        (
            "ReplicaSet",
            {**SELECTED, "selector": {}},
            ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
        ),
        (
            "ReplicaSet",
            {"selector": {"matchLabels": {"a": "b"}}, "template": template(restartPolicy="Never")},
            [
                MISMATCH,
                'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
            ],
        ),
        (
            "ReplicationController",
            {"selector": {"a": "b"}, "template": template()},
            [MISMATCH],
        ),
        (
            "ReplicationController",
            {"template": {"spec": template()["spec"]}},
            ["spec.selector: Required value"],
        ),
    ],
)
def test_what_is_wrong_is_said(kind: str, spec: Manifest, faults: list[str]) -> None:
    """All faults at once, in the words of the API server."""
    assert refusals(kind, **spec) == faults


def test_the_selector_of_a_set_may_not_change() -> None:
    """A ReplicationController's may."""
    made = admitted("ReplicaSet", **SELECTED)
    other = {"metadata": {"labels": {"b": "c"}}, "spec": template()["spec"]}
    spec = {**made["spec"], "selector": {"matchLabels": {"b": "c"}}, "template": other}
    with pytest.raises(Invalid, match="field is immutable"):
        admit_update("ReplicaSet", made, {**made, "spec": spec})
    old = admitted("ReplicationController", template=template())
    changed = {**old["spec"], "selector": {"b": "c"}, "template": other}
    assert admit_update("ReplicationController", old, {**old, "spec": changed})["metadata"]["generation"] == 2


@pytest.mark.parametrize("kind", ["ReplicaSet", "ReplicationController"])
def test_pods_of_sets_do_not_end_by_themselves(kind: str) -> None:
    """They would be made anew for ever."""
    spec = {"template": template(activeDeadlineSeconds=5)}
    selector = {"selector": {"matchLabels": LABELS}} if kind == "ReplicaSet" else {}
    assert refusals(kind, **spec, **selector) == [
        (
            f"spec.template.spec.activeDeadlineSeconds: "
            f"Forbidden: activeDeadlineSeconds in {kind} is not Supported"
        )
    ]


def test_a_replication_controller_needs_a_template() -> None:
    """One fault, and not those of an empty template."""
    assert refusals("ReplicationController", selector=LABELS) == ["spec.template: Required value"]
