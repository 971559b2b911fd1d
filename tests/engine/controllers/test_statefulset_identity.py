"""The identity of a StatefulSet's pod never stands twice, whatever happens, and order is kept."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from controller.engine.changes import Verb
from controller.engine.objects import HASH_LABEL, Pod
from tests.engine.controllers.test_statefulset import PARALLEL, SET
from tests.engine.workloads import Workloads

NODES = ("a", "b")
MOST = 5


class Cluster(RuleBasedStateMachine):
    """A set that is scaled, updated and disturbed, pass by pass; the controllers may be started anew."""

    text = SET

    def __init__(self) -> None:
        super().__init__()
        self.play = Workloads(*NODES)
        self.play.create(self.text)
        self.seen = len(self.play.history)
        self.alive: dict[str, str] = {}

    @property
    def ordered(self) -> bool:
        return self.text is SET

    @rule(times=st.integers(1, 4))
    def passes(self, times: int) -> None:
        for _ in range(times):
            self.play.tick()

    @rule(seconds=st.sampled_from([1, 40, 400]))
    def wait(self, seconds: int) -> None:
        self.play.wait(seconds)

    @rule(replicas=st.integers(0, MOST))
    def scale(self, replicas: int) -> None:
        self.play.change("StatefulSet", "web", replicas=replicas)

    @rule(image=st.sampled_from(["web:1", "web:2", "web:non-existent"]))
    def set_image(self, image: str) -> None:
        self.play.set_template("StatefulSet", "web", image)

    @rule(number=st.integers(0, MOST))
    def delete_pod(self, number: int) -> None:
        standing = self.play.standing()
        if standing:
            self.play.delete_pod(standing[number % len(standing)])

    @rule(number=st.integers(0, MOST), behaviour=st.sampled_from(["", "never-ready", "exit-1", "exit-0"]))
    def behave(self, number: int, behaviour: str) -> None:
        standing = self.play.standing()
        if standing:
            self.play.behave(standing[number % len(standing)].name, behaviour)

    @rule(node=st.sampled_from(NODES), down=st.sampled_from(["true", ""]))
    def power(self, node: str, down: str) -> None:
        self.play.annotate_node(node, down=down)

    @rule()
    def start_anew(self) -> None:
        """Kill the controllers: others come, who know what is written and nothing else."""
        self.play.world = self.play.reloaded()

    @invariant()
    def no_identity_stands_twice_and_order_is_kept(self) -> None:
        """A name is free before it is given again, and a pod is made when those before it stand."""
        for change in self.play.history[self.seen :]:
            if change.kind != "Pod":
                continue
            name = change.key[2]
            if change.verb is Verb.ADDED:
                assert name not in self.alive, f"{name} stands twice"
                if self.ordered:
                    before = {f"web-{number}" for number in range(int(name.rpartition("-")[2]))}
                    assert before <= set(self.alive), f"{name} is made too early"
                self.alive[name] = change.manifest["metadata"]["uid"]
            else:
                assert self.alive[name] == change.manifest["metadata"]["uid"]
                if change.verb is Verb.DELETED:
                    del self.alive[name]
        self.seen = len(self.play.history)

    def teardown(self) -> None:
        """Left alone, it comes to what is asked for, once somebody deletes the pods that stay broken.

        Two failed pods beyond the range wait for each other, as in Kubernetes.
        """
        for name in NODES:
            self.play.annotate_node(name, down="")
        self.play.set_template("StatefulSet", "web", "web:1")
        for _ in range(2 * MOST):
            self.play.settle()
            broken = [pod for pod in self.play.pods() if not pod.terminating and not _sound(pod)]
            for pod in broken:
                self.play.delete_pod(pod)
            self.play.wait(60)
        owner = self.play.workload("StatefulSet", "web")
        start = 0 if self.ordered else 5
        assert self.play.names_of() == [f"web-{start + number}" for number in range(owner.replicas)]
        status = self.play.status_of("StatefulSet", "web")
        assert status.get("readyReplicas", 0) == status["replicas"] == owner.replicas
        assert {pod.labels[HASH_LABEL] for pod in self.play.pods()} <= {status["currentRevision"]}
        super().teardown()


class ParallelCluster(Cluster):
    """The same of a set that waits for nobody."""

    text = PARALLEL


def _sound(pod: Pod) -> bool:
    return pod.ready and "non-existent" not in pod.manifest["spec"]["containers"][0]["image"]


@pytest.mark.parametrize("machine", [Cluster, ParallelCluster])
def test_whatever_happens_an_identity_stands_once(machine: type[Cluster]) -> None:
    """Kills, deletions, silent machines, changes of size and template: names are unique, the end is right."""
    case = machine.TestCase
    case.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
    case("runTest").runTest()
