"""A Deployment moves its pods from one ReplicaSet to the next: step by step, within its bounds."""

from __future__ import annotations

from typing import Any, cast

from controller.engine.changes import Verb
from controller.engine.controllers.deployment import owned_sets
from controller.engine.deployment.revisions import DESIRED, HISTORY, MAX, REVISION, revision_of
from controller.engine.deployment.sets import TEMPLATE_HASH, set_name
from controller.engine.views import Deployment, ReplicaSet
from controller.engine.workloads.conditions import find_condition
from tests.engine.workloads import Workloads

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, annotations: {kubernetes.io/change-cause: first}}
spec:
  replicas: 4
  progressDeadlineSeconds: 60
  selector: {matchLabels: {app: web}}
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: main, image: "web:1"}]}
"""
RECREATED = WEB.replace("{rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}", "{type: Recreate}")
LOOSE = """
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: loose, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web, own: set}}
  template:
    metadata: {labels: {app: web, own: set}}
    spec: {containers: [{name: main, image: "web:0"}]}
"""


class Deployed(Workloads):
    """A played cluster with one Deployment."""

    def __init__(self, text: str = WEB, **how: Any) -> None:
        super().__init__("a", "b", **how)
        self.create(text)
        self.settle()

    @property
    def web(self) -> Deployment:
        return cast("Deployment", self.the("Deployment", "web"))

    def own_sets(self) -> list[ReplicaSet]:
        """Return its sets by their revisions."""
        return sorted(owned_sets(self.world, self.web), key=revision_of)

    def sizes(self) -> dict[int, int]:
        """Return how many pods each revision is asked for."""
        return {revision_of(each): each.replicas for each in self.own_sets()}

    def image(self, image: str) -> None:
        """Roll out another image."""
        self.set_template("Deployment", "web", image)

    def spec(self, **fields: Any) -> None:
        """Change fields of its spec."""
        self.change("Deployment", "web", **fields)

    def progressing(self) -> tuple[str, str]:
        """Return status and reason of the condition Progressing."""
        found = find_condition(self.web.manifest["status"]["conditions"], "Progressing")
        return (found["status"], found["reason"]) if found else ("", "")

    def running(self) -> list[str]:
        """Return the images that run."""
        return sorted(image for images in self.images().values() for image in images)


def test_a_template_becomes_a_set() -> None:
    """It bears the hash of the template, its number, and the annotations of its Deployment."""
    play = Deployed()
    (made,) = play.own_sets()
    word = made.labels[TEMPLATE_HASH]
    assert made.name == f"web-{word}"
    assert made.selector == {"matchLabels": {"app": "web", TEMPLATE_HASH: word}}
    assert made.annotations == {
        "kubernetes.io/change-cause": "first",
        REVISION: "1",
        DESIRED: "4",
        MAX: "5",
    }
    assert {pod.labels[TEMPLATE_HASH] for pod in play.standing()} == {word}
    assert play.web.annotations[REVISION] == "1"
    assert play.events("ScalingReplicaSet") == [f"Scaled up replica set {made.name} from 0 to 4"]
    status = play.status_of("Deployment", "web")
    assert {key: value for key, value in status.items() if key != "conditions"} == {
        "observedGeneration": 1,
        "replicas": 4,
        "updatedReplicas": 4,
        "readyReplicas": 4,
        "availableReplicas": 4,
        "terminatingReplicas": 0,
    }
    assert [(each["type"], each["reason"]) for each in status["conditions"]] == [
        ("Available", "MinimumReplicasAvailable"),
        ("Progressing", "NewReplicaSetAvailable"),
    ]
    assert play.differences() == []


def test_a_new_template_is_rolled_out_step_by_step() -> None:
    """The new set goes up as far as the surge allows, the old one down as pods become available.

    Here they are in the pass that makes them: of five pods two may go then.
    """
    play = Deployed()
    play.image("web:2")
    steps = []
    for _ in range(30):
        play.tick()
        assert play.differences() == []
        steps.append(tuple(play.sizes().values()))
    assert list(dict.fromkeys(steps)) == [(3, 1), (3, 2), (1, 2), (1, 4), (0, 4)]
    assert play.running() == ["web:2"] * 4
    assert play.progressing() == ("True", "NewReplicaSetAvailable")


def test_a_known_template_comes_back_with_a_new_number() -> None:
    """Its former numbers are kept beside it, and what annotations said of it is replaced."""
    play = Deployed()
    for image, cause in (("web:2", "second"), ("web:1", "third"), ("web:2", "fourth"), ("web:1", "fifth")):
        play.mark(
            "Deployment", "web", annotations={**play.web.annotations, "kubernetes.io/change-cause": cause}
        )
        play.image(image)
        play.settle()
    first, second = reversed(play.own_sets())
    assert (first.annotations[REVISION], first.annotations[HISTORY]) == ("5", "1,3")
    assert (second.annotations[REVISION], second.annotations[HISTORY]) == ("4", "2")
    assert first.annotations["kubernetes.io/change-cause"] == "fifth"
    assert play.web.annotations[REVISION] == "5"


def test_recreate_starts_nothing_before_all_is_gone() -> None:
    """While an old pod stands, be it on its way out, there is not even a set of the new template."""
    play = Deployed(RECREATED.replace("metadata: {labels", "metadata: {annotations: STOPS, labels").replace(
        "STOPS", '{sim.everynode.dev/stop-delay: "5"}'
    ))  # fmt: skip
    play.image("web:2")
    play.settle()
    assert play.sizes() == {1: 0}
    assert len(play.pods()) == 4
    play.wait(4)
    assert play.sizes() == {1: 0}
    play.wait(2)
    assert play.running() == ["web:2"] * 4
    assert play.sizes() == {1: 0, 2: 4}
    play.image("web:1")
    play.wait(6)
    assert play.running() == ["web:1"] * 4
    assert play.sizes() == {2: 0, 3: 4}
    assert play.differences() == []


def test_an_old_pod_that_is_over_holds_up_no_recreate() -> None:
    """A Failed pod stands, but runs nothing."""
    play = Deployed(RECREATED.replace("replicas: 4", "replicas: 1"))
    play.behave(play.names_of()[0], "exit-1")
    play.settle()
    play.image("web:2")
    play.settle()
    assert [pod.phase for pod in play.pods()].count("Running") == 1
    assert play.sizes() == {1: 0, 2: 1}


def test_a_rollout_that_does_not_move_on_is_stuck_after_its_deadline() -> None:
    """It is told once, the bounds hold meanwhile; an undo mends it."""
    play = Deployed()
    play.image("web:non-existent")
    play.wait(59)
    assert play.progressing() == ("True", "ReplicaSetUpdated")
    play.wait(2)
    assert play.progressing() == ("False", "ProgressDeadlineExceeded")
    assert play.sizes() == {1: 3, 2: 2}
    told = find_condition(play.web.manifest["status"]["conditions"], "Progressing")
    assert told
    assert told["message"] == f'ReplicaSet "{play.own_sets()[1].name}" has timed out progressing.'
    assert play.differences() == []
    play.image("web:1")
    play.settle()
    assert play.progressing() == ("True", "NewReplicaSetAvailable")
    assert play.sizes() == {2: 0, 3: 4}


def test_a_further_template_without_progress_gives_no_new_time() -> None:
    """Only what moves on does: a set that is made again and again is none the further."""
    play = Deployed(WEB.replace("spec: {containers", "spec: {serviceAccountName: robot, containers"))
    play.wait(40)
    play.image("web:2")
    play.wait(19)
    assert play.progressing() == ("True", "NewReplicaSetCreated")
    play.wait(2)
    assert play.progressing() == ("False", "ProgressDeadlineExceeded")


def test_a_rollout_that_is_over_waits_for_nothing() -> None:
    """A deadline that was not needed is forgotten, so that the cluster rests."""
    play = Deployed()
    assert play.world.due(play.time) is None
    play.image("web:non-existent")
    play.wait(1)
    assert play.world.due(play.time) == 60.0
    play.image("web:1")
    play.settle()
    assert play.world.due(play.time) is None


def test_without_a_deadline_nothing_is_said_of_progress() -> None:
    """The largest number is no deadline."""
    play = Deployed(WEB.replace("progressDeadlineSeconds: 60", f"progressDeadlineSeconds: {2**31 - 1}"))
    play.image("web:non-existent")
    play.wait(700)
    assert play.progressing() == ("", "")
    play.spec(paused=True)
    play.settle()
    assert play.progressing() == ("", "")
    play.spec(paused=False, progressDeadlineSeconds=60)
    play.settle()
    assert play.progressing() == ("True", "FoundNewReplicaSet")


def test_what_is_scaled_halfway_stays_halfway() -> None:
    """Each set gets its share; a stuck rollout moves on by that."""
    play = Deployed(WEB.replace("{maxSurge: 1, maxUnavailable: 1}", "{maxSurge: 50%, maxUnavailable: 25%}"))
    play.image("web:non-existent")
    play.wait(61)
    assert play.sizes() == {1: 3, 2: 3}
    assert play.progressing() == ("False", "ProgressDeadlineExceeded")
    play.spec(replicas=8)
    play.settle()
    assert play.sizes() == {1: 6, 2: 6}
    assert play.progressing() == ("True", "ReplicaSetUpdated")
    assert {(each.annotations[DESIRED], each.annotations[MAX]) for each in play.own_sets()} == {("8", "12")}
    play.image("web:1")
    play.settle()
    assert play.sizes() == {2: 0, 3: 8}


def test_a_paused_one_scales_and_waits_with_its_template() -> None:
    """No new set; on resume it is rolled out."""
    play = Deployed()
    play.spec(paused=True)
    play.settle()
    assert play.progressing() == ("Unknown", "DeploymentPaused")
    play.image("web:2")
    play.spec(replicas=5)
    play.settle()
    assert (play.sizes(), play.running()) == ({1: 5}, ["web:1"] * 5)
    assert "updatedReplicas" not in play.status_of("Deployment", "web")
    play.spec(replicas=0)
    play.settle()
    play.spec(replicas=2)
    play.settle()
    assert play.sizes() == {1: 2}
    play.spec(paused=False)
    play.tick()
    assert play.progressing() == ("True", "NewReplicaSetCreated")
    play.settle()
    assert play.running() == ["web:2"] * 2
    assert play.differences() == []


def test_one_that_is_paused_and_resumed_says_so() -> None:
    """Without a new template it is complete again at once; a stuck one stays stuck while it is paused."""
    play = Deployed()
    play.image("web:non-existent")
    play.wait(61)
    play.spec(paused=True)
    play.settle()
    assert play.progressing() == ("False", "ProgressDeadlineExceeded")
    play.image("web:1")
    play.spec(paused=False)
    play.settle()
    play.spec(paused=True)
    play.settle()
    play.spec(paused=False)
    play.tick()
    play.settle()
    assert play.progressing() == ("True", "NewReplicaSetAvailable")


def test_old_revisions_are_forgotten_when_all_is_done() -> None:
    """The lowest numbers go first, and only sets without pods."""
    play = Deployed(WEB.replace("replicas: 4", "replicas: 1\n  revisionHistoryLimit: 1"))
    for image in ("web:2", "web:3", "web:4"):
        play.image(image)
        play.settle()
    assert list(play.sizes()) == [3, 4]
    play.image("web:non-existent")
    play.settle()
    assert list(play.sizes()) == [3, 4, 5]
    play.spec(paused=True)
    play.settle()
    assert list(play.sizes()) == [4, 5]


def test_a_set_of_its_selector_is_taken_in() -> None:
    """It counts as an old one without a number, and one of the same template as the new one."""
    play = Workloads("a", "b")
    play.create(LOOSE)
    play.settle()
    play.create(WEB)
    play.settle()
    old = play.workload("ReplicaSet", "loose")
    assert old.owner == play.the("Deployment", "web").uid
    assert (old.replicas, old.annotations.get(REVISION)) == (0, None)
    play.set_template("Deployment", "web", "web:0")
    play.settle()
    play.mark("ReplicaSet", "loose", labels={"app": "other"})
    play.settle()
    assert play.workload("ReplicaSet", "loose").owner == ""
    assert play.differences() == []


def test_an_orphaned_set_comes_back_with_its_number() -> None:
    """A Deployment of the same name and template goes on where the last one ended."""
    play = Deployed()
    (made,) = play.own_sets()
    free = {key: value for key, value in made.manifest["metadata"].items() if key != "ownerReferences"}
    play.edit("ReplicaSet", {**made.manifest, "metadata": free}, timers=made.timers)
    play.remove("Deployment", "web")
    play.settle()
    assert len(play.standing()) == 4
    play.create(WEB)
    play.settle()
    assert [each.uid for each in play.own_sets()] == [made.uid]
    assert play.web.annotations[REVISION] == "1"
    assert play.progressing() == ("True", "NewReplicaSetAvailable")
    assert play.events("ScalingReplicaSet") == [f"Scaled up replica set {made.name} from 0 to 4"]


def test_a_name_that_is_taken_makes_another_hash() -> None:
    """The collision is counted, so that the same template finds the same name again."""
    play = Workloads("a", "b")
    (web,) = play.create(WEB)
    name, _ = set_name(cast("Deployment", web), 0)
    play.create(LOOSE.replace("name: loose, labels: {app: web}", f"name: {name}, labels: {{app: other}}"))
    play.settle()
    assert play.status_of("Deployment", "web")["collisionCount"] == 1
    (made,) = owned_sets(play.world, cast("Deployment", play.the("Deployment", "web")))
    assert made.name == set_name(cast("Deployment", web), 1)[0]


def test_patience_goes_on_to_the_new_set() -> None:
    """A change of minReadySeconds makes no new set."""
    play = Deployed()
    play.spec(minReadySeconds=20)
    play.settle()
    (made,) = play.own_sets()
    assert (made.min_ready_seconds, made.generation) == (20, 2)


def test_a_rollout_waits_until_pods_are_available_for_long_enough() -> None:
    """Ready is not enough: each step comes minReadySeconds after the one before."""
    play = Deployed(WEB.replace("replicas: 4", "replicas: 2\n  minReadySeconds: 10"))
    play.wait(11)
    play.spec(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}})
    play.image("web:2")
    seen = []
    for _ in range(3):
        play.settle()
        seen.append(play.sizes())
        play.wait(10)
    assert seen == [{1: 2, 2: 1}, {1: 1, 2: 2}, {1: 0, 2: 2}]
    assert play.progressing() == ("True", "NewReplicaSetAvailable")
    assert play.differences() == []


def test_a_set_deleted_by_hand_is_made_anew() -> None:
    """Under the same name and number."""
    play = Deployed()
    play.image("web:2")
    play.settle()
    name = play.own_sets()[1].name
    play.remove("ReplicaSet", name)
    play.settle()
    assert [(each.name, revision_of(each), each.replicas) for each in play.own_sets()][1] == (name, 2, 4)
    assert play.running() == ["web:2"] * 4


def test_without_pods_a_template_is_rolled_out_at_once() -> None:
    """There is nothing to wait for."""
    play = Deployed()
    play.spec(replicas=0)
    play.settle()
    play.image("web:2")
    play.settle()
    assert (play.sizes(), play.pods()) == ({1: 0, 2: 0}, [])
    assert play.progressing() == ("True", "NewReplicaSetAvailable")


def test_a_set_scaled_by_hand_is_scaled_back() -> None:
    """What the Deployment asks for counts."""
    play = Deployed()
    (made,) = play.own_sets()
    for size in (6, 1):
        play.change("ReplicaSet", made.name, replicas=size)
        play.settle()
        assert play.sizes() == {1: 4}


def test_a_share_that_somebody_wrote_is_put_right() -> None:
    """Else it would be taken for a scaling for ever, and no template be rolled out."""
    play = Deployed()
    (made,) = play.own_sets()
    play.mark("ReplicaSet", made.name, annotations={**made.annotations, DESIRED: "9"})
    play.settle()
    (made,) = play.own_sets()
    assert (made.replicas, made.annotations[DESIRED]) == (4, "4")


def test_a_refused_pod_is_told_of_the_deployment_too() -> None:
    """The failure of a set is repeated, and goes with it."""
    play = Deployed(WEB.replace("spec: {containers", "spec: {serviceAccountName: robot, containers"))
    told = find_condition(play.web.manifest["status"]["conditions"], "ReplicaFailure")
    assert told
    assert told["reason"] == "FailedCreate"
    play.spec(minReadySeconds=1)
    play.wait(30)
    assert find_condition(play.web.manifest["status"]["conditions"], "ReplicaFailure") == told
    play.edit(
        "ServiceAccount", {"metadata": {"namespace": "default", "name": "robot", "uid": "r"}}, Verb.ADDED
    )
    play.settle()
    assert find_condition(play.web.manifest["status"]["conditions"], "ReplicaFailure") is None


def test_one_that_is_being_deleted_only_counts() -> None:
    """It makes no set and moves no pod."""
    play = Deployed()
    play.mark("Deployment", "web", deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["my.own/hold"])
    play.image("web:2")
    play.delete_pod(play.standing()[0])
    play.settle()
    assert play.sizes() == {1: 4}
    assert play.status_of("Deployment", "web")["replicas"] == 4


def test_it_may_go_while_a_deadline_is_waited_for() -> None:
    """What was scheduled for one that is gone is forgotten."""
    play = Deployed()
    play.image("web:non-existent")
    play.settle()
    play.remove("Deployment", "web")
    play.wait(100)
    assert play.pods() == []


def test_sets_of_another_selector_are_left_alone() -> None:
    """They are none of its business."""
    play = Deployed()
    play.create(LOOSE.replace("app: web", "app: other"))
    play.settle()
    assert play.workload("ReplicaSet", "loose").owner == ""
