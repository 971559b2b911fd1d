"""What would come of an edit, asked of a real cluster: nothing is written, and what is told comes true."""

from __future__ import annotations

import pytest

from controller import models
from controller.engine.edits.decide import Request
from controller.engine.edits.nodes import PatchLabels, RemoveNodes, SetLabels
from controller.engine.edits.objects import CreateAll
from controller.engine.edits.workloads import SetImage
from controller.engine.errors import Conflict, NotFound, NotPreviewed
from controller.engine.objects import Key
from controller.engine.whatif.simulation import Ended
from controller.queries.whatif import MOST_WRITES, Preview, ahead, preview, since
from controller.services import clock, nodes, workloads
from controller.services.edits import Held, holding, submit
from controller.services.objects import manifests_create
from controller.store import worlds
from controller.store.forks import ForkSource, forks
from tests.clusters import (
    PERSON,
    cluster,
    demo_text,
    mirrored,
    node,
    pods,
    row_of,
    settle,
    standing,
    with_daemonset,
)
from tests.servers import wait_until
from tests.stepping import by

pytestmark = pytest.mark.django_db

SET: Key = ("DaemonSet", "default", "nginx-ds")
PICKY: Key = ("DaemonSet", "default", "ssd-monitor")


def asked(tried: int, request: Request) -> Preview:
    """Return what would come of a request of a person."""
    return preview(cluster=tried, request=request, actor=PERSON)


def test_a_label_brings_a_pod() -> None:
    """A label that a set waits for: one pod more, on that node, and nothing of it is written."""
    tried = cluster(nodes=3, delay=2.0)
    with_daemonset(tried, "ssd-monitor")
    before = row_of(tried).number
    told = asked(tried, PatchLabels(["node-2"], {"disk": "ssd"}))

    (effect,) = told.effects
    assert (effect.owner, effect.gains, effect.loses, effect.replaces) == (PICKY, ("node-2",), (), ())
    assert (told.seconds, told.ended, set(told.nodes)) == (2.0, Ended.AT_REST, {"node-2"})
    assert row_of(tried).number == before == told.number


def test_accounts_of_a_real_cluster_are_taken_to_be_there() -> None:
    """Nobody mirrors ServiceAccounts and classes, so none that a set names is missed where it is real."""
    tried = cluster(nodes=2)
    text = demo_text("ssd-monitor").replace(
        "      containers:",
        "      serviceAccountName: robot\n      priorityClassName: high\n      containers:",
    )
    manifests_create(cluster=tried, actor=PERSON, text=text)
    settle(tried)
    label = PatchLabels(["node-2"], {"disk": "ssd"})
    assert not asked(tried, label).nodes
    mirrored(tried)
    forks.clear()
    assert asked(tried, label).nodes == {"node-2"}


def test_what_is_written_is_told_whole() -> None:
    """Each object once as it stands and as it would be stored, defaults too; of many the first twenty."""
    tried = cluster(nodes=25)
    space = ("Namespace", {"metadata": {"name": "apart"}})
    pod = {
        "metadata": {"name": "a", "namespace": "apart"},
        "spec": {"containers": [{"name": "a", "image": "a"}]},
    }
    told = asked(tried, CreateAll([space, ("Pod", pod)]))
    made = {one.key: one for one in told.writes}
    written = made["Pod", "apart", "a"]
    assert written.before is None
    assert written.after is not None
    assert written.after["spec"]["restartPolicy"] == "Always"
    assert len(made) == len(told.writes) == told.changed

    names = list(models.Node.objects.filter(cluster=tried).values_list("name", flat=True))
    labelled = asked(tried, PatchLabels(names, {"disk": "ssd"}))
    assert (len(labelled.writes), labelled.changed) == (MOST_WRITES, 25)
    one = labelled.writes[0]
    assert one.before == node(tried, one.key[2])
    assert one.after is not None
    assert one.after["metadata"]["labels"]["disk"] == "ssd"

    gone = asked(tried, RemoveNodes(names[:1]))
    assert (gone.writes[0].key, gone.writes[0].after) == (("Node", "", names[0]), None)


def test_what_is_told_comes_true() -> None:
    """The pods that are said to go are those that go, and the next preview is of what stands then."""
    tried = cluster(nodes=3)
    with_daemonset(tried)
    request = RemoveNodes(["node-2"])
    told = asked(tried, request)
    names = {pod.name for pod in pods(tried).values()}
    submit(request, cluster=tried, actor=PERSON)
    settle(tried)

    (effect,) = told.effects
    assert {one.name for one in effect.lost} == names - {pod.name for pod in pods(tried).values()}
    assert effect.loses == ("node-2",)
    with pytest.raises(NotFound):
        asked(tried, request)


def test_a_status_is_not_held_against_a_form() -> None:
    """A form that was made from an older version of a set is previewed if only its status changed since."""
    tried = cluster(nodes=2)
    (made,) = [one for one in [with_daemonset(tried)] if one]
    seen = made["metadata"]["resourceVersion"]
    nodes.nodes_add(**by(tried), names=["node-9"])
    settle(tried)
    assert standing(tried, *SET)["metadata"]["resourceVersion"] != seen
    assert asked(tried, SetImage(SET, "nginx", "nginx:2", seen)).effects[0].replaces

    workloads.workload_image(
        kind="DaemonSet",
        **by(tried),
        namespace="default",
        name="nginx-ds",
        container="nginx",
        image="nginx:3",
    )
    with pytest.raises(Conflict):
        asked(tried, SetImage(SET, "nginx", "nginx:2", seen))


def test_others_are_told_of_as_other_things() -> None:
    """A rollout under way is no effect of a label; the preview says that it is not alone."""
    tried = cluster(nodes=3, delay=2.0)
    with_daemonset(tried)
    workloads.workload_image(
        kind="DaemonSet",
        **by(tried),
        namespace="default",
        name="nginx-ds",
        container="nginx",
        image="nginx:2",
    )
    told = asked(tried, PatchLabels(["node-2"], {"rack": "1"}))

    assert told.busy
    assert told.effects == ()
    settle(tried)


def test_the_same_pods_have_the_same_digest() -> None:
    """Two previews of the same edit are alike, until somebody does something that matters to it."""
    tried = cluster(nodes=3)
    with_daemonset(tried, "ssd-monitor")
    request = PatchLabels(["node-2", "node-3"], {"disk": "ssd"})
    told = asked(tried, request)
    nodes.node_label_patch(**by(tried), nodes=["node-1"], set={"rack": "1"}, remove=[])
    settle(tried)
    assert asked(tried, request).digest == told.digest

    nodes.node_label_patch(**by(tried), nodes=["node-3"], set={"disk": "ssd"}, remove=[])
    settle(tried)
    again = asked(tried, request)
    assert again.digest != told.digest
    assert [line.action for line in since(tried, told.number)] == ["node_label_patch"] * 2


def test_an_edit_is_held_before_it_is_committed() -> None:
    """Who only wants to know gets the request of the service itself; what is no request is refused."""
    tried = cluster(nodes=2)
    with holding(), pytest.raises(Held) as held:
        nodes.node_labels(**by(tried), node="node-1", labels={"disk": "ssd"})
    with holding(), pytest.raises(NotPreviewed):
        clock.clock_pause(**by(tried))

    assert held.value.request == SetLabels("node-1", {"disk": "ssd"})
    assert "labels" not in node(tried, "node-1")["metadata"]
    nodes.node_labels(**by(tried), node="node-1", labels={"disk": "ssd"})
    assert node(tried, "node-1")["metadata"]["labels"] == {"disk": "ssd"}


def test_a_world_is_kept_for_a_while() -> None:
    """The next preview need not load it; after a time nobody asks for it, it is let go."""
    tried = cluster(nodes=2)
    asked(tried, PatchLabels(["node-1"], {"disk": "ssd"}))
    assert tried in forks

    short = ForkSource(kept=0.01)
    with short.lend(row_of(tried), lambda world: world):
        assert tried not in short
    wait_until(lambda: tried not in short, what="a world that is let go")


@pytest.mark.django_db(transaction=True)
def test_a_world_is_loaded_ahead() -> None:
    """Who may be about to preview begins the load, which tells how far it is; the preview finds it there."""
    tried = cluster(nodes=2)
    assert tried not in forks
    assert ahead(cluster=tried) == 0.0
    wait_until(lambda: ahead(cluster=tried) == 1.0, what="the world")
    assert tried in forks

    shares: list[float] = []
    worlds.load(tried, worlds.settings_of(row_of(tried)), shares.append)
    assert shares == [worlds.READ_SHARE]
    with pytest.raises(NotFound):
        ahead(cluster=tried + 1)


def test_a_paused_clock_is_played_out_as_if_it_went() -> None:
    """What would follow is told, and that it follows only when time goes on."""
    tried = cluster(nodes=2)
    with_daemonset(tried)
    clock.clock_pause(**by(tried))
    told = asked(tried, SetImage(SET, "nginx", "nginx:2"))

    assert told.paused
    assert told.effects[0].replaces == ("node-1", "node-2")
