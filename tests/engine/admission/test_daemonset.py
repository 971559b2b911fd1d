"""DaemonSets: selector, template and update strategy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.admission.parts import daemonset, pod_spec, said

ROLLING = "spec.updateStrategy.rollingUpdate"
PERCENT = (
    "a valid percent string must be a numeric string followed by an ending '%' "
    "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
)
BOTH_ZERO = f"{ROLLING}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"


def rolling(**fields: Any) -> dict[str, Any]:
    """Return the spec's part for a rolling update."""
    return {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": fields}}


@pytest.mark.parametrize(
    "spec",
    [
        rolling(maxUnavailable="10%"),
        rolling(maxUnavailable=0, maxSurge="100%"),
        rolling(maxUnavailable="0%", maxSurge=3),
        rolling(maxUnavailable=500),
        {"updateStrategy": {"type": "OnDelete", "rollingUpdate": {"maxUnavailable": 0}}},
        {"updateStrategy": {"rollingUpdate": {}}},
        {"minReadySeconds": 5, "revisionHistoryLimit": 0},
    ],
)
def test_sound_settings_are_taken(spec: dict[str, Any]) -> None:
    """What the server takes is taken; OnDelete does not look at the rolling update."""
    assert said(daemonset(**spec)) == []


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (
            rolling(maxUnavailable=-1),
            [f"{ROLLING}.maxUnavailable: Invalid value: -1: must be greater than or equal to 0"],
        ),
        (
            rolling(maxUnavailable="ten"),
            [f'{ROLLING}.maxUnavailable: Invalid value: "ten": {PERCENT}', BOTH_ZERO],
        ),
        (
            rolling(maxUnavailable="5"),
            [f'{ROLLING}.maxUnavailable: Invalid value: "5": {PERCENT}', BOTH_ZERO],
        ),
        (
            rolling(maxUnavailable=0, maxSurge="101%"),
            [f'{ROLLING}.maxSurge: Invalid value: "101%": must not be greater than 100%'],
        ),
        (
            rolling(maxUnavailable="9" * 5000 + "%"),
            [f'{ROLLING}.maxUnavailable: Invalid value: "{"9" * 5000}%": must not be greater than 100%'],
        ),
        (
            rolling(maxUnavailable="10%", maxSurge="20%"),
            [f'{ROLLING}.maxSurge: Invalid value: "20%": may not be set when maxUnavailable is non-zero'],
        ),
        (rolling(maxUnavailable="000%"), [BOTH_ZERO]),
        (
            {"minReadySeconds": -1},
            ["spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0"],
        ),
        (
            {"revisionHistoryLimit": -1},
            ["spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0"],
        ),
        (
            {"updateStrategy": {"type": "Pause", "rollingUpdate": {"maxUnavailable": 2}}},
            [
                (
                    'spec.updateStrategy: Unsupported value: {"Type":"Pause","RollingUpdate":'
                    '{"MaxUnavailable":2,"MaxSurge":0}}: supported values: "RollingUpdate", "OnDelete"'
                )
            ],
        ),
    ],
)
def test_faulty_settings_are_refused(spec: dict[str, Any], told: list[str]) -> None:
    """Every fault of a spec is told."""
    assert said(daemonset(**spec)) == told


def test_a_faulty_selector_is_not_compared_with_the_labels() -> None:
    """A selector that cannot be read has its own faults only."""
    selector = {"matchLabels": {"app": "x y"}, "matchExpressions": [{"key": "app", "operator": "Near"}]}
    told = said(daemonset(selector=selector))

    assert [text.partition(": ")[0] for text in told] == [
        "spec.selector.matchLabels",
        "spec.selector.matchExpressions[0].operator",
    ]


def test_expressions_of_a_selector_must_match_too() -> None:
    """MatchExpressions take part in the comparison with the template's labels."""
    wanted = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["b"]}]}

    assert said(daemonset(selector=wanted)) == [
        (
            'spec.template.metadata.labels: Invalid value: {"app":"a"}: '
            "`selector` does not match template `labels`"
        )
    ]


def test_a_daemon_has_no_deadline() -> None:
    """ActiveDeadlineSeconds makes no sense for a pod that shall always run."""
    assert said(daemonset(pod=pod_spec(activeDeadlineSeconds=5))) == [
        (
            "spec.template.spec.activeDeadlineSeconds: Forbidden: "
            "activeDeadlineSeconds in DaemonSet is not Supported"
        )
    ]


def test_a_template_has_no_ephemeral_containers() -> None:
    """Ephemeral containers are added to running pods only."""
    told = said(daemonset(pod=pod_spec(ephemeralContainers=[{"name": "debug"}])))

    assert told == [
        "spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"
    ]


def test_labels_and_annotations_of_a_template_are_held_to_their_grammar() -> None:
    """The server tells them without ``metadata`` in the path."""
    manifest = daemonset()
    manifest["spec"]["template"]["metadata"] = {"labels": {"app": "a", "b c": ""}, "annotations": {"d e": ""}}

    assert [text.partition(": ")[0] for text in said(manifest)] == [
        "spec.template.labels",
        "spec.template.annotations",
    ]
