"""Jobs, CronJobs and disruption budgets: what they are born with, and what is refused, all at once."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.admit import admit_create, admit_update
from controller.engine.admission.job_policies import HTTP_PATH
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
TWO_PARTS = (
    'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts '
    "separated by '-'"
)
MANY = " when completions are above 100000 and used with backoff limit per index"
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
            ],
        ),
        (
            {
                "podReplacementPolicy": "TerminatingOrFailed",
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
        (
            {"manualSelector": True},
            [
                "spec.selector: Required value",
                f"spec.template.metadata.labels: Invalid value: null: {MISMATCH}",
            ],
        ),
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


RULES = "spec.podFailurePolicy.rules"
ON = [{"type": "DisruptionTarget", "status": "True"}]


@pytest.mark.parametrize(
    ("rule", "faults"),
    [
        ({"action": "FailJob", "onPodConditions": ON}, []),
        (
            {"action": "FailIndex", "onPodConditions": ON},
            ['[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set'],
        ),
        (
            {
                "action": "",
                "onPodConditions": [{"type": "", "status": "Perhaps"}, {"type": "a", "status": ""}],
            },
            [
                '[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
                '[0].onPodConditions[0].type: Invalid value: "": name part must be non-empty',
                (
                    '[0].onPodConditions[0].type: Invalid value: "": name part must consist of alphanumeric '
                    "characters, '-', '_' or '.', and must start and end with an alphanumeric character "
                    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
                    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
                ),
                (
                    '[0].onPodConditions[0].status: Unsupported value: "Perhaps": supported values: '
                    '"False", "True", "Unknown"'
                ),
            ],
        ),
        (
            {
                "action": "Stop",
                "onExitCodes": {"operator": "In", "containerName": "other", "values": [3, 0, 3]},
                "onPodConditions": ON,
            },
            [
                (
                    '[0].action: Unsupported value: "Stop": supported values: '
                    '"Count", "FailIndex", "FailJob", "Ignore"'
                ),
                (
                    '[0].onExitCodes.containerName: Invalid value: "other": must be one of the container or '
                    "initContainer names in the pod template"
                ),
                "[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator",
                "[0].onExitCodes.values[2]: Duplicate value: 3",
                "[0].onExitCodes.values: Invalid value: [3,0,3]: must be ordered",
                "[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported",
            ],
        ),
        (
            {"action": "Count", "onExitCodes": {"operator": "Not", "values": []}},
            [
                '[0].onExitCodes.operator: Unsupported value: "Not": supported values: "In", "NotIn"',
                "[0].onExitCodes.values: Invalid value: null: at least one value is required",
            ],
        ),
        (
            {"action": "Count", "onExitCodes": {"operator": "NotIn", "values": list(range(256))}},
            ["[0].onExitCodes.values: Too many: 256: must have at most 255 items"],
        ),
        (
            {"action": "Count", "onPodConditions": ON * 21},
            ["[0].onPodConditions: Too many: 21: must have at most 20 items"],
        ),
        (
            {"action": "Count"},
            ["[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required"],
        ),
    ],
)
def test_a_failure_policy_is_held_to_its_rules(rule: Manifest, faults: list[str]) -> None:
    """Actions, exit codes and conditions: every fault is told with the place of its rule."""
    policy = {"rules": [rule]}
    if not faults:
        assert admitted("Job", podFailurePolicy=policy)["spec"]["podReplacementPolicy"] == "Failed"
        return
    assert refusals("Job", podFailurePolicy=policy) == [f"{RULES}{fault}" for fault in faults]


def test_a_failure_policy_has_few_rules_and_conditions_that_hold() -> None:
    """At most 20 rules; a condition without a status is meant to be True."""
    rule = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}
    assert refusals("Job", podFailurePolicy={"rules": [rule] * 21}) == [
        f"{RULES}: Too many: 21: must have at most 20 items"
    ]
    spec = admitted("Job", podFailurePolicy={"rules": [rule]})["spec"]
    assert spec["podFailurePolicy"]["rules"][0]["onPodConditions"] == ON


INDEXED = {"completionMode": "Indexed", "completions": 5}
SUCCESS = "spec.successPolicy.rules"


@pytest.mark.parametrize(
    ("rules", "faults"),
    [
        ([{"succeededIndexes": "0,2-3", "succeededCount": 2}], []),
        ([], [": Required value: at least one rules must be specified when the successPolicy is specified"]),
        ([{"succeededCount": 1}] * 21, [": Too many: 21: must have at most 20 items"]),
        (
            [{}],
            ["[0]: Required value: at least one of succeededCount or succeededIndexes must be specified"],
        ),
        (
            [{"succeededCount": -1}, {"succeededCount": 6}, {"succeededCount": 3, "succeededIndexes": "0-1"}],
            [
                f"[0].succeededCount: Invalid value: -1: {BELOW}",
                (
                    "[1].succeededCount: Invalid value: 6: must be less than or equal to 5 "
                    "(the number of specified completions)"
                ),
                (
                    "[2].succeededCount: Invalid value: 3: must be less than or equal to 2 "
                    "(the number of indexes in the specified succeededIndexes field)"
                ),
            ],
        ),
        *(
            (
                [{"succeededIndexes": text}],
                [f'[0].succeededIndexes: Invalid value: "{text}": error parsing succeededIndexes: {said}'],
            )
            for text, said in (
                ("1-2-3", TWO_PARTS),
                ("a", 'cannot convert string to integer for index: "a"'),
                ("0-5", 'too large index: "5"'),
                ("2-1", "non-increasing order, previous: 2, current: 1"),
                ("0-2,2", "non-increasing order, previous: 2, current: 2"),
            )
        ),
    ],
)
def test_a_success_policy_is_held_to_its_rules(rules: list[Manifest], faults: list[str]) -> None:
    """Indexes that a Job has, in their order, and counts that they can reach."""
    policy = {"rules": rules}
    if not faults:
        assert admitted("Job", **INDEXED, successPolicy=policy)["spec"]["successPolicy"] == policy
        return
    assert refusals("Job", **INDEXED, successPolicy=policy) == [f"{SUCCESS}{fault}" for fault in faults]


def test_indexes_are_not_endless_and_need_an_indexed_job() -> None:
    """Sixty-four thousand characters may be written."""
    text = ",".join(map(str, range(20_000)))
    faults = refusals(
        "Job", **INDEXED | {"completions": 20_000}, successPolicy={"rules": [{"succeededIndexes": text}]}
    )
    assert faults == [f"{SUCCESS}[0].succeededIndexes: Too long: may not be more than 65536 bytes"]
    assert refusals("Job", backoffLimitPerIndex=1) == [
        "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"
    ]
    (fault,) = refusals("Job", successPolicy={"rules": []})
    assert fault == "spec.successPolicy: Invalid value: {}: requires indexed completion mode"


@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        ({"backoffLimitPerIndex": 1, "maxFailedIndexes": 5}, []),
        (
            {"backoffLimitPerIndex": 1, "maxFailedIndexes": 6},
            ["spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions"],
        ),
        (
            {"completions": 100_001, "backoffLimitPerIndex": 1, "parallelism": 10_001},
            [
                "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
                f"spec.parallelism: Invalid value: 10001: must be less than or equal to 10000{MANY}",
            ],
        ),
        (
            {"completions": 200_000, "backoffLimitPerIndex": 1, "maxFailedIndexes": 100_001},
            [
                "spec.maxFailedIndexes: Invalid value: 100001: must be less than or equal to 100000",
                f"spec.maxFailedIndexes: Invalid value: 100001: must be less than or equal to 10000{MANY}",
            ],
        ),
    ],
)
def test_limits_of_each_index_are_held_to_the_size_of_a_job(spec: Manifest, faults: list[str]) -> None:
    """The status lists the indexes, so that the more there are the fewer may fail."""
    if not faults:
        assert admitted("Job", **INDEXED | spec)["spec"]["backoffLimit"] == 2**31 - 1
        return
    assert refusals("Job", **INDEXED | spec) == faults


@pytest.mark.parametrize(
    ("manager", "faults"),
    [
        ("example.com/queue", []),
        ("queue", ['Invalid value: "queue": must be a domain-prefixed path (such as "acme.io/foo")']),
        (f"a.b/{'c' * 60}", ["Too long: may not be more than 63 bytes"]),
        ("a.b/ c", [f"Invalid value: \" c\": Invalid path (regex used for validation is '{HTTP_PATH}')"]),
    ],
)
def test_who_manages_a_job_is_named_by_a_path(manager: str, faults: list[str]) -> None:
    """It is a domain and a path, not too long."""
    if not faults:
        assert admitted("Job", managedBy=manager)["spec"]["managedBy"] == manager
        return
    assert refusals("Job", managedBy=manager) == [f"spec.managedBy: {fault}" for fault in faults]


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
    wanted = '{"matchLabels":{"job-name":"pi"}}'
    assert changes("Job", job, selector={"matchLabels": {"job-name": "pi"}}) == [
        f"spec.selector: Invalid value: {wanted}: `selector` not auto-generated",
        f"spec.selector: Invalid value: {wanted}: field is immutable",
    ]
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


def test_a_job_that_stands_still_may_be_scheduled_otherwise() -> None:
    """Where its pods go and what they ask for may change while it is suspended and none runs; no more."""
    job = admitted("Job", suspend=True)
    template = job["spec"]["template"]
    pods, (main,) = template["spec"], template["spec"]["containers"]
    near: Manifest = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}
    apart: Manifest = {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}
    more = [{**main, "resources": {"requests": {"cpu": "1"}}}]
    for change in ({"nodeSelector": {"disk": "ssd"}}, {"affinity": near}, {"containers": more}):
        assert changes("Job", job, template={**template, "spec": {**pods, **change}}) == []
    for change in ({"affinity": apart}, {"containers": [{**main, "image": "pi:9"}]}):
        (fault,) = changes("Job", job, template={**template, "spec": {**pods, **change}})
        assert fault.startswith("spec.template.spec: Invalid value: {")
    assert changes("Job", job, template={**template, "metadata": {"labels": {**LABELS, "a": "b"}}}) == []


@pytest.mark.parametrize(
    ("status", "still"),
    [
        ({}, True),
        ({"startTime": NOW.stamp}, False),
        ({"startTime": NOW.stamp, "conditions": [{"type": "Suspended", "status": "False"}]}, False),
        ({"startTime": NOW.stamp, "conditions": [{"type": "Suspended", "status": "True"}]}, True),
        ({"active": 1, "conditions": [{"type": "Suspended", "status": "True"}]}, False),
    ],
)
def test_a_job_stands_still_once_its_suspension_is_carried_out(status: Manifest, still: bool) -> None:  # noqa: FBT001 -- a table
    """Until it has started, or when its pods are gone again."""
    job = {**admitted("Job", suspend=True), "status": status}
    template = job["spec"]["template"]
    elsewhere = {**template, "spec": {**template["spec"], "nodeSelector": {"disk": "ssd"}}}
    assert (changes("Job", job, template=elsewhere) == []) is still


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
            {"timeZone": ""},
            ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
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
                (
                    'spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: '
                    "`selector` will be auto-generated"
                ),
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


def test_a_cronjob_leaves_its_jobs_their_defaults() -> None:
    """Of its template only the pods have defaults: a Job gets its own when it is made."""
    spec = {"template": {"spec": POD}, "backoffLimit": 2}
    job = admitted("CronJob", jobTemplate={"spec": spec})["spec"]["jobTemplate"]["spec"]
    assert job.keys() == {"template", "backoffLimit"}
    assert job["template"]["spec"]["schedulerName"] == "default-scheduler"


def test_a_job_says_whose_selector_it_has() -> None:
    """Also where nobody brought one."""
    assert admitted("Job")["spec"]["manualSelector"] is False
