"""Edits that begin and stop a drain, and the rule of who goes."""

from __future__ import annotations

import pytest

from controller.engine.changes import Verb
from controller.engine.disruption.drain import (
    DRAIN_ANNOTATION,
    DRAIN_STATUS_ANNOTATION,
    MIRROR_ANNOTATION,
    DrainOptions,
    DrainStatus,
    Fate,
    fate_of,
)
from controller.engine.edits.drain import Drain, StopDrain
from controller.engine.errors import DrainRefused, NotFound
from controller.engine.objects import Manifest, Pod
from tests.engine.edits.ledger import NODE, NOW, Ledger, ledger

ALL = DrainOptions(local_data=True, unmanaged=True)
NONE = DrainOptions()
DATA = [{"name": "cache", "emptyDir": {}}]


def owned(kind: str) -> list[Manifest]:
    """Return the ownerReferences of a pod of a workload called agent."""
    return [{"kind": kind, "name": "agent", "uid": "u", "controller": True}]


def pod(
    *,
    name: str = "one",
    owner: str = "",
    phase: str = "Running",
    mirror: bool = False,
    volumes: object = (),
    created: str = "",
) -> Manifest:
    """Return a pod of the node ``plain``."""
    meta: Manifest = {"name": name, "namespace": "default", "uid": name, "creationTimestamp": created}
    meta |= {"ownerReferences": owned(owner)} if owner else {}
    meta |= {"annotations": {MIRROR_ANNOTATION: "hash"}} if mirror else {}
    return {
        "metadata": meta,
        "spec": {"nodeName": "plain", "volumes": list(volumes) if isinstance(volumes, list) else []},
        "status": {"phase": phase},
    }


@pytest.mark.parametrize(
    ("manifest", "options", "has_set", "fate"),
    [
        pytest.param(pod(owner="ReplicaSet"), NONE, True, Fate.GOES, id="managed"),
        pytest.param(pod(owner="DaemonSet"), ALL, True, Fate.DAEMON, id="daemon"),
        pytest.param(pod(owner="DaemonSet"), NONE, False, Fate.UNMANAGED, id="daemon of no set"),
        pytest.param(pod(owner="DaemonSet"), ALL, False, Fate.GOES, id="daemon of no set, by force"),
        pytest.param(pod(owner="DaemonSet", phase="Failed"), NONE, True, Fate.GOES, id="finished daemon"),
        pytest.param(pod(owner="Node", mirror=True), ALL, True, Fate.MIRROR, id="mirror"),
        pytest.param(pod(), NONE, True, Fate.UNMANAGED, id="bare"),
        pytest.param(pod(), DrainOptions(unmanaged=True), True, Fate.GOES, id="bare, by force"),
        pytest.param(pod(phase="Succeeded"), NONE, True, Fate.GOES, id="finished"),
        pytest.param(pod(owner="ReplicaSet", volumes=DATA), NONE, True, Fate.LOCAL_DATA, id="local data"),
        pytest.param(
            pod(owner="ReplicaSet", volumes=DATA),
            DrainOptions(local_data=True),
            True,
            Fate.GOES,
            id="given away",
        ),
        pytest.param(pod(volumes=DATA, phase="Failed"), NONE, True, Fate.GOES, id="finished, with data"),
        pytest.param(
            pod(created="2026-01-02"), DrainOptions(begun="2026-01-01"), True, Fate.NEWCOMER, id="newcomer"
        ),
    ],
)
def test_who_goes(manifest: Manifest, options: DrainOptions, has_set: bool, fate: Fate) -> None:  # noqa: FBT001 -- of a table
    """Daemon and mirror pods stay, what nobody would make anew or would lose data needs a word."""
    assert fate_of(Pod.read(manifest, {}), options, lambda _space, _name: has_set) is fate


@pytest.mark.parametrize("options", [NONE, ALL, DrainOptions(grace=0, pods=7, begun="2026-01-01T00:00:00Z")])
def test_options_are_read_as_they_are_written(options: DrainOptions) -> None:
    """An annotation says the options, whoever reads it."""
    assert DrainOptions.read(options.text()) == options


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        '{"gracePeriodSeconds": -1}',
        '{"gracePeriodSeconds": true}',
        '{"gracePeriodSeconds": "1"}',
        '{"begun": 1}',
        '{"pods": -1}',
        "[" * 100_000,
    ],
)
def test_options_that_are_none(text: str) -> None:
    """What is not well formed is no drain."""
    assert DrainOptions.read(text) is None


def test_the_status() -> None:
    """Who is in the way is read as it was written; of many only the first, and nothing of nonsense."""
    status = DrainStatus({"default/a": "web"}, {"default/b": "unmanaged"})
    assert DrainStatus.read(status.text()) == status
    assert DrainStatus({}, {}).text() == ""
    many = DrainStatus({f"default/{n:03}": "web" for n in range(100)}, {})
    assert list(DrainStatus.read(many.text()).held) == [f"default/{n:03}" for n in range(20)]
    for text in ("", "x", "[]", '{"refused": 1}', "[" * 100_000):
        assert DrainStatus.read(text) == DrainStatus({}, {})


def drained(made: Ledger) -> str:
    """Return the options with which the node is drained, or ""."""
    annotations: dict[str, str] = made.manifest(NODE)["metadata"].get("annotations") or {}
    return annotations.get(DRAIN_ANNOTATION, "")


def test_a_drain_begins_and_is_stopped() -> None:
    """The node is cordoned and says how it is drained; one that is stopped stays cordoned."""
    made = ledger()
    made.write("Pod", pod(owner="DaemonSet"))
    made.write("Pod", pod(name="going", owner="ReplicaSet"))
    made.write("Pod", {**pod(name="elsewhere"), "spec": {"nodeName": "other"}})
    decision = made.do(Drain(["plain"], DrainOptions(grace=5)))
    assert [(fact.action, fact.values) for fact in decision.facts] == [
        ("node_drain", {"nodes": ["plain"], "count": 1})
    ]
    assert made.manifest(NODE)["spec"]["unschedulable"]
    assert DrainOptions.read(drained(made)) == DrainOptions(grace=5, begun=NOW.stamp, pods=1)
    assert made.do(StopDrain(["plain"])).facts[0].action == "node_drain_stop"
    assert drained(made) == ""
    assert made.manifest(NODE)["spec"]["unschedulable"]
    assert made.do(StopDrain(["plain"])).facts == ()


def test_a_drain_that_nobody_agreed_to() -> None:
    """Pods that would be lost are named, and nothing is done; those that go already do not count."""
    made = ledger()
    made.write("Pod", pod(name="bare"))
    made.write("Pod", pod(name="cache", owner="ReplicaSet", volumes=DATA))
    leaving = pod(name="leaving")
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    made.write("Pod", leaving)
    with pytest.raises(DrainRefused) as refused:
        made.do(Drain(["plain"], NONE))
    assert (refused.value.unmanaged, refused.value.local_data) == (("default/bare",), ("default/cache",))
    assert "default/bare, default/cache" in refused.value.sentence
    assert not made.manifest(NODE)["spec"].get("unschedulable")
    made.do(Drain(["plain"], ALL))
    assert drained(made)


def test_a_second_drain_begins_anew() -> None:
    """Who was in the way of the drain before is forgotten."""
    made = ledger()
    node = made.manifest(NODE)
    annotated = {**node["metadata"], "annotations": {DRAIN_STATUS_ANNOTATION: "old"}}
    made.write("Node", {**node, "metadata": annotated})
    (change,) = made.do(Drain(["plain"], NONE)).changes
    assert change.verb is Verb.MODIFIED
    assert DRAIN_STATUS_ANNOTATION not in made.manifest(NODE)["metadata"]["annotations"]


def test_a_node_that_is_not_there() -> None:
    """Nothing is drained if one of the nodes is not there."""
    for request in (Drain(["plain", "gone"], NONE), StopDrain(["gone"])):
        with pytest.raises(NotFound):
            ledger().do(request)
