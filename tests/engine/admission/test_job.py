"""Jobs, CronJobs and disruption budgets: what they are born with, and what is refused, all at once."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.admit import admit_create, admit_update
from controller.engine.admission.workloads import MISMATCH
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest
from tests.engine.edits.ledger import NOW

UID = "0c1d"
POD: Manifest = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "pi:1"}]}
TEMPLATE = "spec.template.spec.restartPolicy"
LABELS = {
    "job-name": "pi",
    "batch.kubernetes.io/job-name": "pi",
    "controller-uid": UID,
    "batch.kubernetes.io/controller-uid": UID,
}
BELOW = "must be greater than or equal to 0"


def admitted(kind: str, **spec: Any) -> Manifest:
    """Return an object of a spec as the API server stores it; a Job and a CronJob have a template."""
    if kind == "Job":
        spec = {"template": {"spec": POD}, **spec}
    elif kind == "CronJob":
        spec = {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": POD}}}, **spec}
    return admit_create(kind, {"metadata": {"name": "pi"}, "spec": spec}, NOW, UID, "abcde")


def refusals(kind: str, **spec: Any) -> list[str]:
    """Return the faults of an object, in their order."""
    with pytest.raises(Invalid) as caught:
        admitted(kind, **spec)
    return [str(cause) for cause in caught.value.causes]


def changes(kind: str, old: Manifest, **spec: Any) -> list[str]:
    """Return the faults of a change of fields of a spec."""
    try:
        admit_update(kind, old, {**old, "spec": {**old["spec"], **spec}})
    except Invalid as error:
        return [str(cause) for cause in error.causes]
    return []


def test_a_job_selects_its_pods_by_its_uid() -> None:
    """Labels of template and selector are made by the API server, unless the selector is the author's."""
    spec = admitted("Job")["spec"]
    assert spec["template"]["metadata"]["labels"] == LABELS
    assert spec["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": UID}}
    own = {"selector": {"matchLabels": {"app": "pi"}}, "manualSelector": True}
    labelled = {"metadata": {"labels": {"app": "pi"}}, "spec": POD}
    assert admitted("Job", template=labelled, **own)["spec"]["template"]["metadata"] == labelled["metadata"]


@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        (
            {
                "completions": -1,
                "parallelism": -1,
                "backoffLimit": -1,
                "template": {"spec": {**POD, "restartPolicy": "Always"}},
            },
            [
                f"spec.parallelism: Invalid value: -1: {BELOW}",
                f"spec.completions: Invalid value: -1: {BELOW}",
                f"spec.backoffLimit: Invalid value: -1: {BELOW}",
                f'{TEMPLATE}: Required value: valid values: "OnFailure", "Never"',
            ],
        ),
        (
            {"completionMode": "Indexed", "parallelism": 1},
            ["spec.completions: Required value: when completion mode is Indexed"],
        ),
        (
            {"completionMode": "Indexed", "completions": 1, "parallelism": 100_001},
            [
                (
                    "spec.parallelism: Invalid value: 100001: must be less than or equal "
                    "to 100000 when completion mode is Indexed"
                )
            ],
        ),
        (
            {"completionMode": "Random", "maxFailedIndexes": 1},
            [
                "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
                'spec.completionMode: Unsupported value: "Random": supported values: "NonIndexed", "Indexed"',
                "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode",
            ],
        ),
        (
            {
                "podFailurePolicy": {
                    "rules": [
                        {
                            "action": "Ignore",
                            "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
                        }
                    ]
                },
                "template": {"spec": {**POD, "restartPolicy": "OnFailure"}},
            },
            [
                (
                    'spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": '
                    'supported values: "Failed"'
                ),
                (
                    f'{TEMPLATE}: Invalid value: "OnFailure": only "Never" is supported '
                    "when podFailurePolicy is specified"
                ),
            ],
        ),
        (
            {"template": {"spec": {**POD, "restartPolicy": "Sometimes"}}},
            [
                (
                    f'{TEMPLATE}: Unsupported value: "Sometimes": supported values: '
                    '"Always", "OnFailure", "Never"'
                ),
                f'{TEMPLATE}: Unsupported value: "Sometimes": supported values: "OnFailure", "Never"',
            ],
        ),
        ({"manualSelector": True}, ["spec.selector: Required value"]),
        (
            {"manualSelector": True, "selector": {"matchLabels": {"app": "pi"}}},
            [f"spec.template.metadata.labels: Invalid value: null: {MISMATCH}"],
        ),
        (
            {
                "manualSelector": True,
                "selector": {"matchExpressions": [{"key": "app", "operator": "Exists", "values": ["a"]}]},
            },
            [
                (
                    "spec.selector.matchExpressions[0].values: Forbidden: may not be "
                    "specified when `operator` is "
                    "'Exists' or 'DoesNotExist'"
                )
            ],
        ),
        (
            {
                "template": {"metadata": {"labels": {"job-name": "other"}}, "spec": POD},
                "selector": {"matchLabels": {"app": "pi"}},
            },
            [
                "spec.template.metadata.labels[job-name]: Invalid value: \"other\": must be 'pi'",
                "spec.template.metadata.labels[batch.kubernetes.io/job-name]: Required value: must be 'pi'",
                (
                    "spec.selector: Invalid value: "
                    '{"matchLabels":{"app":"pi","batch.kubernetes.io/controller-uid":"0c1d"}}: '
                    "`selector` not auto-generated"
                ),
                (
                    "spec.template.metadata.labels: Invalid value: "
                    '{"batch.kubernetes.io/controller-uid":"0c1d",'
                    '"controller-uid":"0c1d","job-name":"other"}: `selector` does not match template `labels`'
                ),
            ],
        ),
    ],
)
def test_a_job_is_held_to_its_rules(spec: Manifest, faults: list[str]) -> None:
    """Counts, modes, policies, and a selector that is made for it: every fault is told."""
    assert refusals("Job", **spec) == faults


def test_a_job_stays_what_it_was_born_as() -> None:
    """Completions, selector, template and mode are fixed; parallelism and suspend are not."""
    job = admitted("Job")
    template = job["spec"]["template"]
    other = {**template, "spec": {**template["spec"], "terminationGracePeriodSeconds": 1}}
    assert changes("Job", job, parallelism=3, suspend=True) == []
    assert changes("Job", job, completions=5) == ["spec.completions: Invalid value: 5: field is immutable"]
    assert changes("Job", job, podReplacementPolicy="Failed") == []
    (fault,) = changes("Job", job, template=other)
    assert fault.startswith("spec.template: Invalid value: {")
    (fault,) = changes("Job", job, selector={"matchLabels": {"job-name": "pi"}})
    assert fault.endswith('{"matchLabels":{"job-name":"pi"}}: field is immutable')
    assert changes("Job", job, managedBy="example.com/other") == [
        'spec.managedBy: Invalid value: "example.com/other": field is immutable'
    ]


def test_completions_of_an_indexed_job_change_with_its_parallelism() -> None:
    """An elastic Job grows by both numbers at once."""
    job = admitted("Job", completionMode="Indexed", completions=2, parallelism=2)
    assert changes("Job", job, completions=3, parallelism=3) == []
    assert changes("Job", job, completions=3) == [
        "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism"
    ]


def test_a_suspended_job_that_never_ran_may_be_scheduled_otherwise() -> None:
    """Where its pods go may change until it first starts; what they are may not."""
    job = admitted("Job", suspend=True)
    template = job["spec"]["template"]
    elsewhere = {**template, "spec": {**template["spec"], "nodeSelector": {"disk": "ssd"}}}
    assert changes("Job", job, template=elsewhere) == []
    started = {**job, "status": {"startTime": NOW.stamp}}
    assert len(changes("Job", started, template=elsewhere)) == 1


@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        (
            {"schedule": "every day", "concurrencyPolicy": "Sometimes", "failedJobsHistoryLimit": -1},
            [
                'spec.schedule: Invalid value: "every day": expected exactly 5 fields, found 2: [every day]',
                (
                    'spec.concurrencyPolicy: Unsupported value: "Sometimes": supported '
                    'values: "Allow", "Forbid", "Replace"'
                ),
                f"spec.failedJobsHistoryLimit: Invalid value: -1: {BELOW}",
            ],
        ),
        ({"schedule": ""}, ["spec.schedule: Required value"]),
        (
            {"schedule": "TZ=UTC 0 0 * * *"},
            [
                (
                    'spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": '
                    "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
                )
            ],
        ),
        (
            {"timeZone": "Mars/Olympus"},
            ['spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus'],
        ),
        (
            {"timeZone": "Local"},
            [
                (
                    'spec.timeZone: Invalid value: "Local": timeZone must be an explicit '
                    "time zone as defined in "
                    "https://www.iana.org/time-zones"
                )
            ],
        ),
        (
            {
                "jobTemplate": {
                    "spec": {
                        "backoffLimit": -1,
                        "manualSelector": True,
                        "selector": {"matchLabels": {"a": "b"}},
                        "template": {"spec": POD},
                    }
                }
            },
            [
                (
                    "spec.jobTemplate.spec.manualSelector: Unsupported value: true: "
                    'supported values: "nil", "false"'
                ),
                f"spec.jobTemplate.spec.backoffLimit: Invalid value: -1: {BELOW}",
                "spec.jobTemplate.spec.selector: Forbidden: `selector` will be auto-generated",
            ],
        ),
    ],
)
def test_a_cronjob_is_held_to_its_rules(spec: Manifest, faults: list[str]) -> None:
    """Schedule, time zone, policy, and the Jobs it would make: every fault is told."""
    assert refusals("CronJob", **spec) == faults
    assert changes("CronJob", admitted("CronJob", timeZone="Europe/Berlin"), **spec) == faults


def test_the_name_of_a_cronjob_leaves_room_for_its_jobs() -> None:
    """Eleven of the 63 characters of a label are for the minute in a Job's name."""
    cronjob = admitted("CronJob")
    meta = {"metadata": {"name": "t" * 53}}
    with pytest.raises(Invalid) as caught:
        admit_create("CronJob", {**meta, "spec": cronjob["spec"]}, NOW, UID, "abcde")
    (fault,) = map(str, caught.value.causes)
    assert fault.endswith("must be no more than 52 characters")


@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        (
            {"minAvailable": 1, "maxUnavailable": 1},
            [
                (
                    'spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,'
                    '"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set'
                )
            ],
        ),
        (
            {"minAvailable": "101%", "unhealthyPodEvictionPolicy": "Never"},
            [
                'spec.minAvailable: Invalid value: "101%": must not be greater than 100%',
                (
                    'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: '
                    '"AlwaysAllow", "IfHealthyBudget"'
                ),
            ],
        ),
        ({"maxUnavailable": -1}, [f"spec.maxUnavailable: Invalid value: -1: {BELOW}"]),
    ],
)
def test_a_budget_is_held_to_its_rules(spec: Manifest, faults: list[str]) -> None:
    """One of two bounds, a share of pods, a known policy."""
    assert refusals("PodDisruptionBudget", **spec) == faults
    assert changes("PodDisruptionBudget", admitted("PodDisruptionBudget"), **spec) == faults
