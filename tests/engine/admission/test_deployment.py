"""Deployments: what the API server refuses, and what counts as a change."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.admit import admit_update
from controller.engine.errors import Invalid
from tests.engine.admission.test_workloads import MISMATCH, SELECTED, admitted, refusals, template

ROLLING = "spec.strategy.rollingUpdate"
NEGATIVE = "must be greater than or equal to 0"
FIELD = "spec.template.spec.activeDeadlineSeconds"
ACTIVE = f"{FIELD}: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported"
TYPES = 'supported values: "Recreate", "RollingUpdate"'
PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
    "regex used for validation is '[0-9]+%')"
)


def rolling(surge: Any, unavailable: Any) -> dict[str, Any]:
    """Return a strategy with these shares."""
    shares = {"maxSurge": surge, "maxUnavailable": unavailable}
    return {"strategy": {"type": "RollingUpdate", "rollingUpdate": shares}}


@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        (
            {
                "replicas": -1,
                "minReadySeconds": -2,
                "revisionHistoryLimit": -3,
                "progressDeadlineSeconds": -1,
            },
            [
                f"spec.replicas: Invalid value: -1: {NEGATIVE}",
                f"spec.minReadySeconds: Invalid value: -2: {NEGATIVE}",
                f"spec.revisionHistoryLimit: Invalid value: -3: {NEGATIVE}",
                f"spec.progressDeadlineSeconds: Invalid value: -1: {NEGATIVE}",
            ],
        ),
        (
            {"minReadySeconds": 600},
            ["spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds"],
        ),
        (rolling(0, 0), [f"{ROLLING}.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"]),
        (
            rolling("ten", "120%"),
            [
                f'{ROLLING}.maxSurge: Invalid value: "ten": {PERCENT}',
                f'{ROLLING}.maxUnavailable: Invalid value: "120%": must not be greater than 100%',
            ],
        ),
        (rolling(-1, 1), [f"{ROLLING}.maxSurge: Invalid value: -1: must be greater than or equal to 0"]),
        (rolling("300%", "100%"), []),
        (
            {"strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}},
            [f"{ROLLING}: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
        ),
        (
            {"strategy": {"type": "OnDelete"}},
            [f'spec.strategy.type: Unsupported value: "OnDelete": {TYPES}'],
        ),
        (
            {"selector": {"matchLabels": {"a": "b"}}, "template": template(activeDeadlineSeconds=5)},
            [MISMATCH, ACTIVE],
        ),
    ],
)
def test_what_is_wrong_is_said(spec: dict[str, Any], faults: list[str]) -> None:
    """All faults at once, in the words of the API server."""
    if faults:
        assert refusals("Deployment", **{**SELECTED, **spec}) == faults
    else:
        admitted("Deployment", **{**SELECTED, **spec})


def test_the_selector_may_not_change() -> None:
    """Pods of the old one would be left to nobody."""
    made = admitted("Deployment", **SELECTED)
    spec = {**made["spec"], "selector": {"matchLabels": {"a": "b"}}}
    with pytest.raises(Invalid, match="field is immutable"):
        admit_update("Deployment", made, {**made, "spec": spec})


def test_an_annotation_counts_as_a_change() -> None:
    """Its sets get it too; a label is of no concern to them."""
    made = admitted("Deployment", **SELECTED)
    marked = {**made["metadata"], "annotations": {"kubernetes.io/change-cause": "second"}}
    assert admit_update("Deployment", made, {**made, "metadata": marked})["metadata"]["generation"] == 2
    labelled = {**made["metadata"], "labels": {"a": "b"}}
    assert admit_update("Deployment", made, {**made, "metadata": labelled})["metadata"]["generation"] == 1
