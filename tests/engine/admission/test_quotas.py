"""ResourceQuotas and LimitRanges as objects: what is filled in and refused, in a real 1.36's words."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.admission.admit import admit_create, admit_update
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest
from tests.engine.admission.parts import NOW

QUOTA, RANGE = "ResourceQuota", "LimitRange"
Faults = list[str]


def admitted(kind: str, **spec: Any) -> Manifest:
    """Return a new object as the API server stores it."""
    raw = {"metadata": {"name": "it"}, "spec": spec, "status": {"hard": {"pods": "9"}}}
    return admit_create(kind, raw, NOW, "uid", "abcde")


def refusals(kind: str, **spec: Any) -> Faults:
    """Return the faults of a new object."""
    with pytest.raises(Invalid) as caught:
        admitted(kind, **spec)
    return [str(cause) for cause in caught.value.causes]


STANDARD = "must be a standard resource type or fully qualified"
OF_QUOTAS = "must be a standard resource for quota"
OF_CONTAINERS = "must be a standard resource for containers"
WHOLE = "must be an integer"


@pytest.mark.parametrize(
    ("name", "amount", "faults"),
    [
        ("foo", "1", [f'"foo": {STANDARD}', f'"foo": {OF_QUOTAS}']),
        ("storage", "1", [f'"storage": {OF_QUOTAS}']),
        ("limits.storage", "3", [f'"limits.storage": {STANDARD}', f'"limits.storage": {OF_QUOTAS}']),
        ("pods", "1500m", [f'"1500m": {WHOLE}']),
        ("count/foos", "500m", [f'"500m": {WHOLE}']),
        ("example.com/x", "1500m", [f'"1500m": {WHOLE}']),
        ("cpu", "-1", ['"-1": must be greater than or equal to 0']),
    ],
)
def test_what_a_quota_may_be_about(name: str, amount: str, faults: Faults) -> None:
    """Standard names, or names that are qualified; objects are counted in whole numbers."""
    assert refusals(QUOTA, hard={name: amount}) == [
        f"spec.hard[{name}]: Invalid value: {fault}" for fault in faults
    ]


def test_a_quota_may_be_about_much() -> None:
    """What status a client sends with it does not count."""
    hard = {
        "pods": "1",
        "cpu": "1500m",
        "limits.ephemeral-storage": "1Gi",
        "requests.hugepages-2Mi": "2Mi",
        "count/jobs.batch": "3",
        "requests.example.com/gpu": "1",
        "gold.storageclass.storage.k8s.io/requests.storage": "1Gi",
    }
    made = admitted(QUOTA, hard=hard)
    assert (made["spec"]["hard"], made["status"]) == (hard, {})


AT = "spec.scopeSelector.matchExpressions"
UNSUPPORTED = "unsupported scope applied to resource"
ONE = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
NONE = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
OF_VOLUMES = '{"ScopeName":"VolumeAttributesClass","Operator":"Exists","Values":null}'
EXISTS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
    "ResourceQuotaScopeCrossNamespacePodAffinity"
)


@pytest.mark.parametrize(
    ("scopes", "hard", "faults"),
    [
        (["Foo"], "pods", ['["Foo"]: unsupported scope']),
        (["Terminating"], "services", [f'["Terminating"]: {UNSUPPORTED}']),
        (["BestEffort"], "cpu", [f'["BestEffort"]: {UNSUPPORTED}']),
        (["VolumeAttributesClass"], "pods", [f'["VolumeAttributesClass"]: {UNSUPPORTED}']),
        (["BestEffort", "NotBestEffort"], "pods", ['["BestEffort","NotBestEffort"]: conflicting scopes']),
    ],
)
def test_which_scopes_a_quota_may_have(scopes: list[str], hard: str, faults: Faults) -> None:
    """Known ones that go together with each other and with what it is about."""
    found = refusals(QUOTA, hard={hard: "1"}, scopes=scopes)
    assert found == [f"spec.scopes: Invalid value: {fault}" for fault in faults]


@pytest.mark.parametrize(
    ("entry", "faults"),
    [
        (("PriorityClass", "In", None), [f"{AT}.values: Required value: {ONE}"]),
        (("PriorityClass", "Exists", ["a"]), [f'{AT}.values: Invalid value: ["a"]: {NONE}']),
        (
            ("Foo", "Is", None),
            [
                f'{AT}.scopeName: Invalid value: "Foo": unsupported scope',
                f'{AT}.operator: Invalid value: "Is": not a valid selector operator',
            ],
        ),
        (("Terminating", "In", ["a"]), [f'{AT}.operator: Invalid value: "In": {EXISTS}']),
        (
            ("VolumeAttributesClass", "Exists", None),
            [
                f'{AT}: Invalid value: {{"MatchExpressions":[{OF_VOLUMES}]}}: {UNSUPPORTED}',
            ],
        ),
    ],
)
def test_which_selectors_of_scopes_a_quota_may_have(entry: Any, faults: Faults) -> None:
    """A requirement has values or it has none, by its operator."""
    scope, operator, values = entry
    made = {"scopeName": scope, "operator": operator, **({"values": values} if values else {})}
    assert refusals(QUOTA, hard={"pods": "1"}, scopeSelector={"matchExpressions": [made]}) == faults


def test_selectors_of_scopes_may_not_contradict_each_other() -> None:
    """As the plain scopes may not."""
    entries = [{"scopeName": name, "operator": "Exists"} for name in ("Terminating", "NotTerminating")]
    found = refusals(QUOTA, hard={"pods": "1"}, scopeSelector={"matchExpressions": entries})
    assert found == ["spec.scopes: Invalid value: null: conflicting scopes"]


def test_the_scopes_of_a_quota_stay() -> None:
    """What it allows may change."""
    made = admitted(QUOTA, hard={"pods": "1"})
    assert admit_update(QUOTA, made, {**made, "spec": {"hard": {"pods": "2"}}})["spec"]["hard"] == {
        "pods": "2"
    }
    with pytest.raises(Invalid) as caught:
        admit_update(QUOTA, made, {**made, "spec": {"hard": {"pods": "1"}, "scopes": ["BestEffort"]}})
    assert [str(cause) for cause in caught.value.causes] == [
        'spec.scopes: Invalid value: ["BestEffort"]: field is immutable'
    ]


def test_what_containers_are_given_follows_from_what_they_may_have() -> None:
    """The limit from the maximum, the request from the limit, and then from the minimum."""
    item = {"type": "Container", "min": {"cpu": "100m", "memory": "10Mi"}, "max": {"cpu": "1"}}
    pod = {"type": "Pod", "max": {"cpu": "2"}}
    (made, other) = admitted(RANGE, limits=[item, pod])["spec"]["limits"]
    assert (made["default"], made["defaultRequest"]) == ({"cpu": "1"}, {"cpu": "1", "memory": "10Mi"})
    assert other == pod
    ratio = {"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}
    assert admitted(RANGE, limits=[ratio])["spec"]["limits"] == [ratio]
    assert admitted(RANGE, limits=[])["spec"] == {"limits": None}


LARGER = "default request value 4 is greater"
UNEQUAL = "default value 2 must equal to defaultRequest value 1 in example.com/x"
STORAGE = "either minimum or maximum storage value is required, but neither was provided"


@pytest.mark.parametrize(
    ("item", "faults"),
    [
        ({"min": {"cpu": "2"}, "max": {"cpu": "1"}}, [
            'min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
            'defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
            'default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
        ]),
        ({"max": {"cpu": "1"}, "default": {"cpu": "3"}, "defaultRequest": {"cpu": "4"}}, [
            f'defaultRequest[cpu]: Invalid value: "4": {LARGER} than max value 1',
            f'defaultRequest[cpu]: Invalid value: "4": {LARGER} than default limit value 3',
            'default[cpu]: Invalid value: "1": default value 3 is greater than max value 1',
        ]),
        ({"maxLimitRequestRatio": {"cpu": "500m"}}, [
            'maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1',
        ]),
        ({"min": {"cpu": "500m"}, "max": {"cpu": "1"}, "maxLimitRequestRatio": {"cpu": "4"}}, [
            'maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = 2.000000',
        ]),
        ({"min": {"cpu": "500m"}, "max": {"cpu": "1"}, "maxLimitRequestRatio": {"cpu": "2"}}, []),
        ({"default": {"example.com/x": "2"}, "defaultRequest": {"example.com/x": "1"}}, [
            f'defaultRequest[example.com/x]: Invalid value: "1": {UNEQUAL}',
        ]),
        ({"type": "Pod", "default": {"cpu": "1"}}, [
            "default: Forbidden: may not be specified when `type` is 'Pod'",
        ]),
        ({"type": "Pod", "max": {"foo": "1"}}, [
            f'max[foo]: Invalid value: "foo": {STANDARD}', f'max[foo]: Invalid value: "foo": {OF_CONTAINERS}',
        ]),
        ({"type": "Foo"}, ['type: Invalid value: "Foo": must be a standard limit type or fully qualified']),
        ({"type": "PersistentVolumeClaim"}, [f"limits: Required value: {STORAGE}"]),
        ({"type": "PersistentVolumeClaim", "min": {"storage": "1"}}, []),
        ({"type": "example.com/it", "min": {"requests.cpu": "1"}}, []),
    ],
)  # fmt: skip
def test_the_rules_of_a_limit_range(item: Manifest, faults: Faults) -> None:
    """Amounts go together; defaults are for containers, and a claim has a bound."""
    limits = [{"type": "Container", **item}]
    found = refusals(RANGE, limits=limits) if faults else admitted(RANGE, limits=limits) and []
    assert found == [f"spec.limits[0].{fault}" for fault in faults]


def test_each_type_stands_once() -> None:
    """Also when it is changed."""
    twice = [{"type": "Pod"}, {"type": "Pod"}]
    assert refusals(RANGE, limits=twice) == ['spec.limits[1].type: Duplicate value: "Pod"']
    made = admitted(RANGE, limits=[])
    with pytest.raises(Invalid):
        admit_update(RANGE, made, {**made, "spec": {"limits": twice}})
