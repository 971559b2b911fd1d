"""StatefulSets: what the API server refuses, and what may change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.engine.admission.admit import admit_update
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest
from tests.engine.admission.parts import said
from tests.engine.admission.test_workloads import SELECTED, admitted, refusals, template

FOLDER = Path(__file__).parents[2] / "conformance"
STORY = "w-invalid-workloads"
FILES: dict[str, str] = yaml.safe_load((FOLDER / "scenarios" / f"{STORY}.yaml").read_text())["files"]
STEPS: list[dict[str, Any]] = json.loads((FOLDER / "recorded" / f"{STORY}.json").read_text())
ANSWERS: dict[str, list[str]] = {step["run"]: step.get("stderr", []) for step in STEPS if "run" in step}
PATCH = 'kubectl patch sts kept -p \'{"spec":{"serviceName":"new","podManagementPolicy":"Parallel"}}\''
NEGATIVE = "must be greater than or equal to 0"
INNER = '{"Partition":1,"MaxUnavailable":null}'


def test_all_faults_are_named_in_the_recorded_order() -> None:
    """The recording's own file, and its own words."""
    (manifest,) = yaml.safe_load_all(FILES["sts.yaml"])
    recorded = ANSWERS["kubectl create -f sts.yaml"][1:]
    assert said(manifest) == [line.removeprefix("* ") for line in recorded]


@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        (
            {"replicas": -1, "minReadySeconds": -1, "revisionHistoryLimit": -1},
            [f"spec.{field}: Invalid value: -1: {NEGATIVE}" for field in ("replicas", "minReadySeconds")],
        ),
        (
            {
                "serviceName": "a.b",
                "volumeClaimTemplates": [
                    {"metadata": {"name": "a"}, "spec": {"resources": {"requests": {"storage": "0"}}}},
                    {
                        "metadata": {"name": "b"},
                        "spec": {
                            "accessModes": ["ReadWriteOncePod", "ReadWriteOnce"],
                            "resources": {"requests": {"storage": "1Gi"}},
                        },
                    },
                ],
            },
            [
                (
                    "spec.volumeClaimTemplates[0].spec.accessModes: "
                    "Required value: at least 1 access mode is required"
                ),
                (
                    'spec.volumeClaimTemplates[0].spec.resources[storage]: Invalid value: "0": '
                    "must be greater than zero"
                ),
                (
                    "spec.volumeClaimTemplates[1].spec.accessModes: "
                    "Forbidden: may not use ReadWriteOncePod with other access modes"
                ),
                'spec.serviceName: Invalid value: "a.b": must not contain dots',
            ],
        ),
        (
            {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": -2}}},
            [f"spec.updateStrategy.rollingUpdate.partition: Invalid value: -2: {NEGATIVE}"],
        ),
        (
            {"updateStrategy": {"type": "OnDelete", "rollingUpdate": {"partition": 1}}},
            [
                (
                    f"spec.updateStrategy.rollingUpdate: Invalid value: {INNER}: "
                    "only allowed for updateStrategy 'RollingUpdate'"
                )
            ],
        ),
        (
            {"template": template(activeDeadlineSeconds=5)},
            [
                (
                    "spec.template.spec.activeDeadlineSeconds: Forbidden: "
                    "activeDeadlineSeconds in StatefulSet is not Supported"
                )
            ],
        ),
    ],
)
def test_what_is_wrong_is_named(spec: Manifest, faults: list[str]) -> None:
    """Field by field."""
    assert refusals("StatefulSet", **{**SELECTED, **spec}) == faults


def test_a_container_may_mount_a_claim() -> None:
    """The volume is not in the template: each pod gets one from its claim."""
    mounted = {"name": "main", "image": "db:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claims = [{"metadata": {"name": "data"}, "spec": spec}]
    pod = template(containers=[mounted], volumes=[{"name": "data"}, {"name": "more"}])
    made = admitted("StatefulSet", **{**SELECTED, "template": pod, "volumeClaimTemplates": claims})
    assert [volume["name"] for volume in made["spec"]["template"]["spec"]["volumes"]] == ["data", "more"]


def test_only_some_fields_may_change() -> None:
    """Of the others one sentence says which."""
    made = admitted("StatefulSet", **SELECTED)
    fields = {
        "replicas": 3,
        "minReadySeconds": 1,
        "ordinals": {"start": 1},
        "updateStrategy": {"type": "OnDelete"},
    }
    changed = {**made, "spec": {**made["spec"], **fields}}
    assert admit_update("StatefulSet", made, changed)["metadata"]["generation"] == 2
    fixed = {"serviceName": "new", "podManagementPolicy": "Parallel"}
    with pytest.raises(Invalid) as caught:
        admit_update("StatefulSet", made, {**made, "spec": {**made["spec"], **fixed}})
    (fault,) = (str(cause) for cause in caught.value.causes)
    assert ANSWERS[PATCH][0].endswith(f" is invalid: {fault}")
