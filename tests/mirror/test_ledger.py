"""What is told of a real cluster becomes rows and log: each difference once, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from controller import models
from controller.engine.daemonset.staged.status import MANAGER_ANNOTATION, PLAN_STATUS_ANNOTATION
from controller.engine.objects import Key, Manifest
from controller.mirror.ledger import Ledger, Listed, Rewound, Seen
from controller.store import leases
from controller.store.leases import Lost
from controller.store.mirrors import versions
from controller.store.worlds import manager_of
from dashboard.present.audits import sentence
from tests.builders import daemonset_manifest, node_manifest, pod_manifest
from tests.clusters import OWNER, bare_cluster, everything, folded_log, mirrored, row_of

pytestmark = pytest.mark.django_db

NODE: Key = ("Node", "", "n1")


@pytest.fixture(name="ledger")
def _ledger() -> Ledger:
    real = mirrored(bare_cluster("real"))
    held = leases.acquire(real, OWNER, leases.MIRROR)
    assert held
    return Ledger(held)


def seen(manifest: Manifest, version: str, actor: str = "kubelet") -> Seen:
    """Return an object as it was told."""
    meta = manifest["metadata"]
    return Seen((manifest["kind"], meta.get("namespace") or "", meta["name"]), manifest, version, actor)


def node(name: str = "n1", **facts: Any) -> Manifest:
    """Return a node with a uid of its own."""
    return node_manifest(name, **facts)


def log(ledger: Ledger) -> list[tuple[str, str, str]]:
    """Return verb, name and actor of every change."""
    entries = models.Change.objects.filter(cluster=ledger.held.cluster).order_by("number")
    return list(entries.values_list("verb", "name", "actor"))


def upstream(ledger: Ledger) -> str:
    """Return the version upstream of the node."""
    return models.Node.objects.get(cluster=ledger.held.cluster, name="n1").upstream


def test_what_is_told_is_written(ledger: Ledger) -> None:
    """Objects come, change and go, each under the name of who did it; rows and log agree."""
    ledger.write([seen(node(), "5")], 0.0)
    assert upstream(ledger) == "5"
    ledger.write([seen(node(labels={"disk": "ssd"}), "6", "kubectl-edit"), seen(node("n2"), "7")], 0.0)
    assert upstream(ledger) == "6"
    assert everything(ledger.held.cluster) == folded_log(ledger.held.cluster)
    ledger.write([Seen(NODE, None, "")], 0.0)

    assert log(ledger) == [
        ("ADDED", "n1", "kubelet"),
        ("MODIFIED", "n1", "kubectl-edit"),
        ("ADDED", "n2", "kubelet"),
        ("DELETED", "n1", "api-server"),
    ]
    assert set(everything(ledger.held.cluster)) == {("Node", "", "n2")}


def test_an_earlier_state_comes_back(ledger: Ledger) -> None:
    """After a backup was restored a version may mean something else; what is as before is not written."""
    ledger.write([seen(node(), "5"), seen(node("n2"), "6"), seen(pod_manifest("p"), "7")], 0.0)
    other = seen(node(labels={"disk": "ssd"}), "5", "kubectl-edit")
    assert ledger.write([other], 0.0) == 0
    same = seen(node("n2"), "4"), seen(pod_manifest("p"), "3")
    assert ledger.write([Rewound("Node"), Rewound("Pod"), other, *same], 0.0) == 1
    assert log(ledger)[3:] == [("MODIFIED", "n1", "kubectl-edit")]
    known = {key[2]: version for key, _uid, version in versions(ledger.held.cluster)}
    assert known == {"n1": "5", "n2": "4", "p": "3"}


def test_told_twice_written_once(ledger: Ledger) -> None:
    """A version that is known is not written again, also by who reads the rows anew."""
    ledger.write([seen(node(), "5"), seen(node(), "5")], 0.0)
    again = Ledger(ledger.held)
    again.load()
    assert again.write([seen(node(), "5"), Seen(("Node", "", "unknown"), None, "")], 0.0) == 0
    assert len(log(ledger)) == 1


def test_a_list_tells_who_is_gone(ledger: Ledger) -> None:
    """What a list does not hold is gone; other kinds are not touched by it."""
    pod = pod_manifest("p")
    ledger.write([seen(node(), "1"), seen(node("n2"), "2"), seen(pod, "3")], 0.0)
    ledger.write([seen(node("n3"), "9"), Listed("Node", frozenset({NODE, ("Node", "", "n3")}))], 0.0)

    assert {key[2] for key in everything(ledger.held.cluster)} == {"n1", "n3", "p"}


def test_another_of_that_name(ledger: Ledger) -> None:
    """An object under the same name with another uid is another one: the old one goes, the new one comes."""
    ledger.write([seen(node(), "5")], 0.0)
    other = node()
    other["metadata"] = {**other["metadata"], "uid": "another"}
    ledger.write([seen(other, "6")], 0.0)

    assert [verb for verb, _, _ in log(ledger)] == ["ADDED", "DELETED", "ADDED"]
    assert models.Node.objects.get(cluster=ledger.held.cluster).uid == "another"


def test_heartbeats_are_not_told(ledger: Ledger) -> None:
    """A node of which only the version changed is no change; the version is kept, for edits to build on."""
    ledger.write([seen(node(), "5")], 0.0)
    assert ledger.write([seen(node(), "6"), seen(node(), "7")], 0.0) == 0
    assert upstream(ledger) == "7"
    assert len(log(ledger)) == 1
    ledger.write([seen(node(), "8"), seen(node(labels={"a": "b"}), "9")], 0.0)
    assert upstream(ledger) == "9"


def test_nothing_is_known_of_what_was_not_written(ledger: Ledger) -> None:
    """Whoever lost the lease writes nothing; what was told is told again when it is held anew."""
    models.Mirror.objects.update(fence=7)
    with pytest.raises(Lost):
        ledger.write([seen(node(), "5")], 0.0)
    assert ledger.known == {}
    assert everything(ledger.held.cluster) == {}


def test_the_clock_is_the_servers(ledger: Ledger) -> None:
    """Cluster time is the server's Unix time, set anew when its clock is seen to be off by more than 2 s."""
    ledger.write([seen(node(), "1")], 100.0)
    row = row_of(ledger.held.cluster)
    assert row.anchor_cluster - row.anchor_wall == pytest.approx(100.0)
    ledger.write([seen(node(), "2")], 101.0)
    assert row_of(ledger.held.cluster).anchor_wall == row.anchor_wall
    ledger.write([seen(node(), "3")], 90.0)
    row = row_of(ledger.held.cluster)
    assert row.anchor_cluster - row.anchor_wall == pytest.approx(90.0)


def planned(status: dict[str, Any] | None, manager: str) -> Manifest:
    """Return a set under a plan that somebody carries out, and how far that is."""
    marks = {MANAGER_ANNOTATION: manager} if manager else {}
    marks |= {PLAN_STATUS_ANNOTATION: json.dumps(status)} if status else {}
    return daemonset_manifest(annotations=marks)


def test_steps_of_our_rollouts_are_noted(ledger: Ledger) -> None:
    """Each wave and the end are noted once, with the change in which they were seen; soaking is no step."""
    ours = manager_of(row_of(ledger.held.cluster))
    waves: list[dict[str, Any]] = [
        {"phase": "Waiting"},
        {"phase": "Progressing", "wave": "canary"},
        {"phase": "Soaking", "wave": "canary"},
        {"phase": "Progressing", "wave": "zone=a"},
        {"phase": "Paused", "wave": "zone=a", "reason": "TooManyFailures", "failedNodes": ["n1"]},
    ]
    for version, status in enumerate([None, *waves]):
        ledger.write([seen(planned(status, ours), str(version))], 0.0)
    ledger.write([seen(planned({"phase": "Completed"}, ""), "9")], 0.0)

    entries = models.AuditEntry.objects.filter(action="rollout_step").order_by("pk")
    assert [sentence(one.action, one.about, one.facts).rpartition(": ")[2] for one in entries] == [
        "wave Canary",
        "wave zone=a",
        "n1",
        "every node is up to date",
    ]
    assert [one.number for one in entries] == [3, 5, 6, 7]
    assert {(one.actor, one.about) for one in entries} == {("staged-rollouts", "default/agent")}


def test_steps_of_others_are_not_ours(ledger: Ledger) -> None:
    """What another Everynode does stands in its own list."""
    for version, wave in enumerate(["canary", "zone=a"]):
        ledger.write([seen(planned({"phase": "Progressing", "wave": wave}, "another"), str(version))], 0.0)
    assert not models.AuditEntry.objects.filter(action="rollout_step").exists()
