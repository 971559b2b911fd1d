"""Disruption budgets: what they allow, and what an eviction asks of them."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.differences import differences
from controller.engine.edits.decide import decide
from controller.engine.edits.deletion import Options
from controller.engine.edits.draft import Context
from controller.engine.edits.eviction import Evict
from controller.engine.edits.whatif import WorldObjects
from controller.engine.errors import DisruptionRefused, ManyBudgets, NotFound
from controller.engine.objects import Pod
from tests.engine.workloads import Workloads

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
"""
BUDGET = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: NAME}
spec: {SPEC, selector: {matchLabels: {app: web}}}
"""
BARE = """
apiVersion: v1
kind: Pod
metadata: {name: bare, labels: {app: web}}
spec: {nodeName: a, containers: [{name: main, image: "old:1"}]}
"""


def budget(spec: str, name: str = "web") -> str:
    """Return a budget."""
    return BUDGET.replace("NAME", name).replace("SPEC", spec)


def start(spec: str, *more: str) -> Workloads:
    """Return a cluster with four pods of a Deployment and a budget for them."""
    play = Workloads("a", "b")
    for text in (WEB, budget(spec), *more):
        play.create(text)
    play.settle()
    return play


def told(play: Workloads, name: str = "web") -> tuple[Any, ...]:
    """Return what a budget tells: healthy, needed, expected, allowed and why."""
    status = play.status_of("PodDisruptionBudget", name)
    (condition,) = status["conditions"]
    fields = ("currentHealthy", "desiredHealthy", "expectedPods", "disruptionsAllowed")
    return (*(status[field] for field in fields), condition["reason"])


def evict(play: Workloads, name: str, options: Options = Options()) -> None:  # noqa: B008 -- frozen
    """Evict a pod."""
    context = Context(play.now, play.names, play.settings, "ada")
    decision = decide(WorldObjects(play.world), Evict(("Pod", "default", name), options), context)
    for change in decision.changes:
        play.edit(change.kind, change.manifest, change.verb, change.timers)


def reason(play: Workloads, name: str) -> str:
    """Return for whose sake a pod is deleted, or ""."""
    conditions = play.the("Pod", name).manifest["status"].get("conditions") or ()
    return next((one["reason"] for one in conditions if one["type"] == "DisruptionTarget"), "")


@pytest.mark.parametrize(
    ("spec", "numbers"),
    [
        ("minAvailable: 3", (4, 3, 4, 1, "SufficientPods")),
        ("minAvailable: 4", (4, 4, 4, 0, "InsufficientPods")),
        ("minAvailable: 30%", (4, 2, 4, 2, "SufficientPods")),
        ("maxUnavailable: 1", (4, 3, 4, 1, "SufficientPods")),
        ("maxUnavailable: 30%", (4, 2, 4, 2, "SufficientPods")),
        ("maxUnavailable: 7", (4, 0, 4, 4, "SufficientPods")),
        ("unhealthyPodEvictionPolicy: AlwaysAllow", (4, 1, 4, 3, "SufficientPods")),
    ],
)
def test_what_a_budget_allows(spec: str, numbers: tuple[Any, ...]) -> None:
    """Shares are of what the controllers ask for and round up; without a number one has to be healthy."""
    play = start(spec)
    assert told(play) == numbers
    status = play.status_of("PodDisruptionBudget", "web")
    assert status["observedGeneration"] == status["conditions"][0]["observedGeneration"] == 1


def test_it_follows_pods_and_workloads() -> None:
    """Pods that turn unready or lose the label, scaling, and its own spec."""
    play = start("maxUnavailable: 1")
    play.behave(play.standing()[0].name, "never-ready")
    play.settle()
    assert told(play) == (3, 3, 4, 0, "InsufficientPods")
    play.change("Deployment", "web", replicas=3)
    play.settle()
    assert told(play) == (3, 2, 3, 1, "SufficientPods")
    name = play.standing()[0].name
    play.mark("Pod", name, labels={"app": "other"}, ownerReferences=[])
    play.settle()
    assert told(play) == (3, 2, 3, 1, "SufficientPods")
    play.change("PodDisruptionBudget", "web", selector={"matchLabels": {"app": "other"}})
    play.settle()
    assert told(play)[2:] == (0, 0, "InsufficientPods")
    assert len(play.events("UnmanagedPods")) == 1
    play.change("PodDisruptionBudget", "web", minAvailable=1, maxUnavailable=None)
    play.remove("PodDisruptionBudget", "web")
    play.settle()
    play.remove("Pod", name)
    assert play.tick().changes == ()


def test_a_budget_of_nothing_says_so() -> None:
    """Without pods nothing is allowed; without a selector none is chosen."""
    play = Workloads("a")
    play.create(BARE.replace("name: bare", "namespace: other, name: bare"))
    play.create(budget("minAvailable: 1"))
    play.create(budget("minAvailable: 1", "none").replace(", selector: {matchLabels: {app: web}}", ""))
    play.settle()
    assert told(play) == told(play, "none") == (0, 1, 0, 0, "InsufficientPods")
    assert play.events("NoPods") == ["No matching pods found"] * 2


def test_what_cannot_be_scaled_cannot_be_counted() -> None:
    """A share of daemon pods is of nothing that is asked for."""
    play = Workloads("a")
    play.create(WEB.replace("Deployment", "DaemonSet").replace("replicas: 4", "minReadySeconds: 0"))
    play.create(budget("maxUnavailable: 1"))
    play.settle()
    said = "daemonsets.apps does not implement the scale subresource"
    assert told(play) == (0, 0, 0, 0, "SyncFailed")
    assert play.status_of("PodDisruptionBudget", "web")["conditions"][0]["message"] == said
    assert play.events("CalculateExpectedPodCountFailed") == [
        f"Failed to calculate the number of expected pods: {said}"
    ]


def test_owners_that_are_unknown_or_gone_ask_for_nothing() -> None:
    """A kind that no door serves cannot be counted; a controller that is gone asks for no pods."""
    play = Workloads("a")
    play.create(WEB.replace("Deployment", "ReplicaSet"))
    play.create(budget("maxUnavailable: 1"))
    play.settle()
    assert told(play) == (4, 3, 4, 1, "SufficientPods")
    pod = play.standing()[0]
    reference = {**pod.references[0], "uid": "gone", "name": "gone"}
    meta = {**pod.manifest["metadata"], "name": "stray", "uid": "stray", "ownerReferences": [reference]}
    play.edit("Pod", {**pod.manifest, "metadata": meta}, Verb.ADDED)
    play.tick()
    assert told(play)[2] == 4
    foreign = {**reference, "kind": "Robot", "apiVersion": "robots.io/v1"}
    play.edit(
        "Pod", {**pod.manifest, "metadata": {**meta, "name": "r", "ownerReferences": [foreign]}}, Verb.ADDED
    )
    play.tick()
    assert told(play)[4] == "SyncFailed"


def test_a_set_of_something_unknown_counts_by_itself() -> None:
    """A ReplicaSet whose controller is no Deployment is asked itself."""
    play = Workloads("a")
    play.create(WEB.replace("Deployment", "ReplicaSet"))
    play.create(budget("maxUnavailable: 1"))
    owner = {"apiVersion": "robots.io/v1", "kind": "Robot", "name": "r", "uid": "r", "controller": True}
    play.mark("ReplicaSet", "web", ownerReferences=[owner])
    play.settle()
    assert told(play) == (4, 3, 4, 1, "SufficientPods")


def test_evictions_until_the_budget_is_used_up() -> None:
    """Each takes one from what is allowed at once; then it is refused, and nothing happens."""
    play = start("minAvailable: 3")
    first, second = play.standing()[:2]
    evict(play, first.name)
    assert play.status_of("PodDisruptionBudget", "web")["disruptionsAllowed"] == 0
    with pytest.raises(DisruptionRefused, match="Cannot evict pod as it would violate") as refused:
        evict(play, second.name)
    assert [cause.message for cause in refused.value.causes] == [
        "The disruption budget web needs 3 healthy pods and has 4 currently"
    ]
    assert reason(play, first.name) == "EvictionByEvictionAPI"
    evict(play, first.name)
    play.settle()
    assert told(play) == (4, 3, 4, 1, "SufficientPods")


def test_an_eviction_that_nobody_holds() -> None:
    """Without a budget of the pod's namespace it is a deletion; what is not there is not found."""
    play = start("minAvailable: 4")
    play.create(BARE.replace("app: web", "app: other"))
    play.settle()
    evict(play, "bare")
    play.settle()
    assert play.world.find("Pod", "default", "bare") is None
    with pytest.raises(NotFound):
        evict(play, "bare")


def test_two_budgets_of_one_pod_are_too_many() -> None:
    """The API cannot say which to take it from."""
    play = start("minAvailable: 1", budget("minAvailable: 1", "second"))
    with pytest.raises(ManyBudgets, match="more than one PodDisruptionBudget"):
        evict(play, play.standing()[0].name)


def test_pending_and_finished_pods_go_without_question() -> None:
    """They serve nobody."""
    play = start("minAvailable: 4")
    play.create(BARE.replace("nodeName: a", 'nodeSelector: {"no": where}'))
    play.settle()
    evict(play, "bare")
    assert play.world.find("Pod", "default", "bare") is None
    play.behave(play.standing()[0].name, "exit-1")
    play.tick()
    (over,) = (pod for pod in play.pods() if pod.finished)
    evict(play, over.name)
    assert play.world.find("Pod", "default", over.name) is None


@pytest.mark.parametrize(
    ("policy", "least", "goes"),
    [("IfHealthyBudget", 3, True), ("IfHealthyBudget", 4, False), ("AlwaysAllow", 4, True)],
)
def test_a_pod_that_is_not_ready_goes_more_easily(policy: str, least: int, *, goes: bool) -> None:
    """By policy always, or if enough others are healthy; what is allowed stays as it is."""
    play = start(f"minAvailable: {least}, unhealthyPodEvictionPolicy: {policy}")
    name = play.standing()[0].name
    play.behave(name, "never-ready")
    play.settle()
    if goes:
        evict(play, name)
        found = play.the("Pod", name)
        assert isinstance(found, Pod)
        assert found.terminating
    else:
        with pytest.raises(DisruptionRefused):
            evict(play, name)


def test_a_budget_that_was_just_changed_allows_nothing_yet() -> None:
    """What it allows was worked out for another spec."""
    play = start("minAvailable: 1")
    play.change("PodDisruptionBudget", "web", minAvailable=4)
    with pytest.raises(DisruptionRefused):
        evict(play, play.standing()[0].name)


def test_taints_do_not_ask_and_say_why() -> None:
    """Eviction by taint is a plain deletion, for the sake of the taint."""
    play = start("minAvailable: 4")
    play.annotate_node("a", down="true")
    play.taint("a", "gone", "NoExecute")
    play.tick()
    (name, *_) = (pod.name for pod in play.pods("a"))
    assert reason(play, name) == "DeletionByTaintManager"


def test_a_world_that_is_loaded_anew_knows_its_budgets() -> None:
    """Forks too."""
    play = start("maxUnavailable: 1")
    assert differences(play.world, play.reloaded(), play.now) == []
    play.behave(play.standing()[0].name, "never-ready")
    play.tick()
    assert differences(play.world, play.reloaded(), play.now) == []
