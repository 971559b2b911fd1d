"""A fork goes on by itself: for how long, why no longer, and what is remembered of it."""

from __future__ import annotations

from itertools import count

from controller.engine.changes import Change, Verb
from controller.engine.edits.daemonsets import SetStrategy
from controller.engine.edits.nodes import PatchLabels, RemoveNodes, SetPower
from controller.engine.edits.workloads import SetBehaviour, SetImage
from controller.engine.objects import PAUSED_ANNOTATION, PLAN_ANNOTATION, Key
from controller.engine.whatif.simulation import (
    SAMPLES,
    CountedNames,
    Course,
    Ended,
    Mark,
    Sample,
    Watch,
    simulate,
)
from tests.engine.play import Play, set_manifest
from tests.engine.whatif.plays import running, slow_play, tried

SET: Key = ("DaemonSet", "default", "agent")


def test_a_rollout_is_played_out() -> None:
    """One node after the other: three seconds to stop, two to start, and never two unavailable."""
    play = slow_play("a", "b", "c")
    uid = running(play)
    before = play.images()
    run, (effect,), _said = tried(play, SetImage(SET, "main", "agent:2"))

    assert run.ended is Ended.AT_REST
    assert run.seconds == 15.0
    assert effect.replaces == ("a", "b", "c")
    course = run.courses[uid]
    assert (course.lowest.available, course.most_unavailable, course.budget) == (2, 1, 1)
    assert course.samples[-1] == Sample(15.0, 3, 3, 3, 3)
    assert play.images() == before


def test_what_never_comes_right_is_left() -> None:
    """A crash loop goes on for ever; after a while in which no pod came, went or got ready nobody waits."""
    play = slow_play("a", "b")
    running(play)
    run, _effects, _said = tried(play, SetBehaviour(SET, "crash-loop"))

    assert run.ended is Ended.QUIET
    assert run.elapsed < 3600


def test_it_stops_when_it_is_told_to() -> None:
    """The caller says how long; what a rollout has still to replace is told as such."""
    play = slow_play("a", "b", "c")
    running(play)
    passes = count()
    run, (effect,), _said = tried(play, SetImage(SET, "main", "agent:2"), go_on=lambda: next(passes) < 7)

    assert run.ended is Ended.STOPPED
    assert run.passes == 8
    assert (effect.replaces, effect.loses, effect.waits) == (("a", "b"), (), ("c",))
    assert effect.unplayed == 1


def annotate(play: Play, uid: str, **annotations: str) -> None:
    """Annotate a set, and let all follow."""
    play.mark_set(uid, annotations={**play.sets[uid].ds.manifest["metadata"]["annotations"], **annotations})
    play.settle()


def never() -> bool:
    """Let a simulation make its first pass only."""
    return False


def test_what_is_still_to_come_or_to_go_is_told() -> None:
    """A pass makes 250 creations and deletions; an edit of more nodes is told whole all the same."""
    names = [f"node-{number:03}" for number in range(260)]
    play = slow_play(*names)
    running(play, pod={"nodeSelector": {"disk": "ssd"}})
    run, (effect,), _said = tried(play, PatchLabels(names, {"disk": "ssd"}), go_on=never)
    assert (run.ended, run.passes) == (Ended.STOPPED, 1)
    assert (effect.gains, effect.unplayed) == (tuple(names), 10)

    for name in names:
        play.label(name, disk="ssd")
    play.wait(60)
    _run, (effect,), _said = tried(play, PatchLabels(names, {}, ["disk"]), go_on=never)
    assert (effect.loses, effect.unplayed, effect.gains) == (tuple(names), 10, ())


def test_what_was_to_come_anyway_is_not_told() -> None:
    """A set that gets its first pods, 250 a pass, gets them whatever is done to it meanwhile."""
    play = slow_play(*(f"node-{number:03}" for number in range(510)))
    play.add_set(set_manifest())
    play.tick()
    _run, (effect,), _said = tried(play, SetStrategy(SET, "OnDelete"), go_on=never)
    assert effect.unplayed == 0


def test_old_pods_that_stay_are_not_told_to_go() -> None:
    """What a paused rollout keeps, or the partition of a plan, waits for somebody and not for the end."""
    play = slow_play("a", "b", "c")
    uid = running(play)
    annotate(play, uid, **{PLAN_ANNOTATION: '{"partition": 1}'})
    _run, (effect,), said = tried(play, SetImage(SET, "main", "agent:2"), go_on=never)
    assert (effect.replaces, effect.loses, effect.waits) == ((), (), ("a", "b"))
    assert not said

    annotate(play, uid, **{PAUSED_ANNOTATION: "true"})
    _run, (effect,), _said = tried(play, SetImage(SET, "main", "agent:2"), go_on=never)
    assert effect.waits == ()


def test_it_stops_at_a_moment() -> None:
    """What comes later than ``until`` is not played out."""
    play = slow_play("a", "b", "c")
    running(play)
    play.set_image(play.world.find(*SET).uid, "agent:2")  # type: ignore[union-attr]
    watch = Watch()
    run = simulate(play.world.fork(watch), watch, play.now, go_on=lambda: True, until=4.0)

    assert (run.ended, run.elapsed) == (Ended.AT_REST, 4.0)


def test_what_happens_anyway_is_not_put_down_to_an_edit() -> None:
    """A rollout that is under way goes on with and without the edit."""
    play = slow_play("a", "b", "c")
    running(play)
    uid = running(play, "other")
    play.set_image(uid, "other:2")
    play.wait(2)
    play.label("b", gone="soon")
    _run, told, _said = tried(play, RemoveNodes(["c"]), without=True)

    assert [(one.owner[2], one.loses, one.replaces) for one in told] == [
        ("agent", ("c",), ()),
        ("other", ("c",), ()),
    ]


def test_an_edit_that_keeps_pods_is_told_of() -> None:
    """Without the edit a pod would go: with it, it stays."""
    play = slow_play("a", "b")
    uid = running(play, pod={"nodeSelector": {"disk": "ssd"}})
    play.label("a", disk="ssd")
    play.wait(60)
    play.label("a", disk="hdd")
    _run, (effect,), _said = tried(play, PatchLabels(["a"], {"disk": "ssd"}), without=True)

    assert (effect.uid, effect.gains, effect.lost) == (uid, ("a",), ())


def test_another_edit_of_a_set_that_rolls_out_replaces_what_would_have_come() -> None:
    """The pods of the update before are lost, though none of them is there yet."""
    play = slow_play("a", "b")
    uid = running(play)
    play.set_image(uid, "agent:2")
    _run, (effect,), _said = tried(play, SetImage(SET, "main", "agent:3"), without=True)

    assert effect.replaces == ("a", "b")


def test_a_machine_that_is_switched_off_loses_its_pod_late() -> None:
    """A daemon pod stays on a node that is lost: nothing comes or goes, the set has a ready pod less."""
    play = slow_play("a", "b")
    running(play)
    run, told, _said = tried(play, SetPower(["a"], on=False))

    assert told == ()
    assert run.ended is Ended.AT_REST


def test_samples_are_thinned_out_but_extremes_are_kept() -> None:
    """However long a rollout takes, a chart of it has about as many points as pixels."""
    course = Course.of(Sample(0, 9, 9, 0, 9))
    for at in range(1, 20_000):
        course.add(Sample(at, 9, 9 if at % 2 else 8, at, 9))
    course.add(Sample(20_000, 9, 1, 0, 30))
    course.add(Sample(20_001, 9, 9, 0, 9))

    assert len(course.samples) <= SAMPLES
    assert (course.lowest.at, course.most_unavailable, course.most_pods) == (20_000, 8, 30)
    assert [one.at for one in course.samples] == sorted(one.at for one in course.samples)
    assert course.samples[-1].at == 20_001


def test_names_of_a_fork_are_nobody_elses() -> None:
    """They are longer than real ones, and no two are the same."""
    names = CountedNames()
    made = {names.suffix() for _ in range(1000)}

    assert len(made) == 1000
    assert {len(one) for one in made} == {8}
    assert names.uid() != names.uid()


def test_a_pod_that_comes_and_goes_is_neither_born_nor_gone() -> None:
    """What was not there before and is not there in the end: as many pods as before."""
    play = slow_play("a")
    watch = Watch()
    fork = play.world.fork(watch)
    meta = {"name": "one", "namespace": "default", "uid": "one-1"}
    spec = {"nodeName": "a", "containers": [{"name": "main", "image": "one:1"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
    for verb in (Verb.ADDED, Verb.DELETED):
        fork.apply(Change(verb, "Pod", pod, "ada", "tried"))

    assert (watch.born, watch.gone, watch.balance[""]) == ({}, {}, 0)
    assert [step.mark for step in watch.steps] == [Mark.BORN, Mark.GONE]


def test_a_world_that_nobody_looked_at_yet() -> None:
    """The first sample is how the set stands, also in a world that was just loaded."""
    play = slow_play("a", "b", "c")
    uid = running(play)
    world, watch = play.reloaded(), Watch()
    run = simulate(world.fork(watch), watch, play.now, go_on=lambda: True, sets={uid})

    assert run.courses[uid].samples == [Sample(0.0, 3, 3, 3, 3)]
