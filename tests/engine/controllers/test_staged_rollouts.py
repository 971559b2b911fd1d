"""A plan in the annotations of a set: what goes first, what stops it, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from controller.engine.changes import Verb
from controller.engine.controllers.daemonset.controller import DaemonSets, coverages
from controller.engine.controllers.row import ROW
from controller.engine.controllers.staged_rollouts import rewritten
from controller.engine.daemonset.staged.status import (
    MANAGER_ANNOTATION,
    PLAN_STATUS_ANNOTATION,
    PROMOTE_ANNOTATION,
    Phase,
    Status,
    Why,
)
from controller.engine.daemonset.staged.step import Decision
from controller.engine.objects import PAUSED_ANNOTATION, PLAN_ANNOTATION
from controller.engine.settings import Settings
from tests.engine.play import Play, set_manifest

ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
ZONES = {"a": "x", "b": "y", "c": "x", "d": "y"}


def annotate(play: Play, uid: str, **changed: str | None) -> None:
    """Set annotations of a set, or remove those that are None, as ``kubectl annotate`` does."""
    names = {
        "plan": PLAN_ANNOTATION,
        "status": PLAN_STATUS_ANNOTATION,
        "paused": PAUSED_ANNOTATION,
        "promote": PROMOTE_ANNOTATION,
    }
    standing = play.sets[uid].ds.manifest["metadata"]["annotations"]
    wanted = {**standing, **{names[key]: value for key, value in changed.items()}}
    play.mark_set(uid, annotations={key: value for key, value in wanted.items() if value is not None})


def plan(play: Play, uid: str, **fields: Any) -> None:
    """Give a set a plan."""
    annotate(play, uid, plan=json.dumps(fields))


def status(play: Play, uid: str) -> Status:
    """Return what the annotation says."""
    text = play.sets[uid].ds.manifest["metadata"]["annotations"][PLAN_STATUS_ANNOTATION]
    found = Status.read(text)
    assert found is not None
    return found


def strategy(play: Play, uid: str) -> Any:
    """Return the strategy in the spec."""
    return play.sets[uid].ds.manifest["spec"]["updateStrategy"]


def zoned(unavailable: int | str = 1, settings: Settings | None = None, **spec: Any) -> tuple[Play, str]:
    """Return four nodes in two zones with a settled set."""
    play = Play(settings=settings)
    for name, zone in ZONES.items():
        play.add_node(name, {"zone": zone})
    own = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": unavailable, "maxSurge": 0}}
    uid = play.add_set(set_manifest(strategy=own, **spec))
    play.wait(30)
    return play, uid


def updated(play: Play, image: str = "agent:2") -> str:
    """Return the nodes that run an image, in one word."""
    return "".join(node for node, images in play.images().items() if images == [image])


def order(play: Play, uid: str, passes: int = 60) -> list[str]:
    """Return the nodes in the order in which they lost their old pod, as time goes by."""
    seen: list[str] = []
    for _ in range(passes):
        play.tick()
        olds = {pod.node for pod in play.pods() if not pod.terminating and pod in olds_of(play, uid)}
        seen += [node for node in ZONES if node not in olds and node not in seen]
        due = play.world.due(play.time)
        if due is None:
            break
        play.time = max(due, play.time)
    return seen


def olds_of(play: Play, uid: str) -> Sequence[Any]:
    """Return the old pods of a set."""
    return [pair.old for pair in play.sets[uid].pairs.values() if pair.old]


def test_waves_go_one_after_the_other_and_the_strategy_comes_back() -> None:
    """Canary first, then the label's values in order; meanwhile OnDelete, at the end what stood before."""
    play, uid = zoned()
    plan(play, uid, canary="zone=y,!none", wavesBy="zone")
    play.settle()
    assert (strategy(play, uid), status(play, uid).phase) == ({"type": "OnDelete"}, Phase.WAITING)

    play.label("d", none="1")
    play.set_image(uid, "agent:2")
    assert order(play, uid) == ["b", "a", "c", "d"]
    assert (strategy(play, uid), status(play, uid).phase) == (ROLLING, Phase.COMPLETED)
    assert PLAN_ANNOTATION not in play.sets[uid].ds.manifest["metadata"]["annotations"]


def test_waves_go_in_the_order_of_their_list() -> None:
    """A node is of the first wave that selects it; the values of the label follow, then the rest."""
    play, uid = zoned()
    play.label("d", zone="z")
    plan(play, uid, waves=["zone=z", " zone in (y, z) "], wavesBy="zone")
    play.set_image(uid, "agent:2")
    assert order(play, uid) == ["d", "b", "a", "c"]
    assert status(play, uid).phase is Phase.COMPLETED


def awaits(play: Play, uid: str) -> tuple[str, Phase, str]:
    """Let time go by; return which nodes are updated, in which phase and at which wave it is."""
    play.wait(300)
    told = status(play, uid)
    return updated(play), told.phase, told.wave


def test_a_wave_waits_for_its_promotion() -> None:
    """After every wave but the last; a promotion is used once, and says how in the message."""
    play, uid = zoned("100%")
    plan(play, uid, wavesBy="zone", canary="zone=y", promotion="EveryWave")
    play.label("d", zone="z")
    play.set_image(uid, "agent:2")
    assert awaits(play, uid) == ("b", Phase.AWAITING, "canary")
    assert "rollout.everynode.dev/promote=canary" in status(play, uid).message
    assert len(play.events("RolloutAwaitingPromotion")) == 1

    annotate(play, uid, promote="zone=z")
    assert awaits(play, uid) == ("b", Phase.AWAITING, "canary")
    annotate(play, uid, promote="canary")
    assert awaits(play, uid) == ("abc", Phase.AWAITING, "zone=x")
    assert PROMOTE_ANNOTATION not in play.sets[uid].ds.manifest["metadata"]["annotations"]
    annotate(play, uid, promote="zone=x")
    assert awaits(play, uid)[:2] == ("abcd", Phase.COMPLETED)


@pytest.mark.parametrize(("manager", "strategy_then"), [("mine", "OnDelete"), ("theirs", "RollingUpdate")])
def test_a_plan_is_carried_out_by_whom_it_names(manager: str, strategy_then: str) -> None:
    """A set that bears the name of somebody else is left to them: no two carry one plan out."""
    play, uid = zoned(settings=Settings(manager="mine"))
    annotations = play.sets[uid].ds.manifest["metadata"]["annotations"]
    named = {**annotations, MANAGER_ANNOTATION: manager, PLAN_ANNOTATION: "{}"}
    play.mark_set(uid, annotations=named)
    play.wait(5)
    assert strategy(play, uid)["type"] == strategy_then
    annotate(play, uid, plan=None)
    play.wait(5)
    standing = play.sets[uid].ds.manifest["metadata"]["annotations"]
    assert (MANAGER_ANNOTATION in standing) is (manager == "theirs")


def test_whoever_acts_elsewhere_puts_a_name_on_the_set() -> None:
    """For as long as the plan stands, whoever carries it out through an API is named beside it."""
    play, uid = zoned()
    ds = play.sets[uid].ds
    begun = rewritten(ds, Decision(Status()), "mine")["metadata"]["annotations"]
    assert begun[MANAGER_ANNOTATION] == "mine"
    over = rewritten(ds, Decision(Status(), ends=True), "mine")["metadata"]["annotations"]
    assert MANAGER_ANNOTATION not in over


def test_all_waves_are_promoted_at_once() -> None:
    """Until the plan ends; then the promotion is gone with it."""
    play, uid = zoned("100%")
    plan(play, uid, wavesBy="zone", promotion="EveryWave")
    play.set_image(uid, "agent:2")
    play.wait(300)
    annotate(play, uid, promote="all")
    assert awaits(play, uid)[:2] == ("abcd", Phase.COMPLETED)
    assert PROMOTE_ANNOTATION not in play.sets[uid].ds.manifest["metadata"]["annotations"]


def test_a_promotion_is_of_one_rollout() -> None:
    """Given before the first wave began, or before the template was another, it does not count."""
    play, uid = zoned("100%")
    plan(play, uid, wavesBy="zone", promotion="EveryWave")
    annotate(play, uid, promote="all")
    play.set_image(uid, "agent:2")
    assert awaits(play, uid) == ("ac", Phase.AWAITING, "zone=x")

    annotate(play, uid, promote="all", paused="true")
    play.set_image(uid, "agent:3")
    play.wait(10)
    annotate(play, uid, paused=None)
    play.wait(300)
    assert (updated(play, "agent:3"), status(play, uid).phase) == ("ac", Phase.AWAITING)


@pytest.mark.parametrize("promotion", ["AfterCanary", "EveryWave"])
def test_a_canary_without_a_node_waits_all_the_same(promotion: str) -> None:
    """Its selector is misspelt, or its nodes went while somebody was to look at them."""
    play, uid = zoned("100%")
    plan(play, uid, canary="zome=x", promotion=promotion)
    play.set_image(uid, "agent:2")
    assert awaits(play, uid) == ("", Phase.AWAITING, "canary")

    annotate(play, uid, promote="canary")
    assert awaits(play, uid)[:2] == ("abcd", Phase.COMPLETED)


def test_a_wave_whose_nodes_leave_waits_all_the_same() -> None:
    """That its nodes are gone promotes nothing."""
    play, uid = zoned("100%")
    plan(play, uid, canary="zone=y", promotion="AfterCanary")
    play.set_image(uid, "agent:2")
    play.wait(300)
    play.remove_node("b")
    play.remove_node("d")
    assert awaits(play, uid) == ("", Phase.AWAITING, "canary")
    annotate(play, uid, promote="canary")
    assert awaits(play, uid)[:2] == ("ac", Phase.COMPLETED)


def test_a_wave_soaks_before_the_next() -> None:
    """The time counts from the last pod that became available; a pod that falls down begins it anew."""
    play, uid = zoned("100%")
    plan(play, uid, wavesBy="zone", soakSeconds=60)
    play.set_image(uid, "agent:2")
    play.wait(59)
    assert (updated(play), status(play, uid).phase) == ("ac", Phase.SOAKING)

    play.delete_pod(play.pod("c"))
    play.wait(59)
    assert updated(play) == "ac"
    play.wait(2)
    assert updated(play) == "abcd"
    assert status(play, uid).phase is Phase.SOAKING
    play.wait(60)
    assert status(play, uid).phase is Phase.COMPLETED


def test_a_partition_keeps_the_last_nodes_old() -> None:
    """As many as it says, of all waves; when it is lowered the rest goes on."""
    play, uid = zoned("100%")
    plan(play, uid, wavesBy="zone", partition="25%")
    play.set_image(uid, "agent:2")
    play.settle()
    assert (updated(play), status(play, uid).phase) == ("abc", Phase.PARTITIONED)

    plan(play, uid, wavesBy="zone")
    play.settle()
    assert (updated(play), status(play, uid).phase) == ("abcd", Phase.COMPLETED)


def test_a_partition_is_a_share_of_the_nodes_that_should_run_the_set() -> None:
    """Nodes that the set does not select are in no wave: of two, 75 % are both and 50 % are one."""
    play, uid = zoned(pod={"nodeSelector": {"zone": "x"}})
    plan(play, uid, partition="75%")
    play.set_image(uid, "agent:2")
    play.settle()
    assert (updated(play), status(play, uid).phase) == ("", Phase.PARTITIONED)
    plan(play, uid, partition="50%")
    play.settle()
    assert (updated(play), status(play, uid).phase) == ("a", Phase.PARTITIONED)


def broken(play: Play, uid: str, behaviour: str = "crash-loop") -> None:
    """Roll out a template whose pods do not work."""
    play.set_image(uid, "agent:2", {"sim.everynode.dev/behaviour": behaviour})


def test_trouble_pauses_and_a_resume_accepts_it() -> None:
    """So many nodes in trouble pause it; resumed, it takes as many more."""
    play, uid = zoned(2)
    plan(play, uid, maxFailures=1)
    broken(play, uid)
    play.wait(5)
    found = status(play, uid)
    assert (found.phase, found.why, set(found.failed) <= {"a", "b"}) == (Phase.PAUSED, Why.FAILURES, True)
    assert play.sets[uid].ds.paused
    assert updated(play) == "ab"
    assert any("TooManyFailures" in said or "in trouble" in said for said in play.events("RolloutPaused"))

    annotate(play, uid, paused=None)
    play.wait(30)
    assert status(play, uid).accepted == 2
    assert updated(play) == "ab"


def test_trouble_is_undone() -> None:
    """With onFailure Undo the old template comes back, and with it the set's own strategy."""
    play, uid = zoned()
    plan(play, uid, maxFailures=1, onFailure="Undo")
    broken(play, uid)
    play.wait(60)
    found = status(play, uid)
    assert (found.phase, found.why, found.failed) == (Phase.UNDONE, Why.FAILURES, ("a",))
    assert updated(play, "agent:1") == "abcd"
    assert strategy(play, uid) == ROLLING


@pytest.mark.parametrize("behaviour", ["exit-1", "never-ready"])
def test_every_kind_of_trouble_counts(behaviour: str) -> None:
    """A pod that fails is seen before its set deletes it; one that nothing makes ready, by no deadline."""
    play, uid = zoned()
    plan(play, uid, progressDeadlineSeconds=0)
    broken(play, uid, behaviour)
    play.wait(25)
    assert (status(play, uid).phase, updated(play)) == (Phase.PAUSED, "a")


@pytest.mark.parametrize(("deadline", "phase"), [(20, Phase.PAUSED), (0, Phase.PROGRESSING)])
def test_a_pod_that_starts_too_long_is_trouble(deadline: int, phase: Phase) -> None:
    """It is not before the deadline, and is at that very moment; with 0 it is waited for without end."""
    play, uid = zoned(settings=Settings(start_delay=60, stop_delay=0, node_grace=6))
    play.wait(60)
    plan(play, uid, progressDeadlineSeconds=deadline)
    play.set_image(uid, "agent:2")
    play.wait(19)
    assert (status(play, uid).phase, updated(play)) == (Phase.PROGRESSING, "a")
    play.wait(1)
    assert (status(play, uid).phase, updated(play)) == (phase, "a")


def test_refused_pods_are_trouble() -> None:
    """A template whose account there is not stops it at the first node."""
    play, uid = zoned()
    plan(play, uid)
    template = play.sets[uid].ds.template
    play.change_set(uid, template={**template, "spec": {**template["spec"], "serviceAccountName": "nope"}})
    play.wait(5)
    assert status(play, uid).why is Why.FAILURES
    assert len(play.pods()) == 3


def test_a_template_edited_meanwhile_pauses_and_a_resume_begins_anew() -> None:
    """The new revision begins at the first wave, and going back means to before the plan."""
    play, uid = zoned("100%")
    first = play.sets[uid].hash
    plan(play, uid, wavesBy="zone", soakSeconds=1000)
    play.set_image(uid, "agent:2")
    play.wait(5)
    play.set_image(uid, "agent:3")
    play.wait(5)
    assert (status(play, uid).phase, status(play, uid).why) == (Phase.PAUSED, Why.TEMPLATE)
    assert updated(play, "agent:3") == ""

    annotate(play, uid, paused=None)
    play.wait(5)
    assert updated(play, "agent:3") == "ac"
    assert status(play, uid).previous == first


@pytest.mark.parametrize("paused", [False, True])
def test_the_old_template_written_back_by_hand_ends_it(*, paused: bool) -> None:
    """``kubectl rollout undo`` ends a plan, also one that paused itself; the set's strategy does the rest."""
    play, uid = zoned()
    before = play.sets[uid].ds.template
    plan(play, uid, wavesBy="zone", soakSeconds=1000)
    if paused:
        broken(play, uid)
    else:
        play.set_image(uid, "agent:2")
    play.wait(5)
    assert (status(play, uid).phase is Phase.PAUSED) is paused
    play.change_set(uid, template=before)
    play.wait(5)
    assert (status(play, uid).phase, updated(play, "agent:1")) == (Phase.UNDONE, "abcd")


def test_a_strategy_edited_meanwhile_is_kept_for_the_end() -> None:
    """``kubectl apply`` of a manifest that says RollingUpdate pauses; nothing is rolled meanwhile."""
    play, uid = zoned()
    plan(play, uid, wavesBy="zone", soakSeconds=1000)
    play.set_image(uid, "agent:2")
    play.wait(5)
    other = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%", "maxSurge": 0}}
    play.change_set(uid, updateStrategy=other)
    play.wait(5)
    assert (updated(play), status(play, uid).why) == ("ac", Why.STRATEGY)
    annotate(play, uid, plan=None, paused=None)
    play.wait(5)
    assert (strategy(play, uid), updated(play), status(play, uid).phase) == (other, "abcd", Phase.CANCELED)


def test_somebody_pauses_and_resumes() -> None:
    """The pause of any rollout is the pause of a plan, too; missing pods come meanwhile."""
    play, uid = zoned()
    plan(play, uid)
    annotate(play, uid, paused="true")
    play.set_image(uid, "agent:2")
    play.wait(5)
    assert (updated(play), status(play, uid).why) == ("", Why.REQUESTED)
    annotate(play, uid, paused=None)
    play.wait(5)
    assert updated(play) == "abcd"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "must be a JSON object (line 1, column 2"),
        ("[]", "must be a JSON object"),
        ('{"wave": 1}', "wave: there is no such field"),
        ('{"soakSeconds": -1}', "soakSeconds: must be a number of seconds"),
        ('{"canary": "a=b=c"}', "canary: must be a label selector"),
        ('{"canary": 1}', "canary: must be a label selector"),
        ('{"maxUnavailable": 0}', "maxUnavailable: must be a number above 0"),
        ('{"partition": "101%"}', "partition: must be a number of nodes"),
        ('{"wavesBy": "no key"}', "wavesBy: must be the key of a label"),
        ('{"waves": "zone=a"}', "waves: must be at most 50 different label selectors"),
        ('{"waves": ["zone=a", "rest"]}', "waves: must be at most 50 different label selectors"),
        ('{"waves": ["zone=a", " zone=a"]}', "waves: must be at most 50 different label selectors"),
        ('{"promotion": "Never"}', "promotion: must be one of Automatic, AfterCanary, EveryWave"),
        ('{"soakSeconds": "1"}', "soakSeconds: must be a number of seconds"),
        ('{"soakSeconds": NaN}', "soakSeconds: must be a number of seconds"),
        (json.dumps({"canary": "a" * 5000}), "must be at most 4096 characters long"),
    ],
)
def test_a_plan_that_cannot_be_read_holds_everything(text: str, said: str) -> None:
    """Nothing is replaced, and the status and an event say what is wrong; once it is mended it goes on."""
    play, uid = zoned()
    annotate(play, uid, plan=text)
    play.set_image(uid, "agent:2")
    play.wait(5)
    assert (updated(play), status(play, uid).phase) == ("", Phase.INVALID)
    assert status(play, uid).message.startswith(said)
    assert any(said in told for told in play.events("RolloutInvalid"))

    plan(play, uid)
    play.wait(5)
    assert updated(play) == "abcd"


def test_machines_that_do_not_answer_hold_the_plan_while_they_are_many() -> None:
    """One within the budget is left behind; an outage of all does not look like the end of a rollout."""
    play, uid = zoned()
    plan(play, uid, wavesBy="zone")
    for name in "abcd":
        play.annotate_node(name, down="true")
    play.wait(10)
    play.set_image(uid, "agent:2")
    play.wait(10)
    assert status(play, uid).phase is Phase.PROGRESSING
    for name in "acd":
        play.annotate_node(name, down="")
    play.wait(30)
    assert updated(play) == ""
    plan(play, uid, wavesBy="zone", maxUnavailable=2)
    play.wait(30)
    assert (updated(play), status(play, uid).phase) == ("acd", Phase.COMPLETED)


def test_broken_old_pods_of_later_waves_hold_the_budget() -> None:
    """The budget counts every node without an available pod; the status says which, and what helps."""
    play, uid = zoned()
    play.annotate_pod(play.pod("b"), behaviour="never-ready")
    play.wait(5)
    plan(play, uid, wavesBy="zone")
    play.set_image(uid, "agent:2")
    play.wait(5)
    assert (updated(play), "(b)" in status(play, uid).message) == ("", True)
    play.delete_pod(play.pod("b"))
    play.wait(5)
    assert (updated(play), status(play, uid).phase) == ("abcd", Phase.COMPLETED)


def test_a_machine_that_is_back_at_the_last_moment_is_not_left_behind() -> None:
    """An old pod of an earlier wave goes before the plan ends."""
    play, uid = zoned(2)
    play.annotate_node("a", down="true")
    play.wait(10)
    plan(play, uid, wavesBy="zone", soakSeconds=50)
    play.set_image(uid, "agent:2")
    play.wait(60)
    assert (updated(play), status(play, uid).phase) == ("bcd", Phase.SOAKING)
    due = play.world.due(play.time)
    assert due is not None
    play.time = due
    play.annotate_node("a", down="")
    play.settle()
    assert updated(play) == "abcd"
    play.wait(60)
    assert status(play, uid).phase is Phase.COMPLETED


def test_pods_of_nodes_that_are_gone_are_nobodys_trouble() -> None:
    """One that a finalizer holds after its node was deleted stops nothing but the budget."""
    play, uid = zoned(2)
    pod = play.pod("d")
    meta = {**pod.manifest["metadata"], "finalizers": ["held.example/x"]}
    play.edit("Pod", {**pod.manifest, "metadata": meta}, timers=pod.timers)
    play.remove_node("d")
    plan(play, uid)
    play.set_image(uid, "agent:2")
    play.wait(30)
    assert updated(play) == "abc"


def test_a_plan_follows_a_set_that_takes_the_name_of_another() -> None:
    """Deleted and made anew under the same name, the set begins anew; without one nothing is followed."""
    play, uid = zoned()
    plan(play, uid)
    play.settle()
    ds = play.sets[uid].ds.manifest
    play.edit("DaemonSet", {**ds, "metadata": {**ds["metadata"], "uid": "another"}})
    play.settle()
    assert status(play, "another").phase is Phase.WAITING
    play.mark_set("another", annotations={})
    play.settle()
    assert play.tick().changes == ()


def test_without_the_daemonset_controller_nothing_follows() -> None:
    """What a set's pods are is that controller's to know."""
    play = Play("a", row=[one for one in ROW if one is not DaemonSets])
    made = set_manifest()
    made["metadata"]["annotations"][PLAN_ANNOTATION] = "{}"
    play.add_set(made)
    play.settle()
    assert play.pods() == []


def test_a_deleted_set_is_left_alone() -> None:
    """While its finalizer holds it, no plan touches it."""
    play, uid = zoned()
    plan(play, uid)
    play.settle()
    play.mark_set(uid, finalizers=["held.example/x"], deletionTimestamp=play.now.stamp)
    play.set_image(uid, "agent:2")
    play.settle()
    assert updated(play) == ""


def test_a_world_made_anew_goes_on_in_the_middle() -> None:
    """What the annotations say is all that it remembers: a process that starts continues a soak."""
    play, uid = zoned("100%")
    plan(play, uid, wavesBy="zone", soakSeconds=60)
    play.set_image(uid, "agent:2")
    play.wait(30)
    play.world = play.reloaded()
    play.wait(29)
    assert updated(play) == "ac"
    play.world = play.reloaded()
    play.wait(2)
    assert updated(play) == "abcd"
    assert play.differences() == []


def test_a_set_that_is_deleted_or_replaced_is_forgotten() -> None:
    """A plan goes with its set."""
    play, uid = zoned()
    plan(play, uid)
    play.settle()
    play.mark_set(uid, Verb.DELETED)
    play.settle()
    assert uid not in coverages(play.world)
