"""The rules of deletion: policies, grace, finalizers, conditions, namespaces."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.edits.deletion import BORN_NAMESPACES, Delete, DeleteAll, Options
from controller.engine.edits.objects import Create, Patch, PatchType
from controller.engine.errors import AlreadyExists, BadRequest, Conflict, Forbidden, NotFound
from controller.engine.namespaces import NamespaceTerminating
from controller.engine.objects import Key, Manifest
from tests.builders import pod_manifest
from tests.engine.edits.ledger import NOW, SET, Ledger, ledger

MAP: Key = ("ConfigMap", "default", "words")
POD: Key = ("Pod", "default", "agent-first")


def with_map(*finalizers: str) -> Ledger:
    """Return a cluster with a ConfigMap that these hold."""
    made = ledger()
    made.do(
        Create(
            "ConfigMap", {"metadata": {"name": "words", "namespace": "default", "finalizers": [*finalizers]}}
        )
    )
    return made


def with_pod(**facts: Any) -> Ledger:
    """Return a cluster with a pod."""
    made = ledger()
    made.write("Pod", pod_manifest(**facts))
    return made


def finalizers(manifest: Manifest) -> list[str]:
    """Return what holds an object."""
    found: list[str] = manifest["metadata"].get("finalizers") or []
    return found


def test_what_nothing_holds_goes_at_once() -> None:
    """The change is a deletion, and it is the result: who asked can tell what went."""
    decision = with_map().do(Delete(MAP))
    assert [change.verb for change in decision.changes] == [Verb.DELETED]
    assert decision.results == decision.changes
    assert [(fact.action, fact.about, fact.values) for fact in decision.facts] == [
        ("object_delete", "ConfigMap default/words", {})
    ]


def test_what_finalizers_hold_is_marked() -> None:
    """It stays until the last of them is taken away, then it is gone, in the same request."""
    made = with_map("example.com/a", "example.com/b")
    (left,) = made.do(Delete(MAP)).results
    assert left.manifest["metadata"]["deletionTimestamp"] == NOW.stamp
    assert not made.do(Delete(MAP)).changes
    said = '^object is being deleted: configmaps "words" already exists$'
    with pytest.raises(AlreadyExists, match=said):
        made.do(Create("ConfigMap", {"metadata": {"name": "words", "namespace": "default"}}))

    drop = {"metadata": {"finalizers": ["example.com/b"]}}
    assert [one.verb for one in made.do(Patch(MAP, PatchType.MERGE, drop)).changes] == [Verb.MODIFIED]
    last = made.do(Patch(MAP, PatchType.MERGE, {"metadata": {"finalizers": []}}))
    assert [one.verb for one in last.changes] == [Verb.MODIFIED, Verb.DELETED]
    assert made.find(*MAP) is None


POLICIES: list[Any] = [
    pytest.param([], "", [], id="no policy, nothing held"),
    pytest.param([], "Background", [], id="background"),
    pytest.param([], "Foreground", ["foregroundDeletion"], id="foreground"),
    pytest.param([], "Orphan", ["orphan"], id="orphan"),
    pytest.param(["orphan"], "", ["orphan"], id="no policy: what stands already"),
    pytest.param(["orphan"], "Foreground", ["foregroundDeletion"], id="another mind"),
    pytest.param(["a.b/c", "orphan"], "Background", ["a.b/c"], id="those of others stay"),
]


@pytest.mark.parametrize("key", [MAP, SET])
@pytest.mark.parametrize(("standing", "policy", "left"), POLICIES)
def test_policies(key: Key, standing: list[str], policy: str, left: list[str]) -> None:
    """A policy is a finalizer for the garbage collector, of whatever kind the object is."""
    made = with_map()
    made.do(Patch(key, PatchType.MERGE, {"metadata": {"finalizers": standing}}))
    made.do(Delete(key, Options(policy)))
    found = made.find(*key)
    assert (finalizers(found.manifest) if found else []) == left


def test_the_generation_counts_a_deletion_once() -> None:
    """An object that counts generations is one further when it is being deleted, however often."""
    made = ledger()
    before = made.manifest(SET)["metadata"]["generation"]
    made.do(Delete(SET, Options("Foreground")))
    made.do(Delete(SET, Options("Orphan")))
    assert made.manifest(SET)["metadata"]["generation"] == before + 1


def test_a_running_pod_is_stopped() -> None:
    """It is marked with its own grace period, and stops after the delay that is set."""
    made = with_pod(node="plain")
    (left,) = made.do(Delete(POD)).results
    assert left.manifest["metadata"]["deletionGracePeriodSeconds"] == 30
    assert left.timers["stop"] == NOW.cluster + 2


def test_a_shorter_grace() -> None:
    """A second deletion may shorten the grace period, and never lengthens it."""
    made = with_pod(node="plain")
    made.do(Delete(POD, Options(grace=20)))
    assert not made.do(Delete(POD)).changes
    assert not made.do(Delete(POD, Options(grace=25))).changes
    (change,) = made.do(Delete(POD, Options(grace=1))).changes
    assert change.manifest["metadata"]["deletionGracePeriodSeconds"] == 1
    assert change.timers["stop"] == NOW.cluster + 1


@pytest.mark.parametrize("facts", [{"node": ""}, {"node": "plain", "phase": "Succeeded"}])
def test_a_pod_that_no_kubelet_runs(facts: dict[str, str]) -> None:
    """It goes at once; there is nothing to stop."""
    made = with_pod(**facts)
    assert [change.verb for change in made.do(Delete(POD)).changes] == [Verb.DELETED]


def test_by_force() -> None:
    """A pod is removed without its kubelet, but not without those who hold it by finalizers."""
    made = with_pod(node="plain")
    (fact,) = made.do(Delete(POD, Options(grace=0))).facts
    assert made.find(*POD) is None
    assert fact.values == {"force": True}

    held = with_pod(node="plain")
    held.do(Patch(POD, PatchType.MERGE, {"metadata": {"finalizers": ["example.com/hold"]}}))
    held.do(Delete(POD, Options(grace=0)))
    assert held.manifest(POD)["metadata"]["deletionGracePeriodSeconds"] == 0
    held.do(Patch(POD, PatchType.MERGE, {"metadata": {"finalizers": None}}))
    assert held.find(*POD) is None


def test_a_stopping_pod_is_its_kubelets() -> None:
    """While a kubelet stops it, no edit makes it go sooner."""
    made = with_pod(node="plain")
    made.do(Delete(POD))
    made.do(Patch(POD, PatchType.MERGE, {"metadata": {"labels": {"x": "y"}}}))
    assert made.find(*POD)


@pytest.mark.parametrize("options", [Options(uid="another"), Options(version="1")])
def test_conditions(options: Options) -> None:
    """Of another object, or another version of it, nothing is deleted."""
    made = with_map()
    with pytest.raises(Conflict):
        made.do(Delete(MAP, options))
    meta = made.manifest(MAP)["metadata"]
    made.do(Delete(MAP, Options(uid=meta["uid"], version=meta["resourceVersion"])))
    assert made.find(*MAP) is None


@pytest.mark.parametrize("options", [Options("Sideways"), Options(grace=-1)])
def test_options_that_do_not_exist(options: Options) -> None:
    """They are refused, for one object and for many."""
    with pytest.raises(BadRequest):
        with_map().do(Delete(MAP, options))
    with pytest.raises(BadRequest):
        with_map().do(DeleteAll([MAP], options))


def test_many() -> None:
    """Those that are there go, and are the results as they stood; one that is not there is left out."""
    made = with_map()
    standing = made.manifest(MAP)
    decision = made.do(DeleteAll([MAP, ("ConfigMap", "default", "gone"), SET], Options("Orphan")))
    assert decision.results[0].manifest == standing
    assert [result.key for result in decision.results] == [MAP, SET]
    assert len(decision.facts) == 2


def test_a_namespace_goes_whole() -> None:
    """It takes all that is in it; whoever holds the namespace itself keeps it, emptied."""
    made = ledger()
    made.do(Create("Namespace", {"metadata": {"name": "apart"}}))
    keys = [change.key for change in made.do(Delete(("Namespace", "", "apart"))).changes]
    assert keys == [
        ("ServiceAccount", "apart", "default"),
        ("ConfigMap", "apart", "kube-root-ca.crt"),
        ("Namespace", "", "apart"),
    ]


def test_a_namespace_in_which_pods_run_stays_until_they_have_stopped() -> None:
    """It is Terminating, and so are they; all else in it waits. To delete it again changes nothing."""
    made, space = ledger(), ("Namespace", "", "apart")
    made.do(Create("Namespace", {"metadata": {"name": "apart"}}))
    made.write("Pod", pod_manifest(namespace="apart", node="plain"))
    made.write("Event", {"metadata": {"name": "e", "namespace": "apart", "uid": "e"}, "involvedObject": {}})
    decision = made.do(Delete(space))
    assert [(change.key[0], change.verb) for change in decision.changes] == [
        ("Event", Verb.DELETED),
        ("Pod", Verb.MODIFIED),
        ("Namespace", Verb.MODIFIED),
    ]
    (left,) = decision.results
    assert left.manifest["status"]["phase"] == "Terminating"
    assert left.manifest["metadata"]["deletionTimestamp"] == NOW.stamp
    assert not made.do(Delete(space)).changes
    made.do(Patch(space, PatchType.MERGE, {"metadata": {"labels": {"a": "b"}}}))
    assert made.find(*space) is not None


def test_a_namespace_goes_with_what_the_same_request_deleted_before() -> None:
    """Nothing is deleted twice; a finalizer of the namespace itself holds it, emptied."""
    made, space = ledger(), ("Namespace", "", "apart")
    made.do(Create("Namespace", {"metadata": {"name": "apart", "finalizers": ["a.b/c"]}}))
    roots: Key = ("ConfigMap", "apart", "kube-root-ca.crt")
    decision = made.do(DeleteAll([roots, space]))
    assert [change.key for change in decision.changes] == [
        roots,
        ("ServiceAccount", "apart", "default"),
        space,
    ]
    found = made.find(*space)
    assert found is not None
    assert found.manifest["status"]["phase"] == "Terminating"


def test_nothing_new_comes_into_a_namespace_that_goes() -> None:
    """The refusal says why, for programs too; what stands there can still be changed."""
    made = ledger()
    made.do(Create("Namespace", {"metadata": {"name": "apart"}}))
    made.write("Pod", pod_manifest(namespace="apart", node="plain"))
    made.do(Delete(("Namespace", "", "apart")))
    with pytest.raises(NamespaceTerminating) as refused:
        made.do(Create("ConfigMap", {"metadata": {"name": "late", "namespace": "apart"}}))
    assert str(refused.value) == (
        'configmaps "late" is forbidden: unable to create new content in namespace apart because it is '
        "being terminated"
    )
    (cause,) = refused.value.causes
    assert (cause.field, cause.kind) == ("metadata.namespace", "NamespaceTerminating")
    drop = {"data": {"a": "b"}}
    assert made.do(Patch(("ConfigMap", "apart", "kube-root-ca.crt"), PatchType.MERGE, drop)).changes


@pytest.mark.parametrize("name", BORN_NAMESPACES)
def test_namespaces_of_the_system_stay(name: str) -> None:
    """The namespaces that every cluster is born with cannot be deleted."""
    made = ledger()
    if name != "default":
        made.do(Create("Namespace", {"metadata": {"name": name}}))
    with pytest.raises(Forbidden, match="may not be deleted"):
        made.do(Delete(("Namespace", "", name)))


def test_priority_classes_of_the_system_stay() -> None:
    """The API server itself needs them; any other goes."""
    made = ledger()
    for name, number in (("system-node-critical", 2_000_001_000), ("mine", 5)):
        made.do(Create("PriorityClass", {"metadata": {"name": name}, "value": number}))
    said = (
        'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority '
        "class and cannot be deleted"
    )
    with pytest.raises(Forbidden, match=said):
        made.do(Delete(("PriorityClass", "", "system-node-critical")))
    assert made.do(Delete(("PriorityClass", "", "mine"))).changes[-1].verb is Verb.DELETED


def test_what_is_not_there() -> None:
    """It cannot be deleted."""
    with pytest.raises(NotFound):
        ledger().do(Delete(MAP))
