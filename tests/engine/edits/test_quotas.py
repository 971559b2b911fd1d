"""What edits find in a namespace that has quotas and limits, and what they leave of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.edits.decide import decide
from controller.engine.edits.deletion import Delete
from controller.engine.edits.draft import Context, Decision, Draft
from controller.engine.edits.objects import Create, CreateAll, Patch, PatchType, Replace
from controller.engine.edits.reading import Found
from controller.engine.errors import AlreadyExists, Forbidden, Invalid
from controller.engine.objects import Manifest
from controller.engine.quota.limits import ANNOTATION
from controller.engine.settings import Settings
from tests.engine.edits.ledger import KUBECTL, NOW, SETTINGS, Ledger, ledger

MAIN: dict[str, Any] = {"name": "main", "image": "x:1"}
POD = {"metadata": {"name": "bare"}, "spec": {"containers": [MAIN]}}
LIMITS = {
    "metadata": {"name": "defaults"},
    "spec": {"limits": [{"type": "Container", "default": {"cpu": "200m"}, "max": {"cpu": "1"}}]},
}


def quota(name: str = "few", *, fields: bool = False, hard: Manifest | None = None, **more: str) -> Manifest:
    """Return a quota that was counted: nothing is used of it."""
    owned: Manifest = {"managedFields": []} if fields else {}
    hard = {**(hard or {}), **more}
    status = {"hard": hard, "used": dict.fromkeys(hard, "0")}
    meta = {"name": name, "namespace": "default", "uid": name, **owned}
    return {"metadata": meta, "spec": {"hard": hard}, "status": status}


def held(*quotas: Manifest) -> Ledger:
    """Return a cluster with quotas, as their controller left them."""
    found = ledger()
    for each in quotas:
        found.write("ResourceQuota", each)
    return found


def used(decision: Decision) -> dict[str, Any]:
    """Return what is used of each quota that a decision writes, at the end."""
    found = [one for one in decision.changes if one.kind == "ResourceQuota"]
    return {one.key[2]: one.manifest["status"]["used"] for one in found}


def test_what_comes_in_is_booked_at_once() -> None:
    """Nobody waits for the controller: the next one finds less room, also within one request."""
    found = held(quota(pods="1"), quota("other", secrets="1"))
    decision = found.do(Create("Pod", POD))
    assert used(decision) == {"few": {"pods": "1"}}
    assert [change.verb for change in decision.changes] == [Verb.MODIFIED, Verb.ADDED]
    again = {**POD, "metadata": {"generateName": "more-"}}
    said = 'pods "more-[a-z0-9]{5}" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, '
    with pytest.raises(Forbidden, match=said):
        found.decide(Create("Pod", again))
    with pytest.raises(Forbidden, match="exceeded quota: few"):
        held(quota(pods="1")).decide(CreateAll([("Pod", POD), ("Pod", again)]))


def test_what_holds_in_a_namespace_is_read_once() -> None:
    """However many objects a request makes; what it changes of that holds for those after it."""
    asked: list[str] = []

    class Counted(Ledger):
        def of_kind(self, kind: str) -> Iterable[Found]:
            asked.append(kind)
            return super().of_kind(kind)

    found = Counted()
    found.objects = held(quota(pods="9", secrets="1")).objects
    many = [("Pod", {**POD, "metadata": {"name": f"pod-{number}"}}) for number in range(5)]
    decision = found.decide(CreateAll([*many, ("Secret", {"metadata": {"name": "one"}})]))
    assert used(decision)["few"] == {"pods": "5", "secrets": "1"}
    assert {kind: asked.count(kind) for kind in asked} == {
        "ResourceQuota": 1,
        "LimitRange": 1,
        "PriorityClass": 1,
    }
    more = [("Pod", {**POD, "metadata": {"name": f"more-{number}"}}) for number in range(5)]
    with pytest.raises(Forbidden, match="exceeded quota: few, requested: pods=1, used: pods=9"):
        found.decide(CreateAll([*many, *more]))


def test_a_full_quota_is_told_before_a_name_that_is_taken() -> None:
    """As the plugins come before the store. Nothing is booked for what does not come in."""
    found = held(quota(pods="2"))
    found.do(Create("Pod", POD))
    with pytest.raises(AlreadyExists):
        found.decide(Create("Pod", POD))
    full = {"hard": {"pods": "1"}, "used": {"pods": "1"}}
    found.write("ResourceQuota", {**quota(pods="1"), "status": full})
    with pytest.raises(Forbidden, match="exceeded quota"):
        found.decide(Create("Pod", POD))


def test_other_namespaces_and_real_clusters_are_not_held() -> None:
    """The quotas of a real cluster are kept there."""
    elsewhere = {**quota(pods="0"), "metadata": {"name": "few", "namespace": "kube-system"}}
    assert used(held(elsewhere).decide(Create("Pod", POD))) == {}
    found = held(quota(pods="0"))
    found.write("LimitRange", {**LIMITS, "metadata": {"name": "defaults", "namespace": "default"}})
    context = Context(NOW, found.names_, Settings(1, 2, 40, mirrored=True), "ada")
    made = decide(found, Create("Pod", POD), context).changes[-1].manifest
    assert not made["spec"]["containers"][0]["resources"]


def test_a_quota_that_goes_in_the_same_request_does_not_hold() -> None:
    """Of several edits each sees what those before it left."""
    found = held(quota(pods="0"))
    draft = Draft(found, Context(NOW, found.names_, SETTINGS, "ada"))
    Delete(("ResourceQuota", "default", "few")).decide(draft)
    Create("Pod", POD).decide(draft)
    assert used(draft.decision()) == {"few": {"pods": "0"}}


SERVICE = {"metadata": {"name": "s", "namespace": "default"}, "spec": {"ports": [{"port": 80}]}}


def test_a_change_is_charged_by_what_it_adds() -> None:
    """A Service that becomes one with ports on nodes; one that changes in another way costs nothing."""
    found = held(quota(fields=True, hard={"services.nodeports": "1"}))
    found.do(Create("Service", SERVICE), KUBECTL)
    key = ("Service", "default", "s")
    merge = PatchType.MERGE
    labelled = found.decide(Patch(key, merge, {"metadata": {"labels": {"a": "b"}}}), KUBECTL)
    assert used(labelled) == {}
    opened = found.do(Patch(key, merge, {"spec": {"type": "NodePort"}}), KUBECTL)
    assert used(opened) == {"few": {"services.nodeports": "1"}}
    owners = found.manifest(("ResourceQuota", "default", "few"))["metadata"]["managedFields"]
    assert [(one["manager"], one["subresource"]) for one in owners] == [("kube-apiserver", "status")]
    more = [{"port": 80, "name": "a"}, {"port": 81, "name": "b"}]
    with pytest.raises(Forbidden, match=re.escape('services "s" is forbidden: exceeded quota: few')):
        found.decide(Patch(key, merge, {"spec": {"ports": more}}), KUBECTL)


def test_a_pod_is_charged_when_it_is_resized() -> None:
    """And when it is given a deadline: that brings it under other quotas."""
    ending = {**quota("ending", pods="0"), "spec": {"hard": {"pods": "0"}, "scopes": ["Terminating"]}}
    found = held(quota(hard={"requests.cpu": "300m"}), ending)
    small = {**MAIN, "resources": {"requests": {"cpu": "100m"}}}
    found.do(Create("Pod", {"metadata": {"name": "bare"}, "spec": {"containers": [small]}}))
    key = ("Pod", "default", "bare")
    pod = found.manifest(key)

    def asking(cpu: str) -> Manifest:
        container = {**pod["spec"]["containers"][0], "resources": {"requests": {"cpu": cpu}}}
        return {**pod, "spec": {**pod["spec"], "containers": [container]}}

    decision = found.decide(Replace(key, asking("250m"), subresource="resize"))
    assert used(decision) == {"few": {"requests.cpu": "250m"}}
    with pytest.raises(Forbidden, match=r"requested: requests\.cpu=300m, used: requests\.cpu=100m"):
        found.decide(Replace(key, asking("400m"), subresource="resize"))
    with pytest.raises(Forbidden, match="exceeded quota: ending"):
        found.decide(Patch(key, PatchType.MERGE, {"spec": {"activeDeadlineSeconds": 9}}))


def test_a_limit_range_fills_in_and_refuses() -> None:
    """What it filled in belongs to nobody; what breaks a rule is told before what is out of bounds."""
    found = ledger()
    found.do(Create("LimitRange", LIMITS))
    made = found.decide(Create("Pod", POD), KUBECTL).changes[0].manifest
    assert made["spec"]["containers"][0]["resources"] == {
        "requests": {"cpu": "200m"},
        "limits": {"cpu": "200m"},
    }
    assert ANNOTATION in made["metadata"]["annotations"]
    (owner,) = made["metadata"]["managedFields"]
    assert "f:metadata" not in owner["fieldsV1"]
    assert "f:cpu" not in str(owner["fieldsV1"])
    large = {**MAIN, "resources": {"limits": {"cpu": "2"}}}
    with pytest.raises(Forbidden, match='pods "bare" is forbidden: maximum cpu usage per Container is 1'):
        found.decide(Create("Pod", {**POD, "spec": {"containers": [large]}}))
    broken = {**MAIN, "resources": {"requests": {"cpu": "2"}}}
    with pytest.raises(Invalid, match="must be less than or equal to cpu limit of 200m"):
        found.decide(Create("Pod", {**POD, "spec": {"containers": [broken]}}))


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"initContainers": [{"name": "first", "image": "x:1"}]}, "spec.containers"),
        ({"containers": []}, "spec.containers"),
        ({"containers": [{"image": "x:1"}]}, "spec.containers[0].name"),
    ],
)
def test_a_pod_that_is_wrong_is_refused_as_such_beside_a_limit_range(spec: Manifest, path: str) -> None:
    """Defaults are filled in before validation, which still tells what is missing."""
    found = held()
    found.do(Create("LimitRange", LIMITS))
    with pytest.raises(Invalid) as refused:
        found.do(Create("Pod", {"metadata": {"name": "wrong"}, "spec": spec}))
    assert path in [cause.field for cause in refused.value.causes]
