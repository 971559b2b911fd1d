"""Edits of a DaemonSet by name, and of its pods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from controller.engine.daemonset.edits import PortEdit, RequestEdit
from controller.engine.edits.cures import CureNode, CureNodes, CureSet, FitSet
from controller.engine.edits.daemonsets import PauseRollout, SetStrategy
from controller.engine.edits.draft import MOST
from controller.engine.edits.nodes import AddNodes, SetLabels, SetTaints
from controller.engine.edits.objects import Create, Patch, PatchType
from controller.engine.edits.pods import ExitContainer, KillContainer, SetPodBehaviour
from controller.engine.edits.workloads import Restart, Rollback, SetBehaviour, SetImage
from controller.engine.errors import BadRequest, Conflict, Invalid, NotFound, NothingToCure
from controller.engine.objects import BEHAVIOUR_ANNOTATION, PAUSED_ANNOTATION, Key, Manifest, Taint
from tests.builders import owner, pod_manifest
from tests.engine.edits.ledger import NODE, NOW, SET, Ledger, agent, ledger

POD: Key = ("Pod", "default", "agent-first")
GREEDY: Key = ("DaemonSet", "default", "greedy")


def spec(made: Ledger) -> Manifest:
    """Return the set's spec."""
    found: Manifest = made.manifest(SET)["spec"]
    return found


def images(made: Ledger) -> dict[str, str]:
    """Return the image of each container."""
    pod = spec(made)["template"]["spec"]
    return {one["name"]: one["image"] for one in pod["containers"] + pod["initContainers"]}


def test_image() -> None:
    """The image of one container is set, an init container's too; the fact has the old and the new."""
    made = ledger()
    (fact,) = made.do(SetImage(SET, "main", "agent:2")).facts
    made.do(SetImage(SET, "first", "a:2"))
    assert images(made) == {"main": "agent:2", "first": "a:2"}
    place = 'spec.template.spec.containers[name="main"].image'
    assert fact.values == {"changes": [(place, "agent:1", "agent:2")], "container": "main"}
    assert not made.do(SetImage(SET, "main", "agent:2")).changes
    with pytest.raises(NotFound):
        made.do(SetImage(SET, "other", "x:1"))


STALE: list[Any] = [
    pytest.param(SetImage(SET, "main", "agent:3"), id="image"),
    pytest.param(Restart(SET), id="restart"),
    pytest.param(PauseRollout(SET, paused=True), id="pause"),
    pytest.param(SetStrategy(SET, min_ready_seconds=5), id="strategy"),
    pytest.param(SetBehaviour(SET, "crash-loop"), id="behaviour"),
]


@pytest.mark.parametrize("request_", STALE)
def test_a_stale_edit_is_refused(request_: Any) -> None:
    """Who saw the set before somebody else's edit is shown both sides, and nothing is changed."""
    made = ledger()
    seen = made.version(SET)
    made.do(SetImage(SET, "main", "agent:2"))
    before = made.manifest(SET)
    with pytest.raises(Conflict) as refused:
        made.do(replace(request_, seen=seen))
    assert [change[1:] for change in refused.value.theirs] == [("agent:1", "agent:2")]
    assert refused.value.yours
    assert made.manifest(SET) == before
    made.do(replace(request_, seen=made.version(SET)))
    assert made.manifest(SET) != before


def test_strategy_changes_what_is_given() -> None:
    """Saving one number resets no other; OnDelete has no bounds."""
    made = ledger()
    made.do(SetStrategy(SET, "RollingUpdate", max_unavailable=0, max_surge="50%"))
    (fact,) = made.do(SetStrategy(SET, min_ready_seconds=10)).facts
    assert spec(made)["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": "50%"}
    assert spec(made)["minReadySeconds"] == 10
    assert fact.values == {"changes": [("spec.minReadySeconds", None, 10)]}
    made.do(SetStrategy(SET, "OnDelete"))
    assert spec(made)["updateStrategy"] == {"type": "OnDelete"}
    made.do(SetStrategy(SET, max_surge=1))
    assert spec(made)["updateStrategy"] == {"type": "OnDelete"}
    made.do(SetStrategy(SET, "RollingUpdate"))
    assert spec(made)["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": 1, "maxSurge": 0}
    with pytest.raises(Invalid):
        made.do(SetStrategy(SET, max_unavailable=0))


def test_restart_and_pause() -> None:
    """A restart marks the template, a pause the set."""
    made = ledger()
    made.do(Restart(SET))
    marks = spec(made)["template"]["metadata"]["annotations"]
    assert marks == {"kubectl.kubernetes.io/restartedAt": NOW.wall.isoformat()}
    assert made.do(PauseRollout(SET, paused=True)).facts[0].action == "daemonset_pause"
    assert made.manifest(SET)["metadata"]["annotations"][PAUSED_ANNOTATION] == "true"
    assert not made.do(PauseRollout(SET, paused=True)).facts
    assert made.do(PauseRollout(SET, paused=False)).facts[0].action == "daemonset_resume"
    assert PAUSED_ANNOTATION not in made.manifest(SET)["metadata"]["annotations"]


def test_rollback() -> None:
    """The template of a revision is written back; the fact says which, and what that changes."""
    made = ledger()
    old = spec(made)["template"]
    uid = made.manifest(SET)["metadata"]["uid"]
    made.write(
        "ControllerRevision",
        {
            "metadata": {
                "name": "agent-1",
                "namespace": "default",
                "uid": "r",
                "ownerReferences": [{**owner("agent"), "uid": uid}],
            },
            "data": {"spec": {"template": {**old, "$patch": "replace"}}},
            "revision": 1,
        },
    )
    made.do(SetImage(SET, "main", "agent:2"))
    (fact,) = made.do(Rollback(SET, 1)).facts
    assert spec(made)["template"] == old
    assert (fact.values["revision"], fact.values["changes"][0][1:]) == (1, ("agent:2", "agent:1"))
    with pytest.raises(NotFound, match="revisions"):
        made.do(Rollback(SET, 7))


def test_behaviour() -> None:
    """How pods behave is an annotation of the template or of one pod, told before and after."""
    made = ledger()
    made.do(SetBehaviour(SET, "crash-loop"))
    assert spec(made)["template"]["metadata"]["annotations"] == {BEHAVIOUR_ANNOTATION: "crash-loop"}
    (fact,) = made.do(SetBehaviour(SET, "")).facts
    assert fact.values == {"before": "crash-loop", "behaviour": ""}
    assert not made.do(SetBehaviour(SET, "")).facts

    made.write("Pod", pod_manifest(node="plain"))
    (fact,) = made.do(SetPodBehaviour(POD, "exit-1")).facts
    assert (fact.about, fact.values) == ("default/agent-first", {"before": "", "behaviour": "exit-1"})
    assert not made.do(SetPodBehaviour(POD, "exit-1")).facts


def test_kill() -> None:
    """A container that runs ends; one that does not is left alone."""
    made = ledger()
    running = pod_manifest(node="plain")
    state = {"running": {"startedAt": NOW.stamp}}
    running["status"]["containerStatuses"] = [
        {"name": "main", "state": state, "lastState": {}, "restartCount": 0, "ready": True, "started": True}
    ]
    made.write("Pod", running)
    assert not made.do(KillContainer(POD, "other", 9)).changes
    (fact,) = made.do(KillContainer(POD, "main", 9)).facts
    assert fact.values == {"container": "main", "signal": 9}
    assert made.manifest(POD)["status"]["containerStatuses"][0]["restartCount"] == 1
    assert not made.do(ExitContainer(("Pod", "default", "nobody"), "main", 0)).changes
    (fact,) = made.do(ExitContainer(POD, "main", 3)).facts
    assert fact.values == {"container": "main", "code": 3}
    assert made.manifest(POD)["status"]["containerStatuses"][0]["restartCount"] == 2


def picky(made: Ledger) -> None:
    """Let the set select a label that the node has not, and the node bear a taint."""
    selector = {"spec": {"template": {"spec": {"nodeSelector": {"disk": "ssd"}}}}}
    made.do(Patch(SET, PatchType.MERGE, selector))
    made.do(SetTaints("plain", [Taint("dedicated", "gpu", "NoSchedule")]))


def versions(made: Ledger) -> tuple[str, str]:
    """Return the versions of the set and of the node."""
    return (made.version(SET), made.version(NODE))


def test_the_cure_of_a_node() -> None:
    """Labels and taints change in one edit; then there is nothing to cure any more."""
    made = ledger()
    picky(made)
    decision = made.do(CureNode(SET, "plain", *versions(made)))
    assert len(decision.changes) == 1
    assert decision.facts[0].values["daemonset"] == "default/agent"
    node = made.manifest(NODE)
    assert (node["metadata"]["labels"]["disk"], node["spec"].get("taints", [])) == ("ssd", [])
    with pytest.raises(NothingToCure):
        made.do(CureNode(SET, "plain", *versions(made)))


def test_the_cure_of_a_set() -> None:
    """The template is widened just so far; then there is nothing to cure any more."""
    made = ledger()
    picky(made)
    (fact,) = made.do(CureSet(SET, "plain", *versions(made))).facts
    assert (fact.action, fact.values["node"]) == ("cure_set", "plain")
    pod = spec(made)["template"]["spec"]
    assert "nodeSelector" not in pod
    assert pod["tolerations"][0]["key"] == "dedicated"
    with pytest.raises(NothingToCure):
        made.do(CureSet(SET, "plain", *versions(made)))


@pytest.mark.parametrize("cure", [CureNode, CureSet])
@pytest.mark.parametrize("other", [SetLabels("plain", {"disk": "nvme"}), SetImage(SET, "main", "agent:2")])
def test_a_stale_cure_is_refused(cure: type[CureNode | CureSet], other: Any) -> None:
    """A cure was found for a set and a node; if either was changed since, nothing is done."""
    made = ledger()
    picky(made)
    seen = versions(made)
    made.do(other)
    before = dict(made.objects)
    with pytest.raises(Conflict):
        made.do(cure(SET, "plain", *seen))
    assert made.objects == before


def test_the_cure_of_nodes() -> None:
    """Each that needs it is cured once, the others stay as they are; one fact names those that were."""
    made = ledger()
    picky(made)
    fit = {"metadata": {"name": "fit", "labels": {"disk": "ssd"}}}
    made.do(AddNodes([fit, {"metadata": {"name": "bare"}}]))
    made.do(SetTaints("fit", []))
    names = ["plain", "fit", "bare", "plain"]
    decision = made.do(CureNodes(SET, names, made.version(SET)))
    assert [change.key[2] for change in decision.changes] == ["plain", "bare"]
    assert [(fact.action, fact.about, fact.values) for fact in decision.facts] == [
        ("cure_nodes", "plain, bare", {"nodes": ["plain", "bare"], "count": 2, "daemonset": "default/agent"})
    ]
    assert made.manifest(("Node", "", "bare"))["metadata"]["labels"]["disk"] == "ssd"
    with pytest.raises(NothingToCure):
        made.do(CureNodes(SET, names))


def test_many_cured_nodes() -> None:
    """All are cured, and counted; the fact lists no more than the first of them."""
    made = ledger()
    picky(made)
    names = [f"n{number:02}" for number in range(MOST + 1)]
    made.do(AddNodes([{"metadata": {"name": name}} for name in names]))
    decision = made.do(CureNodes(SET, names))
    (fact,) = decision.facts
    assert len(decision.changes) == fact.values["count"] == MOST + 1
    assert fact.values["nodes"] == names[:MOST]


def test_the_cure_of_nodes_is_whole_or_not_at_all() -> None:
    """A node that is gone, or a set that was changed since, leaves all of them as they were."""
    made = ledger()
    picky(made)
    seen, before = made.version(SET), dict(made.objects)
    with pytest.raises(NotFound):
        made.do(CureNodes(SET, ["plain", "nowhere"], seen))
    assert made.objects == before
    made.do(SetImage(SET, "main", "agent:2"))
    before = dict(made.objects)
    with pytest.raises(Conflict):
        made.do(CureNodes(SET, ["plain"], seen))
    assert made.objects == before


def demanding() -> Ledger:
    """Return a cluster whose set asks its machines for a port and, within a limit, for memory."""
    made, asking = ledger(), agent()
    asking["metadata"]["name"] = GREEDY[2]
    asking["spec"]["template"]["spec"]["containers"][0] |= {
        "ports": [{"containerPort": 80, "hostPort": 8080}],
        "resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "2Gi"}},
    }
    made.do(Create("DaemonSet", asking))
    return made


FITTING: list[Any] = [
    pytest.param(
        RequestEdit("main", "memory", "64Mi"), ("resources.requests.memory", "1Gi", "64Mi"), id="request"
    ),
    pytest.param(
        PortEdit(8080, 8081), ('ports[containerPort=80,protocol="TCP"].hostPort', 8080, 8081), id="port"
    ),
]


@pytest.mark.parametrize(("edit", "told"), FITTING)
def test_a_set_is_fitted(edit: RequestEdit | PortEdit, told: tuple[str, Any, Any]) -> None:
    """The template asks for what the edit says, and the fact tells from what to what."""
    made = demanding()
    seen = made.version(GREEDY)
    decision = made.do(FitSet(GREEDY, edit, seen))
    assert [change.key for change in decision.changes] == [GREEDY]
    (fact,) = decision.facts
    assert (fact.action, fact.about) == ("object_edit", "DaemonSet default/greedy")
    field, old, new = told
    assert fact.values == {"changes": [(f'spec.template.spec.containers[name="main"].{field}', old, new)]}
    with pytest.raises(NothingToCure):
        made.do(FitSet(GREEDY, edit, made.version(GREEDY)))


def test_a_stale_fit_is_refused() -> None:
    """A fit was found for a set as it was; if somebody changed it since, nothing is done."""
    made = demanding()
    seen = made.version(GREEDY)
    made.do(SetImage(GREEDY, "main", "agent:2"))
    before = dict(made.objects)
    with pytest.raises(Conflict):
        made.do(FitSet(GREEDY, PortEdit(8080, 8081), seen))
    assert made.objects == before


@pytest.mark.parametrize(
    "edit", [RequestEdit("gone", "memory", "64Mi"), RequestEdit("main", "memory", "1Gi"), PortEdit(9, 10)]
)
def test_a_fit_that_changes_nothing(edit: RequestEdit | PortEdit) -> None:
    """Who asks for what is so already, or of what is not there, is told that there is nothing to cure."""
    made = demanding()
    with pytest.raises(NothingToCure):
        made.do(FitSet(GREEDY, edit))


@pytest.mark.parametrize(("amount", "refusal"), [("3Gi", Invalid), ("much", BadRequest)])
def test_a_fit_that_no_pod_could_have(amount: str, refusal: type[Exception]) -> None:
    """A request above the limit, or that is no amount, is refused as in any other edit."""
    made = demanding()
    before = dict(made.objects)
    with pytest.raises(refusal):
        made.do(FitSet(GREEDY, RequestEdit("main", "memory", amount)))
    assert made.objects == before
