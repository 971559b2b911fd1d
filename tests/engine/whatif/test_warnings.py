"""What is said of an edit before it is made."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.edits.daemonsets import SetStrategy
from controller.engine.edits.nodes import PatchLabels, RemoveNodes
from controller.engine.edits.objects import Create, Patch, PatchType
from controller.engine.edits.workloads import SetBehaviour, SetImage
from controller.engine.objects import PAUSED_ANNOTATION as PAUSED
from controller.engine.objects import Key
from controller.engine.whatif.warnings import Risk, Warning  # noqa: A004 -- see there
from tests.engine.play import Play
from tests.engine.whatif.plays import SLOW, running, slow_play, tried
from tests.engine.workloads import Workloads

SET: Key = ("DaemonSet", "default", "agent")


def template(**spec: Any) -> Patch:
    """Return an edit of what the pods of the set ask for."""
    return Patch(SET, PatchType.STRATEGIC, {"spec": {"template": {"spec": spec}}})


def risks(play: Play, request: Any) -> dict[Risk, Warning]:
    """Return what is said of an edit."""
    _run, _effects, said = tried(play, request)
    assert len({one.risk for one in said}) == len(said)
    return {one.risk: one for one in said}


def test_a_harmless_edit_has_no_warning() -> None:
    """A rollout within its budget is nothing to be warned of."""
    play = slow_play("a", "b", "c")
    running(play)

    assert risks(play, SetImage(SET, "main", "agent:2")) == {}


def test_a_selector_that_matches_nothing() -> None:
    """No node has the label: all pods would go."""
    play = slow_play("a", "b")
    running(play)
    said = risks(play, template(nodeSelector={"disk": "ssd"}))

    assert said[Risk.MATCHES_NOTHING].facts == {"selector": "disk=ssd", "nodes": 2}
    assert said[Risk.MATCHES_NOTHING].owner == SET


def test_a_set_that_matched_nothing_before_is_not_blamed_on_an_edit() -> None:
    """What was so before, and is not touched, is no warning."""
    play = slow_play("a", "b")
    running(play, pod={"nodeSelector": {"disk": "ssd"}})

    assert risks(play, PatchLabels(["a"], {"rack": "1"})) == {}


def test_what_fits_nowhere() -> None:
    """The scheduler's own sentence is told with it."""
    play = slow_play("a")
    running(play)
    asks = {"requests": {"cpu": "900"}, "limits": {"cpu": "900"}}
    said = risks(play, template(containers=[{"name": "main", "resources": asks}]))

    facts = said[Risk.DOES_NOT_FIT].facts
    assert (facts["count"], facts["node"]) == (1, "a")
    assert "Insufficient cpu" in str(facts["said"])


def test_pods_that_fail_hold_the_rollout() -> None:
    """An image that cannot be pulled: one pod is replaced, and the others stay."""
    play = slow_play("a", "b", "c")
    running(play)
    said = risks(play, SetImage(SET, "main", "agent:does-not-exist"))

    assert said[Risk.FAILS].facts["count"] == 1
    assert "Image" in str(said[Risk.FAILS].facts["reason"])
    assert said[Risk.STANDS_STILL].facts == {"pods": 2}


def test_pods_that_are_refused() -> None:
    """A service account that is not there."""
    play = slow_play("a", "b")
    running(play)
    said = risks(play, template(serviceAccountName="nobody"))

    assert "nobody" in str(said[Risk.REFUSED].facts["said"])


def test_a_second_update_while_pods_are_not_available_yet() -> None:
    """Pods that are ready and not available yet are replaced at once: the budget does not hold them back."""
    play = slow_play("a", "b", "c")
    uid = running(play, minReadySeconds=30)
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 2, "maxSurge": 0}}
    play.change_set(uid, updateStrategy=strategy)
    play.wait(60)
    play.set_image(uid, "agent:2")
    play.wait(10)
    play.change_set(uid, updateStrategy={**strategy, "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}})
    play.settle()
    said = risks(play, SetImage(SET, "main", "agent:3"))

    assert said[Risk.NOT_READY_YET].facts == {"pods": 2, "seconds": 30}
    assert said[Risk.OVER_BUDGET].facts == {"unavailable": 2, "budget": 1}


def test_the_last_ready_pod_of_a_zone() -> None:
    """For five seconds zone one has none; a zone that loses it for good is told of as such."""
    play = slow_play("a", "b", "c", a="one", b="two", c="two")
    running(play)

    assert risks(play, SetImage(SET, "main", "agent:2"))[Risk.LAST_IN_ZONE].facts == {
        "zones": "one",
        "count": 1,
        "seconds": 5.0,
    }
    assert risks(play, RemoveNodes(["a"]))[Risk.ZONE_LEFT].facts == {"zones": "one", "count": 1}


@pytest.mark.parametrize(("strategy", "risk"), [("OnDelete", Risk.ON_DELETE), ("RollingUpdate", Risk.PAUSED)])
def test_an_update_that_replaces_nothing(strategy: str, risk: Risk) -> None:
    """OnDelete waits for people, and a paused rollout for its end."""
    play = slow_play("a", "b")
    uid = running(play, strategy={"type": strategy})
    if risk is Risk.PAUSED:
        play.mark_set(
            uid, annotations={**play.sets[uid].ds.manifest["metadata"]["annotations"], PAUSED: "true"}
        )
        play.settle()

    assert risks(play, SetImage(SET, "main", "agent:2"))[risk].facts == {"pods": 2}


def test_a_pod_of_nobody_does_not_come_back() -> None:
    """Its node goes, and nobody makes it anew."""
    play = slow_play("a", "b")
    spec = {"nodeName": "a", "containers": [{"name": "main", "image": "one:1"}]}
    meta = {"name": "bare", "namespace": "default", "uid": "bare-1"}
    play.edit("Pod", {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
    play.wait(10)

    assert risks(play, RemoveNodes(["a"]))[Risk.NOT_COMING_BACK].facts == {"count": 1}


def test_a_strategy_alone_moves_nothing() -> None:
    """There is nothing to be said of it, but the set is told of."""
    play = slow_play("a", "b")
    running(play)
    _run, (effect,), said = tried(play, SetStrategy(SET, min_ready_seconds=7))

    assert (effect.owner, effect.nodes, said) == (SET, frozenset(), ())


def test_pods_that_never_get_ready_are_told_once() -> None:
    """A set that behaves badly: one warning, however many of its pods do."""
    play = slow_play("a")
    running(play)

    assert risks(play, SetBehaviour(SET, "crash-loop")).keys() == {Risk.FAILS}


FEW = {
    "metadata": {"name": "few", "namespace": "default", "uid": "few"},
    "spec": {"hard": {"pods": "1"}},
}


def test_a_quota_without_room() -> None:
    """A node that is to have a pod gets none; what was refused before, or has all it wants, is not told."""
    play = slow_play("a", "b", "c")
    play.label("a", disk="ssd")
    play.edit("ResourceQuota", FEW)
    running(play, pod={"nodeSelector": {"disk": "ssd"}})
    assert Risk.REFUSED not in risks(play, SetImage(SET, "main", "agent:2"))
    said = risks(play, PatchLabels(["b"], {"disk": "ssd"}))
    assert "exceeded quota: few" in str(said[Risk.REFUSED].facts["said"])
    play.label("b", disk="ssd")
    play.wait(60)
    assert risks(play, PatchLabels(["c"], {"disk": "ssd"})) == {}


def test_a_quota_without_room_for_a_deployment() -> None:
    """Its ReplicaSet is refused the pod that it is asked for: that is told of the Deployment, once."""
    play = Workloads("a", settings=SLOW)
    play.edit("ResourceQuota", FEW)
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    play.make("Deployment", {"metadata": {"name": "web"}, "spec": spec})
    play.wait(60)
    web: Key = ("Deployment", "default", "web")
    (said,) = risks(play, Patch(web, PatchType.MERGE, {"spec": {"replicas": 2}})).values()
    assert (said.risk, said.owner) == (Risk.REFUSED, web)
    play.change("Deployment", "web", replicas=3)
    play.wait(60)
    assert risks(play, Patch(web, PatchType.MERGE, {"spec": {"replicas": 4}})) == {}


def test_a_quota_without_room_for_a_replicaset() -> None:
    """One without a Deployment is told of itself."""
    play = Workloads("a", settings=SLOW)
    play.edit("ResourceQuota", FEW)
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "web:1"}]}}
    raw = {"metadata": {"name": "web"}, "spec": {"replicas": 2, "template": template}}
    play.edit("Namespace", {"metadata": {"name": "default", "uid": "default"}})
    play.settle()
    (said,) = risks(play, Create("ReplicationController", raw)).values()
    assert (said.risk, said.owner) == (Risk.REFUSED, ("ReplicationController", "default", "web"))
