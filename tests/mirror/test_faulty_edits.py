"""Edits of a real cluster whose API server fails: what is told, what is done, and that it is done once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import override_settings

from controller import models
from controller.engine.daemonset.staged.plan import Plan
from controller.engine.daemonset.staged.status import PLAN_STATUS_ANNOTATION, Phase
from controller.engine.kinds import KINDS
from controller.engine.objects import PLAN_ANNOTATION, Manifest
from controller.models import Role
from controller.services.clusters import cluster_delete
from controller.upstream.client import path_of
from tests.clusters import PERSON
from tests.dashboard.visits import answer, text_of, visitor
from tests.mirror import faults
from tests.mirror.conftest import Mirrored, added
from tests.mirror.faults import Slow
from tests.servers import wait_until

PODS = path_of(KINDS["Pod"], "default")
OK, BAD_GATEWAY, CONFLICT, BUSY = 200, 502, 409, 503
LATE = "is not seen here yet"

patient = override_settings(EVERYNODE_UPSTREAM_ECHO=30.0)
"""Where it is waited for what comes for sure: a machine that runs tests is busy."""


def send(path: str, cluster: str = "real", **form: Any) -> Any:
    """Send a form of a page of the mirrored cluster."""
    return answer(visitor(Role.OPERATOR), f"/clusters/{cluster}/{path}", **form)


def labels(real: Mirrored, node: str = "node-1") -> dict[str, str]:
    """Return the labels of a node on the server."""
    return dict(real.api.get(path_of(KINDS["Node"], "", node))["metadata"].get("labels") or {})


def entry() -> models.AuditEntry:
    """Return what was noted last."""
    found = models.AuditEntry.objects.order_by("pk").last()
    assert found
    return found


def writers(real: Mirrored, key: str, value: str) -> int:
    """Return in how many versions of node-1 that were mirrored a label became what it is."""
    before, count = None, 0
    for change in models.Change.objects.filter(cluster=real.id, name="node-1").order_by("number"):
        now = (change.manifest["metadata"].get("labels") or {}).get(key)
        count += now == value != before
        before = now
    return count


@pytest.mark.parametrize("course", [faults.lost, faults.gave_up])
def test_the_answer_is_lost(real: Mirrored, course: faults.Course) -> None:
    """An edit that the server made though its answer was lost is found in the mirror: done, and done once."""
    value, began = str(time.monotonic_ns()), time.monotonic()
    real.proxy.add(course, "patch")
    with patient:
        told = send("nodes/node-1/label/", label=f"lost={value}")
    assert told.status_code == OK
    assert real.proxy.count("patch", since=began) == 1
    assert labels(real)["lost"] == value
    assert LATE not in text_of(told)
    assert entry().facts["echo"]
    assert writers(real, "lost", value) == 1


def test_the_answer_is_lost_and_the_echo_late(real: Mirrored) -> None:
    """Where neither the answer nor the watch tells of an edit it is said and noted that this is not known."""
    slow = Slow(head=False)
    real.proxy.add(slow, "watch", "nodes")
    real.proxy.cut()
    real.await_state("live")
    real.proxy.add(faults.lost, "patch")
    told = send("nodes/node-1/label/", label="dark=yes")
    assert told.status_code == BAD_GATEWAY
    assert "Whether it did what was asked is not known" in text_of(told)
    assert entry().facts["unseen"] is True
    slow.let_go()
    wait_until(lambda: (real.node("node-1")["metadata"]["labels"]).get("dark") == "yes", what="the label")
    patches = real.proxy.count("patch")
    assert send("nodes/node-1/label/", label="dark=yes").status_code == OK
    assert real.proxy.count("patch") == patches  # it stands there


def test_a_promotion_ahead_of_the_mirror(real: Mirrored) -> None:
    """Who promotes a wave that waits on the server, of which the mirror is still to tell, is not refused."""
    agent, rollout = path_of(KINDS["DaemonSet"], "default", "agent"), "sets/default/agent/rollout/do/"

    def marks() -> Manifest:
        return dict(real.api.get(agent)["metadata"].get("annotations") or {})

    real.api.label("node-1", canary="yes")
    plan = Plan.of({"canary": "canary=yes", "promotion": "AfterCanary"}).text()
    slow = Slow(head=False)
    real.proxy.add(slow, "watch", "daemonsets")
    real.proxy.cut()
    real.await_state("live")
    template = {"metadata": {"annotations": {"turn": str(time.monotonic_ns())}}}
    real.api.patch(
        agent, {"metadata": {"annotations": {PLAN_ANNOTATION: plan}}, "spec": {"template": template}}
    )
    wait_until(lambda: Phase.AWAITING in marks().get(PLAN_STATUS_ANNOTATION, ""), what="the canary's end")

    async def told_meanwhile(exchange: faults.Exchange) -> None:
        slow.let_go()
        await faults.through(exchange)

    looked = real.proxy.add(told_meanwhile, "get", "daemonsets", name="agent")
    with patient:
        assert send(rollout, action="promote", wave="canary").status_code == OK
    assert looked.met == 1
    wait_until(lambda: PLAN_ANNOTATION not in marks(), what="the end of the rollout")
    told = send(rollout, action="promote", wave="canary")
    assert told.status_code == CONFLICT
    assert "does not wait for a promotion of canary" in text_of(told)


def test_the_echo_is_late(real: Mirrored) -> None:
    """What was sent and is not seen again in time is said to be sent, and to be not seen yet."""
    slow = Slow(head=False)
    real.proxy.add(slow, "watch", "nodes")
    real.proxy.cut()
    real.await_state("live")
    told = send("nodes/node-1/label/", label="late=yes")
    assert told.status_code == OK
    assert LATE in text_of(told)
    assert labels(real)["late"] == "yes"
    assert entry().facts["unseen"] is True
    slow.let_go()


def test_nothing_was_sent(real: Mirrored) -> None:
    """Where there is no connection to be had nothing was changed, and that is what is said."""
    real.proxy.vanish()
    count = models.AuditEntry.objects.count()
    told = send("nodes/node-1/label/", label="never=yes")
    assert told.status_code == BAD_GATEWAY
    assert "is not reached" in text_of(told)
    assert "Nothing was changed" in text_of(told)
    assert models.AuditEntry.objects.count() == count
    assert "never" not in labels(real)


@pytest.mark.parametrize(("code", "status"), [(500, BAD_GATEWAY), (403, 403), (429, BUSY)])
def test_it_is_refused(real: Mirrored, code: int, status: int) -> None:
    """What the server refuses is told in its words; it is asked once, and nothing is noted as done."""
    fault = real.proxy.add(faults.refused(code, "webhook said no"), "patch", times=None)
    count = models.AuditEntry.objects.count()
    told = send("nodes/node-1/label/", label="refused=yes")
    assert told.status_code == status
    assert "webhook said no" in text_of(told)
    assert (fault.met, models.AuditEntry.objects.count()) == (1, count)


def test_it_is_overloaded_for_a_moment(real: Mirrored) -> None:
    """A server that asks for a little patience gets it, and then the edit."""
    real.proxy.add(faults.refused(429, "too many", Retry_After="1"), "patch")
    began = time.monotonic()
    with patient:
        assert send("nodes/node-1/label/", label="patient=yes").status_code == OK
    first, second = [one.at for one in real.proxy.asked if one.verb == "patch" and one.at >= began]
    assert second - first >= 1
    assert labels(real)["patient"] == "yes"


def test_it_fails_in_the_middle(real: Mirrored) -> None:
    """Of several deletions those that were made are counted, and the others stay."""
    for name in ("gone-1", "gone-2", "gone-3"):
        real.api.post(
            path_of(KINDS["Node"]), {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
        )
    real.await_rows()
    real.proxy.add(faults.through, "delete", "nodes")
    real.proxy.add(faults.refused(500, "etcd is away"), "delete", "nodes")
    told = send("table/chosen/", action="remove", node=["gone-1", "gone-2", "gone-3"])
    assert told.status_code == CONFLICT
    assert "1 of 3" in text_of(told)
    assert "etcd is away" in text_of(told)
    assert entry().facts["partly"] == {"names": ["gone-1"], "made": 1, "count": 3}
    left = {node["metadata"]["name"] for node in real.api.items("Node") if "gone" in node["metadata"]["name"]}
    assert len(left) == 2
    for name in left:
        real.api.delete(path_of(KINDS["Node"], "", name))


def test_the_pod_is_another_by_now(real: Mirrored) -> None:
    """A deletion is meant for the pod that was seen: not for one of its name that came after."""
    slow = Slow(head=False)
    real.proxy.add(slow, "watch", "pods")
    real.proxy.cut()
    real.await_state("live")
    pod = next(one for one in real.api.items("Pod") if one["metadata"].get("ownerReferences"))
    name = pod["metadata"]["name"]
    real.proxy.add(_as_uid("another"), "delete", "pods")
    told = send(f"pods/default/{name}/delete/")
    slow.let_go()
    assert told.status_code == CONFLICT


def _as_uid(uid: str) -> faults.Course:
    return faults.answered(409, {"kind": "Status", "code": 409, "message": f"the UID is {uid}"})


def test_two_of_us(real: Mirrored) -> None:
    """Two mirrors of one cluster see each other's edits, and neither overwrites what the other wrote."""
    too = added(real.api, real.proxy, "real-too")
    too.await_rows()
    for turn in range(3):
        for one in ("real", "real-too"):
            with patient:
                told = send("nodes/node-2/label/", cluster=one, label=f"{one}-{turn}=x")
            assert told.status_code == OK, text_of(told)
    wanted = {f"{one}-{turn}" for one in ("real", "real-too") for turn in range(3)}
    assert wanted <= labels(real, "node-2").keys()

    def both_know() -> bool:
        return all(wanted <= _labels(one.node("node-2")).keys() for one in (real, too))

    wait_until(both_know, what="labels in both")
    cluster_delete(cluster=too.id, actor=PERSON)


def _labels(node: Manifest) -> dict[str, str]:
    return dict(node["metadata"].get("labels") or {})
